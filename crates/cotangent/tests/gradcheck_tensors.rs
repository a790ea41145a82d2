//! Gradcheck of tensor functions finds what is wrong, and says where.

use cotangent::check::{Verdict, gradcheck_batches, gradcheck_tensors};
use cotangent::prelude::*;
use std::cell::Cell;

#[derive(Tree, Clone)]
struct Layer {
    w: Tensor,
    b: Tensor,
}

fn layers() -> Vec<Layer> {
    let layer = |seed: u64, m: usize, n: usize| Layer {
        w: Key::new(seed).normal::<f64>([m, n]),
        b: Key::new(seed + 50).normal::<f64>([n]),
    };
    vec![layer(1, 2, 3), layer(2, 3, 1)]
}

fn network(layers: &[Layer], x: &Tensor) -> Tensor {
    layers.iter().fold(x.clone(), |x, layer| (x.matmul(&layer.w) + &layer.b).tanh())
}

#[test]
fn what_is_right_passes() {
    let x = Tensor::from([[0.5, -1.0], [0.2, 0.7]]);
    let report = gradcheck_tensors(|layers: &Vec<Layer>| network(layers, &x), &layers());
    assert!(report.passed(), "{report}");
    assert_eq!(report.comparisons().len(), 12);
    let pair = (Tensor::from([1.0, 2.0]), Tensor::from([3, 4]));
    assert!(gradcheck_tensors(|(x, n): &(Tensor, Tensor)| (x * n.to(DType::F64), n.clone()), &pair).passed());
    assert!(gradcheck_tensors(|x: &Tensor| x.sum(), &Tensor::zeros::<f64>([0, 2])).passed());
}

#[test]
fn a_wrong_entry_is_named_by_leaf_and_index() {
    let spoil = custom_vjp(
        |w: &Tensor| (w.sin(), w.clone()),
        |w: &Tensor, ct: &Tensor| {
            let wrong = Tensor::from([[1.0, 1.0, 1.0], [1.0, 1.2, 1.0]]);
            ct * w.cos() * wrong
        },
    );
    let f = |layers: &Vec<Layer>| {
        let mut layers = layers.clone();
        layers[0].w = spoil(&layers[0].w);
        network(&layers, &Tensor::from([[0.5, -1.0]]))
    };
    let report = gradcheck_tensors(f, &layers());
    assert_eq!(report.verdict(), Verdict::Fail);
    let worst = report.worst().unwrap();
    assert_eq!((worst.path.as_str(), &worst.index[..]), ("[0].w", &[1, 1][..]));
    assert!((worst.analytic / worst.numeric - 1.2).abs() < 1e-6, "{report}");
    assert!(report.to_string().contains("worst entry: [0].w[1, 1]"), "{report}");
}

#[test]
fn a_second_derivative_alone_can_be_wrong() {
    // The first derivative is right in value, but its dependence on x is cut.
    let f = custom_vjp(
        |x: &Tensor| (x.powi(3), x.clone()),
        |x: &Tensor, ct: &Tensor| ct * x.stop_gradient().square() * 3.0,
    );
    let report = gradcheck_tensors(f, &Tensor::from([0.5, 1.5]));
    assert_eq!(report.verdict(), Verdict::Fail);
    let wrong: Vec<&str> =
        report.comparisons().iter().filter(|c| c.relative_error > 1e-3).map(|c| c.what).collect();
    assert!(!wrong.is_empty() && wrong.iter().all(|what| what.starts_with("second order")), "{report}");
}

#[test]
fn randomness_kinks_and_f32_are_told() {
    let calls = Cell::new(0);
    let random = |x: &Tensor| {
        calls.set(calls.get() + 1);
        x * Key::new(calls.get()).uniform::<f64>([2])
    };
    let report = gradcheck_tensors(random, &Tensor::from([1.0, 2.0]));
    assert!(
        report.verdict() == Verdict::Fail && report.to_string().contains("is the function random?"),
        "{report}"
    );
    let report = gradcheck_tensors(|x: &Tensor| x.relu(), &Tensor::from([1.0, 0.0]));
    assert!(report.verdict() != Verdict::Pass && report.to_string().contains("is there a kink?"), "{report}");
    // A kink between equal slopes: differences give the declared 0, and only the second order sees it.
    let report = gradcheck_tensors(|x: &Tensor| x.abs(), &Tensor::from([1.0, 0.0]));
    assert!(
        report.verdict() != Verdict::Pass && report.to_string().contains("along [1] the slope"),
        "{report}"
    );
    // Curvature is no kink, nor is rounding in f32.
    let halved = custom_vjp(|x: &Tensor| (x.square(), x.clone()), |x: &Tensor, ct: &Tensor| ct * x);
    let report = gradcheck_tensors(&halved, &Tensor::from([100.0, -3.0]));
    assert!(report.verdict() == Verdict::Fail && !report.to_string().contains("kink"), "{report}");
    let report = gradcheck_tensors(&halved, &Tensor::from([3f32, -0.1]));
    assert!(report.verdict() == Verdict::Fail && !report.to_string().contains("kink"), "{report}");
    let report = gradcheck_tensors(|x: &Tensor| x.sin(), &Tensor::from([1f32, 0.5]));
    assert!(report.verdict() >= Verdict::Warning && report.to_string().contains("DType::F64"), "{report}");
    let report = gradcheck_tensors(|x: &Tensor| x.ln(), &Tensor::from([1.0, -1.0]));
    assert_eq!(report.verdict(), Verdict::Fail, "{report}");
}

#[test]
fn a_rule_for_one_batch_size_is_found_out() {
    let right = custom_vjp(
        |x: &Tensor| (x.sum_axes(1), x.clone()),
        |x: &Tensor, ct: &Tensor| ct.unsqueeze(1) * x.ones_like(),
    );
    let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    assert!(gradcheck_batches(right, &x).iter().all(|report| report.passed()));
    // The mean's rule with the batch size written into it.
    let wrong =
        custom_vjp(|x: &Tensor| (x.mean(), x.clone()), |x: &Tensor, ct: &Tensor| ct * x.ones_like() / 4.0);
    let verdicts = gradcheck_batches(wrong, &x).map(|report| report.verdict());
    assert_eq!(verdicts, [Verdict::Pass, Verdict::Fail, Verdict::Fail]);
}
