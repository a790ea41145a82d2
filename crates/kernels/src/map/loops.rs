//! Loops over entries: one, two or three arrays of one shape, and a function of their entries.

use super::arithmetic::Arithmetic;
use crate::array::{Array, DType, Element, Item};
use crate::simd::{self, Job};
use crate::threads;

/// Entries that one thread takes at a time.
const CHUNK: usize = 1 << 15;

struct Loop1<'a, T, V, F>(&'a [T], &'a mut [V], &'a F);

impl<T: Element, V: Element, F: Fn(T) -> V> Job for Loop1<'_, T, V, F> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        self.1.iter_mut().zip(self.0).for_each(|(y, &a)| *y = (self.2)(a));
    }
}

struct Loop2<'a, T, U, V, F>(&'a [T], &'a [U], &'a mut [V], &'a F);

impl<T: Element, U: Element, V: Element, F: Fn(T, U) -> V> Job for Loop2<'_, T, U, V, F> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        self.2.iter_mut().zip(self.0).zip(self.1).for_each(|((y, &a), &b)| *y = (self.3)(a, b));
    }
}

struct Loop3<'a, T, U, V, W, F>(&'a [T], &'a [U], &'a [V], &'a mut [W], &'a F);

impl<T: Element, U: Element, V: Element, W: Element, F: Fn(T, U, V) -> W> Job for Loop3<'_, T, U, V, W, F> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let inputs = self.0.iter().zip(self.1).zip(self.2);
        self.3.iter_mut().zip(inputs).for_each(|(y, ((&a, &b), &c))| *y = (self.4)(a, b, c));
    }
}

/// `f` of each entry.
///
/// ```
/// use cotangent_kernels::{map::map1, Array};
/// let y = map1(&Array::from_vec(vec![1.0, 4.0], [2]), |x: f64| x > 2.0);
/// assert_eq!(y.to_vec::<bool>().unwrap(), [false, true]);
/// ```
#[inline]
pub fn map1<T: Element, U: Element>(a: &Array, f: impl Fn(T) -> U + Sync) -> Array {
    if let Some(a_item) = a.as_fill() {
        return Array::fill(f(entry(a_item)).into_item(), a.shape().clone());
    }
    let a_values = a.dense::<T>();
    Array::build(a.shape().clone(), |out| {
        threads::chunks(out, CHUNK, |i, out| {
            let from = i * CHUNK..i * CHUNK + out.len();
            simd::dispatch(Loop1(&a_values[from], out, &f));
        });
    })
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
pub fn map2<T: Element, U: Element, V: Element>(a: &Array, b: &Array, f: impl Fn(T, U) -> V + Sync) -> Array {
    debug_assert_eq!(a.shape(), b.shape());
    match (a.as_fill(), b.as_fill()) {
        (Some(a_item), Some(b_item)) => {
            Array::fill(f(entry(a_item), entry(b_item)).into_item(), a.shape().clone())
        }
        (Some(a_item), None) => {
            let a = entry(a_item);
            map1(b, |b| f(a, b))
        }
        (None, Some(b_item)) => {
            let b = entry(b_item);
            map1(a, |a| f(a, b))
        }
        (None, None) => {
            let (x, y) = (a.dense::<T>(), b.dense::<U>());
            Array::build(a.shape().clone(), |out| {
                threads::chunks(out, CHUNK, |i, out| {
                    let from = i * CHUNK..i * CHUNK + out.len();
                    simd::dispatch(Loop2(&x[from.clone()], &y[from], out, &f));
                });
            })
        }
    }
}

/// `f` of each triple of entries.
///
/// # Panics
/// If the shapes differ.
pub fn map3<T: Element, U: Element, V: Element, W: Element>(
    a: &Array,
    b: &Array,
    c: &Array,
    f: impl Fn(T, U, V) -> W + Sync,
) -> Array {
    assert!(a.shape() == b.shape() && b.shape() == c.shape(), "shapes differ");
    match (a.as_fill(), b.as_fill(), c.as_fill()) {
        (Some(a_item), Some(b_item), Some(c_item)) => {
            Array::fill(f(entry(a_item), entry(b_item), entry(c_item)).into_item(), a.shape().clone())
        }
        (Some(a_item), ..) => {
            let a = entry(a_item);
            map2(b, c, |b, c| f(a, b, c))
        }
        (_, Some(b_item), _) => {
            let b = entry(b_item);
            map2(a, c, |a, c| f(a, b, c))
        }
        (.., Some(c_item)) => {
            let c = entry(c_item);
            map2(a, b, |a, b| f(a, b, c))
        }
        _ => {
            let (x, y, z) = (a.dense::<T>(), b.dense::<U>(), c.dense::<V>());
            Array::build(a.shape().clone(), |out| {
                threads::chunks(out, CHUNK, |i, out| {
                    let from = i * CHUNK..i * CHUNK + out.len();
                    simd::dispatch(Loop3(&x[from.clone()], &y[from.clone()], &z[from], out, &f));
                });
            })
        }
    }
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
