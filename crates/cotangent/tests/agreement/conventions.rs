//! Every line of `docs/conventions.md`, in every engine.

use crate::case::{Case, Program};
use crate::jet::{Claim, Jet};
use crate::{ENGINES, all_engines, draw, engines, hold};
use cotangent::number::function::{
    Abs, BinaryOp, Cbrt, Ceil, Equal, Floor, Gelu, Greater, Hypot, Less, Lgamma, Max, Min, Partial, Pow,
    Powi, Relu, Rem, Round, Sign, Sqrt, Trunc, UnaryOp,
};
use cotangent::number::{Dual, Real, Tape};

/// A jet with these derivatives in a and none in b.
fn in_a(d: [f64; 4]) -> Jet {
    let mut jet = Jet { d: [[0.0; 4]; 4] };
    (0..4).for_each(|i| jet.d[i][0] = d[i]);
    jet
}

/// A jet with a value and first derivatives alone.
fn gradient(value: f64, a: f64, b: f64) -> Jet {
    let mut jet = in_a([value, a, 0.0, 0.0]);
    jet.d[0][1] = b;
    jet
}

/// Holds every engine, to third order, against an expected jet.
#[track_caller]
fn every_engine(case: impl Into<Case>, x: &[f64], expected: &Jet) {
    let case = case.into();
    let (_, claims) = engines::jet(&case, x);
    hold(&case, x, expected, &claims, ENGINES);
    hold(&case, x, expected, &all_engines(&case, x, &mut draw(&case, 5)), ENGINES);
}

impl From<UnaryOp> for Case {
    fn from(op: UnaryOp) -> Case {
        Case::Unary(op)
    }
}

impl From<BinaryOp> for Case {
    fn from(op: BinaryOp) -> Case {
        Case::Binary(op)
    }
}

fn unary(op: impl Into<UnaryOp>) -> Case {
    Case::Unary(op.into())
}

fn binary(op: impl Into<BinaryOp>) -> Case {
    Case::Binary(op.into())
}

#[test]
fn declared_kinks() {
    let mut visited = Vec::new();
    for op in UnaryOp::all() {
        let domain = op.domain();
        for kink in domain.kinks {
            assert!(
                domain.low < kink.at && kink.at < domain.high,
                "{op:?}: {kink:?} is outside of the domain"
            );
            every_engine(op, &[kink.at], &in_a([op.apply(&kink.at), kink.derivative, 0.0, 0.0]));
        }
        if !domain.kinks.is_empty() {
            visited.push(op.name());
        }
    }
    assert_eq!(visited, ["abs", "relu", "floor", "ceil", "round", "trunc", "sign"]);
    // The declaration itself, which the loop above cannot doubt.
    every_engine(unary(Abs), &[0.0], &in_a([0.0; 4]));
    every_engine(unary(Relu), &[0.0], &in_a([0.0; 4]));
}

#[test]
fn ties_share_the_derivative() {
    for x in [-1.5, 0.0, 2.0] {
        every_engine(binary(Max), &[x, x], &gradient(x, 0.5, 0.5));
        every_engine(binary(Min), &[x, x], &gradient(x, 0.5, 0.5));
        for op in [Max.into(), Min.into()] {
            every_engine(Case::Right(op, x), &[x], &in_a([x, 0.5, 0.0, 0.0]));
            every_engine(Case::Left(x, op), &[x], &in_a([x, 0.5, 0.0, 0.0]));
        }
    }
}

#[test]
fn hypot_at_the_origin() {
    every_engine(binary(Hypot), &[0.0, 0.0], &gradient(0.0, 0.0, 0.0));
    every_engine(Case::Right(Hypot.into(), 0.0), &[0.0], &in_a([0.0; 4]));
    every_engine(Case::Left(0.0, Hypot.into()), &[0.0], &in_a([0.0; 4]));
    // The axes are no kinks: at (0, 2) the second derivative in a is 1/2, and so on.
    let mut jet = gradient(2.0, 0.0, 1.0);
    (jet.d[2][0], jet.d[2][1]) = (0.5, -0.25);
    every_engine(binary(Hypot), &[0.0, 2.0], &jet);
    let mut jet = gradient(2.0, 1.0, 0.0);
    (jet.d[0][2], jet.d[1][2]) = (0.5, -0.25);
    every_engine(binary(Hypot), &[2.0, 0.0], &jet);
}

/// A constant partial scales, also where it is none of those that today's rules return.
#[test]
fn constant_partials() {
    for c in [0.0, 1.0, -1.0, 2.5] {
        assert_eq!(Partial::Constant(c).scale(&3.0), 3.0 * c);
    }
}

#[test]
fn powers_of_zero_and_to_zero() {
    let right = |b| Case::Right(Pow.into(), b);
    every_engine(right(0.0), &[0.0], &in_a([1.0, 0.0, 0.0, 0.0]));
    every_engine(right(0.0), &[2.0], &in_a([1.0, 0.0, 0.0, 0.0]));
    every_engine(right(1.0), &[0.0], &in_a([0.0, 1.0, 0.0, 0.0]));
    every_engine(right(2.0), &[0.0], &in_a([0.0, 0.0, 2.0, 0.0]));
    every_engine(right(3.0), &[0.0], &in_a([0.0, 0.0, 0.0, 6.0]));
    // A negative base has its derivatives in a, though the one in b is none.
    every_engine(right(2.0), &[-2.0], &in_a([4.0, -4.0, 2.0, 0.0]));
    every_engine(right(-1.0), &[-2.0], &in_a([-0.5, -0.25, -0.25, -0.375]));
    every_engine(Case::Left(0.0, Pow.into()), &[2.0], &in_a([0.0; 4]));
    // At (0, 2) to first order, and at (0, 0), where neither argument has a derivative.
    for (b, value) in [(2.0, 0.0), (0.0, 1.0)] {
        first_order(binary(Pow), &[0.0, b], value, &[0.0, 0.0]);
    }
    // b = 0 is no kink where a > 0: all derivatives of exp(b ln a) are there.
    let (a, l) = (2.0_f64, 2.0_f64.ln());
    let mut jet = Jet { d: [[1.0, l, l * l, l * l * l], [0.0; 4], [0.0; 4], [0.0; 4]] };
    jet.d[1][1] = 1.0 / a;
    jet.d[1][2] = 2.0 * l / a;
    jet.d[2][1] = -1.0 / (a * a);
    every_engine(binary(Pow), &[a, 0.0], &jet);
    for n in [0, 1, 2, 3, 7] {
        let expected =
            [f64::from(n == 0), f64::from(n == 1), 2.0 * f64::from(n == 2), 6.0 * f64::from(n == 3)];
        every_engine(unary(Powi(n)), &[0.0], &in_a(expected));
    }
}

/// The claims to first order alone, for points where higher derivatives do not exist. Infinities must be equal.
#[track_caller]
fn first_order(case: Case, x: &[f64], value: f64, derivatives: &[f64]) {
    let (_, claims) = engines::jet(&case, x);
    let claims = claims.into_iter().chain(all_engines(&case, x, &mut draw(&case, 6)));
    let mut checked = 0;
    // Sums of infinities of both signs, as two sweeps with random cotangents may have, are not told apart here.
    let plain = |claim: &Claim| claim.terms.len() == 1 && !claim.engine.ends_with("twice");
    for claim in claims.filter(|claim| claim.order() <= 1 && plain(claim)) {
        let (factor, directions) = &claim.terms[0];
        let product = |v: f64, d: f64| if v == 0.0 || d == 0.0 { 0.0 } else { v * d };
        let expected = match directions.first() {
            None => factor * value,
            Some(v) => factor * v.iter().zip(derivatives).map(|(v, d)| product(*v, *d)).sum::<f64>(),
        };
        assert_eq!(claim.got, expected, "{} at {x:?}: {}, along {directions:?}", case.name(), claim.engine);
        checked += 1;
    }
    assert!(checked > 30);
}

#[test]
fn jumps_have_derivative_zero() {
    for x in [-2.5, -2.0, -0.5, -0.3, 0.0, 0.5, 1.0, 1.7] {
        for (op, value) in [
            (UnaryOp::from(Floor), x.floor()),
            (Ceil.into(), x.ceil()),
            (Round.into(), x.round_ties_even()),
            (Trunc.into(), x.trunc()),
            (Sign.into(), if x == 0.0 { 0.0 } else { x.signum() }),
        ] {
            every_engine(op, &[x], &in_a([value, 0.0, 0.0, 0.0]));
        }
        for (op, value) in
            [(BinaryOp::from(Greater), x > 0.5), (Less.into(), x < 0.5), (Equal.into(), x == 0.5)]
        {
            every_engine(op, &[x, 0.5], &gradient(f64::from(value), 0.0, 0.0));
        }
    }
}

#[test]
fn remainder_between_its_jumps() {
    for (a, b, value, n) in [(7.0, 3.0, 1.0, 2.0), (-7.0, 3.0, -1.0, -2.0), (7.0, -3.0, 1.0, -2.0)] {
        every_engine(binary(Rem), &[a, b], &gradient(value, 1.0, -n));
    }
    every_engine(Case::Right(Rem.into(), 3.0), &[-7.0], &in_a([-1.0, 1.0, 0.0, 0.0]));
    every_engine(Case::Left(-7.0, Rem.into()), &[3.0], &in_a([-1.0, 2.0, 0.0, 0.0]));
}

#[test]
fn roots_at_zero() {
    first_order(unary(Sqrt), &[0.0], 0.0, &[f64::INFINITY]);
    first_order(unary(Cbrt), &[0.0], 0.0, &[f64::INFINITY]);
}

/// `x > 0 ? √x : 0`, whose unchosen branch has an infinite derivative at 0.
struct Guarded;

impl Program for Guarded {
    fn call<R: Real>(&self, x: &[R]) -> R {
        x[0].greater(&x[0].zero()).select(&x[0].sqrt(), &x[0].zero())
    }
}

#[test]
fn zeros_win() {
    let (jet, _) = engines::jet(&Guarded, &[0.0]);
    assert_eq!(jet, in_a([0.0; 4]));
    let case = unary(Sqrt); // only lends its name to the message
    hold(&case, &[0.0], &in_a([0.0; 4]), &all_engines(&Guarded, &[0.0], &mut draw(&case, 7)), ENGINES);
    // A zero tangent meets an infinite partial.
    assert_eq!(Dual::new(0.0, [0.0, 1.0]).sqrt().tangent(), &[0.0, f64::INFINITY]);
    let tape = Tape::new();
    let x = tape.var(0.0);
    assert_eq!(tape.jvp(&[x], &[0.0], &[x.sqrt()]), [0.0]);
    // A zero cotangent meets one.
    (x.sqrt() * 0.0).backward();
    assert_eq!(x.grad(), 0.0);
    assert_eq!(tape.vjp(&[x.sqrt()], &[0.0], &[x]), [0.0]);
}

/// The value in every engine: exactly this number, or NaN in all.
#[track_caller]
fn value(case: Case, x: &[f64], expected: f64) {
    let (_, claims) = engines::jet(&case, x);
    let claims = claims.into_iter().chain(all_engines(&case, x, &mut draw(&case, 8)));
    let direct = Claim::new("f64", case.call(x), &[]);
    for claim in claims.chain([direct]).filter(|claim| claim.order() == 0) {
        let same = claim.got == expected || claim.got.is_nan() && expected.is_nan();
        assert!(same, "{} at {x:?}: {} says {}, not {expected}", case.name(), claim.engine, claim.got);
    }
}

#[test]
fn values() {
    for op in [binary(Max), binary(Min)] {
        value(op, &[f64::NAN, 1.0], f64::NAN);
        value(op, &[1.0, f64::NAN], f64::NAN);
    }
    for (x, y) in [(0.5, 0.0), (1.5, 2.0), (2.5, 2.0), (-0.5, 0.0), (-1.5, -2.0), (-2.5, -2.0)] {
        value(unary(Round), &[x], y);
    }
    for (a, b, y) in [(5.5, 3.0, 2.5), (-5.5, 3.0, -2.5), (5.5, -3.0, 2.5), (-5.5, -3.0, -2.5)] {
        value(binary(Rem), &[a, b], y);
    }
    for (a, b) in [(1.0, 2.0), (2.0, 1.0), (1.0, 1.0)] {
        value(binary(Greater), &[a, b], f64::from(a > b));
        value(binary(Less), &[a, b], f64::from(a < b));
        value(binary(Equal), &[a, b], f64::from(a == b));
    }
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -3.0] {
        value(unary(Powi(0)), &[x], 1.0);
        value(binary(Pow), &[x, 0.0], 1.0);
        value(Case::Right(Pow.into(), 0.0), &[x], 1.0);
    }
    for x in [0.0, -1.0, -2.0, -7.0] {
        value(unary(Lgamma), &[x], f64::INFINITY);
    }
    // ln|Γ(−1/2)| = ln 2√π, although Γ(−1/2) is negative.
    let lgamma = UnaryOp::from(Lgamma).apply(&-0.5);
    assert!((lgamma - (2.0 * std::f64::consts::PI.sqrt()).ln()).abs() < 1e-15);
    // x Φ(x) at 1, where the tanh approximation gives 0.84119.
    assert!((UnaryOp::from(Gelu).apply(&1.0) - 0.841_344_746_068_542_9).abs() < 1e-15);
}
