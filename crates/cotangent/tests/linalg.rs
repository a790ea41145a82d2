//! Linear algebra: gradcheck to second order, repeated values, singular matrices, what is no number, shapes.
#![cfg(feature = "linalg")]

use cotangent::check::{Close, gradcheck_tensors};
use cotangent::op::Triangle;
use cotangent::prelude::*;

type Function = fn(&Tensor) -> Tensor;

fn random(seed: u64, shape: &[usize]) -> Tensor {
    Key::new(seed).uniform::<f64>(shape) - 0.5
}

/// Well-conditioned, with values apart.
fn matrix(seed: u64, shape: &[usize]) -> Tensor {
    let (m, n) = (shape[shape.len() - 2], shape[shape.len() - 1]);
    let diagonal = |at: usize| if at / n == at % n { 1.0 + 1.5 * (at % n) as f64 } else { 0.0 };
    random(seed, shape) * 0.8 + Tensor::from_vec((0..m * n).map(diagonal).collect::<Vec<f64>>(), [m, n])
}

#[track_caller]
fn close(a: &Tensor, b: &Tensor, absolute: f64) {
    Close::within(0.0).abs(absolute).compare(a, b).unwrap_or_else(|text| panic!("{text}"));
}

/// V·f(w)·Vᵀ.
fn mapped(x: &Tensor, f: impl Fn(&Tensor) -> Tensor) -> Tensor {
    let (w, v) = x.eigh();
    (&v * f(&w).unsqueeze(-2)).matmul(&v.t())
}

fn onto(columns: Tensor) -> Tensor {
    columns.matmul(&columns.t())
}

/// Functions of square matrices, and of any.
const OF_SQUARES: [(&str, Function); 17] = [
    ("cholesky", |x| x.cholesky()),
    ("solve", |x| x.solve(&x.sin())),
    ("inv", |x| x.inv()),
    ("det", |x| x.det()),
    ("slogdet", |x| x.slogdet().1),
    ("logdet", |x| x.logdet()),
    ("eigvalsh", |x| x.eigvalsh()),
    ("exp of a matrix", |x| mapped(x, Tensor::exp)),
    ("projector", |x| onto(x.eigh().1.slice_axis(-1, ..1))),
    ("eigenvectors", |x| x.eigh().1),
    ("matrix_power", |x| x.matrix_power(-3)),
    ("condition_number", |x| x.condition_number()),
    ("lower", |x| x.solve_lower(&x.cos())),
    ("upper, transposed, unit", |x| {
        x.solve_triangular(&x.cos(), Triangle::UPPER.transposed().unit_diagonal())
    }),
    ("right", |x| x.solve_triangular_right(&x.cos(), Triangle::LOWER)),
    ("cholesky_solve", |x| x.cholesky().cholesky_solve(&x.sin())),
    ("lu of a square", |x| x.lu_factor().0.sin()),
];
const OF_ANY: [(&str, Function); 11] = [
    ("lu", |x| x.lu_factor().0.sin()),
    ("q", |x| x.qr().0),
    ("r", |x| x.qr().1),
    ("u", |x| x.svd().0),
    ("vt", |x| x.svd().2),
    ("svdvals", |x| x.svdvals()),
    ("polar", |x| {
        let (u, _, vt) = x.svd();
        u.matmul(&vt)
    }),
    ("pinv", |x| x.pinv()),
    ("lstsq", |x| x.lstsq(&x.sin())),
    ("nuclear_norm", |x| x.nuclear_norm()),
    ("spectral_norm", |x| x.spectral_norm()),
];

#[test]
fn gradcheck_of_everything_to_second_order() {
    let check = |name: &str, f: Function, shape: &[usize]| {
        let report = gradcheck_tensors(f, &matrix(3, shape));
        assert!(report.passed(), "{name} {shape:?}: {report}");
    };
    for (name, f) in OF_SQUARES {
        [&[1, 1][..], &[3, 3], &[2, 2, 2]].iter().for_each(|shape| check(name, f, shape));
    }
    for (name, f) in OF_ANY {
        [&[3, 3][..], &[4, 2], &[2, 4], &[2, 3, 2]].iter().for_each(|shape| check(name, f, shape));
    }
}

#[test]
fn gradcheck_under_vmap() {
    for (name, f) in OF_SQUARES.into_iter().chain(OF_ANY) {
        let report = gradcheck_tensors(vmap(f), &matrix(4, &[3, 2, 2]));
        assert!(report.passed(), "{name}: {report}");
        // Mapped over the last axis, of gradients too.
        let batch = matrix(5, &[3, 2, 2]);
        let last = batch.permute([1, 2, 0]);
        let gradient = |x: &Tensor| grad(|x: &Tensor| (f(x) * 0.3).sin().sum())(x);
        let got = vmap_axes([Some(2)], 0, |x: &Vec<Tensor>| gradient(&x[0]))(&vec![last]);
        let each: Vec<Tensor> = (0..3).map(|i| gradient(&batch.index(i as i64))).collect();
        close(&got, &Tensor::stack(&each, 0), 1e-12);
    }
}

#[test]
fn one_matrix_and_many_right_sides() {
    let a = matrix(1, &[3, 3]);
    let b = random(2, &[4, 3]);
    let solved = vmap(|b: &Tensor| a.solve(b))(&b);
    close(&a.matmul(&solved.t()), &b.t(), 1e-14);
    let lower = vmap(|b: &Tensor| a.solve_lower(b))(&b);
    close(&a.tril(0).matmul(&lower.t()), &b.t(), 1e-14);
    // Leading axes of right sides, of matrices, and of both.
    let many = a.solve(&random(3, &[2, 5, 3, 2]));
    assert_eq!(many.shape()[..], [2, 5, 3, 2]);
    close(&a.matmul(&many), &random(3, &[2, 5, 3, 2]), 1e-14);
    let matrices = matrix(6, &[2, 1, 3, 3]);
    let both = matrices.solve(&random(3, &[5, 3, 2]));
    close(&matrices.matmul(&both), &random(3, &[5, 3, 2]).broadcast_to([2, 5, 3, 2]), 1e-14);
    // The gradient of a loss of them all, against that of each.
    let loss = |a: &Tensor| a.solve(&random(3, &[2, 3, 2])).square().sum();
    let one = |a: &Tensor, i: i64| a.solve(&random(3, &[2, 3, 2]).index(i)).square().sum();
    close(&grad(loss)(&a), &grad(|a: &Tensor| one(a, 0) + one(a, 1))(&a), 1e-13);
}

/// The derivative by central differences over four points, entry by entry.
fn differences(f: impl Fn(&Tensor) -> f64, x: &Tensor) -> Tensor {
    let h = 1e-3;
    let shape = x.shape().clone();
    let slope = |at: usize| {
        let along = |by: f64| {
            let mut entries = x.to_vec::<f64>();
            entries[at] += by;
            f(&Tensor::from_vec(entries, shape.clone()))
        };
        let step = |h: f64| (along(h) - along(-h)) / (2.0 * h);
        (4.0 * step(h) - step(2.0 * h)) / 3.0
    };
    Tensor::from_vec((0..x.size()).map(slope).collect::<Vec<f64>>(), shape.clone())
}

/// Matrices whose values repeat: the identity, zeros, some equal, and turned.
fn repeated() -> Vec<Tensor> {
    let q = matrix(8, &[3, 3]).qr().0;
    let some = Tensor::from([1.0, 1.0, 2.0]).diag(0);
    let turned = q.matmul(&some).matmul(&q.t());
    vec![Tensor::eye::<f64>(3), Tensor::eye::<f64>(3) * -2.0, Tensor::zeros::<f64>([3, 3]), some, turned]
}

/// Symmetric functions of the values, and spaces: right wherever values repeat.
#[test]
fn repeated_eigenvalues() {
    for a in repeated() {
        let squares = grad(|a: &Tensor| a.eigvalsh().square().sum())(&a);
        close(&squares, &(&a * 2.0), 1e-13);
        let by_vectors = grad(|a: &Tensor| a.eigh().0.square().sum())(&a);
        close(&by_vectors, &(&a * 2.0), 1e-13);
        // tr f(A) has the gradient f′(A), by V·f(w)·Vᵀ too.
        let exponentials = grad(|a: &Tensor| mapped(a, Tensor::exp).trace())(&a);
        close(&exponentials, &mapped(&a, Tensor::exp), 1e-12);
        // V·Vᵀ is the identity whatever A is.
        let weights = random(9, &[3, 3]);
        let constant = grad(|a: &Tensor| (onto(a.eigh().1) * &weights).sum())(&a);
        close(&constant, &a.zeros_like(), 1e-14);
        for f in [Tensor::eigvalsh as Function, |a: &Tensor| a.eigh().1] {
            let second = hvp(|a: &Tensor| f(a).sin().sum(), &a, &weights);
            assert!(second.to_vec::<f64>().iter().all(|x| x.is_finite()), "{second}");
        }
    }
    // The space of a value that comes twice, and of the one beside it.
    let a = repeated().pop().unwrap();
    let weights = random(9, &[3, 3]);
    for columns in [..2, ..3] {
        let f = |a: &Tensor| (onto(a.eigh().1.slice_axis(-1, columns)) * &weights).sum();
        close(&grad(f)(&a), &differences(|a| f(a).item::<f64>(), &a), 1e-9);
    }
    let f = |a: &Tensor| (onto(a.eigh().1.slice_axis(-1, 2..)) * &weights).sum();
    close(&grad(f)(&a), &differences(|a| f(a).item::<f64>(), &a), 1e-9);
}

/// The nuclear norm, the orthogonal factor, the best approximation of a rank: to first order, and the first two to second.
#[test]
fn repeated_singular_values() {
    let q = matrix(8, &[3, 3]).qr().0;
    let p = matrix(11, &[3, 3]).qr().0;
    let weights = random(9, &[3, 3]);
    let polar = |a: &Tensor| {
        let (u, _, vt) = a.svd();
        u.matmul(&vt)
    };
    let some = q.matmul(&Tensor::from([3.0, 3.0, 1.0]).diag(0)).matmul(&p);
    for a in [Tensor::eye::<f64>(3), q.clone(), &q * 0.5, some] {
        close(&grad(|a: &Tensor| a.nuclear_norm())(&a), &polar(&a), 1e-13);
        close(&grad(|a: &Tensor| a.svdvals().square().sum())(&a), &(&a * 2.0), 1e-13);
        let f = |a: &Tensor| (polar(a) * &weights).sum();
        close(&grad(f)(&a), &differences(|a| f(a).item::<f64>(), &a), 1e-9);
        // The Hessian of the nuclear norm is the derivative of the orthogonal factor.
        let second = hvp(|a: &Tensor| a.nuclear_norm(), &a, &weights);
        let by_factor = differences(|a| f(a).item::<f64>(), &a);
        close(&second, &by_factor, 1e-9);
        let pseudo = |a: &Tensor| (a.pinv() * &weights).sum();
        close(&grad(pseudo)(&a), &differences(|a| pseudo(a).item::<f64>(), &a), 1e-8);
        let report = gradcheck_tensors(|a: &Tensor| a.pinv(), &a);
        assert!(report.passed(), "{report}");
        let report = gradcheck_tensors(|a: &Tensor| a.slogdet().1, &a);
        assert!(report.passed(), "{report}");
        let report = gradcheck_tensors(|a: &Tensor| a.det(), &a);
        assert!(report.passed(), "{report}");
    }
    for shape in [&[3, 3][..], &[4, 2], &[2, 4]] {
        let zero = Tensor::zeros::<f64>(shape);
        assert!(grad(|a: &Tensor| a.nuclear_norm())(&zero).to_vec::<f64>().iter().all(|x| *x == 0.0));
        let all = |a: &Tensor| {
            let (u, s, vt) = a.svd();
            (u * s.unsqueeze(-2)).matmul(&vt).sin().sum()
        };
        for g in [grad(all)(&zero), hvp(all, &zero, &zero.ones_like())] {
            assert!(g.to_vec::<f64>().iter().all(|x| x.is_finite()), "{g}");
        }
    }
}

/// jax#2311: five equal rows and columns, and what depends on the first triplet alone.
#[test]
fn a_matrix_of_rank_one() {
    let a = Tensor::ones::<f64>([5, 5]);
    let weights = random(9, &[5, 5]);
    let f = |a: &Tensor| {
        let (u, s, vt) = a.svd();
        let first = (u.slice_axis(-1, ..1) * s.slice_axis(-1, ..1)).matmul(&vt.slice_axis(-2, ..1));
        (first * &weights).sum()
    };
    close(&grad(f)(&a), &differences(|a| f(a).item::<f64>(), &a), 1e-9);
    assert!(hvp(f, &a, &weights).to_vec::<f64>().iter().all(|x| x.is_finite()));
}

/// pytorch#49886: a matrix of rank 3 with twelve singular values of zero.
#[test]
fn a_matrix_with_many_zeros_among_its_values() {
    let diagonal: Vec<f64> = (0..225)
        .map(|at| if at / 15 < 3 && at / 15 == at % 15 / 5 { 1.0 + (at / 15) as f64 } else { 0.0 })
        .collect();
    let y = Tensor::from_vec(diagonal, [15, 15]);
    assert_eq!(y.matrix_rank().item::<i64>(), 3);
    let f = |y: &Tensor| {
        let (u, s, vt) = y.svd();
        (u * s).matmul(&vt.t()).sum()
    };
    let g = grad(f)(&y);
    assert!(g.to_vec::<f64>().iter().all(|x| x.is_finite()), "{g}");
    // And where the function is right to be asked for a derivative: the square of the norm.
    let norm = |y: &Tensor| {
        let (u, s, vt) = y.svd();
        (u * s).matmul(&vt).square().sum()
    };
    close(&grad(norm)(&y), &(&y * 2.0), 1e-12);
}

/// What no rule of eigenvectors can give: entries of f(A) off the diagonal, within the space of a value that repeats. docs/limitations.md tells
/// it; here is what is given instead.
#[test]
fn what_is_lost_where_eigenvalues_repeat() {
    let one = Tensor::eye::<f64>(2);
    let weights = Tensor::from([[1.0, 10.0], [100.0, 1000.0]]);
    let square = grad(|a: &Tensor| (mapped(a, Tensor::square) * &weights).sum())(&one);
    close(&square, &Tensor::from([[2.0, 0.0], [0.0, 2000.0]]), 1e-12);
    // Nothing is lost where the values are apart, or without vectors.
    let apart = Tensor::from([[1.0, 0.0], [0.0, 1.5]]);
    let got = grad(|a: &Tensor| (mapped(a, Tensor::square) * &weights).sum())(&apart);
    let symmetric = |a: &Tensor| (a + a.t()) * 0.5;
    let exact = grad(|a: &Tensor| (symmetric(a).matmul(&symmetric(a)) * &weights).sum())(&apart);
    close(&got, &exact, 1e-12);
    let second = hvp(|a: &Tensor| a.eigvalsh().square().sum(), &one, &weights);
    close(&second, &Tensor::from([[2.0, 0.0], [0.0, 2000.0]]), 1e-12);
}

/// det is a polynomial: its derivatives exist at every matrix.
#[test]
fn determinants_of_singular_matrices() {
    let by_formula = |a: &Tensor| {
        let x = |i: i64, j: i64| a.index(i).index(j);
        let minor = |i: i64, j: i64| x(1, i) * x(2, j) - x(1, j) * x(2, i);
        x(0, 0) * minor(1, 2) - x(0, 1) * minor(0, 2) + x(0, 2) * minor(0, 1)
    };
    let q = matrix(8, &[3, 3]).qr().0;
    let weights = random(9, &[3, 3]);
    for values in [
        [0.0, 1.0, 2.0],
        [0.0, 0.0, 2.0],
        [0.0, 0.0, 0.0],
        [1e-9, 1.0, 1.0],
        [0.0, 1.0, 1.0],
        [3.0, 2.0, 1.0],
    ] {
        let diagonal = Tensor::from(values).diag(0);
        for a in [diagonal.clone(), q.matmul(&diagonal), diagonal.matmul(&q), q.matmul(&diagonal).matmul(&q)]
        {
            close(&a.det(), &by_formula(&a), 1e-14);
            close(&grad(Tensor::det)(&a), &grad(by_formula)(&a), 1e-14);
            close(&hvp(Tensor::det, &a, &weights), &hvp(by_formula, &a, &weights), 1e-14);
            close(&jvp(Tensor::det, &a, &weights).1, &jvp(by_formula, &a, &weights).1, 1e-14);
        }
    }
    // Third order, where the values are apart.
    let a = matrix(3, &[3, 3]);
    let third = |f: fn(&Tensor) -> Tensor| {
        let second = |a: &Tensor| (hvp(f, a, &random(9, &[3, 3])) * random(10, &[3, 3])).sum();
        grad(second)(&a)
    };
    fn formula(a: &Tensor) -> Tensor {
        let x = |i: i64, j: i64| a.index(i).index(j);
        let minor = |i: i64, j: i64| x(1, i) * x(2, j) - x(1, j) * x(2, i);
        x(0, 0) * minor(1, 2) - x(0, 1) * minor(0, 2) + x(0, 2) * minor(0, 1)
    }
    close(&third(Tensor::det), &third(formula), 1e-12);
}

#[test]
fn log_determinants() {
    let a = Tensor::from([[0.0, 2.0], [1.0, 0.0]]);
    let (sign, log) = a.slogdet();
    assert_eq!((sign.item::<f64>(), log.item::<f64>()), (-1.0, 2f64.ln()));
    assert!(a.logdet().item::<f64>().is_nan());
    let singular = Tensor::from([[1.0, 2.0], [2.0, 4.0]]);
    let (sign, log) = singular.slogdet();
    assert_eq!((sign.item::<f64>(), log.item::<f64>()), (0.0, f64::NEG_INFINITY));
    assert_eq!(Tensor::zeros::<f64>([0, 0]).slogdet().0.item::<f64>(), 1.0);
    // 300 by 300, whose determinant overflows.
    let large = matrix(2, &[300, 300]) * 1e3;
    assert!(large.det().item::<f64>().is_infinite());
    let g = grad(|a: &Tensor| a.slogdet().1)(&large);
    close(&g.t().matmul(&large), &Tensor::eye::<f64>(300), 1e-9);
}

#[test]
fn a_factorisation_is_used_again() {
    let program = trace_program(&[matrix(1, &[3, 3]).ty().clone(), random(1, &[3, 2]).ty().clone()], |x| {
        let (_, pullback) = vjp(|(a, b): &(Tensor, Tensor)| a.solve(b), &(x[0].clone(), x[1].clone()));
        let (a, b) = pullback(&x[1]);
        vec![a, b]
    });
    let count = |name: &str| program.equations().iter().filter(|e| e.prim.name() == name).count();
    assert_eq!((count("lu"), count("lu_solve")), (1, 2), "{program}");
}

#[test]
fn not_a_number_spreads() {
    for bad in [f64::NAN, f64::INFINITY] {
        let a = Tensor::from([[1.0, bad], [0.5, 2.0]]);
        let all = [
            a.inv(),
            a.solve(&Tensor::from([1.0, 2.0])),
            a.det(),
            a.slogdet().1,
            a.qr().0,
            a.eigvalsh(),
            a.eigh().1,
            a.svdvals(),
            a.svd().0,
            a.pinv(),
            a.nuclear_norm(),
            grad(|a: &Tensor| a.svdvals().sum())(&a),
            grad(|a: &Tensor| a.eigh().1.sin().sum())(&a),
            grad(Tensor::det)(&a),
        ];
        for (i, y) in all.iter().enumerate() {
            assert!(y.to_vec::<f64>().iter().all(|x| x.is_nan()), "{i}: {y}");
        }
    }
}

#[test]
fn ranks_and_powers() {
    assert_eq!(Tensor::zeros::<f64>([2, 3]).matrix_rank().item::<i64>(), 0);
    let batch = Tensor::stack(&[Tensor::eye::<f64>(3), Tensor::ones::<f64>([3, 3])], 0);
    assert_eq!(batch.matrix_rank().to_vec::<i64>(), [3, 1]);
    let a = matrix(1, &[3, 3]);
    close(&a.matrix_power(5), &a.matmul(&a).matmul(&a).matmul(&a).matmul(&a), 1e-9);
    close(&a.matrix_power(-2).matmul(&a).matmul(&a), &Tensor::eye::<f64>(3), 1e-12);
    close(&a.matrix_power(i32::MIN), &a.zeros_like(), 1e-12);
    let (p, l, u) = a.flip(0).lu();
    close(&p.matmul(&l).matmul(&u), &a.flip(0), 1e-14);
    assert_eq!(matrix(1, &[3, 3]).to(DType::F32).lu().0.dtype(), DType::F32);
}

/// A batch of two axes is its matrices one by one, derivatives included.
#[test]
fn batches_of_two_axes() {
    let functions: [(&str, Function); 6] = [
        ("det", |x| x.det()),
        ("eigh", |x| mapped(x, |w| w.square() * 0.5)),
        ("svd", |x| x.svd().0.sin()),
        ("pinv", |x| x.pinv()),
        ("lu", |x| x.lu_factor().0.sin()),
        ("solve", |x| x.solve(&x.sin())),
    ];
    let x = random(21, &[2, 3, 4, 4]) + matrix(22, &[4, 4]);
    for (name, f) in functions {
        let second = move |x: &Tensor| grad(move |x: &Tensor| f(x).sin().sum())(x).square().sum();
        for gradient in [grad(move |x: &Tensor| f(x).sin().sum())(&x), grad(second)(&x)] {
            assert!(gradient.to_vec::<f64>().iter().any(|g| g.abs() > 1e-3), "{name}: {gradient}");
        }
        for (i, j) in [(0, 0), (0, 2), (1, 1)] {
            let own = x.index((i, j));
            let first = |x: &Tensor| grad(move |x: &Tensor| f(x).sin().sum())(x);
            close(&first(&x).index((i, j)), &first(&own), 1e-12);
            close(&grad(second)(&x).index((i, j)), &grad(second)(&own), 1e-9);
        }
    }
}
