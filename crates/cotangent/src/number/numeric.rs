//! Numerical differentiation: derivatives from function values alone.
//!
//! A difference quotient has two errors that pull its step h in opposite directions: *truncation*, which shrinks with
//! h, and *cancellation*, ε|f|/h, which grows as h shrinks. The default steps balance the two for a function that
//! varies on the scale s = max(|x|, 1):
//!
//! | formula | default step | error at that step |
//! |---|---|---|
//! | [`forward_difference`] | √ε·s ≈ 1.5e-8·s | ~√ε ≈ 1e-8 |
//! | [`central_difference`] | ∛ε·s ≈ 6.1e-6·s | ~ε^⅔ ≈ 4e-11 |
//! | [`hessian`] | ∜ε·s ≈ 1.2e-4·s | ~√ε ≈ 1e-8 |
//! | [`richardson`], [`nth_derivative`] | a ladder of steps from 0.1·s | estimated from the ladder |
//! | [`complex_step`](super::complex_step) | ~1e-100 | ~ε: nothing cancels |
//!
//! Every step is first replaced by (x + h) − x, so that the two arguments differ by exactly the number that is divided
//! by. Each result counts the evaluations that it took: a gradient of n parameters costs 2n, where reverse mode needs
//! one forward and one backward pass.

/// A numerical derivative with what is known about it.
///
/// ```
/// use cotangent::number::numeric::central_difference;
/// let d = central_difference(|x| (x * x).sin(), 1.5, None);
/// assert!((d.derivative - 3.0 * 2.25_f64.cos()).abs() < 1e-9);
/// assert_eq!(d.evaluations, 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The derivative.
    pub derivative: f64,
    /// An estimate of its absolute error; each method's page says how it is made. It is no bound.
    pub error: f64,
    /// The step that was used, after rounding to a difference of representable numbers.
    pub step: f64,
    /// How often the function was called.
    pub evaluations: usize,
}

/// The scale on which a function is taken to vary near x, unless something better is known: max(|x|, 1).
fn scale(x: f64) -> f64 {
    x.abs().max(1.0)
}

/// h as the difference of two representable numbers near x, so that it carries no rounding error of its own.
fn representable(x: f64, h: f64) -> f64 {
    // Zero where h is below the spacing of numbers at x: the quotient is then 0/0, NaN, rather than a wrong number.
    (x + h) - x
}

/// The default step of [`forward_difference`]: √ε · max(|x|, 1).
///
/// ```
/// # use cotangent::number::numeric::forward_step;
/// assert!((forward_step(100.0) - 1.49e-6).abs() < 1e-8);
/// ```
pub fn forward_step(x: f64) -> f64 {
    f64::EPSILON.sqrt() * scale(x)
}

/// The default step of [`central_difference`]: ∛ε · max(|x|, 1).
///
/// ```
/// # use cotangent::number::numeric::central_step;
/// assert!((central_step(0.0) - 6.06e-6).abs() < 1e-8);
/// ```
pub fn central_step(x: f64) -> f64 {
    f64::EPSILON.cbrt() * scale(x)
}

/// (f(x + h) − f(x)) / h: two evaluations, one of which a gradient can share among all coordinates.
///
/// The error is estimated as ε·F/h for cancellation plus F·h/(2s²) for truncation, where F is the largest |f| seen and
/// s = max(|x|, 1) the scale that f is assumed to vary on. A step too small to move x gives NaN.
///
/// ```
/// use cotangent::number::numeric::forward_difference;
/// let d = forward_difference(|x| x * x, 3.0, None);
/// assert!((d.derivative - 6.0).abs() < 1e-6);
/// let coarse = forward_difference(|x| x * x, 3.0, Some(0.5));
/// assert_eq!(coarse.derivative, 6.5); // 2x + h
/// ```
pub fn forward_difference(mut f: impl FnMut(f64) -> f64, x: f64, h: Option<f64>) -> Estimate {
    let h = representable(x, h.unwrap_or_else(|| forward_step(x)));
    let (there, here) = (f(x + h), f(x));
    let magnitude = there.abs().max(here.abs());
    let s = scale(x);
    Estimate {
        derivative: (there - here) / h,
        error: magnitude * (f64::EPSILON / h.abs() + h.abs() / (2.0 * s * s)),
        step: h,
        evaluations: 2,
    }
}

/// (f(x + h) − f(x − h)) / 2h: two evaluations, and an error of h² in place of h.
///
/// The error is estimated as ε·F/h for cancellation plus F·h²/(6s³) for truncation, where F is the largest |f| seen
/// and s = max(|x|, 1) the scale that f is assumed to vary on. A step too small to move x gives NaN.
///
/// ```
/// use cotangent::number::numeric::central_difference;
/// let d = central_difference(|x| x.powi(3), 2.0, Some(0.5));
/// assert_eq!(d.derivative, 12.25); // 3x² + h²
/// ```
pub fn central_difference(mut f: impl FnMut(f64) -> f64, x: f64, h: Option<f64>) -> Estimate {
    let h = representable(x, h.unwrap_or_else(|| central_step(x)));
    let (up, down) = (x + h, x - h);
    let (above, below) = (f(up), f(down));
    let magnitude = above.abs().max(below.abs());
    let s = scale(x);
    Estimate {
        derivative: (above - below) / (up - down),
        error: magnitude * (f64::EPSILON / h.abs() + h * h / (6.0 * s * s * s)),
        step: h,
        evaluations: 2,
    }
}

/// Each step of the ladder is smaller than the one before by this factor. Not a whole number, so that no period of the
/// function can be a multiple of all steps.
const SHRINK: f64 = 1.4;
/// How many steps a ladder has.
const RUNGS: usize = 10;
/// A rung whose new entry is this many times worse than the best ends the ladder: only rounding is left below it.
const WORSE: f64 = 2.0;
/// Where ladders begin, in units of max(|x|, 1). Usually the first is good; functions that vary quickly or end nearby
/// need a later one.
const STARTS: [f64; 6] = [0.1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8];
/// A relative error estimate that needs no further ladder.
const GOOD: f64 = 1e-9;

/// Ridders' method: central differences on a ladder of shrinking steps, each pair of neighbours extrapolated to h = 0
/// by Neville's tableau (Richardson extrapolation in h²), the entry with the smallest error estimate returned.
///
/// The error estimate is the largest difference between the entry and the two it was made from, and at least the
/// rounding ε·F/h of the last of them. Where it stays above
/// 1e-9, relatively, ladders with smaller first steps are tried; `evaluations` counts all. A ladder whose first points
/// give NaN (outside of the domain) is passed over.
///
/// ```
/// use cotangent::number::numeric::richardson;
/// let d = richardson(|x| (x * x).sin(), 1.5);
/// assert!((d.derivative - 3.0 * 2.25_f64.cos()).abs() < 1e-11);
/// assert!(d.error < 1e-9);
/// ```
///
/// Source: C. J. F. Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Advances in Engineering Software 4,
/// 1982; Press et al., *Numerical Recipes*, §5.7.
pub fn richardson(mut f: impl FnMut(f64) -> f64, x: f64) -> Estimate {
    extrapolate(x, &STARTS, |h| {
        let (up, down) = (x + h, x - h);
        let (above, below) = (f(up), f(down));
        let rounding = f64::EPSILON * above.abs().max(below.abs()) / h.abs();
        Rung { quotient: (above - below) / (up - down), rounding, evaluations: 2 }
    })
}

/// The n-th derivative by central differences, Σₖ (−1)ᵏ C(n, k) f(x + (n/2 − k)h) / hⁿ, extrapolated as
/// [`richardson`] is. n + 1 evaluations a step; `n = 0` is the value.
///
/// Cancellation is now ε·2ⁿ|f|/hⁿ, so each order costs digits: expect about 1e-11 for n = 1 and 1e-6 for n = 4.
///
/// ```
/// use cotangent::number::numeric::nth_derivative;
/// let d = nth_derivative(f64::exp, 0.0, 3);
/// assert!((d.derivative - 1.0).abs() < 1e-6);
/// ```
pub fn nth_derivative(mut f: impl FnMut(f64) -> f64, x: f64, n: u32) -> Estimate {
    match n {
        0 => {
            let value = f(x);
            Estimate { derivative: value, error: value.abs() * f64::EPSILON, step: 0.0, evaluations: 1 }
        }
        1 => richardson(f, x),
        _ => extrapolate(x, &[0.5, 0.1, 0.02], |h| {
            let mut sum = super::NeumaierSum::new();
            let mut coefficient = 1.0_f64;
            let mut largest = 0.0_f64;
            for k in 0..=n {
                let offset = (f64::from(n) / 2.0 - f64::from(k)) * h;
                let term = coefficient * f(x + offset);
                largest = largest.max(term.abs());
                sum.add(term);
                coefficient *= -f64::from(n - k) / f64::from(k + 1);
            }
            let power = h.powi(n as i32);
            let rounding = f64::EPSILON * largest / power.abs();
            Rung { quotient: sum.total() / power, rounding, evaluations: n as usize + 1 }
        }),
    }
}

/// One difference quotient of a ladder.
struct Rung {
    quotient: f64,
    /// What rounding the function's values does to it, roughly.
    rounding: f64,
    evaluations: usize,
}

/// Ladders of steps, each extrapolated to 0 in powers of h², until one is good.
fn extrapolate(x: f64, starts: &[f64], mut rung: impl FnMut(f64) -> Rung) -> Estimate {
    let mut best = Estimate { derivative: f64::NAN, error: f64::INFINITY, step: f64::NAN, evaluations: 0 };
    let mut evaluations = 0;
    // The function may vary on the scale of |x| or on that of 1: the larger is tried first.
    let scales = [scale(x), x.abs().min(1.0)].into_iter().filter(|&s| s > 0.0);
    for first in scales.flat_map(|s| starts.iter().map(move |start| start * s)) {
        // row[j] extrapolates j times; `above` is the row of the step before.
        let (mut above, mut row) = ([0.0; RUNGS], [0.0; RUNGS]);
        let mut ladder = Estimate { error: f64::INFINITY, ..best };
        let mut h = first;
        for i in 0..RUNGS {
            let step = representable(x, h);
            let Rung { quotient, rounding, evaluations: more } = rung(step);
            evaluations += more;
            if !quotient.is_finite() {
                break;
            }
            row[0] = quotient;
            let mut factor = 1.0;
            for j in 1..=i {
                factor *= SHRINK * SHRINK;
                row[j] = (row[j - 1] * factor - above[j - 1]) / (factor - 1.0);
                let error = (row[j] - row[j - 1]).abs().max((row[j] - above[j - 1]).abs());
                // No entry is better than the rounding of what it was made from.
                let error = error.max(rounding);
                if error < ladder.error {
                    ladder = Estimate { derivative: row[j], error, step, evaluations };
                }
            }
            if i >= 2 && (row[i] - above[i - 1]).abs() >= WORSE * ladder.error {
                break;
            }
            above = row;
            h /= SHRINK;
        }
        // Not by the absolute error: steps far beyond the function's scale make every quotient small, its error too.
        let relative = |e: &Estimate| e.error / e.derivative.abs();
        if best.derivative.is_nan() || relative(&ladder) < relative(&best) {
            best = ladder;
        }
        if best.error <= GOOD * best.derivative.abs() {
            break;
        }
    }
    Estimate { evaluations, ..best }
}

/// A numerical gradient.
///
/// ```
/// # use cotangent::number::numeric::gradient;
/// let g = gradient(|x| x[0] * x[1], &[2.0, 3.0], Some(0.5));
/// assert_eq!((g.gradient, g.steps), (vec![3.0, 2.0], vec![0.5, 0.5]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GradientEstimate {
    /// ∂f/∂xᵢ.
    pub gradient: Vec<f64>,
    /// An estimate of each entry's absolute error, as [`central_difference`] makes it.
    pub errors: Vec<f64>,
    /// The step used in each coordinate.
    pub steps: Vec<f64>,
    /// How often the function was called: 2n.
    pub evaluations: usize,
}

/// The gradient by central differences: 2n evaluations for n coordinates. `h` is the step in every coordinate; `None`
/// is [`central_step`] of each.
///
/// ```
/// use cotangent::number::numeric::gradient;
/// let g = gradient(|x| (x[0] + x[1]) * (x[0] * x[1]), &[2.0, 3.0], None);
/// assert!((g.gradient[0] - 21.0).abs() < 1e-7 && (g.gradient[1] - 16.0).abs() < 1e-7);
/// assert_eq!(g.evaluations, 4);
/// ```
pub fn gradient(mut f: impl FnMut(&[f64]) -> f64, x: &[f64], h: Option<f64>) -> GradientEstimate {
    let mut point = x.to_vec();
    let n = x.len();
    let mut all = GradientEstimate {
        gradient: Vec::with_capacity(n),
        errors: Vec::with_capacity(n),
        steps: Vec::with_capacity(n),
        evaluations: 0,
    };
    for (i, &centre) in x.iter().enumerate() {
        let one = central_difference(
            |moved| {
                point[i] = moved;
                f(&point)
            },
            centre,
            h,
        );
        point[i] = centre;
        all.gradient.push(one.derivative);
        all.errors.push(one.error);
        all.steps.push(one.step);
        all.evaluations += one.evaluations;
    }
    all
}

/// A numerical matrix of second derivatives.
///
/// ```
/// # use cotangent::number::numeric::hessian;
/// let h = hessian(|x| x[0] * x[1], &[2.0, 3.0]);
/// assert!((h.matrix[1][0] - 1.0).abs() < 1e-6);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HessianEstimate {
    /// ∂²f/∂xᵢ∂xⱼ, symmetric by construction.
    pub matrix: Vec<Vec<f64>>,
    /// The step used in each coordinate.
    pub steps: Vec<f64>,
    /// How often the function was called: 2n² + 1.
    pub evaluations: usize,
}

/// The Hessian by central differences of function values, with the step ∜ε · max(|xᵢ|, 1): 2n² + 1 evaluations.
///
/// The diagonal is (f(x + h) − 2f(x) + f(x − h))/h², the rest
/// (f(++) − f(+−) − f(−+) + f(−−))/4hᵢhⱼ. Expect about eight digits.
///
/// ```
/// use cotangent::number::numeric::hessian;
/// let h = hessian(|x| x[0] * x[0] * x[1], &[2.0, 3.0]);
/// assert!((h.matrix[0][0] - 6.0).abs() < 1e-6 && (h.matrix[0][1] - 4.0).abs() < 1e-6);
/// assert_eq!(h.evaluations, 9);
/// ```
pub fn hessian(mut f: impl FnMut(&[f64]) -> f64, x: &[f64]) -> HessianEstimate {
    let n = x.len();
    let fourth_root = f64::EPSILON.sqrt().sqrt();
    let steps: Vec<f64> = x.iter().map(|&x| representable(x, fourth_root * scale(x))).collect();
    let mut evaluations = 1;
    let here = f(x);
    let mut point = x.to_vec();
    let mut matrix = vec![vec![0.0; n]; n];
    for i in 0..n {
        let mut at = |offset: f64| {
            point[i] = x[i] + offset;
            f(&point)
        };
        let (above, below) = (at(steps[i]), at(-steps[i]));
        evaluations += 2;
        matrix[i][i] = ((above - here) - (here - below)) / (steps[i] * steps[i]);
        for j in 0..i {
            let mut at = |a: f64, b: f64| {
                point[i] = x[i] + a;
                point[j] = x[j] + b;
                f(&point)
            };
            let (hi, hj) = (steps[i], steps[j]);
            let mixed = (at(hi, hj) - at(hi, -hj)) - (at(-hi, hj) - at(-hi, -hj));
            evaluations += 4;
            matrix[i][j] = mixed / (4.0 * hi * hj);
            matrix[j][i] = matrix[i][j];
            point[j] = x[j];
        }
        point[i] = x[i];
    }
    HessianEstimate { matrix, steps, evaluations }
}
