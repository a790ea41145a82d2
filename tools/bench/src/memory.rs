//! Resident memory of a long chain, as the operating system counts it. Linux only.

use crate::chain::multiply_add;
use cotangent::number::Tape;
use std::hint::black_box;
use std::process::Command;

/// The argument that makes the report's own binary be [`child`].
pub const CHILD: &str = "--memory-child";

pub struct Resident {
    pub operations: usize,
    pub bytes: usize,
}

/// Runs a chain of this many operations in a process of its own: the peak of its resident memory above what it held
/// before.
pub fn of_chain(operations: usize) -> Option<Resident> {
    let output =
        Command::new(std::env::current_exe().ok()?).args([CHILD, &operations.to_string()]).output().ok()?;
    let bytes = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    Some(Resident { operations, bytes })
}

/// Prints the bytes.
pub fn child(operations: usize) {
    let before = peak().unwrap_or(0);
    let tape = Tape::new();
    let (a, b, start) = (tape.var(1.0 - 1e-9), tape.var(1e-9), tape.var(1.0));
    let y = multiply_add(&start, &a, &b, operations / 2);
    y.backward();
    black_box((a.grad(), b.grad()));
    println!("{}", peak().unwrap_or(0) - before);
}

fn peak() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
