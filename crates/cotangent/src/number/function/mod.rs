//! Every function of the library, once: its name, value, derivative, domain, kinks and notation.
//!
//! A function is a small `Copy` type that implements [`Unary`] or [`Binary`]. Its value is written over the
//! kernels' [`Float`], its derivative over [`Real`], so one text serves `f64`, duals, Taylor
//! series, tapes and symbols, at any order. A new function is a type in the file of its family, a line in the
//! `registry!` below, and a method of [`Real`]; everything else reads the registry.
//!
//! ```
//! use cotangent::number::function::{IntoPartial, Partial, Sqrt, Unary};
//! let y = Sqrt.f(4.0);
//! assert_eq!((y, Sqrt.df(&4.0, &y).into_partial()), (2.0, Partial::Of(0.25)));
//! ```

mod activation;
mod arithmetic;
mod domain;
mod exponential;
mod hyperbolic;
mod piecewise;
mod power;
mod special;
mod trigonometric;

pub use activation::{Gelu, Relu, Sigmoid, Silu, Softplus};
pub use arithmetic::{Add, Div, Mul, Neg, Recip, Scale, Sub};
pub use domain::{Domain, Kink};
pub use exponential::{Exp, Exp2, Expm1, Ln, Ln1p, Log2, Log10};
pub use hyperbolic::{Acosh, Asinh, Atanh, Cosh, Sinh, Tanh};
pub use piecewise::{Abs, Ceil, Equal, Floor, Greater, Less, Max, Min, Rem, Round, Sign, Trunc};
pub use power::{Cbrt, Hypot, Pow, Powi, Sqrt, Square};
pub use special::{Digamma, Erf, Erfc, Lgamma, Polygamma};
pub use trigonometric::{Acos, Asin, Atan, Atan2, Cos, Sin, Tan};

use super::Real;
use cotangent_kernels::map::{Float, Reach};
use std::fmt::Debug;

/// A function of one number.
///
/// ```
/// use cotangent::number::function::{Tanh, Unary};
/// assert_eq!(Tanh::NAME, "tanh");
/// assert!((Tanh.f(0.5) - 0.4621171572600098_f64).abs() < 1e-15);
/// ```
pub trait Unary: Copy + Debug + Send + Sync + PartialEq + Into<UnaryOp> + 'static {
    /// The name in formulas, programs and messages.
    ///
    /// ```
    /// # use cotangent::number::function::{Log10, Unary};
    /// assert_eq!(Log10::NAME, "log10");
    /// ```
    const NAME: &'static str;
    /// LaTeX, with `#` for the argument.
    ///
    /// ```
    /// # use cotangent::number::function::{Sqrt, Unary};
    /// assert_eq!(Sqrt::LATEX, r"\sqrt{#}");
    /// ```
    const LATEX: &'static str;
    /// Which arguments need no branch: blocks of a vector loop with others are done again.
    ///
    /// ```
    /// # use cotangent::number::function::{Sin, Unary};
    /// # use cotangent_kernels::map::Reach;
    /// assert_eq!(Sin::REACH, Reach::Moderate);
    /// ```
    const REACH: Reach = Reach::All;
    /// Is a division or a root most of the work? See [`Kernel::DIVIDES`](cotangent_kernels::map::Kernel::DIVIDES).
    ///
    /// ```
    /// # use cotangent::number::function::{Sin, Sqrt, Unary};
    /// assert!(Sqrt::DIVIDES && !Sin::DIVIDES);
    /// ```
    const DIVIDES: bool = false;
    /// Does it take no longer than reading and writing memory does? See [`Kernel::LIGHT`](cotangent_kernels::map::Kernel::LIGHT).
    ///
    /// ```
    /// # use cotangent::number::function::{Neg, Sin, Unary};
    /// assert!(Neg::LIGHT && !Sin::LIGHT);
    /// ```
    const LIGHT: bool = false;
    /// The value.
    ///
    /// ```
    /// # use cotangent::number::function::{Square, Unary};
    /// assert_eq!(Square.f(3.0), 9.0);
    /// ```
    fn f<F: Float>(self, x: F) -> F;
    /// The derivative at `x`, where `y` is the value there.
    ///
    /// ```
    /// # use cotangent::number::function::{IntoPartial, Partial, Square, Unary};
    /// assert_eq!(Square.df(&3.0_f64, &9.0).into_partial(), Partial::Of(6.0));
    /// ```
    fn df<R: Real>(self, x: &R, y: &R) -> impl IntoPartial<R>;
    /// Where the function is defined and smooth, and what its derivative is declared to be at its kinks.
    ///
    /// ```
    /// # use cotangent::number::function::{Ln, Unary};
    /// assert_eq!(Ln.domain().low, 0.1);
    /// ```
    fn domain(self) -> Domain;
}

/// A function of two numbers.
///
/// ```
/// use cotangent::number::function::{Binary, Hypot};
/// assert_eq!(Hypot.f(3.0, 4.0), 5.0);
/// ```
pub trait Binary: Copy + Debug + Send + Sync + PartialEq + Into<BinaryOp> + 'static {
    /// The name in formulas, programs and messages.
    ///
    /// ```
    /// # use cotangent::number::function::{Atan2, Binary};
    /// assert_eq!(Atan2::NAME, "atan2");
    /// ```
    const NAME: &'static str;
    /// LaTeX, with `#1` and `#2` for the arguments.
    ///
    /// ```
    /// # use cotangent::number::function::{Div, Binary};
    /// assert_eq!(Div::LATEX, r"\frac{#1}{#2}");
    /// ```
    const LATEX: &'static str;
    /// Which arguments need no branch: blocks of a vector loop with others are done again.
    ///
    /// ```
    /// # use cotangent::number::function::{Binary, Rem};
    /// # use cotangent_kernels::map::Reach;
    /// assert_eq!(Rem::REACH, Reach::Quotient);
    /// ```
    const REACH: Reach = Reach::All;
    /// Is a division or a root most of the work? See [`Kernel::DIVIDES`](cotangent_kernels::map::Kernel::DIVIDES).
    ///
    /// ```
    /// # use cotangent::number::function::{Binary, Div, Mul};
    /// assert!(Div::DIVIDES && !Mul::DIVIDES);
    /// ```
    const DIVIDES: bool = false;
    /// Does it take no longer than reading and writing memory does? See [`Kernel::LIGHT`](cotangent_kernels::map::Kernel::LIGHT).
    ///
    /// ```
    /// # use cotangent::number::function::{Binary, Mul, Pow};
    /// assert!(Mul::LIGHT && !Pow::LIGHT);
    /// ```
    const LIGHT: bool = false;
    /// Is there a cheaper way that is nearly always right? See [`guess`](Binary::guess).
    ///
    /// ```
    /// # use cotangent::number::function::{Binary, Mul, Scale};
    /// assert!(Scale::GUESSES && !Mul::GUESSES);
    /// ```
    const GUESSES: bool = false;
    /// The value.
    ///
    /// ```
    /// # use cotangent::number::function::{Binary, Rem};
    /// assert_eq!(Rem.f(-7.0, 3.0), -1.0);
    /// ```
    fn f<F: Float>(self, a: F, b: F) -> F;
    /// The value, if this is not NaN: then vector loops ask for [`f`](Binary::f).
    ///
    /// ```
    /// # use cotangent::number::function::{Binary, Scale};
    /// assert_eq!(Scale.guess(2.0, 3.0), 6.0);
    /// assert!(Scale.guess(0.0, f64::INFINITY).is_nan());
    /// ```
    #[inline(always)]
    fn guess<F: Float>(self, a: F, b: F) -> F {
        self.f(a, b)
    }
    /// The partial derivative in the first argument, where `y` is the value at `(a, b)`.
    ///
    /// ```
    /// # use cotangent::number::function::{Binary, IntoPartial, Mul, Partial};
    /// assert_eq!(Mul.da(&2.0_f64, &3.0, &6.0).into_partial(), Partial::Of(3.0));
    /// ```
    fn da<R: Real>(self, a: &R, b: &R, y: &R) -> impl IntoPartial<R>;
    /// The partial derivative in the second argument, where `y` is the value at `(a, b)`.
    ///
    /// ```
    /// # use cotangent::number::function::{Binary, IntoPartial, Partial, Sub};
    /// assert_eq!(Sub.db(&3.0_f64, &2.0, &1.0).into_partial(), Partial::Constant(-1.0));
    /// ```
    fn db<R: Real>(self, a: &R, b: &R, y: &R) -> impl IntoPartial<R>;
    /// For each argument, where the function is defined and smooth.
    ///
    /// ```
    /// # use cotangent::number::function::{Binary, Max};
    /// assert_eq!(Max.domain()[1].low, -3.0);
    /// ```
    fn domain(self) -> [Domain; 2];
}

/// A partial derivative that does not depend on the arguments: what linear functions return from their rule, so
/// that no engine multiplies by a one or carries a zero.
///
/// ```
/// use cotangent::number::function::{Constant, IntoPartial, Neg, Partial, Unary};
/// let partial: Partial<f64> = Constant(-1.0).into_partial();
/// assert_eq!(Neg.df(&2.0, &-2.0).into_partial(), partial);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant(pub f64);

/// A partial derivative as the engines receive it.
///
/// ```
/// use cotangent::number::function::Partial;
/// assert_eq!(Partial::Constant(-1.0).scale(&3.0_f64), -3.0);
/// assert_eq!(Partial::Of(f64::INFINITY).scale(&0.0), 0.0); // a zero tangent stays zero
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Partial<R> {
    /// The same everywhere.
    Constant(f64),
    /// This number here.
    Of(R),
}

/// What a rule may return: a number, or a [`Constant`].
///
/// ```
/// use cotangent::number::function::{Constant, IntoPartial, Partial};
/// let rules: [Partial<f64>; 2] = [Constant(2.0).into_partial(), 6.0.into_partial()];
/// assert_eq!(rules, [Partial::Constant(2.0), Partial::Of(6.0)]);
/// ```
pub trait IntoPartial<R> {
    /// As the engines receive it.
    ///
    /// ```
    /// # use cotangent::number::function::{IntoPartial, Partial};
    /// assert_eq!(6.0_f64.into_partial(), Partial::Of(6.0));
    /// ```
    fn into_partial(self) -> Partial<R>;
}

impl<R: Real> IntoPartial<R> for R {
    #[inline(always)]
    fn into_partial(self) -> Partial<R> {
        Partial::Of(self)
    }
}

impl<R> IntoPartial<R> for Constant {
    #[inline(always)]
    fn into_partial(self) -> Partial<R> {
        Partial::Constant(self.0)
    }
}

impl<R> IntoPartial<R> for Partial<R> {
    #[inline(always)]
    fn into_partial(self) -> Partial<R> {
        self
    }
}

impl<R: Real> Partial<R> {
    /// Is this zero at every argument, so that the result does not depend on the operand?
    ///
    /// ```
    /// # use cotangent::number::function::{Partial};
    /// assert!(Partial::<f64>::Constant(0.0).is_constant_zero());
    /// assert!(!Partial::Of(0.0).is_constant_zero()); // zero here, perhaps not elsewhere
    /// ```
    #[inline(always)]
    pub fn is_constant_zero(&self) -> bool {
        matches!(self, Partial::Constant(c) if *c == 0.0)
    }

    /// The partial as a number of `like`'s kind.
    ///
    /// ```
    /// # use cotangent::number::{Dual, function::Partial};
    /// let x = Dual::variable(1.5);
    /// assert_eq!(Partial::Constant(2.0).into_number(&x).value(), 2.0);
    /// assert_eq!(Partial::Of(x).into_number(&x).value(), 1.5);
    /// ```
    #[inline(always)]
    pub fn into_number(self, like: &R) -> R {
        match self {
            Partial::Constant(c) => like.lift(c),
            Partial::Of(p) => p,
        }
    }

    /// Partial times tangent (or cotangent), where a zero wins: if either is exactly zero so is the product, whatever the
    /// other. Forward and reverse thus agree on what does not count, such as √(relu(x)) left of 0.
    ///
    /// ```
    /// # use cotangent::number::function::{Partial};
    /// assert_eq!(Partial::Of(3.0).scale(&0.5), 1.5);
    /// assert_eq!(Partial::Of(f64::NAN).scale(&0.0), 0.0);
    /// ```
    #[inline(always)]
    pub fn scale(&self, t: &R) -> R {
        match self {
            Partial::Constant(1.0) => t.clone(),
            Partial::Constant(-1.0) => -t.clone(),
            Partial::Constant(0.0) => t.zero(),
            Partial::Constant(c) => t.clone() * *c,
            Partial::Of(p) => {
                let product = t.clone() * p;
                if product.is_finite() || !(p.is_zero() || t.is_zero()) { product } else { t.zero() }
            }
        }
    }
}

/// Code that is compiled once for each function of one number.
pub(crate) trait UnaryVisitor {
    type Output;
    fn visit<U: Unary>(self, op: U) -> Self::Output;
}

/// Code that is compiled once for each function of two numbers.
pub(crate) trait BinaryVisitor {
    type Output;
    fn visit<B: Binary>(self, op: B) -> Self::Output;
}

/// Writes, from one list, the enums that name a function at run time and everything that dispatches on them.
macro_rules! registry {
    (unary { $($u:ident $us:expr,)* } binary { $($b:ident,)* }) => {
        /// A function of one number, chosen at run time.
        ///
        /// ```
        /// use cotangent::number::function::UnaryOp;
        /// let sin = UnaryOp::named("sin").unwrap();
        /// assert!((sin.apply(&0.5_f64) - 0.479425538604203).abs() < 1e-15);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum UnaryOp {
            $(#[doc = concat!("See [`", stringify!($u), "`](struct@", stringify!($u), ").")] $u($u),)*
        }

        /// A function of two numbers, chosen at run time.
        ///
        /// ```
        /// use cotangent::number::function::BinaryOp;
        /// let atan2 = BinaryOp::named("atan2").unwrap();
        /// assert!((atan2.apply(&1.0_f64, &2.0) - 0.4636476090008061).abs() < 1e-15);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum BinaryOp {
            $(#[doc = concat!("See [`", stringify!($b), "`](struct@", stringify!($b), ").")] $b($b),)*
        }

        $(impl From<$u> for UnaryOp { #[inline(always)] fn from(op: $u) -> Self { UnaryOp::$u(op) } })*
        $(impl From<$b> for BinaryOp { #[inline(always)] fn from(op: $b) -> Self { BinaryOp::$b(op) } })*

        impl UnaryOp {
            /// Every function of one number; those with an integer parameter appear with some of its values.
            ///
            /// ```
            /// # use cotangent::number::function::{Sin, UnaryOp};
            /// assert!(UnaryOp::all().contains(&UnaryOp::Sin(Sin)));
            /// ```
            pub fn all() -> Vec<UnaryOp> {
                let mut all = Vec::new();
                $(all.extend($us.into_iter().map(UnaryOp::$u));)*
                all
            }
            /// The name in formulas.
            ///
            /// ```
            /// # use cotangent::number::function::{Ln1p, UnaryOp};
            /// assert_eq!(UnaryOp::from(Ln1p).name(), "ln_1p");
            /// ```
            pub fn name(self) -> &'static str { match self { $(UnaryOp::$u(_) => $u::NAME,)* } }
            /// LaTeX, with `#` for the argument.
            ///
            /// ```
            /// # use cotangent::number::function::{UnaryOp};
            /// assert_eq!(UnaryOp::named("sqrt").unwrap().latex(), r"\sqrt{#}");
            /// ```
            pub fn latex(self) -> &'static str { match self { $(UnaryOp::$u(_) => $u::LATEX,)* } }
            /// The value at `x`, in whichever engine `x` belongs to.
            ///
            /// ```
            /// # use cotangent::number::{Dual, function::UnaryOp};
            /// let y = UnaryOp::named("square").unwrap().apply(&Dual::variable(3.0));
            /// assert_eq!((y.value(), y.derivative()), (9.0, 6.0));
            /// ```
            pub fn apply<R: Real>(self, x: &R) -> R { match self { $(UnaryOp::$u(op) => x.unary(op),)* } }
            /// The derivative's rule at `x`, where `y` is the value there.
            ///
            /// ```
            /// # use cotangent::number::function::{Partial, UnaryOp};
            /// assert_eq!(UnaryOp::named("square").unwrap().df(&3.0, &9.0), Partial::Of(6.0));
            /// assert_eq!(UnaryOp::named("neg").unwrap().df(&3.0, &-3.0), Partial::Constant(-1.0));
            /// ```
            pub fn df<R: Real>(self, x: &R, y: &R) -> Partial<R> {
                match self { $(UnaryOp::$u(op) => op.df(x, y).into_partial(),)* }
            }
            /// Where the function is defined and smooth.
            ///
            /// ```
            /// # use cotangent::number::function::{UnaryOp};
            /// let abs = UnaryOp::named("abs").unwrap().domain();
            /// assert_eq!((abs.kinks[0].at, abs.kinks[0].derivative), (0.0, 0.0));
            /// ```
            pub fn domain(self) -> Domain { match self { $(UnaryOp::$u(op) => op.domain(),)* } }
            /// Calls the visitor with the function as a type, so that it can be compiled into loops.
            #[inline]
            pub(crate) fn dispatch<V: UnaryVisitor>(self, visitor: V) -> V::Output {
                match self { $(UnaryOp::$u(op) => visitor.visit(op),)* }
            }
        }

        impl BinaryOp {
            /// Every function of two numbers.
            ///
            /// ```
            /// # use cotangent::number::function::{BinaryOp, Hypot};
            /// assert!(BinaryOp::all().contains(&BinaryOp::Hypot(Hypot)));
            /// ```
            pub fn all() -> Vec<BinaryOp> { vec![$(BinaryOp::$b($b),)*] }
            /// The name in formulas.
            ///
            /// ```
            /// # use cotangent::number::function::{BinaryOp, Hypot};
            /// assert_eq!(BinaryOp::from(Hypot).name(), "hypot");
            /// ```
            pub fn name(self) -> &'static str { match self { $(BinaryOp::$b(_) => $b::NAME,)* } }
            /// LaTeX, with `#1` and `#2` for the arguments.
            ///
            /// ```
            /// # use cotangent::number::function::{BinaryOp};
            /// assert_eq!(BinaryOp::named("div").unwrap().latex(), r"\frac{#1}{#2}");
            /// ```
            pub fn latex(self) -> &'static str { match self { $(BinaryOp::$b(_) => $b::LATEX,)* } }
            /// The value at `(a, b)`, in whichever engine they belong to.
            ///
            /// ```
            /// # use cotangent::number::function::{BinaryOp};
            /// assert_eq!(BinaryOp::named("hypot").unwrap().apply(&3.0, &4.0), 5.0);
            /// ```
            pub fn apply<R: Real>(self, a: &R, b: &R) -> R {
                match self { $(BinaryOp::$b(op) => a.binary(op, b),)* }
            }
            /// The value at a number and a literal.
            ///
            /// ```
            /// # use cotangent::number::{Dual, function::BinaryOp};
            /// let y = BinaryOp::named("div").unwrap().apply_right(&Dual::variable(3.0), 2.0);
            /// assert_eq!((y.value(), y.derivative()), (1.5, 0.5));
            /// ```
            pub fn apply_right<R: Real>(self, a: &R, b: f64) -> R {
                match self { $(BinaryOp::$b(op) => a.binary_right(op, b),)* }
            }
            /// The value at a literal and a number.
            ///
            /// ```
            /// # use cotangent::number::{Dual, function::BinaryOp};
            /// let y = BinaryOp::named("div").unwrap().apply_left(3.0, &Dual::variable(2.0));
            /// assert_eq!((y.value(), y.derivative()), (1.5, -0.75));
            /// ```
            pub fn apply_left<R: Real>(self, a: f64, b: &R) -> R {
                match self { $(BinaryOp::$b(op) => b.binary_left(op, a),)* }
            }
            /// The first partial's rule at `(a, b)`, where `y` is the value there.
            ///
            /// ```
            /// # use cotangent::number::function::{BinaryOp, Partial};
            /// assert_eq!(BinaryOp::named("mul").unwrap().da(&2.0, &3.0, &6.0), Partial::Of(3.0));
            /// ```
            pub fn da<R: Real>(self, a: &R, b: &R, y: &R) -> Partial<R> {
                match self { $(BinaryOp::$b(op) => op.da(a, b, y).into_partial(),)* }
            }
            /// The second partial's rule at `(a, b)`, where `y` is the value there.
            ///
            /// ```
            /// # use cotangent::number::function::{BinaryOp, Partial};
            /// assert_eq!(BinaryOp::named("mul").unwrap().db(&2.0, &3.0, &6.0), Partial::Of(2.0));
            /// ```
            pub fn db<R: Real>(self, a: &R, b: &R, y: &R) -> Partial<R> {
                match self { $(BinaryOp::$b(op) => op.db(a, b, y).into_partial(),)* }
            }
            /// For each argument, where the function is defined and smooth.
            ///
            /// ```
            /// # use cotangent::number::function::{BinaryOp};
            /// let [a, _] = BinaryOp::named("add").unwrap().domain();
            /// assert_eq!((a.low, a.high), (-3.0, 3.0));
            /// ```
            pub fn domain(self) -> [Domain; 2] { match self { $(BinaryOp::$b(op) => op.domain(),)* } }
            /// Calls the visitor with the function as a type, so that it can be compiled into loops.
            #[inline]
            pub(crate) fn dispatch<V: BinaryVisitor>(self, visitor: V) -> V::Output {
                match self { $(BinaryOp::$b(op) => visitor.visit(op),)* }
            }
        }
    };
}

registry! {
    unary {
        Neg [Neg], Recip [Recip], Square [Square], Abs [Abs], Sqrt [Sqrt], Cbrt [Cbrt],
        Powi [Powi(-2), Powi(-1), Powi(0), Powi(1), Powi(2), Powi(3), Powi(7)],
        Exp [Exp], Exp2 [Exp2], Expm1 [Expm1], Ln [Ln], Ln1p [Ln1p], Log2 [Log2], Log10 [Log10],
        Sin [Sin], Cos [Cos], Tan [Tan], Asin [Asin], Acos [Acos], Atan [Atan],
        Sinh [Sinh], Cosh [Cosh], Tanh [Tanh], Asinh [Asinh], Acosh [Acosh], Atanh [Atanh],
        Relu [Relu], Sigmoid [Sigmoid], Softplus [Softplus], Silu [Silu], Gelu [Gelu],
        Erf [Erf], Erfc [Erfc], Lgamma [Lgamma], Digamma [Digamma],
        Polygamma [Polygamma(1), Polygamma(2), Polygamma(5)],
        Floor [Floor], Ceil [Ceil], Round [Round], Trunc [Trunc], Sign [Sign],
    }
    binary { Add, Sub, Mul, Div, Pow, Atan2, Hypot, Max, Min, Rem, Greater, Less, Equal, Scale, }
}

impl UnaryOp {
    /// The function of this name; those with an integer parameter are found by [`UnaryOp::with_parameter`].
    ///
    /// ```
    /// # use cotangent::number::function::{UnaryOp};
    /// assert_eq!(UnaryOp::named("exp2").unwrap().apply(&3.0), 8.0);
    /// assert_eq!(UnaryOp::named("sinn"), None);
    /// ```
    pub fn named(name: &str) -> Option<UnaryOp> {
        UnaryOp::all().into_iter().find(|op| op.name() == name && op.parameter().is_none())
    }

    /// The integer parameter of `powi` and `polygamma`.
    ///
    /// ```
    /// # use cotangent::number::function::{Powi, Sin, UnaryOp};
    /// assert_eq!(UnaryOp::from(Powi(3)).parameter(), Some(3));
    /// assert_eq!(UnaryOp::from(Sin).parameter(), None);
    /// ```
    pub fn parameter(self) -> Option<i64> {
        match self {
            UnaryOp::Powi(Powi(n)) => Some(n.into()),
            UnaryOp::Polygamma(Polygamma(n)) => Some(n.into()),
            _ => None,
        }
    }

    /// The function of this name with this integer parameter: `powi` or `polygamma`.
    ///
    /// ```
    /// # use cotangent::number::function::{UnaryOp};
    /// assert_eq!(UnaryOp::with_parameter("powi", 3).unwrap().apply(&2.0), 8.0);
    /// assert_eq!(UnaryOp::with_parameter("polygamma", -1), None);
    /// ```
    pub fn with_parameter(name: &str, parameter: i64) -> Option<UnaryOp> {
        match name {
            Powi::NAME => parameter.try_into().ok().map(|n| Powi(n).into()),
            Polygamma::NAME => parameter.try_into().ok().map(|n| Polygamma(n).into()),
            _ => None,
        }
    }
}

impl BinaryOp {
    /// The function of this name.
    ///
    /// ```
    /// # use cotangent::number::function::{BinaryOp};
    /// assert_eq!(BinaryOp::named("rem").unwrap().apply(&-7.0, &3.0), -1.0);
    /// assert_eq!(BinaryOp::named("sin"), None);
    /// ```
    pub fn named(name: &str) -> Option<BinaryOp> {
        BinaryOp::all().into_iter().find(|op| op.name() == name)
    }
}
