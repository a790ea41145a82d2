//! Gradient checks.

use super::STEP;
use super::differences::Differences;
use super::report::{About, GradReport, Verdict};
use crate::number::{EvalError, Expr, F32, Program, Real, Scalar, Tape, Var};
use std::fmt;

/// A function of several numbers that any engine can run: what a generic closure would be, if Rust had them.
///
/// An [`Expr`] is one, over its symbols in natural order.
///
/// ```
/// use cotangent::check::{ScalarFunction, check_modes};
/// use cotangent::number::Real;
/// struct Rosenbrock;
/// impl ScalarFunction for Rosenbrock {
///     fn call<R: Real>(&self, x: &[R]) -> R {
///         (x[0].one() - &x[0]).square() + (x[1].clone() - x[0].square()).square() * 100.0
///     }
/// }
/// assert_eq!(Rosenbrock.call(&[2.0, 3.0]), 101.0);
/// assert!(check_modes(&Rosenbrock, &[-1.2, 1.0]).passed());
/// ```
pub trait ScalarFunction {
    /// The value at `x`.
    ///
    /// ```
    /// # use cotangent::{check::ScalarFunction, number::{Dual, Expr}};
    /// // a formula is one, of its symbols
    /// let area = Expr::parse("x*y").unwrap();
    /// assert_eq!(area.call(&[2.0, 3.0]), 6.0);
    /// let [x, y] = [Dual::variable(2.0), Dual::constant(3.0)];
    /// assert_eq!(area.call(&[x, y]).derivative(), 3.0);
    /// ```
    fn call<R: Real>(&self, x: &[R]) -> R;

    /// The same function made ready to be called often, which the checks do. The function itself, unless it has
    /// something to prepare: an [`Expr`] lists its symbols and operations once instead of in every call.
    ///
    /// ```
    /// # use cotangent::{check::ScalarFunction, number::Expr};
    /// let product = Expr::symbol("x1") * Expr::symbol("x2");
    /// let product = product.prepared();
    /// assert_eq!((product.call(&[2.0, 3.0]), product.call(&[4.0, 5.0])), (6.0, 20.0));
    /// ```
    fn prepared(&self) -> impl ScalarFunction {
        Itself(self)
    }
}

/// A function by reference.
struct Itself<'a, F: ?Sized>(&'a F);

impl<F: ScalarFunction + ?Sized> ScalarFunction for Itself<'_, F> {
    fn call<R: Real>(&self, x: &[R]) -> R {
        self.0.call(x)
    }
}

/// The formula as a function of its [`symbols`](Expr::symbols), in their order.
///
/// # Panics
/// If there is not one number for each symbol, or the formula has no symbols at all.
impl ScalarFunction for Expr {
    fn call<R: Real>(&self, x: &[R]) -> R {
        self.prepared().call(x)
    }

    fn prepared(&self) -> impl ScalarFunction {
        let program = Program::of(std::slice::from_ref(self));
        let mut arguments: Vec<usize> = (0..program.symbols().len()).collect();
        let names = self.symbols();
        // Every symbol is among the names, so this cannot fail.
        if let Ok(places) = program.places(names.iter().map(String::as_str)) {
            arguments = places;
        }
        Formula { program, arguments }
    }
}

/// A formula, and the place of each of its symbols among the arguments.
struct Formula {
    program: Program,
    arguments: Vec<usize>,
}

impl ScalarFunction for Formula {
    fn call<R: Real>(&self, x: &[R]) -> R {
        let symbols = self.arguments.len();
        assert!(symbols == x.len(), "{} values for the {symbols} symbols of a formula", x.len());
        let Some(like) = x.first() else { panic!("{}", EvalError::NoEngine) };
        self.program.run(|symbol| x[self.arguments[symbol]].clone())[0].number(like)
    }
}

/// Checks a gradient that you have against centred differences of `f`, with the step 1e-6 · max(|xᵢ|, 1).
///
/// Where a difference disagrees, Richardson extrapolation gives a second opinion, so that a difference spoilt by
/// rounding or truncation does not fail a right gradient.
///
/// # Panics
/// If `analytic` does not have an entry for each coordinate.
///
/// ```
/// use cotangent::check::{Verdict, check_gradient};
/// let f = |x: &[f64]| x[0] * x[1];
/// assert_eq!(check_gradient(f, &[2.0, 3.0], &[3.0, 2.0]).verdict(), Verdict::Pass);
/// assert_eq!(check_gradient(f, &[2.0, 3.0], &[3.0, 2.0002]).verdict(), Verdict::Warning);
/// assert_eq!(check_gradient(f, &[2.0, 3.0], &[2.0, 3.0]).verdict(), Verdict::Fail);
/// ```
pub fn check_gradient(f: impl FnMut(&[f64]) -> f64, x: &[f64], analytic: &[f64]) -> GradReport {
    check_gradient_with(f, x, analytic, STEP)
}

/// [`check_gradient`] with this step, in units of max(|xᵢ|, 1).
///
/// # Panics
/// If `analytic` does not have an entry for each coordinate.
///
/// ```
/// use cotangent::check::check_gradient_with;
/// let report = check_gradient_with(|x| x[0] * x[0], &[3.0], &[6.0], 1e-4);
/// assert!((report.worst().unwrap().step - 3e-4).abs() < 1e-12);
/// ```
pub fn check_gradient_with(
    mut f: impl FnMut(&[f64]) -> f64,
    x: &[f64],
    analytic: &[f64],
    step: f64,
) -> GradReport {
    Differences::of(&mut f, x, step).compare(&mut f, analytic)
}

/// Checks the reverse-mode gradient of `f` at `x` against centred differences; see [`check_gradient`].
///
/// ```
/// use cotangent::check::gradcheck;
/// use cotangent::number::Real;
/// let report = gradcheck(|x| x[0].square() * x[1], &[2.0, 3.0]);
/// assert!(report.passed(), "{report}");
/// ```
pub fn gradcheck(f: impl for<'t> Fn(&[Var<'t>]) -> Var<'t>, x: &[f64]) -> GradReport {
    let value = |x: &[f64]| {
        let tape = Tape::new();
        let x: Vec<Var> = x.iter().map(|&x| tape.var(x)).collect();
        f(&x).value()
    };
    let analytic = reverse(&f, x);
    let mut report = check_gradient(value, x, &analytic);
    let again = reverse(&f, x);
    // Values may be the same where gradients are not, as under dropout of a term that is zero.
    let same = analytic.iter().zip(&again).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()));
    if !same && report.floor < Verdict::Fail {
        report.floor = Verdict::Fail;
        report.notes.add(About::Function, || {
            "the gradient is not deterministic: two backward passes at the same x differ. Turn off dropout and \
             whatever else is random"
                .to_string()
        });
    }
    report
}

fn reverse<T: Scalar>(f: impl for<'t> Fn(&[Var<'t, T>]) -> Var<'t, T>, x: &[T]) -> Vec<T> {
    if x.is_empty() {
        return Vec::new();
    }
    crate::number::gradient(f, x)
}

/// A gradient checked in both precisions; made by [`gradcheck_dtypes`].
///
/// ```
/// # use cotangent::{check::gradcheck_dtypes, number::{Expr, Real}};
/// let report = gradcheck_dtypes(&Expr::symbol("x").square(), &[3.0]);
/// assert!(report.to_string().starts_with("f64: PASS"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DtypeReport {
    double: GradReport,
    single: GradReport,
    values: (f64, f64),
}

/// Checks the gradient of `f` computed in `f64`, and the one computed in `f32`, against the same differences, which are
/// taken in `f64` at the point rounded to `f32`.
///
/// A wrong rule fails both. A gradient that passes in `f64` and not in `f32` is right, but its computation loses the
/// digits that `f32` has; [`advice`](DtypeReport::advice) says what to do.
///
/// ```
/// use cotangent::check::{ScalarFunction, gradcheck_dtypes};
/// use cotangent::number::Real;
/// struct Cancels;
/// impl ScalarFunction for Cancels {
///     fn call<R: Real>(&self, x: &[R]) -> R {
///         (x[0].one() - x[0].cos()) / x[0].square() // 1 − cos x has few correct digits in f32
///     }
/// }
/// let report = gradcheck_dtypes(&Cancels, &[0.1]);
/// assert!(report.double().passed() && !report.single().passed());
/// assert!(report.advice().unwrap().contains("cancellation"));
/// ```
pub fn gradcheck_dtypes(f: &impl ScalarFunction, x: &[f64]) -> DtypeReport {
    let f = &f.prepared();
    let single: Vec<F32> = x.iter().map(|&x| F32(x as f32)).collect();
    let x: Vec<f64> = single.iter().map(Scalar::primal).collect();
    let mut value = |x: &[f64]| f.call(x);
    let differences = Differences::of(&mut value, &x, STEP);
    let double = differences.compare(&mut value, &reverse(|x| f.call(x), &x));
    let rounded: Vec<f64> = reverse(|x| f.call(x), &single).iter().map(Scalar::primal).collect();
    let mut single_report = differences.compare(&mut value, &rounded);
    let values = if x.is_empty() { (0.0, 0.0) } else { (f.call(&x), f.call(&single).primal()) };
    if values.0.is_finite() && !values.1.is_finite() {
        single_report.floor = Verdict::Fail;
        single_report
            .notes
            .add(About::Function, || format!("in f32 the value is {}, in f64 {}", values.1, values.0));
    }
    DtypeReport { double, single: single_report, values }
}

impl DtypeReport {
    /// The check of the `f64` gradient.
    ///
    /// ```
    /// # use cotangent::{check::gradcheck_dtypes, number::{Expr, Real}};
    /// let report = gradcheck_dtypes(&Expr::symbol("x").square(), &[3.0]);
    /// assert_eq!(report.double().entries()[0].analytic, 6.0);
    /// ```
    pub fn double(&self) -> &GradReport {
        &self.double
    }

    /// The check of the `f32` gradient, by the same differences.
    ///
    /// ```
    /// # use cotangent::{check::gradcheck_dtypes, number::{Expr, Real}};
    /// let report = gradcheck_dtypes(&Expr::symbol("x").square(), &[3.0]);
    /// assert!(report.single().passed());
    /// ```
    pub fn single(&self) -> &GradReport {
        &self.single
    }

    /// The function's value in `f64` and in `f32`.
    ///
    /// ```
    /// # use cotangent::{check::gradcheck_dtypes, number::{Expr, Real}};
    /// let report = gradcheck_dtypes(&Expr::symbol("x").square(), &[3.0]);
    /// assert_eq!(report.values(), (9.0, 9.0));
    /// ```
    pub fn values(&self) -> (f64, f64) {
        self.values
    }

    /// What to do if `f64` passes and `f32` does not.
    ///
    /// ```
    /// # use cotangent::{check::gradcheck_dtypes, number::{Expr, Real}};
    /// let report = gradcheck_dtypes(&Expr::symbol("x").square(), &[3.0]);
    /// assert_eq!(report.advice(), None); // both pass
    /// ```
    pub fn advice(&self) -> Option<String> {
        (self.double.passed() && !self.single.passed()).then(|| {
            "the gradient passes in f64 and not in f32: the code is right, but numerically sensitive. Reorganise it to \
             reduce cancellation (expm1 and ln_1p near 0, (a − b)(a + b) for a² − b², 2 sin²(x/2) for 1 − cos x, the \
             largest exponent subtracted before exp), sum with compensation (`accurate_sum`, as Kahan summation), or compute \
             this part in f64"
                .to_string()
        })
    }
}

/// Both reports, and the advice if there is any.
impl fmt::Display for DtypeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "f64: {}\nf32: {}", self.double, self.single)?;
        if let Some(advice) = self.advice() {
            write!(f, "\nadvice: {advice}")?;
        }
        Ok(())
    }
}
