//! Decompositions multiply back to what they are of, small and large, in f32 and f64, in batches, with any number of threads.
#![cfg(feature = "linalg")]

use cotangent_kernels::linalg::{self, Triangle};
use cotangent_kernels::map::convert;
use cotangent_kernels::{Array, DType, contract, random, threads};

/// Numbers from −1 to 1, the same for the same seed.
fn draw(shape: &[usize], seed: u64, dtype: DType) -> Array {
    let size = shape.iter().product::<usize>() as u64;
    let number = |i| (random::threefry([seed, 7], [i, 0])[0] >> 11) as f64 / (1_u64 << 52) as f64 - 1.0;
    convert(&Array::from_vec((0..size).map(number).collect::<Vec<f64>>(), shape), dtype)
}

fn numbers(a: &Array) -> Vec<f64> {
    a.items().map(|item| item.to_f64()).collect()
}

/// The product of matrices in a batch, either one transposed.
fn product(a: &Array, ta: bool, b: &Array, tb: bool) -> Array {
    let r = a.rank();
    let batch: Vec<usize> = (0..r - 2).collect();
    let (i, j) = (if ta { r - 2 } else { r - 1 }, if tb { r - 1 } else { r - 2 });
    contract::dot_general(a, b, (&[i], &[j]), (&batch, &batch))
}

#[track_caller]
fn close(a: &Array, b: &Array, times: f64) {
    assert_eq!(a.ty(), b.ty());
    let epsilon = if a.dtype() == DType::F32 { 1.2e-7 } else { 2.2e-16 };
    for (x, y) in numbers(a).iter().zip(numbers(b)) {
        assert!((x - y).abs() <= times * epsilon, "{x} is not {y}: {:.1} ε", (x - y).abs() / epsilon);
    }
}

fn identity(batch: &[usize], n: usize, dtype: DType) -> Array {
    let count: usize = batch.iter().product();
    let entry = |at: usize| if at % (n * n) / n == at % n { 1.0 } else { 0.0 };
    let shape = [batch, &[n, n]].concat();
    convert(&Array::from_vec((0..count * n * n).map(entry).collect::<Vec<f64>>(), shape), dtype)
}

/// Shapes on both sides of where plain loops end.
const SQUARES: [&[usize]; 9] =
    [&[1, 1], &[2, 2], &[5, 5], &[16, 16], &[17, 17], &[60, 60], &[150, 150], &[3, 20, 20], &[2, 3, 4, 4]];
const RECTANGLES: [&[usize]; 10] = [
    &[1, 1],
    &[3, 3],
    &[7, 3],
    &[3, 7],
    &[40, 20],
    &[20, 40],
    &[130, 90],
    &[2, 18, 25],
    &[3, 2, 5],
    &[90, 2],
];

fn each(shapes: &[&[usize]], check: impl Fn(Array, &[usize], usize, usize, DType)) {
    for dtype in [DType::F64, DType::F32] {
        for (seed, shape) in shapes.iter().enumerate() {
            let (batch, last) = shape.split_at(shape.len() - 2);
            check(draw(shape, seed as u64, dtype), batch, last[0], last[1], dtype);
        }
    }
}

/// a·aᵀ + n.
fn definite(a: &Array, batch: &[usize], n: usize, dtype: DType) -> Array {
    let (square, one) = (product(a, false, a, true), identity(batch, n, dtype));
    let sum = numbers(&square).into_iter().zip(numbers(&one)).map(|(x, y)| x + n as f64 * y);
    convert(&Array::from_vec(sum.collect::<Vec<f64>>(), a.shape().clone()), dtype)
}

#[test]
fn cholesky_and_triangles() {
    each(&SQUARES, |a, batch, n, _, dtype| {
        let a = definite(&a, batch, n, dtype);
        let l = linalg::cholesky(&a).unwrap();
        close(&product(&l, false, &l, true), &a, 8.0 * n as f64);
        let rows = numbers(&l);
        assert!((0..rows.len()).all(|at| at % n <= at % (n * n) / n || rows[at] == 0.0));
        for m in [1, 3, 40] {
            let b = draw(&[batch, &[n, m]].concat(), 50, dtype);
            for transpose in [false, true] {
                let x = linalg::triangular_solve(&l, &b, Triangle { transpose, ..Triangle::LOWER });
                close(&product(&l, transpose, &x, false), &b, 8.0 * n as f64);
                // The same matrix from the other side: what is below or above is not read.
                let mut axes: Vec<usize> = (0..l.rank()).collect();
                axes.swap(l.rank() - 1, l.rank() - 2);
                let upper = linalg::triangular_solve(
                    &l.permute(&axes),
                    &b,
                    Triangle { transpose: !transpose, ..Triangle::UPPER },
                );
                close(&upper, &x, 8.0 * n as f64);
            }
        }
    });
}

#[test]
fn a_factor_that_is_not() {
    for n in [2, 30] {
        for (at, value) in [(0, -1.0), (n - 1, 0.0), (n - 1, f64::NAN), (n / 2, f64::INFINITY)] {
            let mut entries = numbers(&identity(&[2], n, DType::F64));
            entries[n * n + at * n + at] = value;
            let failure = linalg::cholesky(&Array::from_vec(entries, [2, n, n])).unwrap_err();
            assert_eq!((failure.matrix, failure.pivot), (1, at), "{n} {value}");
        }
    }
}

#[test]
fn elimination() {
    each(&RECTANGLES, |a, batch, m, n, dtype| {
        let k = m.min(n);
        let (packed, exchanged, rows) = linalg::lu(&a);
        let (entries, rows_of, swaps) = (numbers(&packed), numbers(&rows), numbers(&exchanged));
        let a_entries = numbers(&a);
        let epsilon = if dtype == DType::F32 { 1.2e-7 } else { 2.2e-16 };
        for b in 0..batch.iter().product() {
            let (lu, a) = (&entries[b * m * n..], &a_entries[b * m * n..]);
            let (order, swaps) = (&rows_of[b * m..][..m], &swaps[b * k..][..k]);
            let mut by_swaps: Vec<f64> = (0..m).map(|i| i as f64).collect();
            swaps.iter().enumerate().for_each(|(i, &j)| by_swaps.swap(i, j as usize));
            assert_eq!(by_swaps, order);
            for i in 0..m {
                for j in 0..n {
                    let term = |p: usize| (if p == i { 1.0 } else { lu[i * n + p] }) * lu[p * n + j];
                    let sum: f64 = (0..=i.min(j).min(k - 1)).map(term).sum();
                    let off = (sum - a[order[i] as usize * n + j]).abs();
                    assert!(off < 8.0 * m as f64 * epsilon, "{off:e}");
                    assert!(j >= i || lu[i * n + j].abs() <= 1.0);
                }
            }
        }
    });
    each(&SQUARES, |a, batch, n, _, dtype| {
        let a = definite(&a, batch, n, dtype);
        let (packed, exchanged, rows) = linalg::lu(&a);
        for transpose in [false, true] {
            let b = draw(&[batch, &[n, 3]].concat(), 50, dtype);
            let x = linalg::lu_solve(&packed, &rows, &b, transpose).unwrap();
            close(&product(&a, transpose, &x, false), &b, 8.0 * n as f64);
        }
        let (det, (sign, log)) = (linalg::det(&a), linalg::slogdet(&packed, &exchanged));
        for ((det, sign), log) in numbers(&det).iter().zip(numbers(&sign)).zip(numbers(&log)) {
            assert_eq!(sign, 1.0);
            assert!(det.is_infinite() || (det.ln() / log - 1.0).abs() < 1e-6, "{det} {log}");
        }
    });
}

#[test]
fn singular_matrices_have_a_pivot_that_is_zero() {
    for n in [3, 24] {
        let mut entries = numbers(&draw(&[2, n, n], 1, DType::F64));
        // The second matrix has a column of zeros.
        (0..n).for_each(|i| entries[n * n + i * n + 1] = 0.0);
        let a = Array::from_vec(entries, [2, n, n]);
        let (packed, exchanged, rows) = linalg::lu(&a);
        let b = draw(&[2, n, 1], 2, DType::F64);
        let failure = linalg::lu_solve(&packed, &rows, &b, false).unwrap_err();
        assert_eq!((failure.matrix, failure.pivot), (1, 1), "{n}");
        let det = numbers(&linalg::det(&a));
        assert!(det[0] != 0.0 && det[1] == 0.0);
        let (sign, log) = linalg::slogdet(&packed, &exchanged);
        assert_eq!((numbers(&sign)[1], numbers(&log)[1]), (0.0, f64::NEG_INFINITY));
    }
}

#[test]
fn determinants_of_any_size() {
    let n = 400;
    let scaled = |by: f64| {
        let entries = numbers(&identity(&[], n, DType::F64));
        let alternate = |(at, x): (usize, f64)| if at / n % 2 == 0 { x * by } else { x / by };
        Array::from_vec(entries.into_iter().enumerate().map(alternate).collect::<Vec<f64>>(), [n, n])
    };
    for by in [1e150, 1e-150, 1.0] {
        let det = numbers(&linalg::det(&scaled(by)))[0];
        assert!((det - 1.0).abs() < 1e-12, "{by}: {det}");
    }
    let small = Array::from_vec(vec![1e-200, 0.0, 0.0, -1e-108], [2, 2]);
    assert!((numbers(&linalg::det(&small))[0] / -1e-308 - 1.0).abs() < 1e-12);
}

#[test]
fn orthogonal_factors() {
    each(&RECTANGLES, |a, batch, m, n, dtype| {
        let k = m.min(n);
        let size = 10.0 * (m + n) as f64;
        let (q, r) = linalg::qr(&a);
        close(&product(&q, false, &r, false), &a, size);
        close(&product(&q, true, &q, false), &identity(batch, k, dtype), size);
        let entries = numbers(&r);
        for (at, x) in entries.iter().enumerate() {
            let (i, j) = (at / n % k, at % n);
            assert!(if i > j { *x == 0.0 } else { i != j || *x >= 0.0 });
        }
        let (u, s, vt) = linalg::svd(&a).unwrap();
        close(&product(&u, true, &u, false), &identity(batch, k, dtype), size);
        close(&product(&vt, false, &vt, true), &identity(batch, k, dtype), size);
        let values = numbers(&s);
        for row in values.chunks(k) {
            assert!(row.windows(2).all(|pair| pair[0] >= pair[1]) && row[k - 1] >= 0.0, "{row:?}");
        }
        let scaled: Vec<f64> = numbers(&vt).iter().enumerate().map(|(at, x)| x * values[at / n]).collect();
        let scaled = convert(&Array::from_vec(scaled, vt.shape().clone()), dtype);
        close(&product(&u, false, &scaled, false), &a, size);
        close(&linalg::svdvals(&a).unwrap(), &s, size);
        let p = linalg::pinv(&a, 1e-6).unwrap();
        close(&product(&product(&a, false, &p, false), false, &a, false), &a, 1e3 * size);
    });
}

#[test]
fn eigenvectors() {
    each(&SQUARES, |a, batch, n, _, dtype| {
        let (w, v) = linalg::eigh(&a).unwrap();
        let size = 10.0 * n as f64;
        close(&product(&v, true, &v, false), &identity(batch, n, dtype), size);
        let (values, vectors) = (numbers(&w), numbers(&v));
        assert!(values.chunks(n).all(|row| row.windows(2).all(|pair| pair[0] <= pair[1])));
        let scaled: Vec<f64> =
            (0..vectors.len()).map(|at| vectors[at] * values[at / (n * n) * n + at % n]).collect();
        let scaled = convert(&Array::from_vec(scaled, v.shape().clone()), dtype);
        let mut axes: Vec<usize> = (0..a.rank()).collect();
        axes.swap(a.rank() - 1, a.rank() - 2);
        let symmetric: Vec<f64> =
            numbers(&a).iter().zip(numbers(&a.permute(&axes))).map(|(x, y)| (x + y) / 2.0).collect();
        let symmetric = convert(&Array::from_vec(symmetric, a.shape().clone()), dtype);
        close(&product(&scaled, false, &v, true), &symmetric, size);
        close(&linalg::eigvalsh(&a).unwrap(), &w, size);
    });
}

#[test]
fn cofactors_of_every_rank() {
    let cofactor = |a: &[f64], n: usize, i: usize, j: usize| {
        let minor: Vec<f64> = (0..n * n).filter(|at| at / n != i && at % n != j).map(|at| a[at]).collect();
        let det = numbers(&linalg::det(&Array::from_vec(minor, [n - 1, n - 1])))[0];
        if (i + j).is_multiple_of(2) { det } else { -det }
    };
    for n in [1, 2, 4, 5] {
        for rank in 0..=n {
            let (a, b) = (draw(&[n, rank], 3, DType::F64), draw(&[rank, n], 4, DType::F64));
            let a = product(&a, false, &b, false);
            let (got, entries) = (numbers(&linalg::cofactor(&a).unwrap()), numbers(&a));
            for (at, got) in got.iter().enumerate() {
                let exact = cofactor(&entries, n, at / n, at % n);
                assert!((got - exact).abs() < 1e-13, "{n}, rank {rank}: {got} is not {exact}");
            }
        }
    }
}

/// Of one and of two rows they are entries, or 1: nothing is computed.
#[test]
fn small_cofactors_are_exact() {
    let mut values: Vec<f64> = (1..1000).map(|i| (i as f64).sqrt()).collect();
    values.extend([0.0, -0.0, 5e-324, 1e38]);
    for dtype in [DType::F32, DType::F64] {
        for &x in &values {
            let bits = |a: &[f64], n: usize| {
                let a = convert(&Array::from_vec(a.to_vec(), [n, n]), dtype);
                numbers(&linalg::cofactor(&a).unwrap()).iter().map(|x| x.to_bits()).collect::<Vec<_>>()
            };
            assert_eq!(bits(&[x], 1), [1.0f64.to_bits()], "{dtype}: {x}");
            let x = numbers(&convert(&Array::from_vec(vec![x], []), dtype))[0];
            assert_eq!(bits(&[x, 2.0, 0.5, -x], 2), [-x, -0.5, -2.0, x].map(f64::to_bits), "{dtype}: {x}");
        }
    }
}

/// At 1e±300 nothing overflows on the way.
#[test]
fn any_scale() {
    for by in [1e300, 1e-300] {
        let scaled = |a: &Array| {
            Array::from_vec(numbers(a).iter().map(|x| x * by).collect::<Vec<f64>>(), a.shape().clone())
        };
        let a = draw(&[5, 4], 1, DType::F64);
        let back: Vec<f64> = numbers(&linalg::svdvals(&scaled(&a)).unwrap()).iter().map(|s| s / by).collect();
        close(&Array::from_vec(back, [4]), &linalg::svdvals(&a).unwrap(), 20.0);
        let (q, _) = linalg::qr(&scaled(&a));
        close(&q, &linalg::qr(&a).0, 20.0);
        let square = draw(&[4, 4], 2, DType::F64);
        let back: Vec<f64> =
            numbers(&linalg::eigvalsh(&scaled(&square)).unwrap()).iter().map(|w| w / by).collect();
        close(&Array::from_vec(back, [4]), &linalg::eigvalsh(&square).unwrap(), 20.0);
    }
}

/// What is no number spreads over its own matrix, and nothing hangs.
#[test]
fn not_a_number() {
    for n in [1, 2, 3, 40] {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut entries = numbers(&draw(&[2, n, n], 1, DType::F64));
            entries[n * n + n / 2] = value;
            let a = Array::from_vec(entries, [2, n, n]);
            let (w, v) = linalg::eigh(&a).unwrap();
            let (u, s, vt) = linalg::svd(&a).unwrap();
            let (q, r) = linalg::qr(&a);
            let det = linalg::det(&a);
            let (packed, pinv) = (linalg::lu(&a).0, linalg::pinv(&a, 1e-10).unwrap());
            let cofactor = linalg::cofactor(&a).unwrap();
            let values = (linalg::eigvalsh(&a).unwrap(), linalg::svdvals(&a).unwrap());
            let all = [w, v, u, s, vt, q, det, packed, pinv, cofactor, values.0, values.1];
            for (i, y) in all.iter().enumerate() {
                let y = numbers(y);
                let (first, second) = y.split_at(y.len() / 2);
                assert!(first.iter().all(|x| x.is_finite()), "{i}");
                assert!(second.iter().all(|x| x.is_nan()), "{i} {n} {value}: {second:?}");
            }
            assert!(numbers(&r)[n * n..].iter().all(|x| x.is_nan()));
        }
    }
}

#[test]
fn the_bits_do_not_depend_on_threads() {
    for shape in [&[500, 3, 3][..], &[40, 30, 30], &[200, 200]] {
        let n = shape[shape.len() - 1];
        let a = draw(shape, 9, DType::F64);
        let batch = &shape[..shape.len() - 2];
        let all = |count: usize| {
            threads::with(count, || {
                let (packed, _, rows) = linalg::lu(&a);
                let (w, v) = linalg::eigh(&a).unwrap();
                let (u, s, vt) = linalg::svd(&a).unwrap();
                let (q, r) = linalg::qr(&a);
                let l = linalg::cholesky(&definite(&a, batch, n, DType::F64)).unwrap();
                let x = linalg::lu_solve(&packed, &rows, &a, true).unwrap();
                [packed, w, v, u, s, vt, q, r, l, x]
                    .map(|y| y.to_vec::<f64>().unwrap().into_iter().map(f64::to_bits).collect::<Vec<_>>())
            })
        };
        let one = all(1);
        for count in [1, 2, 3] {
            assert!(all(count) == one, "{shape:?} {count}");
        }
    }
}

#[test]
fn nothing() {
    for shape in [[0, 3, 3], [2, 0, 0]] {
        let a = Array::from_vec(Vec::<f64>::new(), shape);
        assert_eq!(linalg::cholesky(&a).unwrap().shape(), a.shape());
        assert_eq!(linalg::cofactor(&a).unwrap().shape(), a.shape());
        assert_eq!(numbers(&linalg::det(&a)), vec![1.0; shape[0]]);
        assert_eq!(linalg::eigh(&a).unwrap().0.shape()[..], [shape[0], shape[1]]);
    }
    let a = Array::from_vec(Vec::<f32>::new(), [3, 0]);
    let (u, s, vt) = linalg::svd(&a).unwrap();
    assert_eq!((&u.shape()[..], &s.shape()[..], &vt.shape()[..]), (&[3, 0][..], &[0][..], &[0, 0][..]));
    assert_eq!(linalg::qr(&a).1.shape()[..], [0, 0]);
    assert_eq!(linalg::pinv(&a, 0.1).unwrap().shape()[..], [0, 3]);
    assert_eq!(linalg::lu(&a).2.to_vec::<i64>().unwrap(), [0, 1, 2]);
}
