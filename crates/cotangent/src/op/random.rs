//! Random numbers by key: the same key gives the same numbers, on any machine, in any order, in every transformation.

use super::registry::{Entry, Sample, draw_whole};
use crate::core::{
    Array, Arrays, DType, Derivative, Element, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors,
    Tree, Type, Types, apply1, batch_elementwise, operands, place, raise,
};
use cotangent_kernels::random;
use smallvec::smallvec;

/// Uniform integers from 0 to 2^bits − 1 (`i64`), of this shape for each key `i64[…, 2]`.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomBits {
    /// The shape for one key.
    pub shape: Shape,
    /// From 1 to 63.
    pub bits: u32,
}

/// `n` keys for each key, that have nothing to do with one another: `i64[…, n, 2]`.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomSplit {
    /// How many.
    pub n: usize,
}

/// A key for each key `i64[…, 2]` and integer `i64[…]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomFoldIn;

/// The axes before a key's own.
pub(super) fn keys<'a>(name: &str, key: &'a Type) -> Result<&'a [usize], Error> {
    match key.shape.split_last() {
        Some((2, lead)) if key.dtype == DType::I64 => Ok(lead),
        _ => Err(Error::new(name)
            .expected("a key, i64[…,2]")
            .got(key.to_string())
            .help("make one by `Key::new(seed)`")),
    }
}

impl Primitive for RandomBits {
    fn name(&self) -> &str {
        "random_bits"
    }
    fn params(&self) -> Params {
        vec![("shape", Param::shape(&self.shape)), ("bits", Param::Int(self.bits.into()))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[key] = inputs else { return Err(operands("random_bits", 1, inputs)) };
        let lead = keys("random_bits", key)?;
        if !(1..=63).contains(&self.bits) {
            return Err(Error::new("random_bits").expected("1 to 63 bits").got(self.bits.to_string()));
        }
        Ok(smallvec![Type::new(DType::I64, lead.iter().chain(self.shape.iter()).copied().collect::<Shape>())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![random::bits(inputs[0], &self.shape, self.bits)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Zero
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![apply1(Prim::new(self.clone()), &[&x[0]])]
    }
}

impl Primitive for RandomSplit {
    fn name(&self) -> &str {
        "random_split"
    }
    fn params(&self) -> Params {
        vec![("n", Param::Int(self.n as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[key] = inputs else { return Err(operands("random_split", 1, inputs)) };
        let lead = keys("random_split", key)?;
        Ok(smallvec![Type::new(DType::I64, lead.iter().copied().chain([self.n, 2]).collect::<Shape>())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![random::split(inputs[0], self.n)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Zero
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![apply1(Prim::new(self.clone()), &[&x[0]])]
    }
}

impl Primitive for RandomFoldIn {
    fn name(&self) -> &str {
        "random_fold_in"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[key, n] = inputs else { return Err(operands("random_fold_in", 2, inputs)) };
        let lead = keys("random_fold_in", key)?;
        if n.dtype != DType::I64 || *n.shape != *lead {
            let expected = format!("{}", Type::new(DType::I64, lead.iter().copied().collect::<Shape>()));
            return Err(Error::new("random_fold_in").expected(expected).got(n.to_string()));
        }
        Ok(smallvec![key.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![random::fold_in(inputs[0], inputs[1])])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Zero
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![apply1(Prim::new(*self), &[&x[0], &x[1]])]
    }
}

pub(super) fn sample_key(lead: &[usize]) -> Tensor {
    let count = lead.iter().product::<usize>() * 2;
    let shape: Vec<usize> = lead.iter().copied().chain([2]).collect();
    Tensor::from_vec((0..count as i64).collect::<Vec<i64>>(), shape)
}

pub(super) const BITS: Entry = Entry {
    name: "random_bits",
    parse: |given| {
        let bits = given.size("bits")?.try_into().ok()?;
        Some(Prim::new(RandomBits { shape: given.sizes("shape")?.into(), bits }))
    },
    samples: || {
        let shapes: [(&[usize], &[usize]); 4] = [(&[], &[]), (&[], &[3]), (&[2], &[2, 2]), (&[], &[0])];
        let bits = |shape: &[usize]| Prim::new(RandomBits { shape: shape.into(), bits: 16 });
        shapes.iter().map(|(lead, shape)| Sample::new(bits(shape), [sample_key(lead)])).collect()
    },
};

pub(super) const SPLIT: Entry = Entry {
    name: "random_split",
    parse: |given| Some(Prim::new(RandomSplit { n: given.size("n")? })),
    samples: || {
        let leads: [&[usize]; 3] = [&[], &[2], &[0]];
        leads.iter().map(|lead| Sample::new(Prim::new(RandomSplit { n: 3 }), [sample_key(lead)])).collect()
    },
};

pub(super) const FOLD_IN: Entry = Entry {
    name: "random_fold_in",
    parse: |given| given.0.is_empty().then(|| Prim::new(RandomFoldIn)),
    samples: || {
        let leads: [&[usize]; 3] = [&[], &[2], &[0, 3]];
        leads
            .map(|lead| Sample::new(Prim::new(RandomFoldIn), [sample_key(lead), draw_whole(lead, 9, 1)]))
            .into()
    },
};

/// A key of random numbers. Use each key once: two draws from one key are the same numbers; [split](Key::split) it for more.
///
/// ```
/// use cotangent::prelude::*;
/// let key = Key::new(42);
/// let x = key.normal::<f64>([3]);
/// assert_eq!(x.to_vec::<f64>(), key.normal::<f64>([3]).to_vec::<f64>());
/// ```
#[derive(Tree, Clone, Debug)]
pub struct Key {
    words: Tensor,
}

impl Key {
    /// The key of a seed.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (a, b) = (Key::new(7).uniform::<f64>([]), Key::new(7).uniform::<f64>([]));
    /// assert_eq!(a.item::<f64>(), b.item::<f64>());
    /// ```
    pub fn new(seed: u64) -> Key {
        Key { words: Tensor::from(vec![seed as i64, 0_i64]) }
    }

    /// A key of these words, `i64[2]`.
    pub(super) fn of(words: &Tensor) -> Key {
        Key { words: words.clone() }
    }

    pub(super) fn words(&self) -> &Tensor {
        &self.words
    }

    /// `n` keys that have nothing to do with one another, nor with this one.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let keys = Key::new(0).split(2);
    /// assert_ne!(keys[0].uniform::<f64>([]).item::<f64>(), keys[1].uniform::<f64>([]).item::<f64>());
    /// ```
    #[track_caller]
    pub fn split(&self, n: usize) -> Vec<Key> {
        let all = apply1(Prim::new(RandomSplit { n }), &[&self.words]);
        (0..n).map(|i| Key { words: all.index(i) }).collect()
    }

    /// The key that belongs to this one and a number, such as that of a step or an example: a tensor or a Rust integer.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let key = Key::new(0);
    /// let draw = |step: i32| key.fold_in(step).uniform::<f64>([]).item::<f64>();
    /// assert!(draw(3) == draw(3) && draw(3) != draw(4));
    /// ```
    ///
    /// # Panics
    /// If the number is not one integer.
    #[track_caller]
    pub fn fold_in(&self, n: impl Into<Tensor>) -> Key {
        let n = n.into();
        if !n.dtype().is_integer() {
            let error = Error::new("fold_in").expected("an integer").got(n.ty().to_string());
            raise(error.at(Some(place())))
        }
        Key { words: apply1(Prim::new(RandomFoldIn), &[&self.words, &n.to(DType::I64)]) }
    }

    /// `n` keys as one tree with a leading axis, for `vmap`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let rows = vmap(|key: &Key| key.uniform::<f64>([2]))(&Key::new(1).batch(3));
    /// assert_eq!(*rows.shape(), [3, 2].into());
    /// ```
    #[track_caller]
    pub fn batch(&self, n: usize) -> Key {
        Key { words: apply1(Prim::new(RandomSplit { n }), &[&self.words]) }
    }

    /// Uniform integers from 0 to 2^bits − 1 (`i64`); `bits` from 1 to 63.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let coins = Key::new(1).bits([1000], 1);
    /// assert!((coins.to(DType::F64).mean().item::<f64>() - 0.5).abs() < 0.05);
    /// ```
    #[track_caller]
    pub fn bits(&self, shape: impl Into<Shape>, bits: u32) -> Tensor {
        apply1(Prim::new(RandomBits { shape: shape.into(), bits }), &[&self.words])
    }

    /// Uniform numbers in [0, 1): multiples of 2⁻⁵³ (of 2⁻²⁴ in `f32`).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Key::new(1).uniform::<f64>([1000]);
    /// assert!((x.mean().item::<f64>() - 0.5).abs() < 0.05);
    /// ```
    #[track_caller]
    pub fn uniform<T: Element>(&self, shape: impl Into<Shape>) -> Tensor {
        if !T::DTYPE.is_float() {
            let error = Error::new("uniform").expected("a float dtype").got(T::DTYPE.to_string());
            raise(error.help("`randint(shape, range)` gives integers").at(Some(place())))
        }
        let (bits, unit) = match T::DTYPE {
            DType::F32 => (24, 1.0 / (1_u64 << 24) as f64),
            _ => (53, 1.0 / (1_u64 << 53) as f64),
        };
        self.bits(shape, bits).to(T::DTYPE) * unit
    }

    /// Numbers of the standard normal distribution. (G. Box, M. Muller, "A note on the generation of random normal deviates", 1958.)
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Key::new(1).normal::<f64>([1000]);
    /// assert!((x.square().mean().item::<f64>() - 1.0).abs() < 0.1);
    /// ```
    #[track_caller]
    pub fn normal<T: Element>(&self, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        let both = self.uniform::<T>([2].into_iter().chain(shape.iter().copied()).collect::<Shape>());
        // 1 − u is never 0, so its logarithm is finite.
        let radius = ((1.0 - both.index(0)).ln() * -2.0).sqrt();
        radius * (both.index(1) * std::f64::consts::TAU).cos()
    }
}
