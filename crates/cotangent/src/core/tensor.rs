//! [`Tensor`]: what users hold.

use super::builder::Builder;
use super::error::{Error, Place, raise};
use super::mode;
use super::node::{Edge, Node};
use super::program::Var;
use cotangent_kernels::{Array, DType, Element, Item, Shape, Type};
use std::fmt;
use std::sync::Arc;

/// Numbers in rows, columns and further axes, or the promise of them.
///
/// Concrete, it holds an array, and perhaps a node of the eager graph; traced, it is a variable of the program that
/// is being made. One type for both, so the same function runs eagerly, is differentiated, batched and compiled.
///
/// ```
/// use cotangent::prelude::*;
/// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!((x.shape().to_string(), x.sum().item::<f64>()), ("[2,2]".to_string(), 10.0));
/// ```
#[derive(Clone)]
pub struct Tensor {
    pub(crate) repr: Repr,
}

#[derive(Clone)]
pub(crate) enum Repr {
    Concrete { array: Array, edge: Option<Edge> },
    Traced(Traced),
}

/// A variable of a builder.
#[derive(Clone)]
pub(crate) struct Traced {
    pub builder: Arc<Builder>,
    pub var: Var,
    pub ty: Type,
}

impl Tensor {
    #[inline]
    pub(crate) fn with_edge(array: Array, edge: Option<Edge>) -> Tensor {
        Tensor { repr: Repr::Concrete { array, edge } }
    }

    #[inline]
    pub(crate) fn traced(builder: Arc<Builder>, var: Var, ty: Type) -> Tensor {
        Tensor { repr: Repr::Traced(Traced { builder, var, ty }) }
    }

    /// The dtype and shape.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1f32, 2.0]).ty().to_string(), "f32[2]");
    /// ```
    #[inline]
    pub fn ty(&self) -> &Type {
        match &self.repr {
            Repr::Concrete { array, .. } => array.ty(),
            Repr::Traced(traced) => &traced.ty,
        }
    }

    /// What kind of number it holds.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.ty().dtype
    }

    /// The length of each axis.
    #[inline]
    pub fn shape(&self) -> &Shape {
        &self.ty().shape
    }

    /// How many axes.
    #[inline]
    pub fn rank(&self) -> usize {
        self.shape().rank()
    }

    /// How many entries.
    #[inline]
    pub fn size(&self) -> usize {
        self.shape().size()
    }

    /// Is it a variable of a program being traced?
    pub fn is_traced(&self) -> bool {
        matches!(self.repr, Repr::Traced(_))
    }

    /// Is it traced within `jit`, so that what is asked of it decides which trace this is?
    pub(crate) fn is_guarded(&self) -> bool {
        matches!(&self.repr, Repr::Traced(traced) if traced.builder.guarded)
    }

    #[inline]
    pub(crate) fn edge(&self) -> Option<&Edge> {
        match &self.repr {
            Repr::Concrete { edge, .. } => edge.as_ref(),
            Repr::Traced(_) => None,
        }
    }

    /// The array of a concrete tensor, without forcing a traced one.
    #[inline]
    pub fn as_array(&self) -> Option<&Array> {
        match &self.repr {
            Repr::Concrete { array, .. } => Some(array),
            Repr::Traced(_) => None,
        }
    }

    /// The float of a concrete tensor of rank 0 without a node.
    #[inline]
    pub(crate) fn as_number(&self) -> Option<Item> {
        match &self.repr {
            Repr::Concrete { array, edge: None } if array.rank() == 0 && array.dtype().is_float() => {
                array.as_fill()
            }
            _ => None,
        }
    }

    /// The array of a concrete tensor, to be changed.
    #[inline]
    pub(crate) fn as_array_mut(&mut self) -> Option<&mut Array> {
        match &mut self.repr {
            Repr::Concrete { array, .. } => Some(array),
            Repr::Traced(_) => None,
        }
    }

    /// The values. A traced tensor is *forced*: its builder computes what is needed, once, from the values behind its
    /// inputs, or explains why there are none.
    #[track_caller]
    pub fn try_array(&self) -> Result<Array, Error> {
        let place = mode::place();
        self.value().map_err(|error| error.at(Some(place)))
    }

    /// The values, or an error that knows no line.
    pub(super) fn value(&self) -> Result<Array, Error> {
        match &self.repr {
            Repr::Concrete { array, .. } => Ok(array.clone()),
            Repr::Traced(traced) => traced.builder.force(traced.var),
        }
    }

    /// The values; see [`try_array`](Tensor::try_array).
    #[track_caller]
    pub fn array(&self) -> Array {
        self.try_array().unwrap_or_else(|error| raise(error))
    }

    /// The only entry, as a Rust number of exactly this dtype.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(2.5).item::<f64>(), 2.5);
    /// ```
    ///
    /// # Panics
    /// If there is not exactly one entry, or the dtype is another.
    #[track_caller]
    pub fn item<T: Element>(&self) -> T {
        if self.size() != 1 {
            let error = Error::new("item").expected("one entry").got(self.ty().to_string());
            raise(
                error
                    .help("`to_vec` gives all entries, `sum` or `mean` make one of them")
                    .at(Some(mode::place())),
            )
        }
        self.check_dtype::<T>("item");
        self.array().first().and_then(T::from_item).expect("one entry of this dtype")
    }

    /// All entries in row-major order, as Rust numbers of exactly this dtype.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).t().to_vec::<i32>(), [1, 3, 2, 4]);
    /// ```
    ///
    /// # Panics
    /// If the dtype is another.
    #[track_caller]
    pub fn to_vec<T: Element>(&self) -> Vec<T> {
        self.check_dtype::<T>("to_vec");
        self.array().to_vec().expect("this dtype")
    }

    #[track_caller]
    fn check_dtype<T: Element>(&self, operation: &str) {
        if self.dtype() != T::DTYPE {
            let error =
                Error::new(operation).expected(format!("dtype {}", T::DTYPE)).got(self.ty().to_string());
            let help = format!(
                "ask for `{operation}::<{}>()`, or convert first with `.to(DType::{:?})`",
                self.dtype(),
                T::DTYPE
            );
            raise(error.help(help).at(Some(mode::place())))
        }
    }

    /// The only entry as an `f64`, whatever the dtype.
    #[track_caller]
    pub fn to_f64(&self) -> f64 {
        if self.size() != 1 {
            let error = Error::new("to_f64").expected("one entry").got(self.ty().to_string());
            let help = "`sum` or `mean` make one of them; `.to(DType::F64).to_vec::<f64>()` gives all";
            raise(error.help(help).at(Some(mode::place())))
        }
        self.array().first().map_or(f64::NAN, Item::to_f64)
    }

    /// The same values with no past: gradients stop here, forward and backward.
    ///
    /// On a concrete tensor this forgets the node; on a traced one it is the primitive `stop_gradient`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let g = grad(|x: &Tensor| x * &x.square().detach())(&Tensor::from(2.0));
    /// assert_eq!(g.item::<f64>(), 4.0); // not 3x²
    /// ```
    #[track_caller]
    pub fn detach(&self) -> Tensor {
        match &self.repr {
            Repr::Concrete { array, .. } => Tensor::from(array.clone()),
            Repr::Traced(_) => self.stop_gradient(),
        }
    }

    /// Makes this a leaf of the eager graph: [`backward`](Tensor) of what is computed from it leaves a gradient here.
    /// Earlier history is cut off.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from(3.0).requires_grad();
    /// x.square().backward();
    /// assert_eq!(x.grad().unwrap().item::<f64>(), 6.0);
    /// ```
    ///
    /// # Panics
    /// If the dtype is not a float, or the tensor is traced (use [`grad`](crate::api::grad) there).
    #[track_caller]
    pub fn requires_grad(self) -> Tensor {
        let place = mode::place();
        match self.repr {
            Repr::Concrete { array, .. } if array.dtype().is_float() => {
                Tensor::with_edge(array, Some(Edge { node: Node::new(None, place), output: 0 }))
            }
            Repr::Concrete { array, .. } => {
                let error = Error::new("requires_grad").expected("a float").got(array.ty().to_string());
                raise(
                    error
                        .help("only floats have gradients: convert first with `.to(DType::F64)`")
                        .at(Some(place)),
                )
            }
            Repr::Traced(traced) => raise(traced.builder.no_eager("requires_grad", place)),
        }
    }

    /// Is this a leaf that requires a gradient?
    pub fn is_leaf(&self) -> bool {
        self.edge().is_some_and(|edge| edge.node.recorded().is_none())
    }

    /// Does it depend on a leaf that requires a gradient?
    pub fn has_node(&self) -> bool {
        self.edge().is_some()
    }

    /// The node of the eager graph that made this tensor, if it has one.
    pub fn node(&self) -> Option<&Arc<Node>> {
        self.edge().map(|edge| &edge.node)
    }

    /// The line that made this tensor, if it is traced or has a node.
    pub fn place(&self) -> Option<Place> {
        match &self.repr {
            Repr::Concrete { edge, .. } => edge.as_ref().map(|edge| edge.node.place()),
            Repr::Traced(traced) => traced.builder.place_of(traced.var),
        }
    }
}

/// Shows values (never forcing a traced tensor): `f64[2] [1, 2]`.
impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repr {
            Repr::Concrete { array, .. } => nested(array, f),
            Repr::Traced(traced) => write!(f, "{}:{}", traced.var, traced.ty),
        }
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repr {
            Repr::Concrete { array, edge } => {
                write!(f, "Tensor({} ", array.ty())?;
                nested(array, f)?;
                if let Some(edge) = edge {
                    write!(f, ", {:?}", edge.node)?;
                }
                f.write_str(")")
            }
            Repr::Traced(traced) => write!(f, "Tensor({}:{}, traced)", traced.var, traced.ty),
        }
    }
}

/// Entries shown along each axis before an ellipsis.
const SHOWN: usize = 8;

/// Rows within brackets, as NumPy shows them. The loop walks the printed entries; rank is at most the depth.
fn nested(array: &Array, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    fn level(array: &Array, index: &mut Vec<usize>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let axis = index.len();
        if axis == array.rank() {
            return match array.get(index) {
                Some(item) => write!(f, "{item}"),
                None => Ok(()),
            };
        }
        f.write_str("[")?;
        let length = array.shape()[axis];
        for i in 0..length.min(SHOWN) {
            if i > 0 {
                f.write_str(", ")?;
            }
            index.push(i);
            level(array, index, f)?;
            index.pop();
        }
        if length > SHOWN {
            write!(f, ", … {} more", length - SHOWN)?;
        }
        f.write_str("]")
    }
    level(array, &mut Vec::new(), f)
}
