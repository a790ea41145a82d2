//! Contestants take turns in short batches, so that a disturbance meets them all.
//!
//! A short batch is timed by the wall clock, a long one by the thread's processor time, for it is likely to be interrupted on a machine shared
//! with others. As a virtual machine may credit stolen time to the thread, of long batches the lower decile counts and not the minimum.

use crate::eval::Run;
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// A batch is long against reading the clock.
const BATCH: f64 = 50e-6;
/// And this is long against a scheduler's time slice.
const LONG: f64 = 1e-3;
const MIN_ROUNDS: usize = 10;

/// Seconds a call.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    /// Undisturbed.
    pub least: f64,
    /// What GradBench scores.
    pub mean: f64,
}

struct Contestant<'a> {
    run: &'a Run,
    calls: u32,
    batches: Vec<f64>,
    long: bool,
}

/// The time of each, in rounds until the budget is spent.
pub fn contest(runs: &[Run], budget: Duration) -> Vec<Time> {
    let mut contestants: Vec<Contestant<'_>> = runs.iter().map(Contestant::new).collect();
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < MIN_ROUNDS || start.elapsed() < budget {
        for contestant in &mut contestants {
            let seconds = contestant.batch() / f64::from(contestant.calls);
            contestant.batches.push(seconds);
        }
        rounds += 1;
    }
    contestants.iter_mut().map(Contestant::time).collect()
}

impl<'a> Contestant<'a> {
    fn new(run: &'a Run) -> Contestant<'a> {
        let mut contestant = Contestant { run, calls: 1, batches: Vec::new(), long: false };
        contestant.batch();
        while contestant.batch() < BATCH && contestant.calls < 1 << 20 {
            contestant.calls *= 2;
        }
        contestant.long = contestant.batch() > LONG;
        contestant
    }

    fn batch(&self) -> f64 {
        let (wall, thread) = (Instant::now(), thread_seconds());
        for _ in 0..self.calls {
            black_box((self.run)());
        }
        if self.long { thread_seconds() - thread } else { wall.elapsed().as_secs_f64() }
    }

    fn time(&mut self) -> Time {
        self.batches.sort_by(f64::total_cmp);
        let least = self.batches[if self.long { self.batches.len() / 10 } else { 0 }];
        Time { least, mean: self.batches.iter().sum::<f64>() / self.batches.len() as f64 }
    }
}

fn thread_seconds() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}
