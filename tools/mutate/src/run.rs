//! Runs the test binary against every mutant.

use crate::alter::Mutant;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A mutant that runs for longer than this, and than five times what the tests take without any alteration, has lost its way, and counts
/// as killed.
const LIMIT: Duration = Duration::from_secs(20);

/// For each mutant, whether a test failed. An error if one fails without any alteration.
pub fn all(binaries: &[PathBuf], mutants: &[Mutant]) -> Result<Vec<bool>, String> {
    // On a machine with other things to do the tests may take long.
    let mut limits = Vec::new();
    for binary in binaries {
        let start = Instant::now();
        if !passes(binary, 0, Duration::MAX)? {
            return Err(format!("the tests fail without any alteration: {}", binary.display()));
        }
        limits.push(LIMIT.max(5 * start.elapsed()));
    }
    let passes = |id: u32| -> Result<bool, String> {
        for (binary, &limit) in binaries.iter().zip(&limits) {
            if !passes(binary, id, limit)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, |n| n.get());
    let results = thread::scope(|scope| {
        let work = || {
            let mut results = Vec::new();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some(mutant) = mutants.get(i) else { return results };
                results.push((i, passes(mutant.id)));
            }
        };
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|h| h.join().expect("a worker panicked")).collect::<Vec<_>>()
    });
    let mut killed = vec![false; mutants.len()];
    for (i, passes) in results {
        killed[i] = !passes?;
    }
    Ok(killed)
}

/// Runs the tests under this alteration, up to the first failure.
fn passes(binary: &Path, id: u32, limit: Duration) -> Result<bool, String> {
    let mut child = Command::new(binary)
        .arg("--test-threads=1")
        .env("COTANGENT_MUTANT", id.to_string())
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("{}: {e}", binary.display()))?;
    let (sender, lines) = channel();
    let stdout = child.stdout.take().ok_or("no output of the tests")?;
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let start = Instant::now();
    let failed = loop {
        match lines.recv_timeout(limit.saturating_sub(start.elapsed())) {
            Ok(line) if line.ends_with("FAILED") => break true,
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => break true,
            Err(RecvTimeoutError::Disconnected) => break false,
        }
    };
    if failed {
        // It may have ended by itself meanwhile.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    Ok(!failed && status.success())
}
