//! NaN, infinities and numbers at the edges of the format as arguments of every function.

use crate::case::{Case, Program};
use crate::{all_engines, draw, engines};
use cotangent::number::function::BinaryOp;
use cotangent::number::{Dual, F32, Real, Tape, Taylor};

const EXTREMES: [f64; 14] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    1.0,
    -1.0,
    -2.5,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    -f64::MIN_POSITIVE,
    5e-324,
    1e300,
];

fn points(arity: usize) -> Vec<Vec<f64>> {
    match arity {
        1 => EXTREMES.iter().map(|x| vec![*x]).collect(),
        _ => EXTREMES.iter().flat_map(|a| EXTREMES.map(|b| vec![*a, b])).collect(),
    }
}

fn same(a: f64, b: f64) -> bool {
    a == b || a.is_nan() && b.is_nan()
}

fn times_literal_zero(case: &Case) -> bool {
    matches!(case, Case::Right(BinaryOp::Mul(_), 0.0) | Case::Left(0.0, BinaryOp::Mul(_)))
}

/// Nothing panics, whatever the order, and all engines have the value that `f64` has.
#[test]
fn engines_agree_on_the_value() {
    for case in Case::all() {
        for x in points(case.arity()) {
            let mut forms = vec![(case, x.clone())];
            if let Case::Binary(op) = case {
                forms.push((Case::Right(op, x[1]), vec![x[0]]));
                forms.push((Case::Left(x[0], op), vec![x[1]]));
            }
            for (form, arguments) in forms {
                let expected = case.call(&x);
                let (_, claims) = engines::jet(&form, &arguments);
                let claims = claims.into_iter().chain(all_engines(&form, &arguments, &mut draw(&case, 9)));
                for claim in claims.filter(|claim| claim.order() == 0) {
                    let (engine, got) = (claim.engine, claim.got);
                    if engine.starts_with("Expr") && times_literal_zero(&form) {
                        continue; // 0·x is written down as 0
                    }
                    assert!(same(got, expected), "{} at {x:?}: {engine} {got}, f64 {expected}", form.name());
                }
            }
        }
    }
}

/// Forward and reverse mode multiply the same partials, so their first derivatives are the same even where they are
/// infinite or NaN.
#[test]
fn forward_and_reverse_agree_on_the_derivative() {
    for case in Case::all() {
        for x in points(case.arity()) {
            let tape = Tape::new();
            let vars: Vec<_> = x.iter().map(|x| tape.var(*x)).collect();
            let y = case.call(&vars);
            y.backward();
            for (i, var) in vars.iter().enumerate() {
                let seed = |(j, x): (usize, &f64)| Dual::new(*x, [f64::from(i == j)]);
                let forward = case.call(&x.iter().enumerate().map(seed).collect::<Vec<_>>()).derivative();
                let reverse = var.grad();
                assert!(same(forward, reverse), "{} at {x:?}, {i}: {forward}, {reverse}", case.name());
            }
        }
    }
}

/// In single precision too.
#[test]
fn single_precision_agrees_on_the_value() {
    let same = |a: F32, b: F32| a.0 == b.0 || a.0.is_nan() && b.0.is_nan();
    for case in Case::all() {
        for x in points(case.arity()) {
            let x: Vec<F32> = x.iter().map(|x| F32(*x as f32)).collect();
            let expected = case.call(&x);
            let dual = case.call(&x.iter().map(|x| Dual::variable(*x)).collect::<Vec<_>>());
            let tape = Tape::<F32>::default();
            let var = case.call(&x.iter().map(|x| tape.var(*x)).collect::<Vec<_>>());
            assert!(same(dual.value(), expected), "{} at {x:?}: Dual", case.name());
            assert!(same(var.value(), expected), "{} at {x:?}: Var", case.name());
        }
    }
}

/// A formula may name any exponent, the lowest too, whose rule cannot step down to the next. Near 1 the powers are ordinary
/// numbers: with u = ln(1 + h), xⁿ = exp(n u).
#[test]
fn the_lowest_integer_power() {
    let n = f64::from(i32::MIN);
    for h in [1e-9, -3e-10] {
        let x = 1.0 + h;
        let u = f64::ln_1p(x - 1.0); // the subtraction is exact
        let exact = [(n * u).exp(), n * ((n - 1.0) * u).exp(), n * (n - 1.0) * ((n - 2.0) * u).exp()];
        let y = Dual::variable(Dual::variable(x)).powi(i32::MIN);
        let engines = [y.value().value(), y.value().derivative(), y.derivative().derivative()];
        let tape = Tape::new();
        let v = tape.var(x);
        v.powi(i32::MIN).backward();
        for (claim, exact) in engines.into_iter().chain([v.grad()]).zip(exact.into_iter().chain([exact[1]])) {
            // x^(n−1) and x^n differ in the ninth digit.
            assert!((claim / exact - 1.0).abs() < 1e-12, "{claim} should be {exact} at {x}");
        }
    }
}

/// A function that every engine can be asked about.
trait Composition {
    fn at<R: Real>(&self, x: &R) -> R;
}

macro_rules! composition {
    ($name:ident, |$x:ident| $body:expr) => {
        struct $name;
        impl Composition for $name {
            fn at<R: Real>(&self, $x: &R) -> R {
                $body
            }
        }
    };
}

/// The derivative by every engine is this very number.
fn derivative_is(name: &str, exact: f64, x: f64, f: impl Composition) {
    let tape = Tape::new();
    let v = tape.var(x);
    let y = f.at(&v);
    y.backward();
    let claims = [
        ("Dual", f.at(&Dual::variable(x)).derivative()),
        ("Taylor", f.at(&Taylor::<f64, 1>::variable(x)).coefficient(1)),
        ("backward", v.grad()),
        ("vjp", tape.vjp(&[y], &[1.0], &[v])[0]),
        ("jvp", tape.jvp(&[v], &[1.0], &[y])[0]),
    ];
    for (engine, claim) in claims {
        assert_eq!(claim, exact, "{name} at {x}: {engine}");
    }
}

/// Compositions whose inner derivative is zero where the outer one is infinite, and the other way about: the function is
/// constant there, or the path does not count, and every engine says 0.
#[test]
fn a_zero_wins_over_an_infinity_in_compositions() {
    composition!(RootOfRelu, |x| x.relu().sqrt());
    composition!(RootOfSquare, |x| x.square().sqrt());
    composition!(ZeroTimesRoot, |x| x.sqrt() * 0.0);
    composition!(PowerOfRelu, |x| x.relu().powf(0.5));
    composition!(CubeRootOfFloor, |x| x.powi(3).cbrt().floor().cbrt());
    for x in [-1.0, 0.0] {
        derivative_is("sqrt(relu(x))", 0.0, x, RootOfRelu);
        derivative_is("relu(x)^0.5", 0.0, x, PowerOfRelu);
    }
    derivative_is("sqrt(x^2)", 0.0, 0.0, RootOfSquare);
    derivative_is("sqrt(x)*0", 0.0, 0.0, ZeroTimesRoot);
    derivative_is("cbrt(floor(cbrt(x^3)))", 0.0, 0.5, CubeRootOfFloor);
}

/// But an infinite slope that does count stays infinite.
#[test]
fn an_infinite_slope_that_counts_stays() {
    composition!(RootOfDouble, |x| (x.clone() * 2.0).sqrt());
    composition!(ExponentialOfRoot, |x| x.sqrt().exp());
    composition!(PoleOfOrderOne, |x| x.powi(-1));
    composition!(PoleOfOrderTwo, |x| x.powi(-2));
    derivative_is("sqrt(2x)", f64::INFINITY, 0.0, RootOfDouble);
    derivative_is("exp(sqrt(x))", f64::INFINITY, 0.0, ExponentialOfRoot);
    derivative_is("x^(-1)", f64::NEG_INFINITY, 0.0, PoleOfOrderOne);
    derivative_is("x^(-2)", f64::NEG_INFINITY, 0.0, PoleOfOrderTwo);
}

/// True derivatives where a rule written carelessly overflows, underflows, or takes the wrong side of a rounding.
#[test]
fn derivatives_at_the_edges_of_the_format() {
    let close = |claim: f64, exact: f64| claim == exact || (claim / exact - 1.0).abs() < 1e-14;
    let partials = |name: &str, a: f64, b: f64| {
        let op = BinaryOp::named(name).unwrap();
        *op.apply(&Dual::new(a, [1.0, 0.0]), &Dual::new(b, [0.0, 1.0])).tangent()
    };
    for (a, b, exact) in [
        (1e-200, 1e-200, [5e199, -5e199]),
        (1e200, 1e200, [5e-201, -5e-201]),
        (3e150, 4e150, [1.6e-151, -1.2e-151]),
    ] {
        let claim = partials("atan2", a, b);
        assert!(close(claim[0], exact[0]) && close(claim[1], exact[1]), "atan2({a}, {b}): {claim:?}");
    }
    // 1/0.1 rounds to 10, but 1 = 9·0.1 + 0.1 − tiny: the quotient is 9.
    assert_eq!(partials("rem", 1.0, 0.1), [1.0, -9.0]);
    assert_eq!(partials("rem", -1.0, 0.1), [1.0, 9.0]);
    let slope = |y: Dual<f64>| y.derivative();
    assert!(close(slope(Dual::variable(1e200).asinh()), 1e-200));
    assert!(close(slope(Dual::variable(-1e200).asinh()), 1e-200));
    assert!(close(slope(Dual::variable(1e200).acosh()), 1e-200));
    assert!(slope(Dual::variable(-2.0).acosh()).is_nan());
    assert_eq!(slope(Dual::variable(0.0).sqrt()), f64::INFINITY);
    assert_eq!(slope(Dual::variable(-0.0).sqrt()), f64::INFINITY);
}

/// A high power and a high order of Taylor series keep their digits.
#[test]
fn taylor_series_far_out() {
    let x = 1.000001;
    let y = Taylor::<f64, 2>::variable(x).powi(1_000_000);
    let u = f64::ln_1p(x - 1.0);
    let exact = 1e6 * (999_999.0 * u).exp();
    assert!((y.derivative(1) / exact - 1.0).abs() < 1e-14, "{} {exact}", y.derivative(1));
    assert_eq!(Taylor::<f64, 2>::variable(0.0).powi(40).derivative(1), 0.0);
    // Polynomials have no derivatives beyond their degree: exactly.
    assert_eq!(Taylor::<f64, 5>::variable(1.7).powi(3).derivative(4), 0.0);
    // e^(x/10): the derivative of order 200 is 10⁻²⁰⁰ e^(x/10), though 200! is no finite number.
    let y = (Taylor::<f64, 200>::variable(0.0) * 0.1).exp();
    assert!((y.derivative(100) / 1e-100 - 1.0).abs() < 1e-12);
}
