//! Compositions at their corners and where they are easily inaccurate. Values and derivatives elsewhere: the laws and the oracles.

use cotangent::prelude::*;

/// The derivatives of an elementwise function at these points.
fn slopes(f: impl Fn(&Tensor) -> Tensor, x: impl Into<Tensor>) -> Vec<f64> {
    let x = x.into();
    let backward = grad(|x: &Tensor| f(x).sum())(&x).to_vec::<f64>();
    assert_eq!(backward, jvp(&f, &x, &x.ones_like()).1.to_vec::<f64>());
    backward
}

#[test]
fn corners() {
    assert_eq!(slopes(|x| x.leaky_relu(0.25), [-1.0, 0.0, 1.0]), [0.25, 0.25, 1.0]);
    assert_eq!(slopes(|x| x.elu(0.5), [0.0]), [0.5]);
    assert_eq!(slopes(|x| x.celu(0.5), [0.0]), [1.0]);
    assert_eq!(slopes(Tensor::hard_tanh, [-1.0, 1.0]), [0.0, 0.0]);
    assert_eq!(slopes(Tensor::relu6, [0.0, 3.0, 6.0]), [0.0, 1.0, 0.0]);
    assert_eq!(slopes(Tensor::hard_sigmoid, [-3.0, 3.0]), [0.0, 0.0]);
    assert_eq!(slopes(Tensor::hard_swish, [-3.0, 3.0]), [0.0, 1.0]);
    assert_eq!(slopes(Tensor::softsign, [0.0]), [1.0]);
    assert_eq!(slopes(|x| x.clamp(-1.0, 1.0), [-2.0, -1.0, 0.0, 1.0]), [0.0, 0.5, 1.0, 0.5]);
    let zero = Tensor::from([0.0; 4]);
    assert_eq!(
        slopes(|x| x.huber_loss(&zero, 1.0, Reduction::None), [-1.0, 0.0, 1.0, 3.0]),
        [-1.0, 0.0, 1.0, 1.0]
    );
    assert_eq!(slopes(|x| x.l1_loss(&zero, Reduction::None), [-1.0, 0.0, 1.0, 3.0]), [-1.0, 0.0, 1.0, 1.0]);
    assert_eq!(slopes(|x| x.heaviside(0.5), [-1.0, 0.0]), [0.0, 0.0]);
    assert_eq!(slopes(|x| x.nan_to_num(), [f64::NAN, f64::INFINITY, 1.0]), [0.0, 0.0, 1.0]);
}

#[test]
fn vectors_of_zeros() {
    let zeros = Tensor::from([[0.0, 0.0], [3.0, 4.0]]);
    for p in [1.0, 2.0, 3.0, f64::INFINITY] {
        let y = zeros.normalize(p, 1).to_vec::<f64>();
        assert_eq!(y[..2], [0.0, 0.0]);
        assert!(y[2] > 0.0 && y[3] > y[2]);
        let g = grad(|x: &Tensor| x.normalize(p, 1).powi(3).sum())(&zeros).to_vec::<f64>();
        assert!(g[..2] == [0.0, 0.0] && g.iter().all(|g| g.is_finite()), "{p}: {g:?}");
    }
    assert_eq!(zeros.cosine_similarity(&zeros, 1).to_vec::<f64>()[0], 0.0);
    assert_eq!(Tensor::from([0.0, 0.0]).clip_by_norm(1.0).to_vec::<f64>(), [0.0, 0.0]);
}

#[test]
fn any_scale() {
    for scale in [1e-300, 1e300] {
        let x = Tensor::from([3.0, 4.0]) * scale;
        assert_eq!(x.normalize(2.0, 0).to_vec::<f64>(), [0.6, 0.8]);
        let c = x.cosine_similarity(&Tensor::from([4.0, 3.0]), 0).item::<f64>();
        assert!((c - 0.96).abs() < 1e-15);
    }
    let y = (Tensor::from([3.0, 4.0]) * 1e300).clip_by_norm(1.0).to_vec::<f64>();
    assert_eq!(y, [0.6, 0.8]);
}

/// The derivatives of the power series at 0, to the fourth order, and no noise near it.
#[test]
fn sinc_near_zero() {
    let pi = std::f64::consts::PI;
    let second = |x: &Tensor| grad(grad(|x: &Tensor| x.sinc()))(x);
    let fourth = |x: &Tensor| grad(grad(second))(x);
    for x in [0.0, 1e-9, -1e-5] {
        let at = Tensor::from(x);
        assert!((second(&at).item::<f64>() + pi.powi(2) / 3.0).abs() < 1e-7, "{x}");
        assert!((fourth(&at).item::<f64>() - pi.powi(4) / 5.0).abs() < 1e-7, "{x}");
        let slope = grad(|x: &Tensor| x.sinc())(&at).item::<f64>();
        assert!((slope + pi.powi(2) * x / 3.0).abs() < 1e-13, "{x}: {slope}");
    }
    // Both sides of the border between series and quotient.
    let (a, b) = (0.4_f64.next_down(), 0.4);
    for f in [|x: &Tensor| x.sinc(), |x: &Tensor| grad(|x: &Tensor| x.sinc())(x)] {
        let gap = f(&Tensor::from(a)).item::<f64>() - f(&Tensor::from(b)).item::<f64>();
        assert!(gap.abs() < 1e-14, "{gap}");
    }
}

/// Losses of logits neither overflow nor cancel.
#[test]
fn far_logits() {
    let x = Tensor::from([800.0, -800.0, 40.0]);
    let t = Tensor::from([1.0, 0.0, 1.0]);
    let losses = x.binary_cross_entropy_with_logits(&t, Reduction::None).to_vec::<f64>();
    assert_eq!(losses[..2], [0.0, 0.0]);
    assert!((losses[2] / (-40.0_f64).exp() - 1.0).abs() < 1e-15);
    let f = |x: &Tensor| x.binary_cross_entropy_with_logits(&t, Reduction::None);
    assert_eq!(slopes(f, [f64::INFINITY, f64::NEG_INFINITY, 0.0]), [0.0, 0.0, -0.5]);
    let logits = Tensor::from([[1e4, -1e4], [f64::NEG_INFINITY, 0.0]]);
    let losses = logits.cross_entropy(&Tensor::from([1_i64, 1]), Reduction::None).to_vec::<f64>();
    assert_eq!(losses, [2e4, 0.0]);
    // Classes may be counted from the end, and be i32.
    let last = logits.cross_entropy(&Tensor::from([-1, -1]), Reduction::None).to_vec::<f64>();
    assert_eq!(last, losses);
}

#[test]
fn second_derivative_of_logaddexp_at_a_tie() {
    let f = |x: &Tensor| x.logaddexp(&Tensor::from(0.3));
    assert!((hessian(f)(&Tensor::from(0.3)).item::<f64>() - 0.25).abs() < 1e-15);
    let infinite = Tensor::from(f64::INFINITY);
    assert_eq!(grad(|x: &Tensor| x.logaddexp(&infinite))(&infinite).item::<f64>(), 0.5);
}

#[test]
fn dropout_keeps_the_mean_and_the_gradient_of_what_it_keeps() {
    let (key, x) = (Key::new(5), Tensor::from([1.5; 1000]));
    let y = x.dropout(&key, 0.3).to_vec::<f64>();
    assert!(y.iter().all(|&y| y == 0.0 || y == 1.5 / 0.7));
    let dropped = y.iter().filter(|&&y| y == 0.0).count();
    assert!((250..350).contains(&dropped), "{dropped}");
    let g = grad(|x: &Tensor| x.dropout(&key, 0.3).sum())(&x).to_vec::<f64>();
    assert!(y.iter().zip(&g).all(|(y, g)| y / 1.5 == *g));
    assert_eq!(x.dropout(&key, 1.0).sum().item::<f64>(), 0.0);
    assert_eq!(x.dropout(&key, 0.0).to_vec::<f64>(), x.to_vec::<f64>());
}
