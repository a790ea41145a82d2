//! Derivatives from values alone, independent of every rule: central differences, extrapolated.

use crate::case::{Case, Program};
use crate::jet::Direction;

/// Step lengths tried, each 1/√2 of the one before.
const STEPS: usize = 14;

/// The derivative of this order (1 to 3) of `t ↦ f(x + t v)` at 0.
///
/// C. J. F. Ridders, "Accurate computation of F′(x) and F′(x) F″(x)", 1982: central differences at falling steps are
/// extrapolated to step 0 (their error has even powers only), and the entry of the tableau that differs least from its
/// neighbours is taken. It uses `f64` values alone.
pub fn directional(f: &Case, x: &[f64], v: Direction, order: usize) -> f64 {
    let g = |t: f64| f.call(&x.iter().zip(v).map(|(x, v)| x + t * v).collect::<Vec<f64>>());
    let mut h = 0.25_f64.min(0.4 * f.clearance(x) / v[0].abs().max(v[1].abs()));
    while !(g(2.0 * h) + g(-2.0 * h)).is_finite() {
        h /= 2.0;
    }
    let difference = |h: f64| match order {
        1 => (g(h) - g(-h)) / (2.0 * h),
        2 => (g(h) - 2.0 * g(0.0) + g(-h)) / (h * h),
        _ => (g(2.0 * h) - 2.0 * g(h) + 2.0 * g(-h) - g(-2.0 * h)) / (2.0 * h * h * h),
    };
    let mut before: Vec<f64> = Vec::new();
    let mut best = (f64::INFINITY, f64::NAN);
    for _ in 0..STEPS {
        let mut row = vec![difference(h)];
        let mut power = 1.0;
        for (k, above) in before.iter().enumerate() {
            power *= 2.0; // (√2)², and so on for each power of h²
            row.push(row[k] + (row[k] - above) / (power - 1.0));
            let error = (row[k + 1] - row[k]).abs().max((row[k + 1] - above).abs());
            if error <= best.0 {
                best = (error, row[k + 1]);
            }
        }
        before = row;
        h *= std::f64::consts::FRAC_1_SQRT_2;
    }
    best.1
}
