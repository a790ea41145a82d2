//! The widest vectors this machine has, chosen when the program runs.
//!
//! A kernel is a [`Job`]: plain Rust loops, inlined into a function that is compiled for each [`Level`], where they become vectors.
//! On other processors than x86-64 the target's own features serve (on AArch64 these are NEON and a fused multiply-add).

use crate::map::arithmetic::Arithmetic;
#[cfg(target_arch = "x86_64")]
use crate::map::arithmetic::Fused;
use crate::map::arithmetic::Native;

/// Loops to be compiled for each kind of vectors.
pub trait Job {
    /// What they give.
    type Output;
    /// The loops; `#[inline(always)]`, and all they call that matters too.
    fn run<A: Arithmetic>(self) -> Self::Output;
}

/// Which instructions there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What the crate was compiled for.
    Plain,
    /// 256 bits and fused multiply-add.
    Avx2,
    /// 512 bits.
    Avx512,
}

/// The highest level of this machine. The environment variable `COTANGENT_SIMD` (`plain`, `avx2`) asks for less, to compare.
///
/// ```
/// use cotangent_kernels::simd::{level, Level};
/// assert!(level() >= Level::Plain);
/// ```
#[inline]
pub fn level() -> Level {
    levels()[0]
}

/// The highest level that divides, and takes roots, faster than the one below. Most processors divide 512 bits as two times 256, and some lose
/// by it; most of AMD's from Zen 5 on divide them at once.
///
/// ```
/// use cotangent_kernels::simd::{level, level_of_division};
/// assert!(level_of_division() <= level());
/// ```
#[inline]
pub fn level_of_division() -> Level {
    levels()[1]
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn levels() -> [Level; 2] {
    [Level::Plain; 2]
}

/// [`level`] and [`level_of_division`].
#[cfg(target_arch = "x86_64")]
#[inline]
fn levels() -> [Level; 2] {
    use std::sync::OnceLock;
    static LEVELS: OnceLock<[Level; 2]> = OnceLock::new();
    *LEVELS.get_or_init(|| {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        let most = if avx2 && avx512 {
            Level::Avx512
        } else if avx2 {
            Level::Avx2
        } else {
            Level::Plain
        };
        let asked = match std::env::var("COTANGENT_SIMD").as_deref() {
            Ok("plain") => Level::Plain,
            Ok("avx2") => Level::Avx2,
            _ => most,
        };
        let level = asked.min(most);
        let wide = level == Level::Avx512 && divides_512_bits();
        [level, if wide { level } else { level.min(Level::Avx2) }]
    })
}

/// Has the divider 512 bits? (AMD, "Software Optimization Guide for the AMD Zen 5 Microarchitecture"; on Zen 5 twice as fast, measured.)
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, unused_unsafe)]
fn divides_512_bits() -> bool {
    use std::arch::x86_64::__cpuid;
    const ZEN_5: u32 = 0x1a;
    // SAFETY: every x86-64 processor has the instruction; Rust asks for this before 1.94.
    let (vendor, signature) = unsafe { (__cpuid(0), __cpuid(1).eax) };
    let name = [vendor.ebx, vendor.edx, vendor.ecx].map(u32::to_le_bytes);
    let family = ((signature >> 8) & 15) + ((signature >> 20) & 255);
    name.as_flattened() == b"AuthenticAMD" && family >= ZEN_5
}

/// Runs the job with the widest vectors there are.
#[inline]
pub fn dispatch<J: Job>(job: J) -> J::Output {
    dispatch_up_to(Level::Avx512, job)
}

/// Runs the job with the widest vectors there are up to this level.
#[inline]
#[allow(unsafe_code)]
pub fn dispatch_up_to<J: Job>(most: Level, job: J) -> J::Output {
    #[cfg(target_arch = "x86_64")]
    match level().min(most) {
        // SAFETY: `level` has seen that the processor has the features.
        Level::Avx512 => return unsafe { avx512(job) },
        // SAFETY: as above.
        Level::Avx2 => return unsafe { avx2(job) },
        Level::Plain => {}
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = most;
    job.run::<Native>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn avx512<J: Job>(job: J) -> J::Output {
    job.run::<Fused>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<J: Job>(job: J) -> J::Output {
    job.run::<Fused>()
}

/// Asks for what lies there, which will be read soon.
#[inline(always)]
#[allow(unsafe_code)]
pub(crate) fn expect<T>(x: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint reads nothing, wherever it points.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(x.cast())
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = x;
}
