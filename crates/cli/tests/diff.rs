//! `cotan diff`, `cotan jacobian` and `cotan step`, against numbers known by hand.

mod common;

use common::{close, cotan, fed, json, number, text};
use serde_json::Value;

/// The derivative that a mode gives for a variable.
fn derivative(report: &Value, variable: usize, mode: &str) -> f64 {
    let modes = report["variables"][variable]["modes"].as_array().unwrap();
    number(&modes.iter().find(|m| m["mode"] == mode).unwrap()["derivative"])
}

#[test]
fn the_seed_s_function_of_two_variables_in_all_four_modes() {
    let report = json(&["diff", "(x1+x2)*(x1*x2)", "--at", "x1=2,x2=3"]);
    assert_eq!(report["value"], 30.0);
    for mode in ["symbolic", "forward", "reverse"] {
        assert_eq!(derivative(&report, 0, mode), 21.0, "{mode}");
        assert_eq!(derivative(&report, 1, mode), 16.0, "{mode}");
    }
    assert!(close(derivative(&report, 0, "numerical"), 21.0, 1e-8));
    assert!(close(derivative(&report, 1, "numerical"), 16.0, 1e-8));
    for answer in report["values"].as_array().unwrap() {
        assert_eq!(answer["derivative"], 30.0, "{answer}");
    }
    let table = text(&["diff", "(x1+x2)*(x1*x2)", "--at", "x1=2,x2=3"]);
    for row in ["f       symbolic   30", "∂f/∂x1  symbolic   21", "∂f/∂x2  symbolic   16"] {
        assert!(table.contains(row), "{table}");
    }
    for value in [" 30 ", " 21 ", " 16 "] {
        let rows = table.lines().filter(|l| ["forward", "reverse"].iter().any(|mode| l.contains(mode)));
        assert_eq!(rows.filter(|l| l.contains(value)).count(), 2, "{value} in {table}");
    }
}

#[test]
fn the_seed_s_sine_of_a_square() {
    let report = json(&["diff", "sin(x^2)", "--at", "x=1.5"]);
    let exact = 2.25_f64.cos() * 2.0 * 1.5;
    assert!(close(number(&report["value"]), 2.25_f64.sin(), 1e-15));
    for mode in ["symbolic", "numerical", "forward", "reverse"] {
        let tolerance = if mode == "numerical" { 1e-9 } else { 1e-15 };
        assert!(close(derivative(&report, 0, mode), exact, tolerance), "{mode}");
    }
    assert!(text(&["diff", "sin(x^2)", "--at", "x=1.5"]).contains("-1.88452"));
}

#[test]
fn costs_are_those_of_the_seed() {
    let report = json(&["diff", "(x1+x2)*(x1*x2)", "--at", "x1=2,x2=3"]);
    let costs: Vec<(String, u64, u64)> = report["costs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cost| {
            let count = |work: &Value| work["count"].as_u64().unwrap();
            (cost["mode"].as_str().unwrap().to_string(), count(&cost["work"]), count(&cost["million"]))
        })
        .collect();
    let expected = [
        ("symbolic", 2, 1_000_000),
        ("numerical", 4, 2_000_000),
        ("forward", 2, 1_000_000),
        ("reverse", 2, 2),
    ];
    assert_eq!(costs, expected.map(|(mode, work, million)| (mode.to_string(), work, million)));
}

#[test]
fn a_leading_minus_works_in_expressions_and_points() {
    let report = json(&["diff", "-x^2", "--at", "x=1"]);
    assert_eq!((number(&report["value"]), derivative(&report, 0, "reverse")), (-1.0, -2.0));
    let report = json(&["diff", "-h^2*o", "--at", "h=-1.5,o=-2"]);
    assert_eq!(number(&report["value"]), 4.5);
    assert_eq!((derivative(&report, 0, "forward"), derivative(&report, 1, "forward")), (-6.0, -2.25));
    assert_eq!(number(&json(&["diff", "--at", "-3", "-x^2"])["value"]), -9.0);
}

#[test]
fn points_may_be_constant_expressions_in_several_parts() {
    let report = json(&["diff", "sin(x)*y", "--at", "x=pi/2", "--at", " y = -2e1 "]);
    assert_eq!(number(&report["value"]), -20.0);
    assert_eq!(number(&report["at"]["y"]), -20.0);
    assert_eq!(number(&report["at"]["x"]), std::f64::consts::FRAC_PI_2);
}

#[test]
fn expressions_come_from_standard_input_and_files() {
    let run = fed(&["diff", "-", "--at", "x=3", "--json"], b" x^2\n");
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(derivative(&report, 0, "reverse"), 6.0);

    let path = std::env::temp_dir().join(format!("cotan-{}.txt", std::process::id()));
    std::fs::write(&path, "x^2 +\n  y^3\n").unwrap();
    let report = json(&["diff", "--file", path.to_str().unwrap(), "--at", "x=3,y=2"]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!((number(&report["value"]), derivative(&report, 1, "reverse")), (17.0, 12.0));
}

#[test]
fn wrt_chooses_variables() {
    let report = json(&["diff", "x*y*z", "--at", "x=1,y=2,z=3", "--wrt", "z,y"]);
    let names: Vec<&str> =
        report["variables"].as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["z", "y"]);
    assert_eq!(derivative(&report, 0, "reverse"), 2.0);
}

#[test]
fn a_constant_has_a_value_and_no_derivative() {
    let report = json(&["diff", "2+3"]);
    assert_eq!((number(&report["value"]), report["variables"].as_array().unwrap().len()), (5.0, 0));
    assert!(text(&["diff", "2+3"]).contains("f = 5"));
}

#[test]
fn higher_orders() {
    // (exp(x) sin(x))'''' = -4 exp(x) sin(x)
    let report = json(&["diff", "exp(x)*sin(x)", "--at", "x=1", "--order", "4"]);
    let exact = -4.0 * 1_f64.exp() * 1_f64.sin();
    for mode in report["modes"].as_array().unwrap() {
        let tolerance = if mode["mode"] == "numerical" { 1e-4 } else { 1e-13 };
        assert!(close(number(&mode["derivative"]), exact, tolerance), "{mode} is not {exact}");
    }
    assert_eq!(report["modes"].as_array().unwrap().len(), 4);
    // x^10 differentiated 10 times is 10!
    let report = json(&["diff", "x^10*y", "--at", "x=0.5,y=2", "--order", "10", "--wrt", "x"]);
    for mode in ["symbolic", "forward", "reverse"] {
        let modes = report["modes"].as_array().unwrap();
        let answer = number(&modes.iter().find(|m| m["mode"] == mode).unwrap()["derivative"]);
        assert!(close(answer, 2.0 * 3_628_800.0, 1e-12), "{mode}: {answer}");
    }
    assert!(text(&["diff", "x^3", "--at", "x=2", "--order", "2"]).contains("∂²f/∂x²"));
}

#[test]
fn hessians_agree_in_all_modes() {
    // x²y³ at (1, 2): 2y³, 6xy², 6x²y
    let report = json(&["diff", "x^2*y^3", "--at", "x=1,y=2", "--hessian"]);
    let modes = report["modes"].as_array().unwrap();
    let names: Vec<&str> = modes.iter().map(|m| m["mode"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["symbolic", "numerical", "forward over forward", "forward over reverse", "reverse over reverse"]
    );
    for mode in modes {
        let tolerance = if mode["mode"] == "numerical" { 1e-5 } else { 1e-14 };
        for (i, row) in [[16.0, 24.0], [24.0, 12.0]].iter().enumerate() {
            for (j, exact) in row.iter().enumerate() {
                assert!(close(number(&mode["matrix"][i][j]), *exact, tolerance), "{mode}");
            }
        }
    }
}

/// Softmax of (1, 2, 3), as in the seed's exercise: J = s_i (δ_ij - s_j).
const SOFTMAX: [&str; 4] = [
    "jacobian",
    "[exp(a)/(exp(a)+exp(b)+exp(c)), exp(b)/(exp(a)+exp(b)+exp(c)), exp(c)/(exp(a)+exp(b)+exp(c))]",
    "--at",
    "a=1,b=2,c=3",
];

#[test]
fn the_jacobian_of_softmax() {
    let report = json(&SOFTMAX);
    let e = [1_f64, 2.0, 3.0].map(f64::exp);
    let s = e.map(|x| x / e.iter().sum::<f64>());
    for side in ["columns", "rows"] {
        assert_eq!(report[side]["passes"], 3);
        for i in 0..3 {
            for j in 0..3 {
                let delta = if i == j { 1.0 } else { 0.0 };
                let entry = number(&report[side]["matrix"][i][j]);
                assert!(close(entry, s[i] * (delta - s[j]), 1e-15), "{side} {i} {j}: {entry}");
            }
        }
    }
    assert!(number(&report["difference"]) < 1e-15);
    assert!(text(&SOFTMAX).contains("by columns, forward mode: 3 passes"));
}

#[test]
fn the_cheaper_sweep_is_chosen() {
    let wide = json(&["jacobian", "[x*y*z]", "--at", "x=1,y=2,z=3"]);
    assert_eq!(
        (&wide["chosen"], &wide["rows"]["passes"], &wide["columns"]["passes"]),
        (&"rows".into(), &1.into(), &3.into())
    );
    let tall = json(&["jacobian", "[x, x^2, atan2(x, 1)]", "--at", "x=1"]);
    assert_eq!((&tall["chosen"], &tall["columns"]["passes"]), (&"columns".into(), &1.into()));
    assert!((number(&tall["rows"]["matrix"][2][0]) - 0.5).abs() < 1e-15);
}

#[test]
fn no_step_is_both_accurate_and_stable() {
    let report = json(&["step", "sin(x^2)", "--at", "x=1.5"]);
    let rows = report["steps"].as_array().unwrap();
    assert_eq!(rows.len(), 15);
    assert_eq!((number(&rows[0]["h"]), number(&rows[14]["h"])), (1e-1, 1e-15));
    // At h = 0.1 the errors are those of the difference quotients themselves.
    let f = |x: f64| (x * x).sin();
    let exact = 3.0 * 2.25_f64.cos();
    let (h, x) = (0.1, 1.5);
    assert!(close(number(&rows[0]["forward"]), ((f(x + h) - f(x)) / h - exact).abs(), 1e-12));
    assert!(close(number(&rows[0]["central"]), ((f(x + h) - f(x - h)) / (2.0 * h) - exact).abs(), 1e-12));
    let best = report["best"].as_array().unwrap();
    let (forward, central, richardson) =
        (number(&best[0]["error"]), number(&best[1]["error"]), number(&best[2]["error"]));
    assert!(forward < 1e-6 && central < 1e-9 && richardson < 1e-11);
    assert!(richardson < central && central < forward);
    // Rounding spoils the smallest step.
    assert!(number(&rows[14]["central"]) > 1e-4);
    let text = text(&["step", "sin(x^2)", "--at", "x=1.5"]);
    assert!(text.contains("f forward   c central   R Richardson"), "{text}");
}

#[test]
fn steps_that_vanish_are_told() {
    let report = json(&["step", "x^2", "--at", "x=1e6"]);
    assert_eq!(report["steps"][14]["central"], "NaN");
}

#[test]
fn an_infinite_derivative_is_printed_and_exits_with_3() {
    let run = cotan(&["diff", "sqrt(x)", "--at", "x=0", "--json"]);
    assert_eq!(run.code, 3);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["variables"][0]["modes"][3]["derivative"], "inf");
    assert_eq!(run.err, "error: not every derivative is finite at this point\n");
}
