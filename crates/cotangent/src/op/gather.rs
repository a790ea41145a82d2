//! Entries named by indices, and its transpose, which adds to them.

use super::registry::{Entry, Sample, draw, draw_whole};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors,
    Transpose, Type, Types, apply1, operands, place, raise,
};
use cotangent_kernels::gather::{self, IndexError};
use smallvec::smallvec;

/// The rows of an operand `[batch…, n, rest…]` that indices `[batch…, k…]` name: `[batch…, k…, rest…]`. A negative index counts from
/// the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gather {
    /// How many leading axes the operand and the indices have in common.
    pub batch: usize,
}

/// Zeros `[batch…, n, rest…]`, to whose rows named by indices `[batch…, k…]` those of the updates `[batch…, k…, rest…]` are added: the
/// transpose of [`Gather`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScatterAdd {
    /// How many leading axes the updates and the indices have in common.
    pub batch: usize,
    /// How many rows the result has.
    pub n: usize,
}

pub(super) fn check_indices(name: &str, indices: &Type) -> Result<(), Error> {
    if indices.dtype.is_integer() {
        return Ok(());
    }
    let help = match indices.dtype {
        DType::Bool => "a mask does not name entries: choose with `mask.select(&a, &b)`",
        _ => "convert them with `.to(DType::I64)`",
    };
    Err(Error::new(name).expected("indices of dtype i32 or i64").got(indices.to_string()).help(help))
}

pub(super) fn out_of_range(name: &str, error: IndexError) -> Error {
    let IndexError { index, size } = error;
    if size == 0 {
        let help = "an axis of length 0 has no entries to name";
        return Error::new(name).expected("no indices").got(index.to_string()).help(help);
    }
    let error = Error::new(name).expected(format!("indices from {} to {}", -(size as i64), size - 1));
    error.got(index.to_string()).help(format!("the axis has length {size}; −1 is the last entry"))
}

/// An unmapped operand of a batch, the same for each example.
pub(super) fn repeated(x: &Tensor, size: usize) -> Tensor {
    x.broadcast_to(std::iter::once(size).chain(x.shape().iter().copied()).collect::<Shape>())
}

impl Primitive for Gather {
    fn name(&self) -> &str {
        "gather"
    }
    fn params(&self) -> Params {
        vec![("batch", Param::Int(self.batch as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x, indices] = inputs else { return Err(operands("gather", 2, inputs)) };
        check_indices("gather", indices)?;
        let batch = self.batch;
        if x.shape.rank() <= batch || indices.shape.get(..batch) != x.shape.get(..batch) {
            let expected =
                format!("an operand and indices with {batch} equal leading axes, and an axis to take from");
            return Err(Error::new("gather").expected(expected).got(format!("{x} and {indices}")));
        }
        let shape: Shape = indices.shape.iter().chain(&x.shape[batch + 1..]).copied().collect();
        Ok(smallvec![Type::new(x.dtype, shape)])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let taken = gather::gather(inputs[0], inputs[1], self.batch);
        Ok(smallvec![taken.map_err(|error| out_of_range("gather", error))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        if !mapped[0] {
            // All examples take from the same operand: their indices are side by side.
            let y = self.apply(&x[0], &x[1].axis_to(0, self.batch));
            return smallvec![y.axis_to(self.batch, 0)];
        }
        let indices = if mapped[1] { x[1].clone() } else { repeated(&x[1], size) };
        smallvec![Gather { batch: self.batch + 1 }.apply(&x[0], &indices)]
    }
}

impl Gather {
    #[track_caller]
    pub(super) fn apply(self, x: &Tensor, indices: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[x, indices])
    }
}

impl Transpose for Gather {
    fn linear(&self, i: usize) -> bool {
        i == 0
    }
    /// What was taken from an entry several times comes back as a sum.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let back = ScatterAdd { batch: self.batch, n: x[0].shape()[self.batch] };
        vec![ct[0].as_ref().map(|ct| back.apply(ct, &x[1])), None]
    }
}

impl Primitive for ScatterAdd {
    fn name(&self) -> &str {
        "scatter_add"
    }
    fn params(&self) -> Params {
        vec![("batch", Param::Int(self.batch as i64)), ("n", Param::Int(self.n as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[updates, indices] = inputs else { return Err(operands("scatter_add", 2, inputs)) };
        check_indices("scatter_add", indices)?;
        if updates.dtype == DType::Bool {
            let help = "convert first: `.to(DType::I64)`";
            return Err(Error::new("scatter_add").expected("numbers").got(updates.to_string()).help(help));
        }
        if indices.shape.rank() < self.batch {
            let expected = format!("indices with at least {} axes", self.batch);
            return Err(Error::new("scatter_add").expected(expected).got(indices.to_string()));
        }
        if !updates.shape.starts_with(&indices.shape) {
            return Err(Error::new("scatter_add")
                .expected(format!("updates whose first axes are those of the indices, {}", indices.shape))
                .got(updates.to_string())
                .help("there is a row of updates for each index"));
        }
        let rest = &updates.shape[indices.shape.rank()..];
        let shape: Shape = indices.shape[..self.batch].iter().chain([&self.n]).chain(rest).copied().collect();
        Ok(smallvec![Type::new(updates.dtype, shape)])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let sums = gather::scatter_add(inputs[0], inputs[1], self.batch, self.n);
        Ok(smallvec![sums.map_err(|error| out_of_range("scatter_add", error))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let each = |i: usize| if mapped[i] { x[i].clone() } else { repeated(&x[i], size) };
        smallvec![ScatterAdd { batch: self.batch + 1, n: self.n }.apply(&each(0), &each(1))]
    }
}

impl ScatterAdd {
    #[track_caller]
    pub(super) fn apply(self, updates: &Tensor, indices: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[updates, indices])
    }
}

impl Transpose for ScatterAdd {
    fn linear(&self, i: usize) -> bool {
        i == 0
    }
    /// Each update gets the cotangent of the row that it was added to.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        vec![ct[0].as_ref().map(|ct| Gather { batch: self.batch }.apply(ct, &x[1])), None]
    }
}

impl Tensor {
    /// The entries of one axis that the indices (`i32` or `i64`, of any shape) name; negative ones count from the end. The axes of the
    /// indices stand in the result where the axis was, as NumPy's `take`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.take(&Tensor::from([2_i64, 0]), 1).to_vec::<f64>(), [3.0, 1.0, 6.0, 4.0]);
    /// assert_eq!(x.take(&Tensor::from(-1_i64), 0).to_vec::<f64>(), [4.0, 5.0, 6.0]);
    /// ```
    ///
    /// # Panics
    /// If an index names no entry, or the indices are not integers.
    #[track_caller]
    pub fn take(&self, indices: &Tensor, axis: isize) -> Tensor {
        let axis = self.axes("take", axis)[0];
        let y = Gather { batch: 0 }.apply(&self.axis_to(axis, 0), indices);
        // The new axes are first: the operand's that were before the axis go before them.
        let k = indices.rank();
        let axes: Vec<usize> = (k..k + axis).chain(0..k).chain(k + axis..y.rank()).collect();
        y.permuted(&axes)
    }

    /// For each entry of the indices the entry of this that it names along the axis; the other axes are equal and go together, as
    /// NumPy's `take_along_axis`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let y = x.take_along_axis(&Tensor::from([[2_i64], [0]]), 1);
    /// assert_eq!(y.to_vec::<f64>(), [3.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// If the other axes differ, an index names no entry, or the indices are not integers.
    #[track_caller]
    pub fn take_along_axis(&self, indices: &Tensor, axis: isize) -> Tensor {
        let axis = self.axes("take_along_axis", axis)[0];
        let last = self.rank() - 1;
        let equal = |i: usize| i == axis || self.shape()[i] == indices.shape()[i];
        if indices.rank() != self.rank() || !(0..=last).all(equal) {
            let expected = format!("indices whose axes other than {axis} are those of {}", self.ty());
            let error = Error::new("take_along_axis").expected(expected).got(indices.ty().to_string());
            raise(error.help("`take` takes the same entries from every row").at(Some(place())))
        }
        let y = Gather { batch: last }.apply(&self.axis_to(axis, last), &indices.axis_to(axis, last));
        y.axis_to(last, axis)
    }

    /// Zeros with `n` rows, to which the rows of this are added, each to that which its index names; negative ones count from the
    /// end. The first axes of this are those of the indices.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let sums = Tensor::from([1.0, 2.0, 4.0]).scatter_add(&Tensor::from([2_i64, 0, 2]), 3);
    /// assert_eq!(sums.to_vec::<f64>(), [2.0, 0.0, 5.0]);
    /// ```
    ///
    /// # Panics
    /// If an index names no row, or the indices are not integers or not as many as the rows.
    #[track_caller]
    pub fn scatter_add(&self, indices: &Tensor, n: usize) -> Tensor {
        ScatterAdd { batch: 0, n }.apply(self, indices)
    }
}

pub(super) const GATHER: Entry = Entry {
    name: "gather",
    parse: |given| Some(Prim::new(Gather { batch: given.size("batch")? })),
    samples: || {
        let sample = |batch: usize, x: &[usize], k: &[usize]| {
            let n = x[batch];
            Sample::new(Prim::new(Gather { batch }), [draw(x, -1.0, 1.0, 1), draw_whole(k, n, 2)])
        };
        vec![
            sample(0, &[3], &[]),
            sample(0, &[4], &[3]),
            sample(0, &[3, 2], &[2, 2]),
            sample(1, &[2, 3], &[2, 4]),
            sample(1, &[2, 1, 3], &[2]),
            sample(2, &[2, 1, 3, 2], &[2, 1, 2]),
            sample(0, &[3, 0], &[2]),
            sample(0, &[3, 2], &[0]),
            sample(0, &[0], &[0]),
        ]
    },
};

pub(super) const SCATTER_ADD: Entry = Entry {
    name: "scatter_add",
    parse: |given| Some(Prim::new(ScatterAdd { batch: given.size("batch")?, n: given.size("n")? })),
    samples: || {
        let sample = |batch: usize, n: usize, updates: &[usize], k: &[usize]| {
            Sample::new(
                Prim::new(ScatterAdd { batch, n }),
                [draw(updates, -1.0, 1.0, 1), draw_whole(k, n, 2)],
            )
        };
        vec![
            sample(0, 3, &[], &[]),
            sample(0, 3, &[4], &[4]),
            sample(0, 2, &[2, 2, 3], &[2, 2]),
            sample(1, 2, &[2, 3], &[2, 3]),
            sample(1, 1, &[2, 3], &[2]),
            sample(2, 3, &[1, 2, 2, 2], &[1, 2, 2]),
            sample(0, 2, &[0, 2], &[0]),
            sample(0, 0, &[0], &[0]),
        ]
    },
};
