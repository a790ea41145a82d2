//! Diagonals and triangles of matrices, one-hot vectors; and rows of the table for tensors made of nothing.

use super::composed::{Case, Composition};
use super::registry::{draw, draw_whole};
use super::slice::Pad;
use super::span::s;
use crate::core::{Array, DType, Element, Error, Prim, Shape, Tensor, apply1, place, raise};

/// Where a diagonal of matrices begins in row-major order, and how many entries it has. Offset 1 is the one above the main one.
fn course(rows: usize, columns: usize, offset: isize) -> (usize, usize) {
    let away = offset.unsigned_abs();
    if offset >= 0 {
        (away.min(columns), rows.min(columns.saturating_sub(away)))
    } else {
        (away.min(rows) * columns, columns.min(rows.saturating_sub(away)))
    }
}

impl Tensor {
    /// A vector as the diagonal of a matrix of zeros, or the diagonal of a matrix, as NumPy's `diag`. Offset 1 is the diagonal above the main
    /// one, −1 that below. (Of batches: [`diag_embed`](Tensor::diag_embed), [`diagonal`](Tensor::diagonal).)
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1, 2]).diag(0).to_vec::<i32>(), [1, 0, 0, 2]);
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).diag(-1).to_vec::<i32>(), [3]);
    /// ```
    ///
    /// # Panics
    /// If this is neither a vector nor a matrix.
    #[track_caller]
    pub fn diag(&self, offset: isize) -> Tensor {
        match self.rank() {
            1 => self.diag_embed(offset),
            2 => self.diagonal(offset),
            _ => {
                let error = Error::new("diag").expected("a vector or a matrix").got(self.ty().to_string());
                raise(error.help("`diag_embed` and `diagonal` take batches").at(Some(place())))
            }
        }
    }

    /// The diagonal of a matrix, or of each of a batch: the last two axes become one. A diagonal outside the matrix has no entries.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.diagonal(1).to_vec::<i32>(), [2, 6]);
    /// ```
    ///
    /// # Panics
    /// If there are fewer than two axes.
    #[track_caller]
    pub fn diagonal(&self, offset: isize) -> Tensor {
        let (batch, rows, columns) = self.matrices("diagonal");
        let (start, length) = course(rows, columns, offset);
        let step = columns.saturating_add(1);
        let limit = if length == 0 { start } else { start + (length - 1) * step + 1 };
        let flat = self.reshape(batch.iter().copied().chain([rows * columns]).collect::<Shape>());
        flat.slice_axis(-1, s(start..limit).step(step as isize))
    }

    /// Matrices of zeros with this along a diagonal: the last axis becomes two.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1, 2], [3, 4]]).diag_embed(0);
    /// assert_eq!(x.index(1).to_vec::<i32>(), [3, 0, 0, 4]);
    /// ```
    ///
    /// # Panics
    /// If there is no axis.
    #[track_caller]
    pub fn diag_embed(&self, offset: isize) -> Tensor {
        let Some((&length, batch)) = self.shape().split_last() else {
            let error = Error::new("diag_embed").expected("at least one axis").got(self.ty().to_string());
            raise(error.at(Some(place())))
        };
        let n = length.saturating_add(offset.unsigned_abs());
        let Some(size) = n.checked_mul(n) else {
            let error = Error::new("diag_embed").expected("an offset whose matrices can be counted");
            raise(
                error
                    .got(offset.to_string())
                    .help("a matrix has as many rows as entries and offset")
                    .at(Some(place())),
            )
        };
        let (start, _) = course(n, n, offset);
        let taken = if length == 0 { 0 } else { (length - 1) * (n + 1) + 1 };
        let axes = batch.len();
        let zeros = |last: usize| std::iter::repeat_n(0, axes).chain([last]).collect();
        let pad = Pad { low: zeros(start), high: zeros(size - start - taken), interior: zeros(n) };
        let shape: Shape = batch.iter().copied().chain([n, n]).collect();
        apply1(Prim::new(pad), &[self]).reshape(shape)
    }

    /// The lower triangle of a matrix, or of each of a batch, zeros above. With offset 1 the diagonal above the main one belongs to it, with
    /// −1 the main one does not.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).tril(0).to_vec::<i32>(), [1, 0, 3, 4]);
    /// ```
    ///
    /// # Panics
    /// If there are fewer than two axes.
    #[track_caller]
    pub fn tril(&self, offset: isize) -> Tensor {
        let (_, rows, columns) = self.matrices("tril");
        triangle(rows, columns, offset).select(self, &self.zeros_like())
    }

    /// The upper triangle of a matrix, or of each of a batch, zeros below. With offset 1 the main diagonal does not belong to it, with −1 also
    /// the one below does.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).triu(0).to_vec::<i32>(), [1, 2, 0, 4]);
    /// ```
    ///
    /// # Panics
    /// If there are fewer than two axes.
    #[track_caller]
    pub fn triu(&self, offset: isize) -> Tensor {
        let (_, rows, columns) = self.matrices("triu");
        triangle(rows, columns, offset.saturating_sub(1)).select(&self.zeros_like(), self)
    }

    /// The axes before the last two, and the lengths of those.
    #[track_caller]
    fn matrices(&self, name: &str) -> (Shape, usize, usize) {
        let &[ref batch @ .., rows, columns] = &self.shape()[..] else {
            let error = Error::new(name).expected("at least two axes").got(self.ty().to_string());
            raise(error.at(Some(place())))
        };
        (batch.into(), rows, columns)
    }

    /// For each of these integers a vector of zeros with a one where it says, along a new last axis. A number outside 0 … `n` − 1 gives zeros
    /// only.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let labels = Tensor::from([2, 0]);
    /// assert_eq!(labels.one_hot::<f64>(3).to_vec::<f64>(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If this is not of integers.
    #[track_caller]
    pub fn one_hot<T: Element>(&self, n: usize) -> Tensor {
        let classes = match self.dtype() {
            DType::I32 => Tensor::arange::<i32>(n),
            DType::I64 => Tensor::arange::<i64>(n),
            _ => {
                let error = Error::new("one_hot").expected("integers").got(self.ty().to_string());
                raise(error.help("convert them with `.to(DType::I64)`").at(Some(place())))
            }
        };
        self.unsqueeze(-1).equal(&classes).to(T::DTYPE)
    }
}

/// True where the column is at most `offset` right of the row.
fn triangle(rows: usize, columns: usize, offset: isize) -> Tensor {
    let below = |i: usize| {
        let (row, column) = ((i / columns) as i128, (i % columns) as i128);
        column - row <= offset as i128
    };
    Tensor::from(Array::from_vec((0..rows * columns).map(below).collect(), [rows, columns]))
}

fn case(shape: &[usize], f: impl Fn(&Tensor) -> Tensor + 'static) -> Case {
    Case::new(move |x| f(&x[0]), [draw(shape, -1.0, 1.0, 1)])
}

/// What is made of nothing, times an operand.
fn made(make: impl Fn(DType) -> Tensor + 'static) -> Case {
    Case::new(move |x| x[0].unsqueeze(-1) * make(x[0].dtype()).flatten(), [draw(&[2], -1.0, 1.0, 1)])
}

pub(super) const ROWS: [Composition; 10] = [
    Composition {
        name: "diag",
        cases: || {
            vec![
                case(&[3], |x| x.diag(0)),
                case(&[2], |x| x.diag(-1)),
                case(&[0], |x| x.diag(1)),
                case(&[2, 3], |x| x.diag(0)),
                case(&[3, 3], |x| x.diag(2)),
                case(&[1], |x| x.diag(0)),
            ]
        },
    },
    Composition {
        name: "diagonal",
        cases: || {
            vec![
                case(&[3, 2], |x| x.diagonal(-1)),
                case(&[2, 3, 4], |x| x.diagonal(1)),
                case(&[2, 2], |x| x.diagonal(5)),
                case(&[2, 2], |x| x.diagonal(-5)),
                case(&[0, 3], |x| x.diagonal(0)),
            ]
        },
    },
    Composition {
        name: "diag_embed",
        cases: || {
            vec![
                case(&[3], |x| x.diag_embed(0)),
                case(&[2, 3], |x| x.diag_embed(2)),
                case(&[2, 1], |x| x.diag_embed(-1)),
                case(&[2, 0], |x| x.diag_embed(0)),
            ]
        },
    },
    Composition {
        name: "tril",
        cases: || {
            vec![
                case(&[3, 3], |x| x.tril(0)),
                case(&[2, 3, 4], |x| x.tril(1)),
                case(&[3, 2], |x| x.tril(-1)),
                case(&[0, 2], |x| x.tril(0)),
            ]
        },
    },
    Composition {
        name: "triu",
        cases: || {
            vec![
                case(&[3, 3], |x| x.triu(0)),
                case(&[2, 3, 4], |x| x.triu(1)),
                case(&[3, 2], |x| x.triu(-1)),
                case(&[2, 0], |x| x.triu(0)),
            ]
        },
    },
    Composition {
        name: "one_hot",
        cases: || {
            let case = |shape: &[usize], n: usize| {
                let f = move |x: &[Tensor]| x[1].one_hot::<f64>(n).to(x[0].dtype()) * &x[0];
                Case::new(f, [draw(&[n], -1.0, 1.0, 1), draw_whole(shape, n + 1, 2)])
            };
            vec![case(&[], 3), case(&[4], 2), case(&[2, 3], 1), case(&[0], 2)]
        },
    },
    Composition {
        name: "linspace",
        cases: || {
            vec![
                made(|dtype| Tensor::linspace::<f64>(-1.0, 2.0, 4).to(dtype)),
                made(|dtype| Tensor::linspace::<f64>(0.5, 0.0, 1).to(dtype)),
                made(|dtype| Tensor::linspace::<f64>(0.0, 1.0, 0).to(dtype)),
            ]
        },
    },
    Composition {
        name: "arange",
        cases: || {
            vec![
                made(|dtype| Tensor::arange::<f64>(3).to(dtype)),
                made(|dtype| Tensor::arange::<i64>(0).to(dtype)),
            ]
        },
    },
    Composition {
        name: "arange_step",
        cases: || {
            vec![
                made(|dtype| Tensor::arange_step(1.0, 2.0, 0.25).to(dtype)),
                made(|dtype| Tensor::arange_step(5, -2, -3).to(dtype)),
                made(|dtype| Tensor::arange_step(5, 5, 1).to(dtype)),
            ]
        },
    },
    Composition {
        name: "eye",
        cases: || {
            vec![
                made(|dtype| Tensor::eye::<f64>(3).to(dtype)),
                made(|dtype| Tensor::eye_offset::<f64>(2, 3, 1).to(dtype)),
                made(|dtype| Tensor::eye_offset::<f64>(3, 2, -1).to(dtype)),
                made(|dtype| Tensor::eye::<f64>(0).to(dtype)),
            ]
        },
    },
];
