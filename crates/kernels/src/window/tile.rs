//! The inner loops of convolution: plain loops over arrays of a fixed length, compiled for each kind of processor.

use crate::vector::{Scalar, Vector};
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256, __m256d, __m512, __m512d};

/// A float.
pub(super) trait Lane: Scalar {
    /// The loops of this processor where vectors are of features.
    fn feature_blocks(level: Level) -> Vec<Block<Self>>;
    /// The loops where they are of neighbouring windows.
    fn row_block(level: Level) -> Block<Self>;
    /// The loops where they are of neighbouring taps.
    fn tap_block(level: Level) -> Block<Self>;
}
macro_rules! lane {
    ($float:ty, $wide:ident, $narrow:ident) => {
        impl Lane for $float {
            fn feature_blocks(level: Level) -> Vec<Block<$float>> {
                match level {
                    Level::Plain => vec![by_feature(plain::features::<$float, [$float; 4], 2, 4>, 8)],
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx2 => {
                        const N: usize = <$narrow as Vector<$float>>::LANES;
                        vec![
                            by_feature(avx2::features::<$float, $narrow, 1, 8>, N),
                            by_feature(avx2::features::<$float, $narrow, 2, 4>, 2 * N),
                        ]
                    }
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512 => {
                        const N: usize = <$narrow as Vector<$float>>::LANES;
                        vec![
                            by_feature(avx512::features::<$float, $narrow, 1, 8>, N),
                            by_feature(avx512::features::<$float, $wide, 1, 8>, 2 * N),
                            by_feature(avx512::features::<$float, $wide, 2, 8>, 4 * N),
                        ]
                    }
                }
            }
            fn row_block(level: Level) -> Block<$float> {
                match level {
                    Level::Plain => by_row(plain::rows::<$float, [$float; 4], 8>, 4),
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx2 => {
                        by_row(avx2::rows::<$float, $narrow, 8>, <$narrow as Vector<$float>>::LANES)
                    }
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512 => {
                        by_row(avx512::rows::<$float, $wide, 8>, <$wide as Vector<$float>>::LANES)
                    }
                }
            }
            fn tap_block(level: Level) -> Block<$float> {
                match level {
                    Level::Plain => by_row(plain::taps::<$float, [$float; 4], 8>, 4),
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx2 => {
                        by_row(avx2::taps::<$float, $narrow, 8>, <$narrow as Vector<$float>>::LANES)
                    }
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512 => {
                        by_row(avx512::taps::<$float, $wide, 8>, <$wide as Vector<$float>>::LANES)
                    }
                }
            }
        }
    };
}
lane!(f32, __m512, __m256);
lane!(f64, __m512d, __m256d);

fn by_feature<T>(run: fn(Job<T>), lanes: usize) -> Block<T> {
    Block { features: lanes, lanes, run }
}
fn by_row<T>(run: fn(Job<T>), lanes: usize) -> Block<T> {
    Block { features: usize::MAX, lanes, run }
}

/// Some taps of some features of a group: what is to be added to the result.
pub(super) struct Job<'a, T> {
    pub x: &'a [T],
    /// For each tap, how far its entry is from a window's beginning.
    pub taps: &'a [usize],
    /// For each tap a vector of features; or, for rows, for each feature its taps.
    pub weights: &'a [T],
    /// Where windows begin in a plane of the operand, and their place in one of the result; in rows.
    pub places: &'a [(usize, usize)],
    pub row: usize,
    /// How many neighbouring taps meet neighbouring entries; for loops over taps there are only such.
    pub run: usize,
    /// How many examples, and how far they lie apart.
    pub batch: usize,
    pub x_batch: usize,
    pub y_batch: usize,
    /// How many features, and how far they lie apart.
    pub features: usize,
    pub y_plane: usize,
    pub y: &'a mut [T],
}

impl<T> Job<'_, T> {
    /// Panics if a tap of a window, and so many entries after it, lies beyond the operand.
    fn check(&self, after: usize) {
        let most = |list: &mut dyn Iterator<Item = usize>| list.max().unwrap_or(0);
        let last = most(&mut self.places.iter().map(|place| place.0)) + most(&mut self.taps.iter().copied());
        assert!((self.batch - 1) * self.x_batch + last + after < self.x.len(), "a tap beyond the operand");
    }
}

/// Loops that do some features at once.
pub(super) struct Block<T> {
    /// How many features, and how many numbers their vector has.
    pub features: usize,
    pub lanes: usize,
    pub run: fn(Job<T>),
}

/// The loops for a convolution.
pub(super) struct Tiles<T> {
    /// From the smallest.
    blocks: Vec<Block<T>>,
    /// How many numbers the largest vector has.
    pub lanes: usize,
}

impl<T: Lane> Tiles<T> {
    /// The loops where vectors are of features.
    pub fn of_features(level: Level) -> Tiles<T> {
        Tiles::new(T::feature_blocks(level))
    }

    /// The loops where vectors are of neighbouring windows.
    pub fn of_rows(level: Level) -> Tiles<T> {
        Tiles::new(vec![T::row_block(level)])
    }

    /// The loops where vectors are of neighbouring taps.
    pub fn of_taps(level: Level) -> Tiles<T> {
        Tiles::new(vec![T::tap_block(level)])
    }

    fn new(blocks: Vec<Block<T>>) -> Tiles<T> {
        let lanes = blocks.iter().map(|block| block.lanes).max().unwrap_or(1);
        Tiles { blocks, lanes }
    }

    /// The loops for the next of so many features: the widest of whose vector they fill three quarters.
    pub fn block(&self, features: usize) -> &Block<T> {
        let worth =
            |block: &&Block<T>| 4 * features >= 3 * block.lanes || block.lanes == self.blocks[0].lanes;
        self.blocks.iter().rev().find(worth).unwrap_or(&self.blocks[0])
    }
}

/// What this processor does best.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) enum Level {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// What the processor that this runs on can do.
    pub fn here() -> Level {
        #[cfg(target_arch = "x86_64")]
        {
            let fma = std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma");
            if fma && std::is_x86_feature_detected!("avx512f") && std::is_x86_feature_detected!("avx512vl") {
                return Level::Avx512;
            }
            if fma {
                return Level::Avx2;
            }
        }
        Level::Plain
    }

    /// Those that this processor can be asked for, itself among them.
    #[cfg(test)]
    pub fn all() -> Vec<Level> {
        let known = [
            Level::Plain,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2,
            #[cfg(target_arch = "x86_64")]
            Level::Avx512,
        ];
        known.into_iter().filter(|level| *level <= Level::here()).collect()
    }
}

/// The loops below for processors that have been asked what they can do.
macro_rules! loops {
    ($name:ident $(, $features:literal)?) => {
        #[allow(unsafe_code)]
        mod $name {
            use super::{Job, Lane, Vector};

            $(#[target_feature(enable = $features)])?
            unsafe fn enabled_features<T: Lane, V: Vector<T>, const M: usize, const R: usize>(job: Job<T>) {
                // SAFETY: the caller knows the processor.
                unsafe { super::features::<T, V, M, R>(job) }
            }
            $(#[target_feature(enable = $features)])?
            unsafe fn enabled_rows<T: Lane, V: Vector<T>, const R: usize>(job: Job<T>) {
                // SAFETY: the caller knows the processor.
                unsafe { super::rows::<T, V, R>(job) }
            }
            $(#[target_feature(enable = $features)])?
            unsafe fn enabled_taps<T: Lane, V: Vector<T>, const R: usize>(job: Job<T>) {
                // SAFETY: the caller knows the processor.
                unsafe { super::taps::<T, V, R>(job) }
            }
            pub fn taps<T: Lane, V: Vector<T>, const R: usize>(job: Job<T>) {
                // SAFETY: `Level::here` has found what these loops are compiled for, or less was asked for.
                unsafe { enabled_taps::<T, V, R>(job) }
            }
            pub fn features<T: Lane, V: Vector<T>, const M: usize, const R: usize>(job: Job<T>) {
                // SAFETY: `Level::here` has found what these loops are compiled for, or less was asked for.
                unsafe { enabled_features::<T, V, M, R>(job) }
            }
            pub fn rows<T: Lane, V: Vector<T>, const R: usize>(job: Job<T>) {
                // SAFETY: `Level::here` has found what these loops are compiled for, or less was asked for.
                unsafe { enabled_rows::<T, V, R>(job) }
            }
        }
    };
}
loops!(plain);
#[cfg(target_arch = "x86_64")]
loops!(avx2, "avx2,fma");
#[cfg(target_arch = "x86_64")]
loops!(avx512, "avx512f,avx512vl,avx2,fma");

/// The most numbers that a tile has for one window or one piece of a row.
const MOST: usize = 32;

/// `R` windows times `M` vectors of features at a time.
///
/// # Safety
/// The processor has the registers `V`.
#[inline(always)]
#[allow(unsafe_code)]
unsafe fn features<T: Lane, V: Vector<T>, const M: usize, const R: usize>(job: Job<T>) {
    let lanes = M * V::LANES;
    job.check(0);
    assert!(job.weights.len() == job.taps.len() * lanes && lanes <= MOST, "a vector for each tap");
    let total = job.batch * job.places.len();
    let (mut example, mut place) = (0, 0);
    let mut sums = [[T::default(); MOST]; R];
    for done in (0..total).step_by(R) {
        let count = R.min(total - done);
        let (mut at, mut to) = ([0; R], [0; R]);
        for r in 0..count {
            let (x, y) = job.places[place];
            (at[r], to[r]) = (example * job.x_batch + x, example * job.y_batch + y);
            place += 1;
            if place == job.places.len() {
                (example, place) = (example + 1, 0);
            }
        }
        let x = job.x.as_ptr();
        // SAFETY: `check` compared the largest sum of a place and a tap with the length; a place that is not there is the first.
        let at = at.map(|at| unsafe { x.add(at) });
        // SAFETY: the caller knows the processor.
        let mut tile = unsafe { [[V::splat(T::default()); M]; R] };
        let mut weights = job.weights.as_ptr();
        for &tap in job.taps {
            // SAFETY: as for `at`; and the weights have been counted.
            unsafe {
                let mut vectors = [V::splat(T::default()); M];
                for (m, vector) in vectors.iter_mut().enumerate() {
                    *vector = V::load(weights.add(m * V::LANES));
                }
                weights = weights.add(lanes);
                for r in 0..R {
                    let x = V::splat(*at[r].add(tap));
                    for m in 0..M {
                        tile[r][m] = tile[r][m].add_product(x, vectors[m]);
                    }
                }
            }
        }
        for r in 0..R {
            for (m, vector) in tile[r].iter().enumerate() {
                // SAFETY: M vectors are at most MOST numbers.
                unsafe { vector.store(sums[r].as_mut_ptr().add(m * V::LANES)) }
            }
        }
        for feature in 0..job.features {
            let y = &mut job.y[feature * job.y_plane..];
            for (&to, sums) in to.iter().zip(&sums).take(count) {
                y[to] = y[to] + sums[feature];
            }
        }
    }
}

/// `R` pieces of rows at a time, each a vector of neighbouring windows for one feature.
///
/// # Safety
/// The processor has the registers `V`.
#[inline(always)]
#[allow(unsafe_code)]
unsafe fn rows<T: Lane, V: Vector<T>, const R: usize>(job: Job<T>) {
    job.check(V::LANES - 1);
    let pieces = job.row.div_ceil(V::LANES);
    let rows = job.places.len() / job.row;
    let total = job.batch * rows * pieces * job.features;
    let taps = job.taps.len();
    assert!(
        job.weights.len() == job.features * taps && V::LANES <= MOST,
        "a weight for each tap and feature"
    );
    let mut sums = [[T::default(); MOST]; R];
    for done in (0..total).step_by(R) {
        let count = R.min(total - done);
        let (mut at, mut to, mut own, mut lengths) = ([0; R], [0; R], [0; R], [0; R]);
        for r in 0..count {
            let (i, feature) = ((done + r) / job.features, (done + r) % job.features);
            let (i, part) = (i / pieces, i % pieces);
            let (example, row) = (i / rows, i % rows);
            let (x, y) = job.places[row * job.row + part * V::LANES];
            at[r] = example * job.x_batch + x;
            to[r] = example * job.y_batch + feature * job.y_plane + y;
            own[r] = feature * taps;
            lengths[r] = V::LANES.min(job.row - part * V::LANES);
        }
        let (x, weights) = (job.x.as_ptr(), job.weights.as_ptr());
        // SAFETY: `check` compared the largest sum of a place, a tap and a vector with the length; a piece that is not there is the first.
        let at = at.map(|at| unsafe { x.add(at) });
        // SAFETY: each feature has as many weights as there are taps.
        let own = own.map(|own| unsafe { weights.add(own) });
        // SAFETY: the caller knows the processor.
        let mut tile = unsafe { [V::splat(T::default()); R] };
        for (t, &tap) in job.taps.iter().enumerate() {
            for r in 0..R {
                // SAFETY: as for `at` and `own`.
                unsafe {
                    tile[r] = tile[r].add_product(V::load(at[r].add(tap)), V::splat(*own[r].add(t)));
                }
            }
        }
        for r in 0..count {
            // SAFETY: a vector has at most MOST numbers.
            unsafe { tile[r].store(sums[r].as_mut_ptr()) }
            let y = &mut job.y[to[r]..to[r] + lengths[r]];
            y.iter_mut().zip(&sums[r]).for_each(|(y, &sum)| *y = *y + sum);
        }
    }
}

/// `R` windows at a time, each for one feature, a vector of neighbouring taps after the other.
///
/// # Safety
/// The processor has the registers `V`.
#[inline(always)]
#[allow(unsafe_code)]
unsafe fn taps<T: Lane, V: Vector<T>, const R: usize>(job: Job<T>) {
    job.check(0);
    let count = job.taps.len();
    let runs = job.taps.chunks_exact(job.run);
    let together = runs.clone().all(|run| run.windows(2).all(|pair| pair[1] == pair[0] + 1));
    assert!(together && count.is_multiple_of(job.run), "neighbouring taps");
    assert!(
        job.weights.len() == job.features * count && V::LANES <= MOST,
        "a weight for each tap and feature"
    );
    let whole = job.run - job.run % V::LANES;
    let total = job.batch * job.places.len() * job.features;
    let mut sums = [T::default(); MOST];
    for done in (0..total).step_by(R) {
        let now = R.min(total - done);
        let (mut at, mut to, mut own) = ([0; R], [0; R], [0; R]);
        for r in 0..now {
            let (i, feature) = ((done + r) / job.features, (done + r) % job.features);
            let (example, (x, y)) = (i / job.places.len(), job.places[i % job.places.len()]);
            at[r] = example * job.x_batch + x;
            to[r] = example * job.y_batch + feature * job.y_plane + y;
            own[r] = feature * count;
        }
        let (x, weights) = (job.x.as_ptr(), job.weights.as_ptr());
        // SAFETY: `check` compared the largest sum of a place and a tap with the length; a window that is not there is the first.
        let at = at.map(|at| unsafe { x.add(at) });
        // SAFETY: each feature has as many weights as there are taps.
        let own = own.map(|own| unsafe { weights.add(own) });
        // SAFETY: the caller knows the processor.
        let mut tile = unsafe { [V::splat(T::default()); R] };
        let mut ends = [T::default(); R];
        for (i, run) in runs.clone().enumerate() {
            let first = i * job.run;
            for t in (0..whole).step_by(V::LANES) {
                for r in 0..R {
                    // SAFETY: as for `at` and `own`; the taps of a run are neighbours.
                    unsafe {
                        let x = V::load(at[r].add(run[0] + t));
                        tile[r] = tile[r].add_product(x, V::load(own[r].add(first + t)));
                    }
                }
            }
            for t in whole..job.run {
                for r in 0..R {
                    // SAFETY: as above.
                    unsafe { ends[r] = ends[r] + *at[r].add(run[0] + t) * *own[r].add(first + t) }
                }
            }
        }
        for r in 0..now {
            // SAFETY: a vector has at most MOST numbers.
            unsafe { tile[r].store(sums.as_mut_ptr()) }
            let sum = sums[..V::LANES].iter().fold(ends[r], |sum, &x| sum + x);
            job.y[to[r]] = job.y[to[r]] + sum;
        }
    }
}
