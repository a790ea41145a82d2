//! Memory for numbers. Small and foreign ones are ordinary vectors. Larger ones are blocks of a few sizes, aligned to cache lines, that are kept
//! when they are dropped, at hand or in a pool: fresh pages cost ten times what warm ones do.

use super::Element;
use std::alloc::{Layout, alloc, dealloc};
use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Numbers of one type.
pub(crate) enum Store<T> {
    Vector(Vec<T>),
    /// The numbers at the beginning of a block.
    Block(Block, usize, PhantomData<T>),
}

/// The bytes of the smallest block; what is smaller is a vector.
const SMALLEST: usize = 1 << 11;
/// Four sizes for each doubling, up to half of what an address can say.
const CLASSES: usize = 4 * 43;
/// From here on huge pages are asked for.
const LARGE: usize = 4 << 20;

const fn bytes_of(class: usize) -> usize {
    (4 + class % 4) << (class / 4 + SMALLEST.trailing_zeros() as usize - 2)
}

fn class_of(bytes: usize) -> usize {
    let mut class = 4 * (bytes / SMALLEST).max(1).ilog2() as usize;
    while bytes_of(class) < bytes {
        class += 1;
    }
    class
}

/// Memory whose bytes are all written: zeros, or what was there before.
pub(crate) struct Block {
    start: NonNull<u8>,
    class: usize,
}

#[allow(unsafe_code)]
// SAFETY: a block owns its memory, which is plain bytes.
unsafe impl Send for Block {}
#[allow(unsafe_code)]
// SAFETY: as above; it is written through `&mut` alone.
unsafe impl Sync for Block {}

fn layout(class: usize) -> Layout {
    let bytes = bytes_of(class);
    // Huge pages lie at multiples of their size.
    let align = if bytes >= LARGE { 2 << 20 } else { 64 };
    Layout::from_size_align(bytes, align).expect("a power of two, and a size that was asked for")
}

/// Blocks that nobody uses, by class.
static POOL: [Mutex<Vec<Block>>; CLASSES] = [const { Mutex::new(Vec::new()) }; CLASSES];
/// Their bytes.
static KEPT: AtomicUsize = AtomicUsize::new(0);
/// No more than this is kept there.
static LIMIT: AtomicUsize = AtomicUsize::new(1 << 30);

/// Of so many of the smallest classes, those below 64 KiB, each thread has a block at hand.
const HANDY: usize = 4 * 5;
/// These blocks' bytes, not quite 350 KiB.
const HANDFUL: usize = {
    let (mut bytes, mut class) = (0, 0);
    while class < HANDY {
        bytes += bytes_of(class);
        class += 1;
    }
    bytes
};

thread_local! {
    /// What this thread has dropped last, of each class: to take it again no other thread need be asked to wait.
    static AT_HAND: [Cell<Option<Block>>; HANDY] = const { [const { Cell::new(None) }; HANDY] };
}

/// Puts a block, or none, where this thread has one of its class at hand, and gives what was there. What does not fit there comes back: a larger
/// block, or any in a thread that ends.
fn exchange(class: usize, mut block: Option<Block>) -> Option<Block> {
    if class < HANDY {
        let _ = AT_HAND.try_with(|blocks| block = blocks[class].replace(block.take()));
    }
    block
}

/// The bytes of freed buffers that are kept to be used again by any thread. Beside these each thread may have up to 350 KiB at hand.
///
/// ```
/// use cotangent_kernels::array;
/// array::set_pool_limit(0);
/// assert_eq!(array::pooled_bytes(), 0);
/// # array::set_pool_limit(1 << 30);
/// ```
pub fn pooled_bytes() -> usize {
    KEPT.load(Ordering::Relaxed)
}

/// No more than this many bytes of freed buffers are kept for any thread (at first 1 GiB); what is beyond is freed at once. Where it is less than
/// 350 KiB, threads keep nothing at hand either, but for what other threads than this one have there already.
pub fn set_pool_limit(bytes: usize) {
    LIMIT.store(bytes, Ordering::Relaxed);
    if bytes < HANDFUL {
        let _ = AT_HAND.try_with(|blocks| blocks.iter().for_each(|block| drop(block.take())));
    }
    for (class, blocks) in POOL.iter().enumerate() {
        while pooled_bytes() > bytes {
            let Some(block) = blocks.lock().unwrap_or_else(PoisonError::into_inner).pop() else { break };
            KEPT.fetch_sub(bytes_of(class), Ordering::Relaxed);
            block.free();
        }
    }
}

impl Block {
    #[allow(unsafe_code)]
    fn new(bytes: usize) -> Block {
        let class = class_of(bytes);
        if let Some(block) = exchange(class, None) {
            return block;
        }
        if let Some(block) = POOL[class].lock().unwrap_or_else(PoisonError::into_inner).pop() {
            KEPT.fetch_sub(bytes_of(class), Ordering::Relaxed);
            return block;
        }
        let layout = layout(class);
        // SAFETY: the layout's size is not zero.
        let start = unsafe { alloc(layout) };
        let Some(start) = NonNull::new(start) else { std::alloc::handle_alloc_error(layout) };
        #[cfg(target_os = "linux")]
        if layout.size() >= LARGE {
            use rustix::mm::{Advice, madvise};
            // Without huge pages it is only slower.
            // SAFETY: the range is ours, and the advice changes no byte of it.
            let _ = unsafe { madvise(start.as_ptr().cast(), layout.size(), Advice::LinuxHugepage) };
        }
        // SAFETY: the memory is ours and that long. From here on every byte of it is written.
        unsafe { start.as_ptr().write_bytes(0, layout.size()) };
        Block { start, class }
    }

    #[allow(unsafe_code)]
    fn free(self) {
        let (start, class) = (self.start, self.class);
        std::mem::forget(self);
        // SAFETY: it was allocated with this layout, and `self` is gone.
        unsafe { dealloc(start.as_ptr(), layout(class)) };
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let (class, limit) = (self.class, LIMIT.load(Ordering::Relaxed));
        let (mut block, bytes) = (Block { start: self.start, class }, bytes_of(class));
        if limit >= HANDFUL {
            let Some(other) = exchange(class, Some(block)) else { return };
            block = other;
        }
        if pooled_bytes() + bytes > limit {
            return block.free();
        }
        KEPT.fetch_add(bytes, Ordering::Relaxed);
        POOL[self.class].lock().unwrap_or_else(PoisonError::into_inner).push(block);
    }
}

impl<T: Element> Store<T> {
    /// This many numbers, to be written: what they are is left open.
    #[allow(unsafe_code)]
    pub fn open(length: usize) -> Store<T> {
        let bytes = length.saturating_mul(size_of::<T>());
        if bytes < SMALLEST {
            return Store::Vector(vec![T::default(); length]);
        }
        assert!(isize::try_from(bytes).is_ok(), "{length} numbers are more than memory can hold");
        let block = Block::new(bytes);
        if !T::ANY_BITS {
            // SAFETY: the block has at least these bytes. Zeros are a number of every type.
            unsafe { block.start.as_ptr().write_bytes(0, bytes) };
        }
        Store::Block(block, length, PhantomData)
    }
}

impl<T> Deref for Store<T> {
    type Target = [T];
    #[inline]
    #[allow(unsafe_code)]
    fn deref(&self) -> &[T] {
        match self {
            Store::Vector(values) => values,
            // SAFETY: the block is aligned for every number, holds at least `length` of them, and its bytes are written with numbers
            // of this type, or with any bytes if those are numbers too (see `open`).
            Store::Block(block, length, _) => unsafe {
                std::slice::from_raw_parts(block.start.as_ptr().cast::<T>(), *length)
            },
        }
    }
}

impl<T> DerefMut for Store<T> {
    #[inline]
    #[allow(unsafe_code)]
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Store::Vector(values) => values,
            // SAFETY: as in `deref`; `&mut self` makes it the only reference.
            Store::Block(block, length, _) => unsafe {
                std::slice::from_raw_parts_mut(block.start.as_ptr().cast::<T>(), *length)
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn address(store: &Store<f64>) -> usize {
        store.as_ptr() as usize
    }

    /// What a thread dropped last it takes again, and no other thread before it ends.
    #[test]
    fn a_dropped_block_is_at_hand_for_its_thread() {
        let of_this_thread = || {
            let first = Store::<f64>::open(700);
            let here = address(&first);
            drop(first);
            let there = thread::spawn(|| address(&Store::<f64>::open(700))).join().unwrap();
            (here, there, address(&Store::<f64>::open(700)))
        };
        for _ in 0..20 {
            let (here, there, again) = thread::spawn(of_this_thread).join().unwrap();
            assert!(again == here && there != here, "{here:x} {there:x} {again:x}");
        }
    }
}
