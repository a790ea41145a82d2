//! Random bits from a key and a counter: the same key gives the same bits, on any machine and in any order.
//!
//! Threefry-2x64 with 20 rounds: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.

use crate::array::{Array, Shape};

/// The block cipher: 128 bits from a key and a counter.
///
/// ```
/// use cotangent_kernels::random::threefry;
/// assert_eq!(threefry([0, 0], [0, 0]), [0xc2b6e3a8c2c69865, 0x6f81ed42f350084d]);
/// ```
pub fn threefry(key: [u64; 2], counter: [u64; 2]) -> [u64; 2] {
    const ROTATIONS: [u32; 8] = [16, 42, 12, 31, 16, 32, 24, 21];
    let keys = [key[0], key[1], 0x1bd1_1bda_a9fc_1a22 ^ key[0] ^ key[1]];
    let mut x = [counter[0].wrapping_add(keys[0]), counter[1].wrapping_add(keys[1])];
    for round in 0..20 {
        x[0] = x[0].wrapping_add(x[1]);
        x[1] = x[1].rotate_left(ROTATIONS[round % 8]) ^ x[0];
        if round % 4 == 3 {
            let step = round / 4 + 1;
            x[0] = x[0].wrapping_add(keys[step % 3]);
            x[1] = x[1].wrapping_add(keys[(step + 1) % 3]).wrapping_add(step as u64);
        }
    }
    x
}

/// Uniform integers from 0 to 2^bits − 1 (`bits` from 1 to 63), of this shape for each key of `key` (`i64[…, 2]`).
///
/// ```
/// use cotangent_kernels::{random::bits, Array};
/// let y = bits(&Array::from_vec(vec![0_i64, 0], [2]), &[3].into(), 8);
/// assert_eq!(y.to_vec::<i64>().unwrap()[0], 0xc2);
/// ```
pub fn bits(key: &Array, shape: &Shape, bits: u32) -> Array {
    let keys = key.dense::<i64>();
    let count = shape.size();
    let mut out = Vec::with_capacity(keys.len() / 2 * count);
    for key in keys.chunks_exact(2) {
        let key = [key[0] as u64, key[1] as u64];
        for block in 0..count.div_ceil(2) {
            let words = threefry(key, [block as u64, 0]);
            let left = (count - 2 * block).min(2);
            out.extend(words[..left].iter().map(|word| (word >> (64 - bits)) as i64));
        }
    }
    let lead = &key.shape()[..key.rank() - 1];
    Array::from_vec(out, lead.iter().chain(shape.iter()).copied().collect::<Shape>())
}

/// `n` keys that have nothing to do with one another, for each key of `key` (`i64[…, 2]`): `i64[…, n, 2]`.
pub fn split(key: &Array, n: usize) -> Array {
    let keys = key.dense::<i64>();
    let mut out = Vec::with_capacity(keys.len() * n);
    for key in keys.chunks_exact(2) {
        // Another counter than that of the bits.
        let key = [key[0] as u64, key[1] as u64];
        out.extend((0..n).flat_map(|i| threefry(key, [i as u64, 1])).map(|word| word as i64));
    }
    let lead = &key.shape()[..key.rank() - 1];
    Array::from_vec(out, lead.iter().copied().chain([n, 2]).collect::<Shape>())
}
