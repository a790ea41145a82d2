//! Losses: how far predictions are from targets.

use super::broadcast::together;
use super::composed::{Case, Composition};
use super::registry::{SHAPES, draw, draw_whole};
use crate::core::{Error, Tensor, place, raise, scale};

/// What becomes of the losses of the examples.
///
/// ```
/// use cotangent::prelude::*;
/// let (x, y) = (Tensor::from([1.0, 4.0]), Tensor::from([1.0, 2.0]));
/// assert_eq!(x.mse_loss(&y, Reduction::Mean).item::<f64>(), 2.0);
/// assert_eq!(x.mse_loss(&y, Reduction::Sum).item::<f64>(), 4.0);
/// assert_eq!(x.mse_loss(&y, Reduction::None).to_vec::<f64>(), [0.0, 4.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// Their mean, one number; NaN if there are none.
    Mean,
    /// Their sum, one number.
    Sum,
    /// They stay as they are.
    None,
}

impl Reduction {
    #[track_caller]
    fn of(self, losses: Tensor) -> Tensor {
        match self {
            Reduction::Mean => losses.mean(),
            Reduction::Sum => losses.sum(),
            Reduction::None => losses,
        }
    }
}

/// Predictions and targets of one shape.
#[track_caller]
fn pair(name: &str, x: &Tensor, target: &Tensor) -> (Tensor, Tensor) {
    if !x.dtype().is_float() {
        let error = Error::new(name).expected("predictions that are floats").got(x.ty().to_string());
        raise(error.help("convert first with `.to(DType::F64)`").at(Some(place())))
    }
    together(name, x, target).unwrap_or_else(|| (x.clone(), target.clone()))
}

/// A parameter that must be a positive number.
#[track_caller]
fn positive(name: &str, parameter: &str, value: f64) {
    if value.is_nan() || value <= 0.0 {
        let error = Error::new(name).expected(format!("a positive {parameter}")).got(value.to_string());
        raise(error.at(Some(place())))
    }
}

impl Tensor {
    /// Squared differences to the target.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let loss = |x: &Tensor| x.mse_loss(&Tensor::from([0.0, 1.0]), Reduction::Mean);
    /// assert_eq!(grad(loss)(&Tensor::from([2.0, 1.0])).to_vec::<f64>(), [2.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn mse_loss(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        let (x, target) = pair("mse_loss", self, target);
        reduction.of((x - target).square())
    }

    /// Absolute differences to the target (mean absolute error); at 0 the derivative is 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let target = Tensor::from([1.0, 1.0]);
    /// assert_eq!(Tensor::from([3.0, 1.0]).l1_loss(&target, Reduction::Mean).item::<f64>(), 1.0);
    /// ```
    #[track_caller]
    pub fn l1_loss(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        let (x, target) = pair("l1_loss", self, target);
        reduction.of((x - target).abs())
    }

    /// With d the difference to the target: d²/2 where |d| ≤ δ, δ(|d| − δ/2) beyond.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let target = Tensor::from([0.0, 0.0]);
    /// assert_eq!(Tensor::from([1.0, 4.0]).huber_loss(&target, 2.0, Reduction::None).to_vec::<f64>(), [0.5, 6.0]);
    /// ```
    #[track_caller]
    pub fn huber_loss(&self, target: &Tensor, delta: f64, reduction: Reduction) -> Tensor {
        positive("huber_loss", "delta", delta);
        let (x, target) = pair("huber_loss", self, target);
        let d = x - target;
        let size = d.abs();
        reduction.of(size.less_equal(delta).select(&(d.square() * 0.5), &((&size - 0.5 * delta) * delta)))
    }

    /// The Huber loss over δ, which becomes [`l1_loss`](Tensor::l1_loss) as β → 0: d²/(2β) where |d| ≤ β, |d| − β/2 beyond.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let target = Tensor::from([0.0, 0.0]);
    /// assert_eq!(Tensor::from([1.0, 4.0]).smooth_l1_loss(&target, 2.0, Reduction::None).to_vec::<f64>(), [0.25, 3.0]);
    /// ```
    #[track_caller]
    pub fn smooth_l1_loss(&self, target: &Tensor, beta: f64, reduction: Reduction) -> Tensor {
        positive("smooth_l1_loss", "beta", beta);
        self.huber_loss(target, beta, reduction) / beta
    }

    /// The loss −ln p of class probabilities softmax(self), whose last axis is the classes'.
    ///
    /// Targets are class indices (`i64` or `i32`, of this shape without the last axis) or probabilities of the classes (floats of this
    /// shape). For the mean the losses are counted, not the classes.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let logits = Tensor::from([[0.0, 0.0], [0.0, 1000.0]]);
    /// let losses = logits.cross_entropy(&Tensor::from([0_i64, 1]), Reduction::None).to_vec::<f64>();
    /// assert_eq!(losses, [2_f64.ln(), 0.0]);
    /// ```
    #[track_caller]
    pub fn cross_entropy(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        self.cross_entropy_smoothed(target, 0.0, reduction)
    }

    /// [`cross_entropy`](Tensor::cross_entropy) with targets mixed with the uniform distribution: (1 − s)·target + s/classes.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let logits = Tensor::from([[0.0, 4.0]]);
    /// let loss = logits.cross_entropy_smoothed(&Tensor::from([1_i64]), 0.5, Reduction::Mean);
    /// assert!((loss.item::<f64>() - 1.0181499279178094).abs() < 1e-15);
    /// ```
    #[track_caller]
    pub fn cross_entropy_smoothed(&self, target: &Tensor, smoothing: f64, reduction: Reduction) -> Tensor {
        if !(0.0..=1.0).contains(&smoothing) {
            let error = Error::new("cross_entropy").expected("a label smoothing from 0 to 1");
            raise(error.got(smoothing.to_string()).at(Some(place())))
        }
        check_classes("cross_entropy", self, target);
        let logs = log_softmax(self);
        let mut losses = likelihood(&logs, target);
        if smoothing > 0.0 {
            losses = losses * (1.0 - smoothing) - logs.mean_axes(-1) * smoothing;
        }
        reduction.of(losses)
    }

    /// −(the entry of the target's class), for this of logarithms of probabilities, whose last axis is the classes'. Targets are those
    /// of [`cross_entropy`](Tensor::cross_entropy).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let logs = Tensor::from([[-0.5, -1.0], [-2.0, -0.25]]);
    /// assert_eq!(logs.nll_loss(&Tensor::from([1_i64, 0]), Reduction::Sum).item::<f64>(), 3.0);
    /// ```
    #[track_caller]
    pub fn nll_loss(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        check_classes("nll_loss", self, target);
        reduction.of(likelihood(self, target))
    }

    /// −t·ln p − (1 − t)·ln(1 − p), for this of probabilities p and targets t from 0 to 1; 0·ln 0 is 0. From logits
    /// [`binary_cross_entropy_with_logits`](Tensor::binary_cross_entropy_with_logits) is more accurate.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let p = Tensor::from([0.5, 1.0]);
    /// let losses = p.binary_cross_entropy(&Tensor::from([0.0, 1.0]), Reduction::None).to_vec::<f64>();
    /// assert_eq!(losses, [2_f64.ln(), 0.0]);
    /// ```
    #[track_caller]
    pub fn binary_cross_entropy(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        let (p, t) = pair("binary_cross_entropy", self, target);
        reduction.of(-(t.xlogy(&p) + (1.0 - t).xlog1py(&-p)))
    }

    /// −t·ln σ(x) − (1 − t)·ln(1 − σ(x)), for this of logits x and targets t from 0 to 1; accurate for every x.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let loss = |x: &Tensor| x.binary_cross_entropy_with_logits(&Tensor::from([1.0, 0.0]), Reduction::Sum);
    /// assert_eq!(loss(&Tensor::from([1000.0, -1000.0])).item::<f64>(), 0.0);
    /// assert_eq!(grad(loss)(&Tensor::from([0.0, 1000.0])).to_vec::<f64>(), [-0.5, 1.0]);
    /// ```
    #[track_caller]
    pub fn binary_cross_entropy_with_logits(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        let (x, t) = pair("binary_cross_entropy_with_logits", self, target);
        // Both terms are positive: nothing cancels. A zero wins over an infinite logit.
        reduction.of(scale(&t, &(-&x).softplus()) + scale(&(1.0 - &t), &x.softplus()))
    }

    /// p·(ln p − ln q), for this of ln q and the target of probabilities p; 0·ln 0 is 0. Summed over all it is the divergence KL(p‖q).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (p, q) = (Tensor::from([1.0, 0.0]), Tensor::from([0.5, 0.5]));
    /// assert_eq!(q.ln().kl_div(&p, Reduction::Sum).item::<f64>(), 2_f64.ln());
    /// ```
    #[track_caller]
    pub fn kl_div(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        let (logs, p) = pair("kl_div", self, target);
        reduction.of(p.xlogy(&p) - scale(&p, &logs))
    }
}

/// Do the targets fit the classes? Either indices of the shape without the last axis, or floats of the same type.
#[track_caller]
fn check_classes(name: &str, x: &Tensor, target: &Tensor) {
    let fits = match x.shape().split_last() {
        None => false,
        Some((_, lead)) if target.dtype().is_integer() => **target.shape() == *lead,
        Some(_) => target.ty() == x.ty(),
    };
    if !fits || !x.dtype().is_float() {
        let error = Error::new(name).expected(match x.shape().split_last() {
            Some((_, lead)) if x.dtype().is_float() => {
                let lead: Vec<String> = lead.iter().map(usize::to_string).collect();
                format!("class indices i64[{}] or probabilities {}", lead.join(","), x.ty())
            }
            _ => "floats with an axis of classes, the last".into(),
        });
        let error = error.got(format!("{} for {}", target.ty(), x.ty()));
        raise(
            error
                .help("the classes are along the last axis: `permute` brings another there")
                .at(Some(place())),
        )
    }
}

/// −⟨target, logs⟩ over the classes. A probability of 0 wins over a logarithm of −∞.
#[track_caller]
fn likelihood(logs: &Tensor, target: &Tensor) -> Tensor {
    if target.dtype().is_integer() {
        let picked = logs.take_along_axis(&target.unsqueeze(-1), -1);
        return -picked.squeeze(-1);
    }
    -scale(target, logs).sum_axes(-1)
}

#[track_caller]
fn log_softmax(x: &Tensor) -> Tensor {
    let shifted = if x.size() == 0 { x.clone() } else { x - x.max_keep(-1).stop_gradient() };
    &shifted - shifted.exp().sum_keep(-1).ln()
}

type Loss = fn(&Tensor, &Tensor, Reduction) -> Tensor;

/// A loss in every reduction, at targets between two bounds.
fn cases(f: Loss, x: (f64, f64), t: (f64, f64)) -> Vec<Case> {
    let case = |left: &[usize], right: &[usize], reduction: Reduction| {
        let operands = [draw(left, x.0, x.1, 1), draw(right, t.0, t.1, 2)];
        Case::new(move |x| f(&x[0], &x[1], reduction), operands)
    };
    let mut cases: Vec<Case> = SHAPES.iter().map(|shape| case(shape, shape, Reduction::None)).collect();
    cases.push(case(&[2, 3], &[2, 3], Reduction::Mean));
    cases.push(case(&[2, 3], &[3], Reduction::Sum));
    cases.push(case(&[0], &[0], Reduction::Sum));
    cases
}

/// A loss of classes.
fn class_cases(f: Loss, low: f64, high: f64) -> Vec<Case> {
    let case = |x: &[usize], target: Tensor, reduction: Reduction| {
        Case::new(move |x| f(&x[0], &x[1], reduction), [draw(x, low, high, 1), target])
    };
    let classes = |shape: &[usize], n: usize| draw_whole(shape, n, 2);
    vec![
        case(&[3], classes(&[], 3), Reduction::None),
        case(&[2, 3], classes(&[2], 3), Reduction::Mean),
        case(&[2, 2, 4], classes(&[2, 2], 4), Reduction::Sum),
        case(&[2, 2, 4], classes(&[2, 2], 4), Reduction::None),
        case(&[1, 1], classes(&[1], 1), Reduction::Mean),
        case(&[0, 3], classes(&[0], 3), Reduction::Sum),
        case(&[2, 3], draw(&[2, 3], 0.0, 1.0, 2), Reduction::Mean),
        case(&[3], draw(&[3], 0.0, 1.0, 2), Reduction::None),
    ]
}

macro_rules! rows {
    ($($name:literal $cases:expr;)*) => { [$(Composition { name: $name, cases: || $cases },)*] };
}

pub(super) const ROWS: [Composition; 10] = rows! {
    "mse_loss" cases(Tensor::mse_loss, (-1.0, 1.0), (-1.0, 1.0));
    "l1_loss" cases(Tensor::l1_loss, (-1.0, 1.0), (-1.0, 1.0));
    "huber_loss" cases(|x, t, r| x.huber_loss(t, 0.7, r), (-1.0, 1.0), (-1.0, 1.0));
    "smooth_l1_loss" cases(|x, t, r| x.smooth_l1_loss(t, 0.7, r), (-1.0, 1.0), (-1.0, 1.0));
    "cross_entropy" class_cases(Tensor::cross_entropy, -2.0, 2.0);
    "cross_entropy_smoothed" class_cases(|x, t, r| x.cross_entropy_smoothed(t, 0.2, r), -2.0, 2.0);
    "nll_loss" class_cases(Tensor::nll_loss, -2.0, -0.1);
    "binary_cross_entropy" cases(Tensor::binary_cross_entropy, (0.1, 0.9), (0.1, 0.9));
    "binary_cross_entropy_with_logits" cases(Tensor::binary_cross_entropy_with_logits, (-3.0, 3.0), (0.1, 0.9));
    "kl_div" cases(Tensor::kl_div, (-3.0, -0.1), (0.1, 0.9));
};
