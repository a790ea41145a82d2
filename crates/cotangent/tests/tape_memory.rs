//! The tape's promises about memory, counted by an allocator.

use cotangent::number::{Real, Tape};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what its own thread allocates: each test runs on a thread of its own, and the harness on another.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

#[allow(unsafe_code)] // An allocator cannot be written without.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        LIVE.set(LIVE.get().saturating_add(layout.size()));
        PEAK.set(PEAK.get().max(LIVE.get()));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get().saturating_sub(layout.size()));
        unsafe { System.dealloc(p, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// `realloc` is not forwarded above, so growing the tape counts the old and the new block as live at once: an upper bound
/// on what the process holds.
#[test]
fn ten_million_operations_within_a_gibibyte() {
    PEAK.set(LIVE.get());
    let before = LIVE.get();
    let n = 10_000_000;
    let tape = Tape::new();
    let a = tape.var(1.0 - 1e-7);
    let mut y = tape.var(1.0);
    for _ in 0..n / 2 {
        y = y * a + 1e-9;
    }
    assert_eq!(tape.len(), n + 2);
    y.backward();
    // y = aᵐ + c (1 − aᵐ)/(1 − a) with m = n/2; dy/da by the closed form.
    let (m, a_, c) = (n as f64 / 2.0, 1.0 - 1e-7_f64, 1e-9);
    let power = (m * (-1e-7_f64).ln_1p()).exp();
    let e = 1.0 - a_;
    let exact = m * power / a_ + c * ((1.0 - power) / (e * e) - m * power / a_ / e);
    assert!((a.grad() / exact - 1.0).abs() < 1e-6, "{} {exact}", a.grad());
    let peak = PEAK.get() - before;
    println!(
        "peak {:.0} MiB, {:.1} bytes an operation held",
        peak as f64 / 1048576.0,
        (LIVE.get() - before) as f64 / n as f64
    );
    assert!(peak <= 1 << 30, "peak {peak} bytes");
}

#[test]
fn forty_bytes_an_operation() {
    let n = 100_000;
    let before = LIVE.get();
    let tape = Tape::with_capacity(n);
    let mut y = tape.var(1.0);
    for _ in 1..n {
        y = y.sin();
    }
    y.backward();
    let held = LIVE.get() - before;
    assert!(held <= 40 * n, "{} bytes an operation", held as f64 / n as f64);
}

#[test]
fn reusing_a_tape_allocates_nothing() {
    let mut tape = Tape::new();
    let run = |tape: &mut Tape| {
        tape.clear();
        let (a, b) = (tape.var(0.9), tape.var(0.1));
        let mut y = tape.var(1.0);
        for _ in 0..10_000 {
            y = (y * a + b).tanh();
        }
        y.backward();
        (y * 2.0).backward(); // the accumulating sweep has a buffer of its own
        (a.grad(), b.grad())
    };
    let first = run(&mut tape);
    let before = ALLOCATIONS.get();
    let second = run(&mut tape);
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert_eq!(first, second);
    assert!(first.0 != 0.0 && first.1 != 0.0);
}
