//! Tensors from Rust numbers, arrays and vectors.

use super::error::{Error, raise};
use super::mode;
use super::tensor::Tensor;
use cotangent_kernels::{Array, Element, Item, Shape, Type};

/// A Rust number, array or vector that is a tensor.
pub trait IntoTensor {
    /// The tensor with these entries.
    fn into_tensor(self) -> Tensor;
}

impl<T: IntoTensor> From<T> for Tensor {
    #[inline]
    fn from(value: T) -> Tensor {
        value.into_tensor()
    }
}

impl IntoTensor for Array {
    #[inline]
    fn into_tensor(self) -> Tensor {
        Tensor::with_edge(self, None)
    }
}

/// A Rust number, and vectors and arrays of it, to three axes.
macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl IntoTensor for $number {
            #[inline]
            fn into_tensor(self) -> Tensor {
                Array::scalar(self).into_tensor()
            }
        }
        impl IntoTensor for Vec<$number> {
            fn into_tensor(self) -> Tensor {
                let length = self.len();
                Array::from_vec(self, [length]).into_tensor()
            }
        }
        impl IntoTensor for &[$number] {
            fn into_tensor(self) -> Tensor {
                self.to_vec().into_tensor()
            }
        }
        impl<const N: usize> IntoTensor for [$number; N] {
            fn into_tensor(self) -> Tensor {
                self.to_vec().into_tensor()
            }
        }
        impl<const M: usize, const N: usize> IntoTensor for [[$number; N]; M] {
            fn into_tensor(self) -> Tensor {
                Array::from_vec(self.as_flattened().to_vec(), [M, N]).into_tensor()
            }
        }
        impl<const L: usize, const M: usize, const N: usize> IntoTensor for [[[$number; N]; M]; L] {
            fn into_tensor(self) -> Tensor {
                Array::from_vec(self.as_flattened().as_flattened().to_vec(), [L, M, N]).into_tensor()
            }
        }
    )*};
}

numbers!(f32 f64 i32 i64 bool);

impl Tensor {
    /// A tensor of this shape with these entries, row by row.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3]);
    /// assert_eq!(x.index(1).to_vec::<f64>(), [4.0, 5.0, 6.0]);
    /// ```
    ///
    /// # Panics
    /// If the number of entries is not that of the shape.
    #[track_caller]
    pub fn from_vec<T: Element>(entries: Vec<T>, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        if entries.len() != shape.size() {
            let error =
                Error::new("from_vec").expected(format!("{} entries for shape {shape}", shape.size()));
            raise(error.got(format!("{}", entries.len())).at(Some(mode::place())))
        }
        Tensor::from(Array::from_vec(entries, shape))
    }

    /// Zeros of this dtype and shape.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::zeros::<f32>([2, 3]).sum().item::<f32>(), 0.0);
    /// ```
    pub fn zeros<T: Element>(shape: impl Into<Shape>) -> Tensor {
        Tensor::full_item(Item::zero(T::DTYPE), shape)
    }

    /// Ones of this dtype and shape.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::ones::<f64>([2, 3]).sum().item::<f64>(), 6.0);
    /// ```
    pub fn ones<T: Element>(shape: impl Into<Shape>) -> Tensor {
        Tensor::full_item(Item::one(T::DTYPE), shape)
    }

    /// This value everywhere. It takes the memory of one entry, whatever the shape.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::full([2], 0.5).to_vec::<f64>(), [0.5, 0.5]);
    /// ```
    pub fn full<T: Element>(shape: impl Into<Shape>, value: T) -> Tensor {
        Tensor::full_item(value.into_item(), shape)
    }

    #[inline]
    pub(crate) fn full_item(item: Item, shape: impl Into<Shape>) -> Tensor {
        Tensor::from(Array::fill(item, shape))
    }

    /// Zeros of this type.
    #[inline]
    pub(crate) fn zeros_of(ty: &Type) -> Tensor {
        Tensor::full_item(Item::zero(ty.dtype), ty.shape.clone())
    }

    /// Zeros of this tensor's dtype and shape.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1f32, 2.0]).zeros_like().to_vec::<f32>(), [0.0, 0.0]);
    /// ```
    pub fn zeros_like(&self) -> Tensor {
        Tensor::full_item(Item::zero(self.dtype()), self.shape().clone())
    }

    /// Ones of this tensor's dtype and shape.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1f32, 2.0]).ones_like().to_vec::<f32>(), [1.0, 1.0]);
    /// ```
    pub fn ones_like(&self) -> Tensor {
        Tensor::full_item(Item::one(self.dtype()), self.shape().clone())
    }

    /// The identity matrix.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::eye::<f64>(2).to_vec::<f64>(), [1.0, 0.0, 0.0, 1.0]);
    /// ```
    pub fn eye<T: Element>(n: usize) -> Tensor {
        let item =
            |i: usize| if i.is_multiple_of(n + 1) { Item::one(T::DTYPE) } else { Item::zero(T::DTYPE) };
        let entries = (0..n * n).map(|i| T::from_item(item(i)).expect("an item of this dtype")).collect();
        Tensor::from_vec::<T>(entries, [n, n])
    }

    /// 0, 1, … n − 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::arange::<i64>(4).to_vec::<i64>(), [0, 1, 2, 3]);
    /// ```
    pub fn arange<T: Element>(n: usize) -> Tensor {
        let entry =
            |i: usize| T::from_item(Item::from_f64(T::DTYPE, i as f64)).expect("an item of this dtype");
        Tensor::from_vec::<T>((0..n).map(entry).collect(), [n])
    }
}
