//! When two arrays count as equal.

use crate::core::{Array, DType, Tensor};

/// How far two arrays may be apart: |a − b| ≤ relative · max(|a|, |b|) or ≤ absolute, entry by entry. NaN equals NaN, and an infinity
/// itself; types must be the same; whole numbers and bools must be equal.
///
/// ```
/// use cotangent::check::Close;
/// use cotangent::core::Tensor;
/// let (a, b) = (Tensor::from([1.0, 200.0]), Tensor::from([1.0, 200.1]));
/// assert_eq!(
///     Close::within(1e-4).compare(&a, &b).unwrap_err(),
///     "entry [1]: 200 against 200.1, a difference of 1.0e-1 where 2.0e-2 is allowed"
/// );
/// assert!(Close::within(1e-3).compare(&a, &b).is_ok());
/// assert!(Close::within(1e-4).abs(0.2).compare(&a, &b).is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Close {
    relative: f64,
    absolute: f64,
}

impl Close {
    /// What rounding alone explains after some dozen operations in this dtype: 1e-10 in `f64`, 1e-4 in `f32`, of the larger magnitude
    /// or of one hundredth, whichever is more; nothing for other dtypes.
    ///
    /// ```
    /// use cotangent::check::Close;
    /// use cotangent::core::{DType, Tensor};
    /// assert!(Close::of(DType::F64).compare(&Tensor::from(1.0), &Tensor::from(1.0 + 1e-12)).is_ok());
    /// ```
    pub fn of(dtype: DType) -> Close {
        let relative = match dtype {
            DType::F64 => 1e-10,
            DType::F32 => 1e-4,
            _ => 0.0,
        };
        Close { relative, absolute: relative / 100.0 }
    }

    /// Only what is relative to the larger magnitude.
    pub fn within(relative: f64) -> Close {
        Close { relative, absolute: 0.0 }
    }

    /// With this much allowed at any magnitude: where terms cancel, the error is relative to the terms, not to their sum.
    pub fn abs(self, absolute: f64) -> Close {
        Close { absolute, ..self }
    }

    /// Are these two numbers close?
    ///
    /// ```
    /// use cotangent::check::Close;
    /// let close = Close::within(1e-3);
    /// assert!(close.numbers(1000.0, 1000.9) && !close.numbers(1000.0, 1001.1));
    /// assert!(close.numbers(f64::NAN, f64::NAN) && !close.numbers(f64::INFINITY, f64::MAX));
    /// ```
    pub fn numbers(self, a: f64, b: f64) -> bool {
        if a == b || (a.is_nan() && b.is_nan()) {
            return true;
        }
        a.is_finite() && b.is_finite() && (a - b).abs() <= self.allowed(a, b)
    }

    fn allowed(self, a: f64, b: f64) -> f64 {
        (self.relative * a.abs().max(b.abs())).max(self.absolute)
    }

    /// Are they close? If not: the entry that is furthest off, in units of what is allowed.
    pub fn compare(self, a: &Tensor, b: &Tensor) -> Result<(), String> {
        self.arrays(&a.array(), &b.array())
    }

    /// [`compare`](Close::compare) for arrays.
    pub fn arrays(self, a: &Array, b: &Array) -> Result<(), String> {
        if a.ty() != b.ty() {
            return Err(format!("{} against {}", a.ty(), b.ty()));
        }
        let mut worst: Option<(f64, usize, f64, f64)> = None;
        for (i, (x, y)) in a.items().zip(b.items()).enumerate() {
            let (close, x, y) = match a.dtype().is_float() {
                true => (self.numbers(x.to_f64(), y.to_f64()), x.to_f64(), y.to_f64()),
                false => (x == y, x.to_f64(), y.to_f64()),
            };
            if close {
                continue;
            }
            let off = (x - y).abs() / self.allowed(x, y);
            // A NaN or an infinity on one side only is worse than any number.
            let off = if off.is_finite() { off } else { f64::INFINITY };
            if worst.is_none_or(|(most, ..)| off > most) {
                worst = Some((off, i, x, y));
            }
        }
        let Some((_, i, x, y)) = worst else { return Ok(()) };
        let (difference, allowed) = ((x - y).abs(), self.allowed(x, y));
        let allowed = if allowed.is_finite() { allowed } else { self.absolute };
        Err(format!(
            "entry {:?}: {x} against {y}, a difference of {difference:.1e} where {allowed:.1e} is allowed",
            index(i, a.shape())
        ))
    }
}

/// Are they close, by [`Close::of`] their dtype? If not: which entry is furthest off.
///
/// ```
/// use cotangent::{check::close, core::Tensor};
/// assert!(close(&Tensor::from([0.1 + 0.2, f64::NAN]), &Tensor::from([0.3, f64::NAN])).is_ok());
/// assert!(close(&Tensor::from(1.0), &Tensor::from(1f32)).unwrap_err().contains("f64[] against f32[]"));
/// ```
pub fn close(a: &Tensor, b: &Tensor) -> Result<(), String> {
    Close::of(a.dtype()).compare(a, b)
}

/// The place of the `flat`-th entry, row by row.
pub(super) fn index(mut flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut index: Vec<usize> = shape.iter().rev().map(|&n| (flat % n, flat /= n).0).collect();
    index.reverse();
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_entry_is_named() {
        let a = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        let b = Tensor::from([[1.0, 2.1, 3.0], [4.0, 5.0, 7.0]]);
        let error = close(&a, &b).unwrap_err();
        assert!(error.starts_with("entry [1, 2]: 6 against 7"), "{error}");
    }

    #[test]
    fn what_is_no_number_is_equal_only_to_itself() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let equal = |a: f64, b: f64| close(&Tensor::from([a, 1.0]), &Tensor::from([b, 1.0])).is_ok();
        assert!(equal(nan, nan) && equal(inf, inf) && equal(-inf, -inf) && equal(0.0, -0.0));
        assert!(!equal(nan, 1.0) && !equal(1.0, nan) && !equal(inf, -inf) && !equal(inf, 1e308));
        assert!(!equal(inf, nan));
    }

    #[test]
    fn tolerance_is_relative_to_the_larger_magnitude() {
        let close = Close::within(0.1);
        assert!(close.numbers(100.0, 90.0) && close.numbers(90.0, 100.0) && !close.numbers(100.0, 89.9));
        assert!(!close.numbers(0.0, 1e-300) && close.abs(1e-300).numbers(0.0, 1e-300));
    }

    #[test]
    fn whole_numbers_and_bools_must_be_equal() {
        let large = 1_i64 << 60;
        assert!(close(&Tensor::from(large), &Tensor::from(large + 1)).is_err());
        assert!(close(&Tensor::from(large), &Tensor::from(large)).is_ok());
        assert!(Close::within(1.0).compare(&Tensor::from(true), &Tensor::from(false)).is_err());
    }

    #[test]
    fn shapes_and_dtypes_count() {
        assert!(close(&Tensor::from([1.0]), &Tensor::from(1.0)).is_err());
        assert!(close(&Tensor::from(1.0), &Tensor::from(1_i64)).is_err());
        assert!(close(&Tensor::zeros::<f64>([0]), &Tensor::zeros::<f64>([0])).is_ok());
    }
}
