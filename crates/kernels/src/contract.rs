//! Products summed over pairs of axes.

use crate::array::{Array, DType, Element, Shape};

/// A number that can be multiplied and added.
trait Ring: Element {
    fn multiply_add(self, a: Self, b: Self) -> Self;
}

impl Ring for f32 {
    #[inline(always)]
    fn multiply_add(self, a: f32, b: f32) -> f32 {
        self + a * b
    }
}
impl Ring for f64 {
    #[inline(always)]
    fn multiply_add(self, a: f64, b: f64) -> f64 {
        self + a * b
    }
}
impl Ring for i32 {
    #[inline(always)]
    fn multiply_add(self, a: i32, b: i32) -> i32 {
        self.wrapping_add(a.wrapping_mul(b))
    }
}
impl Ring for i64 {
    #[inline(always)]
    fn multiply_add(self, a: i64, b: i64) -> i64 {
        self.wrapping_add(a.wrapping_mul(b))
    }
}

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
    assert_eq!(a.dtype(), b.dtype(), "dtypes");
    match a.dtype() {
        DType::F32 => product::<f32>(a, b, contract, batch),
        DType::F64 => product::<f64>(a, b, contract, batch),
        DType::I32 => product::<i32>(a, b, contract, batch),
        DType::I64 => product::<i64>(a, b, contract, batch),
        DType::Bool => panic!("dot_general of bools"),
    }
}

fn product<T: Ring>(
    a: &Array,
    b: &Array,
    contract: (&[usize], &[usize]),
    batch: (&[usize], &[usize]),
) -> Array {
    let free = |x: &Array, c: &[usize], n: &[usize]| -> Vec<usize> {
        (0..x.rank()).filter(|axis| !c.contains(axis) && !n.contains(axis)).collect()
    };
    let (free_a, free_b) = (free(a, contract.0, batch.0), free(b, contract.1, batch.1));
    let lengths = |x: &Array, axes: &[usize]| axes.iter().map(|&axis| x.shape()[axis]).collect::<Vec<_>>();
    let (batches, rows, columns) = (lengths(a, batch.0), lengths(a, &free_a), lengths(b, &free_b));
    let depth: usize = lengths(a, contract.0).iter().product();
    let shape: Shape = batches.iter().chain(&rows).chain(&columns).copied().collect();
    let (count, m, n): (usize, usize, usize) =
        (batches.iter().product(), rows.iter().product(), columns.iter().product());
    // As batches of matrices: a is m × depth, b is depth × n.
    let a = a.permute(&[batch.0, &free_a, contract.0].concat());
    let b = b.permute(&[batch.1, contract.1, &free_b].concat());
    let (a, b) = (a.dense::<T>(), b.dense::<T>());
    let mut out = vec![T::default(); count * m * n];
    for i in 0..count * m {
        let batch = i / m;
        let row = &mut out[i * n..(i + 1) * n];
        for (k, &a) in a[i * depth..(i + 1) * depth].iter().enumerate() {
            let start = (batch * depth + k) * n;
            for (y, &b) in row.iter_mut().zip(&b[start..start + n]) {
                *y = y.multiply_add(a, b);
            }
        }
    }
    Array::from_vec(out, shape)
}
