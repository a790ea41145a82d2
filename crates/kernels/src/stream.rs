//! Writing past the caches. What they cannot hold until it is read again need not displace what they do hold, and its lines need not be read
//! before they are written: memory, which is what loops over such arrays wait for, moves a quarter to a third less.

use crate::array::Element;

/// As many entries are written at a time: one or two lines of the cache, where they begin at one.
pub(crate) const LINE: usize = 16;
/// Results of so many bytes are larger than the last cache of most processors, or than a thread's share of it.
pub(crate) const LARGE: usize = if cfg!(target_arch = "x86_64") { 32 << 20 } else { usize::MAX };
/// A stretch of so many bytes, as only large results are written in, goes past the caches.
pub(crate) const STRETCH: usize = 1 << 20;

/// Past how many entries the first one is that a line may begin at.
#[inline(always)]
pub(crate) fn first<T>(out: &[T]) -> usize {
    out.as_ptr().align_offset(16).min(out.len())
}

/// Whatever [`write`](Stream::write) has written is seen by other threads, in the usual order, once this is gone.
pub(crate) struct Stream(());

impl Stream {
    #[inline(always)]
    pub fn new() -> Stream {
        Stream(())
    }

    /// Writes a line to where one may begin.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn write<T: Element>(&self, line: &[T; LINE], out: &mut [T; LINE]) {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_stream_si128};
            let (from, to) = (line.as_ptr().cast::<__m128i>(), out.as_mut_ptr().cast::<__m128i>());
            debug_assert!(to.is_aligned(), "a line begins at 16 bytes");
            for i in 0..LINE * size_of::<T>() / 16 {
                // SAFETY: every x86-64 has these instructions. Both arrays have so many bytes, which are those of plain numbers.
                unsafe { _mm_stream_si128(to.add(i), _mm_loadu_si128(from.add(i))) };
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        out.copy_from_slice(line);
    }
}

impl Drop for Stream {
    #[inline(always)]
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: every x86-64 has this instruction.
        unsafe {
            std::arch::x86_64::_mm_sfence();
        }
    }
}
