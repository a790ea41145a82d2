//! What `cotan` says to wrong input: the message's first line, where its caret stands, and the exit status.

mod common;

use common::{command, cotan, fed};
use std::process::Stdio;
use std::time::Instant;

/// Arguments, exit status, first line of standard error, and the line of carets where there is one.
type Case<'a> = (&'a [&'a str], i32, &'a str, Option<&'a str>);

const CASES: &[Case] = &[
    // Expressions that cannot be read.
    (&["diff", "sin(x", "--at", "x=1"], 2, "error: this `(` is not closed", Some("  |    ^")),
    (&["diff", "x+*2", "--at", "x=1"], 2, "error: a value is missing before `*`", Some("  |   ^")),
    (&["diff", "x +", "--at", "x=1"], 2, "error: a value is missing at the end", Some("  |    ^")),
    (&["diff", "sine(x)", "--at", "x=1"], 2, "error: there is no function `sine`", Some("  | ^^^^")),
    (
        &["diff", "2x", "--at", "x=1"],
        2,
        "error: an operator is missing here: products are not implied",
        Some("  |  ^"),
    ),
    (&["diff", "é+x", "--at", "x=1"], 2, "error: 'é' means nothing in a formula", Some("  | ^")),
    (&["diff", "", "--at", "x=1"], 2, "error: the expression is empty", None),
    (&["diff", " \n ", "--at", "x=1"], 2, "error: the expression is empty", None),
    (&["diff", "-", "--at", "x=1"], 2, "error: standard input is empty", None),
    // Points that do not fit.
    (&["diff", "x+y", "--at", "x=1"], 2, "error: no value for `y`", Some("  |   ^")),
    (&["diff", "x+y"], 2, "error: no value for `x`, `y`", Some("  | ^")),
    (
        &["diff", "theta", "--at", "theta=1,z=2"],
        2,
        "error: the expression has no variable `z`",
        Some("  |         ^"),
    ),
    (&["diff", "x", "--at", "x=1,x=2"], 2, "error: `x` has two values", Some("  |     ^")),
    (&["diff", "x", "--at", "x=abc"], 2, "error: `abc` is not a number", Some("  |   ^^^")),
    (&["diff", "x", "--at", "x=1.2.3"], 2, "error: `1.2.3` is not a number", Some("  |   ^^^^^")),
    (&["diff", "x", "--at", "x=nan"], 2, "error: `nan` is not a finite number", Some("  |   ^^^")),
    (
        &["diff", "x", "--at", "x=1e999"],
        2,
        "error: `1e999` is too large for a 64-bit number",
        Some("  |   ^^^^^"),
    ),
    (&["diff", "x", "--at", "x=1/0"], 2, "error: `1/0` is not a finite number", Some("  |   ^^^")),
    (&["diff", "x", "--at", "x="], 2, "error: a value is missing", Some("  |   ^")),
    (&["diff", "x", "--at", "x=1,"], 2, "error: a value is missing", Some("  |     ^")),
    (&["diff", "x", "--at", "=1"], 2, "error: a name and a value are expected", Some("  | ^^")),
    (&["diff", "x+y", "--at", "1"], 2, "error: a name and a value are expected", Some("  | ^")),
    (&["diff", "x+y", "--at", "x=1,y=2", "--wrt", "z"], 2, "error: the expression has no variable `z`", None),
    // No finite value there.
    (&["diff", "ln(x)+2*ln(x-3)", "--at", "x=1"], 3, "error: ln(-2) is NaN", Some("  |         ^^^^^^^")),
    (&["check", "ln(-1)*x", "--at", "x=1"], 3, "error: ln(-1) is NaN", Some("  | ^^^^^^")),
    (&["graph", "1/x", "--at", "x=0"], 3, "error: 1 / 0 is inf", Some("  | ^^^")),
    (&["diff", "exp(x)", "--at", "x=1000"], 3, "error: exp(1000) is inf", Some("  | ^^^^^^")),
    (&["diff", "x*x", "--at", "x=1e200"], 3, "error: 1e200 * 1e200 is inf", Some("  | ^^^")),
    (&["jacobian", "[x, ln(y)]", "--at", "x=1,y=-2"], 3, "error: ln(-2) is NaN", Some("  |     ^^^^^")),
    (
        &["step", "sqrt(x)", "--at", "x=0"],
        3,
        "error: the derivative in `x` is inf there: there is nothing to compare with",
        None,
    ),
    // Options.
    (&["diff", "x+y", "--at", "x=1,y=2", "--order", "2"], 2, "error: the expression has 2 variables", None),
    (
        &["diff", "x", "--at", "x=1", "--order", "11"],
        2,
        "error: invalid value '11' for '--order <K>': 11 is not in 1..=10",
        None,
    ),
    (
        &["diff", "x", "--at", "x=1", "--order", "0"],
        2,
        "error: invalid value '0' for '--order <K>': 0 is not in 1..=10",
        None,
    ),
    (
        &["diff", "x", "--at", "x=1", "--order", "-1"],
        2,
        "error: invalid value '-1' for '--order <K>': -1 is not in 1..=10",
        None,
    ),
    (&["swell", "x*y"], 2, "error: the expression has 2 variables", None),
    (&["swell", "3"], 2, "error: the expression has no variable", None),
    (
        &["swell", "x", "--depth", "1001"],
        2,
        "error: invalid value '1001' for '--depth <N>': 1001 is not in 0..=1000",
        None,
    ),
    (
        &["train", "xor", "--rate", "-1"],
        2,
        "error: invalid value '-1' for '--rate <RATE>': a finite number above 0 is needed",
        None,
    ),
    (
        &["train", "xor", "--hidden", "0"],
        2,
        "error: invalid value '0' for '--hidden <N>': 0 is not in 1..=1024",
        None,
    ),
    (&["train", "and"], 2, "error: invalid value 'and' for '<TASK>'", None),
    (&["completions", "klingon"], 2, "error: invalid value 'klingon' for '<SHELL>'", None),
    (&["dif", "x"], 2, "error: unrecognized subcommand 'dif'", None),
    (
        &["diff", "x", "--file", "y"],
        2,
        "error: the argument '[EXPR]' cannot be used with '--file <FILE>'",
        None,
    ),
    // Lists.
    (&["jacobian", "x, y", "--at", "x=1,y=2"], 2, "error: a list begins with `[`", Some("  | ^")),
    (&["jacobian", "[x, y", "--at", "x=1,y=2"], 2, "error: this `[` is not closed", Some("  | ^")),
    (
        &["jacobian", "[x,, y]", "--at", "x=1,y=2"],
        2,
        "error: a value is missing before `,`",
        Some("  |    ^"),
    ),
    (&["jacobian", "[]"], 2, "error: the list is empty", Some("  | ^^")),
    (&["jacobian", "[1, 2]"], 2, "error: the expressions have no variable", None),
    // Files.
    (
        &["diff", "--file", "/no/such/file", "--at", "x=1"],
        4,
        "error: cannot read `/no/such/file`: no such file or directory",
        None,
    ),
    (
        &["graph", "x", "--at", "x=1", "-o", "/no/such/file"],
        4,
        "error: cannot write `/no/such/file`: no such file or directory",
        None,
    ),
];

#[test]
fn wrong_input_is_told_and_placed() {
    for (args, code, first, carets) in CASES {
        let run = cotan(args);
        assert_eq!(run.code, *code, "{args:?}: {run:?}");
        assert_eq!(run.err.lines().next(), Some(*first), "{args:?}: {run:?}");
        assert_eq!(
            run.err.lines().nth(2).filter(|line| line.ends_with('^')),
            *carets,
            "{args:?}:\n{}",
            run.err
        );
        assert!(!run.err.contains('\x1b'), "colours in {args:?}");
        assert_eq!(run.out, "", "{args:?}");
    }
}

#[test]
fn misspelt_names_are_suggested() {
    for (args, help) in [
        (["diff", "theta*2", "--at", "thta=1"], "  help: did you mean `theta`?"),
        (["diff", "x1*x2", "--at", "x1=1,x3=2"], "  help: did you mean `x1`?"),
        (["diff", "x*y", "--at", "x=1,q=2"], "  help: it has x, y"),
        (["diff", "sinn(x)", "--at", "x=1"], "  help: did you mean `sin`?"),
        (["diff", "2(x+1)", "--at", "x=1"], "  help: write `2*(…)`"),
    ] {
        let run = cotan(&args);
        assert_eq!(run.err.lines().last(), Some(help), "{run:?}");
    }
}

#[test]
fn the_line_of_a_file_is_told() {
    let run = fed(&["diff", "-", "--at", "x=1"], b"x +\n  sine(x) +\n  2\n");
    assert_eq!(
        run.err,
        "error: there is no function `sine`\n  2 |   sine(x) +\n    |   ^^^^\n  help: did you mean `sin`?\n"
    );
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let source = format!(
        "{}+sine(x)+{}",
        "x+".repeat(200).trim_end_matches('+'),
        "x+".repeat(200).trim_end_matches('+')
    );
    let run = cotan(&["diff", &source, "--at", "x=1"]);
    let lines: Vec<&str> = run.err.lines().collect();
    assert!(lines.iter().all(|line| line.chars().count() < 130), "{}", run.err);
    let place = lines[2].find("^^^^").unwrap();
    let shown: String = lines[1].chars().skip(place).take(4).collect();
    assert_eq!(shown, "sine", "{}", run.err);
}

#[test]
fn binary_and_oversized_input() {
    let run = fed(&["diff", "-", "--at", "x=1"], &[0xff, 0xfe, 0, 1, 2]);
    assert_eq!((run.code, run.err.as_str()), (2, "error: standard input is not text in UTF-8\n"));
    let run = fed(&["diff", "-", "--at", "x=1"], b"x+\0");
    assert_eq!((run.code, run.err.as_str()), (2, "error: standard input is not text in UTF-8\n"));
    let run = fed(&["diff", "-", "--at", "x=1"], "x+".repeat(1 << 20).as_bytes());
    assert_eq!((run.code, run.err.as_str()), (2, "error: standard input is longer than 524288 bytes\n"));
}

#[test]
fn escape_codes_in_a_name_do_not_reach_the_terminal() {
    let run = cotan(&["diff", "x", "--at", "\x1b[31mx\x1b[0m=1"]);
    assert_eq!(run.code, 2);
    assert!(!run.err.contains('\x1b'), "{:?}", run.err);
}

#[test]
fn a_hundred_thousand_parentheses_neither_overflow_nor_hang() {
    let n = 100_000;
    let start = Instant::now();
    let closed = format!("{}x{}", "(".repeat(n), ")".repeat(n));
    let run = fed(&["diff", "-", "--at", "x=2"], closed.as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    let run = fed(&["diff", "-", "--at", "x=2"], "(".repeat(n).as_bytes());
    assert_eq!(run.code, 2, "{}", run.err);
    let run = fed(&["diff", "-", "--at", "x=2"], ")".repeat(n).as_bytes());
    assert_eq!(run.code, 2, "{}", run.err);
    // Calls and signs nest as deep, and are nodes that must be differentiated and dropped.
    for (open, close) in [("sin(", ")"), ("-", "")] {
        let deep = format!("{}x{}", open.repeat(n), close.repeat(n));
        for command in ["diff", "graph"] {
            let run = fed(&[command, "-", "--at", "x=0.5"], deep.as_bytes());
            assert_eq!(run.code, 0, "{command} {}", run.err);
        }
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn what_would_take_minutes_is_refused() {
    let names: Vec<String> = (0..5000).map(|i| format!("v{i}")).collect();
    let at = names.iter().map(|name| format!("{name}=1")).collect::<Vec<_>>().join(",");
    let start = Instant::now();
    for command in ["diff", "check", "graph"] {
        let run = fed(&[command, "-", "--at", &at], names.join("*").as_bytes());
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains("would take too long"), "{}", run.err);
    }
    // What is cheap in one mode may not be in another: formulas of high order swell, checks repeat themselves.
    let deep = |n: usize| format!("{}x{}", "sin(".repeat(n), ")".repeat(n));
    let run = fed(&["check", "-", "--at", "x=1"], deep(100_000).as_bytes());
    assert_eq!(run.err.lines().next(), Some("error: 1 derivative of 100,001 nodes would take too long"));
    let signs = format!("{}x", "-".repeat(150_000));
    let run = fed(&["step", "-", "--at", "x=1"], signs.as_bytes());
    assert_eq!(run.err.lines().next(), Some("error: 1 derivative of 150,001 nodes would take too long"));
    let many = (0..20_000).map(|i| format!("v{i}")).collect::<Vec<_>>().join("+");
    let run = fed(&["diff", "-", "--at", "v0=1"], many.as_bytes());
    assert_eq!(run.err, "error: the expression has 20000 variables, more than 10000\n");
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    for args in [
        &["swell", "sin(x)", "--depth", "300", "--json"][..],
        &["completions", "bash"],
        &["--help"],
        &["graph", "sin(x)*x", "--at", "x=1", "--format", "svg"],
    ] {
        let mut child = command(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("cotan starts");
        drop(child.stdout.take());
        let run: common::Run = child.wait_with_output().expect("cotan ends").into();
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command(&["diff", "x", "--at", "x=1"]).stdout(full).output().unwrap();
    let run = common::Run::from(output);
    assert_eq!(run.code, 4);
    assert!(run.err.starts_with("error: cannot write to standard output: "), "{}", run.err);
}

/// Random bytes and mutated formulas: an answer or a message, never a panic.
#[test]
fn noise_gets_a_message() {
    let mut state = 1_u64;
    let mut random = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let alphabet: Vec<char> = "xy0123456789.e+-*/^()[],= sincoexplnqrtπé\n\"'\\{}".chars().collect();
    for _ in 0..150 {
        let length = random(30);
        let source: String = (0..length).map(|_| alphabet[random(alphabet.len())]).collect();
        let command = ["diff", "check", "graph", "step", "swell", "jacobian"][random(6)];
        let mut args = vec![command, "-"];
        if command != "swell" {
            args.extend(["--at", "x=0.5,y=2"]);
        }
        let run = fed(&args, source.as_bytes());
        assert!((0..=3).contains(&run.code), "{source:?}: {run:?}");
        assert_eq!(run.code >= 2, run.err.starts_with("error: "), "{source:?}: {run:?}");
    }
}
