//! Writing past the caches. What they cannot hold until it is read again need not displace what they do hold, and its lines need not be read
//! before they are written: memory, which is what loops over such arrays wait for, moves a quarter to a third less.

use crate::array::Element;

/// So many entries are written at a time.
pub(crate) const LINE: usize = 16;
/// Results of so many bytes are larger than the last cache of most processors, or than a thread's share of it.
pub(crate) const LARGE: usize = if cfg!(target_arch = "x86_64") { 32 << 20 } else { usize::MAX };
/// A stretch of so many bytes, as only large results are written in, goes past the caches.
pub(crate) const STRETCH: usize = 1 << 20;

/// The whole [`LINE`]s of a slice from where a line of the cache begins, each to be written past the caches. The slice is lent until all is where
/// other reads and writes, of whatever thread, see it in the usual order.
pub(crate) struct Stream<'a, T> {
    first: usize,
    lines: &'a mut [[T; LINE]],
}

impl<'a, T: Element> Stream<'a, T> {
    #[inline(always)]
    pub fn into(out: &'a mut [T]) -> Stream<'a, T> {
        let first = out.as_ptr().align_offset(64).min(out.len());
        Stream { first, lines: out[first..].as_chunks_mut().0 }
    }

    /// How many entries are before the first of these lines.
    #[inline(always)]
    pub fn first(&self) -> usize {
        self.first
    }

    /// How many lines there are.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// Writes a line.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn write(&mut self, line: usize, entries: &[T; LINE]) {
        let out = &mut self.lines[line];
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_stream_si128};
            const { assert!((LINE * size_of::<T>()).is_multiple_of(16)) };
            let (from, to) = (entries.as_ptr().cast::<__m128i>(), out.as_mut_ptr().cast::<__m128i>());
            for i in 0..LINE * size_of::<T>() / 16 {
                // SAFETY: every x86-64 has these instructions. Both arrays have so many bytes, which are those of plain numbers, and `out` begins
                // at a multiple of 16: the first line at one of 64, and their length is one. It is lent to `self`, so nobody reads or writes there
                // before the fence: its one user drops it, and does not forget it.
                unsafe { _mm_stream_si128(to.add(i), _mm_loadu_si128(from.add(i))) };
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        out.copy_from_slice(entries);
    }
}

impl<T> Drop for Stream<'_, T> {
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
