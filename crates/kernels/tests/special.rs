//! The special and trigonometric functions against a table of true values (tools/oracles/kernels_special.py).
//!
//! Errors are counted in fractional units in the last place of the true value; those of the gamma functions in units
//! in the last place of the larger of it and 1.

use std::collections::BTreeMap;

use cotangent_kernels::map::arithmetic::{Arithmetic, Fused, Separate};
use cotangent_kernels::map::error_function::{self, ErrorFunction};
use cotangent_kernels::map::gamma::{self, Gamma};
use cotangent_kernels::map::inverse_trigonometric::{self, InverseTrigonometric};
use cotangent_kernels::map::trigonometric::{self, Trigonometric};
use cotangent_kernels::map::{Float, Kernel, LaneFloat};

const TABLE: &str = include_str!("tables/special.txt");
const ABSOLUTE: [&str; 3] = ["lgamma", "digamma", "polygamma"];

fn bound(name: &str) -> f64 {
    if ABSOLUTE.contains(&name) || name == "gelu" { 4.0 } else { 2.0 }
}

/// The nearest f64 to a decimal number, and the rest of it.
fn parse(text: &str) -> (f64, f64) {
    let high: f64 = text.parse().unwrap();
    if high == 0.0 || !high.is_finite() || !text.contains('e') && text.len() < 10 {
        return (high, 0.0);
    }
    let digits = |text: &str| -> (i128, i32) {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let point = mantissa.find('.').unwrap();
        let fraction = (mantissa.len() - point - 1) as i32;
        (mantissa.replace('.', "").parse().unwrap(), exponent.parse::<i32>().unwrap() - fraction)
    };
    let ((a, m), (b, n)) = (digits(text), digits(&format!("{high:.27e}")));
    let lowest = m.min(n);
    let difference = a * 10_i128.pow((m - lowest) as u32) - b * 10_i128.pow((n - lowest) as u32);
    (high, difference as f64 * 10_f64.powi(lowest / 2) * 10_f64.powi(lowest - lowest / 2))
}

fn ulp(x: f64, significand: i32, lowest: i32) -> f64 {
    let exponent = if x.abs() < f64::MIN_POSITIVE { -1022 } else { (x.abs().to_bits() >> 52) as i32 - 1023 };
    let k = exponent.max(lowest) - significand + 1;
    2_f64.powi(k / 2) * 2_f64.powi(k - k / 2)
}

/// The error of `y` in ulps; infinite where a special value is missed.
fn error(name: &str, dtype: &str, y: f64, text: &str) -> f64 {
    let (high, rest) = parse(text);
    if high.is_nan() {
        return if y.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if high.is_infinite() || high == 0.0 && (text == "0" || text == "-0") && y == 0.0 {
        return if y == high && y.is_sign_negative() == high.is_sign_negative() {
            0.0
        } else {
            f64::INFINITY
        };
    }
    let scale = if ABSOLUTE.contains(&name) { high.abs().max(1.0) } else { high };
    let unit = if dtype == "f64" { ulp(scale, 53, -1022) } else { ulp(scale, 24, -126) };
    let error = (((y - high) - rest) / unit).abs();
    if error.is_nan() { f64::INFINITY } else { error }
}

struct Policy<A>(A);

trait Evaluate {
    fn evaluate<F>(&self, name: &str, x: F, other: F, order: u32) -> F
    where
        F: LaneFloat + Trigonometric + InverseTrigonometric + ErrorFunction + Gamma;
}

impl<A: Arithmetic> Evaluate for Policy<A> {
    fn evaluate<F>(&self, name: &str, x: F, other: F, order: u32) -> F
    where
        F: LaneFloat + Trigonometric + InverseTrigonometric + ErrorFunction + Gamma,
    {
        match name {
            "sin" => trigonometric::sin::<A, F>(x),
            "cos" => trigonometric::cos::<A, F>(x),
            "tan" => trigonometric::tan::<A, F>(x),
            "asin" => inverse_trigonometric::asin::<A, F>(x),
            "acos" => inverse_trigonometric::acos::<A, F>(x),
            "atan" => inverse_trigonometric::atan::<A, F>(x),
            "atan2" => inverse_trigonometric::atan2::<A, F>(x, other),
            "erf" => error_function::erf::<A, F>(x),
            "erfc" => error_function::erfc::<A, F>(x),
            "gelu" => error_function::gelu::<A, F>(x),
            "lgamma" => gamma::lgamma::<A, F>(x),
            "digamma" => gamma::digamma::<A, F>(x),
            "polygamma" => gamma::polygamma::<A, F>(order, x),
            _ => panic!("no function {name}"),
        }
    }
}

/// What loops of vectors do with arguments that need no branch; other ones as [`Policy`] has them.
struct Near<A>(A);

#[derive(Clone, Copy)]
struct Named<'a>(&'a str);

impl Kernel<1> for Named<'_> {
    fn call<F: Float>(self, [x]: [F; 1]) -> F {
        match self.0 {
            "sin" => x.sin(),
            "cos" => x.cos(),
            "tan" => x.tan(),
            "lgamma" => x.lgamma(),
            _ => x.digamma(),
        }
    }
}

impl<A: Arithmetic> Evaluate for Near<A> {
    fn evaluate<F>(&self, name: &str, x: F, other: F, order: u32) -> F
    where
        F: LaneFloat + Trigonometric + InverseTrigonometric + ErrorFunction + Gamma,
    {
        let near = match name {
            "sin" | "cos" | "tan" => x.magnitude() <= F::MODERATE,
            "lgamma" | "digamma" => x.is_positive_near(),
            _ => false,
        };
        if near {
            let y = F::lanes::<A, true, 1, _>(Named(name), [x]);
            if A::FUSED && matches!(name, "sin" | "cos" | "tan") {
                // Whatever stands beside it in a block.
                assert!(same(y, F::lanes::<A, false, 1, _>(Named(name), [x])), "{name} of {x:?}");
            }
            y
        } else {
            Policy(self.0).evaluate(name, x, other, order)
        }
    }
}

struct Public;

impl Evaluate for Public {
    fn evaluate<F>(&self, name: &str, x: F, other: F, order: u32) -> F
    where
        F: LaneFloat + Trigonometric + InverseTrigonometric + ErrorFunction + Gamma,
    {
        match name {
            "sin" => {
                assert!(same(Float::sin_cos(x).0, Float::sin(x)));
                Float::sin(x)
            }
            "cos" => {
                assert!(same(Float::sin_cos(x).1, Float::cos(x)));
                Float::cos(x)
            }
            "tan" => Float::tan(x),
            "asin" => Float::asin(x),
            "acos" => Float::acos(x),
            "atan" => Float::atan(x),
            "atan2" => Float::atan2(x, other),
            "erf" => Float::erf(x),
            "erfc" => Float::erfc(x),
            "gelu" => Float::gelu(x),
            "lgamma" => Float::lgamma(x),
            "digamma" => Float::digamma(x),
            "polygamma" => Float::polygamma(x, order),
            _ => panic!("no function {name}"),
        }
    }
}

fn same<F: Float>(a: F, b: F) -> bool {
    let (a, b) = (a.to_f64(), b.to_f64());
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

fn check(label: &str, functions: &impl Evaluate) {
    let mut worst: BTreeMap<(&str, &str), (f64, String, usize)> = BTreeMap::new();
    for line in TABLE.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let (name, dtype, value) = (fields[0], fields[1], fields[fields.len() - 1]);
        let order = if name == "polygamma" { fields[2].parse().unwrap() } else { 0 };
        let bits = |i: usize| u64::from_str_radix(fields[i], 16).unwrap();
        let (first, second) = match name {
            "polygamma" => (bits(3), bits(3)),
            "atan2" => (bits(2), bits(3)),
            _ => (bits(2), bits(2)),
        };
        let y = if dtype == "f64" {
            functions.evaluate(name, f64::from_bits(first), f64::from_bits(second), order)
        } else {
            let (first, second) = (f32::from_bits(first as u32), f32::from_bits(second as u32));
            f64::from(functions.evaluate(name, first, second, order))
        };
        let e = error(name, dtype, y, value);
        if e > bound(name) && std::env::var_os("SPECIAL_VERBOSE").is_some() {
            println!("{label} {e:.3}: got {y:e}, line {line}");
        }
        let entry = worst.entry((name, dtype)).or_insert((-1.0, String::new(), 0));
        entry.2 += 1;
        if e > entry.0 {
            (entry.0, entry.1) = (e, format!("{line} (got {y:e})"));
        }
    }
    // NaN stays NaN, whatever bits it has.
    for name in worst.keys().map(|(name, _)| name) {
        for low in [1_u32, 0x1ff, 0x40_0000, 0x7f_ffff] {
            for sign in [0, 1 << 31] {
                let x = f32::from_bits(sign | 0x7f80_0000 | low);
                let wide = f64::from_bits(u64::from(sign) << 32 | 0x7ff0_0000_0000_0000 | u64::from(low));
                let y = (functions.evaluate(name, x, x, 1), functions.evaluate(name, wide, wide, 1));
                assert!(y.0.is_nan() && y.1.is_nan(), "{label} {name} of NaN {low:x}: {y:?}");
            }
        }
    }
    let mut failures = Vec::new();
    for ((name, dtype), (e, line, count)) in &worst {
        println!("{label:8} {name:9} {dtype}  {e:6.3} ulp of {count} points");
        if *e > bound(name) {
            failures.push(format!("{name} {dtype} is off by {e:.3} ulp: {line}"));
        }
    }
    assert_eq!(worst.len(), 26, "the table lacks a function");
    assert!(failures.is_empty(), "{label}:\n{}", failures.join("\n"));
}

#[test]
fn through_the_trait() {
    check("Float", &Public);
}

#[test]
fn with_separate_arithmetic() {
    check("Separate", &Policy(Separate));
}

#[test]
fn near_with_separate_arithmetic() {
    check("near", &Near(Separate));
}

#[test]
fn near_with_fused_arithmetic() {
    check("near", &Near(Fused));
}

#[test]
fn with_fused_arithmetic() {
    check("Fused", &Policy(Fused));
}
