//! Entries in order.
//!
//! Each entry becomes an integer that says how it compares, and its place stands in the integer's low bits: all are different, so the fastest sort
//! there is, which compares integers, is a stable one.

use crate::array::{Array, Element, with_dtype};
use crate::lines::Lines;
use crate::threads;

/// A number as an unsigned integer that orders as it does; a NaN is above all numbers, and ±0 are one.
pub(crate) trait Ordered: Element {
    fn key(self) -> u64;
}

macro_rules! float {
    ($t:ident, $bits:ident) => {
        impl Ordered for $t {
            #[inline]
            fn key(self) -> u64 {
                const SIGN: $bits = 1 << ($bits::BITS - 1);
                if self.is_nan() {
                    return $bits::MAX.into();
                }
                // −0 + 0 is 0.
                let bits = (self + 0.0).to_bits();
                (if bits & SIGN == 0 { bits | SIGN } else { !bits }).into()
            }
        }
    };
}
float!(f32, u32);
float!(f64, u64);
impl Ordered for i32 {
    #[inline]
    fn key(self) -> u64 {
        u64::from(self as u32 ^ 1 << 31)
    }
}
impl Ordered for i64 {
    #[inline]
    fn key(self) -> u64 {
        self as u64 ^ 1 << 63
    }
}
impl Ordered for bool {
    #[inline]
    fn key(self) -> u64 {
        self.into()
    }
}

/// An entry's key above its place.
pub(crate) trait Tagged: Copy + Ord + Send {
    fn new(key: u64, place: usize) -> Self;
    fn place(self) -> usize;
}
impl Tagged for u64 {
    #[inline]
    fn new(key: u64, place: usize) -> u64 {
        key << 32 | place as u64
    }
    #[inline]
    fn place(self) -> usize {
        self as u32 as usize
    }
}
impl Tagged for u128 {
    #[inline]
    fn new(key: u64, place: usize) -> u128 {
        u128::from(key) << 64 | place as u128
    }
    #[inline]
    fn place(self) -> usize {
        self as u64 as usize
    }
}

/// Do key and place of these entries fit into 64 bits?
pub(crate) fn is_narrow<T: Element>(length: usize) -> bool {
    size_of::<T>() <= 4 && length as u64 <= u64::from(u32::MAX)
}

/// An entry with its place, to be sorted.
#[inline]
pub(crate) fn tag<T: Ordered, K: Tagged>(x: T, place: usize, descending: bool) -> K {
    let flip = match (descending, size_of::<T>() <= 4) {
        (false, _) => 0,
        (true, true) => u64::from(u32::MAX),
        (true, false) => u64::MAX,
    };
    K::new(x.key() ^ flip, place)
}

/// Entries that one thread takes at a time.
const CHUNK: usize = 1 << 13;

/// For each place of a sorted line, where its entry was.
fn sorted_places<T: Ordered, K: Tagged>(x: &[T], length: usize, descending: bool, places: &mut [i64]) {
    let many = (CHUNK / length).max(1) * length;
    threads::chunks(places, many, |i, places| {
        let x = &x[i * many..i * many + places.len()];
        let mut tagged = Vec::<K>::with_capacity(length);
        for (line, places) in x.chunks_exact(length).zip(places.chunks_exact_mut(length)) {
            tagged.clear();
            tagged.extend(line.iter().enumerate().map(|(i, &x)| tag::<T, K>(x, i, descending)));
            tagged.sort_unstable();
            places.iter_mut().zip(&tagged).for_each(|(place, tagged)| *place = tagged.place() as i64);
        }
    });
}

/// The entries of each line at these places.
fn at_places<T: Ordered>(x: &[T], length: usize, places: &[i64], y: &mut [T]) {
    let many = (CHUNK / length).max(1) * length;
    threads::chunks(y, many, |i, y| {
        let from = i * many..i * many + y.len();
        let lines = x[from.clone()].chunks_exact(length).zip(places[from].chunks_exact(length));
        for (y, (line, places)) in y.chunks_exact_mut(length).zip(lines) {
            y.iter_mut().zip(places).for_each(|(y, &place)| *y = line[place as usize]);
        }
    });
}

/// The entries along an axis in ascending order, NaN last, or in descending order, NaN first; and where each was (`i64`). Equal entries keep
/// their order.
///
/// ```
/// use cotangent_kernels::{sort::sort, Array};
/// let (y, i) = sort(&Array::from_vec(vec![3.0, 1.0, 2.0], [3]), 0, false);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [1.0, 2.0, 3.0]);
/// assert_eq!(i.to_vec::<i64>().unwrap(), [1, 2, 0]);
/// ```
pub fn sort(a: &Array, axis: usize, descending: bool) -> (Array, Array) {
    let lines = Lines::last(a, &[axis]);
    let length = lines.length;
    let shape = lines.array.shape();
    with_dtype!(a.dtype(), T => {
        let array = lines.array.contiguous();
        let x = array.dense::<T>();
        let places = Array::build(shape.clone(), |places: &mut [i64]| {
            if !x.is_empty() {
                match is_narrow::<T>(length) {
                    true => sorted_places::<T, u64>(&x, length, descending, places),
                    false => sorted_places::<T, u128>(&x, length, descending, places),
                }
            }
        });
        let y = Array::build(shape.clone(), |y: &mut [T]| {
            if !x.is_empty() {
                at_places(&x, length, &places.dense::<i64>(), y);
            }
        });
        (lines.back(y), lines.back(places))
    })
}
