//! Minimum of many, interleaved: the contestants of one contest take turns in short batches, so a disturbance or a
//! change of clock frequency meets them all, and each one's fastest batch counts.
//!
//! Time is the thread's processor time, so a machine shared with others disturbs less. All that is measured runs on
//! one thread.

use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// A batch is long against reading the clock and short against a scheduler's time slice.
const BATCH_NS: f64 = 50_000.0;
const WARM_UP_CALLS: u32 = 3;
const MIN_ROUNDS: u32 = 12;

struct Contestant<'a> {
    name: String,
    run: Box<dyn FnMut() + 'a>,
    calls: u32,
    best_ns: f64,
}

/// Contestants to be timed against one another.
#[derive(Default)]
pub struct Contest<'a> {
    contestants: Vec<Contestant<'a>>,
}

/// Nanoseconds a call, by name.
pub struct Times(Vec<(String, f64)>);

impl<'a> Contest<'a> {
    pub fn new() -> Self {
        Contest::default()
    }

    /// Adds a contestant. What `run` computes must go through `black_box`.
    pub fn add(&mut self, name: impl Into<String>, run: impl FnMut() + 'a) {
        self.contestants.push(Contestant {
            name: name.into(),
            run: Box::new(run),
            calls: 1,
            best_ns: f64::INFINITY,
        });
    }

    /// Rounds until the budget is spent.
    pub fn run(mut self, budget: Duration) -> Times {
        for c in &mut self.contestants {
            (0..WARM_UP_CALLS).for_each(|_| (c.run)());
            while c.batch_ns() < BATCH_NS && c.calls < 1 << 24 {
                c.calls *= 2;
            }
        }
        let start = Instant::now();
        let mut rounds = 0;
        while rounds < MIN_ROUNDS || start.elapsed() < budget {
            for c in &mut self.contestants {
                c.best_ns = c.best_ns.min(c.batch_ns() / f64::from(c.calls));
            }
            rounds += 1;
        }
        Times(self.contestants.into_iter().map(|c| (c.name, c.best_ns)).collect())
    }
}

impl Contestant<'_> {
    fn batch_ns(&mut self) -> f64 {
        let start = thread_ns();
        for _ in 0..self.calls {
            (self.run)();
        }
        thread_ns() - start
    }
}

fn thread_ns() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

impl Times {
    /// Nanoseconds a call of the contestant of this name.
    pub fn of(&self, name: &str) -> f64 {
        self.get(name).unwrap_or_else(|| panic!("no contestant {name}"))
    }

    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, ns)| *ns)
    }
}
