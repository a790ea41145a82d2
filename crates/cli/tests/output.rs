//! Help, completions, colours and JSON.

mod common;

use common::{command, cotan, json, text};
use serde_json::Value;

const EVERY: [&[&str]; 9] = [
    &["diff", "x*y", "--at", "x=1,y=2"],
    &["diff", "x*y", "--at", "x=1,y=2", "--hessian"],
    &["diff", "x^3", "--at", "x=1", "--order", "2"],
    &["jacobian", "[x, x*y]", "--at", "x=1,y=2"],
    &["graph", "x*y", "--at", "x=1,y=2"],
    &["step", "x^2", "--at", "x=1"],
    &["check", "x*y", "--at", "x=1,y=2"],
    &["swell", "sin(x)", "--depth", "2"],
    &["completions", "zsh"],
];

#[test]
fn every_subcommand_has_json() {
    for args in EVERY {
        assert!(json(args).is_object(), "{args:?}");
    }
    assert!(json(&["train", "xor"]).is_object());
}

#[test]
fn the_shape_of_diff_s_json() {
    let report = json(&["diff", "x*y", "--at", "y=2,x=1"]);
    let keys: Vec<&str> = report.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["expression", "at", "value", "values", "variables", "costs"] {
        assert!(keys.contains(&key), "{keys:?}");
    }
    assert_eq!(report["expression"]["formula"], "x*y");
    assert_eq!(report["expression"]["tree_size"], 3);
    assert_eq!(report["variables"][0]["formula"], "y");
    let mode = &report["variables"][1]["modes"][3];
    assert_eq!(mode["mode"], "reverse");
    assert_eq!((&mode["derivative"], &mode["difference"]), (&Value::from(1.0), &Value::from(0.0)));
    assert_eq!(report["costs"][1]["work"]["unit"], "evaluations");
}

#[test]
fn formulas_that_nobody_could_read_are_told_by_size() {
    let report = json(&["swell", "x*x", "--depth", "40"]);
    assert!(report["rows"][40]["function_tree"].as_f64().unwrap() > 1e12);
    let source = format!("{}x{}", "sin(x*".repeat(900), ")".repeat(900));
    let report = json(&["diff", &source, "--at", "x=0.1"]);
    assert_eq!(report["variables"][0]["formula"], Value::Null);
    assert!(report["variables"][0]["tree_size"].as_u64().unwrap() > 100_000);
    assert!(text(&["diff", &source, "--at", "x=0.1"]).contains("too long to print: "));
}

#[test]
fn text_goes_without_colours_into_a_pipe_and_with_them_where_asked() {
    for args in EVERY {
        assert!(!text(args).contains('\x1b'), "{args:?}");
    }
    let coloured = text(&["diff", "x", "--at", "x=1", "--color", "always"]);
    assert!(coloured.contains("\x1b[1m"), "{coloured:?}");
    let plain = command(&["diff", "x", "--at", "x=1"]).env("NO_COLOR", "1").output().unwrap();
    assert!(!plain.stdout.contains(&0x1b));
    assert_eq!(anstripped(&coloured), text(&["diff", "x", "--at", "x=1"]));
    let run = cotan(&["diff", "x+", "--at", "x=1", "--color", "always"]);
    assert!(run.err.contains("\x1b["), "{}", run.err);
}

/// The text without escape sequences.
fn anstripped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('\x1b') {
        plain.push_str(&rest[..start]);
        rest = &rest[start + rest[start..].find('m').unwrap() + 1..];
    }
    plain + rest
}

#[test]
fn no_line_ends_in_spaces() {
    for args in EVERY.iter().filter(|args| args[0] != "completions") {
        for line in text(args).lines() {
            assert_eq!(line, line.trim_end(), "{args:?}");
        }
    }
}

#[test]
fn help_tells_the_exit_statuses_and_examples() {
    let help = text(&["--help"]);
    for part in
        ["Exit status:", "cannot be understood", "\"NaN\"", "NO_COLOR", "cotan diff 'sin(x^2)' --at x=1.5"]
    {
        assert!(help.contains(part), "{help}");
    }
    for command in ["diff", "jacobian", "graph", "step", "check", "swell", "train", "completions"] {
        let help = text(&[command, "--help"]);
        assert!(help.contains("Example") || help.contains("cotan "), "{help}");
    }
    assert!(text(&["--version"]).starts_with("cotan 0."));
}

#[test]
fn the_examples_in_help_run() {
    let mut count = 0;
    for command in ["diff", "jacobian", "graph", "step", "check", "swell", "train"] {
        let help = text(&[command, "--help"]).replace("\\\n", " ");
        for line in help.lines().map(str::trim).filter(|line| line.starts_with("cotan ")) {
            let line = line.split(" > ").next().unwrap().split(" | ").next().unwrap();
            let line = line.split(" -o ").next().unwrap();
            // Words, those in quotes whole.
            let mut args: Vec<String> = Vec::new();
            for (i, part) in line.split('\'').enumerate() {
                if i % 2 == 1 {
                    args.push(part.to_string());
                } else {
                    args.extend(part.split_whitespace().map(str::to_string));
                }
            }
            let args: Vec<&str> = args[1..].iter().map(String::as_str).collect();
            text(&args);
            count += 1;
        }
    }
    assert!(count >= 9, "{count}");
}

#[test]
fn completions_name_the_subcommands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = text(&["completions", shell]);
        assert!(script.contains("jacobian") && script.contains("hessian"), "{shell}");
    }
}
