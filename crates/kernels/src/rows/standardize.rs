//! Entries relative to their mean and spread.

use super::fold::{each, sum_of};
use super::{CHUNK, Entry, several_rows};
use crate::array::{Array, Shape};
use crate::lines::{Lines, with_float};
use crate::map::Float;
use crate::map::arithmetic::Arithmetic;
use crate::simd::{self, Job};
use crate::threads;

/// Some whole rows: `y ← (x − mean)·r`; each row's r.
struct Rows<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
    length: usize,
    epsilon: f64,
    /// A factor and a summand for each entry of a row.
    affine: Option<(&'a [T], &'a [T])>,
}

impl<T: Entry> Job for Rows<'_, T> {
    type Output = Vec<T>;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Vec<T> {
        let (length, n) = (self.length, self.length as f64);
        let rows = self.x.chunks_exact(length).zip(self.y.chunks_exact_mut(length));
        let mut factors = Vec::with_capacity(self.x.len() / length);
        // A plain loop: what `collect` calls would not be compiled for these vectors.
        for (x, y) in rows {
            let mean = T::from_f64(sum_of(x, |x| x) / n);
            let variance = sum_of(x, |x| (x - mean) * (x - mean)) / n;
            let factor = T::from_f64(1.0 / (variance + self.epsilon).sqrt());
            match self.affine {
                None => each(x, y, |x, _| (x - mean) * factor),
                Some((weight, bias)) => {
                    let (weight, bias) = (&weight[..length], &bias[..length]);
                    for i in 0..length {
                        y[i] = (x[i] - mean) * factor * weight[i] + bias[i];
                    }
                }
            }
            factors.push(factor);
        }
        factors
    }
}

/// The sum of the entries of a part of a row, or of their squares less the mean.
struct Part<'a, T>(&'a [T], Option<T>);

impl<T: Entry> Job for Part<'_, T> {
    type Output = f64;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> f64 {
        match self.1 {
            None => sum_of(self.0, |x| x),
            Some(mean) => sum_of(self.0, |x| (x - mean) * (x - mean)),
        }
    }
}

struct Write<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
    mean: T,
    factor: T,
}

impl<T: Entry> Job for Write<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let (mean, factor) = (self.mean, self.factor);
        each(self.x, self.y, |x, _| (x - mean) * factor);
    }
}

/// A row that several threads share; its r.
fn long<T: Entry>(x: &[T], y: &mut [T], epsilon: f64) -> T {
    let part = |i: usize| &x[i * CHUNK..((i + 1) * CHUNK).min(x.len())];
    let average = |mean: Option<T>| {
        let sums = threads::collect(x.len().div_ceil(CHUNK), |i| simd::dispatch(Part(part(i), mean)));
        sums.iter().sum::<f64>() / x.len() as f64
    };
    let mean = T::from_f64(average(None));
    let factor = T::from_f64(1.0 / (average(Some(mean)) + epsilon).sqrt());
    threads::chunks(y, CHUNK, |i, y| simd::dispatch(Write { x: part(i), y, mean, factor }));
    factor
}

fn factors<T: Entry>(x: &[T], y: &mut [T], length: usize, epsilon: f64) -> Vec<T> {
    if length > CHUNK {
        return x.chunks(length).zip(y.chunks_mut(length)).map(|(x, y)| long(x, y, epsilon)).collect();
    }
    let many = several_rows(length);
    let parts = threads::chunks_collect(y, many, |i, y| {
        simd::dispatch(Rows { x: &x[i * many..i * many + y.len()], y, length, epsilon, affine: None })
    });
    parts.concat()
}

/// `(x − mean) · r` over axes, and `r = 1/√(variance + ε)` with 1 for each of them; the variance is that of all entries, divided by their
/// number.
///
/// ```
/// use cotangent_kernels::{rows::standardize, Array};
/// let (y, r) = standardize(&Array::from_vec(vec![1.0, 3.0, 5.0, 9.0], [2, 2]), &[1], 0.0);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [-1.0, 1.0, -1.0, 1.0]);
/// assert_eq!(r.to_vec::<f64>().unwrap(), [1.0, 0.5]);
/// ```
///
/// # Panics
/// If an axis does not exist, or the entries are not floats.
pub fn standardize(a: &Array, axes: &[usize], epsilon: f64) -> (Array, Array) {
    let lines = Lines::last(a, axes);
    let length = lines.length;
    let kept: Shape =
        (0..a.rank()).map(|axis| if axes.contains(&axis) { 1 } else { a.shape()[axis] }).collect();
    with_float!(a, T => {
        let array = lines.array.contiguous();
        let x = array.dense::<T>();
        let mut r = vec![<T as Float>::from_f64(f64::NAN); lines.count()];
        let y = Array::build(array.shape().clone(), |y: &mut [T]| {
            if !x.is_empty() {
                r = factors::<T>(&x, y, length, epsilon);
            }
        });
        (lines.back(y), Array::from_vec::<T>(r, kept))
    })
}

/// [`standardize`] over the last axes, as many as the weight and the bias have, then times the weight and plus the bias: with the same bits as
/// one after another, in one pass.
///
/// ```
/// use cotangent_kernels::{rows::layer_norm, Array};
/// let x = Array::from_vec(vec![1.0, 3.0, 5.0, 9.0], [2, 2]);
/// let (w, b) = (Array::from_vec(vec![2.0, 10.0], [2]), Array::from_vec(vec![0.5, 0.5], [2]));
/// assert_eq!(layer_norm(&x, &w, &b, 0.0).to_vec::<f64>().unwrap(), [-1.5, 10.5, -1.5, 10.5]);
/// ```
///
/// # Panics
/// If the shapes or dtypes do not fit, or the entries are not floats.
pub fn layer_norm(a: &Array, weight: &Array, bias: &Array, epsilon: f64) -> Array {
    let shape = a.shape();
    assert!(shape.ends_with(weight.shape()) && weight.ty() == bias.ty(), "layer_norm of {}", a.ty());
    let length = weight.size();
    let array = a.contiguous();
    with_float!(a, T => {
        let (x, weight, bias) = (array.dense::<T>(), weight.dense::<T>(), bias.dense::<T>());
        Array::build(shape.clone(), |y: &mut [T]| {
            if x.is_empty() {
                return;
            }
            if length > CHUNK {
                factors::<T>(&x, y, length, epsilon);
                let parts = weight.iter().zip(bias.iter()).cycle();
                y.iter_mut().zip(parts).for_each(|(y, (&w, &b))| *y = *y * w + b);
                return;
            }
            let many = several_rows(length);
            threads::chunks(y, many, |i, y| {
                let x = &x[i * many..i * many + y.len()];
                simd::dispatch(Rows { x, y, length, epsilon, affine: Some((&weight, &bias)) });
            });
        })
    })
}
