//! The list of compositions: functions that users look for by name and that are made of primitives. Their derivatives come by
//! themselves, and the laws try them all the same. One joins by a line in [`compositions`].

use super::registry::{SHAPES, draw};
use super::{
    activation, arrange, at, axes, calculus, channels, convolve, counting, diagonal, distributions, einsum,
    extreme, flip, gamma, loss, norm, normalize, pool, products, reduce, slice, sort, special, standardize,
    statistics, truth,
};
use crate::core::Tensor;

/// A named function made of primitives.
pub struct Composition {
    /// The name of its method.
    pub name: &'static str,
    /// Where the laws are tried.
    pub cases: fn() -> Vec<Case>,
}

/// A function of a list of tensors.
type Composed = dyn Fn(&[Tensor]) -> Vec<Tensor>;

/// A composition with its parameters, at a point where it is smooth. Floats are `f64`; the laws try them in `f32` too.
pub struct Case {
    /// The function of its operands.
    pub f: Box<Composed>,
    /// Its operands.
    pub inputs: Vec<Tensor>,
}

impl Case {
    /// This function at this point.
    pub fn new(f: impl Fn(&[Tensor]) -> Tensor + 'static, inputs: impl IntoIterator<Item = Tensor>) -> Case {
        Case::several(move |x| vec![f(x)], inputs)
    }
    /// A function with several outputs at this point.
    pub fn several(
        f: impl Fn(&[Tensor]) -> Vec<Tensor> + 'static,
        inputs: impl IntoIterator<Item = Tensor>,
    ) -> Case {
        Case { f: Box::new(f), inputs: inputs.into_iter().collect() }
    }
}

/// Every composition with a row in the table of laws.
///
/// ```
/// let names: Vec<&str> = cotangent::op::compositions().iter().map(|one| one.name).collect();
/// assert!(names.contains(&"mean"));
/// ```
pub fn compositions() -> Vec<Composition> {
    let mut all = vec![
        reduce::MEAN,
        extreme::MIN,
        truth::ANY,
        truth::ALL,
        statistics::VAR,
        statistics::STD,
        statistics::QUANTILE,
        statistics::MEDIAN,
        norm::NORM,
        sort::SORT_DESCENDING,
        sort::ARGSORT,
        standardize::LAYER_NORM,
        flip::FLIP,
        slice::SLICE_AXIS,
        slice::SLICE_STEP,
        slice::INDEX,
        einsum::EINSUM,
    ];
    all.extend(arrange::SHAPES);
    all.extend(arrange::ROWS);
    all.extend(diagonal::ROWS);
    all.extend(axes::ROWS);
    all.extend(counting::ROWS);
    all.extend(at::ROWS);
    all.extend(activation::ROWS);
    all.extend(special::ROWS);
    all.extend(loss::ROWS);
    all.extend(normalize::ROWS);
    all.extend(channels::ROWS);
    all.extend(calculus::ROWS);
    all.extend(distributions::ROWS);
    all.extend(gamma::ROWS);
    all.extend(convolve::ROWS);
    all.extend(pool::ROWS);
    all.extend(products::ROWS);
    #[cfg(feature = "linalg")]
    all.extend(super::linalg::rows());
    all
}

/// An elementwise function of one tensor, at numbers of every shape between two bounds.
pub(super) fn everywhere(f: fn(&Tensor) -> Tensor, low: f64, high: f64) -> Vec<Case> {
    SHAPES.iter().map(|shape| Case::new(move |x| f(&x[0]), [draw(shape, low, high, 1)])).collect()
}
