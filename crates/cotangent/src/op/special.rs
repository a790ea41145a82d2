//! Functions of numbers that are made of primitives: finite or not, clamped, mixed, divided with rounding, safe logarithms.

use super::broadcast::together;
use super::compare::Comparable;
use super::composed::{Case, Composition, everywhere};
use super::operators::adopt;
use super::registry::{SHAPES, draw, draw_whole};
use crate::core::{DType, Tensor, in_one_loop, scale, unrecorded};
use crate::number::function::{BinaryOp, Min};
use cotangent_kernels::map::{Float, Kernel};
use std::f64::consts::PI;

/// Two operands of one shape, of which the second may be a Rust number.
#[track_caller]
fn brought(name: &str, a: &Tensor, b: impl Comparable) -> (Tensor, Tensor) {
    let b = b.meeting(name, a);
    together(name, a, &b).unwrap_or_else(|| (a.clone(), b))
}

/// min(max(x, low), high) for bounds that are neither NaN nor −0.
#[derive(Clone, Copy)]
struct Clamped {
    low: f64,
    high: f64,
}

impl Kernel<1> for Clamped {
    #[inline(always)]
    fn call<F: Float>(self, [x]: [F; 1]) -> F {
        let (low, high) = (F::from_f64(self.low), F::from_f64(self.high));
        // Of +0 and −0 the larger is +0.
        let x = if x <= low { low } else { x };
        if x > high { high } else { x }
    }
}

/// 1/√x.
#[derive(Clone, Copy)]
struct InverseRoot;

impl Kernel<1> for InverseRoot {
    const DIVIDES: bool = true;
    #[inline(always)]
    fn call<F: Float>(self, [x]: [F; 1]) -> F {
        F::from_f64(1.0) / x.sqrt()
    }
}

impl Tensor {
    /// Is it NaN, entry by entry? No integer is.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([f64::NAN, 1.0]).isnan().to_vec::<bool>(), [true, false]);
    /// ```
    #[track_caller]
    pub fn isnan(&self) -> Tensor {
        self.not_equal(self)
    }

    /// Is it ∞ or −∞, entry by entry? No integer is.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([f64::NAN, -f64::INFINITY]).isinf().to_vec::<bool>(), [false, true]);
    /// ```
    #[track_caller]
    pub fn isinf(&self) -> Tensor {
        match self.dtype().is_float() {
            true => self.abs().equal(f64::INFINITY),
            false => self.isnan(),
        }
    }

    /// Is it neither NaN nor infinite, entry by entry? Every integer is.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([f64::NAN, f64::INFINITY, 1.0]).isfinite().to_vec::<bool>(), [false, false, true]);
    /// ```
    #[track_caller]
    pub fn isfinite(&self) -> Tensor {
        match self.dtype().is_float() {
            true => self.abs().less(f64::INFINITY),
            false => self.equal(self),
        }
    }

    /// NaN as 0, ∞ and −∞ as the largest and least finite number of the dtype. What is replaced has derivative 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([f64::NAN, 2.0, f64::INFINITY]);
    /// assert_eq!(x.nan_to_num().to_vec::<f64>(), [0.0, 2.0, f64::MAX]);
    /// assert_eq!(grad(|x: &Tensor| x.nan_to_num().sum())(&x).to_vec::<f64>(), [0.0, 1.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn nan_to_num(&self) -> Tensor {
        match self.dtype() {
            DType::F32 => self.nan_to_num_with(0.0, f32::MAX.into(), f32::MIN.into()),
            DType::F64 => self.nan_to_num_with(0.0, f64::MAX, f64::MIN),
            _ => self.clone(),
        }
    }

    /// [`nan_to_num`](Tensor::nan_to_num) with other numbers instead of NaN, ∞ and −∞.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([f64::NAN, f64::INFINITY, -f64::INFINITY]);
    /// assert_eq!(x.nan_to_num_with(1.0, 2.0, 3.0).to_vec::<f64>(), [1.0, 2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn nan_to_num_with(&self, nan: f64, infinity: f64, negative_infinity: f64) -> Tensor {
        if !self.dtype().is_float() {
            return self.clone();
        }
        let high = adopt("nan_to_num", infinity, self);
        let low = adopt("nan_to_num", negative_infinity, self);
        let infinite = self.greater(0.0).select(&high, &low);
        self.isnan().select(&adopt("nan_to_num", nan, self), &self.isinf().select(&infinite, self))
    }

    /// min(max(x, low), high). The bounds are numbers, or tensors that broadcast against this; NaN stays NaN, and where low > high the
    /// result is high. As with `maximum`, an entry equal to a bound shares its derivative equally with it: ½ each.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([-2.0, 0.5, 1.0]);
    /// assert_eq!(x.clamp(-1.0, 1.0).to_vec::<f64>(), [-1.0, 0.5, 1.0]);
    /// assert_eq!(grad(|x: &Tensor| x.clamp(-1.0, 1.0).sum())(&x).to_vec::<f64>(), [0.0, 1.0, 0.5]);
    /// ```
    #[track_caller]
    pub fn clamp(&self, low: impl Comparable, high: impl Comparable) -> Tensor {
        let (x, low) = brought("clamp", self, low);
        let (x, high) = brought("clamp", &x, high);
        // Bounds that are numbers, and no tensors whose derivative is asked for.
        let number = |bound: &Tensor| Some(unrecorded([bound])?[0].as_fill()?.to_f64());
        if let (Some(low), Some(high)) = (number(&low), number(&high))
            && [low, high].iter().all(|bound| !bound.is_nan() && bound.to_bits() != (-0.0_f64).to_bits())
            && let Some(y) = in_one_loop(Clamped { low, high }, &x)
        {
            return y;
        }
        let mut x = x.maximum(&low);
        // Nobody else has what is raised to `low`, unless it is recorded.
        if x.assign_in_place(BinaryOp::Min(Min), &high) { x } else { x.minimum(&high) }
    }

    /// self·(1 − weight) + end·weight: exact at both ends. The weight is a number or a tensor.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(2.0).lerp(&Tensor::from(6.0), 0.25).item::<f64>(), 3.0);
    /// ```
    #[track_caller]
    pub fn lerp(&self, end: &Tensor, weight: impl Comparable) -> Tensor {
        let weight = weight.meeting("lerp", self);
        self * (1.0 - &weight) + end * weight
    }

    /// sin(πx)/(πx), and 1 at 0; every derivative at 0 is right, too.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([0.0, 2.0]).sinc().to_vec::<f64>(), [1.0, 0.0]);
    /// let bend = hessian(|x: &Tensor| x.sinc())(&Tensor::from(0.0)).item::<f64>();
    /// assert!((bend + std::f64::consts::PI.powi(2) / 3.0).abs() < 1e-14);
    /// ```
    #[track_caller]
    pub fn sinc(&self) -> Tensor {
        // Near 0 the power series, where the quotient's derivatives would cancel; it is exact to rounding where |πx| < 1.3.
        let near = self.abs().less(0.4);
        let small = near.select(self, &self.zeros_like());
        let z = (small * PI).square();
        let mut series = z.ones_like();
        for n in (1..10).rev() {
            series = 1.0 - &z * series / f64::from(2 * n * (2 * n + 1));
        }
        // sin(πx) from the distance to the nearest whole number, so that it is 0 at them.
        let whole = self.round();
        let parity = &whole - (&whole * 0.5).floor() * 2.0;
        let sine = ((self - &whole) * PI).sin() * (1.0 - parity * 2.0);
        near.select(&series, &(sine / (self * PI)))
    }

    /// self·ln(y), and 0 where this is 0, whatever y but NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([0.0, 2.0]).xlogy(&Tensor::from([0.0, 1.0])).to_vec::<f64>(), [0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn xlogy(&self, y: &Tensor) -> Tensor {
        let (x, y) = brought("xlogy", self, y);
        zero_wins(&x, &y, &y.ln())
    }

    /// self·ln(1 + y), and 0 where this is 0, whatever y but NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).xlog1py(&Tensor::from(-1.0)).item::<f64>(), 0.0);
    /// ```
    #[track_caller]
    pub fn xlog1py(&self, y: &Tensor) -> Tensor {
        let (x, y) = brought("xlog1py", self, y);
        zero_wins(&x, &y, &y.ln_1p())
    }

    /// ln(eᵃ + eᵇ) without overflow, also for infinities. The derivatives are those of a softmax; of two equal infinities each has ½.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let y = Tensor::from(1000.0).logaddexp(&Tensor::from(1000.0)).item::<f64>();
    /// assert_eq!(y, 1000.0 + 2_f64.ln());
    /// ```
    #[track_caller]
    pub fn logaddexp(&self, other: &Tensor) -> Tensor {
        let (a, b) = brought("logaddexp", self, other);
        // Which is which does not matter to any derivative: both ways around it is the same smooth function.
        let first = a.greater_equal(&b);
        let (high, low) = (first.select(&a, &b), first.select(&b, &a));
        let infinite = a.equal(&b).logical_and(&a.isinf());
        infinite.select(&((&a + &b) * 0.5), &(&high + (&low - &high).softplus()))
    }

    /// ln(x/(1 − x)), the inverse of the sigmoid; NaN outside [0, 1].
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([0.5, 1.0]).logit().to_vec::<f64>(), [0.0, f64::INFINITY]);
    /// ```
    #[track_caller]
    pub fn logit(&self) -> Tensor {
        self.ln() - (-self).ln_1p()
    }

    /// 1/√x.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(4.0).rsqrt().item::<f64>(), 0.5);
    /// ```
    #[track_caller]
    pub fn rsqrt(&self) -> Tensor {
        // No closure, which would not pass the caller's place on.
        match in_one_loop(InverseRoot, self) {
            Some(y) => y,
            None => self.sqrt().recip(),
        }
    }

    /// 0 where x < 0, 1 where x > 0, and this number or tensor where x = 0. The derivative in x is 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-2.0, 0.0, 3.0]).heaviside(0.5).to_vec::<f64>(), [0.0, 0.5, 1.0]);
    /// ```
    #[track_caller]
    pub fn heaviside(&self, at_zero: impl Comparable) -> Tensor {
        let (x, at_zero) = brought("heaviside", self, at_zero);
        let step = x.greater(0.0).to(x.dtype());
        let step = if x.dtype().is_float() { x.isnan().select(&x.sign(), &step) } else { step };
        x.equal(0.0).select(&at_zero, &step)
    }

    /// Is it negative, or the floating-point number −0?
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-2.0, -0.0, 0.0]).signbit().to_vec::<bool>(), [true, true, false]);
    /// ```
    #[track_caller]
    pub fn signbit(&self) -> Tensor {
        let negative = self.less(0.0);
        if !self.dtype().is_float() {
            return negative;
        }
        negative.logical_or(&self.equal(0.0).logical_and(&self.recip().less(0.0)))
    }

    /// |self| with the sign of the other. The derivative in the other is 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(2.0).copysign(&Tensor::from(-0.0)).item::<f64>(), -2.0);
    /// ```
    #[track_caller]
    pub fn copysign(&self, sign: &Tensor) -> Tensor {
        let (x, sign) = brought("copysign", self, sign);
        let size = x.abs();
        sign.signbit().select(&-&size, &size)
    }

    /// The remainder with the sign of the divisor (Python's `%`, NumPy's and PyTorch's `remainder`); `%` itself has that of the dividend.
    /// The derivative is 1 in the dividend and −⌊a/b⌋ in the divisor.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-7, 7]).remainder(3).to_vec::<i32>(), [2, 1]);
    /// assert_eq!(Tensor::from([-7.0, 7.0]).remainder(-3.0).to_vec::<f64>(), [-1.0, -2.0]);
    /// ```
    #[track_caller]
    pub fn remainder(&self, divisor: impl Comparable) -> Tensor {
        let (a, b) = brought("remainder", self, divisor);
        let r = &a % &b;
        let other_side = r.less(0.0).not_equal_bools(&b.less(0.0)).logical_and(&r.not_equal(0.0));
        other_side.select(&(&r + &b), &r)
    }

    /// The remainder that is never negative, as Rust's `rem_euclid`. The derivative is 1 in the dividend and −`div_euclid` in the divisor.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-7.0, 7.0]).rem_euclid(-3.0).to_vec::<f64>(), [2.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn rem_euclid(&self, divisor: impl Comparable) -> Tensor {
        let (a, b) = brought("rem_euclid", self, divisor);
        let r = &a % &b;
        r.less(0.0).select(&(&r + b.abs()), &r)
    }

    /// ⌊a/b⌋, so that a = b·`floor_divide` + `remainder`. Its derivative is 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-7, 7]).floor_divide(2).to_vec::<i32>(), [-4, 3]);
    /// ```
    #[track_caller]
    pub fn floor_divide(&self, divisor: impl Comparable) -> Tensor {
        let (a, b) = brought("floor_divide", self, divisor);
        whole_quotient(&a, &b, &a.remainder(&b))
    }

    /// The quotient that belongs to [`rem_euclid`](Tensor::rem_euclid), as Rust's `div_euclid`. Its derivative is 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-7, 7]).div_euclid(2).to_vec::<i32>(), [-4, 3]);
    /// ```
    #[track_caller]
    pub fn div_euclid(&self, divisor: impl Comparable) -> Tensor {
        let (a, b) = brought("div_euclid", self, divisor);
        whole_quotient(&a, &b, &a.rem_euclid(&b))
    }

    /// Exclusive or.
    #[track_caller]
    fn not_equal_bools(&self, other: &Tensor) -> Tensor {
        let both = self.logical_and(other);
        self.logical_or(other).logical_and(&both.logical_not())
    }
}

/// x·f(y), and 0 where x is 0, but NaN if y is.
#[track_caller]
fn zero_wins(x: &Tensor, y: &Tensor, fy: &Tensor) -> Tensor {
    let zero = x.equal(0.0).logical_and(&y.equal(y));
    zero.select(&scale(x, fy), &(x * fy))
}

/// (a − r)/b, which is whole but for rounding; a/b where b is 0.
#[track_caller]
fn whole_quotient(a: &Tensor, b: &Tensor, r: &Tensor) -> Tensor {
    if !a.dtype().is_float() {
        return (a - r) / b;
    }
    // Neither rounding has a derivative.
    b.equal(0.0).select(&(a / b).trunc(), &((a - r) / b).round())
}

/// A function of two tensors, at shapes that broadcast.
fn pairs(f: fn(&Tensor, &Tensor) -> Tensor, a: (f64, f64), b: (f64, f64)) -> Vec<Case> {
    let case = |left: &[usize], right: &[usize]| {
        Case::new(move |x| f(&x[0], &x[1]), [draw(left, a.0, a.1, 1), draw(right, b.0, b.1, 2)])
    };
    let mut cases: Vec<Case> = SHAPES.iter().map(|shape| case(shape, shape)).collect();
    cases.push(case(&[2, 3], &[3]));
    cases.push(case(&[], &[2, 1]));
    cases
}

/// The same among integers that are not 0, too.
fn divisions(f: fn(&Tensor, &Tensor) -> Tensor) -> Vec<Case> {
    let mut cases = pairs(f, (-4.0, 4.0), (0.7, 1.9));
    cases.extend(pairs(f, (-4.0, 4.0), (-1.9, -0.7)));
    let odd = |shape: &[usize]| draw_whole(shape, 3, 2) * 2 + 1;
    cases.push(Case::new(move |x| f(&x[0], &x[1]), [draw_whole(&[3, 4], 9, 1), odd(&[3, 4])]));
    cases
}

macro_rules! rows {
    ($($name:literal $cases:expr;)*) => { [$(Composition { name: $name, cases: || $cases },)*] };
}

pub(super) const ROWS: [Composition; 20] = rows! {
    "isnan" everywhere(|x| x.ln().isnan(), -1.0, 1.0);
    "isinf" everywhere(|x| x.relu().recip().isinf(), -1.0, 1.0);
    "isfinite" everywhere(|x| x.relu().recip().isfinite(), -1.0, 1.0);
    "nan_to_num" everywhere(|x| x.ln().nan_to_num(), -1.0, 1.0);
    "nan_to_num_with" everywhere(|x| x.ln().nan_to_num_with(0.5, 1.0, 2.0), -1.0, 1.0);
    "clamp" {
        let mut cases = everywhere(|x| x.clamp(-0.5, 0.7), -1.0, 1.0);
        let bounds = [draw(&[2, 3], -1.0, 1.0, 1), draw(&[3], -0.6, -0.3, 2), draw(&[2, 1], 0.2, 0.4, 3)];
        cases.push(Case::new(|x| x[0].clamp(&x[1], &x[2]), bounds));
        cases.push(Case::new(|x| x[0].clamp(-1, 2), [draw_whole(&[5], 4, 1)]));
        cases
    };
    "lerp" {
        let mut cases = pairs(|a, b| a.lerp(b, 0.3), (-1.0, 1.0), (-1.0, 1.0));
        let weighed = [draw(&[2, 3], -1.0, 1.0, 1), draw(&[3], -1.0, 1.0, 2), draw(&[2, 1], 0.0, 1.0, 3)];
        cases.push(Case::new(|x| x[0].lerp(&x[1], &x[2]), weighed));
        cases
    };
    "sinc" {
        let mut cases = everywhere(Tensor::sinc, -3.4, 3.4);
        cases.push(Case::new(|x| x[0].sinc(), [Tensor::from([0.0, 1e-9, 1.0, -0.25])]));
        cases
    };
    "xlogy" pairs(|a, b| a.xlogy(b), (-1.0, 1.0), (0.2, 3.0));
    "xlog1py" pairs(|a, b| a.xlog1py(b), (-1.0, 1.0), (-0.7, 3.0));
    "logaddexp" {
        let mut cases = pairs(|a, b| a.logaddexp(b), (-3.0, 3.0), (-3.0, 3.0));
        cases.push(Case::new(|x| x[0].logaddexp(&x[1]), [Tensor::from([0.7]), Tensor::from([0.7])]));
        cases
    };
    "logit" everywhere(Tensor::logit, 0.05, 0.95);
    "rsqrt" everywhere(Tensor::rsqrt, 0.3, 4.0);
    "heaviside" {
        let mut cases = pairs(|a, b| a.heaviside(b), (-1.0, 1.0), (-1.0, 1.0));
        cases.push(Case::new(|x| x[0].heaviside(1), [draw_whole(&[4], 2, 1)]));
        cases
    };
    "signbit" everywhere(Tensor::signbit, -1.0, 1.0);
    "copysign" pairs(|a, b| a.copysign(b), (-1.0, 1.0), (-1.0, 1.0));
    "remainder" divisions(|a, b| a.remainder(b));
    "rem_euclid" divisions(|a, b| a.rem_euclid(b));
    "floor_divide" divisions(|a, b| a.floor_divide(b));
    "div_euclid" divisions(|a, b| a.div_euclid(b));
};
