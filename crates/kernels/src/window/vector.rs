//! A few floats in one register, for each kind of processor.

#![allow(unsafe_code)]

use super::tile::Lane;

/// Floats that are multiplied and added at once.
pub(super) trait Vector<T>: Copy {
    /// How many.
    const LANES: usize;
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
    /// `self + a · b`.
    ///
    /// # Safety
    /// As for [`splat`](Vector::splat).
    unsafe fn add_product(self, a: Self, b: Self) -> Self;
    /// Writes the numbers from there on.
    ///
    /// # Safety
    /// There is room for them.
    unsafe fn store(self, y: *mut T);
}

/// Where nothing is known of the processor: the compiler sees what it can do.
impl<T: Lane, const N: usize> Vector<T> for [T; N] {
    const LANES: usize = N;
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
    unsafe fn add_product(mut self, a: [T; N], b: [T; N]) -> [T; N] {
        const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));
        for ((y, a), b) in self.iter_mut().zip(a).zip(b) {
            *y = if FUSED { y.fused(a, b) } else { *y + a * b };
        }
        self
    }
    #[inline(always)]
    unsafe fn store(self, y: *mut T) {
        // SAFETY: there is room for N numbers.
        unsafe { *y.cast() = self }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    macro_rules! vector {
        ($register:ty, $float:ty, $lanes:literal, $splat:ident, $load:ident, $fma:ident, $store:ident) => {
            impl Vector<$float> for $register {
                const LANES: usize = $lanes;
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
                unsafe fn add_product(self, a: $register, b: $register) -> $register {
                    // SAFETY: as above.
                    unsafe { $fma(a, b, self) }
                }
                #[inline(always)]
                unsafe fn store(self, y: *mut $float) {
                    // SAFETY: the caller knows the room.
                    unsafe { $store(y, self) }
                }
            }
        };
    }
    vector!(__m512, f32, 16, _mm512_set1_ps, _mm512_loadu_ps, _mm512_fmadd_ps, _mm512_storeu_ps);
    vector!(__m512d, f64, 8, _mm512_set1_pd, _mm512_loadu_pd, _mm512_fmadd_pd, _mm512_storeu_pd);
    vector!(__m256, f32, 8, _mm256_set1_ps, _mm256_loadu_ps, _mm256_fmadd_ps, _mm256_storeu_ps);
    vector!(__m256d, f64, 4, _mm256_set1_pd, _mm256_loadu_pd, _mm256_fmadd_pd, _mm256_storeu_pd);
}
