//! Rows named by indices, replaced by updates or made as large as they are. (Added to: [`ScatterAdd`].)

use super::gather::{Gather, ScatterAdd, check_indices, out_of_range, repeated};
use super::registry::{Entry, Sample, draw, draw_whole};
use crate::core::{
    Array, Arrays, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Shape, Tensor, Tensors, Transpose,
    Type, Types, apply1, different, operands, scale,
};
use cotangent_kernels::scatter;
use smallvec::smallvec;

/// An operand `[batch…, n, rest…]` with the rows that indices `[batch…, k…]` name replaced by updates `[batch…, k…, rest…]`. Of several
/// updates of one row the last stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScatterSet {
    /// How many leading axes the operand, the updates and the indices have in common.
    pub batch: usize,
}

/// An operand `[batch…, n, rest…]` with the rows that indices `[batch…, k…]` name at least as large as updates `[batch…, k…, rest…]`,
/// entry by entry; NaN if one is. The entries that are equally large share the derivative equally.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScatterMax {
    /// How many leading axes the operand, the updates and the indices have in common.
    pub batch: usize,
}

/// Do the updates and the indices fit this operand?
pub(super) fn check(name: &str, batch: usize, x: &Type, updates: &Type, indices: &Type) -> Result<(), Error> {
    check_indices(name, indices)?;
    if updates.dtype != x.dtype {
        return Err(different(name, x, updates));
    }
    if x.shape.rank() <= batch || indices.shape.get(..batch) != x.shape.get(..batch) {
        let expected =
            format!("an operand and indices with {batch} equal leading axes, and an axis to write to");
        return Err(Error::new(name).expected(expected).got(format!("{x} and {indices}")));
    }
    let shape: Shape = indices.shape.iter().chain(&x.shape[batch + 1..]).copied().collect();
    if updates.shape != shape {
        let error = Error::new(name).expected(format!("updates of shape {shape}")).got(updates.to_string());
        return Err(error.help("there is a row of updates for each index"));
    }
    Ok(())
}

/// The operands of an example, unmapped ones the same for each.
pub(super) fn all_batched(x: &[Tensor], mapped: &[bool], size: usize) -> Vec<Tensor> {
    x.iter().zip(mapped).map(|(x, &mapped)| if mapped { x.clone() } else { repeated(x, size) }).collect()
}

/// Which updates stay: those that no later one of the same row follows. `[batch…, k…]`, with axes of length 1 to the rank of the updates.
fn last(batch: usize, n: usize, indices: &Tensor, rank: usize) -> Tensor {
    let shape = indices.shape();
    let own: Shape = shape[batch..].iter().copied().collect();
    let numbers = Tensor::arange::<i64>(own.size()).reshape(own).broadcast_to(shape.clone());
    let rows: Shape = shape[..batch].iter().copied().chain([n]).collect();
    let winners = ScatterSet { batch }.apply(&Tensor::zeros::<i64>(rows), &numbers, indices);
    let stays = Gather { batch }.apply(&winners, indices).equal(&numbers);
    let ones = std::iter::repeat_n(1, rank - shape.rank());
    stays.reshape(shape.iter().copied().chain(ones).collect::<Shape>())
}

impl Primitive for ScatterSet {
    fn name(&self) -> &str {
        "scatter_set"
    }
    fn params(&self) -> Params {
        vec![("batch", Param::Int(self.batch as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x, updates, indices] = inputs else { return Err(operands("scatter_set", 3, inputs)) };
        check("scatter_set", self.batch, x, updates, indices)?;
        Ok(smallvec![x.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let written = scatter::scatter_set(inputs[0], inputs[1], inputs[2], self.batch);
        Ok(smallvec![written.map_err(|error| out_of_range("scatter_set", error))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = all_batched(x, mapped, size);
        smallvec![ScatterSet { batch: self.batch + 1 }.apply(&x[0], &x[1], &x[2])]
    }
}

impl ScatterSet {
    #[track_caller]
    pub(super) fn apply(self, x: &Tensor, updates: &Tensor, indices: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[x, updates, indices])
    }
}

impl Transpose for ScatterSet {
    fn linear(&self, i: usize) -> bool {
        i < 2
    }
    /// What was replaced gets nothing, be it of the operand or an earlier update.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], wanted: &[bool]) -> Vec<Option<Tensor>> {
        let Some(ct) = &ct[0] else { return vec![None; 3] };
        let (updates, indices) = (&x[1], &x[2]);
        let rest = wanted[0].then(|| self.apply(ct, &updates.zeros_like(), indices));
        let taken = wanted[1].then(|| {
            let stays = last(self.batch, ct.shape()[self.batch], indices, updates.rank());
            let row = Gather { batch: self.batch }.apply(ct, indices);
            stays.select(&row, &row.zeros_like())
        });
        vec![rest, taken, None]
    }
}

impl Primitive for ScatterMax {
    fn name(&self) -> &str {
        "scatter_max"
    }
    fn params(&self) -> Params {
        vec![("batch", Param::Int(self.batch as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x, updates, indices] = inputs else { return Err(operands("scatter_max", 3, inputs)) };
        check("scatter_max", self.batch, x, updates, indices)?;
        Ok(smallvec![x.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let largest = scatter::scatter_max(inputs[0], inputs[1], inputs[2], self.batch);
        Ok(smallvec![largest.map_err(|error| out_of_range("scatter_max", error))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = all_batched(x, mapped, size);
        smallvec![ScatterMax { batch: self.batch + 1 }.apply(&x[0], &x[1], &x[2])]
    }
}

impl ScatterMax {
    #[track_caller]
    pub(super) fn apply(self, x: &Tensor, updates: &Tensor, indices: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[x, updates, indices])
    }
}

impl Jvp for ScatterMax {
    /// The mean of the tangents of the largest, as [`Max`](super::Max).
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let (updates, indices, y) = (&x[1], &x[2], &y[0]);
        let sum = |updates: &Tensor| {
            ScatterAdd { batch: self.batch, n: y.shape()[self.batch] }.apply(updates, indices)
        };
        let wide = Gather { batch: self.batch }.apply(y, indices);
        let (own, other) = (x[0].equal(y).to(y.dtype()), updates.equal(&wide).to(y.dtype()));
        let count = &own + sum(&other);
        let count = count.maximum(&count.ones_like());
        let own = t[0].as_ref().map(|t| scale(t, &own));
        let other = t[1].as_ref().map(|t| sum(&scale(t, &other)));
        let total = match (own, other) {
            (Some(a), Some(b)) => a + b,
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return vec![None],
        };
        vec![Some(total / count)]
    }
}

/// Operand and indices of samples, with a batch: indices repeat and count from the end.
pub(super) const POINTS: [(usize, &[usize], &[usize]); 8] = [
    (0, &[3], &[]),
    (0, &[3], &[5]),
    (0, &[2, 3], &[2, 2]),
    (0, &[4, 2, 1], &[3]),
    (1, &[2, 3], &[2, 4]),
    (2, &[1, 2, 3, 2], &[1, 2, 2]),
    (0, &[3, 2], &[0]),
    (0, &[2, 0], &[3]),
];

/// The operand, updates and indices of such a point.
pub(super) fn point((batch, x, indices): (usize, &[usize], &[usize])) -> [Tensor; 3] {
    let updates: Vec<usize> = indices.iter().chain(&x[batch + 1..]).copied().collect();
    [draw(x, -1.0, 1.0, 1), draw(&updates, -1.0, 1.0, 2), draw_whole(indices, x[batch], 3)]
}

pub(super) const SET: Entry = Entry {
    name: "scatter_set",
    parse: |given| Some(Prim::new(ScatterSet { batch: given.size("batch")? })),
    samples: || {
        let sample =
            |at: (usize, &[usize], &[usize])| Sample::new(Prim::new(ScatterSet { batch: at.0 }), point(at));
        POINTS.map(sample).into()
    },
};

pub(super) const MAX: Entry = Entry {
    name: "scatter_max",
    parse: |given| Some(Prim::new(ScatterMax { batch: given.size("batch")? })),
    samples: || {
        let sample =
            |at: (usize, &[usize], &[usize])| Sample::new(Prim::new(ScatterMax { batch: at.0 }), point(at));
        POINTS.map(sample).into()
    },
};
