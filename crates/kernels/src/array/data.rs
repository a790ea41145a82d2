//! [`Array`]: concrete numbers.

use super::copy;
use super::store::Store;
use super::{Buffer, DType, Element, Item, Shape, Strides, Type, with_dtype};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Numbers of one dtype in a shape. A clone shares them, a view shows them in another order, and whoever changes them copies first if
/// anyone shares them. An array filled with one number holds that number and no memory.
///
/// ```
/// use cotangent_kernels::Array;
/// let x = Array::from_vec(vec![1, 2, 3, 4, 5, 6], [2, 3]);
/// assert_eq!(x.permute(&[1, 0]).to_vec::<i32>().unwrap(), [1, 4, 2, 5, 3, 6]);
/// ```
#[derive(Clone)]
pub struct Array {
    ty: Type,
    pub(super) data: Data,
}

#[derive(Clone)]
pub(super) enum Data {
    /// One number everywhere. Single numbers are always this.
    Fill(Item),
    /// All entries in order.
    Dense(Buffer),
    /// Entries of a buffer, found by strides.
    View(Arc<View>),
}

/// The entries of an array as a loop finds them.
pub(crate) enum Entries<'a, T> {
    /// One number everywhere.
    Same(T),
    /// In order.
    Ordered(&'a [T]),
    /// Anywhere in a buffer.
    Scattered(copy::Scattered<'a, T>),
}

pub(super) struct View {
    pub buffer: Buffer,
    pub strides: Strides,
    pub offset: usize,
}

impl Array {
    #[inline]
    pub(super) fn new(ty: Type, data: Data) -> Array {
        Array { ty, data }
    }

    /// This number everywhere.
    #[inline]
    pub fn fill(item: Item, shape: impl Into<Shape>) -> Array {
        Array { ty: Type { dtype: item.dtype(), shape: shape.into() }, data: Data::Fill(item) }
    }

    /// A single number.
    #[inline]
    pub fn scalar<T: Element>(value: T) -> Array {
        Array::fill(value.into_item(), Shape::scalar())
    }

    /// These numbers, row by row.
    ///
    /// # Panics
    /// If there are not as many as the shape has entries.
    pub fn from_vec<T: Element>(values: Vec<T>, shape: impl Into<Shape>) -> Array {
        let shape = shape.into();
        assert_eq!(values.len(), shape.size(), "entries for shape {shape}");
        let ty = Type { dtype: T::DTYPE, shape };
        match values.as_slice() {
            [value] => Array { ty, data: Data::Fill(value.into_item()) },
            _ => Array { ty, data: Data::Dense(T::wrap(Arc::new(Store::Vector(values)))) },
        }
    }

    /// What the code writes, row by row. It must write every entry: what stands there before is left open.
    ///
    /// ```
    /// use cotangent_kernels::Array;
    /// let x = Array::build([3], |out: &mut [i32]| out.copy_from_slice(&[1, 2, 3]));
    /// assert_eq!(x.to_vec::<i32>().unwrap(), [1, 2, 3]);
    /// ```
    pub fn build<T: Element>(shape: impl Into<Shape>, write: impl FnOnce(&mut [T])) -> Array {
        let shape = shape.into();
        if shape.size() == 1 {
            let mut value = [T::default()];
            write(&mut value);
            return Array::fill(value[0].into_item(), shape);
        }
        let mut store = Store::open(shape.size());
        write(&mut store);
        Array { ty: Type { dtype: T::DTYPE, shape }, data: Data::Dense(T::wrap(Arc::new(store))) }
    }

    /// [`build`](Array::build) of several arrays at a time, of these shapes, each in the memory of an array that is not needed any more, where
    /// there is one; what stands there the code may read first.
    ///
    /// ```
    /// use cotangent_kernels::{Array, Shape};
    /// let old = Array::from_vec(vec![5, 6], [2]);
    /// let targets = vec![(Shape::from([3]), None), (Shape::from([2]), Some(old))];
    /// let x = Array::build_all(targets, |out: &mut [&mut [i32]]| {
    ///     out[0].fill(1);
    ///     out[1][0] += 2;
    /// });
    /// assert_eq!(x[1].to_vec::<i32>().unwrap(), [7, 6]);
    /// ```
    ///
    /// # Panics
    /// If such an array is not dense ([`is_dense`](Array::is_dense)), shares its memory ([`is_unique`](Array::is_unique)), or is of another
    /// dtype or size.
    pub fn build_all<T: Element>(
        targets: Vec<(Shape, Option<Array>)>,
        write: impl FnOnce(&mut [&mut [T]]),
    ) -> Vec<Array> {
        let memory = |(shape, memory): (Shape, Option<Array>)| {
            let mut array = memory.unwrap_or_else(|| Array {
                data: Data::Dense(T::wrap(Arc::new(Store::open(shape.size())))),
                ty: Type { dtype: T::DTYPE, shape: shape.clone() },
            });
            assert_eq!(array.size(), shape.size(), "memory for shape {shape}");
            array.ty.shape = shape;
            array
        };
        let mut arrays: Vec<Array> = targets.into_iter().map(memory).collect();
        let entries = |array| Array::unique_mut(array).expect("memory of this dtype that nobody else has");
        write(&mut arrays.iter_mut().map(entries).collect::<SmallVec<[&mut [T]; 4]>>());
        for array in &mut arrays {
            if array.size() == 1
                && let Some(item) = array.first()
            {
                *array = Array::fill(item, array.shape().clone());
            }
        }
        arrays
    }

    /// The dtype and shape.
    #[inline]
    pub fn ty(&self) -> &Type {
        &self.ty
    }
    /// What kind of number.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.ty.dtype
    }
    /// How many along each axis.
    #[inline]
    pub fn shape(&self) -> &Shape {
        &self.ty.shape
    }
    /// How many axes.
    #[inline]
    pub fn rank(&self) -> usize {
        self.ty.shape.rank()
    }
    /// How many entries.
    #[inline]
    pub fn size(&self) -> usize {
        self.ty.shape.size()
    }

    /// The number that fills it, if it is known to be one everywhere.
    #[inline]
    pub fn as_fill(&self) -> Option<Item> {
        match self.data {
            Data::Fill(item) => Some(item),
            _ => None,
        }
    }

    /// The entries, if they lie in order and the dtype is this.
    #[inline]
    pub fn as_slice<T: Element>(&self) -> Option<&[T]> {
        match &self.data {
            Data::Dense(buffer) => T::values(buffer).map(|values| &***values),
            _ => None,
        }
    }

    /// The entries in order, copied only if they do not lie so.
    ///
    /// # Panics
    /// If the dtype is another.
    pub fn dense<T: Element>(&self) -> Cow<'_, [T]> {
        match &self.data {
            Data::Fill(item) => match T::from_item(*item) {
                Some(value) => Cow::Owned(vec![value; self.size()]),
                None => self.wrong::<T>(),
            },
            Data::Dense(buffer) => match T::values(buffer) {
                Some(values) => Cow::Borrowed(values),
                None => self.wrong::<T>(),
            },
            Data::View(view) => match T::values(&view.buffer) {
                Some(values) => {
                    let mut out = vec![T::default(); self.size()];
                    copy::strided(values, self.shape(), &view.strides, view.offset, &mut out);
                    Cow::Owned(out)
                }
                None => self.wrong::<T>(),
            },
        }
    }

    /// All numbers of the buffer, where the first entry is, and the strides; none for a filled array.
    pub(crate) fn as_strided<T: Element>(&self) -> Option<(&[T], usize, Strides)> {
        let (buffer, offset, strides) = match &self.data {
            Data::Fill(_) => return None,
            Data::Dense(buffer) => (buffer, 0, self.shape().strides()),
            Data::View(view) => (&view.buffer, view.offset, view.strides.clone()),
        };
        T::values(buffer).map(|values| (&values[..], offset, strides))
    }

    #[cold]
    pub(super) fn wrong<T: Element>(&self) -> ! {
        panic!("expected {} data, got {}", T::DTYPE, self.ty)
    }

    /// The entries in order; none if the dtype is another.
    pub fn to_vec<T: Element>(&self) -> Option<Vec<T>> {
        (T::DTYPE == self.dtype()).then(|| self.dense::<T>().into_owned())
    }

    /// One entry; none beyond the shape.
    pub fn get(&self, index: &[usize]) -> Option<Item> {
        if index.len() != self.rank() || index.iter().zip(self.shape().iter()).any(|(i, n)| i >= n) {
            return None;
        }
        let flat =
            |strides: &Strides| index.iter().zip(strides).map(|(&i, &s)| i as isize * s).sum::<isize>();
        Some(match &self.data {
            Data::Fill(item) => *item,
            Data::Dense(buffer) => at(buffer, flat(&self.shape().strides()) as usize),
            Data::View(view) => at(&view.buffer, (view.offset as isize + flat(&view.strides)) as usize),
        })
    }

    /// The first entry; none if there are none.
    pub fn first(&self) -> Option<Item> {
        match self.data {
            Data::Fill(item) if self.size() > 0 => Some(item),
            _ => self.get(&vec![0; self.rank()]),
        }
    }

    /// All entries in order.
    pub fn items(&self) -> impl Iterator<Item = Item> + '_ {
        let array = self.contiguous();
        (0..self.size()).map(move |i| match &array.data {
            Data::Fill(item) => *item,
            Data::Dense(buffer) => at(buffer, i),
            Data::View(_) => unreachable!("made contiguous"),
        })
    }

    /// The same with its entries in order (or filled).
    pub fn contiguous(&self) -> Array {
        match &self.data {
            Data::Fill(_) | Data::Dense(_) => self.clone(),
            Data::View(view) => with_dtype!(self.dtype(), T => self.ordered::<T>(view)),
        }
    }

    /// How the entries lie.
    ///
    /// # Panics
    /// If the dtype is another.
    #[inline]
    pub(crate) fn entries<T: Element>(&self) -> Entries<'_, T> {
        match &self.data {
            Data::Fill(item) => match T::from_item(*item) {
                Some(value) => Entries::Same(value),
                None => self.wrong::<T>(),
            },
            Data::Dense(buffer) => match T::values(buffer) {
                Some(values) => Entries::Ordered(values),
                None => self.wrong::<T>(),
            },
            Data::View(view) => match T::values(&view.buffer) {
                Some(values) => {
                    let axes = copy::merged(self.shape(), [&view.strides]);
                    Entries::Scattered(copy::Scattered::new(values, axes, view.offset))
                }
                None => self.wrong::<T>(),
            },
        }
    }

    fn ordered<T: Element>(&self, view: &View) -> Array {
        let Some(values) = T::values(&view.buffer) else { self.wrong::<T>() };
        Array::build(self.shape().clone(), |out: &mut [T]| {
            copy::strided(values, self.shape(), &view.strides, view.offset, out);
        })
    }

    /// Tells buffers apart; none for a filled array.
    pub fn buffer_id(&self) -> Option<usize> {
        match &self.data {
            Data::Fill(_) => None,
            Data::Dense(buffer) => Some(address(buffer)),
            Data::View(view) => Some(address(&view.buffer)),
        }
    }

    /// Is it a buffer of its own shape, in order?
    pub fn is_dense(&self) -> bool {
        matches!(self.data, Data::Dense(_))
    }

    /// Are the entries in order and nobody else's?
    pub fn is_unique(&self) -> bool {
        match &self.data {
            Data::Fill(_) => true,
            Data::Dense(buffer) => match buffer {
                Buffer::F32(values) => Arc::strong_count(values) == 1,
                Buffer::F64(values) => Arc::strong_count(values) == 1,
                Buffer::I32(values) => Arc::strong_count(values) == 1,
                Buffer::I64(values) => Arc::strong_count(values) == 1,
                Buffer::Bool(values) => Arc::strong_count(values) == 1,
            },
            Data::View(_) => false,
        }
    }

    /// The entries to be changed, if they lie in order, are nobody else's and have this dtype.
    pub(crate) fn unique_mut<T: Element>(&mut self) -> Option<&mut [T]> {
        match &mut self.data {
            Data::Dense(buffer) => Arc::get_mut(T::values_mut(buffer)?).map(|values| &mut **values),
            _ => None,
        }
    }

    /// Is any entry NaN?
    pub fn has_nan(&self) -> bool {
        self.dtype().is_float() && self.items().any(|item| item.to_f64().is_nan())
    }

    /// The bytes of memory that its buffer takes; a filled array has none.
    pub fn bytes(&self) -> usize {
        let buffer = match &self.data {
            Data::Fill(_) => return 0,
            Data::Dense(buffer) => buffer,
            Data::View(view) => &view.buffer,
        };
        let count = match buffer {
            Buffer::F32(values) => values.len(),
            Buffer::F64(values) => values.len(),
            Buffer::I32(values) => values.len(),
            Buffer::I64(values) => values.len(),
            Buffer::Bool(values) => values.len(),
        };
        count * self.dtype().size()
    }
}

fn at(buffer: &Buffer, i: usize) -> Item {
    match buffer {
        Buffer::F32(values) => Item::F32(values[i]),
        Buffer::F64(values) => Item::F64(values[i]),
        Buffer::I32(values) => Item::I32(values[i]),
        Buffer::I64(values) => Item::I64(values[i]),
        Buffer::Bool(values) => Item::Bool(values[i]),
    }
}

fn address(buffer: &Buffer) -> usize {
    match buffer {
        Buffer::F32(values) => Arc::as_ptr(values).addr(),
        Buffer::F64(values) => Arc::as_ptr(values).addr(),
        Buffer::I32(values) => Arc::as_ptr(values).addr(),
        Buffer::I64(values) => Arc::as_ptr(values).addr(),
        Buffer::Bool(values) => Arc::as_ptr(values).addr(),
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.ty)?;
        f.debug_list().entries(self.items().map(|item| item.to_f64())).finish()
    }
}
