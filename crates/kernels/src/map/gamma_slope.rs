//! How a number of the gamma distribution moves with its shape parameter: ∂y/∂α for y = ln g, at the same probability.
//!
//! With F(α, y) the distribution function of y and h its density, F stays as it is where y moves by G = −(∂F/∂α)/h. (M. Figurnov,
//! S. Mohamed, A. Mnih, "Implicit reparameterization gradients", 2018.) With x = eʸ:
//!
//! - x ≤ α + 1: F/h = S/α with S = Σ xⁿ/((α+1)…(α+n)), so G = −(∂S/∂α + S·(y − ψ(α+1)))/α;
//! - beyond: (1 − F)/h = U, a continued fraction, so G = ∂U/∂α + U·(y − ψ(α));
//! - α ≥ 64 and y near ln α: both need many terms, but G has a series in 1/α. From ∂G/∂y = −(y − ψ(α)) − G·(α − eʸ), with
//!   w = y − ln α and ln α − ψ(α) = Σ cₖα⁻ᵏ: G = Σ gₖ(w)α⁻ᵏ where g₁ = w/(eʷ − 1), gₖ₊₁ = (gₖ′ + cₖ)/(eʷ − 1).
//!
//! Derivatives in α come from the same formulas on truncated polynomials in a step δ of α.
//!
//! The relative error is below 10⁻¹³ for G and 10⁻¹¹ for its derivatives, for y within six standard deviations
//! (`tests/gamma_slope.rs`).

use super::Float;
use std::sync::LazyLock;

/// The highest derivative of the slope in α.
pub const ORDERS: usize = 3;

/// Coefficients of 1, δ, δ², …: two more than the order of the derivative.
type Polynomial<const N: usize> = [f64; N];

fn constant<const N: usize>(x: f64) -> Polynomial<N> {
    let mut p = [0.0; N];
    p[0] = x;
    p
}

/// x + slope·δ
fn line<const N: usize>(x: f64, slope: f64) -> Polynomial<N> {
    let mut p = constant(x);
    p[1] = slope;
    p
}

fn plus<const N: usize>(a: &Polynomial<N>, b: &Polynomial<N>) -> Polynomial<N> {
    std::array::from_fn(|k| a[k] + b[k])
}

fn times<const N: usize>(a: &Polynomial<N>, b: &Polynomial<N>) -> Polynomial<N> {
    std::array::from_fn(|k| (0..=k).map(|i| a[i] * b[k - i]).sum())
}

fn over<const N: usize>(a: &Polynomial<N>, b: &Polynomial<N>) -> Polynomial<N> {
    let mut q = [0.0; N];
    for k in 0..N {
        let known: f64 = (0..k).map(|i| q[i] * b[k - i]).sum();
        q[k] = (a[k] - known) / b[0];
    }
    q
}

/// The last coefficient is not known.
fn derived<const N: usize>(p: &Polynomial<N>) -> Polynomial<N> {
    std::array::from_fn(|k| if k + 1 < N { (k + 1) as f64 * p[k + 1] } else { 0.0 })
}

/// y − ψ(α + δ)
fn distance<const N: usize>(y: f64, alpha: f64) -> Polynomial<N> {
    let mut p = [0.0; N];
    let mut factorial = 1.0;
    for (k, p) in p.iter_mut().enumerate() {
        factorial *= k.max(1) as f64;
        *p = -Float::polygamma(alpha, k as u32) / factorial;
    }
    p[0] += y;
    p
}

/// Are all coefficients of a term too small to count?
fn negligible<const N: usize>(term: &Polynomial<N>, sum: &Polynomial<N>) -> bool {
    term.iter().zip(sum).all(|(t, s)| t.abs() <= 1e-17 * s.abs())
}

/// Steps after which a sum that has not converged is given up: far more than any needs below 64, and where y is far from ln α.
const STEPS: usize = 100_000;

fn lower<const N: usize>(alpha: f64, x: f64) -> Polynomial<N> {
    let mut term = constant(1.0);
    let mut sum = term;
    for n in 1..STEPS {
        // A division by α + n + δ.
        let below = alpha + n as f64;
        let mut before = 0.0;
        for t in &mut term {
            *t = (x * *t - before) / below;
            before = *t;
        }
        sum = plus(&sum, &term);
        if negligible(&term, &sum) {
            break;
        }
    }
    sum
}

/// By Lentz's algorithm: 1/(x + 1 − α − 1(1 − α)/(x + 3 − α − 2(2 − α)/(x + 5 − α − …))).
fn upper<const N: usize>(alpha: f64, x: f64) -> Polynomial<N> {
    let mut b = line(x + 1.0 - alpha, -1.0);
    let mut c = constant(1e300);
    let mut d = over(&constant(1.0), &b);
    let mut fraction = d;
    for i in 1..STEPS {
        let n = i as f64;
        let a = line(-n * (n - alpha), n);
        b[0] += 2.0;
        d = over(&constant(1.0), &plus(&times(&a, &d), &b));
        c = plus(&b, &over(&a, &c));
        let change = times(&c, &d);
        let next = times(&fraction, &change);
        let moved: Polynomial<N> = std::array::from_fn(|k| next[k] - fraction[k]);
        fraction = next;
        if moved.iter().zip(&fraction).all(|(m, f)| m.abs() <= 1e-16 * f.abs()) {
            break;
        }
    }
    fraction
}

/// Terms of the series in 1/α, and of each in w.
const TERMS: usize = 9;
const POWERS: usize = 28;
type Table = [[f64; POWERS]; TERMS];

/// The coefficients of gₖ at k − 1.
static SERIES: LazyLock<Table> = LazyLock::new(|| {
    // Each division by eʷ − 1 and each derivative costs a power.
    const LONG: usize = POWERS + 2 * TERMS;
    let mut inverse_factorials = [1.0; LONG + 2];
    for k in 1..LONG + 2 {
        inverse_factorials[k] = inverse_factorials[k - 1] / k as f64;
    }
    // p/((eʷ − 1)/w)
    let divided = |p: &[f64]| {
        let mut q = vec![0.0; p.len()];
        for k in 0..p.len() {
            let known: f64 = (0..k).map(|i| q[i] * inverse_factorials[k - i + 1]).sum();
            q[k] = p[k] - known;
        }
        q
    };
    let mut one = vec![0.0; LONG];
    one[0] = 1.0;
    let mut g = divided(&one);
    let mut table = [[0.0; POWERS]; TERMS];
    for row in &mut table {
        row.copy_from_slice(&g[..POWERS]);
        // (gₖ′ + cₖ)/w: the numerator is 0 at 0, for G is finite there; that is all cₖ does.
        let numerator: Vec<f64> = (2..g.len()).map(|k| k as f64 * g[k]).collect();
        g = divided(&numerator);
    }
    table
});

/// The derivative of this order in α, y fixed.
fn expansion(order: usize, alpha: f64, w: f64) -> f64 {
    let mut sum = 0.0;
    for (k, g) in SERIES.iter().enumerate().rev() {
        // ∂/∂α of g(w)α⁻ᵏ is −(k·g + g′)α⁻ᵏ⁻¹.
        let mut g = *g;
        for m in 0..order {
            let power = (k + 1 + m) as f64;
            for j in 0..POWERS {
                let slope = if j + 1 < POWERS { (j + 1) as f64 * g[j + 1] } else { 0.0 };
                g[j] = -(power * g[j] + slope);
            }
        }
        sum = (sum + g.iter().rev().fold(0.0, |sum, c| sum * w + c)) / alpha;
    }
    sum / alpha.powi(order as i32)
}

/// The derivative of this order (at most [`ORDERS`]) in α, y fixed, of ∂y/∂α at the same probability, for y the logarithm of a number of
/// the gamma distribution of shape α and scale 1. NaN unless α > 0.
///
/// ```
/// use cotangent_kernels::map::gamma_slope;
/// // The exponential distribution: at its median, y = ln ln 2.
/// assert!((gamma_slope(0, 1.0, 2_f64.ln().ln()) - 1.396593476236935).abs() < 1e-14);
/// ```
pub fn gamma_slope(order: usize, alpha: f64, y: f64) -> f64 {
    if alpha.is_nan() || alpha <= 0.0 || alpha.is_infinite() || y.is_nan() {
        return f64::NAN;
    }
    let w = y - Float::ln(alpha);
    if alpha >= 64.0 && w.abs() < 1.0 {
        return expansion(order, alpha, w);
    }
    let slope = match order {
        0 => slopes::<2>(alpha, y)[0],
        1 => slopes::<3>(alpha, y)[1],
        2 => slopes::<4>(alpha, y)[2],
        3 => slopes::<5>(alpha, y)[3],
        _ => f64::NAN,
    };
    (1..=order).fold(slope, |slope, k| slope * k as f64)
}

/// The slope at α + δ; its last coefficient is not known.
fn slopes<const N: usize>(alpha: f64, y: f64) -> Polynomial<N> {
    let x = Float::exp(y);
    if x <= alpha + 1.0 {
        let sum = lower(alpha, x);
        let both = plus(&derived(&sum), &times(&sum, &distance(y, alpha + 1.0)));
        over(&both.map(|c| -c), &line(alpha, 1.0))
    } else {
        let fraction = upper(alpha, x);
        plus(&derived(&fraction), &times(&fraction, &distance(y, alpha)))
    }
}
