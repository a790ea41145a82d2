//! What goes in and what comes out: recorded messages, and messages that make no sense.

use cotangent_gradbench::eval::Tool;
use cotangent_gradbench::{protocol, recorded};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Every answer to these lines.
fn answers(tool: Tool, lines: &[u8]) -> Vec<Value> {
    let mut output = Vec::new();
    protocol::serve(tool, lines, &mut output).expect("memory can be read and written");
    output.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(parsed).collect()
}

fn parsed(line: &[u8]) -> Value {
    serde_json::from_slice(line).expect("answers are JSON")
}

fn answer(message: &Value) -> Value {
    let mut answers = answers(Tool::Cotangent, format!("{message}\n").as_bytes());
    assert_eq!(answers.len(), 1, "one answer to {message}");
    answers.remove(0)
}

fn evaluate(module: &str, function: &str, input: Value) -> Value {
    answer(&json!({ "id": 7, "kind": "evaluate", "module": module, "function": function, "input": input }))
}

/// The error's text, of an answer that says that it is one.
fn error(answer: &Value) -> &str {
    assert_eq!(answer["success"], json!(false), "{answer}");
    answer["error"].as_str().expect("an error has a text")
}

#[test]
fn the_recorded_cases_of_this_repository() {
    let outcome = recorded::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data")).expect("a folder");
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    assert_eq!((outcome.passed, outcome.skipped), (19, 0));
}

#[test]
fn a_case_that_is_off_is_noticed() {
    assert!(recorded::agree(&json!([1.0, 2.0]), &json!([1.0, 2.00001])).is_ok());
    assert!(recorded::agree(&json!(1), &json!(1.0)).is_ok());
    for (a, b) in [
        (json!([1.0, 2.0]), json!([1.0, 2.001])),
        (json!([1.0, 2.0]), json!([1.0])),
        (json!({ "a": 1.0 }), json!({ "b": 1.0 })),
        (json!({ "a": 1.0 }), json!(1.0)),
        (json!(-3.0), json!(3.0)),
    ] {
        assert!(recorded::agree(&a, &b).is_err(), "{a} is not {b}");
    }
}

#[test]
fn a_conversation() {
    let lines = br#"{"id":0,"kind":"start","eval":"hello"}
{"id":1,"kind":"define","module":"hello"}
{"id":2,"kind":"evaluate","module":"hello","function":"double","input":3}
{"id":3,"kind":"analysis","of":2,"valid":true}
{"id":4,"kind":"something new"}
{"id":5,"kind":"define","module":"det"}
"#;
    let answers = answers(Tool::Cotangent, lines);
    assert_eq!(answers[0], json!({ "id": 0, "tool": "cotangent" }));
    assert_eq!(answers[1], json!({ "id": 1, "success": true }));
    assert_eq!(
        (&answers[2]["id"], &answers[2]["success"], &answers[2]["output"]),
        (&json!(2), &json!(true), &json!(6.0))
    );
    assert_eq!((&answers[3], &answers[4]), (&json!({ "id": 3 }), &json!({ "id": 4 })));
    assert!(error(&answers[5]).contains("there is no module \"det\""));
    assert_eq!(answers.len(), 6);
}

#[test]
fn evaluations_are_repeated_and_timed() {
    let output =
        evaluate("llsq", "gradient", json!({ "x": [0.5, 0.25], "n": 4, "min_runs": 5, "min_seconds": 0.0 }));
    let timings = output["timings"].as_array().expect("timings");
    let names: Vec<_> = timings.iter().map(|timing| timing["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["prepare", "evaluate", "evaluate", "evaluate", "evaluate", "evaluate"]);
    assert!(timings.iter().all(|timing| timing["nanoseconds"].is_u64()), "{timings:?}");

    let output = evaluate("lse", "primal", json!({ "x": [0.5], "min_seconds": 0.02 }));
    let timings = output["timings"].as_array().expect("timings");
    let total: u64 = timings.iter().skip(1).filter_map(|timing| timing["nanoseconds"].as_u64()).sum();
    assert!(total >= 20_000_000, "{total}");
}

#[test]
fn the_plain_loops_have_objectives_alone() {
    let message = |function: &str| {
        format!(
            r#"{{"id":1,"kind":"evaluate","module":"lse","function":"{function}","input":{{"x":[0,0]}}}}"#
        )
    };
    let answers = answers(Tool::Plain, (message("primal") + "\n" + &message("gradient")).as_bytes());
    assert_eq!(answers[0]["output"], json!(2f64.ln()));
    assert!(error(&answers[1]).contains("it has objectives, no derivatives"));
}

/// Whatever is said, there is an answer, and the next message is understood.
#[test]
fn lines_that_are_no_messages() {
    let lines: [&[u8]; 9] = [
        b"{",
        b"nonsense",
        b"[1, 2]",
        b"3",
        b"\"\xff\xfe\"",
        b"{}",
        br#"{"id":1}"#,
        br#"{"id":1,"kind":5}"#,
        br#"{"id":1,"kind":"evaluate","module":"lse","function":"primal","input":{"x":[1e999]}}"#,
    ];
    for line in lines {
        let both = [line, b"\n\n{\"id\":9,\"kind\":\"start\"}"].concat();
        let answers = answers(Tool::Cotangent, &both);
        assert_eq!(answers.len(), 2, "{}", String::from_utf8_lossy(line));
        error(&answers[0]);
        assert_eq!(answers[1]["id"], json!(9));
    }
    let deep = "[".repeat(100_000);
    assert!(error(&answers(Tool::Cotangent, deep.as_bytes())[0]).contains("recursion"));
}

#[test]
fn messages_that_lack_something() {
    for message in [
        json!({ "id": 1, "kind": "evaluate" }),
        json!({ "id": 1, "kind": "evaluate", "module": "lse" }),
        json!({ "id": 1, "kind": "evaluate", "module": "lse", "function": "primal" }),
        json!({ "id": 1, "kind": "evaluate", "module": 3, "function": "primal", "input": {} }),
        json!({ "id": 1, "kind": "define" }),
    ] {
        error(&answer(&message));
    }
    assert!(error(&evaluate("lse", "primal", json!({}))).contains("missing field `x`"));
    assert!(error(&evaluate("sle", "primal", json!({}))).contains("there is no module \"sle\""));
    let reply = evaluate("lse", "hessian", json!({ "x": [1.0] }));
    assert!(error(&reply).contains("lse has no function hessian; it has primal, gradient"), "{reply}");
    for (name, value) in
        [("min_runs", json!(-1)), ("min_seconds", json!(-1.0)), ("min_seconds", json!("long"))]
    {
        error(&evaluate("lse", "primal", json!({ "x": [1.0], name: value })));
    }
}

#[test]
fn inputs_that_make_no_sense() {
    for input in [json!("x"), json!(null), json!([1.0]), json!({ "x": 1.0 })] {
        error(&evaluate("hello", "square", input));
    }
    for input in [json!({ "x": [] }), json!({ "x": ["a"] }), json!({ "x": [[1.0]] }), json!([1.0])] {
        error(&evaluate("lse", "gradient", input));
    }
    for n in [json!(-5), json!(0), json!(1), json!(2.5), json!(1_000_000_000_000_u64), json!(u64::MAX)] {
        error(&evaluate("llsq", "gradient", json!({ "x": [1.0], "n": n })));
        error(&evaluate("llsq", "primal", json!({ "x": [], "n": n })));
    }
    // A particle that never comes down, or starts nowhere.
    for w in [json!(-1e9), json!(1e300), json!("0")] {
        error(&evaluate("particle", "ff", json!({ "w": w })));
    }
}

/// No coefficients: an empty gradient.
#[test]
fn nothing_to_differentiate() {
    assert_eq!(evaluate("llsq", "gradient", json!({ "x": [], "n": 3 }))["output"], json!([]));
    assert_eq!(evaluate("llsq", "primal", json!({ "x": [], "n": 3 }))["output"], json!(1.0));
}

#[test]
fn mixtures_that_make_no_sense() {
    let right = json!({
        "d": 2, "k": 1, "n": 1, "x": [[0.5, 1.0]], "m": 0, "gamma": 1.0,
        "alpha": [0.0], "mu": [[0.0, 0.5]], "q": [[0.0, 0.0]], "l": [[0.25]],
    });
    assert_eq!(evaluate("gmm", "jacobian", right.clone())["success"], json!(true));
    let with = |name: &str, value: Value| {
        let mut input = right.clone();
        input[name] = value;
        input
    };
    for (name, value) in [
        ("d", json!(3)),
        ("d", json!(0)),
        ("d", json!(-2)),
        ("d", json!(u64::MAX)),
        ("k", json!(0)),
        ("k", json!(2)),
        ("n", json!(2)),
        ("n", json!(0)),
        ("x", json!([[0.5]])),
        ("x", json!([0.5, 1.0])),
        ("alpha", json!([])),
        ("mu", json!([[0.0, 0.5], [0.0, 0.5]])),
        ("q", json!([])),
        ("l", json!([[]])),
        ("gamma", json!(0.0)),
        ("gamma", json!("1")),
        ("m", json!(null)),
    ] {
        let input = with(name, value);
        error(&evaluate("gmm", "objective", input));
    }
    let reply = evaluate("gmm", "jacobian", with("l", json!([[1.0, 2.0]])));
    assert_eq!(error(&reply), "input: row 0 of l has 2 numbers, expected 1");
}

#[test]
fn the_program_itself() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cotangent-gradbench"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it was built");
    let mut input = child.stdin.take().expect("piped");
    input
        .write_all(b"{\"id\":0,\"kind\":\"start\"}\n?\n{\"id\":1,\"kind\":\"define\",\"module\":\"gmm\"}")
        .expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends when its input does");
    assert!(output.status.success());
    let lines: Vec<Value> = output.stdout.trim_ascii().split(|&byte| byte == b'\n').map(parsed).collect();
    assert_eq!((&lines[0]["tool"], &lines[2]["success"]), (&json!("cotangent"), &json!(true)));
    assert!(error(&lines[1]).contains("this is no JSON"));
}
