//! Second and higher derivatives.

use crate::gradients::assert_close;
use crate::objectives::{Objective, Rosenbrock, point};
use crate::table::{Table, ratio, time};
use crate::timing::Contest;
use cotangent::number::{Dual, Real, hessian, hvp, taylor};
use nalgebra::{DVector, SVector};
use num_dual::{Dual64, DualNum};
use std::array;
use std::hint::black_box;
use std::time::Duration;

const N: usize = 10;

pub const HESSIAN_HEADER: [&str; 6] = [
    "Hessian of",
    "plain function",
    "`hessian`: `Var` over `Dual`",
    "`Dual` over `Dual`, all n² at once",
    "num-dual, static",
    "num-dual, dynamic",
];

type Nested<'b> = Dual<'b, Dual<'b, f64, N>, N>;

fn hessian_by_nesting(x: &[f64; N]) -> [[f64; N]; N] {
    let unit = |i: usize| array::from_fn(|j| if i == j { 1.0 } else { 0.0 });
    let x: [Nested; N] = array::from_fn(|i| {
        let outer = array::from_fn(|j| Dual::constant(if i == j { 1.0 } else { 0.0 }));
        Dual::new(Dual::new(x[i], unit(i)), outer)
    });
    let y = Rosenbrock.call(&x);
    array::from_fn(|i| *y.tangent()[i].tangent())
}

pub fn hessians(table: &mut Table, budget: Duration) {
    let x: [f64; N] = point(N).try_into().expect("N numbers");
    let (fixed, dynamic) = (SVector::<f64, N>::from(x), DVector::from_row_slice(&x));
    let ours = |x: &[f64; N]| hessian(|x| Rosenbrock.call(x), x);
    let num_dual_static =
        |x: &SVector<f64, N>| num_dual::hessian(|x| Rosenbrock.call_num_dual(x.as_slice()), x).2;
    let num_dual_dynamic =
        |x: &DVector<f64>| num_dual::hessian(|x| Rosenbrock.call_num_dual(x.as_slice()), x).2;

    // Column j by hand is the product with the unit vector j.
    let mut expected = Vec::new();
    for j in 0..N {
        let mut column = [0.0; N];
        let unit: [f64; N] = array::from_fn(|i| if i == j { 1.0 } else { 0.0 });
        Rosenbrock::hvp_by_hand(&x, &unit, &mut column);
        expected.extend(column);
    }
    assert_close("hessian", &ours(&x).concat(), &expected);
    assert_close("nested", &hessian_by_nesting(&x).concat(), &expected);
    assert_close("num-dual static", num_dual_static(&fixed).as_slice(), &expected);
    assert_close("num-dual dynamic", num_dual_dynamic(&dynamic).as_slice(), &expected);

    let mut contest = Contest::new();
    contest.add("plain", || {
        black_box(Rosenbrock.call(&black_box(x)));
    });
    contest.add("ours", || {
        black_box(ours(black_box(&x)));
    });
    contest.add("nested", || {
        black_box(hessian_by_nesting(black_box(&x)));
    });
    contest.add("num-dual static", || {
        black_box(num_dual_static(black_box(&fixed)));
    });
    contest.add("num-dual dynamic", || {
        black_box(num_dual_dynamic(black_box(&dynamic)));
    });
    let t = contest.run(budget);
    let cell = |name: &str| ratio(t.of(name), t.of("plain"));
    table.row(vec![
        format!("Rosenbrock, n = {N}"),
        time(t.of("plain")),
        cell("ours"),
        cell("nested"),
        cell("num-dual static"),
        cell("num-dual dynamic"),
    ]);
}

pub const HVP_HEADER: [&str; 5] = [
    "Hessian times a vector, of",
    "plain function",
    "by hand",
    "`hvp`: `Var` over `Dual`",
    "num-dual's gradient over its `Dual64`, static",
];

pub fn products(table: &mut Table, budget: Duration) {
    for n in [N, 100, 1000] {
        let (x, v) = (point(n), point(2 * n).split_off(n));
        let ours = |x: &[f64]| hvp(|x| Rosenbrock.call(x), x, &v);
        let mut expected = vec![0.0; n];
        Rosenbrock::hvp_by_hand(&x, &v, &mut expected);
        assert_close("hvp", &ours(&x), &expected);

        let mut out = vec![0.0; n];
        let mut contest = Contest::new();
        contest.add("plain", || {
            black_box(Rosenbrock.call(black_box(&x)));
        });
        contest.add("by hand", || {
            Rosenbrock::hvp_by_hand(black_box(&x), &v, &mut out);
            black_box(&out);
        });
        contest.add("ours", || {
            black_box(ours(black_box(&x)));
        });
        if n == N {
            let seeded = SVector::<Dual64, N>::from_fn(|i, _| Dual64::new(x[i], v[i]));
            let product =
                move || num_dual::gradient(|x| along(x.as_slice()), black_box(&seeded)).1.map(|g| g.eps);
            assert_close("num-dual", product().as_slice(), &expected);
            contest.add("num-dual", move || {
                black_box(product());
            });
        }
        let t = contest.run(budget);
        let cell = |name: &str| t.get(name).map_or("–".to_string(), |ns| ratio(ns, t.of("plain")));
        table.row(vec![
            format!("Rosenbrock, n = {n}"),
            time(t.of("plain")),
            cell("by hand"),
            cell("ours"),
            cell("num-dual"),
        ]);
    }
}

fn along<D: DualNum<Primitive = f64>>(x: &[D]) -> D {
    Rosenbrock.call_num_dual(x)
}

pub const TAYLOR_HEADER: [&str; 5] =
    ["sin(exp(x)) to order", "plain function", "`taylor`", "nested `Dual`s", "num-dual"];

fn sin_exp<R: Real>(x: &R) -> R {
    x.exp().sin()
}

type D1 = Dual<'static, f64>;
type D2 = Dual<'static, D1>;
type D3 = Dual<'static, D2>;
type D4 = Dual<'static, D3>;
type D5 = Dual<'static, D4>;

fn third_by_nesting(x: f64) -> f64 {
    let x: D3 = Dual::variable(Dual::variable(Dual::variable(x)));
    sin_exp(&x).derivative().derivative().derivative()
}

fn fifth_by_nesting(x: f64) -> f64 {
    let x: D5 = Dual::variable(Dual::variable(Dual::variable(Dual::variable(Dual::variable(x)))));
    sin_exp(&x).derivative().derivative().derivative().derivative().derivative()
}

pub fn series(table: &mut Table, budget: Duration) {
    let x = 0.3;
    let third = taylor::<f64, 3>(|x| sin_exp(x), x).derivative(3);
    let fifth = taylor::<f64, 5>(|x| sin_exp(x), x).derivative(5);
    let num_dual = |x: f64| num_dual::third_derivative(|x| x.exp().sin(), x).3;
    assert_close("third", &[third_by_nesting(x), num_dual(x)], &[third, third]);
    assert_close("fifth", &[fifth_by_nesting(x)], &[fifth]);
    // d⁵/dx⁵ sin(eˣ) by Stirling numbers of the second kind: Σ S(5, k) e^{kx} sin⁽ᵏ⁾(eˣ).
    let e = x.exp();
    let by_hand = e * e.cos() - 15.0 * e.powi(2) * e.sin() - 25.0 * e.powi(3) * e.cos()
        + 10.0 * e.powi(4) * e.sin()
        + e.powi(5) * e.cos();
    assert_close("fifth by hand", &[fifth], &[by_hand]);

    let mut contest = Contest::new();
    contest.add("plain", || {
        black_box(sin_exp(&black_box(x)));
    });
    contest.add("3", || {
        black_box(taylor::<f64, 3>(|x| sin_exp(x), black_box(x)));
    });
    contest.add("5", || {
        black_box(taylor::<f64, 5>(|x| sin_exp(x), black_box(x)));
    });
    contest.add("10", || {
        black_box(taylor::<f64, 10>(|x| sin_exp(x), black_box(x)));
    });
    contest.add("20", || {
        black_box(taylor::<f64, 20>(|x| sin_exp(x), black_box(x)));
    });
    contest.add("3 nested", || {
        black_box(third_by_nesting(black_box(x)));
    });
    contest.add("5 nested", || {
        black_box(fifth_by_nesting(black_box(x)));
    });
    contest.add("3 num-dual", || {
        black_box(num_dual(black_box(x)));
    });
    let t = contest.run(budget);
    for order in ["3", "5", "10", "20"] {
        let cell = |how: &str| {
            t.get(&format!("{order}{how}")).map_or("–".to_string(), |ns| ratio(ns, t.of("plain")))
        };
        table.row(vec![order.to_string(), time(t.of("plain")), cell(""), cell(" nested"), cell(" num-dual")]);
    }
}
