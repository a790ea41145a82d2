//! Choosing entry by entry.

use super::broadcast::together;
use super::registry::{Entry, SHAPES, Sample, draw, draw_bools};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Params, Prim, Primitive, Tensor, Tensors, Transpose, Type,
    Types, apply1, batch_elementwise, different, operands,
};
use smallvec::smallvec;

/// `y = a` where `p`, else `b`: linear in `a` and `b` together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Where;

impl Primitive for Where {
    fn name(&self) -> &str {
        "where"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[p, a, b] = inputs else { return Err(operands("where", 3, inputs)) };
        if p.dtype != DType::Bool {
            let help = "make it one with a comparison, such as `x.greater(0.0)`";
            return Err(Error::new("where")
                .expected("a bool tensor to choose by")
                .got(p.to_string())
                .help(help));
        }
        if a != b {
            return Err(different("where", a, b));
        }
        if p.shape != a.shape {
            return Err(Error::new("where")
                .expected(format!("a choice of shape {}", a.shape))
                .got(p.to_string()));
        }
        Ok(smallvec![a.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![cotangent_kernels::map::select(inputs[0], inputs[1], inputs[2])])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![apply1(Prim::new(Where), &[&x[0], &x[1], &x[2]])]
    }
}

impl Transpose for Where {
    fn linear(&self, i: usize) -> bool {
        i > 0
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], wanted: &[bool]) -> Vec<Option<Tensor>> {
        let Some(ct) = &ct[0] else { return vec![None; 3] };
        let zeros = ct.zeros_like();
        let a = wanted[1].then(|| x[0].select(ct, &zeros));
        let b = wanted[2].then(|| x[0].select(&zeros, ct));
        vec![None, a, b]
    }
}

impl Tensor {
    /// `then` where this bool is true, `otherwise` where it is not (NumPy's `where`); all three broadcast together. Only the chosen
    /// side's derivative counts, so the other may be infinite or NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let root = |x: &Tensor| x.greater(0.0).select(&x.sqrt(), &x.zeros_like()).sum();
    /// assert_eq!(grad(root)(&Tensor::from([0.0, 4.0])).to_vec::<f64>(), [0.0, 0.25]);
    /// ```
    #[track_caller]
    pub fn select(&self, then: &Tensor, otherwise: &Tensor) -> Tensor {
        let (then, otherwise) =
            together("where", then, otherwise).unwrap_or_else(|| (then.clone(), otherwise.clone()));
        let shape = self.shape().broadcast(then.shape()).unwrap_or_else(|| then.shape().clone());
        let p = if self.shape().broadcast(&shape).as_ref() == Some(&shape) {
            self.broadcast_to(shape.clone())
        } else {
            self.clone()
        };
        apply1(Prim::new(Where), &[&p, &then.broadcast_to(shape.clone()), &otherwise.broadcast_to(shape)])
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "where",
    parse: |given| given.0.is_empty().then(|| Prim::new(Where)),
    samples: || {
        let sample = |shape: &&[usize]| {
            let operands = [draw_bools(shape, 3), draw(shape, -1.0, 1.0, 1), draw(shape, -1.0, 1.0, 2)];
            Sample::new(Prim::new(Where), operands)
        };
        SHAPES.iter().map(sample).collect()
    },
};
