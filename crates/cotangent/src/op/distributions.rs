//! Random numbers of the common distributions.

use super::compare::Comparable;
use super::composed::{Case, Composition};
use super::random::{Key, keys, sample_key};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, DType, Derivative, Element, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors,
    Type, Types, apply1, operands, place, raise,
};
use cotangent_kernels::random;
use smallvec::smallvec;
use std::ops::Range;

/// Uniform integers from `low` to `high` − 1 (`i64`), of this shape for each key `i64[…, 2]`.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomInt {
    /// The shape for one key.
    pub shape: Shape,
    /// The least.
    pub low: i64,
    /// Above the largest.
    pub high: i64,
}

/// Numbers of the standard normal distribution between two bounds, of this shape for each key `i64[…, 2]`.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomTruncatedNormal {
    /// The shape for one key.
    pub shape: Shape,
    /// The least.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// `f32` or `f64`.
    pub dtype: DType,
}

fn shaped(dtype: DType, lead: &[usize], shape: &Shape) -> Types {
    smallvec![Type::new(dtype, lead.iter().chain(shape.iter()).copied().collect::<Shape>())]
}

impl Primitive for RandomInt {
    fn name(&self) -> &str {
        "random_int"
    }
    fn params(&self) -> Params {
        let bounds = [("low", Param::Int(self.low)), ("high", Param::Int(self.high))];
        [("shape", Param::shape(&self.shape))].into_iter().chain(bounds).collect()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[key] = inputs else { return Err(operands("random_int", 1, inputs)) };
        if self.low >= self.high {
            let got = format!("{}..{}", self.low, self.high);
            return Err(Error::new("random_int").expected("a range with a number in it").got(got));
        }
        Ok(shaped(DType::I64, keys("random_int", key)?, &self.shape))
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![random::integers(inputs[0], &self.shape, self.low, self.high)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Zero
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![apply1(Prim::new(self.clone()), &[&x[0]])]
    }
}

impl Primitive for RandomTruncatedNormal {
    fn name(&self) -> &str {
        "random_truncated_normal"
    }
    /// The bounds as the bits of floats, which read back exactly.
    fn params(&self) -> Params {
        vec![
            ("shape", Param::shape(&self.shape)),
            ("low", Param::Int(self.low.to_bits() as i64)),
            ("high", Param::Int(self.high.to_bits() as i64)),
            ("dtype", Param::DType(self.dtype)),
        ]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let name = "random_truncated_normal";
        let &[key] = inputs else { return Err(operands(name, 1, inputs)) };
        if self.low.is_nan() || self.high.is_nan() || self.low >= self.high {
            let got = format!("{:?}..{:?}", self.low, self.high);
            return Err(Error::new(name).expected("a range with a number in it").got(got));
        }
        if !self.dtype.is_float() {
            return Err(Error::new(name).expected("a float dtype").got(self.dtype.to_string()));
        }
        Ok(shaped(self.dtype, keys(name, key)?, &self.shape))
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![random::truncated_normal(inputs[0], &self.shape, self.low, self.high, self.dtype)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Zero
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![apply1(Prim::new(self.clone()), &[&x[0]])]
    }
}

impl Key {
    /// Uniform numbers in `low..high`, `high` excluded.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Key::new(1).uniform_range::<f64>([1000], -2.0..6.0);
    /// assert!((x.mean().item::<f64>() - 2.0).abs() < 0.3);
    /// ```
    ///
    /// # Panics
    /// If no number of the dtype is in the range, or it is not finite.
    #[track_caller]
    pub fn uniform_range<T: Element>(&self, shape: impl Into<Shape>, range: Range<f64>) -> Tensor {
        let (low, high) = (range.start, range.end);
        // The largest number below `high`: rounding may reach `high` itself.
        let last = match T::DTYPE {
            DType::F32 => f64::from((high as f32).next_down()),
            _ => high.next_down(),
        };
        if !(low <= last && (high - low).is_finite()) {
            let error = Error::new("uniform_range").expected("a finite range with a number in it");
            raise(error.got(format!("{low:?}..{high:?}")).at(Some(place())))
        }
        let u = self.uniform::<T>(shape) * (high - low) + low;
        u.clamp(low, last)
    }

    /// Uniform integers in a range (`i64`), none more likely than another.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let dice = Key::new(1).randint([1000], 1..7);
    /// assert_eq!((dice.min().item::<i64>(), dice.max().item::<i64>()), (1, 6));
    /// ```
    ///
    /// # Panics
    /// If the range is empty.
    #[track_caller]
    pub fn randint(&self, shape: impl Into<Shape>, range: Range<i64>) -> Tensor {
        let (low, high) = (range.start, range.end);
        apply1(Prim::new(RandomInt { shape: shape.into(), low, high }), &[self.words()])
    }

    /// True with probability `p`: a number, or a tensor that broadcasts to the shape.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let coins = Key::new(1).bernoulli([1000], 0.3).to(DType::F64);
    /// assert!((coins.mean().item::<f64>() - 0.3).abs() < 0.05);
    /// ```
    #[track_caller]
    pub fn bernoulli(&self, shape: impl Into<Shape>, p: impl Comparable) -> Tensor {
        let shape = shape.into();
        let p = p.meeting("bernoulli", &Tensor::zeros::<f64>(shape.clone())).broadcast_to(shape.clone());
        match p.dtype() {
            DType::F32 => self.uniform::<f32>(shape).less(&p),
            _ => self.uniform::<f64>(shape).less(&p),
        }
    }

    /// Class indices (`i64`) with the probabilities softmax(logits) along an axis, which the result does not have: one for each of the
    /// other entries. For more broadcast the logits first. A logit of −∞ is never chosen. (By the largest of logits and Gumbel noise:
    /// E. Gumbel, 1954.)
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let logits = Tensor::from([0.1, 0.9]).ln().broadcast_to([1000, 2]);
    /// let ones = Key::new(1).categorical(&logits, -1).sum().item::<i64>();
    /// assert!((850..950).contains(&ones));
    /// ```
    ///
    /// # Panics
    /// If the logits are not floats, or there is no class.
    #[track_caller]
    pub fn categorical(&self, logits: &Tensor, axis: isize) -> Tensor {
        let axis = logits.axes("categorical", axis)[0];
        let classes = logits.shape()[axis];
        if !logits.dtype().is_float() || classes == 0 {
            let error = Error::new("categorical").expected("floats, with at least one class");
            raise(error.got(logits.ty().to_string()).at(Some(place())))
        }
        let shape = logits.shape().clone();
        let noise = match logits.dtype() {
            DType::F32 => self.gumbel::<f32>(shape),
            _ => self.gumbel::<f64>(shape),
        };
        let (_, order) = (logits.stop_gradient() + noise).sort(axis as isize);
        order.slice_axis(axis as isize, classes - 1..).squeeze(axis as isize)
    }

    /// The numbers 0, 1, … n − 1 (`i64`) in random order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let order = Key::new(1).permutation(5);
    /// assert_eq!(order.sort(0).0.to_vec::<i64>(), [0, 1, 2, 3, 4]);
    /// ```
    #[track_caller]
    pub fn permutation(&self, n: usize) -> Tensor {
        // Equal bits, of which there are about n²/2⁶⁴, would keep their order.
        self.bits([n], 63).sort(0).1
    }

    /// The rows of a tensor (along an axis) in random order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(Key::new(1).shuffle(&x, 0).sum_axes(0).to_vec::<f64>(), [4.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn shuffle(&self, x: &Tensor, axis: isize) -> Tensor {
        let axis = x.axes("shuffle", axis)[0];
        x.take(&self.permutation(x.shape()[axis]), axis as isize)
    }

    /// Numbers of the standard normal distribution in a range; the bounds may be infinite. By the inverse of its distribution function,
    /// taken in the lower tail, where it is accurate: also far from 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Key::new(1).truncated_normal::<f64>([1000], 10.0..f64::INFINITY);
    /// assert!((x.mean().item::<f64>() - 10.098).abs() < 0.01);
    /// ```
    ///
    /// # Panics
    /// If the range is empty or the dtype no float.
    #[track_caller]
    pub fn truncated_normal<T: Element>(&self, shape: impl Into<Shape>, range: Range<f64>) -> Tensor {
        let (low, high) = (range.start, range.end);
        let draw = RandomTruncatedNormal { shape: shape.into(), low, high, dtype: T::DTYPE };
        apply1(Prim::new(draw), &[self.words()])
    }

    /// Numbers of the exponential distribution of mean 1: −ln u.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Key::new(1).exponential::<f64>([1000]);
    /// assert!((x.mean().item::<f64>() - 1.0).abs() < 0.1);
    /// ```
    #[track_caller]
    pub fn exponential<T: Element>(&self, shape: impl Into<Shape>) -> Tensor {
        -self.open::<T>("exponential", shape.into()).ln()
    }

    /// Numbers of the Gumbel distribution, that of a maximum: −ln(−ln u).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Key::new(1).gumbel::<f64>([1000]);
    /// assert!((x.mean().item::<f64>() - 0.5772).abs() < 0.1); // Euler's constant
    /// ```
    #[track_caller]
    pub fn gumbel<T: Element>(&self, shape: impl Into<Shape>) -> Tensor {
        -self.exponential::<T>(shape).ln()
    }

    /// Uniform numbers in (0, 1), neither end included: odd multiples of 2⁻⁵³ (of 2⁻²⁴ in `f32`).
    #[track_caller]
    fn open<T: Element>(&self, name: &str, shape: Shape) -> Tensor {
        if !T::DTYPE.is_float() {
            let error = Error::new(name).expected("a float dtype").got(T::DTYPE.to_string());
            raise(error.at(Some(place())))
        }
        let bits = if T::DTYPE == DType::F32 { 23 } else { 52 };
        (self.bits(shape, bits).to(T::DTYPE) + 0.5) / (1_u64 << bits) as f64
    }
}

pub(super) const INT: Entry = Entry {
    name: "random_int",
    parse: |given| {
        let (low, high) = (given.get("low")?.as_int()?, given.get("high")?.as_int()?);
        Some(Prim::new(RandomInt { shape: given.sizes("shape")?.into(), low, high }))
    },
    samples: || {
        let sample = |lead: &[usize], shape: &[usize], low: i64, high: i64| {
            Sample::new(Prim::new(RandomInt { shape: shape.into(), low, high }), [sample_key(lead)])
        };
        vec![
            sample(&[], &[], 0, 1),
            sample(&[], &[3], -5, 12),
            sample(&[2], &[2, 2], i64::MIN, i64::MAX),
            sample(&[], &[0], 0, 2),
        ]
    },
};

pub(super) const TRUNCATED_NORMAL: Entry = Entry {
    name: "random_truncated_normal",
    parse: |given| {
        let bound = |name: &str| Some(f64::from_bits(given.get(name)?.as_int()? as u64));
        let (low, high, dtype) = (bound("low")?, bound("high")?, given.dtype("dtype")?);
        Some(Prim::new(RandomTruncatedNormal { shape: given.sizes("shape")?.into(), low, high, dtype }))
    },
    samples: || {
        let sample = |lead: &[usize], shape: &[usize], low: f64, high: f64, dtype: DType| {
            let draw = RandomTruncatedNormal { shape: shape.into(), low, high, dtype };
            Sample::new(Prim::new(draw), [sample_key(lead)])
        };
        vec![
            sample(&[], &[], -1.0, 2.0, DType::F64),
            sample(&[], &[3], 0.5, f64::INFINITY, DType::F32),
            sample(&[2], &[2, 2], -60.0, -50.0, DType::F64),
            sample(&[], &[0], -1.0, 1.0, DType::F64),
        ]
    },
};

macro_rules! rows {
    ($($name:literal $f:expr;)*) => {
        [$(Composition {
            name: $name,
            cases: || {
                let f: fn(&Key) -> Tensor = $f;
                [1, 2].map(|seed| Case::new(move |x| f(&Key::of(&x[0])), [sample_key(&[]) + seed])).into()
            },
        },)* SHUFFLE, BERNOULLI, CATEGORICAL]
    };
}

pub(super) const ROWS: [Composition; 12] = rows! {
    "uniform" |key| key.uniform::<f32>([2, 3]);
    "uniform_range" |key| key.uniform_range::<f64>([5], -3.0..1.0);
    "normal" |key| key.normal::<f64>([2, 0, 3]);
    "randint" |key| key.randint([5], -2..9);
    "permutation" |key| key.permutation(6);
    "truncated_normal" |key| key.truncated_normal::<f32>([5], -1.0..0.25);
    "exponential" |key| key.exponential::<f64>([]);
    "gumbel" |key| key.gumbel::<f32>([4]);
    "fold_in" |key| key.fold_in(7).bits([2], 40);
};

const SHUFFLE: Composition = Composition {
    name: "shuffle",
    cases: || {
        let case = |shape: &[usize], axis: isize| {
            let operands = [sample_key(&[]), draw(shape, -1.0, 1.0, 1)];
            Case::new(move |x| Key::of(&x[0]).shuffle(&x[1], axis), operands)
        };
        vec![case(&[5], 0), case(&[2, 4], -1), case(&[3, 2], 0), case(&[0], 0), case(&[1, 1], 0)]
    },
};

const BERNOULLI: Composition = Composition {
    name: "bernoulli",
    cases: || {
        let operands = |p: Tensor| [sample_key(&[]), p];
        vec![
            Case::new(|x| Key::of(&x[0]).bernoulli([2, 3], &x[1]), operands(draw(&[3], 0.0, 1.0, 1))),
            Case::new(|x| Key::of(&x[0]).bernoulli([], &x[1]), operands(draw(&[], 0.0, 1.0, 1))),
            Case::new(|x| Key::of(&x[0]).bernoulli([4], 0.5), [sample_key(&[])]),
        ]
    },
};

const CATEGORICAL: Composition = Composition {
    name: "categorical",
    cases: || {
        let case = |shape: &[usize], axis: isize| {
            let operands = [sample_key(&[]), draw(shape, -1.0, 1.0, 1)];
            Case::new(move |x| Key::of(&x[0]).categorical(&x[1], axis), operands)
        };
        vec![case(&[3], 0), case(&[2, 4], -1), case(&[3, 2], 0), case(&[1], 0), case(&[0, 2], 1)]
    },
};
