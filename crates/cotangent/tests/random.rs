//! Random numbers: the same for the same key, and distributed as they say.

use cotangent::prelude::*;

/// The largest gap between the numbers' distribution and this one, times √n (Kolmogorov and Smirnov).
fn gap(x: &Tensor, distribution: impl Fn(f64) -> f64) -> f64 {
    let mut x = x.to(DType::F64).to_vec::<f64>();
    x.sort_by(f64::total_cmp);
    let n = x.len() as f64;
    let gaps = x.iter().enumerate().map(|(i, &x)| {
        let p = distribution(x);
        (p - i as f64 / n).max((i + 1) as f64 / n - p)
    });
    gaps.fold(0.0, f64::max) * n.sqrt()
}

/// Exceeded once in ten thousand.
const RARE: f64 = 2.2;

#[test]
fn distributions() {
    let normal = |x: f64| 0.5 * Real::erfc(&(-x / std::f64::consts::SQRT_2));
    for seed in 0..5 {
        let key = Key::new(seed);
        let (u, v) = (key.uniform::<f64>([20_000]), key.uniform::<f32>([20_000]));
        assert!(gap(&u, |x| x) < RARE && gap(&v, |x| x) < RARE);
        assert!(u.to_vec::<f64>().iter().all(|x| (0.0..1.0).contains(x)));
        assert!(v.to_vec::<f32>().iter().all(|x| (0.0..1.0).contains(x)));
        let (x, y) = (key.normal::<f64>([20_000]), key.normal::<f32>([20_000]));
        assert!(gap(&x, normal) < RARE && gap(&y, normal) < RARE);
        assert!(y.to_vec::<f32>().iter().all(|x| x.is_finite()));
    }
}

#[test]
fn a_key_is_a_value() {
    let key = Key::new(42);
    assert_eq!(key.bits([3], 63).to_vec::<i64>(), key.bits([3], 63).to_vec::<i64>());
    // The first words of Threefry under key 0, counter 0.
    assert_eq!(
        Key::new(0).bits([2], 63).to_vec::<i64>(),
        [(0xc2b6e3a8c2c69865_u64 >> 1) as i64, (0x6f81ed42f350084d_u64 >> 1) as i64]
    );
    let keys = key.split(100);
    let mut firsts: Vec<i64> = keys.iter().map(|key| key.bits([], 63).item()).collect();
    firsts.sort_unstable();
    firsts.dedup();
    assert_eq!(firsts.len(), 100);
}

#[test]
#[should_panic(expected = "`uniform` at crates/cotangent/tests/random.rs")]
fn integers_are_not_uniform_between_zero_and_one() {
    Key::new(0).uniform::<i32>([2]);
}

#[test]
fn batches_and_gradients() {
    let key = Key::new(7);
    let draw = |key: &Key| key.normal::<f64>([3]);
    let looped: Vec<Tensor> = key.split(4).iter().map(draw).collect();
    assert_eq!(vmap(draw)(&key.batch(4)).to_vec::<f64>(), Tensor::stack(&looped, 0).to_vec::<f64>());
    // μ + σ·ε: the derivative in σ is ε.
    let sample = |(mean, scale): &(Tensor, Tensor)| mean + scale * key.normal::<f64>([]);
    let (mean, scale) = grad(sample)(&(Tensor::from(1.0), Tensor::from(2.0)));
    assert_eq!((mean.item::<f64>(), scale.item::<f64>()), (1.0, key.normal::<f64>([]).item::<f64>()));
}
