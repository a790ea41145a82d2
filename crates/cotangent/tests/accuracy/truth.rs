//! A true value, and how far a result is from it in units in the last place.

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;

/// A binary number with as many digits as its precision says.
pub type Big = FBig<HalfEven, 2>;

/// Significant bits of what is computed: more than twice those of `f64`.
pub const PRECISION: usize = 128;

/// This number with [`PRECISION`] digits to go on with.
pub fn big(x: f64) -> Big {
    exact(x).with_precision(PRECISION).value()
}

pub fn exact(x: f64) -> Big {
    Big::try_from(x).expect("a finite number")
}

/// `f32` or `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Format {
    pub name: &'static str,
    pub digits: i32,
    /// The exponents of the smallest and the largest normal numbers.
    pub least: i32,
    pub most: i32,
}

pub const F32: Format = Format { name: "f32", digits: 24, least: -126, most: 127 };
pub const F64: Format = Format { name: "f64", digits: 53, least: -1022, most: 1023 };

impl Format {
    pub fn smallest_normal(self) -> f64 {
        times_two_to(1.0, self.least)
    }
    pub fn largest(self) -> f64 {
        times_two_to(2.0 - times_two_to(1.0, 1 - self.digits), self.most)
    }
    pub fn smallest(self) -> f64 {
        times_two_to(1.0, self.least - self.digits + 1)
    }
}

/// What a function is at a point.
#[derive(Clone, Debug)]
pub enum Truth {
    Nan,
    /// These bits: infinities and zeros.
    Exactly(f64),
    /// `(high + low)·2^exponent`, with |high| from 1 to 2.
    Near {
        high: f64,
        low: f64,
        exponent: i32,
    },
}

impl From<Big> for Truth {
    fn from(x: Big) -> Truth {
        let digits = x.digits() as isize;
        if digits == 0 || x.repr().significand().is_zero() {
            return Truth::Exactly(0.0);
        }
        let exponent = x.repr().exponent() + digits - 1;
        if exponent > 5000 {
            return Truth::Exactly(if x.to_f64().value() < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY });
        }
        let scaled = x >> exponent;
        let high = scaled.to_f64().value();
        let low = (scaled - exact(high)).to_f64().value();
        Truth::Near { high, low, exponent: exponent.max(-5000) as i32 }
    }
}

impl From<f64> for Truth {
    /// For values that are known exactly.
    fn from(x: f64) -> Truth {
        if x.is_nan() {
            Truth::Nan
        } else if x == 0.0 || x.is_infinite() {
            Truth::Exactly(x)
        } else {
            exact(x).into()
        }
    }
}

/// What an error is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The last place of the true value.
    Value,
    /// The last place of the larger of its magnitude and 1.
    AtLeastOne,
}

impl Truth {
    /// The error in units in the last place; infinite where a NaN, an infinity or a zero's sign is missed. The units go on
    /// below the smallest normal number, where they are its smallest multiple, and an infinity counts as the number after the largest.
    pub fn error(&self, got: f64, format: Format, unit: Unit) -> f64 {
        let (high, low, exponent) = match *self {
            Truth::Nan => return if got.is_nan() { 0.0 } else { f64::INFINITY },
            Truth::Exactly(x) => return if got.to_bits() == x.to_bits() { 0.0 } else { f64::INFINITY },
            Truth::Near { high, low, exponent } => (high, low, exponent),
        };
        if got.is_nan() {
            return f64::INFINITY;
        }
        if exponent < format.least - format.digits - 1 {
            // Far below all numbers: a zero of this sign, or next to it.
            let right = got.is_sign_negative() == (high < 0.0);
            return if right { got.abs() / format.smallest() } else { f64::INFINITY };
        }
        let limit = |x: f64| if x.is_infinite() { 1_f64.copysign(x) } else { x };
        let (high, low, exponent, got) = if exponent > format.most {
            // Beyond the largest number all is the same.
            let got = if got.is_infinite() { limit(got) } else { scaled(got, -format.most - 1) };
            (1_f64.copysign(high), 0.0, format.most + 1, got)
        } else if got.is_infinite() {
            (high, low, exponent, limit(got) * times_two_to(1.0, format.most + 1 - exponent))
        } else {
            (high, low, exponent, scaled(got, -exponent))
        };
        let last = exponent.clamp(format.least, format.most);
        let last = if unit == Unit::AtLeastOne { last.max(0) } else { last };
        let unit = times_two_to(1.0, last - format.digits + 1 - exponent);
        ((got - high) - low).abs() / unit
    }

    /// Is it below the smallest normal number, where some functions give 0?
    pub fn is_subnormal(&self, format: Format) -> bool {
        matches!(*self, Truth::Near { exponent, .. } if exponent < format.least)
    }
}

/// `x·2^n`, exact wherever the result is a normal number.
fn scaled(x: f64, n: i32) -> f64 {
    let half = n / 2;
    times_two_to(times_two_to(x, half), n - half)
}

/// `x·2^n`; n is cut where the result is an infinity or a zero all the same.
fn times_two_to(x: f64, n: i32) -> f64 {
    let (mut x, mut n) = (x, n.clamp(-2300, 2300));
    while n != 0 {
        let step = n.clamp(-1000, 1000);
        x *= 2_f64.powi(step);
        n -= step;
    }
    x
}

#[test]
fn errors_are_counted_in_units() {
    let third = Truth::from(big(1.0) / big(3.0));
    let near = 1.0_f64 / 3.0;
    assert!(third.error(near, F64, Unit::Value) < 0.5);
    let next = third.error(near.next_up().next_up(), F64, Unit::Value);
    assert!((1.5..2.5).contains(&next), "{next}");
    assert!(third.error(f64::from(near as f32), F32, Unit::Value) < 0.5);
    assert_eq!(third.error(-near, F64, Unit::Value), 2.0 * (near / (near.next_up() - near)).round());
    assert_eq!(third.error(f64::NAN, F64, Unit::Value), f64::INFINITY);
    // An ulp of 1 is four of a third's.
    let absolute = third.error(near + 4.0 * (near.next_up() - near), F64, Unit::AtLeastOne);
    assert!((0.5..1.5).contains(&absolute), "{absolute}");
    assert_eq!(Truth::from(0.0).error(-0.0, F64, Unit::Value), f64::INFINITY);
    assert_eq!(Truth::from(f64::NAN).error(1.0, F64, Unit::Value), f64::INFINITY);
    // At both ends of the range.
    let beyond = Truth::from(exact(f64::MAX) * big(4.0));
    assert_eq!(beyond.error(f64::INFINITY, F64, Unit::Value), 0.0);
    assert_eq!(beyond.error(f64::MAX, F64, Unit::Value), 1.0);
    assert_eq!(beyond.error(f64::NEG_INFINITY, F64, Unit::Value), 2_f64.powi(54));
    assert_eq!(Truth::from(f64::MAX).error(f64::INFINITY, F64, Unit::Value), 1.0);
    assert_eq!(Truth::from(5e-324).error(0.0, F64, Unit::Value), 1.0);
    assert_eq!(Truth::from(2e-310).error(0.0, F64, Unit::Value), 2e-310 / 5e-324);
    let below = Truth::from(exact(5e-324) >> 600);
    assert_eq!(below.error(0.0, F64, Unit::Value), 0.0);
    assert_eq!(below.error(-0.0, F64, Unit::Value), f64::INFINITY);
    assert_eq!(Truth::from(1e-40).error(0.0, F32, Unit::Value), (1e-40 / F32.smallest()).abs());
}
