//! Every way to multiply, with the vectors of every level and on some numbers of threads, against plain loops in `f64`.

use super::at_level;
use crate::array::{Array, DType, Element, Shape};
use crate::random::threefry;
use crate::simd::Level;
use crate::threads;

const LEVELS: [Level; 3] = [Level::Plain, Level::Avx2, Level::Avx512];

/// Numbers to draw shapes and entries from.
struct Draw(u64, u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.1 += 1;
        threefry([self.0, 7], [self.1, 0])[0]
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn of<const N: usize>(&mut self, from: [usize; N]) -> usize {
        from[self.below(N)]
    }
    fn real(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
    /// An order of so many things.
    fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        (1..n).rev().for_each(|i| order.swap(i, self.below(i + 1)));
        order
    }

    /// An array of this shape whose entries lie in some way: in order, as a view of more, backwards, repeated, one number.
    fn array(&mut self, dtype: DType, shape: &[usize]) -> Array {
        if self.below(12) == 0 {
            return numbers(dtype, vec![self.real()], &[1]).reshape([]).broadcast_to(&Shape::from(shape));
        }
        let order = self.order(shape.len());
        // Axis `i` of the memory is axis `order[i]` of the array.
        let (mut full, mut start, mut step, mut flipped) = (vec![], vec![], vec![], vec![]);
        let mut repeated = vec![false; shape.len()];
        let plain = self.below(3) == 0;
        for (i, &axis) in order.iter().enumerate() {
            repeated[axis] = !plain && self.below(8) == 0;
            let length = if repeated[axis] { 1 } else { shape[axis] };
            let (before, apart, after) = match !plain && self.below(6) == 0 {
                true => (self.below(3), 1 + self.below(2), self.below(3)),
                false => (0, 1, 0),
            };
            if !plain && self.below(8) == 0 {
                flipped.push(i);
            }
            full.push(before + length * apart + after);
            start.push(before);
            step.push(apart);
        }
        let size = full.iter().product();
        let memory = numbers(dtype, (0..size).map(|_| self.real()).collect(), &full);
        let lengths: Vec<usize> =
            order.iter().map(|&axis| if repeated[axis] { 1 } else { shape[axis] }).collect();
        let limit: Vec<usize> = (0..full.len()).map(|i| start[i] + lengths[i] * step[i]).collect();
        let limit: Vec<usize> = limit.iter().zip(&full).map(|(&limit, &full)| limit.min(full)).collect();
        let seen = memory.slice(&start, &limit, &step).flip(&flipped);
        let mut back = vec![0; shape.len()];
        order.iter().enumerate().for_each(|(i, &axis)| back[axis] = i);
        seen.permute(&back).broadcast_to(&Shape::from(shape))
    }
}

fn numbers(dtype: DType, values: Vec<f64>, shape: &[usize]) -> Array {
    match dtype {
        DType::F32 => Array::from_vec(values.iter().map(|&x| x as f32).collect(), shape),
        DType::F64 => Array::from_vec(values, shape),
        DType::I32 => Array::from_vec(values.iter().map(|&x| (x * 1e9) as i32).collect(), shape),
        DType::I64 => Array::from_vec(values.iter().map(|&x| (x * 1e18) as i64).collect(), shape),
        DType::Bool => unreachable!("no products of bools"),
    }
}

/// A product: lengths of the batch, of the left's own axes, of the right's own and of the contracted ones, in the given orders.
struct Case {
    a: Array,
    b: Array,
    contract: (Vec<usize>, Vec<usize>),
    batch: (Vec<usize>, Vec<usize>),
}

impl Case {
    fn draw(draw: &mut Draw, dtype: DType, lengths: [&[usize]; 4]) -> Case {
        let [batch, rows, columns, depth] = lengths;
        let mut operand = |own: &[usize]| {
            let all = [batch, own, depth].concat();
            // Where each of these axes is in the operand.
            let mut order = draw.order(all.len());
            // Own axes come in their order.
            let mut own_places: Vec<usize> = order[batch.len()..batch.len() + own.len()].to_vec();
            own_places.sort_unstable();
            order[batch.len()..batch.len() + own.len()].copy_from_slice(&own_places);
            let mut shape = vec![0; all.len()];
            order.iter().zip(&all).for_each(|(&place, &length)| shape[place] = length);
            let array = draw.array(dtype, &shape);
            (array, order[batch.len() + own.len()..].to_vec(), order[..batch.len()].to_vec())
        };
        let (a, contract_a, batch_a) = operand(rows);
        let (b, contract_b, batch_b) = operand(columns);
        Case { a, b, contract: (contract_a, contract_b), batch: (batch_a, batch_b) }
    }

    fn at(&self, level: Level) -> Array {
        let (c, n) = (&self.contract, &self.batch);
        at_level(level, &self.a, &self.b, (&c.0, &c.1), (&n.0, &n.1))
    }

    /// Rows and columns by plain indices: the operands as `[batch, own, depth]`, in order.
    fn plain<T: Element>(&self) -> (Vec<T>, Vec<T>, [usize; 4], Shape) {
        let free = |x: &Array, c: &[usize], n: &[usize]| -> Vec<usize> {
            (0..x.rank()).filter(|axis| !c.contains(axis) && !n.contains(axis)).collect()
        };
        let (free_a, free_b) =
            (free(&self.a, &self.contract.0, &self.batch.0), free(&self.b, &self.contract.1, &self.batch.1));
        let length =
            |x: &Array, axes: &[usize]| -> usize { axes.iter().map(|&axis| x.shape()[axis]).product() };
        let sizes = [
            length(&self.a, &self.batch.0),
            length(&self.a, &free_a),
            length(&self.b, &free_b),
            length(&self.a, &self.contract.0),
        ];
        let shape = (self.batch.0.iter().chain(&free_a).map(|&axis| self.a.shape()[axis]))
            .chain(free_b.iter().map(|&axis| self.b.shape()[axis]))
            .collect();
        let a = self.a.permute(&[&self.batch.0[..], &free_a, &self.contract.0].concat());
        let b = self.b.permute(&[&self.batch.1[..], &free_b, &self.contract.1].concat());
        (a.to_vec().unwrap(), b.to_vec().unwrap(), sizes, shape)
    }

    fn describe(&self, level: Level) -> String {
        let Case { a, b, contract, batch } = self;
        format!("{} by {}, {contract:?}, {batch:?}, {level:?}", a.ty(), b.ty())
    }

    /// Is the product right at every level, and the same on some numbers of threads?
    fn agrees<T: Element>(&self, wide: impl Fn(T) -> f64, epsilon: f64) {
        let (a, b, [_, m, n, k], shape) = self.plain::<T>();
        for level in LEVELS {
            let y = threads::with(1, || self.at(level));
            assert_eq!(y.shape(), &shape, "{}", self.describe(level));
            let values = y.to_vec::<T>().unwrap();
            for (i, &y) in values.iter().enumerate() {
                let (item, row, column) = (i / (m * n), i / n % m, i % n);
                let line =
                    |x: &[T], at: usize| x[at * k..(at + 1) * k].iter().map(|&x| wide(x)).collect::<Vec<_>>();
                let (p, q) = (line(&a, item * m + row), line(&b, item * n + column));
                let exact: f64 = p.iter().zip(&q).map(|(p, q)| p * q).sum();
                let size: f64 = p.iter().zip(&q).map(|(p, q)| (p * q).abs()).sum();
                let bound = epsilon * (k as f64 + 2.0) * size;
                assert!(
                    (wide(y) - exact).abs() <= bound,
                    "{}: {i}: {y:?}, not {exact}",
                    self.describe(level)
                );
            }
            for count in [2, 3] {
                let other = threads::with(count, || self.at(level)).to_vec::<T>().unwrap();
                let same = values.iter().zip(&other).all(|(&x, &y)| wide(x).to_bits() == wide(y).to_bits());
                assert!(same, "{count} threads, {}", self.describe(level));
            }
        }
    }

    fn check(&self) {
        match self.a.dtype() {
            DType::F32 => self.agrees(|x: f32| f64::from(x), f64::from(f32::EPSILON)),
            _ => self.agrees(|x: f64| x, f64::EPSILON),
        }
    }
}

#[test]
fn random_shapes_and_strides() {
    let mut draw = Draw(1, 0);
    for i in 0..600 {
        let dtype = [DType::F32, DType::F64][i % 2];
        let mut lengths = |most: usize, empty: bool| -> Vec<usize> {
            let rank = draw.below(most + 1);
            (0..rank)
                .map(|_| if empty { draw.of([0, 1, 2, 3]) } else { draw.of([1, 2, 3, 5, 8, 17]) })
                .collect()
        };
        let empty = i % 11 == 0;
        let (batch, rows, columns, depth) =
            (lengths(2, empty), lengths(2, empty), lengths(2, empty), lengths(2, empty));
        Case::draw(&mut draw, dtype, [&batch, &rows, &columns, &depth]).check();
    }
}

#[test]
fn sizes_around_tile_borders() {
    let mut draw = Draw(2, 0);
    for dtype in [DType::F32, DType::F64] {
        for i in 0..250 {
            let m = draw.of([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 15, 16, 17, 47, 48, 63, 65]);
            let n = draw.of([1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 63, 64, 65, 97]);
            let k = draw.of([1, 2, 3, 4, 7, 8, 9, 31, 32, 33, 63, 127, 128, 129, 257, 511, 512, 513]);
            let batch = if i % 4 == 0 { vec![1 + draw.below(3)] } else { vec![] };
            Case::draw(&mut draw, dtype, [&batch, &[m], &[n], &[k]]).check();
        }
    }
}

/// Each is large enough to be cut, in every layout.
#[test]
fn pieces_for_threads() {
    let mut draw = Draw(3, 0);
    for (dtype, lengths) in [
        (DType::F32, [&[][..], &[259], &[131], &[300]]),
        (DType::F64, [&[], &[129], &[67], &[1030]]),
        (DType::F32, [&[], &[130], &[1100], &[70]]),
        (DType::F64, [&[], &[7], &[900], &[500]]),
        (DType::F32, [&[], &[1], &[1500], &[1600]]),
        (DType::F64, [&[], &[2000], &[1], &[1100]]),
        (DType::F32, [&[70], &[33], &[31], &[40]]),
        (DType::F64, [&[2], &[140], &[120], &[130]]),
        (DType::F32, [&[], &[3], &[5], &[200_001]]),
        (DType::F64, [&[], &[70_000], &[4], &[9]]),
        // More rows than columns, whose vectors go along the rows; more than one slab, and more than is packed at once.
        (DType::F32, [&[], &[9], &[4], &[70_001]]),
        (DType::F32, [&[], &[131], &[70], &[1100]]),
        (DType::F64, [&[], &[128], &[9], &[4200]]),
        (DType::F32, [&[], &[129], &[2100], &[17]]),
        (DType::F64, [&[], &[7], &[300], &[1100]]),
        // Few rows, and one, of a matrix that is far.
        (DType::F32, [&[], &[4], &[701], &[800]]),
        (DType::F64, [&[], &[1], &[301], &[500]]),
        (DType::F64, [&[], &[11], &[500], &[333]]),
        (DType::F32, [&[], &[19], &[700], &[400]]),
        (DType::F64, [&[], &[14], &[401], &[520]]),
        (DType::F64, [&[], &[12], &[401], &[400]]),
        (DType::F32, [&[], &[33], &[530], &[517]]),
    ] {
        for _ in 0..3 {
            Case::draw(&mut draw, dtype, lengths).check();
        }
    }
}

#[test]
fn long_sums_are_in_pieces() {
    for (m, n) in [(1, 1), (2, 3)] {
        let mut draw = Draw(4, 0);
        Case::draw(&mut draw, DType::F64, [&[], &[m], &[n], &[3_000_000]]).check();
    }
    // One by one, each addition would lose what 2²⁴ in f32 has no bit for.
    let n = 1 << 25;
    let ones = Array::from_vec(vec![1_f32; n], [n]);
    for level in LEVELS {
        let y = at_level(level, &ones, &ones, (&[0], &[0]), (&[], &[]));
        assert_eq!(y.to_vec::<f32>().unwrap(), [n as f32], "{level:?}");
    }
}

#[test]
fn integers_wrap_around() {
    let mut draw = Draw(5, 0);
    for i in 0..60 {
        let mut lengths = || -> Vec<usize> { (0..draw.below(3)).map(|_| draw.of([0, 1, 2, 3, 9])).collect() };
        let (batch, rows, columns, depth) = (lengths(), lengths(), lengths(), lengths());
        let dtype = [DType::I32, DType::I64][i % 2];
        let case = Case::draw(&mut draw, dtype, [&batch, &rows, &columns, &depth]);
        let wide = |x: &Array| x.items().map(|x| x.to_f64()).collect::<Vec<_>>();
        let whole = |x: &Array| match dtype {
            DType::I32 => x.to_vec::<i32>().unwrap().into_iter().map(i64::from).collect(),
            _ => x.to_vec::<i64>().unwrap(),
        };
        let y = case.at(Level::Avx512);
        let (a, b, [_, m, n, k], shape) = match dtype {
            DType::I32 => {
                let (a, b, sizes, shape) = case.plain::<i32>();
                let long = |x: Vec<i32>| x.into_iter().map(i64::from).collect::<Vec<i64>>();
                (long(a), long(b), sizes, shape)
            }
            _ => case.plain::<i64>(),
        };
        assert_eq!(y.shape(), &shape);
        assert_eq!(wide(&y).len(), shape.size());
        for (i, y) in whole(&y).into_iter().enumerate() {
            let (item, row, column) = (i / (m * n), i / n % m, i % n);
            let line = |x: &'_ [i64], at: usize| x[at * k..(at + 1) * k].to_vec();
            let (p, q) = (line(&a, item * m + row), line(&b, item * n + column));
            let exact = p.iter().zip(&q).fold(0_i64, |sum, (&p, &q)| sum.wrapping_add(p.wrapping_mul(q)));
            let exact = if dtype == DType::I32 { i64::from(exact as i32) } else { exact };
            assert_eq!(y, exact, "{}", case.describe(Level::Avx512));
        }
    }
}

/// Where the operands are not finite, so are exactly those results that meet them, as IEEE 754 has it.
#[test]
fn infinities_and_nan_stay_in_their_rows_and_columns() {
    for (m, n, k) in [(1, 1, 1), (1, 9, 5), (9, 1, 20), (4, 7, 40), (17, 33, 31), (70, 50, 300), (3, 6, 300)]
    {
        for special in [f64::INFINITY, f64::NAN] {
            let mut draw = Draw(6, 0);
            let (row, column, at) = (m / 2, n - 1, k / 2);
            let mut a: Vec<f64> = (0..m * k).map(|_| draw.real()).collect();
            let mut b: Vec<f64> = (0..k * n).map(|_| draw.real()).collect();
            a[row * k + at] = special;
            b[at * n + column] = 0.0;
            let turned = |x: &[f64], rows: usize, columns: usize| {
                Array::from_vec(x.to_vec(), [rows, columns]).permute(&[1, 0]).contiguous().permute(&[1, 0])
            };
            let (plain_a, plain_b) = (Array::from_vec(a.clone(), [m, k]), Array::from_vec(b.clone(), [k, n]));
            for (x, y) in [
                (plain_a.clone(), plain_b.clone()),
                (turned(&a, m, k), plain_b),
                (plain_a, turned(&b, k, n)),
                (turned(&a, m, k), turned(&b, k, n)),
            ] {
                for level in LEVELS {
                    let c = at_level(level, &x, &y, (&[1], &[0]), (&[], &[])).to_vec::<f64>().unwrap();
                    for (i, c) in c.iter().enumerate() {
                        let what = format!("{m}x{k}x{n} {level:?} {i}: {c}");
                        match (i / n == row, i % n == column) {
                            (false, _) => assert!(c.is_finite(), "{what}"),
                            // Infinity times zero.
                            (true, true) => assert!(c.is_nan(), "{what}"),
                            (true, false) => {
                                assert!(!c.is_finite() && c.is_nan() == special.is_nan(), "{what}")
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn an_empty_sum_is_zero() {
    for dtype in [DType::F32, DType::F64, DType::I32, DType::I64] {
        let mut draw = Draw(7, 0);
        // What a pool of memory holds is not seen.
        drop(draw.array(dtype, &[100, 100]));
        let y = Case::draw(&mut draw, dtype, [&[2], &[100], &[100], &[0]]).at(Level::Avx512);
        assert_eq!(y.shape(), &Shape::from([2, 100, 100]));
        assert!(y.items().all(|y| y.to_f64() == 0.0));
    }
}

#[test]
fn repeated_numbers_take_no_memory() {
    let one = Array::fill(crate::Item::F64(2.0), [300, 400]);
    let x = Draw(8, 0).array(DType::F64, &[400, 70]);
    let y = at_level(Level::Avx512, &one, &x, (&[1], &[0]), (&[], &[])).to_vec::<f64>().unwrap();
    let sums = crate::reduce::sum(&x, &[0]).to_vec::<f64>().unwrap();
    assert!(y.iter().zip(sums.iter().cycle()).all(|(y, sum)| (y - 2.0 * sum).abs() < 1e-9));
    let all = at_level(Level::Avx512, &one, &one, (&[0, 1], &[0, 1]), (&[], &[]));
    assert_eq!(all.to_vec::<f64>().unwrap(), [480_000.0]);
}
