//! Entries in order.

use super::composed::{Case, Composition};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Type,
    Types, apply, operands,
};
use smallvec::smallvec;

/// `(y, i)`: the entries along an axis in ascending order, NaN last, or in descending order, NaN first; and where each was. Equal entries keep
/// their order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sort {
    /// Which axis.
    pub axis: usize,
    /// The largest first.
    pub descending: bool,
}

impl Sort {
    #[track_caller]
    fn apply(self, x: &Tensor) -> Tensors {
        apply(Prim::new(self), &[x])
    }
}

impl Primitive for Sort {
    fn name(&self) -> &str {
        "sort"
    }
    fn params(&self) -> Params {
        let mut params = vec![("axis", Param::Int(self.axis as i64))];
        if self.descending {
            params.push(("descending", Param::Bool(true)));
        }
        params
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("sort", 1, inputs)) };
        if self.axis >= x.shape.rank() {
            return Err(Error::new("sort").expected(format!("an axis of {x}")).got(self.axis.to_string()));
        }
        Ok(smallvec![x.clone(), Type::new(DType::I64, x.shape.clone())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (values, indices) = cotangent_kernels::sort::sort(inputs[0], self.axis, self.descending);
        Ok([values, indices].into_iter().collect())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        Sort { axis: self.axis + 1, ..*self }.apply(&x[0])
    }
}

impl Jvp for Sort {
    /// Tangents go where their entries went.
    fn jvp(&self, _x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        vec![t[0].as_ref().map(|t| t.take_along_axis(&y[1], self.axis as isize)), None]
    }
}

impl Tensor {
    /// The entries along an axis in ascending order, NaN last, and where each was (`i64`). Equal entries keep their order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (y, i) = Tensor::from([3.0, 1.0, 2.0]).sort(0);
    /// assert_eq!((y.to_vec::<f64>(), i.to_vec::<i64>()), (vec![1.0, 2.0, 3.0], vec![1, 2, 0]));
    /// let median = |x: &Tensor| x.sort(-1).0.index(1);
    /// assert_eq!(grad(median)(&Tensor::from([3.0, 1.0, 2.0])).to_vec::<f64>(), [0.0, 0.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn sort(&self, axis: isize) -> (Tensor, Tensor) {
        self.sorted("sort", axis, false)
    }

    /// The entries along an axis in descending order, NaN first, and where each was (`i64`). Equal entries keep their order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (y, i) = Tensor::from([1.0, 3.0, 1.0]).sort_descending(0);
    /// assert_eq!((y.to_vec::<f64>(), i.to_vec::<i64>()), (vec![3.0, 1.0, 1.0], vec![1, 0, 2]));
    /// ```
    #[track_caller]
    pub fn sort_descending(&self, axis: isize) -> (Tensor, Tensor) {
        self.sorted("sort_descending", axis, true)
    }

    /// Where the entries along an axis stand, from the smallest to the largest, NaN last (`i64`). Equal entries keep their order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([3.0, 1.0, 2.0]).argsort(0).to_vec::<i64>(), [1, 2, 0]);
    /// ```
    #[track_caller]
    pub fn argsort(&self, axis: isize) -> Tensor {
        self.sorted("argsort", axis, false).1
    }

    /// Where the entries along an axis stand, from the largest to the smallest, NaN first (`i64`). Equal entries keep their order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([3.0, 1.0, 3.0]).argsort_descending(0).to_vec::<i64>(), [0, 2, 1]);
    /// ```
    #[track_caller]
    pub fn argsort_descending(&self, axis: isize) -> Tensor {
        self.sorted("argsort_descending", axis, true).1
    }

    #[track_caller]
    fn sorted(&self, name: &str, axis: isize, descending: bool) -> (Tensor, Tensor) {
        let axis = self.axes(name, axis)[0];
        let mut sorted = Sort { axis, descending }.apply(self).into_iter();
        let mut next = || sorted.next().expect("two outputs");
        (next(), next())
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "sort",
    parse: |given| {
        let descending = given.bool("descending").unwrap_or(false);
        Some(Prim::new(Sort { axis: given.size("axis")?, descending }))
    },
    samples: || {
        let sorted = |shape: &[usize], axis: usize, descending: bool| {
            Sample::new(Prim::new(Sort { axis, descending }), [draw(shape, -1.0, 1.0, 1)])
        };
        let sample = |shape: &[usize], axis: usize| sorted(shape, axis, false);
        vec![
            sorted(&[5], 0, true),
            sorted(&[3, 2], 0, true),
            sorted(&[0, 3], 1, true),
            sample(&[1], 0),
            sample(&[5], 0),
            sample(&[2, 3], 1),
            sample(&[3, 2], 0),
            sample(&[2, 4, 2], 1),
            sample(&[0], 0),
            sample(&[0, 3], 1),
            sample(&[3, 0], 0),
        ]
    },
};

fn cases(f: fn(&Tensor, isize) -> Vec<Tensor>) -> Vec<Case> {
    let case =
        |shape: &[usize], axis: isize| Case::several(move |x| f(&x[0], axis), [draw(shape, -1.0, 1.0, 1)]);
    vec![
        case(&[1], 0),
        case(&[5], -1),
        case(&[3, 2], 0),
        case(&[2, 4, 2], 1),
        case(&[0], 0),
        case(&[2, 0], 1),
    ]
}

pub(super) const SORT_DESCENDING: Composition = Composition {
    name: "sort_descending",
    cases: || {
        cases(|x, axis| {
            let (y, i) = x.sort_descending(axis);
            vec![y, i]
        })
    },
};

pub(super) const ARGSORT: Composition = Composition {
    name: "argsort",
    cases: || {
        let both = |x: &Tensor, axis: isize| vec![x.argsort(axis), x.argsort_descending(axis)];
        cases(both)
    },
};
