//! `cotan train xor`.
//!
//! All 100 seeds take under a second, so they are all run. The same from a shell:
//! `for s in $(seq 0 99); do cotan train xor --seed $s >/dev/null || echo $s; done`

mod common;

use common::{cotan, json, number, text};

#[test]
fn at_least_95_of_100_seeds_converge_with_the_defaults() {
    let converged = |seed: &u32| {
        let run = cotan(&["train", "xor", "--seed", &seed.to_string(), "--json"]);
        let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        // The claim is checked against the four predictions themselves.
        let square = |p: &serde_json::Value| {
            let inputs: Vec<f64> = p["inputs"].as_array().unwrap().iter().map(number).collect();
            let wanted = if inputs[0] == inputs[1] { 0.0 } else { 1.0 };
            (number(&p["output"]) - wanted).powi(2)
        };
        let loss = report["predictions"].as_array().unwrap().iter().map(square).sum::<f64>() / 4.0;
        assert!((loss - number(&report["loss"])).abs() < 1e-12, "seed {seed}: {loss}");
        assert_eq!(run.code == 0, loss < 0.01, "seed {seed}: exit status {}", run.code);
        loss < 0.01
    };
    let count = (0..100).filter(converged).count();
    assert!(count >= 95, "{count} of 100 converged");
    println!("{count} of 100 converged");
}

#[test]
fn the_report_tells_the_run() {
    let report = json(&["train", "xor", "--seed", "3"]);
    assert_eq!((&report["hidden"], &report["seed"]), (&4.into(), &3.into()));
    assert_eq!(report["parameters"], 4 * 4 + 1);
    let history = report["history"].as_array().unwrap();
    assert!(history.len() > 100 && history.len() <= 202, "{}", history.len());
    assert_eq!(history[0]["step"], 0);
    let loss = |i: usize| number(&history[i]["loss"]);
    assert!(loss(0) > 0.1 && loss(history.len() - 1) < 0.01);
    assert_eq!(report["loss"], history[history.len() - 1]["loss"]);
}

#[test]
fn seeds_repeat_and_differ() {
    let run = |seed| text(&["train", "xor", "--seed", seed]);
    assert_eq!(run("7"), run("7"));
    assert_ne!(run("7"), run("8"));
}

#[test]
fn the_text_has_curve_predictions_and_verdict() {
    let text = text(&["train", "xor", "--hidden", "8"]);
    assert!(text.contains("8 hidden units") && text.contains("mean squared error by step"), "{text}");
    assert!(text.contains("converged: mean squared error 0.00"), "{text}");
    assert!(text.matches('•').count() > 50, "{text}");
    let rows: Vec<&str> = text.lines().filter(|line| line.trim().starts_with(['0', '1'])).collect();
    assert!(rows.iter().any(|row| row.split_whitespace().take(3).eq(["0", "1", "1"])), "{text}");
}

#[test]
fn too_few_steps_do_not_converge_and_say_so() {
    for steps in ["0", "5"] {
        let run = cotan(&["train", "xor", "--steps", steps]);
        assert_eq!(run.code, 1);
        assert!(run.out.contains("did not converge"), "{}", run.out);
    }
}

#[test]
fn a_huge_rate_is_told_not_to_converge() {
    let run = cotan(&["train", "xor", "--rate", "1e300", "--steps", "50", "--json"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(serde_json::from_str::<serde_json::Value>(&run.out).is_ok());
}
