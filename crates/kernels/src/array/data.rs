//! [`Array`]: concrete numbers.

use super::{Buffer, DType, Element, Item, Shape, Strides, Type, with_dtype};
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
            _ => Array { ty, data: Data::Dense(T::wrap(Arc::new(values))) },
        }
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
            Data::Dense(buffer) => T::values(buffer).map(|values| values.as_slice()),
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
                Some(values) => Cow::Owned(read(values, self.shape(), &view.strides, view.offset)),
                None => self.wrong::<T>(),
            },
        }
    }

    #[cold]
    fn wrong<T: Element>(&self) -> ! {
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
            Data::View(_) => with_dtype!(self.dtype(), T => {
                Array::from_vec(self.dense::<T>().into_owned(), self.shape().clone())
            }),
        }
    }

    /// Tells buffers apart; none for a filled array.
    pub fn buffer_id(&self) -> Option<usize> {
        match &self.data {
            Data::Fill(_) => None,
            Data::Dense(buffer) => Some(address(buffer)),
            Data::View(view) => Some(address(&view.buffer)),
        }
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
            Data::Dense(buffer) => Arc::get_mut(T::values_mut(buffer)?).map(Vec::as_mut_slice),
            _ => None,
        }
    }

    /// Another number everywhere, in place.
    pub(crate) fn set_fill(&mut self, item: Item) {
        self.data = Data::Fill(item);
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

/// The entries of a view in order. The last axis is the inner loop; the others count like an odometer.
fn read<T: Copy>(values: &[T], shape: &Shape, strides: &Strides, offset: usize) -> Vec<T> {
    let size = shape.size();
    let mut out = Vec::with_capacity(size);
    if size == 0 {
        return out;
    }
    let rank = shape.rank();
    let (inner, step) = if rank == 0 { (1, 0) } else { (shape[rank - 1], strides[rank - 1]) };
    let mut index = vec![0; rank.saturating_sub(1)];
    let mut start = offset as isize;
    loop {
        if step == 1 {
            out.extend_from_slice(&values[start as usize..start as usize + inner]);
        } else {
            out.extend((0..inner as isize).map(|i| values[(start + i * step) as usize]));
        }
        let Some(axis) = (0..index.len()).rev().find(|&axis| {
            if index[axis] + 1 < shape[axis] {
                return true;
            }
            start -= index[axis] as isize * strides[axis];
            index[axis] = 0;
            false
        }) else {
            return out;
        };
        index[axis] += 1;
        start += strides[axis];
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.ty)?;
        f.debug_list().entries(self.items().map(|item| item.to_f64())).finish()
    }
}
