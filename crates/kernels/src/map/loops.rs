//! Loops over entries: one, two or three arrays of one shape, and a function of their entries.

use crate::array::{Array, DType, Element, Item};

/// `f` of each entry.
///
/// ```
/// use cotangent_kernels::{map::map1, Array};
/// let y = map1(&Array::from_vec(vec![1.0, 4.0], [2]), |x: f64| x > 2.0);
/// assert_eq!(y.to_vec::<bool>().unwrap(), [false, true]);
/// ```
#[inline]
pub fn map1<T: Element, U: Element>(a: &Array, f: impl Fn(T) -> U) -> Array {
    match a.as_fill() {
        Some(a_item) => Array::fill(f(entry(a_item)).into_item(), a.shape().clone()),
        None => Array::from_vec(a.dense::<T>().iter().map(|&x| f(x)).collect(), a.shape().clone()),
    }
}

#[inline]
fn entry<T: Element>(item: Item) -> T {
    match T::from_item(item) {
        Some(value) => value,
        None => panic!("expected {} data, got {}", T::DTYPE, item.dtype()),
    }
}

/// `f` of each pair of entries.
///
/// # Panics
/// If the shapes differ.
#[inline]
pub fn map2<T: Element, U: Element, V: Element>(a: &Array, b: &Array, f: impl Fn(T, U) -> V) -> Array {
    debug_assert_eq!(a.shape(), b.shape());
    let values = match (a.as_fill(), b.as_fill()) {
        (Some(a_item), Some(b_item)) => {
            return Array::fill(f(entry(a_item), entry(b_item)).into_item(), a.shape().clone());
        }
        (Some(a_item), None) => {
            let a = entry(a_item);
            b.dense::<U>().iter().map(|&b| f(a, b)).collect()
        }
        (None, Some(b_item)) => {
            let b = entry(b_item);
            a.dense::<T>().iter().map(|&a| f(a, b)).collect()
        }
        (None, None) => a.dense::<T>().iter().zip(b.dense::<U>().iter()).map(|(&a, &b)| f(a, b)).collect(),
    };
    Array::from_vec(values, a.shape().clone())
}

/// `f` of each triple of entries.
///
/// # Panics
/// If the shapes differ.
pub fn map3<T: Element, U: Element, V: Element, W: Element>(
    a: &Array,
    b: &Array,
    c: &Array,
    f: impl Fn(T, U, V) -> W,
) -> Array {
    assert!(a.shape() == b.shape() && b.shape() == c.shape(), "shapes differ");
    if let (Some(a_item), Some(b_item), Some(c_item)) = (a.as_fill(), b.as_fill(), c.as_fill()) {
        return Array::fill(f(entry(a_item), entry(b_item), entry(c_item)).into_item(), a.shape().clone());
    }
    let (x, y, z) = (a.dense::<T>(), b.dense::<U>(), c.dense::<V>());
    let values = x.iter().zip(y.iter()).zip(z.iter()).map(|((&a, &b), &c)| f(a, b, c)).collect();
    Array::from_vec(values, a.shape().clone())
}

/// `a ← f(a)` if the buffer of `a` is in order and nobody else's; tells whether it was done.
pub fn map1_in_place<T: Element>(a: &mut Array, f: impl Fn(T) -> T) -> bool {
    if let Some(item) = a.as_fill() {
        a.set_fill(f(entry(item)).into_item());
        return true;
    }
    match a.unique_mut::<T>() {
        Some(values) => {
            values.iter_mut().for_each(|x| *x = f(*x));
            true
        }
        None => false,
    }
}

/// `a ← f(a, b)` if the buffer of `a` is in order and nobody else's; tells whether it was done.
///
/// ```
/// use cotangent_kernels::{map::map2_in_place, Array};
/// let mut a = Array::from_vec(vec![1.0, 2.0], [2]);
/// let b = a.clone(); // shares the buffer
/// assert!(!map2_in_place(&mut a, &b, |a: f64, b: f64| a + b));
/// ```
pub fn map2_in_place<T: Element, U: Element>(a: &mut Array, b: &Array, f: impl Fn(T, U) -> T) -> bool {
    assert_eq!(a.shape(), b.shape(), "shapes");
    if let (Some(a_item), Some(b_item)) = (a.as_fill(), b.as_fill()) {
        a.set_fill(f(entry(a_item), entry(b_item)).into_item());
        return true;
    }
    let Some(values) = a.unique_mut::<T>() else { return false };
    match b.as_fill() {
        Some(item) => {
            let b = entry(item);
            values.iter_mut().for_each(|x| *x = f(*x, b));
        }
        None => values.iter_mut().zip(b.dense::<U>().iter()).for_each(|(x, &b)| *x = f(*x, b)),
    }
    true
}

/// In another dtype, as Rust's `as`; true is 1, and what is not 0 is true.
///
/// ```
/// use cotangent_kernels::{map::convert, Array, DType};
/// assert_eq!(convert(&Array::scalar(-1.7), DType::I32).first().unwrap().to_f64(), -1.0);
/// ```
pub fn convert(a: &Array, dtype: DType) -> Array {
    macro_rules! to {
        ($T:ty, $($DType:ident $U:ty),*) => {
            match dtype {
                $(DType::$DType => map1(a, |x: $T| x as $U),)*
                DType::Bool => map1(a, |x: $T| x != <$T>::default()),
            }
        };
    }
    if a.dtype() == dtype {
        return a.clone();
    }
    match a.dtype() {
        DType::F32 => to!(f32, F32 f32, F64 f64, I32 i32, I64 i64),
        DType::F64 => to!(f64, F32 f32, F64 f64, I32 i32, I64 i64),
        DType::I32 => to!(i32, F32 f32, F64 f64, I32 i32, I64 i64),
        DType::I64 => to!(i64, F32 f32, F64 f64, I32 i32, I64 i64),
        DType::Bool => match dtype {
            DType::F32 => map1(a, |x: bool| f32::from(u8::from(x))),
            DType::F64 => map1(a, |x: bool| f64::from(u8::from(x))),
            DType::I32 => map1(a, |x: bool| i32::from(x)),
            DType::I64 => map1(a, |x: bool| i64::from(x)),
            DType::Bool => a.clone(),
        },
    }
}

/// `a` where `p`, else `b`.
///
/// # Panics
/// If shapes or dtypes differ.
pub fn select(p: &Array, a: &Array, b: &Array) -> Array {
    crate::array::with_dtype!(a.dtype(), T => map3(p, a, b, |p: bool, a: T, b: T| if p { a } else { b }))
}
