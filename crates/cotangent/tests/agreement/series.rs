//! The claims of Taylor series, along curved paths.

use crate::case::{Draw, Program};
use crate::jet::{Claim, Direction};
use cotangent::number::{Dual, Taylor};

/// A series of order 3 along the path x + v₁ t + v₂ t² + v₃ t³ for random vᵢ. Its coefficients are those of f along the
/// path by Faà di Bruno's formula: D f v₁; D f v₂ + ½ D²f v₁ v₁; D f v₃ + D²f v₁ v₂ + ⅙ D³f v₁ v₁ v₁.
pub fn taylor(f: &impl Program, x: &[f64], draw: &mut Draw) -> Vec<Claim> {
    let v: [Direction; 3] = std::array::from_fn(|_| [draw.factor(), draw.factor()]);
    let series = |(i, x): (usize, &f64)| Taylor::new(*x, v.map(|v| v[i]));
    let y = f.call(&x.iter().enumerate().map(series).collect::<Vec<Taylor<'static, f64, 3>>>());
    let claim = |k, terms| Claim { engine: "Taylor", got: y.coefficient(k), terms };
    let [v1, v2, v3] = v;
    vec![
        Claim::new("Taylor", y.value(), &[]),
        claim(1, vec![(1.0, vec![v1])]),
        claim(2, vec![(1.0, vec![v2]), (0.5, vec![v1, v1])]),
        claim(3, vec![(1.0, vec![v3]), (1.0, vec![v1, v2]), (1.0 / 6.0, vec![v1, v1, v1])]),
    ]
}

/// A series of order 2 whose coefficients are duals: one direction of the third derivative by the dual.
pub fn taylor_of_duals(f: &impl Program, x: &[f64], draw: &mut Draw) -> Vec<Claim> {
    let [u, v] = [[draw.factor(), draw.factor()], [draw.factor(), draw.factor()]];
    let series = |(i, x): (usize, &f64)| {
        Taylor::new(Dual::new(*x, [u[i]]), [Dual::constant(v[i]), Dual::constant(0.0)])
    };
    let y =
        f.call(&x.iter().enumerate().map(series).collect::<Vec<Taylor<'static, Dual<'static, f64>, 2>>>());
    let claim = |got: f64, directions: &[Direction]| Claim::new("Taylor<Dual>", got, directions);
    vec![
        claim(y.derivative(1).value(), &[v]),
        claim(y.derivative(1).derivative(), &[u, v]),
        claim(y.derivative(2).value(), &[v, v]),
        claim(y.derivative(2).derivative(), &[u, v, v]),
    ]
}
