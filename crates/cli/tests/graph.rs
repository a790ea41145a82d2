//! `cotan graph`, `cotan swell` and `cotan check`.

mod common;

use common::{cotan, json, number, text};

const SEED: [&str; 4] = ["graph", "(x1+x2)*(x1*x2)", "--at", "x1=2,x2=3"];

#[test]
fn both_paths_of_the_seed_with_their_contributions() {
    let text = text(&SEED);
    for line in [
        "├─ * 30.0000 (grad: 1.0000)",
        "input x1: 2.0000 (grad: 21.0000)",
        "∂f/∂x1 = 21, over 2 paths:",
        "  * → + → x1: 6 · 1 = 6",
        "  * → * → x1: 5 · 3 = 15",
        "∂f/∂x2 = 16, over 2 paths:",
        "  * → + → x2: 6 · 1 = 6",
        "  * → * → x2: 5 · 2 = 10",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
}

#[test]
fn the_graph_as_json() {
    let report = json(&SEED);
    let nodes = report["nodes"].as_array().unwrap();
    let root = &nodes[nodes.len() - 1];
    assert_eq!((&root["operation"], number(&root["value"])), (&"*".into(), 30.0));
    let x1 = nodes.iter().find(|node| node["name"] == "x1").unwrap();
    assert_eq!((&x1["kind"], number(&x1["gradient"])), (&"input".into(), 21.0));
    for (variable, derivative) in [(0, 21.0), (1, 16.0)] {
        let variable = &report["variables"][variable];
        assert_eq!(number(&variable["derivative"]), derivative);
        let sum: f64 =
            variable["paths"].as_array().unwrap().iter().map(|path| number(&path["contribution"])).sum();
        assert_eq!(sum, derivative);
    }
}

#[test]
fn every_format_is_drawn() {
    for (format, start) in [("dot", "digraph"), ("mermaid", "flowchart"), ("svg", "<svg")] {
        let drawing = text(&[&SEED[..], &["--format", format]].concat());
        assert!(drawing.contains(start) && drawing.contains("x1"), "{format}: {drawing}");
    }
}

#[test]
fn a_drawing_goes_to_a_file() {
    let path = std::env::temp_dir().join(format!("cotan-{}.svg", std::process::id()));
    let out = text(&[&SEED[..], &["--format", "svg", "-o", path.to_str().unwrap()]].concat());
    let drawing = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(out, "");
    assert_eq!(drawing, text(&[&SEED[..], &["--format", "svg"]].concat()));
}

#[test]
fn without_a_point_there_are_no_numbers() {
    let report = json(&["graph", "sin(x^2)"]);
    assert!(
        report["nodes"].as_array().unwrap().iter().all(|n| n["kind"] == "constant" || n["value"].is_null())
    );
}

#[test]
fn exponentially_many_paths_are_counted_and_not_listed() {
    let doubled = format!("x{}", "+x".repeat(50));
    let report = json(&["graph", &doubled, "--at", "x=1", "--paths", "3"]);
    assert_eq!(report["variables"][0]["total_paths"], 51);
    assert_eq!(report["variables"][0]["paths"].as_array().unwrap().len(), 3);
    assert_eq!(number(&report["variables"][0]["derivative"]), 51.0);
}

#[test]
fn formulas_swell_and_tapes_do_not() {
    let report = json(&["swell", "sin(x)*x", "--depth", "20"]);
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 21);
    let column = |name: &str| -> Vec<f64> { rows.iter().map(|row| number(&row[name])).collect() };
    // sin(x)*x is 4 nodes; putting it in place of both x gives 2 + 2·4 and so on.
    let trees = column("function_tree");
    assert_eq!(trees[..4], [4.0, 10.0, 22.0, 46.0]);
    // Two operations a level, each recorded once and swept back over once.
    let reverse = column("reverse_operations");
    assert!(reverse.iter().enumerate().all(|(depth, &n)| n == 4.0 * (depth as f64 + 1.0)), "{reverse:?}");
    assert!(column("derivative_tree")[20] > 1e6);
    assert!(column("derivative_dag")[20] < 500.0);
}

#[test]
fn deep_compositions_end() {
    let report = json(&["swell", "sin(x)", "--depth", "300"]);
    assert_eq!(report["rows"].as_array().unwrap().len(), 301);
}

#[test]
fn right_gradients_pass_in_every_mode() {
    let report = json(&["check", "tanh(w*x + b)", "--at", "w=0.5,x=2,b=-0.1"]);
    assert_eq!(report["verdict"], "PASS");
    let modes = report["modes"].as_array().unwrap();
    assert!(modes.len() >= 3, "{report}");
    for mode in modes {
        assert_eq!(mode["verdict"], "PASS", "{mode}");
        assert!(number(&mode["relative_error"]) < 1e-5);
    }
    assert!(text(&["check", "tanh(w*x + b)", "--at", "w=0.5,x=2,b=-0.1"]).contains("PASS"));
}

#[test]
fn a_kink_fails_the_check() {
    // The declared derivative of relu at 0 is 0; every centred difference there is 1/2.
    let run = cotan(&["check", "relu(x)", "--at", "x=0", "--json"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""), "{run:?}");
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["verdict"], "FAIL");
    let reverse = &report["modes"][2];
    assert_eq!((reverse["mode"].as_str(), reverse["verdict"].as_str()), (Some("reverse"), Some("FAIL")));
    assert_eq!((number(&reverse["worst"]["derivative"]), number(&reverse["worst"]["numeric"])), (0.0, 0.5));
    assert!(reverse["notes"][0].as_str().unwrap().starts_with("x seems to be at a kink"), "{reverse}");
}

#[test]
fn what_needs_64_bits_is_told() {
    // In f32 nothing is left of 1 - cos(0.01).
    let report = json(&["check", "(1-cos(x))/x^2", "--at", "x=0.01"]);
    assert_eq!((&report["verdict"], &report["single"]["verdict"]), (&"PASS".into(), &"FAIL".into()));
    assert!(report["single"]["advice"].as_str().unwrap().contains("cancellation"), "{report}");
}
