//! Loops of vectors: a function of a few numbers, compiled for the widest vectors there are.
//!
//! A [`Kernel`] is one text, generic over the number. The loop hands it [`Lane`]s, whose methods are the same texts as those of plain
//! numbers, without branches where arguments allow; LLVM makes vectors of them. Arrays are walked in blocks that stay in the nearest cache:
//! an operand that is one number, or lies scattered, is brought into a small buffer block by block; long rows of it are read where they are.

// Loops by index, for the compiler to see that all of them have the same bound.
#![allow(clippy::needless_range_loop)]

use super::arithmetic::Arithmetic;
use super::reduction::Reduce;
use super::{Float, gamma, rounding};
use crate::array::store::Store;
use crate::array::{Array, Element, Entries, Scattered};
use crate::simd::{self, Job, Level};
use crate::stream::{self, LINE, Stream};
use crate::threads;
use std::cmp::Ordering;
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

/// Which arguments a function can do without a branch. A block of such ones becomes vectors; one with others goes number by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All.
    All,
    /// Magnitudes that are reduced modulo π/2 by subtraction: up to a million and a half, in `f32` 800.
    Moderate,
    /// Positive normal numbers, as logarithms want them.
    Normal,
    /// From 2⁻⁶⁰ to 2⁶⁰, as gamma functions want them.
    Positive,
    /// Pairs whose quotient is below 2²⁹, for remainders.
    Quotient,
}

/// A function of `N` floats.
pub trait Kernel<const N: usize>: Copy + Sync {
    /// Which arguments need no branch; with others the branchless way gives anything, and is not looked at. Of a pair, but for quotients, the
    /// first one's count.
    const REACH: Reach = Reach::All;
    /// Is a division or a root most of the work? See [`level_of_division`](crate::simd::level_of_division).
    const DIVIDES: bool = false;
    /// Is there a cheaper way that is nearly always right? Such a kernel reaches all.
    const GUESSES: bool = false;
    /// Does it take no longer than reading and writing memory does? Such a kernel reaches all and does not guess.
    const LIGHT: bool = false;
    /// The value.
    fn call<F: Float>(self, x: [F; N]) -> F;
    /// The value the cheaper way, if what is given with it is not NaN. What reaches all has one.
    fn guess<F: Float>(self, x: [F; N]) -> (F, F) {
        let y = self.call(x);
        (y, y)
    }
}

/// A number in a vector loop, with this arithmetic; `NEAR` says that arguments are known to be within the kernel's [`Reach`].
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Lane<T, A, const NEAR: bool>(T, PhantomData<A>);

impl<T, A, const NEAR: bool> Lane<T, A, NEAR> {
    /// This number.
    #[inline(always)]
    pub fn new(x: T) -> Self {
        Lane(x, PhantomData)
    }
    /// The number.
    #[inline(always)]
    pub fn get(self) -> T {
        self.0
    }
}

impl<T: PartialEq, A, const NEAR: bool> PartialEq for Lane<T, A, NEAR> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T: PartialOrd, A, const NEAR: bool> PartialOrd for Lane<T, A, NEAR> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.partial_cmp(&other.0)
    }
    #[inline(always)]
    fn lt(&self, other: &Self) -> bool {
        self.0 < other.0
    }
    #[inline(always)]
    fn le(&self, other: &Self) -> bool {
        self.0 <= other.0
    }
    #[inline(always)]
    fn gt(&self, other: &Self) -> bool {
        self.0 > other.0
    }
    #[inline(always)]
    fn ge(&self, other: &Self) -> bool {
        self.0 >= other.0
    }
}
impl<T: Neg<Output = T>, A, const NEAR: bool> Neg for Lane<T, A, NEAR> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Lane::new(-self.0)
    }
}
macro_rules! operator {
    ($($Trait:ident $method:ident;)*) => {$(
        impl<T: $Trait<Output = T>, A, const NEAR: bool> $Trait for Lane<T, A, NEAR> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Lane::new(self.0.$method(other.0))
            }
        }
    )*};
}
operator! { Add add; Sub sub; Mul mul; Div div; }

impl<T: LaneFloat, A: Arithmetic, const NEAR: bool> Rem for Lane<T, A, NEAR> {
    type Output = Self;
    #[inline(always)]
    fn rem(self, other: Self) -> Self {
        Lane::new(if NEAR { T::remainder_near::<A>(self.0, other.0) } else { self.0 % other.0 })
    }
}

/// `f32` or `f64`.
pub trait LaneFloat: Float + Element + Reduce + Default {
    /// Calls the kernel on lanes of this type.
    #[doc(hidden)]
    fn lanes<A: Arithmetic, const NEAR: bool, const N: usize, K: Kernel<N>>(kernel: K, x: [Self; N]) -> Self;
    /// Calls [`Kernel::guess`] on lanes of this type; is what comes with it NaN?
    #[doc(hidden)]
    fn guess<A: Arithmetic, const N: usize, K: Kernel<N>>(kernel: K, x: [Self; N]) -> (Self, bool);
    /// a − b·trunc(a/b) for quotients below 2²⁹, without a branch.
    #[doc(hidden)]
    fn remainder_near<A: Arithmetic>(self, b: Self) -> Self;
    /// (sin, cos); `NEAR` says that it is a moderate number.
    #[doc(hidden)]
    fn sin_cos_lane<A: Arithmetic, const NEAR: bool>(self) -> (Self, Self);
    /// Is this one of the arguments of [`Reach::Normal`]?
    #[doc(hidden)]
    fn is_positive_normal(self) -> bool;
    /// Is this one of the arguments of [`Reach::Positive`]?
    #[doc(hidden)]
    fn is_positive_near(self) -> bool;
}

macro_rules! real {
    ($t:ident) => {
        impl LaneFloat for $t {
            #[inline(always)]
            fn remainder_near<A: Arithmetic>(self, b: $t) -> $t {
                let short = size_of::<$t>() == 4;
                if short || A::FUSED {
                    rounding::remainder_near::<A>(f64::from(self), f64::from(b)) as $t
                } else {
                    self % b
                }
            }
            #[inline(always)]
            fn sin_cos_lane<A: Arithmetic, const NEAR: bool>(self) -> ($t, $t) {
                let (sin, cos) = Lane::<$t, A, NEAR>::new(self).sin_cos();
                (sin.get(), cos.get())
            }
            #[inline(always)]
            fn is_positive_normal(self) -> bool {
                // In one comparison: what is smaller, or negative, wraps.
                const LEAST: u64 = $t::MIN_POSITIVE.to_bits() as u64;
                const COUNT: u64 = $t::INFINITY.to_bits() as u64 - LEAST;
                self.to_bits().wrapping_sub(LEAST as _) < COUNT as _
            }
            #[inline(always)]
            fn is_positive_near(self) -> bool {
                gamma::is_near(self)
            }
            #[inline(always)]
            fn lanes<A: Arithmetic, const NEAR: bool, const N: usize, K: Kernel<N>>(
                kernel: K,
                x: [Self; N],
            ) -> Self {
                kernel.call(lanes::<$t, A, NEAR, N>(x)).get()
            }
            #[inline(always)]
            fn guess<A: Arithmetic, const N: usize, K: Kernel<N>>(kernel: K, x: [Self; N]) -> (Self, bool) {
                let (y, doubt) = kernel.guess(lanes::<$t, A, true, N>(x));
                (y.get(), doubt.get().is_nan())
            }
        }
    };
}
real!(f32);
real!(f64);

// What follows are plain loops that know no kernel: what stands in `Block::run` is compiled for each kernel and kind of vectors, and the
// closures of iterators and `array::map` would be most of the crate's code.

#[inline(always)]
fn lanes<T: Copy, A: Copy, const NEAR: bool, const N: usize>(x: [T; N]) -> [Lane<T, A, NEAR>; N] {
    let mut lanes = [Lane::new(x[0]); N];
    for i in 1..N {
        lanes[i] = Lane::new(x[i]);
    }
    lanes
}

/// So many entries of each operand, which belong together.
#[derive(Clone, Copy)]
struct Stretch<'a, T, const N: usize> {
    /// None is shorter than `length`.
    x: [&'a [T]; N],
    length: usize,
}

impl<'a, T: Copy, const N: usize> Stretch<'a, T, N> {
    /// Panics if an operand is shorter.
    #[inline(always)]
    fn of(x: &[&'a [T]; N], start: usize, length: usize) -> Self {
        let mut x = *x;
        for x in &mut x {
            *x = &x[start..][..length];
        }
        Stretch { x, length }
    }

    /// The one comparison is with the bound of the loop it stands in. With one for each operand, whose length the compiler has lost sight of,
    /// the last entries of each block would be left to plain numbers.
    #[inline(always)]
    #[allow(unsafe_code)]
    fn at(&self, i: usize) -> [T; N] {
        assert!(i < self.length);
        // SAFETY: no operand is shorter than `length`.
        let entry = |j: usize| unsafe { *self.x[j].get_unchecked(i) };
        let mut entries = [entry(0); N];
        for j in 1..N {
            entries[j] = entry(j);
        }
        entries
    }
}

/// Is it true of any index? All are asked, side by side.
#[inline(always)]
fn any(length: usize, is: impl Fn(usize) -> bool) -> bool {
    let mut count = 0_u32;
    for i in 0..length {
        count += u32::from(is(i));
    }
    count > 0
}

/// Are these arguments beyond this reach?
#[inline(always)]
fn is_beyond<T: LaneFloat, const N: usize>(reach: Reach, x: [T; N]) -> bool {
    match reach {
        Reach::All => false,
        // NaN is in reach: whatever is done to it, it stays NaN.
        Reach::Moderate => x[0].magnitude() > T::MODERATE,
        Reach::Normal => !x[0].is_positive_normal(),
        Reach::Positive => !x[0].is_positive_near(),
        Reach::Quotient => {
            let limit = x[N - 1].magnitude() * T::from_f64(f64::from(1 << 29));
            !((x[0].magnitude() < limit) & (limit < T::INFINITY))
        }
    }
}

/// One block.
struct Block<'a, T, K, const N: usize> {
    kernel: K,
    x: [&'a [T]; N],
    out: &'a mut [T],
}

impl<T: LaneFloat, K: Kernel<N>, const N: usize> Job for Block<'_, T, K, N> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Block { kernel, x, out } = self;
        if const { K::LIGHT } && size_of_val(out) >= stream::STRETCH {
            return Block { kernel, x, out }.past_the_caches::<A>();
        }
        // Constants that the compiler sees: with nothing out of reach there is one loop to compile.
        if const { matches!(K::REACH, Reach::All) && !K::GUESSES } {
            let length = out.len();
            let x = Stretch::of(&x, 0, length);
            for i in 0..length {
                out[i] = T::lanes::<A, true, N, K>(kernel, x.at(i));
            }
            return;
        }
        let mut start = 0;
        for out in out.chunks_mut(BLOCK) {
            let length = out.len();
            let x = Stretch::of(&x, start, length);
            // Whether the cheap way was the right one is asked beside the work: asked before, it would wait for memory alone.
            let mut again = false;
            for i in 0..length {
                let entries = x.at(i);
                if const { K::GUESSES } {
                    let (guess, doubt) = T::guess::<A, N, K>(kernel, entries);
                    again |= doubt;
                    out[i] = guess;
                } else {
                    again |= is_beyond(K::REACH, entries);
                    out[i] = T::lanes::<A, true, N, K>(kernel, entries);
                }
            }
            // What it was not right for slows down its own block only.
            if again && const { K::GUESSES } {
                for i in 0..length {
                    out[i] = T::lanes::<A, true, N, K>(kernel, x.at(i));
                }
            } else if again {
                for i in 0..length {
                    out[i] = T::lanes::<A, false, N, K>(kernel, x.at(i));
                }
            }
            start += length;
        }
    }
}

impl<T: LaneFloat, K: Kernel<N>, const N: usize> Block<'_, T, K, N> {
    /// [`run`](Job::run) of a light kernel where the result is larger than the caches.
    #[inline(always)]
    fn past_the_caches<A: Arithmetic>(self) {
        let Block { kernel, x, out } = self;
        let mut stream = Stream::into(out);
        let (first, count) = (stream.first(), stream.count());
        for line in 0..count {
            let within = Stretch::of(&x, first + line * LINE, LINE);
            let mut y = [T::default(); LINE];
            for i in 0..LINE {
                y[i] = T::lanes::<A, true, N, K>(kernel, within.at(i));
            }
            stream.write(line, &y);
        }
        drop(stream);
        let all = Stretch::of(&x, 0, out.len());
        for i in (0..first).chain(first + count * LINE..out.len()) {
            out[i] = T::lanes::<A, true, N, K>(kernel, all.at(i));
        }
    }
}

/// The kernel on entries of slices of one length. On x86-64 a light kernel writes a mebibyte or more past the caches.
///
/// ```
/// use cotangent_kernels::map::{run, Float, Kernel};
/// #[derive(Clone, Copy)]
/// struct Tanh;
/// impl Kernel<1> for Tanh {
///     fn call<F: Float>(self, [x]: [F; 1]) -> F {
///         x.tanh()
///     }
/// }
/// let mut y = [0.0; 2];
/// run(Tanh, [&[0.0, 0.5]], &mut y);
/// assert!((y[1] - 0.46211715726000975_f64).abs() < 1e-15);
/// ```
///
/// # Panics
/// If an operand is shorter than what is written.
#[inline]
pub fn run<T: LaneFloat, const N: usize, K: Kernel<N>>(kernel: K, x: [&[T]; N], out: &mut [T]) {
    dispatch::<N, K>(Block { kernel, x, out });
}

/// `out ← kernel(out, x)`, entry by entry.
///
/// ```
/// use cotangent_kernels::map::{run_in_place, Float, Kernel};
/// #[derive(Clone, Copy)]
/// struct Times;
/// impl Kernel<2> for Times {
///     const LIGHT: bool = true;
///     fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
///         a * b
///     }
/// }
/// let mut y = [2.0, 3.0];
/// run_in_place(Times, &[5.0, 7.0], &mut y);
/// assert_eq!(y, [10.0, 21.0]);
/// ```
///
/// # Panics
/// If the operand is shorter than what is written.
#[inline]
pub fn run_in_place<T: LaneFloat, K: Kernel<2>>(kernel: K, x: &[T], out: &mut [T]) {
    let x = &x[..out.len()];
    if const { K::LIGHT || K::GUESSES } {
        return dispatch::<2, K>(InPlace { kernel, x, out });
    }
    // What takes longer does not feel a copy.
    let mut old = vec![T::default(); out.len().min(BLOCK)];
    for (out, x) in out.chunks_mut(BLOCK).zip(x.chunks(BLOCK)) {
        let old = &mut old[..out.len()];
        old.copy_from_slice(out);
        run(kernel, [old, x], out);
    }
}

/// [`Block`] of a kernel without far arguments whose first operand is what stands in the result's place.
struct InPlace<'a, T, K> {
    kernel: K,
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: LaneFloat, K: Kernel<2>> Job for InPlace<'_, T, K> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        /// So many are held, for a guess that is in doubt: enough that the compiler sees a loop.
        const HELD: usize = 64;
        let InPlace { kernel, x, out } = self;
        let (held, rest) = out.as_chunks_mut::<HELD>();
        let (x_held, x_rest) = x.as_chunks::<HELD>();
        for (out, x) in held.iter_mut().zip(x_held) {
            if const { !K::GUESSES } {
                for i in 0..HELD {
                    out[i] = T::lanes::<A, true, 2, K>(kernel, [out[i], x[i]]);
                }
                continue;
            }
            // All are asked first: a guess may not overwrite what the long way needs.
            if any(HELD, |i| T::guess::<A, 2, K>(kernel, [out[i], x[i]]).1) {
                for i in 0..HELD {
                    out[i] = T::lanes::<A, true, 2, K>(kernel, [out[i], x[i]]);
                }
            } else {
                for i in 0..HELD {
                    out[i] = T::guess::<A, 2, K>(kernel, [out[i], x[i]]).0;
                }
            }
        }
        for (out, &x) in rest.iter_mut().zip(x_rest) {
            *out = T::lanes::<A, true, 2, K>(kernel, [*out, x]);
        }
    }
}

/// Loops of this kernel, with the widest vectors that do it good.
#[inline]
pub(super) fn dispatch<const N: usize, K: Kernel<N>>(job: impl Job<Output = ()>) {
    const { assert!(matches!(K::REACH, Reach::All) || !K::LIGHT && !K::GUESSES, "no argument is far") };
    const { assert!(!K::LIGHT || !K::GUESSES, "what is light has no cheaper way") };
    simd::dispatch_up_to(if K::DIVIDES { simd::level_of_division() } else { Level::Avx512 }, job);
}

/// Both at once, with one reduction.
struct SinCos<'a, T>(&'a [T], [&'a mut [T]; 2]);

impl<T: LaneFloat> Job for SinCos<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let SinCos(x, [sin, cos]) = self;
        for ((x, sin), cos) in x.chunks(BLOCK).zip(sin.chunks_mut(BLOCK)).zip(cos.chunks_mut(BLOCK)) {
            let (sin, cos) = (&mut sin[..x.len()], &mut cos[..x.len()]);
            let mut far = false;
            for i in 0..x.len() {
                far |= is_beyond(Reach::Moderate, [x[i]]);
                (sin[i], cos[i]) = x[i].sin_cos_lane::<A, true>();
            }
            if far {
                for i in 0..x.len() {
                    (sin[i], cos[i]) = x[i].sin_cos_lane::<A, false>();
                }
            }
        }
    }
}

/// sin and cos of entries of slices of one length.
///
/// ```
/// let (mut sin, mut cos) = ([0.0; 2], [0.0; 2]);
/// cotangent_kernels::map::sin_cos(&[0.0, 0.5_f64], [&mut sin, &mut cos]);
/// assert!((sin[1] - 0.479425538604203).abs() < 1e-15 && cos[0] == 1.0);
/// ```
pub fn sin_cos<T: LaneFloat>(x: &[T], both: [&mut [T]; 2]) {
    simd::dispatch(SinCos(x, both));
}

/// The most entries in a block: four operands of it fit the nearest cache.
pub(super) const BLOCK: usize = 1024;
/// The most entries of an operand in a buffer, where nothing else is.
const BUFFER: usize = 2048;
/// Entries that one thread takes at a time of what is walked row by row, and of regions, whose sums depend on it.
pub(super) const CHUNK: usize = 1 << 15;

/// So many that threads have equally much to do; of results larger than the caches stretches that go past them, and of no others. It is whole
/// blocks, and depends on the size alone: of what is not light, some functions' last bits depend on which entries are in a block.
pub(super) fn share<T>(size: usize) -> usize {
    /// Of few entries. More of them would be felt where there is one thread.
    const PARTS: usize = 8;
    const { assert!(2 * CHUNK * size_of::<T>() < stream::STRETCH) };
    match size {
        0..=CHUNK => CHUNK,
        _ if size.saturating_mul(size_of::<T>()) >= stream::LARGE => stream::STRETCH / size_of::<T>(),
        _ => (size / PARTS).next_multiple_of(BLOCK).clamp(CHUNK / 4, 2 * CHUNK),
    }
}

/// What the code writes, block by block, given the same entries of each array; all have one shape.
///
/// ```
/// use cotangent_kernels::{map::blocks, Array};
/// let x = Array::from_vec(vec![1.0, 2.0], [2]);
/// let y = blocks([&x], |[x]: [&[f64]; 1], out| out.copy_from_slice(x));
/// assert_eq!(y.to_vec::<f64>().unwrap(), [1.0, 2.0]);
/// ```
///
/// # Panics
/// If a dtype is another.
#[inline]
pub fn blocks<T: LaneFloat, const N: usize>(
    x: [&Array; N],
    write: impl Fn([&[T]; N], &mut [T]) + Sync,
) -> Array {
    built(x, BLOCK, &write)
}

/// [`blocks`] for code that keeps nothing of its own in the nearest cache: they are as long as the entries lie together.
///
/// ```
/// use cotangent_kernels::{map::stretches, Array};
/// let x = Array::from_vec(vec![1.0, 2.0], [2]);
/// let y = stretches([&x], |[x]: [&[f64]; 1], out| out.copy_from_slice(x));
/// assert_eq!(y.to_vec::<f64>().unwrap(), [1.0, 2.0]);
/// ```
///
/// # Panics
/// If a dtype is another.
#[inline]
pub fn stretches<T: LaneFloat, const N: usize>(
    x: [&Array; N],
    write: impl Fn([&[T]; N], &mut [T]) + Sync,
) -> Array {
    built(x, usize::MAX, &write)
}

#[inline]
fn built<T: LaneFloat, const N: usize>(x: [&Array; N], most: usize, write: Write<T, N>) -> Array {
    if x.iter().all(|x| x.as_fill().is_some()) {
        let numbers = x.map(|x| [x.as_fill().and_then(T::from_item).unwrap_or_else(|| wrong::<T>(x))]);
        let mut y = [T::default()];
        write(std::array::from_fn(|i| &numbers[i][..]), &mut y);
        return Array::fill(y[0].into_item(), x[0].shape().clone());
    }
    let (entries, size) = (x.map(|x| x.entries::<T>()), x[0].size());
    let operands = entries.each_ref().map(|x| Operand::of(x, size.min(BUFFER)));
    // What is brought into a buffer stays in the nearest cache.
    let ordered = operands.iter().all(|x| matches!(x, Operand::Ordered(_)));
    let most = if ordered { most } else { most.min(BUFFER) };
    let share = share::<T>(size);
    Array::build(x[0].shape().clone(), |out| {
        threads::chunks(out, share, |i, out| in_blocks(&operands, most, i * share, out, write));
    })
}

#[cold]
pub(super) fn wrong<T: Element>(x: &Array) -> ! {
    panic!("expected {} data, got {}", T::DTYPE, x.ty())
}

/// An operand as blocks of it are found.
pub(super) enum Operand<'a, T> {
    /// All entries in order.
    Ordered(&'a [T]),
    /// A row again and again, so many entries as a block has from wherever in it, and how long it is. One number is a row of one.
    Repeated(Store<T>, usize),
    /// Long rows that are lent, or anything, that is brought into a buffer block by block.
    Scattered(&'a Scattered<'a, T>),
}

impl<'a, T: LaneFloat> Operand<'a, T> {
    /// Of an array that is read in blocks of at most so many entries.
    pub(super) fn of(x: &'a Entries<'a, T>, most: usize) -> Operand<'a, T> {
        let repeated = |row: &[T]| {
            let mut values = Store::open(most + row.len() - 1);
            match row {
                [value] => values.fill(*value),
                _ => values
                    .chunks_mut(row.len())
                    .for_each(|values| values.copy_from_slice(&row[..values.len()])),
            }
            Operand::Repeated(values, row.len())
        };
        match x {
            Entries::Ordered(values) => Operand::Ordered(values),
            Entries::Same(value) => repeated(std::slice::from_ref(value)),
            Entries::Scattered(view) => match view.repeated() {
                // A longer one is lent as it lies: again and again it would fill the nearest cache.
                Some(row) if (1..=BUFFER / 4).contains(&row.len()) => repeated(row),
                _ => Operand::Scattered(view),
            },
        }
    }

    /// Those from this one on that lie together, if there are enough.
    #[inline]
    pub(super) fn lent(&self, start: usize) -> Option<&[T]> {
        match self {
            Operand::Ordered(values) => Some(&values[start..]),
            Operand::Repeated(values, period) => Some(&values[start % period..]),
            Operand::Scattered(view) => view.row(start, BLOCK / 8),
        }
    }
}

/// Calls the code with block after block of `out`, of at most so many entries, which begins at the `start`th entry, and the same entries of
/// the operands.
fn in_blocks<T: LaneFloat, const N: usize>(
    x: &[Operand<T>; N],
    most: usize,
    mut start: usize,
    mut out: &mut [T],
    mut code: impl FnMut([&[T]; N], &mut [T]),
) {
    let buffer = |x: &Operand<T>| match x {
        Operand::Scattered(_) => vec![T::default(); out.len().min(most)],
        _ => Vec::new(),
    };
    let mut buffers = x.each_ref().map(buffer);
    while !out.is_empty() {
        let lent = x.each_ref().map(|x| x.lent(start));
        // What is lent is not cut across.
        let length =
            lent.iter().flatten().map(|row| row.len()).min().unwrap_or(most).min(most).min(out.len());
        for (buffer, (x, lent)) in buffers.iter_mut().zip(x.iter().zip(&lent)) {
            if let (Operand::Scattered(view), None) = (x, lent) {
                view.copy(start, &mut buffer[..length]);
            }
        }
        let (block, rest) = std::mem::take(&mut out).split_at_mut(length);
        code(std::array::from_fn(|i| &lent[i].unwrap_or(&buffers[i])[..length]), block);
        start += length;
        out = rest;
    }
}

/// What writes a block, given the same entries of `N` operands.
pub type Write<'a, T, const N: usize> = &'a (dyn Fn([&[T]; N], &mut [T]) + Sync);

/// What changes a block of an array in place, given the same entries of `N` other ones.
pub type Rewrite<'a, T, const N: usize> = &'a (dyn Fn([&[T]; N], &mut [T]) + Sync);

/// Changes `a` block by block, if its buffer is in order and nobody else's; tells whether it was done.
///
/// ```
/// use cotangent_kernels::{map::blocks_in_place, Array};
/// let mut a = Array::from_vec(vec![1.0, 2.0], [2]);
/// let b = a.clone(); // shares the buffer
/// assert!(!blocks_in_place(&mut a, [&b], &|[b]: [&[f64]; 1], out| out.copy_from_slice(b)));
/// ```
pub fn blocks_in_place<T: LaneFloat, const N: usize>(
    a: &mut Array,
    others: [&Array; N],
    write: Rewrite<T, N>,
) -> bool {
    if let Some(item) = a.as_fill() {
        if others.iter().any(|other| other.as_fill().is_none()) {
            return false;
        }
        let number =
            |array: &Array| [array.as_fill().and_then(T::from_item).unwrap_or_else(|| wrong::<T>(array))];
        let (mut y, others) = ([T::from_item(item).unwrap_or_else(|| wrong::<T>(a))], others.map(number));
        write(std::array::from_fn(|i| &others[i][..]), &mut y);
        *a = Array::fill(y[0].into_item(), a.shape().clone());
        return true;
    }
    let size = a.size();
    let Some(values) = a.unique_mut::<T>() else { return false };
    let others = others.map(|other| other.entries::<T>());
    let others = others.each_ref().map(|other| Operand::of(other, size.min(BUFFER)));
    let share = share::<T>(size);
    threads::chunks(values, share, |i, values| in_blocks(&others, BLOCK, i * share, values, write));
    true
}
