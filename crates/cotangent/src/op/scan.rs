//! Scans along an axis: sums, products, largest and smallest of the entries up to each.

use super::recurrence::{previous, recurrence};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Transpose,
    Type, Types, apply, operands, scale,
};
use cotangent_kernels::scan;
use smallvec::smallvec;

/// What a scan makes of the entries up to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cumulative {
    /// Their sum.
    Sum,
    /// Their product.
    Prod,
    /// The largest, and where it stands.
    Max,
    /// The smallest, and where it stands.
    Min,
    /// ln Σ eˣ.
    LogSumExp,
}

/// Along an axis `yᵢ` made of `x₀ … xᵢ`, or in reverse of `xᵢ … xₙ₋₁`. The largest and the smallest have a second output: where they
/// stand (`i64`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scan {
    /// What it makes of them.
    pub kind: Cumulative,
    /// Which axis.
    pub axis: usize,
    /// From the last entry to the first.
    pub reverse: bool,
}

impl Scan {
    #[track_caller]
    fn apply(self, x: &Tensor) -> Tensor {
        apply(Prim::new(self), &[x]).swap_remove(0)
    }

    fn has_places(&self) -> bool {
        matches!(self.kind, Cumulative::Max | Cumulative::Min)
    }
}

impl Primitive for Scan {
    fn name(&self) -> &str {
        match self.kind {
            Cumulative::Sum => "cumsum",
            Cumulative::Prod => "cumprod",
            Cumulative::Max => "cummax",
            Cumulative::Min => "cummin",
            Cumulative::LogSumExp => "cumlogsumexp",
        }
    }
    fn params(&self) -> Params {
        vec![("axis", Param::Int(self.axis as i64)), ("reverse", Param::Bool(self.reverse))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands(self.name(), 1, inputs)) };
        if self.kind == Cumulative::LogSumExp && !x.dtype.is_float() {
            let error = Error::new(self.name()).expected("floats").got(x.to_string());
            return Err(error.help("convert first with `.to(DType::F64)`"));
        }
        if x.dtype == DType::Bool {
            let help = "convert first: `.to(DType::I64)`";
            return Err(Error::new(self.name()).expected("numbers").got(x.to_string()).help(help));
        }
        if self.axis >= x.shape.rank() {
            let error = Error::new(self.name()).expected(format!("an axis of {x}"));
            return Err(error.got(self.axis.to_string()));
        }
        let mut types: Types = smallvec![x.clone()];
        if self.has_places() {
            types.push(Type::new(DType::I64, x.shape.clone()));
        }
        Ok(types)
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (x, axis, reverse) = (inputs[0], self.axis, self.reverse);
        Ok(match self.kind {
            Cumulative::Sum => smallvec![scan::cumsum(x, axis, reverse)],
            Cumulative::Prod => smallvec![scan::cumprod(x, axis, reverse)],
            Cumulative::LogSumExp => smallvec![scan::cumlogsumexp(x, axis, reverse)],
            Cumulative::Max | Cumulative::Min => {
                let (y, places) = scan::extreme(x, axis, self.kind == Cumulative::Max, reverse);
                [y, places].into_iter().collect()
            }
        })
    }
    fn derivative(&self) -> Derivative<'_> {
        match self.kind {
            Cumulative::Sum => Derivative::Linear(self),
            _ => Derivative::General(self),
        }
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        apply(Prim::new(Scan { axis: self.axis + 1, ..*self }), &[&x[0]])
    }
}

impl Transpose for Scan {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    /// An entry is in the sums from it on.
    fn transpose(&self, _x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let back = Scan { reverse: !self.reverse, ..*self };
        vec![ct[0].as_ref().map(|ct| back.apply(ct))]
    }
}

impl Jvp for Scan {
    /// Products: ẏᵢ = xᵢ·ẏᵢ₋₁ + yᵢ₋₁·ẋᵢ, where nothing is divided. The largest: tangents go where their entries went. ln Σ eˣ:
    /// ẏᵢ = e^(yᵢ₋₁ − yᵢ)·ẏᵢ₋₁ + e^(xᵢ − yᵢ)·ẋᵢ, and 0 where yᵢ is infinite.
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let (axis, reverse) = (self.axis, self.reverse);
        let rule = |t: &Tensor| match self.kind {
            Cumulative::Sum => self.apply(t),
            Cumulative::Prod => {
                recurrence(&x[0], &scale(t, &previous(&y[0], 1.0, axis, reverse)), axis, reverse)
            }
            Cumulative::Max | Cumulative::Min => t.take_along_axis(&y[1], axis as isize),
            Cumulative::LogSumExp => {
                let (x, y) = (&x[0], &y[0]);
                let before = previous(y, f64::NEG_INFINITY, axis, reverse);
                let finite = y.abs().less(f64::INFINITY);
                let part = |of: &Tensor| finite.select(&(of - y).exp(), &y.zeros_like());
                recurrence(&part(&before), &scale(t, &part(x)), axis, reverse)
            }
        };
        let mut tangents = vec![t[0].as_ref().map(rule)];
        if self.has_places() {
            tangents.push(None);
        }
        tangents
    }
}

impl Tensor {
    #[track_caller]
    fn scan(&self, name: &str, kind: Cumulative, axis: isize, reverse: bool) -> Tensor {
        let axis = self.axes(name, axis)[0];
        Scan { kind, axis, reverse }.apply(self)
    }

    /// The sums of the entries up to each along an axis. Sums of `f32` are kept in `f64` while they run; integers wrap.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 2.0, 4.0]);
    /// assert_eq!(x.cumsum(0).to_vec::<f64>(), [1.0, 3.0, 7.0]);
    /// assert_eq!(grad(|x: &Tensor| x.cumsum(0).sum())(&x).to_vec::<f64>(), [3.0, 2.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If the axis does not exist, or the entries are bools.
    #[track_caller]
    pub fn cumsum(&self, axis: isize) -> Tensor {
        self.scan("cumsum", Cumulative::Sum, axis, false)
    }

    /// The sums of each entry and those behind it.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, 2.0, 4.0]).cumsum_reverse(0).to_vec::<f64>(), [7.0, 6.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn cumsum_reverse(&self, axis: isize) -> Tensor {
        self.scan("cumsum", Cumulative::Sum, axis, true)
    }

    /// The products of the entries up to each along an axis. The derivative divides by nothing, so it is right where factors are 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([2.0, 0.0, 3.0]);
    /// assert_eq!(x.cumprod(0).to_vec::<f64>(), [2.0, 0.0, 0.0]);
    /// assert_eq!(grad(|x: &Tensor| x.cumprod(0).sum())(&x).to_vec::<f64>(), [1.0, 8.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the axis does not exist, or the entries are bools.
    #[track_caller]
    pub fn cumprod(&self, axis: isize) -> Tensor {
        self.scan("cumprod", Cumulative::Prod, axis, false)
    }

    /// The products of each entry and those behind it.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([2.0, 3.0, 4.0]).cumprod_reverse(0).to_vec::<f64>(), [24.0, 12.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn cumprod_reverse(&self, axis: isize) -> Tensor {
        self.scan("cumprod", Cumulative::Prod, axis, true)
    }

    /// The largest of the entries up to each along an axis; NaN from the first NaN on. The derivative is that of the first of the largest.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 3.0, 2.0]);
    /// assert_eq!(x.cummax(0).to_vec::<f64>(), [1.0, 3.0, 3.0]);
    /// assert_eq!(grad(|x: &Tensor| x.cummax(0).sum())(&x).to_vec::<f64>(), [1.0, 2.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the axis does not exist, or the entries are bools.
    #[track_caller]
    pub fn cummax(&self, axis: isize) -> Tensor {
        self.scan("cummax", Cumulative::Max, axis, false)
    }

    /// The largest of each entry and those behind it; the derivative is that of the last of the largest.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1, 3, 2]).cummax_reverse(0).to_vec::<i32>(), [3, 3, 2]);
    /// ```
    #[track_caller]
    pub fn cummax_reverse(&self, axis: isize) -> Tensor {
        self.scan("cummax", Cumulative::Max, axis, true)
    }

    /// The smallest of the entries up to each along an axis; NaN from the first NaN on. The derivative is that of the first of the smallest.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([2.0, 3.0, 1.0]).cummin(0).to_vec::<f64>(), [2.0, 2.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If the axis does not exist, or the entries are bools.
    #[track_caller]
    pub fn cummin(&self, axis: isize) -> Tensor {
        self.scan("cummin", Cumulative::Min, axis, false)
    }

    /// The smallest of each entry and those behind it; the derivative is that of the last of the smallest.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([2, 1, 3]).cummin_reverse(0).to_vec::<i32>(), [1, 1, 3]);
    /// ```
    #[track_caller]
    pub fn cummin_reverse(&self, axis: isize) -> Tensor {
        self.scan("cummin", Cumulative::Min, axis, true)
    }

    /// ln Σ eˣ of the entries up to each along an axis, without overflow. Where it is infinite its derivative is 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let y = Tensor::from([1000.0, 1000.0]).cumlogsumexp(0);
    /// assert_eq!(y.to_vec::<f64>(), [1000.0, 1000.0 + std::f64::consts::LN_2]);
    /// ```
    ///
    /// # Panics
    /// If the axis does not exist, or the entries are not floats.
    #[track_caller]
    pub fn cumlogsumexp(&self, axis: isize) -> Tensor {
        self.scan("cumlogsumexp", Cumulative::LogSumExp, axis, false)
    }

    /// ln Σ eˣ of each entry and those behind it.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let y = Tensor::from([0.0, 0.0, -1000.0]).cumlogsumexp_reverse(0);
    /// assert_eq!(y.to_vec::<f64>(), [std::f64::consts::LN_2, 0.0, -1000.0]);
    /// ```
    #[track_caller]
    pub fn cumlogsumexp_reverse(&self, axis: isize) -> Tensor {
        self.scan("cumlogsumexp", Cumulative::LogSumExp, axis, true)
    }
}

macro_rules! scans {
    ($($kind:ident $name:literal)*) => {
        pub(super) const SCANS: [Entry; 5] = [$(Entry {
            name: $name,
            parse: |given| {
                let (axis, reverse) = (given.size("axis")?, given.bool("reverse")?);
                Some(Prim::new(Scan { kind: Cumulative::$kind, axis, reverse }))
            },
            samples: || samples(Cumulative::$kind),
        }),*];
    };
}

scans! {
    Sum "cumsum"
    Prod "cumprod"
    Max "cummax"
    Min "cummin"
    LogSumExp "cumlogsumexp"
}

fn samples(kind: Cumulative) -> Vec<Sample> {
    let shapes: [(&[usize], usize); 7] =
        [(&[1], 0), (&[5], 0), (&[2, 3], 1), (&[3, 2], 0), (&[2, 3, 2], 1), (&[0], 0), (&[2, 0], 0)];
    let sample =
        |axis: usize, reverse: bool, x: Tensor| Sample::new(Prim::new(Scan { kind, axis, reverse }), [x]);
    let mut samples: Vec<Sample> = [false, true]
        .into_iter()
        .flat_map(|reverse| shapes.map(|(shape, axis)| sample(axis, reverse, draw(shape, -1.5, 1.5, 1))))
        .collect();
    if kind == Cumulative::Prod {
        samples.push(sample(0, false, Tensor::from([0.5, 0.0, 1.5, 0.0, -2.0])));
        samples.push(sample(1, true, Tensor::from([[0.5, 0.0, 1.5], [0.0, 0.0, -2.0]])));
    }
    if kind == Cumulative::LogSumExp {
        samples.push(sample(0, false, Tensor::from([900.0, 901.0, -800.0, 899.5])));
    }
    samples
}
