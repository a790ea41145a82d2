//! Random numbers: the same for the same key, and distributed as they say.

use cotangent::core::{Prim, apply1};
use cotangent::op::{GammaSlope, next_key};
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

/// χ² of counts against expected ones, over its degrees of freedom: about 1.
fn chi_square(counts: &[usize], expected: &[f64]) -> f64 {
    let terms = counts.iter().zip(expected).map(|(&n, e)| (n as f64 - e).powi(2) / e);
    terms.sum::<f64>() / (counts.len() - 1) as f64
}

fn counts(x: &Tensor, n: usize) -> Vec<usize> {
    let mut counts = vec![0; n];
    x.to_vec::<i64>().iter().for_each(|&i| counts[i as usize] += 1);
    counts
}

/// The regularised lower incomplete gamma function, by its series.
fn gamma_cdf(alpha: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let (mut term, mut sum, mut n) = (1.0 / alpha, 0.0, 0.0);
    while term > 1e-16 * sum {
        sum += term;
        n += 1.0;
        term *= x / (alpha + n);
    }
    (sum.ln() + alpha * x.ln() - x - Real::lgamma(&alpha)).exp()
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * Real::erfc(&(-x / std::f64::consts::SQRT_2))
}

#[test]
fn continuous_distributions() {
    const N: usize = 20_000;
    for seed in 10..13 {
        let key = Key::new(seed);
        let mut seen = vec![
            (
                "uniform_range",
                key.uniform_range::<f64>([N], -2.0..6.0),
                gap as fn(&Tensor, fn(f64) -> f64) -> f64,
                (|x| (x + 2.0) / 8.0) as fn(f64) -> f64,
            ),
            ("exponential", key.exponential::<f64>([N]), gap, |x| 1.0 - (-x).exp()),
            ("exponential f32", key.exponential::<f32>([N]), gap, |x| 1.0 - (-x).exp()),
            ("gumbel", key.gumbel::<f64>([N]), gap, |x| (-(-x).exp()).exp()),
            ("gumbel f32", key.gumbel::<f32>([N]), gap, |x| (-(-x).exp()).exp()),
            ("gamma 0.2", key.gamma(&Tensor::full([N], 0.2)), gap, |x| gamma_cdf(0.2, x)),
            ("gamma 1", key.gamma(&Tensor::full([N], 1.0)), gap, |x| 1.0 - (-x).exp()),
            ("gamma 3.5", key.gamma(&Tensor::full([N], 3.5)), gap, |x| gamma_cdf(3.5, x)),
            ("gamma 3.5 f32", key.gamma(&Tensor::full([N], 3.5f32)), gap, |x| gamma_cdf(3.5, x)),
            ("gamma 200", key.gamma(&Tensor::full([N], 200.0)), gap, |x| gamma_cdf(200.0, x)),
            ("log_gamma 0.01", key.log_gamma(&Tensor::full([N], 0.01)) * 0.01, gap, |y| {
                // Of so small a shape ln g/100 is about an exponential number; only the largest differ.
                if y < -0.05 {
                    (y - 0.01 * Real::lgamma(&1.01) / 0.01).exp().min(1.0)
                } else {
                    gamma_cdf(0.01, (y * 100.0).exp())
                }
            }),
            ("beta(2, 1)", key.beta(&Tensor::full([N], 2.0), &Tensor::from(1.0)), gap, |x| x * x),
            ("beta(1, 3)", key.beta(&Tensor::full([N], 1.0), &Tensor::from(3.0)), gap, |x| {
                1.0 - (1.0 - x).powi(3)
            }),
            // A part of a uniform point of the simplex.
            (
                "dirichlet",
                key.dirichlet(&Tensor::ones::<f64>([N, 3])).take(&Tensor::from(1_i64), 1),
                gap,
                |x| 1.0 - (1.0 - x).powi(2),
            ),
            ("truncated middle", key.truncated_normal::<f64>([N], -1.0..2.0), gap, |x| {
                (normal_cdf(x) - normal_cdf(-1.0)) / (normal_cdf(2.0) - normal_cdf(-1.0))
            }),
            ("truncated above", key.truncated_normal::<f64>([N], 6.0..f64::INFINITY), gap, |x| {
                1.0 - normal_cdf(-x) / normal_cdf(-6.0)
            }),
            ("truncated below", key.truncated_normal::<f32>([N], -9.0..-3.0), gap, |x| {
                normal_cdf(x) / normal_cdf(-3.0)
            }),
            // Far out the tail is exponential.
            (
                "truncated far",
                (key.truncated_normal::<f64>([N], 60.0..f64::INFINITY) - 60.0) * 60.0,
                gap,
                |x| 1.0 - (-x - x * x / 7200.0).exp(),
            ),
            (
                "not truncated",
                key.truncated_normal::<f64>([N], f64::NEG_INFINITY..f64::INFINITY),
                gap,
                normal_cdf,
            ),
        ];
        for (name, x, gap, cdf) in seen.drain(..) {
            let gap = gap(&x, cdf);
            assert!(gap < RARE, "{name}, seed {seed}: {gap}");
        }
    }
}

#[test]
fn ranges_are_kept() {
    let key = Key::new(1);
    let x = key.truncated_normal::<f32>([50_000], -0.1..0.3).to_vec::<f32>();
    assert!(x.iter().all(|&x| (-0.1..=0.3).contains(&f64::from(x))));
    // So narrow that nearly every sum rounds to an end.
    let high = 1.0 + 4.0 * f64::from(f32::EPSILON);
    let x = key.uniform_range::<f32>([1000], 1.0..high).to_vec::<f32>();
    assert!(x.iter().all(|&x| (1.0..high).contains(&f64::from(x))));
    let x = key.uniform_range::<f64>([1000], -1.0..-1.0 + f64::EPSILON).to_vec::<f64>();
    assert!(x.iter().all(|x| (-1.0..-1.0 + f64::EPSILON).contains(x)));
}

#[test]
fn discrete_distributions() {
    const N: usize = 60_000;
    for seed in 20..23 {
        let key = Key::new(seed);
        let fair = |n: usize| vec![N as f64 / n as f64; n];
        assert!(chi_square(&counts(&key.randint([N], 0..7), 7), &fair(7)) < 4.0);
        // More than half of the words would favour some of these.
        let third = i64::MAX / 3;
        let wide = key.randint([N], -third..2 * third);
        let parts = wide.to_vec::<i64>().iter().map(|x| (x + third) / (third / 2 + 1)).collect::<Vec<i64>>();
        assert!(chi_square(&counts(&Tensor::from(parts), 6), &fair(6)) < 4.0);
        let p = [0.1, 0.2, 0.0, 0.7];
        let logits = Tensor::from(p).ln().broadcast_to([N, 4]);
        let seen = counts(&key.categorical(&logits, -1), 4);
        assert_eq!(seen[2], 0);
        let (kept, expected) = ([seen[0], seen[1], seen[3]], [0.1, 0.2, 0.7].map(|p| p * N as f64));
        assert!(chi_square(&kept, &expected) < 6.0, "{seen:?}");
        let coins = counts(&key.bernoulli([N], 0.3).to(DType::I64), 2);
        assert!(chi_square(&coins, &[0.7 * N as f64, 0.3 * N as f64]) < 9.0);
        // Every order of three is as likely.
        let orders = vmap(|key: &Key| key.permutation(3))(&key.batch(N)).to_vec::<i64>();
        let index = orders.chunks(3).map(|o| o[0] * 2 + i64::from(o[1] > o[2])).collect::<Vec<i64>>();
        assert!(chi_square(&counts(&Tensor::from(index), 6), &fair(6)) < 4.0);
    }
    let never = Key::new(0).bernoulli([1000], 0.0).to_vec::<bool>();
    let always = Key::new(0).bernoulli([1000], &Tensor::full([1000], 1f32)).to_vec::<bool>();
    assert!(never.iter().all(|&x| !x) && always.iter().all(|&x| x));
}

/// Draws on a batch of keys are those of a loop, whatever the distribution.
#[test]
fn batches_of_keys() {
    let alpha = Tensor::from([0.4, 3.0]);
    type Draw<'a> = &'a dyn Fn(&Key) -> Tensor;
    let draws: [Draw; 12] = [
        &|key| key.uniform_range::<f32>([3], -1.0..1.0),
        &|key| key.randint([2, 2], -5..5).to(DType::F64),
        &|key| key.bernoulli([4], 0.4).to(DType::F64),
        &|key| key.categorical(&alpha.broadcast_to([40, 2]), 1).to(DType::F64),
        &|key| key.permutation(5).to(DType::F64),
        &|key| key.shuffle(&Tensor::arange::<f64>(6).reshape([3, 2]), 0),
        &|key| key.truncated_normal::<f64>([3], 0.0..1.0),
        &|key| key.exponential::<f64>([3]),
        &|key| key.gamma(&alpha),
        &|key| key.beta(&alpha, &Tensor::from(1.5)),
        &|key| key.dirichlet(&alpha),
        &|key| key.fold_in(3).normal::<f64>([2]),
    ];
    let key = Key::new(9);
    for (i, draw) in draws.iter().enumerate() {
        let looped: Vec<Tensor> = key.split(4).iter().map(draw).collect();
        let got = vmap(|key: &Key| draw(key))(&key.batch(4));
        assert!(got == Tensor::stack(&looped, 0), "{i}");
        assert!(looped[0] != looped[1] && draw(&key) == draw(&key), "{i}");
        // Compiled or not, and with another key for each step.
        let steps = vmap(|n: &Tensor| draw(&key.fold_in(n.clone())))(&Tensor::arange::<i64>(3));
        let looped: Vec<Tensor> = (0..3).map(|n| draw(&key.fold_in(n))).collect();
        assert!(steps == Tensor::stack(&looped, 0), "{i}");
    }
    // One key, a batch of parameters: each is drawn as alone.
    let alphas = Tensor::from([[0.5, 2.0], [1.5, 30.0]]);
    let got = vmap(|alpha: &Tensor| key.gamma(alpha))(&alphas);
    assert_eq!(got.to_vec::<f64>()[2..], key.gamma(&alphas.index(1)).to_vec::<f64>());
}

#[test]
fn special_shapes_of_gamma() {
    let alpha = Tensor::from([0.0, -1.0, f64::NAN, f64::INFINITY, 1e300, 1e-300]);
    let y = Key::new(0).gamma(&alpha).to_vec::<f64>();
    assert!(y[0] == 0.0 && y[1].is_nan() && y[2].is_nan() && y[3] == f64::INFINITY && y[5] == 0.0, "{y:?}");
    assert!((y[4] / 1e300 - 1.0).abs() < 1e-12);
    // Underflown, it stays where it is.
    let g = grad(|alpha: &Tensor| Key::new(0).gamma(alpha).sum())(&Tensor::from([1e-5, 1e-6]));
    assert_eq!(g.to_vec::<f64>(), [0.0, 0.0]);
    assert_eq!(Key::new(0).gamma(&Tensor::zeros::<f32>([0, 2])).shape().to_string(), "[0,2]");
}

/// x·∂(ln x)/∂α against `jax.lax.random_gamma_grad`.
#[test]
fn slopes_of_gamma_by_jax() {
    let table = [
        (0.1, 0.0001, 0.008787466900722504),
        (0.5, 0.3, 1.0098019459488552),
        (1.0, 0.7, 0.973218740992388),
        (2.5, 6.0, 1.6029866492202423),
        (10.0, 8.0, 0.9075477177235474),
        (100.0, 115.0, 1.0732948065959589),
        (1000.0, 980.0, 0.9900976614121512),
    ];
    for (alpha, x, expected) in table {
        let (alpha, x) = (Tensor::from(alpha), Tensor::from(x));
        let slope = &x * apply1(Prim::new(GammaSlope { order: 0 }), &[&alpha, &x.ln()]);
        assert!((slope.item::<f64>() / expected - 1.0).abs() < 1e-9, "{alpha} {x}: {slope} {expected}");
    }
}

/// A number that keeps its probability: F(α + h, g + h·slope) = F(α, g), to the second order.
#[test]
fn gamma_keeps_its_probability() {
    for (alpha, seed) in [(0.3, 1), (1.0, 2), (4.0, 3), (80.0, 4)] {
        let key = Key::new(seed);
        let x = Tensor::from(alpha);
        for (log, draw) in [(false, Key::gamma as fn(&Key, &Tensor) -> Tensor), (true, Key::log_gamma)] {
            let draw = |alpha: &Tensor| draw(&key, alpha);
            let y = draw(&x).item::<f64>();
            let first = grad(draw)(&x).item::<f64>();
            let second = hessian(draw)(&x).item::<f64>();
            let cdf = |alpha: f64, y: f64| gamma_cdf(alpha, if log { y.exp() } else { y });
            let h = 1e-3 * alpha;
            for h in [h, -h] {
                let there = cdf(alpha + h, y + h * first + 0.5 * h * h * second);
                assert!((there - cdf(alpha, y)).abs() < 2e-8, "{alpha} {log}: {there} {}", cdf(alpha, y));
            }
        }
    }
}

/// The mean over keys of the gradient is the gradient of the mean: E g² = α(α + 1).
#[test]
fn gradients_through_gamma() {
    let key = Key::new(0);
    for alpha in [0.5, 2.0, 50.0] {
        let second_moment = |n: usize| {
            let key = &key;
            move |alpha: &Tensor| key.gamma(&alpha.broadcast_to([n])).square().mean()
        };
        let at = Tensor::from(alpha);
        let slope = grad(second_moment(10_000))(&at).item::<f64>();
        assert!((slope / (2.0 * alpha + 1.0) - 1.0).abs() < 0.05, "{alpha}: {slope}");
        let bend = hessian(second_moment(4_000))(&at).item::<f64>();
        assert!((bend - 2.0).abs() < 0.2, "{alpha}: {bend}");
    }
    // The mean of a Dirichlet distribution is α/Σα.
    let mean = |alpha: &Tensor| key.dirichlet(&alpha.broadcast_to([10_000, 3])).mean_axes(0).index(0);
    let g = grad(mean)(&Tensor::from([1.0, 2.0, 3.0])).to_vec::<f64>();
    for (g, expected) in g.iter().zip([5.0 / 36.0, -1.0 / 36.0, -1.0 / 36.0]) {
        assert!((g - expected).abs() < 0.006, "{g} {expected}");
    }
}

/// The first numbers of every distribution: the same on every machine, and in every version.
#[test]
fn golden_numbers() {
    let key = Key::new(42);
    assert_eq!(key.randint([4], -10..10).to_vec::<i64>(), [0, 7, -5, -10]);
    assert_eq!(key.permutation(6).to_vec::<i64>(), [2, 1, 0, 4, 3, 5]);
    assert_eq!(key.fold_in(5).bits([2], 32).to_vec::<i64>(), [1027086325, 1853051956]);
    let near = |x: Tensor, expected: [f64; 2]| {
        let x = x.to_vec::<f64>();
        assert!(x.iter().zip(expected).all(|(x, e)| (x / e - 1.0).abs() < 1e-12), "{x:?}");
    };
    near(key.gamma(&Tensor::from([0.5, 3.0])), [1.4889486242890566, 4.0111209598354725]);
    near(key.truncated_normal::<f64>([2], 0.0..1.0), [0.32379246107512244, 0.6760911471126847]);
}

#[test]
fn the_generator() {
    manual_seed(3);
    let first = (
        Tensor::rand::<f64>([2]),
        Tensor::randn::<f32>([2]),
        Tensor::randint([5], 0..100),
        Tensor::randperm(9),
    );
    manual_seed(3);
    let again = (
        Tensor::rand::<f64>([2]),
        Tensor::randn::<f32>([2]),
        Tensor::randint([5], 0..100),
        Tensor::randperm(9),
    );
    assert!(first.0 == again.0 && first.1 == again.1 && first.2 == again.2 && first.3 == again.3);
    assert!(Tensor::rand::<f64>([2]) != first.0);
    // Not the numbers of a key of the same seed; and another thread has its own.
    manual_seed(3);
    assert!(next_key().uniform::<f64>([2]) != Key::new(3).uniform::<f64>([2]));
    let other = std::thread::spawn(|| {
        manual_seed(3);
        Tensor::rand::<f64>([2]).to_vec::<f64>()
    });
    assert_eq!(other.join().unwrap(), first.0.to_vec::<f64>());
    // A trace that has ended does not count, nor one that has failed.
    grad(|x: &Tensor| x.sin())(&Tensor::from(1.0));
    let failed =
        std::panic::catch_unwind(|| grad(|x: &Tensor| x * Tensor::rand::<f64>([]))(&Tensor::from(1.0)));
    assert!(failed.is_err());
    Tensor::rand::<f64>([2]);
}
