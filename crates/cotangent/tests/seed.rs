//! The seed page, as tests: its `Value` examples, neuron, pitfalls 1, 2 and 4, exercises and pass counts, with its
//! numbers.

use cotangent::number::{
    Real, Scalar, Sweep, Tape, Value, Var, derivative, gradient, hvp, jacobian, jacobian_by_columns,
    jacobian_by_rows,
};

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * b.abs().max(1.0)
}

/// "Three ways": f(x) = sin(x²) at 1.5, by hand and by every engine.
#[test]
fn three_ways_to_differentiate() {
    let by_hand = (1.5_f64 * 1.5).cos() * 2.0 * 1.5;
    assert!(close(by_hand, -1.884_520_868_2, 1e-9));
    assert!(close(derivative(|x| x.square().sin(), 1.5), by_hand, 1e-15));
    assert!(close(gradient(|x| x[0].powi(2).sin(), &[1.5])[0], by_hand, 1e-15));
    let f = |x: f64| (x * x).sin();
    let numerical = (f(1.5 + 1e-5) - f(1.5 - 1e-5)) / 2e-5;
    assert!((numerical - by_hand).abs() < 1e-8, "the page's central difference");
}

/// "The core idea": f = (x1 + x2)(x1·x2) at (2, 3), with a = 5, b = 6, f = 30, and gradients 21 and 16 by two paths each.
#[test]
fn the_graph_and_its_two_paths() {
    let tape = Tape::new();
    let (x1, x2) = (tape.var(2.0), tape.var(3.0));
    let a = x1 + x2;
    let b = x1 * x2;
    let f = a * b;
    assert_eq!((a.value(), b.value(), f.value()), (5.0, 6.0, 30.0));
    f.backward();
    assert_eq!((a.grad(), b.grad()), (6.0, 5.0));
    assert_eq!((x1.grad(), x2.grad()), (21.0, 16.0));
    // Each path alone: hold the other factor fixed.
    tape.zero_grad();
    (a * b.detach()).backward();
    assert_eq!((x1.grad(), x2.grad()), (6.0, 6.0));
    tape.zero_grad();
    (a.detach() * b).backward();
    assert_eq!((x1.grad(), x2.grad()), (15.0, 10.0));
}

/// "Test our autodiff!", example 1: z = xy + x² at (2, 3).
#[test]
fn value_example_one() {
    let tape = Tape::new();
    let (x, y) = (tape.var(2.0), tape.var(3.0));
    let z = x * y + x.powi(2);
    assert_eq!(z.value(), 10.0);
    z.backward();
    assert_eq!((x.grad(), y.grad()), (7.0, 2.0));
    assert_eq!(format!("{x}"), "Value(data=2.0000, grad=7.0000)");
}

/// Example 2: neuron = relu(w1·x1 + w2·x2 + b). The page's bias 0.1 leaves it inactive (0.5 − 1 + 0.1 = −0.4), so every
/// gradient is 0; with bias 0.6 it is active.
#[test]
fn value_example_two_the_neuron() {
    for (bias, output, gradients) in [(0.1, 0.0, [0.0, 0.0, 0.0]), (0.6, 0.1, [1.0, 2.0, 1.0])] {
        let tape = Tape::new();
        let (x1, x2) = (tape.var(1.0), tape.var(2.0));
        let (w1, w2, b) = (tape.var(0.5), tape.var(-0.5), tape.var(bias));
        let neuron = (w1 * x1 + w2 * x2 + b).relu();
        neuron.backward();
        assert!((neuron.value() - output).abs() < 1e-15);
        assert_eq!([w1.grad(), w2.grad(), b.grad()], gradients);
        // The inputs get theirs too: the weights.
        let active = gradients[2];
        assert_eq!([x1.grad(), x2.grad()], [0.5 * active, -0.5 * active]);
    }
}

/// The class's other operators: `__radd__`, `__rmul__`, `__neg__`, `__sub__`, and literals.
#[test]
fn reversed_operators() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let y = 2.0 * x + 1.0 - x - (-x) + (5.0 + x);
    assert_eq!(y.value(), 15.0);
    y.backward();
    assert_eq!(x.grad(), 3.0);
    let z = 6.0 / x;
    tape.zero_grad();
    z.backward();
    assert!(close(x.grad(), -6.0 / 9.0, 1e-15));
}

/// Pitfall 1: gradients accumulate, 4 then 8, until zeroed.
#[test]
fn pitfall_one_gradient_accumulation() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    x.powi(2).backward();
    assert_eq!(x.grad(), 4.0);
    x.powi(2).backward();
    assert_eq!(x.grad(), 8.0);
    x.zero_grad();
    x.powi(2).backward();
    assert_eq!(x.grad(), 4.0);
}

/// A second backward through a shared intermediate adds its own contribution once: the adjoints of the first sweep are
/// not pulled back again (micrograd's own code gets 12 here).
#[test]
fn accumulation_does_not_pull_old_adjoints_back_again() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let y = x.powi(2);
    y.backward();
    y.backward();
    assert_eq!((y.grad(), x.grad()), (2.0, 8.0));
    // Several roots: losses of a multi-task model.
    tape.zero_grad();
    (y * 3.0).backward();
    (y + x).backward();
    assert_eq!(x.grad(), 12.0 + 5.0);
}

/// The interview's follow-up: K micro-batches add up to K times the mean's gradient unless each loss is divided by K.
#[test]
fn accumulation_over_micro_batches_needs_scaling() {
    let data = [1.0, -2.0, 3.0, 0.5];
    let loss = |w: Value<'static>, x: f64| (w * x - 1.0).powi(2);
    let tape: &'static Tape = Box::leak(Box::default());
    let w = tape.var(0.7);
    let mean = data.iter().map(|&x| loss(w, x)).fold(tape.constant(0.0), |a, b| a + b) / 4.0;
    mean.backward();
    let whole = w.grad();
    tape.zero_grad();
    for &x in &data {
        loss(w, x).backward();
    }
    assert!(close(w.grad(), 4.0 * whole, 1e-14));
    tape.zero_grad();
    for &x in &data {
        (loss(w, x) / 4.0).backward();
    }
    assert!(close(w.grad(), whole, 1e-14));
}

/// Pitfall 2: `y.detach() * x` has gradient y = 4, not 12.
#[test]
fn pitfall_two_detach() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let y = x.powi(2);
    (y.detach() * x).backward();
    assert_eq!(x.grad(), 4.0);
    tape.zero_grad();
    (y * x).backward();
    assert_eq!(x.grad(), 12.0);
}

/// Exercise 1: tanh, exp and division.
#[test]
fn exercise_one_tanh_exp_division() {
    let tape = Tape::new();
    let x = tape.var(0.5);
    x.tanh().backward();
    assert!(close(x.grad(), 0.786_447_732_965_927_4, 1e-14)); // 1 − tanh²(0.5)
    tape.zero_grad();
    x.exp().backward();
    assert!(close(x.grad(), 1.648_721_270_700_128_2, 1e-15));
    tape.zero_grad();
    let (a, b) = (tape.var(3.0), tape.var(4.0));
    (a / b).backward();
    assert_eq!((a.grad(), b.grad()), (0.25, -0.1875));
}

fn softmax<R: Real>(x: &[R]) -> Vec<R> {
    let exps: Vec<R> = x.iter().map(R::exp).collect();
    let sum = exps.iter().skip(1).fold(exps[0].clone(), |sum, e| sum + e);
    exps.iter().map(|e| e.clone() / &sum).collect()
}

/// Exercise 2: softmax of (1, 2, 3), and its Jacobian sᵢ(δᵢⱼ − sⱼ), by columns and by rows.
#[test]
fn exercise_two_softmax_and_its_jacobian() {
    let x = [1.0, 2.0, 3.0];
    let s = [0.090_030_573_170_380_46, 0.244_728_471_054_797_67, 0.665_240_955_774_821_8];
    let columns = jacobian_by_columns(|x| softmax(x), &x);
    let rows = jacobian_by_rows(|x| softmax(x), &x);
    for i in 0..3 {
        assert!(close(columns.values[i], s[i], 1e-15));
        for j in 0..3 {
            let exact = s[i] * (f64::from(i == j) - s[j]);
            assert!((columns.matrix[i][j] - exact).abs() < 1e-16 * 5.0, "column {j}");
            assert!((rows.matrix[i][j] - exact).abs() < 1e-16 * 5.0, "row {i}");
        }
    }
    assert_eq!((columns.passes, rows.passes), (3, 3));
}

/// Exercise 3: a 2-layer network of `Value`s learns XOR with mean squared error and gradient descent.
#[test]
fn exercise_three_xor() {
    let data = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)];
    let mut weights: Vec<f64> =
        vec![0.9, -0.7, 0.3, 0.8, -1.1, 0.1, 0.6, 0.5, -0.4, -0.6, 0.7, 0.2, 0.8, -0.9, 0.7, -0.8, 0.1];
    fn network<R: Real>(w: &[R], x: [f64; 2]) -> R {
        let hidden =
            |i: usize| (w[3 * i].clone() * x[0] + w[3 * i + 1].clone() * x[1] + &w[3 * i + 2]).tanh();
        (0..4).fold(w[16].clone(), |sum, i| sum + hidden(i) * &w[12 + i])
    }
    let mut tape = Tape::new();
    let mut mse = f64::INFINITY;
    for _ in 0..2000 {
        tape.clear();
        let w: Vec<Var> = weights.iter().map(|&w| tape.var(w)).collect();
        let loss =
            data.iter().map(|(x, y)| (network(&w, *x) - *y).square()).reduce(|a, b| a + b).unwrap() / 4.0;
        loss.backward();
        mse = loss.value();
        for (weight, w) in weights.iter_mut().zip(&w) {
            *weight -= 0.2 * w.grad();
        }
    }
    assert!(mse < 1e-3, "mean squared error {mse}");
    for (x, y) in data {
        assert_eq!(network(&weights, x).round(), y);
    }
}

/// "Forward mode versus reverse mode": n passes by columns, m by rows.
#[test]
fn pass_counts() {
    fn loss<R: Real>(x: &[R]) -> R {
        x.iter().map(R::square).reduce(|a, b| a + b).unwrap()
    }
    let x: Vec<f64> = (0..100).map(f64::from).collect();
    let reverse = jacobian(|x| vec![loss(x)], &x);
    assert_eq!((reverse.sweep, reverse.passes), (Sweep::ByRows, 1));
    assert_eq!(jacobian_by_columns(|x| vec![loss(x)], &x).passes, 100);
    let tall = jacobian(|x| (0..50).map(|i| x[0] * f64::from(i)).collect(), &[2.0]);
    assert_eq!((tall.sweep, tall.passes), (Sweep::ByColumns, 1));
    assert_eq!(tall.matrix[49], [49.0]);
    assert!(tall.reason.contains("fewer inputs than outputs: 1 forward against 50 reverse"));
}

/// The interview's composition: a Hessian-vector product is forward over reverse.
#[test]
fn hessian_vector_product() {
    // f = x₀²x₁ + sin(x₁ x₂): H v by hand at (1, 2, 3).
    let f = |x: [f64; 3]| -> [[f64; 3]; 3] {
        let (s, c) = ((x[1] * x[2]).sin(), (x[1] * x[2]).cos());
        [
            [2.0 * x[1], 2.0 * x[0], 0.0],
            [2.0 * x[0], -x[2] * x[2] * s, c - x[1] * x[2] * s],
            [0.0, c - x[1] * x[2] * s, -x[1] * x[1] * s],
        ]
    };
    let (x, v) = ([1.0, 2.0, 3.0], [0.3, -1.2, 0.7]);
    let h = f(x);
    let product = hvp(|x| x[0].square() * x[1] + (x[1] * x[2]).sin(), &x, &v);
    for i in 0..3 {
        let exact: f64 = (0..3).map(|j| h[i][j] * v[j]).sum();
        assert!(close(product[i], exact, 1e-14), "{i}: {} {exact}", product[i]);
    }
}

/// Data-dependent control flow is ordinary Rust: the branch taken is the one differentiated.
#[test]
fn ordinary_control_flow() {
    fn collatz_like<R: Scalar>(x: &R) -> R {
        let mut y = x.clone();
        while y < 10.0 {
            y = if y > 5.0 { y * 3.0 } else { y.square() };
        }
        y
    }
    // 2 → 4 → 16: x⁴, derivative 32. And 2.4 → 5.76 → 17.28: 3x², derivative 6x.
    assert_eq!(derivative(|x| collatz_like(x), 2.0), 32.0);
    assert!(close(gradient(|x| collatz_like(&x[0]), &[2.4])[0], 14.4, 1e-14));
}
