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
    #[cfg(target_arch = "x86_64")]
    {
        use std::sync::atomic::{AtomicU8, Ordering};
        static LEVEL: AtomicU8 = AtomicU8::new(0);
        #[cold]
        fn detect() -> Level {
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
            LEVEL.store(level as u8 + 1, Ordering::Relaxed);
            level
        }
        match LEVEL.load(Ordering::Relaxed) {
            0 => detect(),
            1 => Level::Plain,
            2 => Level::Avx2,
            _ => Level::Avx512,
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    Level::Plain
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
