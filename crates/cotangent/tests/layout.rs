//! Ranges, indices and what is written to them, against plain loops over indices; and the conventions that laws and tables do not show.

// Ranges that go backwards, or count from the end.
#![allow(clippy::reversed_empty_ranges)]

use cotangent::core::{Kind, Prim, try_apply, try_trace};
use cotangent::op::{
    At, DynamicSlice, DynamicUpdateSlice, Pick, Rev, ScatterMax, ScatterMulAdd, ScatterSet, Span,
};
use cotangent::prelude::*;

/// Small whole numbers, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) % n as u64) as usize
    }
    fn between(&mut self, low: isize, high: isize) -> isize {
        low + self.below((high - low + 1) as usize) as isize
    }
    fn floats(&mut self, size: usize) -> Vec<f64> {
        (0..size).map(|_| self.between(-9, 9) as f64 / 4.0).collect()
    }
}

/// The entries from `start` to before `end` by `step`, counted one by one; none if the range leaves the axis.
fn walk(start: Option<isize>, end: Option<isize>, step: isize, n: isize) -> Option<Vec<usize>> {
    let counted = |i: isize| if i < 0 { i + n } else { i };
    let mut at = start.map_or(if step > 0 { 0 } else { n - 1 }, counted);
    let end =
        end.map_or(if step > 0 { n } else { -1 }, |end| if counted(end) < 0 { -9 } else { counted(end) });
    let (low, high) = if step > 0 { (at, end) } else { (end + 1, at + 1) };
    if low < 0 || low > high || high > n {
        return None;
    }
    let mut seen = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        seen.push(at as usize);
        at += step;
    }
    Some(seen)
}

fn span(start: Option<isize>, end: Option<isize>) -> Span {
    match (start, end) {
        (Some(start), Some(end)) => s(start..end),
        (Some(start), None) => s(start..),
        (None, Some(end)) => s(..end),
        (None, None) => s(..),
    }
}

#[test]
fn every_range_of_short_axes() {
    let (mut inside, mut outside) = (0, 0);
    for n in 0..5_isize {
        let x = Tensor::arange::<i64>(n as usize);
        let ends: Vec<Option<isize>> = (-n - 1..=n + 1).map(Some).chain([None]).collect();
        for (&start, &end) in ends.iter().flat_map(|start| ends.iter().map(move |end| (start, end))) {
            for step in [-3, -2, -1, 1, 2, 3] {
                let range = span(start, end).step(step);
                let fits = try_trace(Kind::Transform("test"), &x, |x: &Tensor| x.index(range)).is_ok();
                let got = fits.then(|| x.index(range).to_vec::<i64>());
                let wanted = walk(start, end, step, n);
                let wanted = wanted.map(|seen| seen.into_iter().map(|i| i as i64).collect::<Vec<_>>());
                assert_eq!(got, wanted, "{range} of {n}");
                if got.is_some() { inside += 1 } else { outside += 1 }
            }
        }
    }
    assert!(inside > 300 && outside > 300, "{inside} inside, {outside} outside");
}

#[test]
fn inclusive_ends() {
    let x = Tensor::arange::<i32>(5);
    let read = |span: Span| x.index(span).to_vec::<i32>();
    assert_eq!(read(s(1..=-1)), [1, 2, 3, 4]);
    assert_eq!(read(s(..=0)), [0]);
    assert_eq!(read(s(3..=0).step(-1)), [3, 2, 1, 0]);
    assert_eq!(read(s(..=-2).step(-1)), [4, 3]);
    assert_eq!(read(s(0..=4).step(isize::MAX)), [0]);
    assert_eq!(read(s(..).step(isize::MIN)), [4]);
}

/// The places in row-major order that picks name, by counting.
fn places(shape: &[usize], picks: &[Vec<usize>]) -> Vec<usize> {
    let mut found = vec![0];
    for (n, pick) in shape.iter().zip(picks) {
        found = found.iter().flat_map(|place| pick.iter().map(move |i| place * n + i)).collect();
    }
    found
}

/// A random way to name entries of an axis, and the entries.
fn random_pick(dice: &mut Dice, n: usize, tensor: bool) -> (Pick, Vec<usize>) {
    let from_either_end =
        |dice: &mut Dice, i: usize| i as isize - if dice.below(2) == 0 { n as isize } else { 0 };
    match if tensor { 2 } else { dice.below(2) } {
        0 => {
            let i = dice.below(n);
            (Pick::At(from_either_end(dice, i)), vec![i])
        }
        1 => {
            let step = [-2, -1, 1, 2][dice.below(4)];
            let (mut a, mut b) = (dice.below(n), dice.below(n));
            if (step > 0) != (a <= b) {
                (a, b) = (b, a);
            }
            let seen = walk(Some(a as isize), Some(b as isize), step, n as isize).unwrap();
            let range = s(from_either_end(dice, a)..from_either_end(dice, b)).step(step);
            (Pick::Span(range), seen)
        }
        _ => {
            let i: Vec<usize> = (0..dice.below(4)).map(|_| dice.below(n)).collect();
            let signed: Vec<i64> = i.iter().map(|&i| from_either_end(dice, i) as i64).collect();
            (Pick::Many(Tensor::from(signed)), i)
        }
    }
}

/// A way to write, and the same for one entry.
type Write = (fn(&At<'_>, &Tensor) -> Tensor, fn(f64, f64) -> f64);

#[test]
fn reading_and_writing_by_random_indices() {
    let mut dice = Dice(7);
    let writes: [Write; 5] = [
        (|at, v| at.set(v), |_, v| v),
        (|at, v| at.add(v), |x, v| x + v),
        (|at, v| at.mul(v), |x, v| x * v),
        (|at, v| at.max(v), f64::max),
        (|at, v| at.min(v), f64::min),
    ];
    for round in 0..300 {
        let rank = dice.below(4);
        let shape: Vec<usize> = (0..rank).map(|_| 1 + dice.below(4)).collect();
        let x = dice.floats(shape.iter().product());
        let named = dice.below(rank + 1);
        let tensor = dice.below(4);
        let (picks, mut seen): (Vec<Pick>, Vec<Vec<usize>>) =
            (0..named).map(|axis| random_pick(&mut dice, shape[axis], axis == tensor)).unzip();
        seen.extend(shape[named..].iter().map(|&n| (0..n).collect()));
        let places = places(&shape, &seen);
        let tensor = Tensor::from_vec(x.clone(), &shape[..]);
        let part = tensor.index(picks.clone());
        let read: Vec<f64> = places.iter().map(|&place| x[place]).collect();
        assert_eq!(part.to_vec::<f64>(), read, "round {round}: {picks:?} of {shape:?}");
        let values = dice.floats(places.len());
        let v = Tensor::from_vec(values.clone(), part.shape().clone());
        for (k, (write, one)) in writes.iter().enumerate() {
            let mut wanted = x.clone();
            for (&place, &v) in places.iter().zip(&values) {
                wanted[place] = one(wanted[place], v);
            }
            let got = write(&tensor.at(picks.clone()), &v);
            assert_eq!(got.to_vec::<f64>(), wanted, "round {round}, write {k}: {picks:?} of {shape:?}");
            // Integers too: the numbers are quarters.
            let whole = |x: &Tensor| (x * 4.0).to(DType::I64);
            let got = write(&whole(&tensor).at(picks.clone()), &whole(&v)).to_vec::<i64>();
            let mut wanted: Vec<i64> = x.iter().map(|x| (x * 4.0) as i64).collect();
            for (&place, &v) in places.iter().zip(&values) {
                wanted[place] = one(wanted[place] as f64, v * 4.0) as i64;
            }
            assert_eq!(got, wanted, "round {round}, write {k}, integers");
        }
    }
}

#[test]
fn windows_at_random_places() {
    let mut dice = Dice(11);
    for round in 0..200 {
        let rank = dice.below(4);
        let shape: Vec<usize> = (0..rank).map(|_| 1 + dice.below(4)).collect();
        let sizes: Vec<usize> = shape.iter().map(|&n| dice.below(n + 1)).collect();
        let starts: Vec<i64> = (0..rank).map(|_| dice.between(-9, 9) as i64).collect();
        let seen: Vec<Vec<usize>> = (0..rank)
            .map(|axis| {
                let n = shape[axis] as i64;
                let start = if starts[axis] < 0 { starts[axis] + n } else { starts[axis] };
                let start = start.clamp(0, n - sizes[axis] as i64) as usize;
                (start..start + sizes[axis]).collect()
            })
            .collect();
        let places = places(&shape, &seen);
        let x = dice.floats(shape.iter().product());
        let tensor = Tensor::from_vec(x.clone(), &shape[..]);
        let starts = Tensor::from(starts);
        let read: Vec<f64> = places.iter().map(|&place| x[place]).collect();
        assert_eq!(tensor.dynamic_slice(&starts, &sizes).to_vec::<f64>(), read, "round {round}");
        let update = dice.floats(places.len());
        let mut wanted = x;
        places.iter().zip(&update).for_each(|(&place, &v)| wanted[place] = v);
        let got = tensor.dynamic_update_slice(&Tensor::from_vec(update, &sizes[..]), &starts.to(DType::I32));
        assert_eq!(got.to_vec::<f64>(), wanted, "round {round}");
    }
}

#[test]
fn ties_share_and_the_last_value_stays() {
    let (x, i) = (Tensor::from([2.0, 5.0]), Tensor::from([0, 0, 1]));
    let v = Tensor::from([2.0, 2.0, 1.0]);
    let pair = (x.clone(), v.clone());
    let g = grad(|(x, v): &(Tensor, Tensor)| x.at(&i).max(v).sum())(&pair);
    let third = 1.0 / 3.0;
    assert_eq!((g.0.to_vec::<f64>(), g.1.to_vec::<f64>()), (vec![third, 1.0], vec![third, third, 0.0]));
    let g = grad(|(x, v): &(Tensor, Tensor)| x.at(&i).min(v).sum())(&pair);
    assert_eq!((g.0.to_vec::<f64>(), g.1.to_vec::<f64>()), (vec![third, 0.0], vec![third, third, 1.0]));
    let g = grad(|(x, v): &(Tensor, Tensor)| x.at(&i).set(v).sum())(&pair);
    assert_eq!((g.0.to_vec::<f64>(), g.1.to_vec::<f64>()), (vec![0.0, 0.0], vec![0.0, 1.0, 1.0]));
    // One entry: the derivative of the maximum of two.
    let g = grad(|x: &Tensor| x.at(0).max(2.0).sum())(&x);
    assert_eq!(g.to_vec::<f64>(), [0.5, 1.0]);
    // NaN: no entry equals it.
    let nan = Tensor::from([f64::NAN, 5.0]);
    assert_eq!(grad(|x: &Tensor| x.at(&i).max(&v).sum())(&nan).to_vec::<f64>(), [0.0, 1.0]);
}

/// A product of 0 and infinity on the way back is 0.
#[test]
fn zeros_win_in_products() {
    let (x, i) = (Tensor::from([3.0, 4.0]), Tensor::from([0, 1, 1]));
    let f = |v: &Tensor| x.at(&i).mul(v).index(0);
    let v = Tensor::from([2.0, f64::INFINITY, 0.0]);
    assert_eq!(grad(f)(&v).to_vec::<f64>(), [3.0, 0.0, 0.0]);
    assert_eq!(jvp(f, &v, &Tensor::from([1.0, 0.0, 0.0])).1.item::<f64>(), 3.0);
    // The tensor that is multiplied.
    let f = |x: &Tensor| x.at(Tensor::from([0, 1])).mul(&Tensor::from([2.0, f64::INFINITY]));
    assert_eq!(grad(|x: &Tensor| f(x).index(0))(&x).to_vec::<f64>(), [2.0, 0.0]);
    assert_eq!(jvp(f, &x, &Tensor::from([1.0, 0.0])).1.to_vec::<f64>(), [2.0, 0.0]);
}

/// All second derivatives of a product of entries that share a place, zeros among them.
#[test]
fn second_derivatives_of_products() {
    let i = Tensor::from([0, 0, 0]);
    let f = |v: &Tensor| Tensor::from([2.0]).at(&i).mul(v).sum();
    let h = hessian(f)(&Tensor::from([5.0, 0.0, 7.0]));
    assert_eq!(h.to_vec::<f64>(), [0.0, 14.0, 0.0, 14.0, 0.0, 10.0, 0.0, 10.0, 0.0]);
}

#[test]
fn bools_and_numbers_without_a_fraction() {
    let x = Tensor::from([true, false, true]);
    assert_eq!(x.at(0).set(&Tensor::from(false)).to_vec::<bool>(), [false, false, true]);
    let i = Tensor::from([1, 2]);
    let v = Tensor::from([true, false]);
    assert_eq!(x.at(&i).max(&v).to_vec::<bool>(), [true, true, true]);
    assert_eq!(x.at(&i).min(&v).to_vec::<bool>(), [true, false, false]);
    assert_eq!(x.pad_with(&[(1, 0)], &Tensor::from(true)).to_vec::<bool>(), [true, true, false, true]);
    let least = Tensor::from([i64::MIN, i64::MAX]);
    let same = least.at(Tensor::from([0, 1])).min(&Tensor::from([i64::MAX, i64::MIN]));
    assert_eq!(same.to_vec::<i64>(), [i64::MIN, i64::MIN]);
}

#[test]
fn made_of_nothing() {
    assert_eq!(Tensor::arange_step(i64::MAX - 3, i64::MAX, 2).to_vec::<i64>(), [i64::MAX - 3, i64::MAX - 1]);
    assert_eq!(Tensor::arange_step(0, -5, -2).to_vec::<i32>(), [0, -2, -4]);
    assert_eq!(Tensor::arange_step(0, 5, -2).to_vec::<i32>(), [] as [i32; 0]);
    assert_eq!(Tensor::arange_step(0f32, 0.5, 0.25).to_vec::<f32>(), [0.0, 0.25]);
    let x = Tensor::linspace::<f64>(0.1, 0.7, 50).to_vec::<f64>();
    assert_eq!((x[0], x[49]), (0.1, 0.7));
    assert_eq!(Tensor::linspace::<f32>(1.0, 2.0, 1).to_vec::<f32>(), [1.0]);
    assert_eq!(Tensor::eye_offset::<i32>(2, 2, isize::MIN).sum().item::<i32>(), 0);
    assert_eq!(Tensor::eye_offset::<i32>(3, 2, -1).to_vec::<i32>(), [0, 0, 1, 0, 0, 1]);
    assert_eq!(Tensor::from([[1, 2], [3, 4]]).diagonal(isize::MAX).size(), 0);
    assert_eq!(Tensor::from([[1, 2], [3, 4]]).tril(isize::MAX).to_vec::<i32>(), [1, 2, 3, 4]);
    assert_eq!(Tensor::from([[1, 2], [3, 4]]).triu(isize::MIN).to_vec::<i32>(), [1, 2, 3, 4]);
    assert!(Tensor::meshgrid(&[]).is_empty());
}

/// Parameters that a text may say, but no operand fits: errors, not panics.
#[test]
fn parameters_that_fit_nothing() {
    let (x, v) = (Tensor::zeros::<f64>([2, 3]), Tensor::zeros::<f64>([1, 3]));
    let (row, i) = (Tensor::from([0, 0]), Tensor::from([[0], [1]]));
    let refused = |prim: Prim, inputs: &[&Tensor]| {
        let name = prim.name().to_string();
        assert_eq!(try_apply(prim, inputs).unwrap_err().operation(), name);
    };
    for batch in [1, 2, 3, usize::MAX] {
        refused(Prim::new(DynamicSlice { batch, sizes: vec![1, 1] }), &[&x, &row]);
        refused(Prim::new(DynamicUpdateSlice { batch }), &[&x, &v, &row]);
        for indices in [&row, &i] {
            refused(Prim::new(ScatterSet { batch }), &[&x, &v, indices]);
            refused(Prim::new(ScatterMax { batch }), &[&x, &v, indices]);
            let steps = ScatterMulAdd { batch, reverse: false, zero_wins: true };
            refused(Prim::new(steps), &[&x, &v, &v, indices]);
        }
    }
    for axes in [vec![2], vec![1, 0], vec![0, 0]] {
        refused(Prim::new(Rev { axes }), &[&x]);
    }
    refused(Prim::new(ScatterSet { batch: 0 }), &[&x]);
    let steps = ScatterMulAdd { batch: 0, reverse: false, zero_wins: false };
    refused(Prim::new(steps), &[&x, &v, &v.to(DType::F32), &Tensor::from([0])]);
}

/// Hessians of a batch, with the indices and starts of each example its own, are those of the examples.
#[test]
fn second_derivatives_of_batches() {
    type Three = (Tensor, Tensor, Tensor);
    type F = fn(&Tensor, &Tensor, &Tensor) -> Tensor;
    let functions: [F; 6] = [
        |x, v, i| x.at(i).set(v).sin().sum(),
        |x, v, i| x.at(i).add(v).sin().sum(),
        |x, v, i| x.at(i).mul(v).sin().sum(),
        |x, v, i| x.at(i).max(v).sin().sum(),
        |x, v, i| (x.dynamic_slice(&i.index(..1), &[3]) * v).sin().sum(),
        |x, v, i| (x.dynamic_update_slice(&v.square(), &i.index(..1)) * x).sin().sum(),
    ];
    let x = Tensor::from([[0.3, -0.8, 1.1, 0.6], [0.9, 0.2, -0.4, 1.3]]);
    let v = Tensor::from([[0.7, -1.2, 0.5], [0.0, 0.35, -0.6]]);
    let i = Tensor::from([[2, 0, 2], [-1, -1, 1]]);
    for (k, &f) in functions.iter().enumerate() {
        let second = |(x, v, i): &Three| {
            let joined = Tensor::concat(&[x, v], 0);
            hessian(|z: &Tensor| f(&z.index(..4), &z.index(4..), i))(&joined)
        };
        for mapped in 1..8 {
            let axis = |bit: usize| (mapped >> bit & 1 == 1).then_some(0);
            let at = |bit: usize, all: &Tensor, example: usize| {
                all.index(if axis(bit).is_some() { example } else { 0 })
            };
            let all = |bit: usize, all: &Tensor| if axis(bit).is_some() { all.clone() } else { all.index(0) };
            let got =
                vmap_axes([axis(0), axis(1), axis(2)], 0, second)(&(all(0, &x), all(1, &v), all(2, &i)));
            for example in 0..2 {
                let wanted = second(&(at(0, &x, example), at(1, &v, example), at(2, &i, example)));
                let (got, wanted) = (got.index(example).to_vec::<f64>(), wanted.to_vec::<f64>());
                let close = got.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-12);
                assert!(close, "function {k}, mapped {mapped:03b}, example {example}: {got:?} {wanted:?}");
            }
        }
    }
}
