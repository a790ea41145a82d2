//! Every function of the registry in every engine against every other, first to third order.
//!
//! A nest of duals gives all partial derivatives at a point; every engine's numbers are held against these, and these
//! against two things that know no rule: finite differences of the values here, and a table of true derivatives computed
//! with mpmath (`table.rs`). So a rule that is wrong is found by the latter, an engine that applies a right rule wrongly by
//! the former. `tools/mutate` shows that it is so.

mod case;
mod conventions;
mod engines;
mod extremes;
mod jet;
mod oracle;
mod series;
mod symbols;
mod table;

use case::{Case, Draw, Program};
use cotangent::number::function::BinaryOp;
use cotangent::number::{Dual, F32, Tape};
use engines::AXES;
use jet::{Claim, Jet};

/// Engines share values and rules and differ in the order of their operations alone: a few hundred roundings.
const ENGINES: f64 = 1e-12;

/// What the extrapolated differences of order 1, 2 and 3 can tell, in units of `Jet::scale`.
const DIFFERENCES: [f64; 3] = [1e-9, 1e-7, 1e-5];

/// Random points a function.
const POINTS: usize = 20;

/// A test's random numbers: the same in every run, other ones for each function.
fn draw(case: &Case, test: u64) -> Draw {
    Draw(case.name().bytes().fold(test, |hash, byte| hash.wrapping_mul(257).wrapping_add(byte.into())))
}

#[track_caller]
fn hold(case: &Case, x: &[f64], jet: &Jet, claims: &[Claim], tolerance: f64) {
    for claim in claims {
        let expected = jet.expected(claim);
        let error = (claim.got - expected).abs();
        let allowed = tolerance * jet.scale(claim).max(f64::MIN_POSITIVE);
        assert!(
            error <= allowed,
            "{} at {x:?}: {} says {} where it should be {expected} (order {}, allowed error {allowed:e})",
            case.name(),
            claim.engine,
            claim.got,
            claim.order(),
        );
    }
}

fn all_engines(f: &impl Program, x: &[f64], draw: &mut Draw) -> Vec<Claim> {
    let mut claims = engines::dual(f, x, draw);
    claims.extend(engines::tape(f, x, draw));
    claims.extend(engines::tape_of_duals(f, x, draw));
    claims.extend(engines::dual_of_vars(f, x, draw));
    claims.extend(engines::tape_of_tapes(f, x, draw));
    claims.extend(engines::closures(f, x));
    claims.extend(series::taylor(f, x, draw));
    claims.extend(series::taylor_of_duals(f, x, draw));
    claims.extend(symbols::derivatives(f, x));
    claims
}

#[test]
fn engines_agree_at_random_points() {
    for case in Case::all() {
        let mut draw = draw(&case, 1);
        for _ in 0..POINTS {
            let x = case.point(&mut draw);
            let (jet, symmetric) = engines::jet(&case, &x);
            assert_eq!(jet.d[0][0], case.call(&x), "{} at {x:?}: Dual's value is not f64's", case.name());
            hold(&case, &x, &jet, &symmetric, ENGINES);
            hold(&case, &x, &jet, &all_engines(&case, &x, &mut draw), ENGINES);
        }
    }
}

/// An expression evaluated in each engine is the function in that engine.
#[test]
fn expressions_agree_in_every_engine() {
    for case in Case::all() {
        let mut draw = draw(&case, 10);
        let formula = symbols::Formula::new(&case, case.arity());
        for _ in 0..POINTS / 4 {
            let x = case.point(&mut draw);
            let (jet, _) = engines::jet(&case, &x);
            assert_eq!(jet.d[0][0], formula.call(&x), "{} at {x:?}: evaluate in f64", case.name());
            hold(&case, &x, &jet, &all_engines(&formula, &x, &mut draw), ENGINES);
        }
    }
}

/// `binary_right` and `binary_left` against the form with two variables.
#[test]
fn literal_operands_agree_with_variables() {
    for op in BinaryOp::all() {
        let case = Case::Binary(op);
        let mut draw = draw(&case, 2);
        for _ in 0..POINTS {
            let x = case.point(&mut draw);
            let (jet, _) = engines::jet(&case, &x);
            for (case, x, jet) in
                [(Case::Right(op, x[1]), x[0], jet.first()), (Case::Left(x[0], op), x[1], jet.second())]
            {
                assert_eq!(jet.d[0][0], case.call(&[x]), "{} at {x:?}: the value", case.name());
                let (axes, claims) = engines::jet(&case, &[x]);
                hold(&case, &[x], &jet, &[Claim::new("Dual", axes.d[0][0], &[])], ENGINES);
                hold(&case, &[x], &axes, &claims, ENGINES);
                hold(&case, &[x], &jet, &all_engines(&case, &[x], &mut draw), ENGINES);
            }
        }
    }
}

/// The derivatives against differences of values, along the axes and two random directions; and each order of each
/// function must have a point where its derivative is far above what the differences resolve, or be zero everywhere, so
/// that no tolerance hides a wrong rule.
#[test]
fn derivatives_agree_with_differences() {
    for case in Case::all() {
        let mut draw = draw(&case, 3);
        let mut clearest = [0.0_f64; 3];
        let mut largest = [0.0_f64; 3];
        for _ in 0..POINTS {
            let x = case.point(&mut draw);
            let (jet, _) = engines::jet(&case, &x);
            let diagonals = [[draw.factor(), draw.factor()], [draw.factor(), draw.factor()]];
            let directions = if x.len() == 1 { vec![AXES[0]] } else { [AXES, diagonals].concat() };
            for v in directions {
                for order in 1..=3 {
                    let got = oracle::directional(&case, &x, v, order);
                    let claim = Claim::new("finite differences", got, &vec![v; order]);
                    hold(&case, &x, &jet, std::slice::from_ref(&claim), DIFFERENCES[order - 1]);
                    let resolution = DIFFERENCES[order - 1] * jet.scale(&claim);
                    let expected = jet.expected(&claim).abs();
                    clearest[order - 1] = clearest[order - 1].max(expected / resolution.max(1e-300));
                    largest[order - 1] = largest[order - 1].max(expected);
                }
            }
        }
        for order in 1..=3 {
            assert!(
                clearest[order - 1] > 100.0 || largest[order - 1] == 0.0,
                "{}: no point at which differences tell the derivative of order {order}",
                case.name()
            );
        }
    }
}

/// A recording of many pieces: (1 + 1e-5 x)ⁿ written as a chain has derivative n 1e-5 (1 + 1e-5 x)ⁿ⁻¹.
#[test]
fn a_long_chain() {
    const N: i32 = 100_000;
    let tape = Tape::new();
    let x = tape.var(0.75);
    let factor = x * 1e-5 + 1.0;
    let y = (1..N).fold(factor, |y, _| y * factor);
    y.backward();
    let expected = f64::from(N) * 1e-5 * (1.0 + 0.75e-5_f64).powi(N - 1);
    assert!((x.grad() - expected).abs() < 1e-9 * expected, "{} {expected}", x.grad());
}

/// First order in `f32` against `f64` at the same points.
#[test]
fn single_precision_agrees_with_double() {
    for case in Case::all() {
        let mut draw = draw(&case, 4);
        for _ in 0..POINTS {
            let x = case.point(&mut draw).iter().map(|x| f64::from(*x as f32)).collect::<Vec<_>>();
            let (jet, _) = engines::jet(&case, &x);
            let v = [draw.factor(), draw.factor()].map(|v| f64::from(v as f32));
            let ct = f64::from(draw.factor() as f32);
            let single = |x: f64| F32(x as f32);
            let duals: Vec<_> = x.iter().zip(v).map(|(x, v)| Dual::new(single(*x), [single(v)])).collect();
            let y = case.call(&duals);
            let double = |x: F32| f64::from(x.0);
            let mut claims = vec![
                Claim::new("F32", double(case.call(&x.iter().map(|x| single(*x)).collect::<Vec<_>>())), &[]),
                Claim::new("Dual<F32>", double(y.value()), &[]),
                Claim::new("Dual<F32>", double(y.derivative()), &[v]),
            ];
            let tape = Tape::<F32>::default();
            let vars: Vec<_> = x.iter().map(|x| tape.var(single(*x))).collect();
            let y = case.call(&vars);
            y.backward_with(single(ct));
            claims.push(Claim::new("Var<F32>", double(y.value()), &[]));
            let grads = AXES.iter().zip(&vars);
            claims.extend(grads.map(|(v, x)| Claim::new("Var<F32>", double(x.grad()), &[*v]).times(ct)));
            hold(&case, &x, &jet, &claims, 1e-5);
        }
    }
}
