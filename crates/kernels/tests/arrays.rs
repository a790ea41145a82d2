//! Arrays against index arithmetic done naively: views of views, every dtype, the shapes at the edges.

use cotangent_kernels::gather::{IndexError, gather, scatter_add};
use cotangent_kernels::map::{
    Float, Kernel, LaneFloat, Reach, blocks_in_place, broadcast, convert, map1, map2, run, run_in_place,
    select, stretches,
};
use cotangent_kernels::scan::prod;
use cotangent_kernels::select::top_k;
use cotangent_kernels::{Array, DType, Item, Shape, Type, contract, layout, random, reduce, sort};

/// A generator of its own, so that a failure can be seen again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % n
    }
    fn shape(&mut self, rank: usize) -> Vec<usize> {
        (0..rank).map(|_| [0, 1, 2, 3, 4][self.below(20).min(4)]).collect()
    }
}

/// An array as a function of its indices: what views are compared with.
#[derive(Clone)]
struct Naive {
    shape: Vec<usize>,
    values: Vec<i64>,
}

fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![Vec::new()], |all, &n| {
        all.iter().flat_map(|index| (0..n).map(|i| [&index[..], &[i]].concat())).collect()
    })
}

impl Naive {
    fn at(&self, index: &[usize]) -> i64 {
        self.values[index.iter().zip(&self.shape).fold(0, |flat, (i, n)| flat * n + i)]
    }
    fn from_fn(shape: Vec<usize>, f: impl Fn(&[usize]) -> i64) -> Naive {
        let values = indices(&shape).iter().map(|index| f(index)).collect();
        Naive { shape, values }
    }
    fn check(&self, array: &Array) {
        assert_eq!(&array.shape()[..], &self.shape[..]);
        assert_eq!(array.to_vec::<i64>().unwrap(), self.values);
        for index in indices(&self.shape) {
            assert_eq!(array.get(&index), Some(Item::I64(self.at(&index))));
        }
        assert_eq!(array.contiguous().to_vec::<i64>().unwrap(), self.values);
    }
}

#[test]
fn views_of_views() {
    let mut random = Random(1);
    for round in 0..400 {
        let rank = round % 7;
        let shape = random.shape(rank);
        let size: usize = shape.iter().product();
        let mut naive = Naive { shape: shape.clone(), values: (0..size as i64).collect() };
        let mut array = Array::from_vec(naive.values.clone(), shape);
        for _ in 0..4 {
            let old = naive.clone();
            let rank = old.shape.len();
            match random.below(5) {
                0 => {
                    let mut axes: Vec<usize> = (0..rank).collect();
                    (1..rank).for_each(|i| axes.swap(i, random.below(i + 1)));
                    naive = Naive::from_fn(axes.iter().map(|&a| old.shape[a]).collect(), |index| {
                        let mut source = vec![0; rank];
                        axes.iter().zip(index).for_each(|(&a, &i)| source[a] = i);
                        old.at(&source)
                    });
                    array = array.permute(&axes);
                }
                1 => {
                    let start: Vec<usize> = old.shape.iter().map(|&n| random.below(n + 1)).collect();
                    let limit: Vec<usize> =
                        start.iter().zip(&old.shape).map(|(&s, &n)| s + random.below(n - s + 1)).collect();
                    let step: Vec<usize> = start.iter().map(|_| 1 + random.below(3)).collect();
                    let lengths = (0..rank).map(|a| (limit[a] - start[a]).div_ceil(step[a])).collect();
                    naive = Naive::from_fn(lengths, |index| {
                        old.at(&(0..rank).map(|a| start[a] + index[a] * step[a]).collect::<Vec<_>>())
                    });
                    array = array.slice(&start, &limit, &step);
                }
                2 => {
                    let axes: Vec<usize> = (0..rank).filter(|_| random.below(2) == 0).collect();
                    naive = Naive::from_fn(old.shape.clone(), |index| {
                        let flip =
                            |a: usize| if axes.contains(&a) { old.shape[a] - 1 - index[a] } else { index[a] };
                        old.at(&(0..rank).map(flip).collect::<Vec<_>>())
                    });
                    array = array.flip(&axes);
                }
                3 if rank < 6 => {
                    let target: Vec<usize> = std::iter::once(2)
                        .chain(old.shape.iter().map(|&n| if n == 1 { 3 } else { n }))
                        .collect();
                    naive = Naive::from_fn(target.clone(), |index| {
                        let source =
                            index[1..].iter().zip(&old.shape).map(|(&i, &n)| if n == 1 { 0 } else { i });
                        old.at(&source.collect::<Vec<_>>())
                    });
                    array = array.broadcast_to(&target.into());
                }
                _ => {
                    let size: usize = old.shape.iter().product();
                    let target = if size.is_multiple_of(2) { vec![2, size / 2] } else { vec![size] };
                    naive = Naive { shape: target.clone(), values: old.values.clone() };
                    array = array.reshape(target);
                }
            }
            naive.check(&array);
        }
    }
}

fn plus(a: &mut Array, b: &Array) -> bool {
    blocks_in_place(a, [b], &|[b]: [&[f64]; 1], a| a.iter_mut().zip(b).for_each(|(a, b)| *a += b))
}

/// No two arguments may be exchanged.
#[derive(Clone, Copy)]
struct Minus;
impl Kernel<2> for Minus {
    const LIGHT: bool = true;
    fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
        a - b
    }
}

/// Two arrays of which one or both are broadcast, cut from the middle, turned round or permuted: whichever loop does it, entry by entry it is
/// the same.
#[test]
fn broadcast_arithmetic() {
    fn check<T: LaneFloat>(random: &mut Random) -> usize {
        let mut in_one_loop = 0;
        for round in 0..600 {
            let rank = 1 + round % 4;
            let mut shape = random.shape(rank);
            let lengths = [1, 15, 16, 17, 50, 63, 64, 65, 100, 1000, 40_000];
            shape[rank - 1] = lengths[random.below(lengths.len() - usize::from(rank > 2))];
            if round % 10 == 3 {
                // More rows than a thread takes at a time, on more than one axis.
                shape = vec![3, 4, 5, 1000];
            }
            let rank = shape.len();
            let x = [0, 1].map(|_| {
                let mut own = shape.clone();
                own.iter_mut().filter(|_| random.below(3) == 0).for_each(|n| *n = 1);
                // Something before and behind it.
                let cut = random.below(3) == 0;
                let around: Vec<usize> = own.iter().map(|n| n + 2 * usize::from(cut)).collect();
                let entry = |i| match i % 97 {
                    13 => T::from_f64(f64::NAN),
                    31 => T::from_f64(-0.0),
                    _ => T::from_f64((i * 7 % 1013) as f64 + 1.0),
                };
                let values: Vec<T> = (0..around.iter().product()).map(entry).collect();
                let array = Array::from_vec(values, around);
                let first = vec![usize::from(cut); rank];
                let end: Vec<usize> = own.iter().map(|n| n + usize::from(cut)).collect();
                let mut array = array.slice(&first, &end, &vec![1; rank]);
                if random.below(4) == 0 {
                    array = array.flip(&[random.below(rank)]);
                }
                if rank > 2 && random.below(4) == 0 {
                    // As it was, but for where its entries lie.
                    let axes: Vec<usize> = [1, 0].into_iter().chain(2..rank).collect();
                    array = array.permute(&axes).contiguous().permute(&axes);
                }
                array.broadcast_to(&shape.clone().into())
            });
            let [a, b] = x.each_ref().map(|x| x.to_vec::<T>().unwrap());
            let want: Vec<T> = a.iter().zip(&b).map(|(&a, &b)| a - b).collect();
            for threads in [1, 2] {
                cotangent_kernels::threads::with(threads, || {
                    let one = broadcast::<T, _>(Minus, [&x[0], &x[1]]);
                    in_one_loop += usize::from(one.is_some());
                    let blocks = || stretches([&x[0], &x[1]], |x: [&[T]; 2], out| run(Minus, x, out));
                    for y in [Some(blocks()), one].into_iter().flatten() {
                        assert_eq!(y.shape(), x[0].shape());
                        let same = y.to_vec::<T>().unwrap().iter().zip(&want).all(|(&y, &want)| {
                            let sign = |x: T| (T::from_f64(1.0) / x).to_f64();
                            (y == want && sign(y) == sign(want))
                                || (y.to_f64().is_nan() && want.to_f64().is_nan())
                        });
                        assert!(same, "{:?} {:?}", x[0].ty(), x[1].ty());
                    }
                });
            }
        }
        in_one_loop
    }
    let mut random = Random(5);
    for count in [check::<f32>(&mut random), check::<f64>(&mut random)] {
        assert!(count > 200, "only {count} in one loop");
    }
}

/// What is longer than the caches is written past them: from wherever it begins to wherever it ends.
#[test]
fn results_larger_than_the_caches() {
    fn check<T: LaneFloat>(size: usize, threads: usize) {
        let values: Vec<T> = (0..size).map(|i| T::from_f64((i * 7 % 1013) as f64)).collect();
        let (a, b) = (&values[..size - 3], &values[3..]);
        let want: Vec<T> = a.iter().zip(b).map(|(&a, &b)| a - b).collect();
        for first in 0..5 {
            let mut y = vec![T::from_f64(0.5); size];
            run(Minus, [&a[first..], &b[first..]], &mut y[first..size - 3]);
            assert!(y[first..size - 3] == want[first..], "from {first}");
            assert!(y[..first].iter().chain(&y[size - 3..]).all(|&y| y == T::from_f64(0.5)));
        }
        let [a, b] = [a, b].map(|x| Array::from_vec(x.to_vec(), [size - 3]));
        let y = cotangent_kernels::threads::with(threads, || {
            stretches([&a, &b], |x: [&[T]; 2], out| run(Minus, x, out))
        });
        assert!(y.to_vec::<T>().unwrap() == want);
    }
    for threads in [1, 2] {
        check::<f32>(9_000_006, threads);
        check::<f64>(5_000_009, threads);
    }
}

/// Whether an argument needs the long way is asked block by block, and the long way may give another last bit to the others in its block: blocks
/// do not depend on threads.
#[test]
fn blocks_do_not_depend_on_threads() {
    #[derive(Clone, Copy)]
    struct LGamma;
    impl Kernel<1> for LGamma {
        const REACH: Reach = Reach::Positive;
        fn call<F: Float>(self, [x]: [F; 1]) -> F {
            x.lgamma()
        }
    }
    #[derive(Clone, Copy)]
    struct Sin;
    impl Kernel<1> for Sin {
        const REACH: Reach = Reach::Moderate;
        fn call<F: Float>(self, [x]: [F; 1]) -> F {
            x.sin()
        }
    }
    fn check<T: LaneFloat, K: Kernel<1>>(kernel: K, far: f64) {
        let entry =
            |i: usize| T::from_f64(if i % 12_400 == 4000 { far } else { (i * 7 % 1013) as f64 / 50.0 + 0.5 });
        let values: Vec<T> = (0..300 * 401).map(entry).collect();
        let square = Array::from_vec(values[..40 * 3007].to_vec(), [40, 3007]);
        for x in [Array::from_vec(values, [300 * 401]), square.slice(&[0, 3], &[40, 3003], &[1, 1])] {
            let of = |threads| {
                cotangent_kernels::threads::with(threads, || {
                    let y = stretches([&x], |x: [&[T]; 1], out| run(kernel, x, out));
                    let mut in_place =
                        Array::build(x.shape().clone(), |out: &mut [T]| out.fill(T::from_f64(0.0)));
                    assert!(blocks_in_place(&mut in_place, [&x], &|x: [&[T]; 1], out| run(kernel, x, out)));
                    let bits = |y: &Array| {
                        y.to_vec::<T>().unwrap().into_iter().map(|y| y.to_f64().to_bits()).collect::<Vec<_>>()
                    };
                    (bits(&y), bits(&in_place))
                })
            };
            let one = of(1);
            for threads in [2, 3, 7] {
                assert!(of(threads) == one, "{threads} threads");
            }
        }
    }
    check::<f64, _>(LGamma, -0.5);
    check::<f32, _>(LGamma, -0.5);
    check::<f32, _>(Sin, f64::INFINITY);
    check::<f64, _>(Sin, 1e9);
}

/// The largest of lines in no order, in order, in the other order, all equal, with NaN and both zeros: as a stable sort has them.
#[test]
fn the_largest_of_long_lines() {
    let mut random = Random(9);
    for length in [1, 2, 63, 64, 65, 200, 1000] {
        for k in [1, 2, 7, 16, 17, 64, length / 2, length] {
            let k = k.clamp(1, length);
            let mut values: Vec<f64> = Vec::new();
            values.extend((0..length).map(|_| random.below(1000) as f64));
            values.extend((0..length).map(|i| i as f64));
            values.extend((0..length).map(|i| -(i as f64)));
            values.extend((0..length).map(|i| if i % 2 == 0 { 0.0 } else { -0.0 }));
            values.extend(
                (0..length).map(|_| [f64::NAN, 1.0, f64::INFINITY, -f64::INFINITY, 2.0][random.below(5)]),
            );
            let lines = values.len() / length;
            let x = Array::from_vec(values.clone(), [lines, length]);
            let first = |x: &Array| -> Vec<i64> {
                let sorted: Vec<i64> = sort::sort(x, 1, true).1.to_vec().unwrap();
                sorted.chunks(length).flat_map(|line| line[..k].to_vec()).collect()
            };
            let narrow =
                Array::from_vec(values.iter().map(|&x| x as f32).collect::<Vec<f32>>(), [lines, length]);
            let long =
                Array::from_vec(values.iter().map(|&x| x as i64).collect::<Vec<i64>>(), [lines, length]);
            let (int, truth) = (convert(&narrow, DType::I32), convert(&long, DType::Bool));
            for x in [x, narrow, long, int, truth] {
                let want = first(&x);
                for threads in [1, 2] {
                    let (y, places) = cotangent_kernels::threads::with(threads, || top_k(&x, 1, k));
                    assert_eq!(places.to_vec::<i64>().unwrap(), want, "{k} of {length}, {}", x.ty());
                    // The transposed along its other axis.
                    let (across, _) = top_k(&x.permute(&[1, 0]), 0, k);
                    let same = |(a, b): (Item, Item)| a == b || (a.to_f64().is_nan() && b.to_f64().is_nan());
                    assert!(across.permute(&[1, 0]).items().zip(y.items()).all(same));
                }
            }
        }
    }
}

/// In place it has the bits that it has elsewhere: light, guessed and in doubt, and what has far arguments.
#[test]
fn kernels_in_place() {
    /// A product that a zero wins.
    #[derive(Clone, Copy)]
    struct Wins;
    impl Kernel<2> for Wins {
        const GUESSES: bool = true;
        fn guess<F: Float>(self, [a, b]: [F; 2]) -> (F, F) {
            (a * b, a * b)
        }
        fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
            let (zero, product) = (F::from_f64(0.0), a * b);
            #[allow(clippy::eq_op)]
            if (product != product) & ((a == zero) | (b == zero)) { zero } else { product }
        }
    }
    #[derive(Clone, Copy)]
    struct Remainder;
    impl Kernel<2> for Remainder {
        const REACH: Reach = Reach::Quotient;
        fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
            a % b
        }
    }
    fn check<T: LaneFloat, K: Kernel<2>>(kernel: K, random: &mut Random) {
        let inf = f64::INFINITY;
        for length in [0, 1, 63, 64, 65, 1024, 1025, 3000] {
            for special in [0, 63, 64, usize::max(length, 1) - 1] {
                for pair in [(0.0, inf), (-0.0, -inf), (inf, inf), (f64::NAN, 0.0), (1e30, 1e-3)] {
                    let mut draw =
                        || (0..length).map(|_| random.below(2000) as f64 / 64.0 + 0.5).collect::<Vec<_>>();
                    let (mut a, mut b) = (draw(), draw());
                    if special < length {
                        (a[special], b[special]) = pair;
                    }
                    let [a, b] = [a, b].map(|x| x.into_iter().map(T::from_f64).collect::<Vec<T>>());
                    let (mut want, mut y) = (vec![T::from_f64(0.0); length], a.clone());
                    run(kernel, [&a, &b], &mut want);
                    run_in_place(kernel, &b, &mut y);
                    let bits = |x: &[T]| x.iter().map(|x| x.to_f64().to_bits()).collect::<Vec<_>>();
                    assert_eq!(bits(&y), bits(&want), "{length} entries, {pair:?} at {special}");
                }
            }
        }
        let short = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            run_in_place(kernel, &[T::from_f64(1.0); 1024], &mut [T::from_f64(1.0); 2048]);
        }));
        assert!(short.is_err(), "an operand that is too short");
    }
    let mut random = Random(11);
    check::<f32, _>(Minus, &mut random);
    check::<f64, _>(Minus, &mut random);
    check::<f32, _>(Wins, &mut random);
    check::<f64, _>(Wins, &mut random);
    check::<f32, _>(Remainder, &mut random);
    check::<f64, _>(Remainder, &mut random);
}

/// More indices than a thread takes at a time, in batches that end anywhere: long ones, short ones, and one index each.
#[test]
fn many_indices() {
    [[3, 10_007], [6_007, 5], [30_011, 1]].into_iter().for_each(many_indices_in);
}

fn many_indices_in([batches, k]: [usize; 2]) {
    let mut random = Random(12);
    let n = 7;
    let named: Vec<i64> = (0..batches * k).map(|_| random.below(14) as i64 - 7).collect();
    for row in [1, 3] {
        let values: Vec<f64> = (0..batches * n * row).map(|i| i as f64).collect();
        let x =
            Array::from_vec(values.clone(), if row == 1 { vec![batches, n] } else { vec![batches, n, row] });
        let at = |i: usize| {
            let place = if named[i] < 0 { named[i] + n as i64 } else { named[i] } as usize;
            &values[(i / k * n + place) * row..][..row]
        };
        let want: Vec<f64> = (0..batches * k).flat_map(|i| at(i).to_vec()).collect();
        let wide = Array::from_vec(named.clone(), [batches, k]);
        for threads in [1, 2, 3] {
            cotangent_kernels::threads::with(threads, || {
                for indices in [wide.clone(), convert(&wide, DType::I32)] {
                    assert!(gather(&x, &indices, 1).unwrap().to_vec::<f64>().unwrap() == want);
                }
                // The first that names no entry is told.
                let last = batches * k - 1;
                for bad in [vec![(last, 7)], vec![(k + 1, -8), (last, i64::MAX)], vec![(0, i64::MIN)]] {
                    let mut named = named.clone();
                    bad.iter().for_each(|&(i, index)| named[i] = index);
                    let error = gather(&x, &Array::from_vec(named, [batches, k]), 1).err();
                    assert_eq!(error, Some(IndexError { index: bad[0].1, size: n }));
                }
            });
        }
    }
}

/// Where there is nothing to name, or nothing named.
#[test]
fn indices_of_nothing() {
    let one = |index: i64| Array::from_vec(vec![index], [1]);
    let empty = |shape: &[usize]| Array::from_vec(Vec::<f64>::new(), shape);
    assert!(gather(&empty(&[4, 0]), &one(9), 0).is_err());
    assert!(gather(&empty(&[4, 0]), &one(3), 0).is_ok());
    assert!(gather(&empty(&[0]), &one(0), 0).is_err());
    assert!(gather(&empty(&[0]), &Array::from_vec(Vec::<i64>::new(), [0]), 0).is_ok());
    assert!(gather(&Array::from_vec(vec![1.0, 2.0], [2]), &one(2), 0).is_err());
}

#[test]
fn filled_arrays_hold_no_memory_and_clones_share_it() {
    let filled = Array::fill(Item::F32(2.5), [1000, 1000]);
    assert_eq!((filled.bytes(), filled.size(), filled.as_fill()), (0, 1_000_000, Some(Item::F32(2.5))));
    assert_eq!(filled.permute(&[1, 0]).slice(&[0, 0], &[2, 1], &[1, 1]).to_vec::<f32>().unwrap(), [2.5, 2.5]);
    assert!(Array::from_vec(vec![7_i32], [1, 1]).as_fill().is_some());
    let mut a = Array::from_vec(vec![1.0, 2.0], [2]);
    let b = a.clone();
    assert_eq!(a.buffer_id(), b.buffer_id());
    assert!(!a.is_unique() && !plus(&mut a, &b));
    drop(b);
    let one = Array::fill(Item::F64(1.0), [2]);
    assert!(a.is_unique() && plus(&mut a, &one));
    assert_eq!(a.to_vec::<f64>().unwrap(), [2.0, 3.0]);
    assert_eq!((a.to_vec::<f32>(), a.get(&[2]), a.get(&[])), (None, None, None));
    assert!(size_of::<Array>() <= 80);
}

#[test]
fn loops_over_every_mixture_of_layouts() {
    let dense = Array::from_vec((0..6).map(f64::from).collect(), [2, 3]);
    let view = Array::from_vec((0..6).map(|i| f64::from(i) * 10.0).collect(), [3, 2]).permute(&[1, 0]);
    let filled = Array::fill(Item::F64(100.0), [2, 3]);
    let all = [dense, view, filled];
    for a in &all {
        for b in &all {
            let (x, y) = (a.to_vec::<f64>().unwrap(), b.to_vec::<f64>().unwrap());
            let wanted: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - 2.0 * y).collect();
            assert_eq!(map2(a, b, |x: f64, y: f64| x - 2.0 * y).to_vec::<f64>().unwrap(), wanted);
            let p = map1(a, |x: f64| x > 3.0);
            let chosen: Vec<f64> = x.iter().zip(&y).map(|(&x, &y)| if x > 3.0 { x } else { y }).collect();
            assert_eq!(select(&p, a, b).to_vec::<f64>().unwrap(), chosen);
        }
    }
    let empty = Array::from_vec(Vec::<f64>::new(), [0, 3]);
    assert_eq!(map2(&empty, &empty, |x: f64, y: f64| x + y).to_vec::<f64>().unwrap(), []);
}

#[test]
fn every_dtype_to_every_other() {
    for from in DType::ALL {
        let x = convert(&Array::from_vec(vec![0.0, 1.0, -2.7, 300.5], [4]), from);
        for to in DType::ALL {
            let y = convert(&x, to);
            let wanted: Vec<Item> = x.items().map(|item| Item::from_f64(to, item.to_f64())).collect();
            assert_eq!((y.dtype(), y.items().collect::<Vec<_>>()), (to, wanted), "{from} to {to}");
        }
    }
    let large = Array::from_vec(vec![i64::MAX - 1], [1]);
    assert_eq!(convert(&large, DType::I64).first(), Some(Item::I64(i64::MAX - 1)));
    for text in ["f32[]", "i64[2,3]", "bool[0]"] {
        assert_eq!(text.parse::<Type>().unwrap().to_string(), text);
    }
    assert!(
        "f32".parse::<Type>().is_err()
            && "f99[2]".parse::<Type>().is_err()
            && "f32[-1]".parse::<Type>().is_err()
    );
}

#[test]
fn reductions_over_every_set_of_axes() {
    let shape = [2, 3, 1, 4];
    let values: Vec<i64> = (0..24).map(|i| (i * 7) % 11 - 5).collect();
    let naive = Naive { shape: shape.to_vec(), values: values.clone() };
    let array = Array::from_vec(values, shape);
    for set in 0..16 {
        let axes: Vec<usize> = (0..4).filter(|axis| set >> axis & 1 == 1).collect();
        let kept: Vec<usize> = (0..4).filter(|axis| !axes.contains(axis)).collect();
        let group = |index: &[usize]| -> Vec<i64> {
            let own = |full: &Vec<usize>| kept.iter().zip(index).all(|(&axis, &i)| full[axis] == i);
            indices(&shape).iter().filter(|full| own(full)).map(|full| naive.at(full)).collect()
        };
        let lengths: Vec<usize> = kept.iter().map(|&axis| shape[axis]).collect();
        Naive::from_fn(lengths.clone(), |index| group(index).iter().sum()).check(&reduce::sum(&array, &axes));
        let largest = Naive::from_fn(lengths, |index| *group(index).iter().max().unwrap());
        largest.check(&reduce::max(&array, &axes).unwrap());
    }
    let nan = Array::from_vec(vec![1.0, f64::NAN, 3.0, 4.0], [2, 2]);
    let rows = reduce::max(&nan, &[1]).unwrap().to_vec::<f64>().unwrap();
    assert!(rows[0].is_nan() && rows[1] == 4.0);
    let none = Array::from_vec(Vec::<f64>::new(), [2, 0]);
    assert_eq!(reduce::sum(&none, &[1]).to_vec::<f64>().unwrap(), [0.0, 0.0]);
    assert!(reduce::max(&none, &[1]).is_none() && reduce::max(&none, &[0]).is_some());
    // Pairwise: a million tenths in f32 to a few ulp, where one after another is off by a hundredth.
    let tenths = Array::from_vec(vec![0.1_f32; 1 << 20], [1 << 20]);
    let sum = reduce::sum(&tenths.reshape([1 << 10, 1 << 10]), &[0, 1]).first().unwrap().to_f64();
    assert!((sum / (0.1_f32 as f64 * (1 << 20) as f64) - 1.0).abs() < 1e-6, "{sum}");
}

/// Logarithms of numbers that need no branch, beside others in the same block, are what each is by itself.
#[test]
fn logarithms_of_anything_side_by_side() {
    type Way<T> = fn(&[T], &mut [T]);
    fn check<T: LaneFloat>(specials: &[f64], tiny: T) {
        #[derive(Clone, Copy)]
        struct Log<const BASE: u32>;
        impl<const BASE: u32> Kernel<1> for Log<BASE> {
            const REACH: Reach = Reach::Normal;
            #[inline(always)]
            fn call<F: Float>(self, [x]: [F; 1]) -> F {
                match BASE {
                    2 => x.log2(),
                    10 => x.log10(),
                    _ => x.ln(),
                }
            }
        }
        let all: Vec<T> = specials.iter().map(|&x| T::from_f64(x)).chain([tiny]).collect();
        for place in [0, 31, 1023, 1024, 1500] {
            for &special in &all {
                let mut x: Vec<T> = (0..1501).map(|i| T::from_f64(0.01 + 0.37 * f64::from(i))).collect();
                x[place] = special;
                let (mut y, mut by_itself) = (vec![T::default(); 1501], [T::default()]);
                let ways: [(Way<T>, Way<f64>); 3] = [
                    (|x, y| run(Log::<0>, [x], y), |x, y| y[0] = x[0].ln()),
                    (|x, y| run(Log::<2>, [x], y), |x, y| y[0] = x[0].log2()),
                    (|x, y| run(Log::<10>, [x], y), |x, y| y[0] = x[0].log10()),
                ];
                for (ours, other) in ways {
                    ours(&x, &mut y);
                    for i in [0, 30, 31, 32, 700, 1023, 1024, 1025, 1500] {
                        ours(&x[i..=i], &mut by_itself);
                        let (a, b) = (y[i].to_f64(), by_itself[0].to_f64());
                        assert!(a == b || a.is_nan() && b.is_nan(), "{a} is not {b}, of {:?}", x[i]);
                        let mut expected = [0.0];
                        other(&[x[i].to_f64()], &mut expected);
                        let near = (a - expected[0]).abs() <= 1e-6 * expected[0].abs().max(1e-3);
                        let special = a == expected[0] || a.is_nan() && expected[0].is_nan();
                        assert!(near || special, "{a} is not {expected:?}, of {:?}", x[i]);
                    }
                }
            }
        }
    }
    let specials = [0.0, -0.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    check::<f32>(&specials, 1e-40);
    check::<f64>(&specials, 1e-310);
}

/// Columns of long and of short rows, cut across and along: right, and the same for any number of threads.
#[test]
fn columns_shared_by_threads() {
    for (rows, inner) in
        [(1000, 1000), (1001, 37), (70, 9000), (3, 20_001), (39, 65_536), (33, 70_000), (9000, 300)]
    {
        let whole: Vec<i32> = (0..rows * inner).map(|i| ((i * 7919 + i % 31) % 17) as i32 - 8).collect();
        let of = |f: fn(i32, i32) -> i32, start: i32| -> Vec<f64> {
            let column = |j: usize| (0..rows).map(|i| whole[i * inner + j]).fold(start, f);
            (0..inner).map(|j| f64::from(column(j))).collect()
        };
        let array = |scale: f64| {
            let values: Vec<f64> = whole.iter().map(|&x| f64::from(x) * scale).collect();
            Array::from_vec(values, [rows, inner])
        };
        let (exact, thirds) = (array(1.0), array(1.0 / 3.0));
        let bits = |threads| {
            cotangent_kernels::threads::with(threads, || {
                let sum = reduce::sum(&exact, &[0]).to_vec::<f64>().unwrap();
                assert_eq!(sum, of(|a, b| a + b, 0), "{rows} {inner} {threads}");
                let most = reduce::max(&exact, &[0]).unwrap().to_vec::<f64>().unwrap();
                assert_eq!(most, of(i32::max, -9), "{rows} {inner} {threads}");
                reduce::sum(&thirds, &[0]).to_vec::<f64>().unwrap()
            })
        };
        let one = bits(1);
        for threads in [2, 3, 7] {
            assert_eq!(bits(threads), one, "{rows} {inner} {threads}");
        }
        // Integers; and one NaN, which is the largest of its column.
        let int = reduce::sum(&Array::from_vec(whole.clone(), [rows, inner]), &[0]).to_vec::<i32>().unwrap();
        assert_eq!(int.into_iter().map(f64::from).collect::<Vec<_>>(), of(|a, b| a + b, 0));
        let mut spoilt = exact.to_vec::<f64>().unwrap();
        spoilt[(rows - 1) * inner + inner / 2] = f64::NAN;
        let most =
            reduce::max(&Array::from_vec(spoilt, [rows, inner]), &[0]).unwrap().to_vec::<f64>().unwrap();
        let nan = |x: &&f64| x.is_nan();
        assert!(most.iter().filter(nan).count() == 1 && most[inner / 2].is_nan());
    }
}

#[test]
fn products_with_batches_in_any_order() {
    let a = Naive { shape: vec![2, 3, 4, 2], values: (0..48).map(|i| (i * 5) % 7 - 3).collect() };
    let b = Naive { shape: vec![4, 2, 3, 5], values: (0..120).map(|i| (i * 3) % 11 - 5).collect() };
    let product = contract::dot_general(
        &Array::from_vec(a.values.clone(), a.shape.clone()),
        &Array::from_vec(b.values.clone(), b.shape.clone()),
        (&[2], &[0]),
        (&[1, 3], &[2, 1]),
    );
    // batch (1, 3) of a, free 0 of a, free 3 of b
    Naive::from_fn(vec![3, 2, 2, 5], |i| {
        (0..4).map(|k| a.at(&[i[2], i[0], k, i[1]]) * b.at(&[k, i[1], i[0], i[3]])).sum()
    })
    .check(&product);
    let nothing = Array::from_vec(Vec::<f64>::new(), [2, 0]);
    let zeros = contract::dot_general(&nothing, &nothing, (&[1], &[1]), (&[], &[]));
    assert_eq!(zeros.to_vec::<f64>().unwrap(), [0.0; 4]);
}

#[test]
fn padding_joining_gathering() {
    let x = Array::from_vec(vec![1, 2, 3, 4], [2, 2]);
    let padded = layout::pad(&x, &[1, 0], &[0, 1], &[1, 0]);
    assert_eq!(padded.shape(), &Shape::from([4, 3]));
    assert_eq!(padded.to_vec::<i32>().unwrap(), [0, 0, 0, 1, 2, 0, 0, 0, 0, 3, 4, 0]);
    let empty = Array::from_vec(Vec::<i32>::new(), [2, 0]);
    assert_eq!(
        layout::concat(&[&x, &empty, &x.permute(&[1, 0])], 1).to_vec::<i32>().unwrap(),
        [1, 2, 1, 3, 3, 4, 2, 4]
    );
    let batch = Array::from_vec((0..12).collect::<Vec<i32>>(), [2, 3, 2]);
    let picks = Array::from_vec(vec![2_i64, -3, 1, 1], [2, 2]);
    let got = gather(&batch, &picks, 1).unwrap();
    assert_eq!(got.to_vec::<i32>().unwrap(), [4, 5, 0, 1, 8, 9, 8, 9]);
    let back = scatter_add(&got, &picks, 1, 3).unwrap();
    assert_eq!(back.to_vec::<i32>().unwrap(), [0, 1, 0, 0, 4, 5, 0, 0, 16, 18, 0, 0]);
    for index in [3, -4] {
        let outside = Array::from_vec(vec![index, 0_i64], [2]);
        assert_eq!(
            gather(&batch.permute(&[1, 0, 2]), &outside, 0).unwrap_err(),
            IndexError { index, size: 3 }
        );
    }
}

#[test]
fn sorting_is_stable_and_puts_nan_last() {
    let x = Array::from_vec(vec![2.0, f64::NAN, -1.0, 2.0, f64::INFINITY, 2.0], [6]);
    let (values, places) = sort::sort(&x, 0, false);
    assert_eq!(values.to_vec::<f64>().unwrap()[..5], [-1.0, 2.0, 2.0, 2.0, f64::INFINITY]);
    assert_eq!(places.to_vec::<i64>().unwrap(), [2, 0, 3, 5, 4, 1]);
    let columns = sort::sort(&Array::from_vec(vec![3, 1, 2, 5, 0, 9], [3, 2]), 0, false).0;
    assert_eq!(columns.to_vec::<i32>().unwrap(), [0, 1, 2, 5, 3, 9]);
}

/// The known answers of J. Salmon et al.'s Random123.
#[test]
fn threefry_gives_the_known_answers() {
    let ones = [u64::MAX; 2];
    assert_eq!(random::threefry([0; 2], [0; 2]), [0xc2b6e3a8c2c69865, 0x6f81ed42f350084d]);
    assert_eq!(random::threefry(ones, ones), [0xe02cb7c4d95d277a, 0xd06633d0893b8b68]);
    let (counter, key) = ([0x243f6a8885a308d3, 0x13198a2e03707344], [0xa4093822299f31d0, 0x082efa98ec4e6c89]);
    assert_eq!(random::threefry(key, counter), [0x263c7d30bb0f0af1, 0x56be8361d3311526]);
    let key = Array::from_vec(vec![1_i64, 2, 3, 4], [2, 2]);
    let bits = random::bits(&key, &[5].into(), 10);
    assert_eq!(bits.shape(), &Shape::from([2, 5]));
    assert!(bits.items().all(|item| (0.0..1024.0).contains(&item.to_f64())));
    assert_eq!(random::split(&key, 3).shape(), &Shape::from([2, 3, 2]));
}

/// A million updates of a few entries are added in parts that threads share: the same numbers for any number of them, negative indices and all.
#[test]
fn many_updates_of_few_entries() {
    let mut random = Random(5);
    let (k, n) = ((1 << 20) + 3, 1000);
    let picks: Vec<i64> = (0..k).map(|_| random.below(2 * n) as i64 - n as i64).collect();
    let values: Vec<i64> = (0..k as i64).map(|i| i * i % 1009 - 500).collect();
    let mut expected = vec![0; n];
    for (&i, &x) in picks.iter().zip(&values) {
        expected[i.rem_euclid(n as i64) as usize] += x;
    }
    let picks = Array::from_vec(picks, [k]);
    let whole = Array::from_vec(values.clone(), [k]);
    let floats = Array::from_vec(values.iter().map(|&x| x as f32 * 0.1).collect(), [k]);
    let sums = |threads: usize| {
        cotangent_kernels::threads::with(threads, || {
            scatter_add(&floats, &picks, 0, n).unwrap().to_vec::<f32>()
        })
    };
    for threads in [1, 2, 3] {
        let got = cotangent_kernels::threads::with(threads, || scatter_add(&whole, &picks, 0, n).unwrap());
        assert_eq!(got.to_vec::<i64>().unwrap(), expected);
        assert_eq!(sums(threads), sums(1));
    }
    let (got, wanted) = (sums(1).unwrap(), expected.iter().map(|&x| x as f32 * 0.1));
    assert!(got.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 0.2));
}

/// Large enough for whole tiles, and for parts of tiles at both edges.
#[test]
fn large_views_are_copied_in_order() {
    fn check<T: cotangent_kernels::Element + PartialEq + std::fmt::Debug>(number: fn(usize) -> T) {
        for shape in
            [vec![130, 200], vec![64, 128], vec![3, 90, 100], vec![2, 65, 3, 130], vec![5, 9], vec![33, 35]]
        {
            let strides: Vec<usize> = (0..shape.len()).map(|i| shape[i + 1..].iter().product()).collect();
            let size: usize = shape.iter().product();
            let array = Array::from_vec((0..size).map(number).collect(), shape.clone());
            // The last axis first, the first last, and both ways of turning the rest round.
            let last = shape.len() - 1;
            for axes in [
                (0..=last).rev().collect::<Vec<_>>(),
                [last].into_iter().chain(0..last).collect(),
                (1..=last).chain([0]).collect(),
            ] {
                for flipped in [vec![], vec![0], vec![last], vec![0, last]] {
                    let view = array.flip(&flipped).permute(&axes);
                    let mut index = vec![0; axes.len()];
                    let wanted: Vec<T> = (0..size)
                        .map(|_| {
                            let place = |(&i, &axis): (&usize, &usize)| {
                                strides[axis] * if flipped.contains(&axis) { shape[axis] - 1 - i } else { i }
                            };
                            let place = index.iter().zip(&axes).map(place).sum();
                            for (i, &axis) in index.iter_mut().zip(&axes).rev() {
                                *i += 1;
                                if *i < shape[axis] {
                                    break;
                                }
                                *i = 0;
                            }
                            number(place)
                        })
                        .collect();
                    let same = view.contiguous().to_vec::<T>().unwrap() == wanted;
                    assert!(same, "{shape:?} by {axes:?}, {flipped:?} backwards");
                }
            }
        }
    }
    check(|i| i as i64);
    check(|i| i as f32);
    check(|i| i % 3 == 0);
}

/// Products of rows, more than a thread takes and longer than one takes.
#[test]
fn products_of_rows_are_of_their_rows() {
    for [rows, length] in [[1, 1], [5, 1], [700, 100], [40_000, 3], [3, 40_000], [2, 32_768]] {
        let x: Vec<i64> = (0..rows * length).map(|i| (i * 7919 % 10_007) as i64 | 1).collect();
        let products = prod(&Array::from_vec(x.clone(), [rows, length]), &[1]).to_vec::<i64>().unwrap();
        let one = |row: &[i64]| row.iter().fold(1_i64, |product, &x| product.wrapping_mul(x));
        let expected: Vec<i64> = x.chunks(length).map(one).collect();
        assert_eq!(products, expected, "{rows} rows of {length}");
    }
}
