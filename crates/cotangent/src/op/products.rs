//! Products of tensors by the names that NumPy and JAX have for them, each one [`DotGeneral`] or a few.

use super::composed::{Case, Composition};
use super::dot::DotGeneral;
use super::einsum::multiplied;
use super::registry::{draw, draw_whole};
use crate::core::{Error, Shape, Tensor, different, place, raise};

/// An error of a product of two, at the user's line.
#[track_caller]
fn fail(name: &str, expected: impl Into<String>, a: &Tensor, b: &Tensor, help: &str) -> ! {
    let error = Error::new(name).expected(expected).got(format!("{} and {}", a.ty(), b.ty()));
    raise(if help.is_empty() { error } else { error.help(help) }.at(Some(place())))
}

#[track_caller]
fn same_dtype(name: &str, a: &Tensor, b: &Tensor) {
    if a.dtype() != b.dtype() {
        raise(different(name, a.ty(), b.ty()).at(Some(place())));
    }
}

/// The sum over axis `ka` of the one and `kb` of the other; all but the last axes (`own` of each stay apart) are broadcast.
#[track_caller]
fn batched(
    name: &str,
    (a, ka, own_a): (&Tensor, usize, usize),
    (b, kb, own_b): (&Tensor, usize, usize),
) -> Tensor {
    same_dtype(name, a, b);
    if a.shape()[ka] != b.shape()[kb] {
        fail(name, format!("axis {ka} of the left as long as axis {kb} of the right"), a, b, "");
    }
    let lead = |x: &Tensor, own: usize| Shape::from(&x.shape()[..x.rank() - own]);
    let Some(batch) = lead(a, own_a).broadcast(&lead(b, own_b)) else {
        fail(name, "leading axes that broadcast together", a, b, "")
    };
    let wide = |x: &Tensor, own: usize| {
        let inner = &x.shape()[x.rank() - own..];
        x.broadcast_to(batch.iter().chain(inner).copied().collect::<Shape>())
    };
    let n = batch.rank();
    let axes = || (0..n).collect::<Vec<_>>();
    let (ka, kb) = (ka + own_a + n - a.rank(), kb + own_b + n - b.rank());
    let dot = DotGeneral { contract: (vec![ka], vec![kb]), batch: (axes(), axes()) };
    dot.apply(&wide(a, own_a), &wide(b, own_b))
}

impl Tensor {
    /// The sum of products over the last axis of each: `[…, k]` by `[*, k]` gives `[…, *]`, as NumPy's `inner`. A number multiplies
    /// every entry.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.inner(&x).to_vec::<f64>(), [5.0, 11.0, 11.0, 25.0]);
    /// ```
    ///
    /// # Panics
    /// If the dtypes differ, or the last axes.
    #[track_caller]
    pub fn inner(&self, other: &Tensor) -> Tensor {
        if self.rank() == 0 || other.rank() == 0 {
            return self * other;
        }
        same_dtype("inner", self, other);
        let (ka, kb) = (self.rank() - 1, other.rank() - 1);
        if self.shape()[ka] != other.shape()[kb] {
            let help = "`dot` and `matmul` sum over the last axis but one of the right";
            fail("inner", "last axes of one length", self, other, help);
        }
        DotGeneral { contract: (vec![ka], vec![kb]), ..DotGeneral::default() }.apply(self, other)
    }

    /// The sum of the products of all entries, in order, whatever the shapes: a number, as NumPy's `vdot`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.vdot(&Tensor::from([1.0, 0.0, 0.0, 10.0])).item::<f64>(), 41.0);
    /// ```
    ///
    /// # Panics
    /// If the dtypes differ, or the sizes.
    #[track_caller]
    pub fn vdot(&self, other: &Tensor) -> Tensor {
        same_dtype("vdot", self, other);
        if self.size() != other.size() {
            fail("vdot", "as many entries in both", self, other, "");
        }
        let all = |x: &Tensor| (0..x.rank()).collect::<Vec<_>>();
        if self.shape() == other.shape() {
            return DotGeneral { contract: (all(self), all(other)), ..DotGeneral::default() }
                .apply(self, other);
        }
        let line = |x: &Tensor| x.reshape([x.size()]);
        DotGeneral { contract: (vec![0], vec![0]), ..DotGeneral::default() }.apply(&line(self), &line(other))
    }

    /// Every entry times every entry of the other: `yᵢⱼ = aᵢ·bⱼ` with the entries of each in order, `[m·n]` by sizes m and n, as
    /// NumPy's `outer`. The shapes together instead: `tensordot(other, 0)`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let y = Tensor::from([1.0, 2.0]).outer(&Tensor::from([3.0, 4.0, 5.0]));
    /// assert_eq!((y.shape().to_vec(), y.to_vec::<f64>()), (vec![2, 3], vec![3.0, 4.0, 5.0, 6.0, 8.0, 10.0]));
    /// ```
    ///
    /// # Panics
    /// If the dtypes differ.
    #[track_caller]
    pub fn outer(&self, other: &Tensor) -> Tensor {
        same_dtype("outer", self, other);
        let line = |x: &Tensor| if x.rank() == 1 { x.clone() } else { x.reshape([x.size()]) };
        DotGeneral::default().apply(&line(self), &line(other))
    }

    /// The sum of products over the last `n` axes of this and the first `n` of the other, as NumPy's `tensordot`; with `n = 0` every
    /// entry times every entry, in the shapes together.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (a, b) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Tensor::from([[1.0, 0.0], [10.0, 1.0]]));
    /// assert_eq!(a.tensordot(&b, 1).to_vec::<f64>(), [21.0, 2.0, 43.0, 4.0]);
    /// assert_eq!(a.tensordot(&b, 2).item::<f64>(), 35.0);
    /// ```
    ///
    /// # Panics
    /// If the dtypes differ, or one has fewer axes, or these differ.
    #[track_caller]
    pub fn tensordot(&self, other: &Tensor, n: usize) -> Tensor {
        if self.rank() < n || other.rank() < n {
            let plural = if n == 1 { "axis" } else { "axes" };
            fail("tensordot", format!("at least {n} {plural} each"), self, other, "");
        }
        let last = (self.rank() - n..self.rank()).collect();
        self.contracted(other, last, (0..n).collect())
    }

    /// The sum of products over pairs of axes, the first of `axes` with the first of `other_axes` and so on, as NumPy's `tensordot`.
    /// The result has the other axes of this, then the other ones of `other`. Negative axes count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (a, b) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Tensor::from([[1.0, 0.0], [10.0, 1.0]]));
    /// assert_eq!(a.tensordot_axes(&b, &[0], &[-1]).to_vec::<f64>(), [1.0, 13.0, 2.0, 24.0]);
    /// assert_eq!(a.tensordot_axes(&b, &[0, 1], &[1, 0]).item::<f64>(), 25.0);
    /// ```
    ///
    /// # Panics
    /// If the dtypes differ, an axis does not exist or is named twice, or those of a pair differ.
    #[track_caller]
    pub fn tensordot_axes(&self, other: &Tensor, axes: &[isize], other_axes: &[isize]) -> Tensor {
        if axes.len() != other_axes.len() {
            let error = Error::new("tensordot").expected("as many axes of the right as of the left");
            raise(error.got(format!("{axes:?} and {other_axes:?}")).at(Some(place())))
        }
        // For each its own look, as `axes` of several sorts them; all together, for one twice is an error.
        let mut found = [Vec::new(), Vec::new()];
        for ((x, axes), found) in [(self, axes), (other, other_axes)].into_iter().zip(&mut found) {
            x.axes("tensordot", axes);
            for &axis in axes {
                found.push(x.axes("tensordot", axis)[0]);
            }
        }
        let [own, others] = found;
        self.contracted(other, own, others)
    }

    #[track_caller]
    fn contracted(&self, other: &Tensor, own: Vec<usize>, others: Vec<usize>) -> Tensor {
        same_dtype("tensordot", self, other);
        if own.iter().zip(&others).any(|(&i, &j)| self.shape()[i] != other.shape()[j]) {
            let expected = format!("axes {own:?} of the left as long as axes {others:?} of the right");
            fail("tensordot", expected, self, other, "");
        }
        DotGeneral { contract: (own, others), ..DotGeneral::default() }.apply(self, other)
    }

    /// The products of vectors that lie along an axis, as NumPy's `vecdot`; negative axes count from the end, and the other axes are
    /// broadcast.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.vecdot(&x, -1).to_vec::<f64>(), [5.0, 25.0]);
    /// assert_eq!(x.vecdot(&Tensor::from([1.0, 10.0]), -1).to_vec::<f64>(), [21.0, 43.0]);
    /// ```
    ///
    /// # Panics
    /// If the dtypes differ, the axis does not exist or is not of one length, or the others do not broadcast.
    #[track_caller]
    pub fn vecdot(&self, other: &Tensor, axis: isize) -> Tensor {
        let (i, j) = (self.axes("vecdot", axis)[0], other.axes("vecdot", axis)[0]);
        let last = |x: &Tensor, axis: usize| x.axis_to(axis, x.rank() - 1);
        let (a, b) = (last(self, i), last(other, j));
        batched("vecdot", (&a, a.rank() - 1, 1), (&b, b.rank() - 1, 1))
    }

    /// Matrices by vectors: `[…, m, k]` by `[…, k]` gives `[…, m]`, leading axes broadcast, as NumPy's `matvec`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// let v = Tensor::from([[1.0, 0.0], [1.0, 10.0]]);
    /// assert_eq!(a.matvec(&v).to_vec::<f64>(), [1.0, 3.0, 21.0, 43.0]);
    /// ```
    ///
    /// # Panics
    /// If the dtypes differ, or the shapes do not fit.
    #[track_caller]
    pub fn matvec(&self, other: &Tensor) -> Tensor {
        if self.rank() < 2 || other.rank() < 1 {
            fail("matvec", "a matrix and a vector at least", self, other, "");
        }
        batched("matvec", (self, self.rank() - 1, 2), (other, other.rank() - 1, 1))
    }

    /// Vectors by matrices: `[…, k]` by `[…, k, n]` gives `[…, n]`, leading axes broadcast, as NumPy's `vecmat`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(Tensor::from([1.0, 10.0]).vecmat(&a).to_vec::<f64>(), [31.0, 42.0]);
    /// ```
    ///
    /// # Panics
    /// If the dtypes differ, or the shapes do not fit.
    #[track_caller]
    pub fn vecmat(&self, other: &Tensor) -> Tensor {
        if self.rank() < 1 || other.rank() < 2 {
            fail("vecmat", "a vector and a matrix at least", self, other, "");
        }
        batched("vecmat", (self, self.rank() - 1, 1), (other, other.rank() - 2, 2))
    }

    /// The Kronecker product, as NumPy's `kron`: every entry of this times the whole of the other, in its place. The one with fewer axes
    /// has others of length 1 before them.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let y = Tensor::from([1.0, 10.0]).kron(&Tensor::from([1.0, 2.0, 3.0]));
    /// assert_eq!(y.to_vec::<f64>(), [1.0, 2.0, 3.0, 10.0, 20.0, 30.0]);
    /// ```
    ///
    /// # Panics
    /// If the dtypes differ.
    #[track_caller]
    pub fn kron(&self, other: &Tensor) -> Tensor {
        same_dtype("kron", self, other);
        let rank = self.rank().max(other.rank());
        let full = |x: &Tensor| -> Vec<usize> {
            std::iter::repeat_n(1, rank - x.rank()).chain(x.shape().iter().copied()).collect()
        };
        let (m, n) = (full(self), full(other));
        // Axis by axis, an axis of the one and then that of the other.
        let apart = |lengths: &[usize], first: bool| -> Vec<usize> {
            lengths.iter().flat_map(|&length| if first { [length, 1] } else { [1, length] }).collect()
        };
        let y = self.reshape(apart(&m, true)) * other.reshape(apart(&n, false));
        y.reshape(m.iter().zip(&n).map(|(m, n)| m * n).collect::<Vec<_>>())
    }

    /// The product of a chain of matrices in the order that takes the fewest multiply-adds, as NumPy's `linalg.multi_dot`; the first
    /// may be a row and the last a column, as vectors. The order is the best for up to 8, as for [`einsum`](Tensor::einsum).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// let y = Tensor::multi_dot(&[&a, &a, &Tensor::from([1.0, 10.0])]);
    /// assert_eq!(y.to_vec::<f64>(), [107.0, 235.0]);
    /// ```
    ///
    /// # Panics
    /// If there are fewer than two, the dtypes differ, or neighbours do not fit.
    #[track_caller]
    pub fn multi_dot(chain: &[&Tensor]) -> Tensor {
        let here = place();
        let refuse = |expected: String, got: String| -> ! {
            raise(Error::new("multi_dot").expected(expected).got(got).at(Some(here)))
        };
        let n = chain.len();
        if n < 2 {
            refuse("at least two operands".into(), n.to_string());
        }
        let mut lengths = vec![1; n + 1];
        let mut list = Vec::with_capacity(n);
        for (i, &x) in chain.iter().enumerate() {
            if x.dtype() != chain[0].dtype() {
                raise(different("multi_dot", chain[0].ty(), x.ty()).at(Some(here)));
            }
            let labels = match x.rank() {
                2 => vec![i, i + 1],
                1 if i == 0 => vec![1],
                1 if i == n - 1 => vec![i],
                _ => {
                    let ends = if i == 0 || i == n - 1 { " or a vector" } else { "" };
                    refuse(format!("a matrix{ends} as operand {i}"), x.ty().to_string())
                }
            };
            if i > 0 && x.shape()[0] != lengths[i] {
                let expected = format!("axis 0 of operand {i} as long as the last axis of the one before it");
                refuse(expected, format!("{} and {}", chain[i - 1].ty(), x.ty()));
            }
            for (&label, &length) in labels.iter().zip(x.shape().iter()) {
                lengths[label] = length;
            }
            list.push((x.clone(), labels));
        }
        // More than there are labels for.
        if n > 100 {
            let (first, rest) = chain.split_at(n / 2);
            return Tensor::multi_dot(first).matmul(&Tensor::multi_dot(rest));
        }
        let ends = [(0, chain[0]), (n, chain[n - 1])];
        let wanted: Vec<usize> =
            ends.into_iter().filter(|(_, x)| x.rank() == 2).map(|(label, _)| label).collect();
        multiplied(list, &lengths, &wanted)
    }
}

/// A product of two at random numbers of these shapes.
fn pair(f: fn(&Tensor, &Tensor) -> Tensor, a: &[usize], b: &[usize]) -> Case {
    Case::new(move |x| f(&x[0], &x[1]), [draw(a, -1.0, 1.0, 1), draw(b, -1.0, 1.0, 2)])
}

/// The same at whole numbers.
fn whole(f: fn(&Tensor, &Tensor) -> Tensor, a: &[usize], b: &[usize]) -> Case {
    Case::new(move |x| f(&x[0], &x[1]), [draw_whole(a, 9, 1), draw_whole(b, 9, 2)])
}

pub(super) const ROWS: [Composition; 11] = [
    Composition {
        name: "matmul",
        cases: || {
            vec![
                pair(Tensor::matmul, &[3], &[3]),
                pair(Tensor::matmul, &[2, 3], &[3]),
                pair(Tensor::matmul, &[3], &[3, 2]),
                pair(Tensor::matmul, &[2, 3], &[3, 4]),
                pair(Tensor::matmul, &[1, 1], &[1, 1]),
                pair(Tensor::matmul, &[2, 0], &[0, 3]),
                pair(Tensor::matmul, &[0, 2], &[2, 3]),
                pair(Tensor::matmul, &[2, 1, 2, 3], &[2, 3, 1]),
                pair(Tensor::matmul, &[3], &[2, 3, 2]),
                pair(Tensor::matmul, &[2, 2, 3], &[3]),
                whole(Tensor::matmul, &[2, 3], &[3, 2]),
            ]
        },
    },
    Composition {
        name: "dot",
        cases: || {
            vec![
                pair(Tensor::dot, &[], &[3]),
                pair(Tensor::dot, &[3], &[3]),
                pair(Tensor::dot, &[0], &[0]),
                pair(Tensor::dot, &[2, 2, 3], &[2, 3, 2]),
            ]
        },
    },
    Composition {
        name: "inner",
        cases: || {
            vec![
                pair(Tensor::inner, &[], &[2]),
                pair(Tensor::inner, &[3], &[3]),
                pair(Tensor::inner, &[2, 3], &[1, 2, 3]),
                pair(Tensor::inner, &[2, 0], &[0]),
            ]
        },
    },
    Composition {
        name: "vdot",
        cases: || {
            vec![
                pair(Tensor::vdot, &[], &[]),
                pair(Tensor::vdot, &[], &[1]),
                pair(Tensor::vdot, &[2, 3], &[2, 3]),
                pair(Tensor::vdot, &[2, 3], &[6]),
                pair(Tensor::vdot, &[0, 2], &[0]),
            ]
        },
    },
    Composition {
        name: "outer",
        cases: || {
            vec![
                pair(Tensor::outer, &[], &[]),
                pair(Tensor::outer, &[2], &[3]),
                pair(Tensor::outer, &[2, 2], &[1, 3]),
                pair(Tensor::outer, &[0], &[2]),
                whole(Tensor::outer, &[2], &[2]),
            ]
        },
    },
    Composition {
        name: "tensordot",
        cases: || {
            vec![
                pair(|a, b| a.tensordot(b, 0), &[2], &[1, 2]),
                pair(|a, b| a.tensordot(b, 0), &[], &[]),
                pair(|a, b| a.tensordot(b, 1), &[2, 3], &[3, 2]),
                pair(|a, b| a.tensordot(b, 2), &[2, 3, 2], &[3, 2, 2]),
                pair(|a, b| a.tensordot(b, 1), &[2, 0], &[0, 2]),
                pair(|a, b| a.tensordot_axes(b, &[0, -1], &[2, 0]), &[2, 3, 4], &[4, 1, 2]),
                pair(|a, b| a.tensordot_axes(b, &[], &[]), &[2], &[3]),
            ]
        },
    },
    Composition {
        name: "vecdot",
        cases: || {
            vec![
                pair(|a, b| a.vecdot(b, -1), &[3], &[3]),
                pair(|a, b| a.vecdot(b, -1), &[2, 1, 3], &[2, 3]),
                pair(|a, b| a.vecdot(b, 0), &[3, 2], &[3, 1]),
                pair(|a, b| a.vecdot(b, -2), &[0, 2], &[0, 2]),
            ]
        },
    },
    Composition {
        name: "matvec",
        cases: || {
            vec![
                pair(Tensor::matvec, &[2, 3], &[3]),
                pair(Tensor::matvec, &[2, 3], &[2, 1, 3]),
                pair(Tensor::matvec, &[2, 2, 1], &[2, 1]),
                pair(Tensor::matvec, &[2, 0], &[0]),
            ]
        },
    },
    Composition {
        name: "vecmat",
        cases: || {
            vec![
                pair(Tensor::vecmat, &[3], &[3, 2]),
                pair(Tensor::vecmat, &[2, 1, 3], &[3, 2]),
                pair(Tensor::vecmat, &[2, 1], &[2, 1, 2]),
                pair(Tensor::vecmat, &[0], &[0, 2]),
            ]
        },
    },
    Composition {
        name: "kron",
        cases: || {
            vec![
                pair(Tensor::kron, &[], &[]),
                pair(Tensor::kron, &[2], &[3]),
                pair(Tensor::kron, &[2, 3], &[2, 2]),
                pair(Tensor::kron, &[2], &[2, 1, 3]),
                pair(Tensor::kron, &[0, 2], &[2]),
                whole(Tensor::kron, &[2], &[2, 2]),
            ]
        },
    },
    Composition {
        name: "multi_dot",
        cases: || {
            let case = |shapes: &[&[usize]]| {
                let operands =
                    shapes.iter().enumerate().map(|(i, shape)| draw(shape, -1.0, 1.0, i as u64 + 1));
                let f = |x: &[Tensor]| Tensor::multi_dot(&x.iter().collect::<Vec<_>>());
                Case::new(f, operands.collect::<Vec<_>>())
            };
            vec![
                case(&[&[2, 3], &[3, 2]]),
                case(&[&[3, 2], &[2, 3], &[3, 1]]),
                case(&[&[2], &[2, 3], &[3, 2], &[2]]),
                case(&[&[2], &[2]]),
                case(&[&[2, 0], &[0, 2], &[2, 1]]),
            ]
        },
    },
];
