//! Tensors from Rust numbers, arrays and vectors.

use super::error::{Error, raise};
use super::mode;
use super::tensor::Tensor;
use cotangent_kernels::{Array, DType, Element, Item, Shape, Type};

/// More entries than these are no use of [`Tensor::arange_step`], but a step too small.
const MOST: f64 = 1e12;

/// A Rust number, or an array, slice or vector of numbers nested to any depth, that is a tensor.
///
/// ```
/// use cotangent::core::Tensor;
/// assert_eq!(Tensor::from(2.0).ty().to_string(), "f64[]");
/// assert_eq!(Tensor::from([[[[1f32, 2.0]]]]).ty().to_string(), "f32[1,1,1,2]");
/// assert_eq!(Tensor::from(vec![[1, 2], [3, 4]]).ty().to_string(), "i32[2,2]");
/// ```
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

/// A Rust number, or an array of what is nested: `f64`, `[f64; 3]`, `[[f64; 3]; 2]`, … with an axis for each level.
pub trait Nested: Copy {
    /// What is at the bottom.
    type Number: Element;
    /// The length of each axis, the outermost first.
    fn lengths() -> Vec<usize>;
    /// The numbers of some of these, in order.
    fn numbers(all: &[Self]) -> Vec<Self::Number>;
    /// The same, of all there are: numbers themselves are not copied.
    fn into_numbers(all: Vec<Self>) -> Vec<Self::Number> {
        Self::numbers(&all)
    }
}

impl<T: Nested, const N: usize> Nested for [T; N] {
    type Number = T::Number;
    fn lengths() -> Vec<usize> {
        std::iter::once(N).chain(T::lengths()).collect()
    }
    fn numbers(all: &[Self]) -> Vec<T::Number> {
        T::numbers(all.as_flattened())
    }
}

impl<T: Nested> IntoTensor for &[T] {
    fn into_tensor(self) -> Tensor {
        let shape: Shape = std::iter::once(self.len()).chain(T::lengths()).collect();
        Array::from_vec(T::numbers(self), shape).into_tensor()
    }
}

impl<T: Nested, const N: usize> IntoTensor for [T; N] {
    fn into_tensor(self) -> Tensor {
        self.as_slice().into_tensor()
    }
}

impl<T: Nested> IntoTensor for &Vec<T> {
    fn into_tensor(self) -> Tensor {
        self.as_slice().into_tensor()
    }
}

impl<T: Nested> IntoTensor for Vec<T> {
    fn into_tensor(self) -> Tensor {
        let shape: Shape = std::iter::once(self.len()).chain(T::lengths()).collect();
        Array::from_vec(T::into_numbers(self), shape).into_tensor()
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Nested for $number {
            type Number = $number;
            fn lengths() -> Vec<usize> {
                Vec::new()
            }
            fn numbers(all: &[$number]) -> Vec<$number> {
                all.to_vec()
            }
            fn into_numbers(all: Vec<$number>) -> Vec<$number> {
                all
            }
        }
        impl IntoTensor for $number {
            #[inline]
            fn into_tensor(self) -> Tensor {
                Array::scalar(self).into_tensor()
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
            let help = "the shape's lengths must multiply to the number of entries";
            raise(error.got(format!("{}", entries.len())).help(help).at(Some(mode::place())))
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
        Tensor::eye_offset::<T>(n, n, 0)
    }

    /// A matrix with ones along one diagonal; offset 1 is the one above the main one, −1 that below.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::eye_offset::<i32>(2, 3, 1).to_vec::<i32>(), [0, 1, 0, 0, 0, 1]);
    /// ```
    pub fn eye_offset<T: Element>(rows: usize, columns: usize, offset: isize) -> Tensor {
        let mut entries = vec![T::default(); rows * columns];
        let one = T::from_item(Item::one(T::DTYPE)).expect("an item of this dtype");
        for row in 0..rows {
            let column = row.checked_add_signed(offset).filter(|&column| column < columns);
            if let Some(column) = column {
                entries[row * columns + column] = one;
            }
        }
        Tensor::from_vec::<T>(entries, [rows, columns])
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

    /// `start`, `start + step`, … as long as `stop` is not reached. Entries are `start + i · step`, not sums of steps.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::arange_step(2, 9, 3).to_vec::<i32>(), [2, 5, 8]);
    /// assert_eq!(Tensor::arange_step(1.0, 0.0, -0.25).to_vec::<f64>(), [1.0, 0.75, 0.5, 0.25]);
    /// ```
    ///
    /// # Panics
    /// If the step is 0, a bound or the step is not finite, or the numbers are bools.
    #[track_caller]
    pub fn arange_step<T: Element>(start: T, stop: T, step: T) -> Tensor {
        let (first, end, by) = (start.into_item(), stop.into_item(), step.into_item());
        let here = mode::place();
        let fail = |expected: &str, got: Item| -> ! {
            raise(Error::new("arange_step").expected(expected).got(got.to_string()).at(Some(here)))
        };
        let whole = |item: Item| match item {
            Item::I32(i) => Some(i128::from(i)),
            Item::I64(i) => Some(i128::from(i)),
            _ => None,
        };
        if let Some(item) = [first, end, by].into_iter().find(|item| !item.to_f64().is_finite()) {
            fail("finite numbers", item);
        }
        if by.to_f64() == 0.0 || T::DTYPE == DType::Bool {
            fail("a step other than 0", by);
        }
        if (end.to_f64() - first.to_f64()) / by.to_f64() > MOST {
            fail("fewer entries", end);
        }
        let entries: Vec<T> = match (whole(first), whole(end), whole(by)) {
            (Some(first), Some(end), Some(by)) => {
                let (distance, size) = ((end - first) * by.signum(), by.abs());
                let count = (distance + size - 1).div_euclid(size).max(0);
                let item = |i: i128| match T::DTYPE {
                    DType::I32 => Item::I32((first + i * by) as i32),
                    _ => Item::I64((first + i * by) as i64),
                };
                (0..count).map(|i| T::from_item(item(i)).expect("an item of this dtype")).collect()
            }
            _ => {
                let (first, end, by) = (first.to_f64(), end.to_f64(), by.to_f64());
                let count = ((end - first) / by).ceil().max(0.0) as usize;
                let item = |i: usize| Item::from_f64(T::DTYPE, first + i as f64 * by);
                (0..count).map(|i| T::from_item(item(i)).expect("an item of this dtype")).collect()
            }
        };
        let length = entries.len();
        Tensor::from_vec(entries, [length])
    }

    /// `n` numbers from `start` to `stop`, both among them, equally far apart; only `start` if `n` is 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::linspace::<f64>(0.0, 1.0, 5).to_vec::<f64>(), [0.0, 0.25, 0.5, 0.75, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If the dtype is not a float.
    #[track_caller]
    pub fn linspace<T: Element>(start: f64, stop: f64, n: usize) -> Tensor {
        if !T::DTYPE.is_float() {
            let error = Error::new("linspace").expected("a float dtype").got(T::DTYPE.to_string());
            raise(error.help("`arange_step` makes integers").at(Some(mode::place())))
        }
        let last = n.saturating_sub(1).max(1) as f64;
        let number = |i: usize| {
            // From the nearer end, so that both are exact.
            let t = i as f64 / last;
            let x = if t < 0.5 { start + (stop - start) * t } else { stop - (stop - start) * (1.0 - t) };
            T::from_item(Item::from_f64(T::DTYPE, x)).expect("an item of this dtype")
        };
        Tensor::from_vec::<T>((0..n).map(number).collect(), [n])
    }
}
