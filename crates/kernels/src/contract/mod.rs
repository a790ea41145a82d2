//! Products summed over pairs of axes.
//!
//! `plan` sees every such product as products of matrices, found by strides. `product` says which loops serve, where they are cut
//! and which thread does what; the loops are `tile` (a tile of the result stays in registers), `lines` (few rows, or numbers that
//! follow one another along what is summed) and `pack` (operands laid out for the tiles). `whole` is for integers.

mod lines;
mod pack;
mod plan;
mod product;
#[cfg(test)]
mod tests;
mod tile;
mod whole;

use crate::array::{Array, DType, Element, Shape, Strides};
use crate::simd::{Level, level};
use plan::{Operand, Plan};

/// `Σ a·b` over the contracted pairs of axes, for each index of the batch pairs. The result has the batch axes in the order given,
/// then the free axes of `a`, then those of `b`.
///
/// ```
/// use cotangent_kernels::{contract::dot_general, Array};
/// let a = Array::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2]);
/// let y = dot_general(&a, &a, (&[1], &[0]), (&[], &[]));
/// assert_eq!(y.to_vec::<f64>().unwrap(), [7.0, 10.0, 15.0, 22.0]);
/// ```
///
/// # Panics
/// If the dtypes differ, are bools, or the pairs differ in length.
pub fn dot_general(
    a: &Array,
    b: &Array,
    contract: (&[usize], &[usize]),
    batch: (&[usize], &[usize]),
) -> Array {
    at_level(level(), a, b, contract, batch)
}

/// With the vectors of a level, or less.
fn at_level(
    level: Level,
    a: &Array,
    b: &Array,
    contract: (&[usize], &[usize]),
    batch: (&[usize], &[usize]),
) -> Array {
    assert_eq!(a.dtype(), b.dtype(), "dtypes");
    let x = Operands { a, b, contract, batch };
    match a.dtype() {
        DType::F32 => x.product(|plan, a, b, y: &mut [f32]| product::product(level, plan, a, b, y)),
        DType::F64 => x.product(|plan, a, b, y: &mut [f64]| product::product(level, plan, a, b, y)),
        DType::I32 => x.product(whole::product::<i32>),
        DType::I64 => x.product(whole::product::<i64>),
        DType::Bool => panic!("dot_general of bools"),
    }
}

/// The entries of an operand: a buffer, and where in it the first one is.
#[derive(Clone, Copy)]
struct Numbers<'a, T> {
    values: &'a [T],
    offset: usize,
}

struct Operands<'a> {
    a: &'a Array,
    b: &'a Array,
    contract: (&'a [usize], &'a [usize]),
    batch: (&'a [usize], &'a [usize]),
}

impl Operands<'_> {
    /// Two matrices whose entries lie in order, the commonest case, without a detour.
    #[inline(always)]
    fn matrices<T: Element>(&self) -> Option<(Plan, Numbers<'_, T>, Numbers<'_, T>)> {
        let (&[i], &[j], &[], &[]) = (self.contract.0, self.contract.1, self.batch.0, self.batch.1) else {
            return None;
        };
        let (&[m, n], &[p, q]) = (&self.a.shape()[..], &self.b.shape()[..]) else { return None };
        let (a, b) = (self.a.as_slice::<T>()?, self.b.as_slice::<T>()?);
        // Where nothing is contracted, or nothing wanted, there is nothing to read.
        let some = !a.is_empty() && !b.is_empty();
        let numbers = |values| Numbers { values, offset: 0 };
        some.then(|| (Plan::of_matrices([m, n], [p, q], (i, j)), numbers(a), numbers(b)))
    }

    /// What the loops write, given a plan and the entries of the two operands.
    fn product<T: Element>(&self, loops: impl FnOnce(&Plan, Numbers<T>, Numbers<T>, &mut [T])) -> Array {
        if let Some((plan, a, b)) = self.matrices::<T>() {
            let shape = if plan.swapped { [plan.n, 1] } else { [plan.m, plan.n] };
            return Array::build(shape, |y| {
                plan.check(a, b, y.len());
                if plan.swapped { loops(&plan, b, a, y) } else { loops(&plan, a, b, y) }
            });
        }
        let (fill_a, fill_b) = (filling(self.a), filling(self.b));
        let ((in_a, strides_a), (in_b, strides_b)) = (found(self.a, &fill_a), found(self.b, &fill_b));
        let a = Operand {
            shape: self.a.shape(),
            strides: &strides_a,
            contract: self.contract.0,
            batch: self.batch.0,
        };
        let b = Operand {
            shape: self.b.shape(),
            strides: &strides_b,
            contract: self.contract.1,
            batch: self.batch.1,
        };
        let shape: Shape = (a.batch.iter().copied().chain(a.free()).map(|axis| a.shape[axis]))
            .chain(b.free().map(|axis| b.shape[axis]))
            .collect();
        let nothing = shape.contains(&0) || a.contract.iter().any(|&axis| a.shape[axis] == 0);
        if nothing {
            return Array::fill(T::default().into_item(), shape);
        }
        match Plan::new(&a, &b) {
            Ok(plan) => Array::build(shape, |y| {
                plan.check(in_a, in_b, y.len());
                if plan.swapped { loops(&plan, in_b, in_a, y) } else { loops(&plan, in_a, in_b, y) }
            }),
            Err(copies) => {
                // The contracted axes in the order that the plan will want them.
                let mut pairs: Vec<usize> = (0..a.contract.len()).collect();
                pairs.sort_by_key(|&i| {
                    let (i, j) = (a.contract[i], b.contract[i]);
                    std::cmp::Reverse((strides_a[i].unsigned_abs(), strides_b[j].unsigned_abs()))
                });
                let sorted = |x: &Operand| -> Vec<usize> { pairs.iter().map(|&i| x.contract[i]).collect() };
                let free: (Vec<usize>, Vec<usize>) = (a.free().collect(), b.free().collect());
                let (mut left, mut right) = (
                    (self.a.clone(), sorted(&a), a.batch.to_vec()),
                    (self.b.clone(), sorted(&b), b.batch.to_vec()),
                );
                if copies.a {
                    left = ordered(self.a, &left.2, &free.0, &left.1, false);
                }
                if copies.b {
                    right = ordered(self.b, &right.2, &free.1, &right.1, true);
                }
                let again = Operands {
                    a: &left.0,
                    b: &right.0,
                    contract: (&left.1, &right.1),
                    batch: (&left.2, &right.2),
                };
                again.product(loops)
            }
        }
    }
}

/// A copy with the batch axes first, then the free and the contracted ones, and where the contracted and the batch axes are in it.
fn ordered(
    x: &Array,
    batch: &[usize],
    free: &[usize],
    contract: &[usize],
    contract_first: bool,
) -> (Array, Vec<usize>, Vec<usize>) {
    let inner = if contract_first { [contract, free] } else { [free, contract] };
    let start = batch.len() + if contract_first { 0 } else { free.len() };
    let copy = x.permute(&[batch, inner[0], inner[1]].concat()).contiguous();
    (copy, (start..start + contract.len()).collect(), (0..batch.len()).collect())
}

/// The number that fills an array, if one does.
fn filling<T: Element>(x: &Array) -> Option<[T; 1]> {
    x.as_fill().and_then(T::from_item).map(|number| [number])
}

/// The entries and the strides; those of a filled array are one number.
fn found<'a, T: Element>(x: &'a Array, fill: &'a Option<[T; 1]>) -> (Numbers<'a, T>, Strides) {
    match (fill, x.as_strided::<T>()) {
        (Some(number), _) => (Numbers { values: number, offset: 0 }, Strides::from_elem(0, x.rank())),
        (None, Some((values, offset, strides))) => (Numbers { values, offset }, strides),
        (None, None) => panic!("expected {} data, got {}", T::DTYPE, x.ty()),
    }
}
