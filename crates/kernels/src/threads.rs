//! Several threads for large arrays. Where a result depends on what is cut, that depends on shapes alone, never on how many threads there are,
//! so that the bits of a result do not either.

use rayon::prelude::*;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

thread_local! {
    /// How many threads the caller wants; 0 if it has not said.
    static WANTED: Cell<usize> = const { Cell::new(0) };
}

/// How many threads large operations of this thread use: what [`with`] says, else the environment variable `COTANGENT_THREADS`, else one
/// for each core.
pub fn count() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    match WANTED.get() {
        0 => *COUNT.get_or_init(|| {
            let asked = std::env::var("COTANGENT_THREADS").ok().and_then(|text| text.parse().ok());
            let cores = || std::thread::available_parallelism().map_or(1, usize::from);
            asked.filter(|&n| n > 0).unwrap_or_else(cores)
        }),
        n => n,
    }
}

/// Runs the code with this many threads for large operations; 0 is the default number. The results have the same bits.
///
/// ```
/// use cotangent_kernels::threads;
/// assert_eq!(threads::with(1, threads::count), 1);
/// ```
pub fn with<R>(threads: usize, code: impl FnOnce() -> R) -> R {
    struct Restore(usize);
    impl Drop for Restore {
        fn drop(&mut self) {
            WANTED.set(self.0);
        }
    }
    let _restore = Restore(WANTED.replace(threads));
    code()
}

/// The threads that work together when there are `n`; none if they cannot be had.
fn pool(n: usize) -> Option<Arc<rayon::ThreadPool>> {
    static POOLS: Mutex<Option<HashMap<usize, Arc<rayon::ThreadPool>>>> = Mutex::new(None);
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let pools = pools.get_or_insert_default();
    if let Some(pool) = pools.get(&n) {
        return Some(pool.clone());
    }
    // Inside it every thread counts as one: what is cut there is not cut again.
    let builder = rayon::ThreadPoolBuilder::new().num_threads(n).start_handler(|_| WANTED.set(1));
    let pool = Arc::new(builder.build().ok()?);
    pools.insert(n, pool.clone());
    Some(pool)
}

/// `work(i)` for each i below `parts`, on several threads if there are several parts. One copy for all work there is: what threads need to
/// share it out is a lot of code.
fn each(parts: usize, work: &(dyn Fn(usize) + Sync)) {
    let threads = if parts <= 1 { 1 } else { count() };
    match if threads > 1 { pool(threads) } else { None } {
        Some(pool) => pool.install(|| (0..parts).into_par_iter().for_each(work)),
        None => (0..parts).for_each(work),
    }
}

/// The beginning of a slice that several threads write, each its own part.
struct Start<T>(*mut T);

#[allow(unsafe_code)]
// SAFETY: the threads that share it go to parts that do not overlap.
unsafe impl<T: Send> Sync for Start<T> {}

impl<T> Start<T> {
    fn at(&self, i: usize) -> *mut T {
        self.0.wrapping_add(i)
    }
}

/// `work(i, chunk i)` for each chunk of this length, the last one shorter; on several threads if there are several chunks.
///
/// ```
/// let mut y = [0; 5];
/// cotangent_kernels::threads::chunks(&mut y, 2, |i, part| part.fill(i));
/// assert_eq!(y, [0, 0, 1, 1, 2]);
/// ```
#[allow(unsafe_code)]
pub fn chunks<T: Send>(out: &mut [T], length: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    let (length, total) = (length.max(1), out.len());
    let start = Start(out.as_mut_ptr());
    each(total.div_ceil(length), &|i| {
        let first = i * length;
        // SAFETY: chunk i lies within `out`, which is borrowed for as long as this runs; no other i has it, and each i comes once.
        let part = unsafe { std::slice::from_raw_parts_mut(start.at(first), length.min(total - first)) };
        work(i, part);
    });
}

/// `work(i)` for each i below `parts`, on several threads; the results in order.
///
/// ```
/// assert_eq!(cotangent_kernels::threads::collect(3, |i| i * i), [0, 1, 4]);
/// ```
pub fn collect<R: Send>(parts: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let mut results: Vec<Option<R>> = Vec::new();
    results.resize_with(parts, || None);
    chunks(&mut results, 1, |i, place| place[0] = Some(work(i)));
    results.into_iter().flatten().collect()
}

/// [`chunks`] whose work gives something; the results in order.
///
/// ```
/// let mut y = [1; 5];
/// assert_eq!(cotangent_kernels::threads::chunks_collect(&mut y, 2, |_, part| part.len()), [2, 2, 1]);
/// ```
#[allow(unsafe_code)]
pub fn chunks_collect<T: Send, R: Send>(
    out: &mut [T],
    length: usize,
    work: impl Fn(usize, &mut [T]) -> R + Sync,
) -> Vec<R> {
    let mut results: Vec<Option<R>> = Vec::new();
    results.resize_with(out.len().div_ceil(length.max(1)), || None);
    let places = Start(results.as_mut_ptr());
    chunks(out, length, |i, part| {
        let result = Some(work(i, part));
        // SAFETY: there is a place for each chunk, borrowed by nobody else while this runs, and each i comes once.
        unsafe { *places.at(i) = result };
    });
    results.into_iter().flatten().collect()
}
