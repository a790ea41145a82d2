//! The seed's PyTorch section on tensors: its numbers, its four pitfalls, and what it says of accumulation. Where PyTorch warns or
//! forbids, the same program is right here.

use cotangent::api::Context;
use cotangent::check::{check_gradient, check_gradient_with};
use cotangent::core::DType;
use cotangent::eager::Backward;
use cotangent::prelude::*;
use std::sync::{Arc, Mutex};

fn leaf<const N: usize>(entries: [f64; N]) -> Tensor {
    Tensor::from(entries).requires_grad()
}

#[track_caller]
fn gradient(x: &Tensor) -> Vec<f64> {
    x.grad().expect("a gradient").to_vec::<f64>()
}

/// Which buffer a tensor's entries lie in.
fn buffer(x: &Tensor) -> Option<usize> {
    x.as_array().unwrap().buffer_id()
}

#[track_caller]
fn close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len(), "{a:?} {b:?}");
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).abs() <= 1e-12 * (1.0 + y.abs()), "{a:?} is not {b:?}");
    }
}

/// Numbers in (−1, 1) that look random.
fn noise(n: usize, seed: f64) -> Vec<f64> {
    (1..=n).map(|i| ((i as f64 * 12.9898 + seed).sin() * 43758.5453).fract()).collect()
}

mod autodiff_in_action {
    use super::*;

    #[test]
    fn x_y_plus_x_squared() {
        // As the seed writes it: tensors of one entry, not rank 0.
        let (x, y) = (leaf([2.0]), leaf([3.0]));
        let z = &x * &y + x.powi(2);
        assert_eq!(z.item::<f64>(), 10.0);
        z.backward();
        assert_eq!(gradient(&x), [7.0]);
        assert_eq!(gradient(&y), [2.0]);
        assert_eq!(x.grad().unwrap().shape().to_string(), "[1]");
    }

    #[test]
    fn the_two_layer_network() {
        let input = noise(10, 1.0);
        let (first, second) = (noise(50, 2.0), noise(5, 3.0));
        let x = Tensor::from_vec(input.clone(), [1, 10]);
        let w1 = Tensor::from_vec(first.clone(), [10, 5]).requires_grad();
        let w2 = Tensor::from_vec(second.clone(), [5, 1]).requires_grad();
        let hidden = x.matmul(&w1).relu();
        let output = hidden.matmul(&w2);
        let loss = (&output - 1.0).powi(2);
        loss.backward();
        let (g1, g2) = (w1.grad().unwrap(), w2.grad().unwrap());
        assert_eq!((g1.shape().to_string(), g2.shape().to_string()), ("[10,5]".into(), "[5,1]".into()));
        // By hand: d = 2 (output − 1); ∂/∂W2 = d·hiddenᵀ; ∂/∂W1 = d·xᵀ (W2 where the unit is on).
        let h: Vec<f64> = (0..5).map(|j| (0..10).map(|i| input[i] * first[i * 5 + j]).sum::<f64>()).collect();
        let on = h.iter().filter(|h| **h > 0.0).count();
        assert!((1..5).contains(&on), "some units on, some off: {h:?}");
        let out: f64 = h.iter().zip(&second).map(|(h, w)| h.relu() * w).sum();
        let d = 2.0 * (out - 1.0);
        close(&g2.to_vec::<f64>(), &h.iter().map(|h| d * h.relu()).collect::<Vec<_>>());
        let slope = |i: usize, j: usize| if h[j] > 0.0 { d * input[i] * second[j] } else { 0.0 };
        let by_hand: Vec<f64> = (0..50).map(|k| slope(k / 5, k % 5)).collect();
        close(&g1.to_vec::<f64>(), &by_hand);
        let norm = g1.square().sum().sqrt().item::<f64>();
        close(&[norm], &[by_hand.iter().map(|g| g * g).sum::<f64>().sqrt()]);
    }

    #[test]
    fn a_gradient_keeps_its_leaf_s_dtype_and_shape() {
        let x = Tensor::from([[1f32, 2.0], [3.0, 4.0]]).requires_grad();
        let s = Tensor::from(3f32).requires_grad();
        (x.square() * &s).sum().backward(); // the number meets every entry
        let g = x.grad().unwrap();
        assert_eq!(g.ty().to_string(), "f32[2,2]");
        assert_eq!(g.to_vec::<f32>(), [6.0, 12.0, 18.0, 24.0]);
        assert_eq!(
            (s.grad().unwrap().ty().to_string(), s.grad().unwrap().item::<f32>()),
            ("f32[]".into(), 30.0)
        );
        // Through another precision and back.
        let x = Tensor::from([0.1f32, 0.2]).requires_grad();
        x.to(DType::F64).powi(3).sum().backward();
        let g = x.grad().unwrap();
        assert_eq!(g.dtype(), DType::F32);
        assert_eq!(g.to_vec::<f32>(), [0.1f32, 0.2].map(|x| (3.0 * f64::from(x) * f64::from(x)) as f32));
    }

    #[test]
    fn what_no_gradient_reaches_has_none() {
        let (x, unused) = (leaf([2.0, 3.0]), leaf([1.0]));
        let count = x.greater(2.5).to(DType::F64).sum(); // through a comparison: no node
        assert!(!count.has_node());
        (x.sum() * count).backward();
        assert_eq!(gradient(&x), [1.0, 1.0]);
        assert!(unused.grad().is_none());
    }
}

mod accumulation {
    use super::*;

    #[test]
    fn four_eight_four() {
        let x = leaf([2.0]);
        x.powi(2).backward();
        assert_eq!(gradient(&x), [4.0]);
        x.powi(2).backward();
        assert_eq!(gradient(&x), [8.0]);
        x.zero_grad();
        x.powi(2).backward();
        assert_eq!(gradient(&x), [4.0]);
    }

    #[test]
    fn a_gradient_that_was_handed_out_does_not_change() {
        let x = leaf([2.0, -3.0]);
        x.powi(2).sum().backward();
        let first = x.grad().unwrap();
        x.powi(2).sum().backward();
        assert_eq!(first.to_vec::<f64>(), [4.0, -6.0]);
        assert_eq!(gradient(&x), [8.0, -12.0]);
        let mut halved = x.grad().unwrap();
        halved *= 0.5;
        assert_eq!((halved.to_vec::<f64>(), gradient(&x)), (vec![4.0, -6.0], vec![8.0, -12.0]));
    }

    fn mean_loss(w: &Tensor, xs: &Tensor, ys: &Tensor) -> Tensor {
        (xs.matmul(w).tanh() - ys).square().mean()
    }

    #[test]
    fn micro_batches_with_the_loss_divided_equal_the_full_batch() {
        const K: usize = 4;
        let xs = Tensor::from_vec(noise(32 * 3, 0.5), [32, 3]);
        let ys = Tensor::from_vec(noise(32, 0.25), [32]);
        let w = leaf([0.3, -0.2, 0.9]);
        mean_loss(&w, &xs, &ys).backward();
        let full = gradient(&w);
        let accumulated = |divisor: f64| {
            w.zero_grad();
            for k in 0..K {
                let part = |all: &Tensor| all.slice_axis(0, 8 * k..8 * (k + 1));
                (mean_loss(&w, &part(&xs), &part(&ys)) / divisor).backward();
            }
            gradient(&w)
        };
        close(&accumulated(K as f64), &full);
        // And undivided it is K times as large, as the seed warns.
        close(&accumulated(1.0), &full.iter().map(|g| g * K as f64).collect::<Vec<_>>());
    }

    #[test]
    fn two_losses_accumulate() {
        let w = leaf([0.5, -1.5]);
        let shared = w.sin(); // both losses go through it
        let classification = shared.square().sum();
        let reconstruction = (&shared - 1.0).powi(4).sum() * 0.1;
        (&classification + &reconstruction).backward();
        let together = gradient(&w);
        w.zero_grad();
        classification.backward();
        reconstruction.backward(); // PyTorch wants `retain_graph` for this
        close(&gradient(&w), &together);
        w.zero_grad();
        classification.backward();
        classification.backward(); // and for this
        let first = [0.5f64, -1.5].map(|w| 4.0 * w.sin() * w.cos());
        close(&gradient(&w), &first);
    }

    #[test]
    fn set_and_clip() {
        let x = leaf([3.0, 4.0]);
        x.square().sum().backward();
        let g = x.grad().unwrap();
        let norm = g.square().sum().sqrt();
        assert_eq!(norm.item::<f64>(), 10.0);
        x.set_grad(&(g / &norm));
        assert_eq!(gradient(&x), [0.6, 0.8]);
    }

    #[test]
    fn several_threads_add_to_one_leaf() {
        let x = leaf([1.0, 2.0]);
        std::thread::scope(|scope| {
            for k in 1..=4 {
                let x = x.clone();
                scope.spawn(move || (0..500).for_each(|_| (x.square() * f64::from(k)).sum().backward()));
            }
        });
        assert_eq!(gradient(&x), [10000.0, 20000.0]); // 500 (1 + 2 + 3 + 4)·2x: none is lost
    }
}

mod detaching {
    use super::*;

    #[test]
    fn only_the_direct_x() {
        let x = leaf([2.0]);
        let y = x.powi(2);
        let z = y.detach() * &x;
        z.backward();
        assert_eq!(gradient(&x), [4.0]); // y as a constant, not 3x² = 12
        assert!(y.has_node() && !y.detach().has_node());
    }

    #[test]
    fn under_no_grad_nothing_is_recorded() {
        let x = leaf([2.0, 5.0]);
        let frozen = no_grad(|| x.powi(2));
        assert!(!frozen.has_node());
        (&frozen * &x).sum().backward();
        assert_eq!(gradient(&x), [4.0, 25.0]);
        // It ends with the closure, also by a panic.
        let caught = std::panic::catch_unwind(|| no_grad(|| panic!("as planned")));
        assert!(caught.is_err() && x.square().has_node());
    }

    #[test]
    fn requires_grad_of_a_result_starts_anew() {
        let x = leaf([2.0]);
        let y = x.powi(2).requires_grad();
        assert!(y.is_leaf());
        y.powi(2).backward();
        assert_eq!(gradient(&y), [8.0]);
        assert!(x.grad().is_none());
    }
}

mod in_place {
    use super::*;

    #[test]
    fn what_the_seed_forbids_is_right() {
        let x = leaf([2.0, -3.0]);
        let mut y = x.powi(2);
        y += 1.0; // `y.add_(1)`
        assert_eq!(y.to_vec::<f64>(), [5.0, 10.0]);
        y.sum().backward();
        assert_eq!(gradient(&x), [4.0, -6.0]);
    }

    #[test]
    fn a_saved_tensor_may_change() {
        // `square` saves its input. PyTorch: "modified by an inplace operation".
        let x = leaf([2.0, 3.0]);
        let mut a = &x * 2.0;
        let y = a.square();
        a += 100.0;
        assert_eq!(a.to_vec::<f64>(), [104.0, 106.0]);
        y.sum().backward();
        assert_eq!(gradient(&x), [16.0, 24.0]); // 8x
        // `exp` saves its output.
        x.zero_grad();
        let mut e = x.exp();
        let y = &e * 1.0;
        e *= 7.0;
        y.sum().backward();
        close(&gradient(&x), &[2f64.exp(), 3f64.exp()]);
        // The changed one has its own gradient.
        x.zero_grad();
        e.sum().backward();
        close(&gradient(&x), &[7.0 * 2f64.exp(), 7.0 * 3f64.exp()]);
    }

    #[test]
    fn a_constant_that_was_saved_may_change() {
        let x = leaf([2.0, 3.0]);
        let mut scale = Tensor::from([10.0, 20.0]);
        let y = &x * &scale; // saves `scale`, whose buffer it shares
        scale += 1.0;
        y.sum().backward();
        assert_eq!(gradient(&x), [10.0, 20.0]);
        assert_eq!(scale.to_vec::<f64>(), [11.0, 21.0]);
    }

    #[test]
    fn a_clone_shared_with_a_saved_value() {
        let x = leaf([2.0, 3.0]);
        let data = Tensor::from([5.0, 7.0]);
        let mut copy = data.clone();
        let y = &x * &data;
        let before = buffer(&data);
        assert_eq!(buffer(&copy), before); // not copied yet
        copy -= 4.0;
        assert_ne!(buffer(&copy), before);
        assert_eq!(buffer(&data), before);
        y.sum().backward();
        assert_eq!(gradient(&x), [5.0, 7.0]);
        assert_eq!((copy.to_vec::<f64>(), data.to_vec::<f64>()), (vec![1.0, 3.0], vec![5.0, 7.0]));
    }

    #[test]
    fn a_view_and_its_base_are_two_values() {
        let base = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
        let mut row = base.index(1);
        row *= 10.0;
        assert_eq!(base.to_vec::<f64>(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(row.to_vec::<f64>(), [30.0, 40.0]);
        let x = leaf([1.0, 2.0, 3.0, 4.0]);
        let mut square = x.reshape([2, 2]);
        let t = square.t();
        square += &t; // reads the view of what it changes
        assert_eq!(square.to_vec::<f64>(), [2.0, 5.0, 5.0, 8.0]);
        (square * Tensor::from([[1.0, 10.0], [100.0, 1000.0]])).sum().backward();
        assert_eq!(gradient(&x), [2.0, 110.0, 110.0, 2000.0]);
        assert_eq!(x.to_vec::<f64>(), [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn a_tensor_with_itself() {
        let x = leaf([2.0, 3.0]);
        let mut a = x.clone() * 1.0;
        let same = a.clone();
        a *= &same;
        a *= &a.clone();
        a.sum().backward();
        assert_eq!(gradient(&x), [32.0, 108.0]); // 4x³
        let mut plain = Tensor::from([2.0, 3.0]);
        let same = plain.clone();
        plain /= &same;
        assert_eq!(plain.to_vec::<f64>(), [1.0, 1.0]);
    }

    #[test]
    fn in_a_loop_each_step_has_its_own_past() {
        let x = leaf([0.5, 2.0]);
        let mut y = x.clone() * 1.0;
        for _ in 0..3 {
            y *= &x; // x⁴ in the end
            y += 1.0;
        }
        y.sum().backward();
        // y = ((x·x + 1)·x + 1)·x + 1 = x⁴ + x² + x + 1
        close(&gradient(&x), &[0.5f64, 2.0].map(|x| 4.0 * x.powi(3) + 2.0 * x + 1.0));
    }

    #[test]
    fn a_leaf_is_stepped_under_no_grad() {
        let mut w = leaf([2.0, 3.0]);
        let before = w.powi(2).sum(); // keeps the old values
        for _ in 0..2 {
            w.zero_grad();
            w.powi(2).sum().backward();
            let g = w.grad().unwrap();
            no_grad(|| w -= g * 0.25); // halves w
        }
        assert!(w.is_leaf());
        assert_eq!(w.to_vec::<f64>(), [0.5, 0.75]);
        w.zero_grad();
        before.backward(); // of the values then, where PyTorch fails
        assert_eq!(gradient(&w), [4.0, 6.0]);
    }

    #[test]
    fn a_leaf_outside_no_grad_is_refused_and_stays_as_it_was() {
        let mut w = leaf([2.0, 3.0]);
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| w += 1.0));
        assert!(refused.is_err());
        assert_eq!((w.to_vec::<f64>(), w.is_leaf()), (vec![2.0, 3.0], true));
        // Also when the step itself fails.
        let wrong = Tensor::from([1.0, 2.0, 3.0]);
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| no_grad(|| w += &wrong)));
        assert!(refused.is_err());
        assert_eq!((w.to_vec::<f64>(), w.is_leaf()), (vec![2.0, 3.0], true));
        w.powi(2).sum().backward();
        assert_eq!(gradient(&w), [4.0, 6.0]);
    }

    #[test]
    fn under_no_grad_a_result_loses_its_past() {
        // `y = y + 1` recorded nothing, whether or not the buffer could be used again.
        let x = leaf([2.0, 3.0]);
        for held in [false, true] {
            let mut y = x.sin();
            let copy = held.then(|| y.clone());
            no_grad(|| y += &Tensor::from([1.0, 2.0]));
            assert!(!y.has_node());
            close(&y.to_vec::<f64>(), &[2f64.sin() + 1.0, 3f64.sin() + 2.0]);
            assert!(copy.is_none_or(|copy| copy.has_node()));
        }
    }

    #[test]
    fn the_buffer_is_used_again_when_nobody_else_holds_it() {
        let mut a = Tensor::from(noise(1000, 4.0));
        let id = buffer(&a);
        assert!(id.is_some());
        a += 1.0;
        a *= &Tensor::from(noise(1000, 5.0));
        assert_eq!(buffer(&a), id);
        let held = a.clone();
        a -= 1.0; // now it must not
        assert_ne!(buffer(&a), id);
        assert_eq!(buffer(&held), id);
        let view = held.reshape([10, 100]);
        let mut last = held;
        last += 1.0; // a view holds it too
        assert_ne!(buffer(&last), id);
        drop(view);
        // A leaf under `no_grad`, once its graph is gone.
        let mut w = Tensor::from(noise(1000, 6.0)).requires_grad();
        let id = buffer(&w);
        w.powi(2).sum().backward();
        let step = w.grad().unwrap() * 0.1;
        no_grad(|| w -= &step);
        assert_eq!(buffer(&w), id);
        let graph = w.powi(2);
        no_grad(|| w -= &step); // `graph` saved the values
        assert_ne!(buffer(&w), id);
        drop(graph);
    }
}

mod gradient_checking {
    use super::*;
    use cotangent::check::Verdict;

    fn loss(x: &Tensor) -> Tensor {
        (x.sin() * x.square()).sum() + x.index(0) * x.index(-1)
    }

    #[test]
    fn the_thresholds() {
        let at = [0.7, -1.3, 2.1];
        let x = leaf(at);
        loss(&x).backward();
        let right = gradient(&x);
        let f = |x: &[f64]| loss(&Tensor::from(x)).item::<f64>();
        assert_eq!(check_gradient(f, &at, &right).verdict(), Verdict::Pass);
        let off = |factor: f64| right.iter().map(|g| g * factor).collect::<Vec<_>>();
        assert_eq!(check_gradient(f, &at, &off(1.0 + 1e-4)).verdict(), Verdict::Warning);
        assert_eq!(check_gradient(f, &at, &off(1.01)).verdict(), Verdict::Fail);
        // With the seed's step, 1e-6, too.
        assert_eq!(check_gradient_with(f, &at, &right, 1e-6).verdict(), Verdict::Pass);
        assert_eq!(check_gradient_with(f, &at, &off(-1.0), 1e-6).verdict(), Verdict::Fail);
    }
}

mod graph_features {
    use super::*;

    #[test]
    fn retained_gradients() {
        let x = leaf([2.0, 3.0]);
        let y = x.square();
        y.retain_grad();
        let z = &y * 3.0;
        (z.sum() + y.square().sum()).backward();
        assert_eq!(y.grad().unwrap().to_vec::<f64>(), [11.0, 21.0]); // 3 + 2y, both paths
        assert!(z.grad().is_none());
        assert_eq!(gradient(&x), [44.0, 126.0]);
        // They add up, as a leaf's do.
        z.sum().backward();
        assert_eq!(y.grad().unwrap().to_vec::<f64>(), [14.0, 24.0]);
        y.zero_grad();
        z.sum().backward();
        assert_eq!(y.grad().unwrap().to_vec::<f64>(), [3.0, 3.0]);
    }

    /// A transformed call is one node, of the user's line.
    #[test]
    fn a_transformed_call_is_one_node() {
        let first = line!();
        let x = leaf([1.0, 2.0]);
        let f = |x: &Tensor| x.powi(3).sum();
        let sin = custom_vjp(|x: &Tensor| (x.sin(), ()), |_: &(), ct: &Tensor| ct.clone());
        let cos = custom_jvp(|x: &Tensor| x.cos(), |x: &Tensor, t: &Tensor| (x.cos(), t.clone()));
        let calls = [
            ("grad", grad(f)(&x)),
            ("value_and_grad", value_and_grad(f)(&x).0),
            ("jvp", jvp(f, &x, &x).1),
            ("vmap", vmap(|x: &Tensor| x.powi(3))(&x)),
            ("jacobian", jacobian(|x: &Tensor| x.powi(3))(&x)),
            ("hessian", hessian(f)(&x)),
            ("hvp", hvp(f, &x, &x)),
            ("cond", cond(&Tensor::from(true), f, f, &x)),
            ("custom_vjp", sin(&x)),
            ("custom_jvp", cos(&x)),
            ("Function", Twice.apply(&[&x]).remove(0)),
        ];
        let lines = first..line!();
        for (name, y) in calls {
            let node = y.node().expect(name);
            assert_eq!(node.place().file(), file!(), "{name}");
            assert!(lines.contains(&node.place().line()), "{name}: {node:?}");
            let mut parents = node.recorded().unwrap().edges.iter().flatten();
            assert!(parents.all(|edge| edge.node.recorded().is_none()), "{name}");
        }
    }

    #[test]
    fn each_output_has_a_gradient_of_its_own() {
        let x = leaf([3.0, 1.0, 2.0]);
        let parts = x.square().split(3, 0);
        parts[1].retain_grad();
        (&parts[0] * 10.0 + &parts[1] * 100.0).sum().backward();
        assert_eq!(parts[1].grad().unwrap().to_vec::<f64>(), [100.0]);
        assert!(parts[0].grad().is_none() && parts[2].grad().is_none());
        // A node with several outputs.
        let y = Twice.apply(&[&leaf([1.0, 2.0])]);
        let y = [&y[0], &y[1]];
        y[1].retain_grad();
        y[0].set_grad(&Tensor::from([7.0, 7.0]));
        (y[0] * 10.0 + y[1] * 100.0).sum().backward();
        assert_eq!(y[1].grad().unwrap().to_vec::<f64>(), [100.0, 100.0]);
        assert_eq!(y[0].grad().unwrap().to_vec::<f64>(), [7.0, 7.0]);
        y[0].zero_grad();
        assert!(y[0].grad().is_none() && y[1].grad().is_some());
    }

    struct Twice;

    impl Function for Twice {
        fn forward(&self, _: &mut Context, x: &[Tensor]) -> Vec<Tensor> {
            vec![&x[0] * 2.0, &x[0] * 3.0]
        }
        fn backward(&self, _: &Context, ct: &[Tensor]) -> Vec<Option<Tensor>> {
            vec![Some(&ct[0] * 2.0 + &ct[1] * 3.0)]
        }
    }

    #[test]
    fn hooks_see_whole_gradients_in_order_and_may_replace_them() {
        let x = leaf([2.0, 3.0]);
        let y = x.square();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let first = y.on_grad(move |g| {
            log.lock().unwrap().push(g.to_vec::<f64>());
            Some(g * 10.0)
        });
        let log = seen.clone();
        let _second = y.on_grad(move |g| {
            log.lock().unwrap().push(g.to_vec::<f64>());
            None
        });
        let z = y.sum() + (&y * 2.0).sum();
        z.backward();
        assert_eq!(*seen.lock().unwrap(), [vec![3.0, 3.0], vec![30.0, 30.0]]);
        assert_eq!(gradient(&x), [120.0, 180.0]);
        first.remove();
        x.zero_grad();
        z.backward();
        assert_eq!(seen.lock().unwrap().last().unwrap(), &[3.0, 3.0]);
        assert_eq!(gradient(&x), [12.0, 18.0]);
    }

    #[test]
    fn create_graph_for_second_and_third_derivatives() {
        let x = leaf([2.0, 0.5]);
        Backward::new().create_graph(true).run(&x.powi(4).sum(), None);
        let first = x.grad().unwrap();
        x.zero_grad();
        Backward::new().create_graph(true).run(&first.sum(), None);
        let second = x.grad().unwrap();
        x.zero_grad();
        second.sum().backward();
        assert_eq!(first.to_vec::<f64>(), [32.0, 0.5]); // 4x³
        assert_eq!(second.to_vec::<f64>(), [48.0, 3.0]); // 12x²
        assert_eq!(gradient(&x), [48.0, 12.0]); // 24x
    }

    #[test]
    fn a_gradient_penalty() {
        // loss = f + |∇f|², f = Σ sin x
        let x = leaf([0.5, -2.0]);
        let f = x.sin().sum();
        Backward::new().create_graph(true).run(&f, None);
        let g = x.grad().unwrap();
        x.zero_grad();
        (f + g.square().sum()).backward();
        close(&gradient(&x), &[0.5f64, -2.0].map(|x| x.cos() - 2.0 * x.cos() * x.sin()));
    }

    #[test]
    fn without_create_graph_gradients_have_no_past() {
        let x = leaf([2.0]);
        x.powi(3).backward();
        assert!(!x.grad().unwrap().has_node());
    }

    #[test]
    fn any_cotangent() {
        let x = leaf([1.0, 2.0, 3.0]);
        x.powi(3).backward_with(&Tensor::from([1.0, 0.0, -2.0]));
        assert_eq!(gradient(&x), [3.0, 0.0, -54.0]);
    }

    #[test]
    fn eager_and_transformed_agree() {
        let w1 = Tensor::from_vec(noise(50, 2.0), [10, 5]);
        let w2 = Tensor::from_vec(noise(5, 3.0), [5, 1]);
        let x = Tensor::from_vec(noise(10, 1.0), [1, 10]);
        let loss = |(w1, w2): &(Tensor, Tensor)| (x.matmul(w1).relu().matmul(w2) - 1.0).square().reshape([]);
        let (g1, g2) = grad(loss)(&(w1.clone(), w2.clone()));
        let leaves = (w1.requires_grad(), w2.requires_grad());
        loss(&leaves).backward();
        close(&g1.to_vec::<f64>(), &gradient(&leaves.0));
        close(&g2.to_vec::<f64>(), &gradient(&leaves.1));
    }
}

/// What the seed's interview answers say of `torch.autograd.Function`.
mod custom_functions {
    use super::*;
    use cotangent::api::Context;

    /// x², whose backward uses what was saved.
    struct Square;

    impl Function for Square {
        fn forward(&self, ctx: &mut Context, x: &[Tensor]) -> Vec<Tensor> {
            let mut work = x[0].clone();
            ctx.save_for_backward(&[&work]);
            let y = work.square();
            work += 1000.0; // in place, after saving: pitfall two
            vec![y]
        }
        fn backward(&self, ctx: &Context, ct: &[Tensor]) -> Vec<Option<Tensor>> {
            assert!(ctx.needs_input_grad(0));
            vec![Some(&ctx.saved()[0] * 2.0 * &ct[0])]
        }
    }

    #[test]
    fn a_saved_tensor_is_a_value() {
        let x = leaf([2.0, 3.0]);
        let mut y = Square.apply(&[&x]).remove(0);
        assert_eq!(y.to_vec::<f64>(), [4.0, 9.0]);
        y += 1.0;
        y.sum().backward();
        assert_eq!(gradient(&x), [4.0, 6.0]);
        assert_eq!(x.to_vec::<f64>(), [2.0, 3.0]);
    }

    #[test]
    fn one_backward_serves_any_batch() {
        let batch = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
        let f = |x: &Tensor| Square.apply(&[x])[0].sum();
        let per_example = vmap(grad(f))(&batch);
        assert_eq!(per_example.to_vec::<f64>(), [2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
        let x = batch.requires_grad();
        f(&x).backward();
        assert_eq!(gradient(&x), per_example.to_vec::<f64>());
    }

    #[test]
    fn it_passes_the_gradient_check_in_f64() {
        let f = |x: &Tensor| (Square.apply(&[x])[0].sin() * x).sum();
        let at = [0.4, -1.1, 2.3];
        let x = leaf(at);
        f(&x).backward();
        let report = check_gradient(|x| f(&Tensor::from(x)).item::<f64>(), &at, &gradient(&x));
        assert!(report.passed(), "{}", report.relative_error());
    }

    /// w·x for integer positions x: the integers get `None`.
    struct Scale;

    impl Function for Scale {
        fn forward(&self, ctx: &mut Context, x: &[Tensor]) -> Vec<Tensor> {
            let factors = x[1].to(DType::F64);
            ctx.save_for_backward(&[&factors]);
            vec![&x[0] * &factors]
        }
        fn backward(&self, ctx: &Context, ct: &[Tensor]) -> Vec<Option<Tensor>> {
            assert!(!ctx.needs_input_grad(1));
            vec![Some(&ct[0] * &ctx.saved()[0]), None]
        }
    }

    #[test]
    fn integers_have_no_gradient() {
        let w = leaf([1.5, -2.0]);
        Scale.apply(&[&w, &Tensor::from([3, 7])])[0].sum().backward();
        assert_eq!(gradient(&w), [3.0, 7.0]);
    }

    /// Rounding that a gradient passes through, as for quantised networks.
    #[test]
    fn straight_through() {
        let round = custom_vjp(|x: &Tensor| (x.round(), ()), |_: &(), ct: &Tensor| ct.clone());
        let w = leaf([0.4, 1.6]);
        (round(&w).square() * 3.0).sum().backward();
        assert_eq!(gradient(&w), [0.0, 12.0]); // 6·round(w), where the truth is 0
    }
}
