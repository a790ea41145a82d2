//! Gradient checks: the seed's thresholds, what must fail, and what the reports say.

use cotangent::check::{
    Mode, ScalarFunction, Verdict, check_gradient, check_gradient_with, check_modes, gradcheck,
    gradcheck_dtypes, relative_error,
};
use cotangent::number::{Expr, Real, accurate_sum};
use std::cell::Cell;

fn verdict(f: impl FnMut(&[f64]) -> f64, x: &[f64], analytic: &[f64]) -> Verdict {
    check_gradient(f, x, analytic).verdict()
}

#[test]
fn the_seeds_thresholds_on_both_sides() {
    // f(x) = x, whose centred difference is exactly 1.
    let at = |analytic: f64| verdict(|x| x[0], &[0.5], &[analytic]);
    assert_eq!(at(1.0), Verdict::Pass);
    assert_eq!(at(1.0 - 0.99e-5), Verdict::Pass);
    assert_eq!(at(1.0 - 1.01e-5), Verdict::Warning);
    assert_eq!(at(1.0 - 0.99e-3), Verdict::Warning);
    assert_eq!(at(1.0 - 1.01e-3), Verdict::Fail);
    // The larger of the two divides, whichever it is.
    assert_eq!(at(1.0 + 1.0e-5), Verdict::Pass);
    assert_eq!(at(1.0 + 1.1e-5), Verdict::Warning);
    assert_eq!(at(-1.0), Verdict::Fail);
}

#[test]
fn the_floor_of_1e_8() {
    assert_eq!(relative_error(1e-9, 2e-9), 0.1);
    assert_eq!(relative_error(0.0, 0.0), 0.0);
    assert_eq!(relative_error(2.0, 1.0), 0.5);
    assert_eq!(relative_error(-2.0, 1.0), 1.5);
    assert!(relative_error(f64::NAN, 1.0).is_nan() && relative_error(1.0, f64::NAN).is_nan());
    let at = |analytic: f64| verdict(|x| 1e-9 * x[0], &[0.5], &[analytic]);
    assert_eq!(at(1e-9 + 0.9e-13), Verdict::Pass); // 9e-14 / 1e-8, not 9e-14 / 1e-9
    assert_eq!(at(1e-9 + 2e-13), Verdict::Warning);
    assert_eq!(at(2e-9), Verdict::Fail);
}

#[test]
fn right_gradients_pass() {
    let report = gradcheck(|x| x[0] * x[1] + x[0].powi(2), &[2.0, 3.0]);
    assert!(report.passed(), "{report}");
    assert_eq!(report.entries().iter().map(|e| e.analytic).collect::<Vec<_>>(), [7.0, 2.0]);
    assert_eq!(report.evaluations(), 2 + 2 * 2);
    assert!(report.to_string().starts_with("PASS -- relative error "), "{report}");
    for x in [1e-4, 1.0, 30.0, 1e6] {
        let report = gradcheck(|v| (v[0].square() + v[1].square()).sqrt() * v[1].sin(), &[x, 0.3 * x]);
        assert!(report.passed(), "{report}");
    }
    assert!(gradcheck(|x| x[0].constant(1.0), &[]).passed());
}

#[test]
fn the_default_step_is_the_seeds() {
    let report = check_gradient(|x| x[0] * x[1], &[0.5, 200.0], &[200.0, 0.5]);
    let steps: Vec<f64> = report.entries().iter().map(|entry| entry.step).collect();
    assert!((steps[0] / 1e-6 - 1.0).abs() < 1e-6 && (steps[1] / 2e-4 - 1.0).abs() < 1e-6, "{steps:?}");
    // (x + h)³ − (x − h)³ over 2h is 3x² + h²: a coarse step is seen, and put right by the second opinion.
    let report = check_gradient_with(|x| x[0].powi(3), &[1.0], &[3.0], 0.1);
    assert!(report.passed() && report.evaluations() > 4, "{report}");
    assert_eq!(check_gradient_with(|x| x[0].powi(3), &[1.0], &[3.02], 0.1).verdict(), Verdict::Fail);
}

#[test]
fn a_wrong_gradient_fails_with_its_entry() {
    let f = |x: &[f64]| x[0].sin() * x[1] + x[2].exp();
    let right = [2.0 * 1_f64.cos(), 1_f64.sin(), 0.5_f64.exp()];
    assert_eq!(verdict(f, &[1.0, 2.0, 0.5], &right), Verdict::Pass);
    type Mutation = fn(f64) -> f64;
    for (wrong, mutate) in [(0, (|g| -g) as Mutation), (1, |g| 2.0 * g), (2, |_| 0.0), (1, |g| g + 1.0)] {
        let mut gradient = right;
        gradient[wrong] = mutate(gradient[wrong]);
        let report = check_gradient(f, &[1.0, 2.0, 0.5], &gradient);
        let worst = report.worst().unwrap();
        assert_eq!((report.verdict(), worst.index), (Verdict::Fail, wrong));
        assert_eq!(worst.analytic, gradient[wrong]);
        assert!((worst.numeric - right[wrong]).abs() < 1e-8);
        let text = report.to_string();
        assert!(text.starts_with("FAIL -- relative error "), "{text}");
        assert!(text.contains(&format!("at entry {wrong}, the worst of 3 entries")), "{text}");
        assert!(text.contains(&format!("analytic {}, numeric {}", worst.analytic, worst.numeric)), "{text}");
        assert!(text.contains(", step "), "{text}");
    }
}

#[test]
fn a_slightly_wrong_gradient_warns() {
    let report = check_gradient(|x| x[0].exp(), &[1.0], &[1_f64.exp() * (1.0 + 1e-4)]);
    assert_eq!(report.verdict(), Verdict::Warning);
    assert!((report.relative_error() / 1e-4 - 1.0).abs() < 1e-2);
    let text = report.to_string();
    assert!(text.starts_with("WARNING -- check for subtle bugs"), "{text}");
    assert!(text.contains("it may mean"), "{text}");
    // A tape whose rule is slightly wrong: the constant of a derivative with few digits.
    let report = gradcheck(|x| x[0].detach() * 1e-4 + x[0] * (1.0 - 1e-4), &[1.0]);
    assert_eq!(report.verdict(), Verdict::Warning, "{report}");
}

#[test]
fn a_difference_spoilt_by_rounding_is_not_held_against_the_gradient() {
    // At the minimum the true derivative is 0, and that of the difference up to ε·10/1e-6 = 2e-9.
    for x in [0.3, 0.7, 1.9] {
        let f = |v: &[f64]| 10.0 / 3.0 + (v[0] - x).powi(2) + (v[0] - x).sin().powi(2);
        assert_eq!(verdict(f, &[x], &[0.0]), Verdict::Pass, "at {x}");
        assert_eq!(verdict(f, &[x], &[1e-4]), Verdict::Fail, "at {x}");
    }
    // One that oscillates within the step.
    assert_eq!(verdict(|x| (1e6 * x[0]).sin(), &[0.3], &[1e6 * 3e5_f64.cos()]), Verdict::Pass);
    assert_eq!(verdict(|x| (1e6 * x[0]).sin(), &[0.3], &[-1e6 * 3e5_f64.cos()]), Verdict::Fail);
    // What no difference can resolve is not decided.
    let report = check_gradient(|x| 1e15 + x[0].sin(), &[1.0], &[1_f64.cos()]);
    assert_eq!(report.verdict(), Verdict::Warning, "{report}");
    assert!(report.to_string().contains("too large beside this derivative"), "{report}");
}

#[test]
fn what_is_not_a_number_fails_and_says_what() {
    let report = check_gradient(|x| x[0].sqrt(), &[1.0, 2.0], &[0.5, f64::NAN]);
    assert_eq!((report.verdict(), report.worst().unwrap().index), (Verdict::Fail, 1));
    assert!(report.to_string().contains("the analytic gradient's entry 1 is NaN"), "{report}");
    let report = check_gradient(|x| x[0].sqrt(), &[0.0], &[f64::INFINITY]);
    assert!(report.verdict() == Verdict::Fail && report.to_string().contains("entry 0 is inf"), "{report}");
    let report = check_gradient(|x| x[0].ln(), &[-1.0], &[-1.0]);
    assert!(report.verdict() == Verdict::Fail && report.to_string().contains("f(x) is NaN"), "{report}");
    let report = check_gradient(|x| x[0].ln(), &[1e-9], &[1e9]);
    assert!(
        report.verdict() == Verdict::Fail && report.to_string().contains("edge of the domain"),
        "{report}"
    );
    let report = gradcheck(|x| (x[0] - x[0]).sqrt() * x[0], &[1.0]);
    assert!(report.verdict() == Verdict::Fail && report.to_string().contains("division by zero"), "{report}");
    let report = check_gradient(|x| x[0], &[f64::NAN], &[1.0]);
    assert_eq!(report.verdict(), Verdict::Fail);
    let report = check_gradient(|x| x[0], &[f64::INFINITY], &[1.0]);
    assert_eq!(report.verdict(), Verdict::Fail);
}

#[test]
fn randomness_is_found_and_explained() {
    let calls = Cell::new(0_u32);
    let dropout = |keep: f64| {
        calls.set(calls.get() + 1);
        if calls.get().is_multiple_of(3) { 0.0 } else { keep }
    };
    let report = gradcheck(|x| x[0] * dropout(1.5) + x[1], &[2.0, 3.0]);
    assert_eq!(report.verdict(), Verdict::Fail);
    let text = report.to_string();
    assert!(text.contains("not deterministic") && text.to_lowercase().contains("dropout"), "{text}");
    // With a gradient from elsewhere only the values can tell.
    let noise = Cell::new(0.0);
    let noisy = |x: &[f64]| {
        noise.set(noise.get() + 1e-3);
        x[0] + noise.get()
    };
    let report = check_gradient(noisy, &[2.0], &[1.0]);
    assert!(
        report.verdict() == Verdict::Fail && report.to_string().contains("not deterministic"),
        "{report}"
    );
    // Only the gradient is random: the value hides it.
    let flips = Cell::new(0_u32);
    let report = gradcheck(
        |x| {
            flips.set(flips.get() + 1);
            if flips.get().is_multiple_of(2) {
                x[0] - x[0].detach()
            } else {
                x[0].detach() - x[0].detach() + x[0] * 0.0
            }
        },
        &[2.0],
    );
    assert_eq!(report.verdict(), Verdict::Fail, "{report}");
}

#[test]
fn kinks_are_suspected() {
    // relu at 0: the convention is 0, the centred difference gives ½.
    let report = gradcheck(|x| x[0].relu(), &[0.0]);
    assert_eq!(report.verdict(), Verdict::Fail);
    assert!(report.to_string().contains("seems to be at a kink: from the left the slope is 0"), "{report}");
    // |x| at 0: the convention is what the centred difference gives; it is said all the same.
    let report = gradcheck(|x| x[0].abs(), &[0.0]);
    assert!(report.passed() && report.to_string().contains("kink"), "{report}");
    // Curvature is no kink, even where the slope is nearly 0.
    for x in [0.0, 1e-9, 1e-3, 1.0] {
        let report = gradcheck(|x| x[0].square() * 50.0 + x[0].cos(), &[x]);
        assert!(report.passed() && report.notes().is_empty(), "{report}");
    }
}

#[test]
fn notes_of_a_kind_are_counted_beyond_the_first() {
    let report = gradcheck(|x| x.iter().fold(x[0].zero(), |sum, x| sum + x.relu()), &[0.0; 1000]);
    assert_eq!(report.notes().len(), 4, "{report}");
    assert!(report.notes()[2].starts_with("entry 2 seems to be at a kink"), "{report}");
    assert_eq!(report.notes()[3], "… and 997 more about kinks");
    assert!(report.to_string().len() < 2000);
    // Kinds are counted apart, and three of one are all written.
    let report =
        check_gradient(|x| x.iter().map(|x| f64::max(*x, 0.0)).sum(), &[0.0; 3], &[0.0, f64::NAN, 0.0]);
    assert_eq!(report.notes().len(), 3, "{report}");
}

#[test]
#[should_panic(expected = "x has 2 entries and the gradient 1")]
fn an_entry_for_each_coordinate() {
    check_gradient(|x| x[0], &[1.0, 2.0], &[1.0]);
}

/// (1 − cos x)/x², whose numerator cancels.
struct Cancels;
impl ScalarFunction for Cancels {
    fn call<R: Real>(&self, x: &[R]) -> R {
        (x[0].one() - x[0].cos()) / x[0].square()
    }
}

/// The same, reorganised: 2 sin²(x/2)/x².
struct Reorganised;
impl ScalarFunction for Reorganised {
    fn call<R: Real>(&self, x: &[R]) -> R {
        (x[0].clone() * 0.5).sin().square() * 2.0 / x[0].square()
    }
}

/// (Σ xᵢ)², whose gradient is twice a sum that cancels.
struct SquaredSum;
impl ScalarFunction for SquaredSum {
    fn call<R: Real>(&self, x: &[R]) -> R {
        x.iter().fold(x[0].zero(), |sum, x| sum + x).square()
    }
}

/// The same, summed with compensation.
struct AccurateSquaredSum;
impl ScalarFunction for AccurateSquaredSum {
    fn call<R: Real>(&self, x: &[R]) -> R {
        accurate_sum(x.iter().cloned()).unwrap_or(x[0].zero()).square()
    }
}

/// x² for every difference, and x · constant for every rule: the second factor goes through a rounding much finer than
/// the step, which has derivative 0. Half of the derivative is missing, in every precision.
struct Wrong;
impl ScalarFunction for Wrong {
    fn call<R: Real>(&self, x: &[R]) -> R {
        (x[0].clone() * 1e9).round() * 1e-9 * &x[0]
    }
}

#[test]
fn what_f32_loses_gets_advice() {
    let report = gradcheck_dtypes(&Cancels, &[0.1]);
    assert!(report.double().passed() && report.single().verdict() == Verdict::Fail, "{report}");
    let advice = report.advice().unwrap();
    assert!(
        advice.contains("cancellation") && advice.contains("Kahan") && advice.contains("the code is right")
    );
    assert!(report.to_string().contains("advice: "));
    let report = gradcheck_dtypes(&Reorganised, &[0.1]);
    assert!(report.double().passed() && report.single().verdict() < Verdict::Fail, "{report}");
    let report = gradcheck_dtypes(&SquaredSum, &[1e8, 1.0, -1e8]);
    assert!(report.single().worst().unwrap().analytic == 0.0 && report.advice().is_some(), "{report}");
    assert_eq!(report.values(), (1.0, 0.0));
    let report = gradcheck_dtypes(&AccurateSquaredSum, &[1e8, 1.0, -1e8]);
    assert!(report.single().entries().iter().all(|entry| entry.analytic == 2.0), "{report}");
    assert_eq!(
        (report.single().passed(), report.values()),
        (report.double().passed(), (1.0, 1.0)),
        "{report}"
    );
    // Well-conditioned: nothing to say.
    let report = gradcheck_dtypes(&SquaredSum, &[1.0, 2.0, 3.0]);
    assert!(report.double().passed() && report.single().passed() && report.advice().is_none(), "{report}");
    // Fails in both: no advice, for the code may be wrong.
    let report = gradcheck_dtypes(&Wrong, &[0.7]);
    assert_eq!((report.double().verdict(), report.single().verdict()), (Verdict::Fail, Verdict::Fail));
    assert!((report.double().relative_error() - 0.5).abs() < 0.01 && report.advice().is_none(), "{report}");
}

#[test]
fn every_mode_has_its_verdict() {
    let f = (Expr::symbol("x1") + Expr::symbol("x2")) * (Expr::symbol("x1") * Expr::symbol("x2"));
    let report = check_modes(&f, &[2.0, 3.0]);
    assert!(report.passed(), "{report}");
    for mode in [Mode::Symbolic, Mode::Forward, Mode::Reverse, Mode::Taylor, Mode::ComplexStep] {
        let row = report.mode(mode).unwrap();
        assert_eq!((row.gradient.as_slice(), row.outcome.is_ok()), ([21.0, 16.0].as_slice(), true), "{mode}");
    }
    assert_eq!(report.mode(Mode::Forward).unwrap().passes, 2);
    assert_eq!(report.mode(Mode::Reverse).unwrap().passes, 2);
    assert_eq!(report.evaluations, 2 + 4);
    assert!((report.numeric[0] - 21.0).abs() < 1e-7);
    assert_eq!(report.disagreement(), 0.0);
    // Natural order of symbols: x2 is the first argument, x10 the second.
    let f = Expr::symbol("x10") / Expr::symbol("x2");
    assert_eq!(f.call(&[4.0, 8.0]), 2.0);
    // Not analytic: the complex step says so, the others have their verdicts.
    let report = check_modes(&Expr::symbol("x").abs(), &[-2.0]);
    assert!(report.passed());
    assert_eq!(report.mode(Mode::ComplexStep).unwrap().outcome.as_ref().unwrap_err().function, "abs");
    assert!(report.to_string().contains("complex step does not apply: abs is outside"), "{report}");
    // At a kink every mode fails alike, and the reason is told once.
    let report = check_modes(&Expr::symbol("x").relu(), &[0.0]);
    assert_eq!(report.verdict(), Verdict::Fail);
    assert_eq!(report.to_string().matches("seems to be at a kink").count(), 1, "{report}");
    assert!(check_modes(&Expr::symbol("x").relu(), &[]).passed());
}

/// Work that is a formula's size times the number of evaluations: with a thousand symbols anything worse is felt.
#[test]
fn formulas_of_a_thousand_symbols() {
    let n = 1000;
    let x: Vec<Expr> = (1..=n).map(|i| Expr::symbol(&format!("x{i}"))).collect();
    let rosenbrock = (0..n - 1).fold(Expr::constant(0.0), |sum, i| {
        sum + (&x[i + 1] - x[i].square()).square() * 100.0 + (1.0 - &x[i]).square()
    });
    let at: Vec<f64> = (0..n).map(|i| 0.5 + 1e-3 * i as f64).collect();
    let start = std::time::Instant::now();
    let report = check_modes(&rosenbrock, &at);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    // By hand: −400 x₁(x₂ − x₁²) − 2(1 − x₁).
    let first = -400.0 * at[0] * (at[1] - at[0] * at[0]) - 2.0 * (1.0 - at[0]);
    for mode in &report.modes {
        assert!((mode.gradient[0] / first - 1.0).abs() < 1e-12, "{}", mode.mode);
    }
    assert!(report.disagreement() < 1e-10, "{report}");
    assert_eq!(gradcheck_dtypes(&rosenbrock, &at).double().entries().len(), n);
}
