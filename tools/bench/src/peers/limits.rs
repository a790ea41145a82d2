//! What memory allows: a copy, also past the caches, and a sum of two with a factor, over buffers that are there already.

use super::Run;
use cotangent::core::Tensor;
use cotangent_kernels::threads;

/// Entries that a thread takes at a time, of so many: whole lines of the cache.
fn share(size: usize) -> usize {
    size.div_ceil(4 * threads::count()).next_multiple_of(16)
}

/// A copy whose lines are not read before they are written.
#[cfg(target_arch = "x86_64")]
fn copy_past_the_caches(x: &[f32], y: &mut [f32]) {
    use std::arch::x86_64::{_mm_loadu_ps, _mm_sfence, _mm_stream_ps};
    let first = y.as_ptr().align_offset(16).min(y.len());
    let (before, lines) = y.split_at_mut(first);
    let (x_before, x_lines) = x.split_at(first);
    before.copy_from_slice(x_before);
    let (lines, after) = lines.as_chunks_mut::<4>();
    let (x_lines, x_after) = x_lines.as_chunks::<4>();
    for (line, x) in lines.iter_mut().zip(x_lines) {
        // SAFETY: every x86-64 has these instructions; both are 16 bytes long, and `line` begins at a multiple of that.
        unsafe { _mm_stream_ps(line.as_mut_ptr(), _mm_loadu_ps(x.as_ptr())) };
    }
    after.copy_from_slice(x_after);
    // SAFETY: as above.
    unsafe { _mm_sfence() };
}

#[cfg(not(target_arch = "x86_64"))]
fn copy_past_the_caches(x: &[f32], y: &mut [f32]) {
    y.copy_from_slice(x);
}

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Run> {
    let values = |i: usize| inputs[i].to_vec::<f32>();
    match name {
        "limit: copy" | "limit: copy past the caches" => {
            let copy = match name {
                "limit: copy" => |x: &[f32], y: &mut [f32]| y.copy_from_slice(x),
                _ => copy_past_the_caches,
            };
            let x = values(0);
            let mut y = vec![0_f32; x.len()];
            Some(Box::new(move || {
                let share = share(x.len());
                threads::chunks(&mut y, share, |i, y| copy(&x[i * share..][..y.len()], y));
                std::hint::black_box(&mut y);
                Vec::new()
            }))
        }
        "limit: triad" => {
            let (a, b) = (values(0), values(1));
            let mut y = vec![0_f32; a.len()];
            Some(Box::new(move || {
                let share = share(a.len());
                threads::chunks(&mut y, share, |i, y| {
                    let inputs = a[i * share..].iter().zip(&b[i * share..]);
                    y.iter_mut().zip(inputs).for_each(|(y, (a, b))| *y = a + 3.0 * b);
                });
                std::hint::black_box(&mut y);
                Vec::new()
            }))
        }
        "limit: read" => {
            let x = values(0);
            Some(Box::new(move || {
                let share = share(x.len());
                let sums = threads::collect(x.len().div_ceil(share), |i| {
                    let mut lanes = [0_f32; 64];
                    let part = &x[i * share..((i + 1) * share).min(x.len())];
                    for run in part.chunks_exact(64) {
                        lanes.iter_mut().zip(run).for_each(|(sum, x)| *sum += x);
                    }
                    lanes.iter().sum::<f32>()
                });
                std::hint::black_box(sums);
                Vec::new()
            }))
        }
        _ => None,
    }
}
