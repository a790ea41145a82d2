//! Random numbers without a key, for eager use: each thread has a generator that hands out one key after another.

use super::random::Key;
use crate::core::{Element, Error, Shape, Tensor, in_trace, place, raise};
use cotangent_kernels::random::threefry;
use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

thread_local! {
    /// A seed, and how many keys were made of it. Without a seed it is one that nobody knows.
    static GENERATOR: Cell<(u64, u64)> = Cell::new((RandomState::new().hash_one(0), 0));
}

/// Starts this thread's generator anew: what [`Tensor::rand`] and its like give from here on is the same for the same seed. Without it
/// the numbers are others in every run. Every thread has its own.
///
/// ```
/// use cotangent::prelude::*;
/// manual_seed(7);
/// let x = Tensor::rand::<f64>([3]);
/// let y = Tensor::rand::<f64>([3]);
/// manual_seed(7);
/// assert!(x == Tensor::rand::<f64>([3]) && x != y);
/// ```
pub fn manual_seed(seed: u64) {
    GENERATOR.set((seed, 0));
}

/// A key that this thread's generator has not given before, for any distribution.
///
/// ```
/// use cotangent::{op::next_key, prelude::*};
/// manual_seed(7);
/// let x = next_key().gamma(&Tensor::from([1.0, 2.0]));
/// assert_eq!(x.shape().to_string(), "[2]");
/// ```
///
/// # Panics
/// While a function is traced: the numbers would be drawn once, and be constants of the program.
#[track_caller]
pub fn next_key() -> Key {
    if in_trace() {
        raise(
            Error::new("random numbers")
                .expected("a `Key`, as a function is being traced")
                .got("this thread's generator, whose numbers would become constants of the program")
                .help("pass a key to the function: `|(x, key): &(Tensor, Key)| x + key.normal::<f64>([3])`")
                .at(Some(place())),
        )
    }
    let (seed, count) = GENERATOR.get();
    GENERATOR.set((seed, count + 1));
    // Under another key than `Key::new(seed)`.
    let words = threefry([seed, 1], [count, 0]);
    Key::of(&Tensor::from(words.map(|word| word as i64)))
}

impl Tensor {
    /// Uniform numbers in [0, 1) from this thread's generator; see [`manual_seed`]. Inside a function that is traced use
    /// [`Key::uniform`].
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// manual_seed(0);
    /// assert!((Tensor::rand::<f32>([1000]).mean().item::<f32>() - 0.5).abs() < 0.05);
    /// ```
    #[track_caller]
    pub fn rand<T: Element>(shape: impl Into<Shape>) -> Tensor {
        next_key().uniform::<T>(shape)
    }

    /// Numbers of the standard normal distribution from this thread's generator; see [`manual_seed`].
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// manual_seed(0);
    /// assert!(Tensor::randn::<f64>([1000]).mean().item::<f64>().abs() < 0.1);
    /// ```
    #[track_caller]
    pub fn randn<T: Element>(shape: impl Into<Shape>) -> Tensor {
        next_key().normal::<T>(shape)
    }

    /// Uniform integers in a range (`i64`) from this thread's generator; see [`manual_seed`].
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// manual_seed(0);
    /// assert!(Tensor::randint([100], 1..7).max().item::<i64>() == 6);
    /// ```
    #[track_caller]
    pub fn randint(shape: impl Into<Shape>, range: Range<i64>) -> Tensor {
        next_key().randint(shape, range)
    }

    /// The numbers 0, 1, … n − 1 (`i64`) in random order, by this thread's generator; see [`manual_seed`].
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::randperm(4).sum().item::<i64>(), 6);
    /// ```
    #[track_caller]
    pub fn randperm(n: usize) -> Tensor {
        next_key().permutation(n)
    }
}
