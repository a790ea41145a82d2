//! Rows named by indices, multiplied and added to, one update after another.

use super::gather::out_of_range;
use super::registry::{Entry, Sample, draw};
use super::scatter::{POINTS, all_batched, check, point};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Transpose,
    Type, Types, apply, different, operands, scale,
};
use cotangent_kernels::scatter::{Steps, scatter_mul_add};
use smallvec::smallvec;

/// `(y, before)`: for one update after another `row ← row · a + b`, where indices `[batch…, k…]` name the rows of an operand
/// `[batch…, n, rest…]`, and `a` and `b` are `[batch…, k…, rest…]`. `before` is for each update its row as it was just before.
///
/// For given factors it is linear in the operand and `b`, and its transpose is the same with the updates in the opposite order; so the
/// derivative of a product of many has no division, and is right where factors are zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScatterMulAdd {
    /// How many leading axes the operands have in common.
    pub batch: usize,
    /// From the last update to the first.
    pub reverse: bool,
    /// A product with a zero is zero: so in tangents and cotangents.
    pub zero_wins: bool,
}

impl Primitive for ScatterMulAdd {
    fn name(&self) -> &str {
        "scatter_mul_add"
    }
    fn params(&self) -> Params {
        vec![
            ("batch", Param::Int(self.batch as i64)),
            ("reverse", Param::Bool(self.reverse)),
            ("zero_wins", Param::Bool(self.zero_wins)),
        ]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        const NAME: &str = "scatter_mul_add";
        let &[x, a, b, indices] = inputs else { return Err(operands(NAME, 4, inputs)) };
        if x.dtype == DType::Bool {
            let help = "convert first: `.to(DType::I64)`";
            return Err(Error::new(NAME).expected("numbers").got(x.to_string()).help(help));
        }
        check(NAME, self.batch, x, a, indices)?;
        if a != b {
            return Err(different(NAME, a, b));
        }
        Ok(smallvec![x.clone(), a.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let &[x, a, b, indices] = inputs else { unreachable!("the type rule wants four") };
        let steps = Steps { reverse: self.reverse, zero_wins: self.zero_wins };
        let (y, before) = scatter_mul_add(x, a, b, indices, self.batch, steps)
            .map_err(|error| out_of_range("scatter_mul_add", error))?;
        Ok([y, before].into_iter().collect())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = all_batched(x, mapped, size);
        ScatterMulAdd { batch: self.batch + 1, ..*self }.apply(&x[0], &x[1], &x[2], &x[3])
    }
}

impl ScatterMulAdd {
    #[track_caller]
    fn apply(self, x: &Tensor, a: &Tensor, b: &Tensor, indices: &Tensor) -> Tensors {
        apply(Prim::new(self), &[x, a, b, indices])
    }
}

/// The rows of `x` that the indices name times those of `factors`, one after another.
#[track_caller]
pub(super) fn scatter_mul(x: &Tensor, factors: &Tensor, indices: &Tensor) -> Tensor {
    let steps = ScatterMulAdd { batch: 0, reverse: false, zero_wins: false };
    steps.apply(x, factors, &factors.zeros_like(), indices).swap_remove(0)
}

impl Jvp for ScatterMulAdd {
    /// The same steps for the tangents: `ṙow ← ṙow · a + (row · ȧ + ḃ)`, with each row as it was before its update.
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let moved = t[1].as_ref().map(|t| scale(t, &y[1]));
        let term = match (moved, &t[2]) {
            (Some(a), Some(b)) => Some(a + b),
            (Some(a), None) => Some(a),
            (None, b) => b.clone(),
        };
        if term.is_none() && t[0].is_none() {
            return vec![None, None];
        }
        let row = t[0].clone().unwrap_or_else(|| x[0].zeros_like());
        let term = term.unwrap_or_else(|| x[1].zeros_like());
        let steps = ScatterMulAdd { zero_wins: true, ..*self };
        steps.apply(&row, &x[1], &term, &x[3]).into_iter().map(Some).collect()
    }
    fn transposed(&self) -> Option<&dyn Transpose> {
        Some(self)
    }
}

impl Transpose for ScatterMulAdd {
    fn linear(&self, i: usize) -> bool {
        i == 0 || i == 2
    }
    /// Backwards through the steps: the cotangent of a row after an update is that of its `b`, times `a` and with that of `before` it
    /// is the cotangent of the row before.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        if ct.iter().all(Option::is_none) {
            return vec![None; 4];
        }
        let after = ct[0].clone().unwrap_or_else(|| x[0].zeros_like());
        let before = ct[1].clone().unwrap_or_else(|| x[1].zeros_like());
        let back = ScatterMulAdd { reverse: !self.reverse, zero_wins: true, ..*self };
        let mut found = back.apply(&after, &x[1], &before, &x[3]).into_iter();
        vec![found.next(), None, found.next(), None]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "scatter_mul_add",
    parse: |given| {
        let (reverse, zero_wins) = (given.bool("reverse")?, given.bool("zero_wins")?);
        Some(Prim::new(ScatterMulAdd { batch: given.size("batch")?, reverse, zero_wins }))
    },
    samples: || {
        let sample = |reverse: bool, zero_wins: bool, at: (usize, &[usize], &[usize])| {
            let [x, a, indices] = point(at);
            let b = draw(a.shape(), -1.0, 1.0, 4);
            let prim = Prim::new(ScatterMulAdd { batch: at.0, reverse, zero_wins });
            Sample::new(prim, [x, a, b, indices])
        };
        let each = [(false, false), (true, false), (false, true)];
        POINTS
            .iter()
            .zip(each.iter().cycle())
            .map(|(&at, &(reverse, zero_wins))| sample(reverse, zero_wins, at))
            .collect()
    },
};
