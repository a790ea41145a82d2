//! A museum of perturbation confusion: programs on which naive nested differentiation gives a wrong answer without a word.
//! Each has its answer by hand, and what confusion would give. That the careless spellings do not compile is shown in the
//! documentation of the closures.

use cotangent::number::{
    Dual, Expr, Real, Tape, Taylor, Var, derivative, gradient, hessian, hvp, nth_derivative,
    value_and_derivative,
};

/// J. M. Siskind and B. A. Pearlmutter, "Perturbation confusion and referential transparency", 2005:
/// d/dx [x · d/dy (x + y)] at x = 1, y = 1 is 1. Where both levels share one ε it comes out as 2.
#[test]
fn siskind_and_pearlmutter() {
    let forward = derivative(|x| *x * derivative(|y| Dual::constant(*x) + *y, x.one()), 1.0);
    assert_eq!(forward, 1.0);
    let reverse = gradient(|x| x[0] * gradient(|y| y[0].constant(x[0]) + y[0], &[x[0].one()])[0], &[1.0]);
    assert_eq!(reverse, [1.0]);
    let reverse_in_forward = derivative(|x| *x * gradient(|y| y[0].constant(*x) + y[0], &[x.one()])[0], 1.0);
    assert_eq!(reverse_in_forward, 1.0);
    let forward_in_reverse =
        gradient(|x| x[0] * derivative(|y| Dual::constant(x[0]) + *y, x[0].one()), &[1.0]);
    assert_eq!(forward_in_reverse, [1.0]);
    let series = nth_derivative::<f64, 1>(|x| *x * derivative(|y| Dual::constant(*x) + *y, x.one()), 1.0);
    assert_eq!(series, 1.0);
}

/// The same with both variables of the same name, which a tape or a tag looked up by name would confuse:
/// d/dx [x · d/dx (x²) at the outer x] = d/dx 2x² = 4x.
#[test]
fn one_name_twice() {
    let d = derivative(
        |x| {
            let outer = *x;
            outer * derivative(|x| x.square(), outer)
        },
        3.0,
    );
    assert_eq!(d, 12.0);
    let x = Expr::symbol("x");
    assert_eq!((&x * x.square().differentiate("x")).differentiate("x").evaluate(&[("x", 3.0)]), Ok(12.0));
}

/// Three levels: d/dx [x · d/dy (y · d/dz (x y z))] with y = z = x: the innermost is x y, so y · x y has derivative 2 x y in
/// y, which is 2x² at y = x where x in it is the outer one; x · 2x² has derivative 6x².
#[test]
fn three_levels() {
    let d = derivative(
        |x| {
            let middle = derivative(
                |y| {
                    let outer = Dual::constant(*x);
                    let inner = derivative(|z| Dual::constant(outer * *y) * *z, *y);
                    *y * inner
                },
                *x,
            );
            *x * middle
        },
        2.0,
    );
    assert_eq!(d, 24.0);
}

/// The inner derivative must be zero where the inner function ignores its variable, though the outer number that it
/// returns has a tangent: d/dx [d/dy (x²)] = 0. Confusion gives 2x or 2.
#[test]
fn an_inner_function_that_ignores_its_variable() {
    assert_eq!(derivative(|x| derivative(|_| Dual::constant(x.square()), *x), 3.0), 0.0);
    assert_eq!(gradient(|x| gradient(|y| y[0].constant(x[0].square()), &[x[0]])[0], &[3.0]), [0.0]);
}

/// A curried function, differentiated in each argument in turn: ∂²/∂x∂y (x² y³) = 6 x y². With confusion the cross terms of
/// ∂²/∂x² and ∂²/∂y² come in.
#[test]
fn curried() {
    let mixed = |x0: f64, y0: f64| {
        derivative(
            |x| {
                let outer = *x;
                derivative(|y| Dual::constant(outer.square()) * y.powi(3), outer.lift(y0))
            },
            x0,
        )
    };
    assert_eq!(mixed(2.0, 3.0), 108.0);
}

/// O. Manzyuk, B. A. Pearlmutter et al., "Perturbation confusion in forward automatic differentiation of higher-order
/// functions", 2019: the derivative operator of a function that returns a function, s(u)(f)(x) = f(x + u):
/// D s 0 is itself the derivative operator, and D (D s 0 (D s 0 f)) must be f″, not 0.
#[test]
fn the_shift_operator_twice() {
    // D s 0 applied to f, at x: d/du f(x + u) at u = 0.
    fn shifted<R: cotangent::number::Scalar>(f: impl for<'b> Fn(&Dual<'b, R>) -> Dual<'b, R>, x: &R) -> R {
        derivative(|u| f(&(Dual::constant(x.clone()) + u.clone())), x.zero())
    }
    let twice = shifted(|x| shifted(|y| y.exp(), x), &1.0);
    assert!((twice - 1.0_f64.exp()).abs() < 1e-15);
    let cubed = shifted(|x| shifted(|y| y.powi(3), x), &2.0);
    assert_eq!(cubed, 12.0);
}

/// The gradient of the squared norm of a gradient: f = x² y + y³, ∇f = (2xy, x² + 3y²),
/// ∇|∇f|² = 2 H ∇f with H = [[2y, 2x], [2x, 6y]].
#[test]
fn gradient_of_a_gradient() {
    fn f<R: Real>(x: &[R]) -> R {
        x[0].square() * &x[1] + x[1].powi(3)
    }
    let penalty = |x: &[f64]| {
        gradient(
            |x| {
                let g = gradient(|x| f(x), x);
                g[0].square() + g[1].square()
            },
            x,
        )
    };
    let (x, y) = (2.0, 3.0);
    let (gx, gy) = (2.0 * x * y, x * x + 3.0 * y * y);
    let by_hand = [2.0 * (2.0 * y * gx + 2.0 * x * gy), 2.0 * (2.0 * x * gx + 6.0 * y * gy)];
    assert_eq!(penalty(&[x, y]), by_hand);
    assert_eq!(hvp(|x| f(x), &[x, y], &[2.0 * gx, 2.0 * gy]), by_hand);
    assert_eq!(hessian(|x| f(x), &[x, y]), [[6.0, 4.0], [4.0, 18.0]]);
}

/// Newton's method inside of a derivative: its slope is a derivative of its own, taken at a number that carries the outer
/// tangent.
#[test]
fn newton_inside_of_a_derivative() {
    // y with y³ = x by Newton's method, the slope by an inner derivative.
    let root = |x0: f64| {
        value_and_derivative(
            |x| {
                let target = *x;
                let mut y = target.lift(1.5);
                for _ in 0..30 {
                    let (value, slope) = value_and_derivative(|y| y.powi(3) - Dual::constant(target), y);
                    y -= value / slope;
                }
                y
            },
            x0,
        )
    };
    let (y, dy) = root(8.0);
    assert!((y - 2.0).abs() < 1e-15);
    assert!((dy - 1.0 / 12.0).abs() < 1e-15); // 1/(3 y²)
}

/// Tapes by hand: sweeping the inner tape leaves the outer gradients alone, and the other way round.
#[test]
fn tapes_do_not_leak_into_each_other() {
    let outer = Tape::new();
    let x = outer.var(3.0);
    let inner: Tape<Var<'_>> = Tape::default();
    let y = inner.var(x);
    let z = y * y * y.constant(x);
    z.backward(); // dz/dy = 2 y x, as a number of the outer tape
    assert_eq!(x.grad(), 0.0);
    assert_eq!(y.grad().value(), 18.0);
    y.grad().backward(); // of 2 y x = 2 x²
    assert_eq!(x.grad(), 12.0);
    assert_eq!(y.grad().value(), 18.0);
}

/// A dual's tangent that is itself a series, and a series whose coefficients are duals: D_u of the third derivative.
#[test]
fn series_and_duals_keep_apart() {
    let x = Taylor::<_, 3>::new(Dual::new(2.0, [5.0]), [1.0, 0.0, 0.0].map(Dual::constant));
    let y = x.powi(5); // third derivative 60 x², along the dual's tangent 5: 120 x · 5
    assert_eq!((y.derivative(3).value(), y.derivative(3).derivative()), (240.0, 1200.0));
    let constants = [1.0, 0.0, 0.0];
    let x = Dual::new(Taylor::<_, 3>::new(2.0, constants), [Taylor::constant(5.0)]);
    let y = x.powi(5);
    assert_eq!((y.value().derivative(3), y.derivative().derivative(3)), (240.0, 1200.0));
}
