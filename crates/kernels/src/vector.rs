//! A few floats in one register, for each kind of processor, and the door to loops that are compiled for each.

#![allow(unsafe_code)]

use crate::array::Element;
use crate::simd::Level;
use std::ops::{Add, Mul};

/// A float that vectors are made of.
pub(crate) trait Scalar: Element + Add<Output = Self> + Mul<Output = Self> {
    /// `a · b + self`, rounded once.
    fn fused(self, a: Self, b: Self) -> Self;
    /// 512 bits of them.
    #[cfg(target_arch = "x86_64")]
    type Wide: Vector<Self>;
    /// 256 bits of them.
    #[cfg(target_arch = "x86_64")]
    type Narrow: Vector<Self>;
}

impl Scalar for f32 {
    #[inline(always)]
    fn fused(self, a: f32, b: f32) -> f32 {
        a.mul_add(b, self)
    }
    #[cfg(target_arch = "x86_64")]
    type Wide = std::arch::x86_64::__m512;
    #[cfg(target_arch = "x86_64")]
    type Narrow = std::arch::x86_64::__m256;
}
impl Scalar for f64 {
    #[inline(always)]
    fn fused(self, a: f64, b: f64) -> f64 {
        a.mul_add(b, self)
    }
    #[cfg(target_arch = "x86_64")]
    type Wide = std::arch::x86_64::__m512d;
    #[cfg(target_arch = "x86_64")]
    type Narrow = std::arch::x86_64::__m256d;
}

/// Floats that are multiplied and added at once.
pub(crate) trait Vector<T>: Copy {
    /// How many.
    const LANES: usize;
    /// How many such registers there are.
    const REGISTERS: usize;
    /// Is [`add_product`](Vector::add_product) one instruction, which needs no register of its own?
    const FUSED: bool;
    /// How many lines [`transpose`](Vector::transpose) exchanges with as many columns.
    const SQUARE: usize;
    /// One number everywhere.
    ///
    /// # Safety
    /// The processor has the registers, as for all of these.
    unsafe fn splat(x: T) -> Self;
    /// The numbers that begin there.
    ///
    /// # Safety
    /// There are as many.
    unsafe fn load(x: *const T) -> Self;
    /// The first numbers that begin there, zeros after them; no more are read.
    ///
    /// # Safety
    /// There are `count`, which is at most a vector's.
    unsafe fn load_part(x: *const T, count: usize) -> Self;
    /// `self + a · b`.
    ///
    /// # Safety
    /// As for [`splat`](Vector::splat).
    unsafe fn add_product(self, a: Self, b: Self) -> Self;
    /// `self + other`.
    ///
    /// # Safety
    /// As for [`splat`](Vector::splat).
    unsafe fn plus(self, other: Self) -> Self;
    /// The sum of the numbers: halves are added until there is one.
    ///
    /// # Safety
    /// As for [`splat`](Vector::splat).
    unsafe fn total(self) -> T;
    /// Writes the numbers from there on.
    ///
    /// # Safety
    /// There is room for them.
    unsafe fn store(self, y: *mut T);
    /// Writes the first numbers from there on, and no more.
    ///
    /// # Safety
    /// There is room for `count`, which is at most a vector's.
    unsafe fn store_part(self, y: *mut T, count: usize);
    /// Writes the columns of a square as lines, `step` apart; its own lines lie `stride` apart.
    ///
    /// # Safety
    /// There are that many numbers, and there is room for them.
    unsafe fn transpose(x: *const T, stride: isize, y: *mut T, step: usize);
}

/// Loops over vectors, to be compiled for each kind of them.
pub(crate) trait Loops<T: Scalar> {
    /// What they give.
    type Output;
    /// The loops; `#[inline(always)]`, and all they call that matters too.
    ///
    /// # Safety
    /// The processor has the registers `V`.
    unsafe fn run<V: Vector<T>>(self) -> Self::Output;
}

/// Runs the loops with the vectors of a level, or of what there is on this machine if that is less.
///
/// # Safety
/// The loops may run, but for the registers that they ask for.
#[inline]
pub(crate) unsafe fn dispatch<T: Scalar, L: Loops<T>>(level: Level, loops: L) -> L::Output {
    #[cfg(target_arch = "x86_64")]
    match level.min(crate::simd::level()) {
        // SAFETY: `level` has seen that the processor has the features, and the caller knows the loops.
        Level::Avx512 => return unsafe { avx512(loops) },
        // SAFETY: as above.
        Level::Avx2 => return unsafe { avx2(loops) },
        Level::Plain => {}
    }
    let _ = level;
    // SAFETY: an array of numbers asks for no registers, and the caller knows the loops.
    unsafe { loops.run::<[T; 4]>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
unsafe fn avx512<T: Scalar, L: Loops<T>>(loops: L) -> L::Output {
    // SAFETY: the caller knows the processor.
    unsafe { loops.run::<T::Wide>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<T: Scalar, L: Loops<T>>(loops: L) -> L::Output {
    // SAFETY: the caller knows the processor.
    unsafe { loops.run::<T::Narrow>() }
}

/// Where nothing is known of the processor: the compiler sees what it can do.
impl<T: Scalar, const N: usize> Vector<T> for [T; N] {
    const LANES: usize = N;
    const REGISTERS: usize = if cfg!(target_arch = "aarch64") { 32 } else { 16 };
    const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));
    const SQUARE: usize = N;
    #[inline(always)]
    unsafe fn splat(x: T) -> [T; N] {
        [x; N]
    }
    #[inline(always)]
    unsafe fn load(x: *const T) -> [T; N] {
        // SAFETY: there are N numbers; an array asks for no more alignment than one of them.
        unsafe { *x.cast() }
    }
    #[inline(always)]
    unsafe fn load_part(x: *const T, count: usize) -> [T; N] {
        let mut numbers = [T::default(); N];
        for (i, number) in numbers.iter_mut().enumerate().take(count) {
            // SAFETY: there are `count`.
            *number = unsafe { *x.add(i) };
        }
        numbers
    }
    #[inline(always)]
    unsafe fn add_product(mut self, a: [T; N], b: [T; N]) -> [T; N] {
        for ((y, a), b) in self.iter_mut().zip(a).zip(b) {
            *y = if <Self as Vector<T>>::FUSED { y.fused(a, b) } else { *y + a * b };
        }
        self
    }
    #[inline(always)]
    unsafe fn plus(mut self, other: [T; N]) -> [T; N] {
        self.iter_mut().zip(other).for_each(|(y, x)| *y = *y + x);
        self
    }
    #[inline(always)]
    unsafe fn total(mut self) -> T {
        let mut half = N / 2;
        while half > 0 {
            for i in 0..half {
                self[i] = self[i] + self[i + half];
            }
            half /= 2;
        }
        self[0]
    }
    #[inline(always)]
    unsafe fn store(self, y: *mut T) {
        // SAFETY: there is room for N numbers.
        unsafe { *y.cast() = self }
    }
    #[inline(always)]
    unsafe fn store_part(self, y: *mut T, count: usize) {
        for (i, &number) in self.iter().enumerate().take(count) {
            // SAFETY: there is room for `count`.
            unsafe { *y.add(i) = number }
        }
    }
    #[inline(always)]
    unsafe fn transpose(x: *const T, stride: isize, y: *mut T, step: usize) {
        // SAFETY: the caller knows the square and the room.
        unsafe {
            let mut columns = [[T::default(); N]; N];
            for i in 0..N {
                let line = Self::load(x.offset(i as isize * stride));
                line.iter().zip(&mut columns).for_each(|(&number, column)| column[i] = number);
            }
            for (j, column) in columns.iter().enumerate() {
                column.store(y.add(j * step));
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    macro_rules! vector {
        ($register:ty, $float:ty, $lanes:literal, $registers:literal, $splat:ident, $load:ident, $fma:ident, $add:ident, $store:ident,
         $load_part:ident, $store_part:ident, $square:literal, $transpose:ident, $total:ident) => {
            impl Vector<$float> for $register {
                const LANES: usize = $lanes;
                const REGISTERS: usize = $registers;
                const FUSED: bool = true;
                const SQUARE: usize = $square;
                #[inline(always)]
                unsafe fn splat(x: $float) -> $register {
                    // SAFETY: the caller knows the processor; so below.
                    unsafe { $splat(x) }
                }
                #[inline(always)]
                unsafe fn load(x: *const $float) -> $register {
                    // SAFETY: the caller knows the numbers.
                    unsafe { $load(x) }
                }
                #[inline(always)]
                unsafe fn load_part(x: *const $float, count: usize) -> $register {
                    // SAFETY: the caller knows the numbers.
                    unsafe { $load_part(x, count) }
                }
                #[inline(always)]
                unsafe fn add_product(self, a: $register, b: $register) -> $register {
                    // SAFETY: as above.
                    unsafe { $fma(a, b, self) }
                }
                #[inline(always)]
                unsafe fn plus(self, other: $register) -> $register {
                    // SAFETY: as above.
                    unsafe { $add(self, other) }
                }
                #[inline(always)]
                unsafe fn total(self) -> $float {
                    // SAFETY: as above.
                    unsafe { $total(self) }
                }
                #[inline(always)]
                unsafe fn store(self, y: *mut $float) {
                    // SAFETY: the caller knows the room.
                    unsafe { $store(y, self) }
                }
                #[inline(always)]
                unsafe fn store_part(self, y: *mut $float, count: usize) {
                    // SAFETY: the caller knows the room.
                    unsafe { $store_part(y, count, self) }
                }
                #[inline(always)]
                unsafe fn transpose(x: *const $float, stride: isize, y: *mut $float, step: usize) {
                    // SAFETY: the caller knows the square and the room.
                    unsafe { $transpose(x, stride, y, step) }
                }
            }
        };
    }

    /// The first `count` lanes, which are at most 16.
    #[inline(always)]
    fn bits(count: usize) -> u16 {
        ((1_u32 << count) - 1) as u16
    }

    /// Ones, then zeros: a mask of the first `count` lanes begins that far before the zeros.
    static LANES_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    static LANES_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

    #[inline(always)]
    unsafe fn lanes_32(count: usize) -> __m256i {
        // SAFETY: `count` is at most 8.
        unsafe { _mm256_loadu_si256(LANES_32.as_ptr().add(8 - count).cast()) }
    }
    #[inline(always)]
    unsafe fn lanes_64(count: usize) -> __m256i {
        // SAFETY: `count` is at most 4.
        unsafe { _mm256_loadu_si256(LANES_64.as_ptr().add(4 - count).cast()) }
    }

    #[inline(always)]
    unsafe fn load_wide_f32(x: *const f32, count: usize) -> __m512 {
        // SAFETY: what the mask leaves out is not read.
        unsafe { _mm512_maskz_loadu_ps(bits(count), x) }
    }
    #[inline(always)]
    unsafe fn store_wide_f32(y: *mut f32, count: usize, v: __m512) {
        // SAFETY: what the mask leaves out is not written.
        unsafe { _mm512_mask_storeu_ps(y, bits(count), v) }
    }
    #[inline(always)]
    unsafe fn load_wide_f64(x: *const f64, count: usize) -> __m512d {
        // SAFETY: what the mask leaves out is not read.
        unsafe { _mm512_maskz_loadu_pd(bits(count) as u8, x) }
    }
    #[inline(always)]
    unsafe fn store_wide_f64(y: *mut f64, count: usize, v: __m512d) {
        // SAFETY: what the mask leaves out is not written.
        unsafe { _mm512_mask_storeu_pd(y, bits(count) as u8, v) }
    }
    #[inline(always)]
    unsafe fn load_narrow_f32(x: *const f32, count: usize) -> __m256 {
        // SAFETY: what the mask leaves out is not read.
        unsafe { _mm256_maskload_ps(x, lanes_32(count)) }
    }
    #[inline(always)]
    unsafe fn store_narrow_f32(y: *mut f32, count: usize, v: __m256) {
        // SAFETY: what the mask leaves out is not written.
        unsafe { _mm256_maskstore_ps(y, lanes_32(count), v) }
    }
    #[inline(always)]
    unsafe fn load_narrow_f64(x: *const f64, count: usize) -> __m256d {
        // SAFETY: what the mask leaves out is not read.
        unsafe { _mm256_maskload_pd(x, lanes_64(count)) }
    }
    #[inline(always)]
    unsafe fn store_narrow_f64(y: *mut f64, count: usize, v: __m256d) {
        // SAFETY: what the mask leaves out is not written.
        unsafe { _mm256_maskstore_pd(y, lanes_64(count), v) }
    }

    #[inline(always)]
    unsafe fn total_f32(v: __m256) -> f32 {
        // SAFETY: the caller knows the processor.
        unsafe {
            let four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }
    #[inline(always)]
    unsafe fn total_f64(v: __m256d) -> f64 {
        // SAFETY: the caller knows the processor.
        unsafe {
            let two = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd::<1>(v));
            _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)))
        }
    }
    #[inline(always)]
    unsafe fn transpose_f32(x: *const f32, stride: isize, y: *mut f32, step: usize) {
        // SAFETY: there are eight lines of eight numbers, and there is room for as many.
        unsafe {
            let mut r = [_mm256_setzero_ps(); 8];
            for (i, line) in r.iter_mut().enumerate() {
                *line = _mm256_loadu_ps(x.offset(i as isize * stride));
            }
            // Of each pair of lines the numbers in turns, then of each four, then the halves of all.
            let mut pairs = r;
            for i in 0..4 {
                pairs[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
                pairs[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
            }
            let mut fours = r;
            for i in 0..2 {
                let p = &pairs[4 * i..4 * i + 4];
                fours[4 * i] = _mm256_shuffle_ps::<0x44>(p[0], p[2]);
                fours[4 * i + 1] = _mm256_shuffle_ps::<0xEE>(p[0], p[2]);
                fours[4 * i + 2] = _mm256_shuffle_ps::<0x44>(p[1], p[3]);
                fours[4 * i + 3] = _mm256_shuffle_ps::<0xEE>(p[1], p[3]);
            }
            for i in 0..4 {
                let (low, high) = (fours[i], fours[i + 4]);
                _mm256_storeu_ps(y.add(i * step), _mm256_permute2f128_ps::<0x20>(low, high));
                _mm256_storeu_ps(y.add((i + 4) * step), _mm256_permute2f128_ps::<0x31>(low, high));
            }
        }
    }
    #[inline(always)]
    unsafe fn transpose_f64(x: *const f64, stride: isize, y: *mut f64, step: usize) {
        // SAFETY: there are four lines of four numbers, and there is room for as many.
        unsafe {
            let mut r = [_mm256_setzero_pd(); 4];
            for (i, line) in r.iter_mut().enumerate() {
                *line = _mm256_loadu_pd(x.offset(i as isize * stride));
            }
            let (a, b) = (_mm256_unpacklo_pd(r[0], r[1]), _mm256_unpacklo_pd(r[2], r[3]));
            let (c, d) = (_mm256_unpackhi_pd(r[0], r[1]), _mm256_unpackhi_pd(r[2], r[3]));
            _mm256_storeu_pd(y, _mm256_permute2f128_pd::<0x20>(a, b));
            _mm256_storeu_pd(y.add(step), _mm256_permute2f128_pd::<0x20>(c, d));
            _mm256_storeu_pd(y.add(2 * step), _mm256_permute2f128_pd::<0x31>(a, b));
            _mm256_storeu_pd(y.add(3 * step), _mm256_permute2f128_pd::<0x31>(c, d));
        }
    }

    vector!(
        __m512,
        f32,
        16,
        32,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_fmadd_ps,
        _mm512_add_ps,
        _mm512_storeu_ps,
        load_wide_f32,
        store_wide_f32,
        8,
        transpose_f32,
        _mm512_reduce_add_ps
    );
    vector!(
        __m512d,
        f64,
        8,
        32,
        _mm512_set1_pd,
        _mm512_loadu_pd,
        _mm512_fmadd_pd,
        _mm512_add_pd,
        _mm512_storeu_pd,
        load_wide_f64,
        store_wide_f64,
        4,
        transpose_f64,
        _mm512_reduce_add_pd
    );
    vector!(
        __m256,
        f32,
        8,
        16,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_fmadd_ps,
        _mm256_add_ps,
        _mm256_storeu_ps,
        load_narrow_f32,
        store_narrow_f32,
        8,
        transpose_f32,
        total_f32
    );
    vector!(
        __m256d,
        f64,
        4,
        16,
        _mm256_set1_pd,
        _mm256_loadu_pd,
        _mm256_fmadd_pd,
        _mm256_add_pd,
        _mm256_storeu_pd,
        load_narrow_f64,
        store_narrow_f64,
        4,
        transpose_f64,
        total_f64
    );
}
