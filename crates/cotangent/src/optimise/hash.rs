//! [`Quick`]: hashes of few words, for tables of what a program holds.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes a [`Mixer`].
pub(super) type Quick = BuildHasherDefault<Mixer>;

/// Each word is mixed in with one multiplication. Nobody chooses the keys to make them collide.
#[derive(Clone, Copy, Default)]
pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    #[inline]
    fn write_u64(&mut self, word: u64) {
        // Odd, with as many ones as zeros and no pattern: the digits of the golden ratio.
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.write_u64(byte.into());
    }
    #[inline]
    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }
    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
    fn write(&mut self, bytes: &[u8]) {
        for bytes in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    /// What a table looks at, the lowest bits and the highest ones, depends on all bits.
    #[inline]
    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ self.0 >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 32
    }
}
