//! Products summed over pairs of axes: matrix products and all their kin.

use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors,
    TransposeEach, Type, Types, apply1, different, operands, place, raise,
};
use smallvec::smallvec;

/// `y = Σ a·b` over the contracted pairs of axes, for each index of the batch pairs. The result has the batch axes, in the
/// order given, then the free axes of `a`, then those of `b`, each increasing.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DotGeneral {
    /// Axes of `a` and, pair by pair, of `b`, to be summed over.
    pub contract: (Vec<usize>, Vec<usize>),
    /// Axes of `a` and, pair by pair, of `b`, that the result has once.
    pub batch: (Vec<usize>, Vec<usize>),
}

fn free(rank: usize, contract: &[usize], batch: &[usize]) -> Vec<usize> {
    (0..rank).filter(|axis| !contract.contains(axis) && !batch.contains(axis)).collect()
}

impl DotGeneral {
    #[track_caller]
    pub(super) fn apply(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[a, b])
    }
}

/// Where each of these axes stands among them when they are sorted.
fn ranks(axes: &[usize]) -> Vec<usize> {
    axes.iter().map(|axis| axes.iter().filter(|other| *other < axis).count()).collect()
}

/// The cotangent of one operand. `own` and `other` are (contract, batch) of the operand and of its partner, `first` tells that the
/// operand is the left one.
fn cotangent(
    own: (&[usize], &[usize]),
    own_rank: usize,
    other: (&[usize], &[usize]),
    partner: &Tensor,
    ct: &Tensor,
    first: bool,
) -> Tensor {
    let own_free = free(own_rank, own.0, own.1);
    let partner_free = free(partner.rank(), other.0, other.1);
    let batch = own.1.len();
    // In `ct` the batch comes first, then the left one's free axes, then the right one's.
    let start = if first { batch + own_free.len() } else { batch };
    let dot = DotGeneral {
        contract: ((start..start + partner_free.len()).collect(), partner_free),
        batch: ((0..batch).collect(), other.1.to_vec()),
    };
    let y = dot.apply(ct, partner);
    // `y` has the batch, the operand's free axes, and the contracted ones in the partner's order.
    let order = ranks(other.0);
    let mut axes = vec![0; own_rank];
    for (i, &axis) in own.1.iter().enumerate() {
        axes[axis] = i;
    }
    for (i, &axis) in own_free.iter().enumerate() {
        axes[axis] = batch + i;
    }
    for (i, &axis) in own.0.iter().enumerate() {
        axes[axis] = batch + own_free.len() + order[i];
    }
    y.permuted(&axes)
}

impl Primitive for DotGeneral {
    fn name(&self) -> &str {
        "dot_general"
    }
    fn params(&self) -> Params {
        vec![
            ("contract_a", Param::ints(&self.contract.0)),
            ("contract_b", Param::ints(&self.contract.1)),
            ("batch_a", Param::ints(&self.batch.0)),
            ("batch_b", Param::ints(&self.batch.1)),
        ]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a, b] = inputs else { return Err(operands("dot_general", 2, inputs)) };
        if a.dtype != b.dtype {
            return Err(different("dot_general", a, b));
        }
        if a.dtype == DType::Bool {
            return Err(Error::new("dot_general").expected("numbers").got(format!("{a} and {b}")));
        }
        let axes = |contract: &[usize], batch: &[usize], ty: &Type| {
            let mut all: Vec<usize> = contract.iter().chain(batch).copied().collect();
            all.sort_unstable();
            if all.windows(2).any(|pair| pair[0] == pair[1])
                || all.last().is_some_and(|&axis| axis >= ty.shape.rank())
            {
                return Err(Error::new("dot_general")
                    .expected(format!("axes of {ty}, each once"))
                    .got(format!("{all:?}")));
            }
            Ok(())
        };
        axes(&self.contract.0, &self.batch.0, a)?;
        axes(&self.contract.1, &self.batch.1, b)?;
        let pairs = |pair: &(Vec<usize>, Vec<usize>)| {
            pair.0.len() == pair.1.len()
                && pair.0.iter().zip(&pair.1).all(|(&i, &j)| a.shape[i] == b.shape[j])
        };
        if !pairs(&self.contract) || !pairs(&self.batch) {
            let expected = format!(
                "axes {:?} of the left as long as axes {:?} of the right",
                [&self.batch.0[..], &self.contract.0[..]].concat(),
                [&self.batch.1[..], &self.contract.1[..]].concat()
            );
            return Err(Error::new("dot_general").expected(expected).got(format!("{a} and {b}")));
        }
        let batch = self.batch.0.iter().map(|&axis| a.shape[axis]);
        let free_a =
            free(a.shape.rank(), &self.contract.0, &self.batch.0).into_iter().map(|axis| a.shape[axis]);
        let free_b =
            free(b.shape.rank(), &self.contract.1, &self.batch.1).into_iter().map(|axis| b.shape[axis]);
        Ok(smallvec![Type::new(a.dtype, batch.chain(free_a).chain(free_b).collect::<Shape>())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let contract = (&self.contract.0[..], &self.contract.1[..]);
        let batch = (&self.batch.0[..], &self.batch.1[..]);
        Ok(smallvec![cotangent_kernels::contract::dot_general(inputs[0], inputs[1], contract, batch)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Bilinear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], _size: usize) -> Tensors {
        let shift = |axes: &[usize], mapped: bool| -> Vec<usize> {
            axes.iter().map(|axis| axis + usize::from(mapped)).collect()
        };
        let mut dot = DotGeneral {
            contract: (shift(&self.contract.0, mapped[0]), shift(&self.contract.1, mapped[1])),
            batch: (shift(&self.batch.0, mapped[0]), shift(&self.batch.1, mapped[1])),
        };
        if mapped[0] && mapped[1] {
            dot.batch.0.insert(0, 0);
            dot.batch.1.insert(0, 0);
            return smallvec![dot.apply(&x[0], &x[1])];
        }
        // The batch is the first free axis of the one that is mapped.
        let batch = self.batch.0.len();
        let position = if mapped[0] { batch } else { batch + x[0].rank() - batch - self.contract.0.len() };
        let y = dot.apply(&x[0], &x[1]);
        let mut axes: Vec<usize> = (0..y.rank()).collect();
        axes.remove(position);
        axes.insert(0, position);
        smallvec![y.permuted(&axes)]
    }
}

impl TransposeEach for DotGeneral {
    fn transpose(&self, i: usize, x: &[Tensor], ct: &Tensor) -> Tensor {
        let a = (&self.contract.0[..], &self.batch.0[..]);
        let b = (&self.contract.1[..], &self.batch.1[..]);
        match i {
            0 => cotangent(a, x[0].rank(), b, &x[1], ct, true),
            _ => cotangent(b, x[1].rank(), a, &x[0], ct, false),
        }
    }
}

impl Tensor {
    /// The matrix product: `[…, m, k]` by `[…, k, n]` gives `[…, m, n]`, leading axes broadcast; a vector on the left is a row, on the
    /// right a column, whose axis the result does not have (as NumPy's `matmul`).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(a.matmul(&Tensor::from([1.0, 10.0])).to_vec::<f64>(), [21.0, 43.0]);
    /// ```
    #[track_caller]
    pub fn matmul(&self, other: &Tensor) -> Tensor {
        self.product("matmul", other)
    }

    #[track_caller]
    fn product(&self, name: &str, other: &Tensor) -> Tensor {
        let here = place();
        let fail = |error: Error| -> ! { raise(error.at(Some(here))) };
        let (a, b) = (self, other);
        if a.rank() == 0 || b.rank() == 0 {
            let error =
                Error::new(name).expected("at least one axis each").got(format!("{} and {}", a.ty(), b.ty()));
            fail(error.help("multiply by a number with `*`"));
        }
        if a.dtype() != b.dtype() {
            fail(different(name, a.ty(), b.ty()));
        }
        let (ka, kb) = (a.rank() - 1, b.rank().saturating_sub(2));
        if a.shape()[ka] != b.shape()[kb] {
            let expected = format!("axis {ka} of the left as long as axis {kb} of the right");
            let error = Error::new(name).expected(expected).got(format!("{} and {}", a.ty(), b.ty()));
            fail(error.help("`t()` exchanges the last two axes"));
        }
        let contract = (vec![ka], vec![kb]);
        if b.rank() <= 2 {
            return DotGeneral { contract, ..DotGeneral::default() }.apply(a, b);
        }
        let lead = |x: &Tensor| Shape::from(&x.shape()[..x.rank().saturating_sub(2)]);
        let Some(batch) = lead(a).broadcast(&lead(b)) else {
            let error = Error::new(name).expected("leading axes that broadcast together");
            fail(error.got(format!("{} and {}", a.ty(), b.ty())))
        };
        let wide = |x: &Tensor| {
            let inner = &x.shape()[x.rank().saturating_sub(2)..];
            x.broadcast_to(batch.iter().chain(inner).copied().collect::<Shape>())
        };
        let (n, b) = (batch.rank(), wide(b));
        let axes = || (0..n).collect::<Vec<_>>();
        if a.rank() == 1 {
            // The vector meets every matrix: contract, no batch on its side.
            let y = DotGeneral { contract: (vec![0], vec![n]), ..DotGeneral::default() };
            return y.apply(a, &b);
        }
        DotGeneral { contract: (vec![n + 1], vec![n]), batch: (axes(), axes()) }.apply(&wide(a), &b)
    }

    /// The product of two vectors summed up, or in general over the last axis of this and the last but one (or only) of `other`, as
    /// NumPy's `dot`; for matrices the same as [`matmul`](Tensor::matmul).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, 2.0]).dot(&Tensor::from([3.0, 4.0])).item::<f64>(), 11.0);
    /// ```
    #[track_caller]
    pub fn dot(&self, other: &Tensor) -> Tensor {
        if self.rank() == 0 || other.rank() == 0 {
            return self * other;
        }
        if other.rank() <= 2 {
            return self.product("dot", other);
        }
        let contract = (vec![self.rank() - 1], vec![other.rank() - 2]);
        DotGeneral { contract, ..DotGeneral::default() }.apply(self, other)
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "dot_general",
    parse: |given| {
        let contract = (given.sizes("contract_a")?, given.sizes("contract_b")?);
        let batch = (given.sizes("batch_a")?, given.sizes("batch_b")?);
        Some(Prim::new(DotGeneral { contract, batch }))
    },
    samples: || {
        let sample = |a: &[usize], b: &[usize], contract: [&[usize]; 2], batch: [&[usize]; 2]| {
            let pair = |axes: [&[usize]; 2]| (axes[0].to_vec(), axes[1].to_vec());
            let dot = DotGeneral { contract: pair(contract), batch: pair(batch) };
            Sample::new(Prim::new(dot), [draw(a, -1.0, 1.0, 1), draw(b, -1.0, 1.0, 2)])
        };
        vec![
            sample(&[], &[], [&[], &[]], [&[], &[]]),
            sample(&[3], &[3], [&[0], &[0]], [&[], &[]]),
            sample(&[2], &[3], [&[], &[]], [&[], &[]]),
            sample(&[2, 3], &[3, 4], [&[1], &[0]], [&[], &[]]),
            sample(&[2, 3, 2], &[3, 2, 2], [&[1], &[0]], [&[2], &[1]]),
            // Two pairs of each kind, in different orders.
            sample(&[2, 3, 2, 1], &[3, 2, 2], [&[1, 0], &[0, 2]], [&[2], &[1]]),
            sample(&[2, 3, 4], &[4, 3, 2, 1], [&[1], &[1]], [&[2, 0], &[0, 2]]),
            sample(&[1, 1], &[1], [&[0], &[0]], [&[], &[]]),
            sample(&[2, 0], &[0, 2], [&[1], &[0]], [&[], &[]]),
            sample(&[0, 2], &[2], [&[1], &[0]], [&[], &[]]),
        ]
    },
};
