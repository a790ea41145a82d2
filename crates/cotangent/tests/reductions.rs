//! Reductions, scans and rows where mathematics leaves a choice: zeros among factors, norms at zero, infinities, NaN, ties, nothing.

use cotangent::prelude::*;

const INF: f64 = f64::INFINITY;

fn close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!(a == b || (a - b).abs() <= 1e-13 * b.abs().max(1.0), "{a} where it is {b}");
    }
}

/// The gradient by vjp and by backward; the same from both.
fn gradient(f: impl Fn(&Tensor) -> Tensor, x: &Tensor) -> Vec<f64> {
    let by_vjp = grad(&f)(x).to_vec::<f64>();
    let leaf = x.clone().requires_grad();
    f(&leaf).backward();
    assert_eq!(leaf.grad().map(|g| g.to_vec::<f64>()), Some(by_vjp.clone()));
    by_vjp
}

/// ∂³ of a product of three, at zeros: every mixed one is 1 or a factor, and nothing is NaN.
#[test]
fn products_with_zeros_at_every_order() {
    let x = Tensor::from([2.0, 0.0, 0.0, 3.0]);
    let product = |x: &Tensor| x.prod();
    assert_eq!(gradient(product, &x), [0.0; 4]);
    let h = hessian(product)(&x).to_vec::<f64>();
    let mut expected = [0.0; 16];
    (expected[6], expected[9]) = (6.0, 6.0);
    assert_eq!(h, expected);
    // ∂³/∂x₁∂x₂∂x₀ = x₃.
    let third = jacobian(hessian(product))(&x).to_vec::<f64>();
    assert_eq!((third[(4 + 2) * 4], third[(4 + 2) * 4 + 3], third[0]), (3.0, 2.0, 0.0));
    let scanned = |x: &Tensor| (x.cumprod(0) * Tensor::from([1.0, 10.0, 100.0, 1000.0])).sum();
    assert_eq!(gradient(scanned, &x), [1.0, 20.0, 0.0, 0.0]);
    // x₀x₁·10 + x₀x₁x₂·100 + x₀x₁x₂x₃·1000
    let h = hessian(scanned)(&x).to_vec::<f64>();
    assert_eq!(h[..8], [0.0, 10.0, 0.0, 0.0, 10.0, 0.0, 6200.0, 0.0]);
}

#[test]
fn norms_and_deviations_at_zero() {
    let zeros = Tensor::zeros::<f64>([3]);
    for order in [0.5, 1.0, 1.5, 2.0, 3.0, INF, 0.0] {
        assert_eq!(zeros.norm(order).item::<f64>(), 0.0, "order {order}");
        assert_eq!(gradient(|x| x.norm(order) + x.sum() * 0.0, &zeros), [0.0; 3], "order {order}");
        let h = hessian(|x: &Tensor| x.norm(order))(&zeros).to_vec::<f64>();
        assert_eq!(h, [0.0; 9], "order {order}");
        assert_eq!(Tensor::zeros::<f64>([2, 0]).norm_axes(1, order).to_vec::<f64>(), [0.0; 2]);
    }
    // One row of zeros does not disturb the others.
    let x = Tensor::from([[0.0, 0.0], [3.0, -4.0]]);
    assert_eq!(gradient(|x| x.norm_axes(1, 2.0).sum(), &x), [0.0, 0.0, 0.6, -0.8]);
    let x = Tensor::from([[2.0, 2.0], [1.0, 5.0]]);
    assert_eq!(gradient(|x| x.std_axes(1, 0).sum(), &x), [0.0, 0.0, -0.5, 0.5]);
    assert!(
        jvp(|x: &Tensor| x.std_axes(1, 0), &x, &Tensor::from([[1.0, -2.0], [0.0, 1.0]])).1.to_vec::<f64>()
            == [0.0, 0.5]
    );
    let h = hessian(|x: &Tensor| x.std_axes(1, 0).sum())(&x).to_vec::<f64>();
    assert!(h.iter().all(|h| h.is_finite()));
}

#[test]
fn norms_do_not_overflow() {
    let far = |scale: f64| Tensor::from([3.0 * scale, -4.0 * scale]);
    for scale in [1e300, 1e-300, 1e-310] {
        for (order, expected) in [(1.0, 7.0), (2.0, 5.0), (3.0, 91.0_f64.cbrt()), (INF, 4.0)] {
            let y = far(scale).norm(order).item::<f64>() / scale;
            assert!((y - expected).abs() < 1e-9, "order {order} at {scale}: {y}");
            let g = gradient(|x| x.norm(order), &far(scale));
            assert!(
                g.iter().all(|g| g.abs() <= 1.0 + 1e-12) && g[1] < -0.7,
                "order {order} at {scale}: {g:?}"
            );
        }
    }
    let x = Tensor::from([3e30_f32, -4e30]);
    assert_eq!(x.norm(2.0).item::<f32>(), 5e30);
    assert_eq!(Tensor::from([1.0, -INF]).norm(2.0).item::<f64>(), INF);
    assert!(Tensor::from([1.0, f64::NAN]).norm(2.0).item::<f64>().is_nan());
}

#[test]
fn logsumexp_and_softmax_at_infinity() {
    let rows = Tensor::from([[-INF, -INF], [-INF, 2.0], [INF, 1.0], [INF, INF]]);
    assert_eq!(rows.logsumexp_axes(1).to_vec::<f64>(), [-INF, 2.0, INF, INF]);
    let g = gradient(|x| (x.logsumexp_axes(1) * Tensor::from([1.0, 2.0, 3.0, 4.0])).sum(), &rows);
    assert_eq!(g, [0.0, 0.0, 0.0, 2.0, 3.0, 0.0, 2.0, 2.0]);
    let h = hessian(|x: &Tensor| x.logsumexp_axes(1).sum())(&rows).to_vec::<f64>();
    assert!(h.iter().all(|h| h.is_finite()));
    let shares = rows.softmax(1).to_vec::<f64>();
    assert!(shares[0].is_nan() && shares[1].is_nan());
    assert_eq!(shares[2..], [0.0, 1.0, 1.0, 0.0, 0.5, 0.5]);
    let columns = rows.t().softmax(0).t().to_vec::<f64>();
    assert_eq!(columns[2..], shares[2..]);
    let logs = rows.log_softmax(1).to_vec::<f64>();
    assert_eq!(logs[2..], [-INF, 0.0, 0.0, -INF, -std::f64::consts::LN_2, -std::f64::consts::LN_2]);
    // A masked entry gets nothing and disturbs nobody.
    let masked = Tensor::from([0.5, -INF, 1.5]);
    let g = gradient(|x| (x.log_softmax(0).slice_axis(0, 2..)).sum(), &masked);
    let p = masked.softmax(0).to_vec::<f64>();
    close(&g, &[-p[0], 0.0, 1.0 - p[2]]);
    // Of nothing.
    assert_eq!(Tensor::zeros::<f64>([0]).logsumexp().item::<f64>(), -INF);
    assert_eq!(Tensor::zeros::<f64>([2, 0]).softmax(1).size(), 0);
    // What is below the smallest normal number is 0.
    assert_eq!(Tensor::from([0.0, -744.0]).softmax(0).to_vec::<f64>(), [1.0, 0.0]);
    assert_eq!(Tensor::from([0f32, -100.0]).softmax(0).to_vec::<f32>(), [1.0, 0.0]);
}

/// Rows and columns of every length around a block's and a lane's, against plain sums.
#[test]
fn rows_of_many_lengths() {
    for (rows, length) in [(3, 1), (5, 31), (2, 33), (40, 64), (2, 1024), (3, 1025), (2, 3000)] {
        let number = |i: usize| ((i * 7919 + 13) as f64 * 0.618).sin() * 4.0;
        let x = Tensor::from_vec((0..rows * length).map(number).collect::<Vec<f64>>(), [rows, length]);
        let columns = x.t() * 1.0;
        let (mut shares, mut logs, mut sums, mut standard) = (vec![], vec![], vec![], vec![]);
        for row in x.to_vec::<f64>().chunks(length) {
            let total: f64 = row.iter().map(|x| x.exp()).sum();
            let mean = row.iter().sum::<f64>() / length as f64;
            let var = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / length as f64;
            sums.push(total.ln());
            shares.extend(row.iter().map(|x| x.exp() / total));
            logs.extend(row.iter().map(|x| x - total.ln()));
            standard.extend(row.iter().map(|x| (x - mean) / (var + 0.1).sqrt()));
        }
        close(&x.softmax(1).to_vec::<f64>(), &shares);
        close(&columns.softmax(0).t().to_vec::<f64>(), &shares);
        close(&x.log_softmax(1).to_vec::<f64>(), &logs);
        close(&columns.log_softmax(0).t().to_vec::<f64>(), &logs);
        close(&x.logsumexp_axes(1).to_vec::<f64>(), &sums);
        close(&columns.logsumexp_axes(0).to_vec::<f64>(), &sums);
        close(&x.standardize(1, 0.1).to_vec::<f64>(), &standard);
        close(&columns.standardize(0, 0.1).t().to_vec::<f64>(), &standard);
        let f32s = x.to(DType::F32).softmax(1).to(DType::F64).to_vec::<f64>();
        assert!(f32s.iter().zip(&shares).all(|(a, b)| (a - b).abs() < 2e-6 * b + 1e-12));
    }
}

#[test]
fn norms_of_nothing() {
    let norms = Tensor::zeros::<f64>([2, 0]).norm_axes(1, 2.0).to_vec::<f64>();
    assert_eq!(norms.iter().map(|x| x.to_bits()).collect::<Vec<u64>>(), [0, 0]);
}

#[test]
fn sums_that_cancel() {
    let mut x: Vec<f64> =
        (0..200).flat_map(|i| [1e16 * (i as f64 + 0.5), 0.125, -1e16 * (i as f64 + 0.5)]).collect();
    x.extend([3.0, 1e200, -1e200]);
    let x = Tensor::from(x);
    assert_eq!(x.sum_compensated().item::<f64>(), 28.0);
    assert_ne!(x.sum().item::<f64>(), 28.0);
    let x = Tensor::full::<f32>([100_000], 0.1);
    assert_eq!(x.sum_compensated().item::<f32>(), (0.1_f32 as f64 * 1e5) as f32);
    assert_eq!(Tensor::from([INF, 1.0]).sum_compensated().item::<f64>(), INF);
    assert_eq!(Tensor::from([f64::MAX, f64::MAX]).sum_compensated().item::<f64>(), INF);
    assert!(Tensor::from([INF, -INF]).sum_compensated().item::<f64>().is_nan());
}

#[test]
fn what_is_chosen() {
    let nan = f64::NAN;
    let x = Tensor::from([[1.0, 3.0, 3.0], [nan, 9.0, nan], [-0.0, 0.0, -1.0]]);
    assert_eq!(x.argmax_axis(1).to_vec::<i64>(), [1, 0, 0]);
    assert_eq!(x.argmin_axis(1).to_vec::<i64>(), [0, 0, 2]);
    assert_eq!(x.argmax_axis(0).to_vec::<i64>(), [1, 1, 1]);
    assert_eq!(x.argmax().item::<i64>(), 3);
    let (y, i) = Tensor::from([2.0, nan, 5.0, 2.0]).top_k(3, 0);
    assert_eq!((y.to_vec::<f64>()[1..].to_vec(), i.to_vec::<i64>()), (vec![5.0, 2.0], vec![1, 2, 0]));
    let (y, i) = Tensor::from([2.0, nan, 5.0, 2.0]).sort_descending(0);
    assert!(y.to_vec::<f64>()[0].is_nan());
    assert_eq!(i.to_vec::<i64>(), [1, 2, 0, 3]);
    // Ties: the first that the scan meets has the derivative.
    let tied = Tensor::from([1.0, 3.0, 3.0, 2.0]);
    assert_eq!(gradient(|x| x.cummax(0).sum(), &tied), [1.0, 3.0, 0.0, 0.0]);
    assert_eq!(gradient(|x| x.cummax_reverse(0).sum(), &tied), [0.0, 0.0, 3.0, 1.0]);
    let y = Tensor::from([1.0, nan, 5.0]).cummin(0).to_vec::<f64>();
    assert!(y[0] == 1.0 && y[1].is_nan() && y[2].is_nan());
    assert!(Tensor::from([1.0, nan, 5.0]).median().item::<f64>().is_nan());
}

#[test]
fn of_nothing() {
    let none = Tensor::zeros::<f64>([2, 0]);
    assert_eq!(none.prod_axes(1).to_vec::<f64>(), [1.0, 1.0]);
    assert_eq!(none.sum_compensated_axes(1).to_vec::<f64>(), [0.0, 0.0]);
    assert_eq!(none.logsumexp_axes(1).to_vec::<f64>(), [-INF; 2]);
    assert!(none.mean_axes(1).to_vec::<f64>().iter().all(|x| x.is_nan()));
    assert!(none.var_axes(1, 0).to_vec::<f64>().iter().all(|x| x.is_nan()));
    assert!(none.std_axes(1, 0).to_vec::<f64>().iter().all(|x| x.is_nan()));
    assert!(Tensor::from([3.0]).var(1).item::<f64>().is_nan());
    let bools = none.greater(0.0);
    assert_eq!(bools.any_axes(1).to_vec::<bool>(), [false; 2]);
    assert_eq!(bools.all_axes(1).to_vec::<bool>(), [true; 2]);
    // Where there is no result there is nothing to be chosen.
    assert_eq!(none.t().min_axes(1).size() + none.t().argmax_axis(1).size(), 0);
    assert_eq!(*none.cumsum(1).shape(), [2, 0].into());
    assert_eq!(*none.top_k(0, 1).1.shape(), [2, 0].into());
}

/// Sums of `f32` that run in `f64`, and integers that wrap.
#[test]
fn running_sums() {
    let x = Tensor::full::<f32>([100_000], 0.1);
    let last = x.cumsum(0).index(-1).item::<f32>();
    assert_eq!(last, (0.1_f32 as f64 * 1e5) as f32);
    assert_eq!(Tensor::from([i32::MAX, 1]).cumsum(0).to_vec::<i32>(), [i32::MAX, i32::MIN]);
    assert_eq!(Tensor::from([1e200, 1e200, 0.0]).cumprod(0).to_vec::<f64>()[..2], [1e200, INF]);
}

/// Kept axes are there with length 1, and the numbers are the same.
#[test]
fn axes_that_are_kept() {
    let x =
        Tensor::from([[[1.0, -2.5], [0.5, 4.0]], [[3.0, 0.25], [-1.0, 2.0]], [[6.0, 7.0], [-3.0, 0.125]]]);
    type Both = fn(&Tensor, [isize; 2]) -> (Tensor, Tensor);
    let all: [(&str, Both); 12] = [
        ("sum", |x, axes| (x.sum_axes(axes), x.sum_keep(axes))),
        ("mean", |x, axes| (x.mean_axes(axes), x.mean_keep(axes))),
        ("prod", |x, axes| (x.prod_axes(axes), x.prod_keep(axes))),
        ("max", |x, axes| (x.max_axes(axes), x.max_keep(axes))),
        ("min", |x, axes| (x.min_axes(axes), x.min_keep(axes))),
        ("var", |x, axes| (x.var_axes(axes, 1), x.var_keep(axes, 1))),
        ("std", |x, axes| (x.std_axes(axes, 0), x.std_keep(axes, 0))),
        ("norm", |x, axes| (x.norm_axes(axes, 3.0), x.norm_keep(axes, 3.0))),
        ("logsumexp", |x, axes| (x.logsumexp_axes(axes), x.logsumexp_keep(axes))),
        ("compensated", |x, axes| (x.sum_compensated_axes(axes), x.sum_compensated_keep(axes))),
        ("any", |x, axes| (x.less(-2.6).any_axes(axes), x.less(-2.6).any_keep(axes))),
        ("all", |x, axes| (x.less(6.5).all_axes(axes), x.less(6.5).all_keep(axes))),
    ];
    for (name, both) in all {
        for (axes, kept) in [([0, -1], [1, 2, 1]), ([1, 2], [3, 1, 1]), ([-2, 0], [1, 1, 2])] {
            let (without, with) = both(&x, axes);
            assert_eq!(*with.shape(), kept.into(), "{name}");
            assert_eq!(with.squeeze(axes), without, "{name}");
        }
    }
    assert_eq!(x.std(0), x.var(0).sqrt());
    assert_eq!(x.argsort(-1).to_vec::<i64>(), [1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1]);
}
