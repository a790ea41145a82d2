//! Runs the built `cotan`.

use serde_json::Value;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("cotan writes UTF-8");
        let run = Run {
            code: output.status.code().expect("cotan ends by itself"),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        assert!(!run.err.contains("panicked"), "{}", run.err);
        run
    }
}

pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cotan"));
    command.args(args);
    command
}

#[allow(dead_code)]
pub fn cotan(args: &[&str]) -> Run {
    command(args).stdin(Stdio::null()).output().expect("cotan starts").into()
}

/// A run that is fed this on standard input.
#[allow(dead_code)]
pub fn fed(args: &[&str], input: &[u8]) -> Run {
    let mut child = command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cotan starts");
    // It may stop reading when it has seen enough.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("cotan ends").into()
}

/// Standard output of a run that succeeds.
#[allow(dead_code)]
pub fn text(args: &[&str]) -> String {
    let run = cotan(args);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.err, "");
    run.out
}

/// The JSON of a run that succeeds.
#[allow(dead_code)]
pub fn json(args: &[&str]) -> Value {
    let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
    serde_json::from_str(&text(&args)).expect("one JSON value")
}

/// A number of a JSON value.
#[allow(dead_code)]
pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

/// Equal up to a relative error.
#[allow(dead_code)]
pub fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}
