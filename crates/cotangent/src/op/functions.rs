//! The functions of numbers as methods of tensors, entry by entry. Value, derivative, kinks and accuracy are those of
//! [`number::function`](crate::number::function), the one text.

use super::operators::{adopt, binary};
use crate::core::{Prim, Tensor, apply1};
use crate::number::function::{self, BinaryOp, UnaryOp};

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident $function:ident;)*) => {
        impl Tensor {$(
            $(#[$doc])*
            #[inline]
            #[track_caller]
            pub fn $name(&self) -> Tensor {
                apply1(UnaryOp::$function(function::$function), &[self])
            }
        )*}
    };
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident $function:ident;)*) => {
        impl Tensor {$(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(&self, other: &Tensor) -> Tensor {
                binary(BinaryOp::$function(function::$function), self, other)
            }
        )*}
    };
}

unary! {
    /// 1/x.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(4.0).recip().item::<f64>(), 0.25);
    /// ```
    recip Recip;
    /// x².
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(3.0).square().item::<f64>(), 9.0);
    /// ```
    square Square;
    /// |x|; its derivative at 0 is 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(-2.5).abs().item::<f64>(), 2.5);
    /// ```
    abs Abs;
    /// Square root.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(9.0).sqrt().item::<f64>(), 3.0);
    /// ```
    sqrt Sqrt;
    /// Cube root.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(8.0).cbrt().item::<f64>(), 2.0);
    /// ```
    cbrt Cbrt;
    /// eˣ.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).exp().item::<f64>(), 1.0);
    /// ```
    exp Exp;
    /// 2ˣ.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(3.0).exp2().item::<f64>(), 8.0);
    /// ```
    exp2 Exp2;
    /// eˣ − 1, accurate near 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).expm1().item::<f64>(), 0.0);
    /// ```
    expm1 Expm1;
    /// Natural logarithm.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(1.0).ln().item::<f64>(), 0.0);
    /// ```
    ln Ln;
    /// ln(1 + x), accurate near 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).ln_1p().item::<f64>(), 0.0);
    /// ```
    ln_1p Ln1p;
    /// Logarithm to base 2.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(8.0).log2().item::<f64>(), 3.0);
    /// ```
    log2 Log2;
    /// Logarithm to base 10.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(100.0).log10().item::<f64>(), 2.0);
    /// ```
    log10 Log10;
    /// Sine of radians.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).sin().item::<f64>(), 0.0);
    /// ```
    sin Sin;
    /// Cosine of radians.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).cos().item::<f64>(), 1.0);
    /// ```
    cos Cos;
    /// Tangent of radians.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).tan().item::<f64>(), 0.0);
    /// ```
    tan Tan;
    /// Inverse sine, in [−π/2, π/2].
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).asin().item::<f64>(), 0.0);
    /// ```
    asin Asin;
    /// Inverse cosine, in [0, π].
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(1.0).acos().item::<f64>(), 0.0);
    /// ```
    acos Acos;
    /// Inverse tangent, in (−π/2, π/2).
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).atan().item::<f64>(), 0.0);
    /// ```
    atan Atan;
    /// Hyperbolic sine.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).sinh().item::<f64>(), 0.0);
    /// ```
    sinh Sinh;
    /// Hyperbolic cosine.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).cosh().item::<f64>(), 1.0);
    /// ```
    cosh Cosh;
    /// Hyperbolic tangent.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).tanh().item::<f64>(), 0.0);
    /// ```
    tanh Tanh;
    /// Inverse hyperbolic sine.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).asinh().item::<f64>(), 0.0);
    /// ```
    asinh Asinh;
    /// Inverse hyperbolic cosine.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(1.0).acosh().item::<f64>(), 0.0);
    /// ```
    acosh Acosh;
    /// Inverse hyperbolic tangent.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).atanh().item::<f64>(), 0.0);
    /// ```
    atanh Atanh;
    /// max(x, 0); its derivative at 0 is 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(-2.0).relu().item::<f64>(), 0.0);
    /// ```
    relu Relu;
    /// 1/(1 + e⁻ˣ).
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).sigmoid().item::<f64>(), 0.5);
    /// ```
    sigmoid Sigmoid;
    /// ln(1 + eˣ).
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(40.0).softplus().item::<f64>(), 40.0);
    /// ```
    softplus Softplus;
    /// x·σ(x), also called swish.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).silu().item::<f64>(), 0.0);
    /// ```
    silu Silu;
    /// x·Φ(x), with the exact normal distribution function.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).gelu().item::<f64>(), 0.0);
    /// ```
    gelu Gelu;
    /// 2/√π ∫₀ˣ e^(−t²) dt.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).erf().item::<f64>(), 0.0);
    /// ```
    erf Erf;
    /// 1 − erf(x), accurate for large x.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).erfc().item::<f64>(), 1.0);
    /// ```
    erfc Erfc;
    /// ln|Γ(x)|.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(1.0).lgamma().item::<f64>(), 0.0);
    /// ```
    lgamma Lgamma;
    /// The largest integer not above x; its derivative is 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(1.75).floor().item::<f64>(), 1.0);
    /// ```
    floor Floor;
    /// The smallest integer not below x; its derivative is 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(1.25).ceil().item::<f64>(), 2.0);
    /// ```
    ceil Ceil;
    /// The nearest integer, ties to even; its derivative is 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(2.5).round().item::<f64>(), 2.0);
    /// ```
    round Round;
    /// The integer part; its derivative is 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(-1.75).trunc().item::<f64>(), -1.0);
    /// ```
    trunc Trunc;
    /// −1, 0 or 1; its derivative is 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(-7.0).sign().item::<f64>(), -1.0);
    /// ```
    sign Sign;
    /// Γ′(x)/Γ(x).
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert!((Tensor::from(2.5).digamma().item::<f64>() - 0.7031566406452432).abs() < 1e-15);
    /// ```
    digamma Digamma;
}

binary! {
    /// aᵇ, broadcast. The derivative in b is 0 at a = 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(2.0).pow(&Tensor::from(10.0)).item::<f64>(), 1024.0);
    /// ```
    pow Pow;
    /// The angle of the point (b, a), in (−π, π].
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(0.0).atan2(&Tensor::from(1.0)).item::<f64>(), 0.0);
    /// ```
    atan2 Atan2;
    /// √(a² + b²) without overflow; its derivative at (0, 0) is 0.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(3.0).hypot(&Tensor::from(4.0)).item::<f64>(), 5.0);
    /// ```
    hypot Hypot;
    /// The larger; a tie shares its derivative equally. NaN if either is.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(2.0).maximum(&Tensor::from(3.0)).item::<f64>(), 3.0);
    /// ```
    maximum Max;
    /// The smaller; a tie shares its derivative equally. NaN if either is.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(2.0).minimum(&Tensor::from(3.0)).item::<f64>(), 2.0);
    /// ```
    minimum Min;
}

impl Tensor {
    /// xⁿ for an integer n.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(2.0).powi(10).item::<f64>(), 1024.0);
    /// ```
    #[inline]
    #[track_caller]
    pub fn powi(&self, n: i32) -> Tensor {
        apply1(Prim::Unary(function::Powi(n).into()), &[self])
    }

    /// x to a constant power.
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(4.0).powf(1.5).item::<f64>(), 8.0);
    /// ```
    #[track_caller]
    pub fn powf(&self, exponent: f64) -> Tensor {
        self.pow(&adopt("pow", exponent, self))
    }

    /// The derivative of order `n` of [`digamma`](Tensor::digamma).
    ///
    /// ```
    /// # use cotangent::prelude::*;
    /// let pi = std::f64::consts::PI;
    /// assert!((Tensor::from(1.0).polygamma(1).item::<f64>() - pi * pi / 6.0).abs() < 1e-15);
    /// ```
    #[track_caller]
    pub fn polygamma(&self, n: u32) -> Tensor {
        apply1(Prim::Unary(function::Polygamma(n).into()), &[self])
    }
}
