//! One function, every mode, one verdict each.

use super::STEP;
use super::differences::Differences;
use super::gradcheck::ScalarFunction;
use super::report::{GradReport, Verdict, relative_error};
use crate::number::{ComplexStep, Dual, Expr, NotAnalytic, Taylor};
use std::fmt;

/// A way of differentiating.
///
/// ```
/// # use cotangent::check::Mode;
/// assert_eq!(Mode::ComplexStep.to_string(), "complex step");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By rules on the formula, evaluated afterwards: [`Expr`].
    Symbolic,
    /// One [`Dual`] pass for each coordinate.
    Forward,
    /// One recording on a [`Tape`](crate::number::Tape), swept backwards.
    Reverse,
    /// One [`Taylor`] series for each coordinate.
    Taylor,
    /// One complex evaluation for each coordinate: [`ComplexStep`].
    ComplexStep,
}

/// The name as tables have it.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Mode::Symbolic => "symbolic",
            Mode::Forward => "forward",
            Mode::Reverse => "reverse",
            Mode::Taylor => "taylor",
            Mode::ComplexStep => "complex step",
        })
    }
}

/// One mode's gradient against centred differences.
///
/// ```
/// # use cotangent::{check::{Mode, Verdict, check_modes}, number::{Expr, Real}};
/// let report = check_modes(&Expr::symbol("x").square(), &[3.0]);
/// assert_eq!((report.modes[2].mode, report.modes[2].gradient[0]), (Mode::Reverse, 6.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ModeReport {
    /// The mode.
    pub mode: Mode,
    /// The gradient that it gave; empty if it does not apply.
    pub gradient: Vec<f64>,
    /// How many passes (evaluations, recordings, sweeps) it took.
    pub passes: usize,
    /// The check of its gradient, or why the mode does not apply.
    pub outcome: Result<GradReport, NotAnalytic>,
}

/// Every mode's gradient of one function at one point; made by [`check_modes`].
///
/// ```
/// # use cotangent::{check::{Mode, Verdict, check_modes}, number::{Expr, Real}};
/// let report = check_modes(&Expr::symbol("x").square(), &[3.0]);
/// assert!((report.numeric[0] - 6.0).abs() < 1e-8);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ModesReport {
    /// One for each mode.
    pub modes: Vec<ModeReport>,
    /// The gradient by centred differences.
    pub numeric: Vec<f64>,
    /// Evaluations that the differences took: two at x itself, and two for each coordinate.
    pub evaluations: usize,
}

/// Differentiates `f` at `x` in every mode, and checks each gradient against the same centred differences.
///
/// ```
/// use cotangent::check::check_modes;
/// use cotangent::number::Expr;
/// let f = (Expr::symbol("x1") + Expr::symbol("x2")) * (Expr::symbol("x1") * Expr::symbol("x2"));
/// let report = check_modes(&f, &[2.0, 3.0]);
/// assert!(report.passed(), "{report}");
/// assert!(report.modes.iter().all(|mode| mode.gradient == [21.0, 16.0]));
/// ```
pub fn check_modes(f: &impl ScalarFunction, x: &[f64]) -> ModesReport {
    let f = &f.prepared();
    let mut value = |x: &[f64]| f.call(x);
    let differences = Differences::of(&mut value, x, STEP);
    let mut modes = Vec::new();
    let mut add = |mode, passes, gradient: Result<Vec<f64>, NotAnalytic>| {
        let outcome = gradient.as_ref().map_err(|error| *error).map(|g| differences.compare(&mut value, g));
        modes.push(ModeReport { mode, gradient: gradient.unwrap_or_default(), passes, outcome });
    };
    let n = x.len();
    let along = |i: usize| x.iter().enumerate().map(move |(j, &x)| (x, i == j));
    add(Mode::Symbolic, n, Ok(symbolic(f, x)));
    let forward = (0..n).map(|i| {
        let x: Vec<Dual<f64>> = along(i).map(|(x, on)| Dual::new(x, [f64::from(u8::from(on))])).collect();
        f.call(&x).derivative()
    });
    add(Mode::Forward, n, Ok(forward.collect()));
    let reverse = if n == 0 { Vec::new() } else { crate::number::gradient(|x| f.call(x), x) };
    add(Mode::Reverse, 2, Ok(reverse));
    let taylor = (0..n).map(|i| {
        let variable = |(x, on)| if on { Taylor::<f64, 1>::variable(x) } else { Taylor::constant(x) };
        let x: Vec<Taylor<f64, 1>> = along(i).map(variable).collect();
        f.call(&x).coefficient(1)
    });
    add(Mode::Taylor, n, Ok(taylor.collect()));
    let complex = (0..n).map(|i| {
        let variable = |(x, on)| if on { ComplexStep::variable(x) } else { ComplexStep::constant(x) };
        let x: Vec<ComplexStep> = along(i).map(variable).collect();
        f.call(&x).derivative()
    });
    add(Mode::ComplexStep, n, complex.collect());
    let (numeric, evaluations) = differences.gradient();
    ModesReport { modes, numeric, evaluations }
}

/// The derivative formulas' values: the function is run on symbols first.
fn symbolic(f: &impl ScalarFunction, x: &[f64]) -> Vec<f64> {
    if x.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = (0..x.len()).map(|i| format!("x{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let symbols: Vec<Expr> = names.iter().map(|name| Expr::symbol(name)).collect();
    let gradient = f.call(&symbols).gradient(&names);
    let values: Vec<(&str, f64)> = names.into_iter().zip(x.iter().copied()).collect();
    // Every symbol has a value, so evaluation cannot fail.
    Expr::evaluate_all(&gradient, &values).unwrap_or_else(|_| vec![f64::NAN; x.len()])
}

impl ModesReport {
    /// The worst verdict of the modes that apply.
    ///
    /// ```
    /// # use cotangent::{check::{Mode, Verdict, check_modes}, number::{Expr, Real}};
    /// let report = check_modes(&Expr::symbol("x").square(), &[3.0]);
    /// assert_eq!(report.verdict(), Verdict::Pass);
    /// ```
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.modes.iter().filter_map(|mode| Some(mode.outcome.as_ref().ok()?.verdict()));
        verdicts.max().unwrap_or(Verdict::Pass)
    }

    /// Do all modes that apply pass?
    ///
    /// ```
    /// # use cotangent::{check::{Mode, Verdict, check_modes}, number::{Expr, Real}};
    /// let report = check_modes(&Expr::symbol("x").square(), &[3.0]);
    /// assert!(report.passed());
    /// ```
    pub fn passed(&self) -> bool {
        self.verdict() == Verdict::Pass
    }

    /// The report of one mode.
    ///
    /// ```
    /// # use cotangent::{check::{Mode, check_modes}, number::Expr};
    /// let report = check_modes(&(Expr::symbol("x") * 3.0), &[1.0]);
    /// assert_eq!(report.mode(Mode::Forward).unwrap().gradient, [3.0]);
    /// ```
    pub fn mode(&self, mode: Mode) -> Option<&ModeReport> {
        self.modes.iter().find(|report| report.mode == mode)
    }

    /// The largest relative difference between any two exact modes' entries: rounding, if all is well. NaN counts as
    /// infinite unless all modes have it.
    ///
    /// ```
    /// # use cotangent::{check::check_modes, number::{Expr, Real}};
    /// assert!(check_modes(&Expr::symbol("x").sin(), &[1.0]).disagreement() < 1e-15);
    /// ```
    pub fn disagreement(&self) -> f64 {
        let gradients: Vec<&[f64]> = self
            .modes
            .iter()
            .filter(|mode| mode.outcome.is_ok())
            .map(|mode| mode.gradient.as_slice())
            .collect();
        let mut worst = 0.0_f64;
        for (k, a) in gradients.iter().enumerate() {
            for b in &gradients[..k] {
                for (&a, &b) in a.iter().zip(*b) {
                    let error = relative_error(a, b);
                    if a != b && !(a.is_nan() && b.is_nan()) {
                        worst = worst.max(if error.is_nan() { f64::INFINITY } else { error });
                    }
                }
            }
        }
        worst
    }
}

/// A line for each mode, then every note once.
impl fmt::Display for ModesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut notes: Vec<&str> = Vec::new();
        for report in &self.modes {
            match &report.outcome {
                Ok(check) => {
                    writeln!(f, "{:<13}{}", report.mode, check.headline())?;
                    notes.extend(check.notes().iter().map(String::as_str).chain(check.explanation()));
                }
                Err(error) => writeln!(f, "{:<13}does not apply: {error}", report.mode)?,
            }
        }
        write!(f, "the modes agree to {:.1e}", self.disagreement())?;
        for (i, note) in notes.iter().enumerate() {
            if !notes[..i].contains(note) {
                write!(f, "\nnote: {note}")?;
            }
        }
        Ok(())
    }
}
