//! `gradbench [--tool plain]` answers GradBench's messages on standard input; `gradbench check FOLDER` checks recorded ones; `gradbench report
//! [--quick] [--write FILE]` measures.
//!
//! GradBench runs it as `gradbench run --eval … --tool 'cargo run --release --manifest-path tools/gradbench/Cargo.toml'`.

use cotangent_gradbench::eval::Tool;
use cotangent_gradbench::{protocol, recorded, report};
use std::io;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
gradbench [--tool cotangent|plain]         answers GradBench's messages: one a line on standard input, one a line on standard output
gradbench check FOLDER                     checks the recorded messages of every .jsonl file in a folder
gradbench report [--quick] [--write FILE]  measures every size; with --write the tables go between the markers of that file";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        [] => serve(Tool::Cotangent),
        ["--tool", name] => match Tool::named(name) {
            Some(tool) => serve(tool),
            None => Err(format!("there is no tool {name:?}\n{USAGE}")),
        },
        ["check", folder] => check(folder),
        ["report"] => measure(false, None),
        ["report", "--quick"] => measure(true, None),
        ["report", "--write", file] => measure(false, Some(file)),
        ["report", "--quick", "--write", file] => measure(true, Some(file)),
        ["--help" | "-h" | "help"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(USAGE.to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(tool: Tool) -> Result<(), String> {
    protocol::serve(tool, io::stdin().lock(), io::stdout().lock()).map_err(|error| error.to_string())
}

fn check(folder: &str) -> Result<(), String> {
    let outcome = recorded::check(Path::new(folder))?;
    println!("{} passed, {} skipped, {} failed", outcome.passed, outcome.skipped, outcome.failed.len());
    if outcome.failed.is_empty() { Ok(()) } else { Err(outcome.failed.join("\n")) }
}

fn measure(quick: bool, file: Option<&str>) -> Result<(), String> {
    let text = report::report(quick)?;
    print!("{text}");
    file.map_or(Ok(()), |file| report::write(file, &text))
}
