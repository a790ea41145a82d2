//! Minimum of many, interleaved: the contestants of one contest take turns in short batches, so a disturbance or a
//! change of clock frequency meets them all, and each one's fastest batch counts.
//!
//! A short batch begins with a call that is not timed, for the contestant before has left its own numbers in the caches, and is timed by
//! the wall clock. A long one is likely to be interrupted on a machine shared with others,
//! so it is timed by the thread's processor time; as a virtual machine may credit stolen time to it, its lower decile
//! counts and not its minimum. What runs on several threads is timed by the wall clock alone.

use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// A batch is long against reading the clock and short against a scheduler's time slice.
const BATCH_NS: f64 = 50_000.0;
/// Longer batches are timed by the thread's own clock.
const LONG_NS: f64 = 1_000_000.0;
const WARM_UP_CALLS: u32 = 3;
const MIN_ROUNDS: u32 = 12;

struct Contestant<'a> {
    name: String,
    run: Box<dyn FnMut() + 'a>,
    calls: u32,
    /// Nanoseconds a call, of each batch.
    batches: Vec<f64>,
    long: bool,
    /// Does a batch begin with a call that is not timed?
    warmed: bool,
}

/// Contestants to be timed against one another.
#[derive(Default)]
pub struct Contest<'a> {
    contestants: Vec<Contestant<'a>>,
    /// Is the thread's own clock no measure, for there are others?
    several_threads: bool,
}

/// Nanoseconds a call, by name.
pub struct Times(Vec<(String, f64)>);

impl<'a> Contest<'a> {
    pub fn new() -> Self {
        Contest::default()
    }

    /// For what runs on several threads.
    pub fn on_several_threads() -> Self {
        Contest { several_threads: true, ..Contest::default() }
    }

    /// Adds a contestant. What `run` computes must go through `black_box`.
    pub fn add(&mut self, name: impl Into<String>, run: impl FnMut() + 'a) {
        self.contestants.push(Contestant {
            name: name.into(),
            run: Box::new(run),
            calls: 1,
            batches: Vec::new(),
            long: false,
            warmed: true,
        });
    }

    /// Rounds until the budget is spent.
    pub fn run(mut self, budget: Duration) -> Times {
        for c in &mut self.contestants {
            (0..WARM_UP_CALLS).for_each(|_| (c.run)());
            while c.batch_ns() < BATCH_NS && c.calls < 1 << 24 {
                c.calls *= 2;
            }
            c.warmed = c.batch_ns() <= LONG_NS;
            c.long = !self.several_threads && !c.warmed;
        }
        let start = Instant::now();
        let mut rounds = 0;
        while rounds < MIN_ROUNDS || start.elapsed() < budget {
            for c in &mut self.contestants {
                let ns = c.batch_ns() / f64::from(c.calls);
                c.batches.push(ns);
            }
            rounds += 1;
        }
        Times(self.contestants.iter_mut().map(|c| (c.name.clone(), c.figure())).collect())
    }
}

impl Contestant<'_> {
    fn batch_ns(&mut self) -> f64 {
        if self.warmed {
            (self.run)();
        }
        let (wall, thread) = (Instant::now(), thread_ns());
        for _ in 0..self.calls {
            (self.run)();
        }
        if self.long { thread_ns() - thread } else { wall.elapsed().as_nanos() as f64 }
    }

    fn figure(&mut self) -> f64 {
        self.batches.sort_by(f64::total_cmp);
        self.batches[if self.long { self.batches.len() / 10 } else { 0 }]
    }
}

fn thread_ns() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

impl Times {
    /// These, and those of another contest.
    pub fn and(mut self, other: Times) -> Times {
        self.0.extend(other.0);
        self
    }

    /// Nanoseconds a call of the contestant of this name.
    pub fn of(&self, name: &str) -> f64 {
        self.get(name).unwrap_or_else(|| panic!("no contestant {name}"))
    }

    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, ns)| *ns)
    }
}
