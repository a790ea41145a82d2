//! The elementary functions against a table of true values made by `tools/oracles/kernels_elementary.py`.
//!
//! The error is measured in units in the last place of the true value, to fractions of one: both the result
//! and the true value are written with 28 digits and subtracted as integers. The units go on below the
//! smallest normal number, where they are its smallest multiple.
//!
//! `cargo test -p cotangent-kernels --release --test elementary -- --nocapture` prints the largest error of
//! each. The environment variable `ELEMENTARY_TABLE` names another table of the same form.

use std::collections::BTreeMap;

use cotangent_kernels::map::Float;
use cotangent_kernels::map::arithmetic::{Arithmetic, Fused, Separate};
use cotangent_kernels::map::power::PowerFormat;
use cotangent_kernels::map::{exponential, hyperbolic, logarithm, power};

/// One of `f32` and `f64`, as the table writes it.
trait Tabled: Float + PowerFormat + hyperbolic::HyperbolicFormat {
    const PRECISION: i32;
    /// The exponent of the smallest normal number.
    const LEAST_EXPONENT: i32;
    const LEAST_NORMAL: f64;
    fn parse_bits(text: &str) -> Self;
    fn same_bits(self, other: Self) -> bool;
}

impl Tabled for f64 {
    const PRECISION: i32 = 53;
    const LEAST_EXPONENT: i32 = -1022;
    const LEAST_NORMAL: f64 = f64::MIN_POSITIVE;
    fn parse_bits(text: &str) -> f64 {
        assert_eq!(text.len(), 16);
        f64::from_bits(u64::from_str_radix(text, 16).unwrap())
    }
    fn same_bits(self, other: f64) -> bool {
        self.to_bits() == other.to_bits()
    }
}

impl Tabled for f32 {
    const PRECISION: i32 = 24;
    const LEAST_EXPONENT: i32 = -126;
    const LEAST_NORMAL: f64 = f32::MIN_POSITIVE as f64;
    fn parse_bits(text: &str) -> f32 {
        assert_eq!(text.len(), 8);
        f32::from_bits(u32::from_str_radix(text, 16).unwrap())
    }
    fn same_bits(self, other: f32) -> bool {
        self.to_bits() == other.to_bits()
    }
}

/// The functions by the trait's methods.
fn by_method<F: Tabled>(name: &str, x: F, second: &str) -> F {
    match name {
        "exp" => Float::exp(x),
        "exp2" => Float::exp2(x),
        "expm1" => Float::expm1(x),
        "ln" => Float::ln(x),
        "ln_1p" => Float::ln_1p(x),
        "log2" => Float::log2(x),
        "log10" => Float::log10(x),
        "sinh" => Float::sinh(x),
        "cosh" => Float::cosh(x),
        "tanh" => Float::tanh(x),
        "asinh" => Float::asinh(x),
        "acosh" => Float::acosh(x),
        "atanh" => Float::atanh(x),
        "sigmoid" => Float::sigmoid(x),
        "softplus" => Float::softplus(x),
        "silu" => Float::silu(x),
        "cbrt" => Float::cbrt(x),
        "pow" => Float::pow(x, F::parse_bits(second)),
        "powi" => Float::powi(x, second.parse().unwrap()),
        "hypot" => Float::hypot(x, F::parse_bits(second)),
        _ => panic!("the table names an unknown function: {name}"),
    }
}

/// A logarithm's text, which for positive normal numbers gives what the one without branches does.
fn logarithm<F: Tabled>(x: F, of_anything: fn(F) -> F, near: fn(F) -> F) -> F {
    let y = of_anything(x);
    if (F::LEAST_NORMAL..f64::INFINITY).contains(&x.to_f64()) {
        assert!(near(x).same_bits(y), "{x:?}");
    }
    y
}

/// The functions' texts with this arithmetic.
fn by_text<A: Arithmetic, F: Tabled>(name: &str, x: F, second: &str) -> F {
    match name {
        "exp" => exponential::exp::<A, F>(x),
        "exp2" => exponential::exp2::<A, F>(x),
        "expm1" => exponential::expm1::<A, F>(x),
        "ln" => logarithm(x, logarithm::ln::<A, F>, logarithm::ln_near::<A, F>),
        "ln_1p" => logarithm::ln_1p::<A, F>(x),
        "log2" => logarithm(x, logarithm::log2::<A, F>, logarithm::log2_near::<A, F>),
        "log10" => logarithm(x, logarithm::log10::<A, F>, logarithm::log10_near::<A, F>),
        "sinh" => hyperbolic::sinh::<A, F>(x),
        "cosh" => hyperbolic::cosh::<A, F>(x),
        "tanh" => hyperbolic::tanh::<A, F>(x),
        "asinh" => hyperbolic::asinh::<A, F>(x),
        "acosh" => hyperbolic::acosh::<A, F>(x),
        "atanh" => hyperbolic::atanh::<A, F>(x),
        "sigmoid" => exponential::sigmoid::<A, F>(x),
        "softplus" => exponential::softplus::<A, F>(x),
        "silu" => exponential::silu::<A, F>(x),
        "cbrt" => power::cbrt::<A, F>(x),
        "pow" => power::pow::<A, F>(x, F::parse_bits(second)),
        "powi" => power::powi::<A, F>(x, second.parse().unwrap()),
        "hypot" => power::hypot::<A, F>(x, F::parse_bits(second)),
        _ => panic!("the table names an unknown function: {name}"),
    }
}

fn bound(name: &str) -> f64 {
    match name {
        "softplus" | "silu" => 4.0,
        _ => 2.0,
    }
}

/// A decimal with 28 digits as `digits·10^(exponent − 27)`.
fn decimal(text: &str) -> (i128, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let count = digits.trim_start_matches('-').len();
    assert_eq!(count, 28, "{text}");
    (digits.parse().unwrap(), exponent.parse().unwrap())
}

/// The distance of `got` from the decimal, in units in the last place of the latter.
fn ulps<F: Tabled>(got: F, text: &str) -> f64 {
    let nearest: f64 = text.parse().unwrap();
    let (digits, exponent) = decimal(text);
    let got = got.to_f64();
    if !got.is_finite() || got != 0.0 && (got < 0.0) != (nearest < 0.0) {
        return f64::INFINITY;
    }
    let relative = if got == 0.0 {
        1.0
    } else {
        let (mut got_digits, got_exponent) = decimal(&format!("{got:.27e}"));
        let mut digits = digits;
        match got_exponent - exponent {
            0 => (),
            1 => got_digits *= 10,
            -1 => digits *= 10,
            _ => return f64::INFINITY,
        }
        ((got_digits - digits) as f64 / digits as f64).abs()
    };
    // |nearest| as fraction·2^exponent with fraction in [1, 2); an ulp is 2^(exponent − precision + 1).
    let mut fraction = nearest.abs();
    let mut binary = 0;
    if fraction < 1e-300 {
        fraction *= 2f64.powi(100);
        binary -= 100;
    }
    let field = (fraction.to_bits() >> 52) as i32 - 1023;
    fraction = f64::from_bits((fraction.to_bits() & ((1 << 52) - 1)) | 1f64.to_bits());
    binary += field;
    let unit = binary.max(F::LEAST_EXPONENT) - F::PRECISION + 1;
    relative * fraction * 2f64.powi(binary - unit)
}

/// Whether the function gives 0 where its value is below the smallest normal number.
fn flushes(name: &str) -> bool {
    matches!(name, "exp" | "exp2" | "sigmoid" | "softplus")
}

/// Checks one case; the error in ulp, 0 for a special value.
fn check<F: Tabled>(name: &str, got: F, expected: &str) -> f64 {
    let special = |x: f64| if got.same_bits(F::from_f64(x)) { 0.0 } else { f64::INFINITY };
    match expected {
        "nan" => {
            if got.to_f64().is_nan() {
                0.0
            } else {
                f64::INFINITY
            }
        }
        "inf" => special(f64::INFINITY),
        "-inf" => special(f64::NEG_INFINITY),
        "0" => special(0.0),
        "-0" => special(-0.0),
        _ if flushes(name) && expected.parse::<f64>().unwrap() < F::LEAST_NORMAL => special(0.0),
        _ => ulps(got, expected),
    }
}

#[derive(Default)]
struct Worst {
    error: f64,
    case: String,
    count: usize,
}

type Evaluate<F> = fn(&str, F, &str) -> F;

fn run<F: Tabled>(
    way: &str,
    evaluate: Evaluate<F>,
    words: &[&str],
    worst: &mut BTreeMap<[String; 3], Worst>,
) {
    let x = F::parse_bits(words[2]);
    let second = if words.len() == 5 { words[3] } else { "" };
    let got = evaluate(words[0], x, second);
    let error = check(words[0], got, words[words.len() - 1]);
    let entry = worst.entry([words[0].into(), words[1].into(), way.into()]).or_default();
    entry.count += 1;
    if entry.case.is_empty() || error > entry.error {
        entry.error = error;
        entry.case = format!("{x:?} {second} gave {got:?}, not {}", words[words.len() - 1]);
    }
}

#[test]
fn within_bounds() {
    let other = std::env::var("ELEMENTARY_TABLE").ok().map(|path| std::fs::read_to_string(path).unwrap());
    let table = other.as_deref().unwrap_or(include_str!("tables/elementary.txt"));
    let mut worst = BTreeMap::new();
    for line in table.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[1] {
            "f64" => {
                run::<f64>("method", by_method, &words, &mut worst);
                run::<f64>("fused", by_text::<Fused, f64>, &words, &mut worst);
                run::<f64>("separate", by_text::<Separate, f64>, &words, &mut worst);
            }
            "f32" => {
                run::<f32>("method", by_method, &words, &mut worst);
                run::<f32>("fused", by_text::<Fused, f32>, &words, &mut worst);
                run::<f32>("separate", by_text::<Separate, f32>, &words, &mut worst);
            }
            other => panic!("the table names an unknown type: {other}"),
        }
    }
    assert_eq!(worst.len(), 20 * 2 * 3);
    let mut missed = String::new();
    println!("{:9} {:4} {:9} {:>6} {:>7}", "function", "type", "way", "cases", "ulp");
    for ([name, dtype, way], worst) in &worst {
        println!("{name:9} {dtype:4} {way:9} {:6} {:7.3}  {}", worst.count, worst.error, worst.case);
        if worst.error.is_nan() || worst.error > bound(name) {
            missed += &format!("\n{name} {dtype} {way}: {} ulp: {}", worst.error, worst.case);
        }
    }
    assert!(missed.is_empty(), "{missed}");
}

/// Whatever bits it has.
#[test]
fn nan_stays_nan() {
    fn check<F: Tabled>(nan: F) {
        let names =
            "exp exp2 expm1 ln ln_1p log2 log10 sinh cosh tanh asinh acosh atanh sigmoid softplus silu cbrt";
        for name in names.split(' ') {
            for way in [by_method, by_text::<Fused, F>, by_text::<Separate, F>] {
                let y = way(name, nan, "");
                assert!(y.to_f64().is_nan(), "{name} of a NaN is {y:?}");
            }
        }
    }
    for low in [1_u32, 0x1ff, 0x40_0000, 0x7f_ffff] {
        for sign in [0, 1 << 31] {
            check(f32::from_bits(sign | 0x7f80_0000 | low));
            check(f64::from_bits(u64::from(sign) << 32 | 0x7ff0_0000_0000_0000 | u64::from(low)));
        }
    }
}

#[test]
fn powers_that_are_products() {
    for x in [0.1, -3.7, 1e200, 5e-324, -1e-170] {
        assert_eq!(Float::powi(x, 2), x * x);
        assert_eq!(Float::powi(x, 1), x);
        assert_eq!(Float::powi(x, 0), 1.0);
        let x = x as f32;
        assert_eq!(Float::powi(x, 2), x * x);
        assert_eq!(Float::powi(x, 0), 1.0);
    }
}

fn roundings_and_extremes<F: Tabled>() {
    let number = F::from_f64;
    let same = |got: F, expected: f64| {
        assert!(
            got.same_bits(number(expected)) || (got.to_f64().is_nan() && expected.is_nan()),
            "{got:?} {expected}"
        );
    };
    for (x, floor, ceil, round, trunc, sign) in [
        (2.5, 2.0, 3.0, 2.0, 2.0, 1.0),
        (3.5, 3.0, 4.0, 4.0, 3.0, 1.0),
        (-2.5, -3.0, -2.0, -2.0, -2.0, -1.0),
        (-0.25, -1.0, -0.0, -0.0, -0.0, -1.0),
        (0.75, 0.0, 1.0, 1.0, 0.0, 1.0),
        (-0.0, -0.0, -0.0, -0.0, -0.0, -0.0),
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (1e30, 1e30, 1e30, 1e30, 1e30, 1.0),
        (f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, -1.0),
        (f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN),
    ] {
        same(Float::floor(number(x)), floor);
        same(Float::ceil(number(x)), ceil);
        same(Float::round(number(x)), round);
        same(Float::trunc(number(x)), trunc);
        same(Float::sign(number(x)), sign);
        same(Float::abs(number(x)), x.abs());
    }
    for (x, y, max, min) in [
        (1.0, 2.0, 2.0, 1.0),
        (-1.0, -2.0, -1.0, -2.0),
        (3.0, 3.0, 3.0, 3.0),
        (0.0, -0.0, 0.0, -0.0),
        (-0.0, 0.0, 0.0, -0.0),
        (-0.0, -0.0, -0.0, -0.0),
        (f64::NAN, 1.0, f64::NAN, f64::NAN),
        (1.0, f64::NAN, f64::NAN, f64::NAN),
        (f64::NAN, f64::INFINITY, f64::NAN, f64::NAN),
        (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY),
    ] {
        same(Float::max(number(x), number(y)), max);
        same(Float::min(number(x), number(y)), min);
    }
    same(Float::sqrt(number(2.25)), 1.5);
    same(Float::sqrt(number(-0.0)), -0.0);
    same(Float::sqrt(number(-1.0)), f64::NAN);
}

#[test]
fn roundings_signs_and_extremes() {
    roundings_and_extremes::<f32>();
    roundings_and_extremes::<f64>();
}
