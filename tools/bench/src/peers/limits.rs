//! What memory allows: a copy, and a sum of two with a factor, over buffers that are there already.

use super::Run;
use cotangent::core::Tensor;
use cotangent_kernels::threads;

/// Entries that a thread takes at a time.
const CHUNK: usize = 1 << 15;

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Run> {
    let values = |i: usize| inputs[i].to_vec::<f32>();
    match name {
        "limit: copy" => {
            let x = values(0);
            let mut y = vec![0_f32; x.len()];
            Some(Box::new(move || {
                threads::chunks(&mut y, CHUNK, |i, y| y.copy_from_slice(&x[i * CHUNK..][..y.len()]));
                std::hint::black_box(&mut y);
                Vec::new()
            }))
        }
        "limit: triad" => {
            let (a, b) = (values(0), values(1));
            let mut y = vec![0_f32; a.len()];
            Some(Box::new(move || {
                threads::chunks(&mut y, CHUNK, |i, y| {
                    let inputs = a[i * CHUNK..].iter().zip(&b[i * CHUNK..]);
                    y.iter_mut().zip(inputs).for_each(|(y, (a, b))| *y = a + 3.0 * b);
                });
                std::hint::black_box(&mut y);
                Vec::new()
            }))
        }
        "limit: read" => {
            let x = values(0);
            Some(Box::new(move || {
                let sums = threads::collect(x.len().div_ceil(CHUNK), |i| {
                    let mut lanes = [0_f32; 64];
                    let part = &x[i * CHUNK..((i + 1) * CHUNK).min(x.len())];
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
