//! Several threads for large arrays. Where a result depends on what is cut, that depends on shapes alone, never on how many threads there are,
//! so that the bits of a result do not either.

use std::any::Any;
use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

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

/// Those who help a caller.
struct Helpers {
    pool: rayon::ThreadPool,
    /// How many jobs wait for one of them.
    invited: AtomicUsize,
}

/// Who helps when `n` threads work together, the caller being one of them; nobody if they cannot be had.
fn helpers(n: usize) -> Option<Arc<Helpers>> {
    static POOLS: Mutex<Option<HashMap<usize, Arc<Helpers>>>> = Mutex::new(None);
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let pools = pools.get_or_insert_default();
    if let Some(helpers) = pools.get(&n) {
        return Some(helpers.clone());
    }
    // A helper counts as one thread: what is cut there is not cut again.
    let builder = rayon::ThreadPoolBuilder::new().num_threads(n - 1).start_handler(|_| WANTED.set(1));
    let helpers = Arc::new(Helpers { pool: builder.build().ok()?, invited: AtomicUsize::new(0) });
    pools.insert(n, helpers.clone());
    Some(helpers)
}

/// `work(i)` for each i below `parts`, on several threads if there are several parts. One copy for all work there is: what threads need to
/// share it out is a lot of code.
fn each(parts: usize, work: &(dyn Fn(usize) + Sync)) {
    let threads = if parts <= 1 { 1 } else { count() };
    match if threads > 1 { helpers(threads) } else { None } {
        Some(helpers) => Team::share(&helpers, (threads - 1).min(parts - 1), parts, work),
        None => (0..parts).for_each(work),
    }
}

/// Some work in parts, and who is at it. The caller begins at once; whoever comes takes the next part, until there are none left. Then
/// the caller waits for those who have begun, and not for those who have not even woken up, as it would in a scope of rayon: work may be
/// shorter than that takes.
struct Team {
    /// The work, for as long as the caller is there: who is entered in `state` may use it.
    work: *const (dyn Fn(usize) + Sync),
    parts: usize,
    next: AtomicUsize,
    /// [`ENTERED`] for each helper at work, and [`CLOSED`] once nobody may come in any more.
    state: AtomicUsize,
    /// Where the caller sleeps, and is told that all have left.
    left: (Mutex<()>, Condvar),
    /// What a helper panicked with.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

const CLOSED: usize = 1;
const ENTERED: usize = 2;
/// So long the caller looks whether all have left before it sleeps: to be woken takes longer.
const PATIENCE: Duration = Duration::from_micros(20);

#[allow(unsafe_code)]
// SAFETY: the work may be called from every thread, and `help` calls it only while it is there.
unsafe impl Send for Team {}
#[allow(unsafe_code)]
// SAFETY: as above.
unsafe impl Sync for Team {}

impl Team {
    #[allow(unsafe_code)]
    fn share(helpers: &Arc<Helpers>, wanted: usize, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        /// Closes the team when the caller is done, or panics.
        struct Closing<'a>(&'a Team);
        impl Drop for Closing<'_> {
            fn drop(&mut self) {
                self.0.close();
            }
        }
        // SAFETY: only the lifetime changes. The pointer is used by those who are entered alone, and before this function is left, however
        // it is, the team is closed and everybody out of it.
        let work: &'static (dyn Fn(usize) + Sync) = unsafe { std::mem::transmute(work) };
        let team = Arc::new(Team {
            work,
            parts,
            next: AtomicUsize::new(0),
            state: AtomicUsize::new(0),
            left: (Mutex::new(()), Condvar::new()),
            panic: Mutex::new(None),
        });
        {
            let _closing = Closing(&team);
            for _ in 0..wanted {
                // Where all are busy with long work of another caller, nobody need be asked again and again.
                if helpers.invited.load(Ordering::Relaxed) > 2 * helpers.pool.current_num_threads() {
                    break;
                }
                helpers.invited.fetch_add(1, Ordering::Relaxed);
                let (team, host) = (team.clone(), helpers.clone());
                helpers.pool.spawn(move || {
                    host.invited.fetch_sub(1, Ordering::Relaxed);
                    team.help();
                });
            }
            with(1, || team.take(work));
        }
        let panic = team.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Parts as long as there are any.
    fn take(&self, work: &(dyn Fn(usize) + Sync)) {
        loop {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            if part >= self.parts {
                return;
            }
            work(part);
        }
    }

    /// Takes parts too, if the work is still going on.
    #[allow(unsafe_code)]
    fn help(&self) {
        let open = |state: usize| (state & CLOSED == 0).then_some(state + ENTERED);
        if self.state.fetch_update(Ordering::Acquire, Ordering::Relaxed, open).is_err() {
            return;
        }
        // SAFETY: entered before the team was closed, so the caller waits.
        let work = unsafe { &*self.work };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.take(work))) {
            // Nobody needs the other parts.
            self.next.store(self.parts, Ordering::Relaxed);
            self.panic.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(panic);
        }
        if self.state.fetch_sub(ENTERED, Ordering::Release) == CLOSED + ENTERED {
            // Once the lock could be had, the caller sleeps or sees that all have left.
            drop(self.left.0.lock());
            self.left.1.notify_one();
        }
    }

    /// Lets nobody in any more, and waits until all have left.
    fn close(&self) {
        self.next.fetch_max(self.parts, Ordering::Relaxed);
        self.state.fetch_or(CLOSED, Ordering::Relaxed);
        let all_left = || self.state.load(Ordering::Acquire) == CLOSED;
        let start = Instant::now();
        while !all_left() {
            if start.elapsed() < PATIENCE {
                std::hint::spin_loop();
                continue;
            }
            let mut asleep = self.left.0.lock().unwrap_or_else(PoisonError::into_inner);
            while !all_left() {
                asleep = self.left.1.wait(asleep).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

/// The beginning of a slice that several threads write, each its own part.
pub(crate) struct Start<T>(pub *mut T);

#[allow(unsafe_code)]
// SAFETY: the threads that share it go to parts that do not overlap.
unsafe impl<T: Send> Sync for Start<T> {}

impl<T> Start<T> {
    pub fn at(&self, i: usize) -> *mut T {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_comes_once() {
        for threads in [1, 2, 3, 8] {
            with(threads, || {
                for parts in (0..20).chain([1000]) {
                    let seen: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
                    // Within one part of several there is one thread.
                    let within = if parts > 1 { 1 } else { threads };
                    let results = collect(parts, |i| {
                        assert_eq!(count(), within);
                        collect(3, |_| seen[i].fetch_add(1, Ordering::Relaxed));
                        i
                    });
                    assert_eq!(results, (0..parts).collect::<Vec<_>>());
                    assert!(seen.iter().all(|seen| seen.load(Ordering::Relaxed) == 3));
                }
                assert_eq!(count(), threads);
            });
        }
    }

    /// Work that is over before anybody has woken up, again and again.
    #[test]
    fn short_work_waits_for_nobody_and_misses_nothing() {
        with(4, || {
            for round in 0..20_000 {
                let mut sums = [0; 5];
                chunks(&mut sums, 1, |i, sum| sum[0] = round + i);
                assert_eq!(sums, std::array::from_fn(|i| round + i));
            }
        });
    }

    /// Whoever says so has threads within a part too, though all of them may be busy.
    #[test]
    fn teams_within_teams() {
        let all =
            with(2, || collect(8, |i| with(2, || collect(8, |j| with(3, || collect(3, |k| (i, j, k)))))));
        let all: Vec<_> = all.into_iter().flatten().flatten().collect();
        assert_eq!(all, (0..8 * 8 * 3).map(|n| (n / 24, n / 3 % 8, n % 3)).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_in_a_part_is_the_callers() {
        for threads in [1, 2, 4] {
            for bad in [0, 1, 50, 99] {
                let panic = catch_unwind(|| {
                    with(threads, || {
                        collect(100, |i| {
                            std::thread::yield_now();
                            assert!(i != bad, "part {i}");
                        })
                    })
                });
                let message = *panic.unwrap_err().downcast::<String>().unwrap();
                assert_eq!(message, format!("part {bad}"));
                assert_eq!(with(threads, || collect(3, |i| i)), [0, 1, 2]);
            }
        }
    }
}
