//! A window whose place is data: reading it, and writing to it.

use super::gather::{check_indices, repeated};
use super::registry::{Entry, Sample, draw, draw_whole};
use crate::core::{
    Array, Arrays, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors, Transpose,
    Type, Types, apply1, different, operands, place, raise,
};
use cotangent_kernels::dynamic;
use smallvec::smallvec;

/// The window of these sizes in an operand `[batch…, n…]` that begins at the starts `[batch…, axes]`: `[batch…, sizes…]`. Negative
/// starts count from the end; a window that would leave the operand is moved into it.
#[derive(Clone, Debug, PartialEq)]
pub struct DynamicSlice {
    /// How many leading axes the operand and the starts have in common.
    pub batch: usize,
    /// The length of the window along each axis.
    pub sizes: Vec<usize>,
}

/// An operand `[batch…, n…]` with the window that begins at the starts `[batch…, axes]` replaced by an update `[batch…, sizes…]`. The
/// starts are those of [`DynamicSlice`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DynamicUpdateSlice {
    /// How many leading axes the operand, the update and the starts have in common.
    pub batch: usize,
}

/// Do the starts fit this operand, and the sizes?
fn check(name: &str, batch: usize, x: &Type, starts: &Type, sizes: &[usize]) -> Result<(), Error> {
    check_indices(name, starts)?;
    let rank = x.shape.rank();
    if batch == 0 && starts.shape.rank() != 1 {
        let expected = format!("starts in a vector, one for each axis of {x}");
        return Err(Error::new(name).expected(expected).got(starts.to_string()));
    }
    if rank < batch || starts.shape.rank() != batch + 1 || starts.shape[..batch] != x.shape[..batch] {
        let expected =
            format!("an operand and starts with {batch} equal leading axes, and one more for the starts");
        return Err(Error::new(name).expected(expected).got(format!("{x} and {starts}")));
    }
    let lengths = &x.shape[batch..];
    if starts.shape[batch] != lengths.len() {
        let expected = format!("{} starts, one for each axis of {x}", lengths.len());
        return Err(Error::new(name).expected(expected).got(starts.to_string()));
    }
    if sizes.len() != lengths.len() || sizes.iter().zip(lengths).any(|(size, n)| size > n) {
        let expected = format!("a window that fits into {x}, with a size for each axis");
        return Err(Error::new(name).expected(expected).got(format!("{}", Shape::from(sizes))));
    }
    Ok(())
}

impl Primitive for DynamicSlice {
    fn name(&self) -> &str {
        "dynamic_slice"
    }
    fn params(&self) -> Params {
        vec![("batch", Param::Int(self.batch as i64)), ("sizes", Param::ints(&self.sizes))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x, starts] = inputs else { return Err(operands("dynamic_slice", 2, inputs)) };
        check("dynamic_slice", self.batch, x, starts, &self.sizes)?;
        let shape: Shape = x.shape[..self.batch].iter().chain(&self.sizes).copied().collect();
        Ok(smallvec![Type::new(x.dtype, shape)])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![dynamic::dynamic_slice(inputs[0], inputs[1], self.batch, &self.sizes)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let each = |i: usize| if mapped[i] { x[i].clone() } else { repeated(&x[i], size) };
        smallvec![DynamicSlice { batch: self.batch + 1, sizes: self.sizes.clone() }.apply(&each(0), &each(1))]
    }
}

impl DynamicSlice {
    #[track_caller]
    fn apply(self, x: &Tensor, starts: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[x, starts])
    }
}

impl Transpose for DynamicSlice {
    fn linear(&self, i: usize) -> bool {
        i == 0
    }
    /// Zeros where nothing was taken.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let back = DynamicUpdateSlice { batch: self.batch };
        vec![ct[0].as_ref().map(|ct| back.apply(&x[0].zeros_like(), ct, &x[1])), None]
    }
}

impl Primitive for DynamicUpdateSlice {
    fn name(&self) -> &str {
        "dynamic_update_slice"
    }
    fn params(&self) -> Params {
        vec![("batch", Param::Int(self.batch as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        const NAME: &str = "dynamic_update_slice";
        let &[x, update, starts] = inputs else { return Err(operands(NAME, 3, inputs)) };
        if update.dtype != x.dtype {
            return Err(different(NAME, x, update));
        }
        let leading = |ty: &Type| ty.shape.get(..self.batch).map(<[usize]>::to_vec);
        if update.shape.rank() != x.shape.rank() || leading(x).is_none() || leading(update) != leading(x) {
            let expected = format!("an update with as many axes as {x}");
            return Err(Error::new(NAME).expected(expected).got(update.to_string()));
        }
        check(NAME, self.batch, x, starts, &update.shape[self.batch..])?;
        Ok(smallvec![x.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![dynamic::dynamic_update_slice(inputs[0], inputs[1], inputs[2], self.batch)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let each = |i: usize| if mapped[i] { x[i].clone() } else { repeated(&x[i], size) };
        smallvec![DynamicUpdateSlice { batch: self.batch + 1 }.apply(&each(0), &each(1), &each(2))]
    }
}

impl DynamicUpdateSlice {
    #[track_caller]
    fn apply(self, x: &Tensor, update: &Tensor, starts: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[x, update, starts])
    }
}

impl Transpose for DynamicUpdateSlice {
    fn linear(&self, i: usize) -> bool {
        i < 2
    }
    /// What was replaced gets nothing, and the update what lies in its window.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], wanted: &[bool]) -> Vec<Option<Tensor>> {
        let Some(ct) = &ct[0] else { return vec![None; 3] };
        let sizes = x[1].shape()[self.batch..].to_vec();
        let around = wanted[0].then(|| self.apply(ct, &x[1].zeros_like(), &x[2]));
        let window = wanted[1].then(|| DynamicSlice { batch: self.batch, sizes }.apply(ct, &x[2]));
        vec![around, window, None]
    }
}

/// Where a window begins: a tensor with an integer for each axis, or a list of them, each a single number.
///
/// ```
/// use cotangent::prelude::*;
/// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
/// let (i, j) = (Tensor::from(1), Tensor::from(0));
/// assert_eq!(x.dynamic_slice([&i, &j], &[1, 2]).to_vec::<i32>(), [4, 5]);
/// assert_eq!(x.dynamic_slice([1, 0], &[1, 2]).to_vec::<i32>(), [4, 5]);
/// ```
pub trait Starts {
    /// One tensor with a start for each axis.
    #[track_caller]
    fn starts(self) -> Tensor;
}

impl Starts for &Tensor {
    fn starts(self) -> Tensor {
        self.clone()
    }
}
impl Starts for &[&Tensor] {
    #[track_caller]
    fn starts(self) -> Tensor {
        if let Some(start) = self.iter().find(|start| start.rank() != 0) {
            let error = Error::new("dynamic_slice").expected("single numbers as starts");
            raise(error.got(start.ty().to_string()).at(Some(place())))
        }
        // Of an operand with no axes there are no starts, of any dtype.
        if self.is_empty() { Tensor::zeros::<i64>([0]) } else { Tensor::stack(self, 0) }
    }
}
impl Starts for &[Tensor] {
    #[track_caller]
    fn starts(self) -> Tensor {
        self.iter().collect::<Vec<_>>()[..].starts()
    }
}
impl<const N: usize> Starts for [&Tensor; N] {
    #[track_caller]
    fn starts(self) -> Tensor {
        self[..].starts()
    }
}
impl<const N: usize> Starts for [i32; N] {
    fn starts(self) -> Tensor {
        Tensor::from(self)
    }
}
impl<const N: usize> Starts for [i64; N] {
    fn starts(self) -> Tensor {
        Tensor::from(self)
    }
}

impl Tensor {
    /// The window of these sizes, one for each axis, that begins at `starts`: an integer tensor with an entry for each axis, or a list
    /// of single integers. The starts may be traced or mapped. Negative ones count from the end; a window that would leave the tensor
    /// is moved into it (starts are clamped), as JAX's `dynamic_slice`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 2.0, 3.0, 4.0]);
    /// assert_eq!(x.dynamic_slice(&Tensor::from([1]), &[2]).to_vec::<f64>(), [2.0, 3.0]);
    /// assert_eq!(x.dynamic_slice([9], &[2]).to_vec::<f64>(), [3.0, 4.0]);
    /// let windows = vmap(|i: &Tensor| x.dynamic_slice([i], &[2]));
    /// assert_eq!(windows(&Tensor::from([0, 2])).to_vec::<f64>(), [1.0, 2.0, 3.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// If the starts are not integers, or there is not one start and one size for each axis, or a size is larger than the axis.
    #[track_caller]
    pub fn dynamic_slice(&self, starts: impl Starts, sizes: &[usize]) -> Tensor {
        DynamicSlice { batch: 0, sizes: sizes.to_vec() }.apply(self, &starts.starts())
    }

    /// This with the window that begins at `starts` replaced by `update`, which has as many axes. The starts are those of
    /// [`dynamic_slice`](Tensor::dynamic_slice), clamped as there.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 2.0, 3.0, 4.0]);
    /// let y = x.dynamic_update_slice(&Tensor::from([8.0, 9.0]), &Tensor::from([1]));
    /// assert_eq!(y.to_vec::<f64>(), [1.0, 8.0, 9.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// If the starts are not integers, one for each axis, or the update is larger than this, or of another dtype.
    #[track_caller]
    pub fn dynamic_update_slice(&self, update: &Tensor, starts: impl Starts) -> Tensor {
        DynamicUpdateSlice { batch: 0 }.apply(self, update, &starts.starts())
    }
}

/// Operand, sizes and batch of samples; the starts go beyond both ends.
const WINDOWS: [(usize, &[usize], &[usize]); 8] = [
    (0, &[], &[]),
    (0, &[5], &[2]),
    (0, &[3, 4], &[2, 3]),
    (0, &[2, 3, 2], &[1, 3, 1]),
    (1, &[2, 4], &[2]),
    (2, &[1, 2, 3, 2], &[2, 1]),
    (0, &[3, 2], &[0, 1]),
    (0, &[0, 2], &[0, 1]),
];

fn starts_of(batch: usize, shape: &[usize]) -> Tensor {
    let starts: Vec<usize> = shape[..batch].iter().copied().chain([shape.len() - batch]).collect();
    draw_whole(&starts, 6, 3)
}

pub(super) const SLICE: Entry = Entry {
    name: "dynamic_slice",
    parse: |given| {
        Some(Prim::new(DynamicSlice { batch: given.size("batch")?, sizes: given.sizes("sizes")? }))
    },
    samples: || {
        let sample = |(batch, shape, sizes): (usize, &[usize], &[usize])| {
            let prim = Prim::new(DynamicSlice { batch, sizes: sizes.to_vec() });
            Sample::new(prim, [draw(shape, -1.0, 1.0, 1), starts_of(batch, shape)])
        };
        WINDOWS.map(sample).into()
    },
};

pub(super) const UPDATE_SLICE: Entry = Entry {
    name: "dynamic_update_slice",
    parse: |given| Some(Prim::new(DynamicUpdateSlice { batch: given.size("batch")? })),
    samples: || {
        let sample = |(batch, shape, sizes): (usize, &[usize], &[usize])| {
            let update: Vec<usize> = shape[..batch].iter().chain(sizes).copied().collect();
            let operands = [draw(shape, -1.0, 1.0, 1), draw(&update, -1.0, 1.0, 2), starts_of(batch, shape)];
            Sample::new(Prim::new(DynamicUpdateSlice { batch }), operands)
        };
        WINDOWS.map(sample).into()
    },
};
