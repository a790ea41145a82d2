//! The functions once more, in numbers of 128 bits and more (dashu-float), from textbooks' formulas that the kernels do not use.

use super::truth::{Big, PRECISION, Truth, big, exact};
use dashu_float::round::mode::HalfEven;
use dashu_float::{Context, FBig};
use std::sync::LazyLock;

/// Digits for sums whose terms cancel.
const WIDE: usize = 192;

fn wide(x: f64) -> Big {
    exact(x).with_precision(WIDE).value()
}

fn pi(precision: usize) -> Big {
    Context::<HalfEven>::new(precision).pi::<2>(None).value()
}

fn float(x: &Big) -> f64 {
    x.to_f64().value()
}

/// A function of one finite number that is not zero, by its name and parameter; `None` if this file does not have it, or not there.
pub fn unary(name: &str, n: i64, x: f64) -> Option<Truth> {
    let b = big(x);
    let one = big(1.0);
    let nan = Some(Truth::Nan);
    let infinite = Some(Truth::Exactly(f64::INFINITY));
    let value = match name {
        "neg" => -b,
        "recip" => one / b,
        "square" => exact(x) * wide(x),
        "abs" => big(x.abs()),
        "relu" => return Some(x.max(0.0).into()),
        // These are exact in any arithmetic; that of the standard library is IEEE 754's.
        "floor" => return Some(x.floor().into()),
        "ceil" => return Some(x.ceil().into()),
        "round" => return Some(x.round_ties_even().into()),
        "trunc" => return Some(x.trunc().into()),
        "sign" => return Some(x.signum().into()),
        "sqrt" if x < 0.0 => return nan,
        "sqrt" => b.sqrt(),
        "cbrt" if x < 0.0 => -(-b).nth_root(3),
        "cbrt" => b.nth_root(3),
        "powi" => return power(x, n as f64),
        "exp" => return exponential(&b),
        "exp2" if x.abs() < 1e5 => return exponential(&(wide(x) * ln2())),
        "exp2" => return beyond(x),
        "expm1" if x > 1e4 => return infinite,
        "expm1" if x < -1e4 => -one,
        "expm1" => b.exp_m1(),
        "ln" | "log2" | "log10" if x < 0.0 => return nan,
        "ln" => b.ln(),
        "log2" => (wide(x).ln() / ln2()).with_precision(PRECISION).value(),
        "log10" => (wide(x).ln() / wide(10.0).ln()).with_precision(PRECISION).value(),
        "ln_1p" if x < -1.0 => return nan,
        "ln_1p" if x == -1.0 => return Some(Truth::Exactly(f64::NEG_INFINITY)),
        "ln_1p" => b.ln_1p(),
        "sin" => b.sin(),
        "cos" => b.cos(),
        "tan" => b.tan(),
        "asin" | "acos" if x.abs() > 1.0 => return nan,
        "asin" => b.asin(),
        "acos" => b.acos(),
        "atan" => b.atan(),
        "sinh" if x.abs() > 1e4 => return Some(Truth::Exactly(f64::INFINITY.copysign(x))),
        "sinh" => b.sinh(),
        "cosh" if x.abs() > 1e4 => return infinite,
        "cosh" => b.cosh(),
        "tanh" if x.abs() > 1e3 => big(1_f64.copysign(x)),
        "tanh" => b.tanh(),
        "asinh" => b.asinh(),
        "acosh" if x < 1.0 => return nan,
        "acosh" => b.acosh(),
        "atanh" if x.abs() > 1.0 => return nan,
        "atanh" if x.abs() == 1.0 => return Some(Truth::Exactly(f64::INFINITY.copysign(x))),
        "atanh" => b.atanh(),
        "sigmoid" if x < -1e4 => return beyond(x),
        "sigmoid" => sigmoid(x),
        "softplus" if x < -1e4 => return beyond(x),
        "softplus" if x > 1e3 => b,
        "softplus" => b.exp().ln_1p(),
        "silu" if x < -1e4 => return Some(Truth::Exactly(-0.0)),
        "silu" => sigmoid(x) * b,
        "erf" => erf(x),
        "erfc" if x > 100.0 => return Some(Truth::Exactly(0.0)),
        "erfc" => erfc(&wide(x)),
        "gelu" if x < -100.0 => return Some(Truth::Exactly(-0.0)),
        "gelu" => erfc(&(-wide(x) / wide(2.0).sqrt())) * exact(x) / big(2.0),
        "lgamma" | "digamma" if x < 0.0 && x == x.floor() => {
            return if name == "lgamma" { infinite } else { nan };
        }
        "lgamma" if x < 0.5 => (pi(WIDE) / sin_pi(x)).ln() - lgamma(&(wide(1.0) - wide(x))),
        "lgamma" if x < 1e17 => lgamma(&wide(x)),
        "lgamma" => (wide(x).ln() - wide(1.0)) * wide(x) - wide(x).ln() / wide(2.0),
        "digamma" if x < 0.5 => polygamma(0, &(wide(1.0) - wide(x))) - pi(WIDE) * cot_pi(x),
        "digamma" if x < 1e17 => polygamma(0, &wide(x)),
        "digamma" => b.ln(),
        "polygamma" if x < 0.0 && x == x.floor() => return if n % 2 == 1 { infinite } else { nan },
        "polygamma" if x > -200.0 => polygamma(n, &wide(x)),
        _ => return None,
    };
    Some(value.into())
}

/// A function of two finite numbers that are not zero.
pub fn binary(name: &str, a: f64, b: f64) -> Option<Truth> {
    let (x, y) = (big(a), big(b));
    let truth = |yes: bool| Some(Truth::from(f64::from(yes)));
    let value = match name {
        "add" => x + y,
        "sub" => x - y,
        "mul" | "scale" => x * y,
        "div" => x / y,
        "pow" => return power(a, b),
        "atan2" => x.atan2(&y),
        "hypot" => x.hypot(&y),
        "max" => return Some(a.max(b).into()),
        "min" => return Some(a.min(b).into()),
        "rem" => {
            // Digits for the widest quotient that there is.
            let (x, y) = (exact(a).with_precision(2200).value(), exact(b).with_precision(2200).value());
            let rest = &x - (&x / &y).trunc() * &y;
            // A rest of nothing has the dividend's sign.
            if rest.repr().significand().is_zero() {
                return Some(Truth::Exactly(0_f64.copysign(a)));
            }
            rest
        }
        "greater" => return truth(a > b),
        "less" => return truth(a < b),
        "equal" => return truth(a == b),
        _ => return None,
    };
    Some(value.into())
}

fn ln2() -> Big {
    static LN2: LazyLock<Big> = LazyLock::new(|| wide(2.0).ln());
    LN2.clone()
}

/// 2^x or more extreme, where it is no number any more.
fn beyond(x: f64) -> Option<Truth> {
    Some(Truth::Exactly(if x > 0.0 { f64::INFINITY } else { 0.0 }))
}

fn exponential(x: &Big) -> Option<Truth> {
    match float(x) {
        far if far.abs() > 1e4 => beyond(far),
        _ => Some(x.exp().with_precision(PRECISION).value().into()),
    }
}

/// a^b for a ≠ 0.
fn power(a: f64, b: f64) -> Option<Truth> {
    let whole = b == b.floor();
    if a < 0.0 && !whole {
        return Some(Truth::Nan);
    }
    if whole && b.abs() <= 8.0 {
        let product = (0..b.abs() as i32).fold(wide(1.0), |product, _| product * exact(a));
        return Some(if b < 0.0 { wide(1.0) / product } else { product }.into());
    }
    let negative = a < 0.0 && b.abs() < 2_f64.powi(53) && b % 2.0 != 0.0;
    let exponent = wide(a.abs()).ln() * wide(b);
    let far = float(&exponent);
    if far.abs() > 1e4 {
        let far = if far > 0.0 { f64::INFINITY } else { 0.0 };
        return Some(Truth::Exactly(if negative { -far } else { far }));
    }
    let value = exponent.exp().with_precision(PRECISION).value();
    Some(if negative { -value } else { value }.into())
}

fn sigmoid(x: f64) -> Big {
    let e = big(-x.abs()).exp();
    let part = if x < 0.0 { e.clone() } else { big(1.0) };
    part / (big(1.0) + e)
}

/// 2/√π·e^(−x²)·Σ 2ⁿx^(2n+1)/(1·3·…·(2n+1)): no term is negative. (M. Abramowitz, I. Stegun, 7.1.6.)
fn erf(x: f64) -> Big {
    if x.abs() > 10.0 {
        // Less than 2⁻¹⁴⁷ is lacking.
        return big(1_f64.copysign(x));
    }
    series(&wide(x))
}

fn series(x: &Big) -> Big {
    let square = x * x;
    let (mut term, mut sum) = (x.clone(), x.clone());
    let mut n = 0;
    loop {
        n += 1;
        term = term * &square * wide(2.0) / wide(f64::from(2 * n + 1));
        sum += &term;
        if float(&term).abs() <= 1e-40 * float(&sum).abs() {
            break;
        }
    }
    sum * (-square).exp() * wide(2.0) / pi(WIDE).sqrt()
}

/// By its continued fraction (Abramowitz and Stegun, 7.1.14) from 2 on.
fn erfc(x: &Big) -> Big {
    let at = float(x);
    if at < 2.0 {
        // 1 − erf loses nine bits at most, of so many.
        return if at < -10.0 { big(2.0) } else { wide(1.0) - series(x) };
    }
    if at > 200.0 {
        return big(0.0);
    }
    let depth = (400.0 / (at * at)) as i32 + 25;
    let mut rest = x.clone();
    for k in (1..=depth).rev() {
        rest = x + wide(f64::from(k) / 2.0) / rest;
    }
    (-(x * x)).exp() / (pi(WIDE).sqrt() * rest)
}

/// |sin πx| for x that is no integer.
fn sin_pi(x: f64) -> Big {
    let turn = wide(x % 2.0) * pi(WIDE);
    let sin = turn.sin();
    if float(&sin) < 0.0 { -sin } else { sin }
}

fn cot_pi(x: f64) -> Big {
    let turn = wide(x % 1.0) * pi(WIDE);
    turn.cos() / turn.sin()
}

/// B₂, B₄, …
static BERNOULLI: LazyLock<Vec<FBig<HalfEven, 2>>> = LazyLock::new(|| {
    // Σ C(m+1, k)·B_k = 0; what cancels is less than the additional digits.
    const DIGITS: usize = 600;
    let number = |x: f64| exact(x).with_precision(DIGITS).value();
    let mut all: Vec<Big> = vec![number(1.0)];
    for m in 1..=52_usize {
        let mut binomial = number(1.0);
        let mut sum = number(0.0);
        for (k, b) in all.iter().enumerate() {
            sum += &binomial * b;
            binomial = binomial * number((m + 1 - k) as f64) / number((k + 1) as f64);
        }
        all.push(-sum / number((m + 1) as f64));
    }
    all.into_iter().skip(2).step_by(2).map(|b| b.with_precision(WIDE).value()).collect()
});

/// From here on the asymptotic series serve.
const FAR: f64 = 25.0;

/// ln Γ(x) for x ≥ ½: Stirling's series (Abramowitz and Stegun, 6.1.41) after going up to [`FAR`].
fn lgamma(x: &Big) -> Big {
    let (mut x, mut product) = (x.clone(), wide(1.0));
    while float(&x) < FAR {
        product *= &x;
        x += wide(1.0);
    }
    let square = &x * &x;
    let mut power = x.clone();
    let mut sum = (&x - wide(0.5)) * x.ln() - &x + (pi(WIDE) * wide(2.0)).ln() / wide(2.0);
    for (i, b) in BERNOULLI.iter().enumerate() {
        let k = 2.0 * (i + 1) as f64;
        sum += b / (&power * wide(k * (k - 1.0)));
        power *= &square;
    }
    sum - product.ln()
}

/// ψ⁽ⁿ⁾(x) for x that is no pole: its series (Abramowitz and Stegun, 6.3.18 and 6.4.11) after going up by the recurrence.
fn polygamma(n: i64, x: &Big) -> Big {
    let whole = |x: i64| wide(x as f64);
    let to = |x: &Big, n: i64| (0..n).fold(wide(1.0), |product, _| product * x);
    let factorial = |n: i64| (2..=n).fold(wide(1.0), |product, k| product * whole(k));
    let (mut x, mut below) = (x.clone(), wide(0.0));
    let far = FAR + 2.0 * n as f64;
    while float(&x) < far {
        below += wide(1.0) / to(&x, n + 1);
        x += wide(1.0);
    }
    // (−1)ⁿ⁺¹ψ⁽ⁿ⁾, which is positive for n > 0.
    let mut sum = match n {
        0 => wide(0.5) / &x - x.ln(),
        _ => factorial(n - 1) / to(&x, n) + factorial(n) / (whole(2) * to(&x, n + 1)),
    };
    let square = &x * &x;
    let mut power = to(&x, n + 2);
    // (2k + n − 1)!/(2k)!
    let mut ratio = if n == 0 { wide(0.5) } else { factorial(n + 1) / wide(2.0) };
    for (i, b) in BERNOULLI.iter().enumerate() {
        sum += b * &ratio / &power;
        power *= &square;
        let k = 2 * (i as i64 + 1);
        ratio = ratio * whole(k + n) * whole(k + n + 1) / (whole(k + 1) * whole(k + 2));
    }
    let total = sum + factorial(n) * below;
    if n % 2 == 1 { total } else { -total }
}

#[test]
fn known_values() {
    let close = |x: Option<Truth>, expected: f64| {
        let error = x.expect("a value").error(expected, super::truth::F64, super::truth::Unit::Value);
        assert!(error <= 0.500_001, "{expected}: {error} ulp");
    };
    // Abramowitz and Stegun's tables, and mpmath, rounded.
    close(unary("erf", 0, 0.5), 0.5204998778130465);
    close(unary("erfc", 0, 10.0), 2.088487583762545e-45);
    close(unary("erfc", 0, 1.5), 0.033894853524689274);
    close(unary("gelu", 0, -3.0), -0.0040496940948902835);
    close(unary("lgamma", 0, 0.25), 1.2880225246980774);
    close(unary("lgamma", 0, -2.5), -0.056243716497674054);
    close(unary("digamma", 0, 1.0), -0.5772156649015329);
    close(unary("digamma", 0, -0.5), 0.03648997397857652);
    close(unary("polygamma", 1, 1.0), 1.6449340668482264);
    close(unary("polygamma", 2, 1.0), -2.4041138063191886);
    close(unary("polygamma", 1, -0.5), 8.934802200544679);
    close(unary("powi", -3, -2.0), -0.125);
    close(unary("exp2", 0, 0.5), std::f64::consts::SQRT_2);
    close(binary("rem", -7.5, 2.0), -1.5);
}
