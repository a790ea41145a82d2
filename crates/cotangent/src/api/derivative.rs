//! Derivatives of functions of trees.

use super::lift::{copy, lift, run};
use crate::core::{Error, Item, Place, Structure, Tensor, Tree, leaves, place, raise, with_leaves};
use crate::transform;

/// The gradient of a function whose value is one float.
///
/// For an argument of leaves x₁, x₂, … it has the same structure, with ∂f/∂xᵢ of the shape and dtype of xᵢ; integer leaves have
/// zeros. Reverse mode: about the cost of three to four evaluations, whatever the number of leaves.
///
/// ```
/// use cotangent::prelude::*;
/// let g = grad(|x: &Tensor| x.powi(3).sum());
/// assert_eq!(g(&Tensor::from([1.0, 2.0])).to_vec::<f64>(), [3.0, 12.0]);
/// assert_eq!(grad(|x: &Tensor| g(x).sum())(&Tensor::from([1.0, 2.0])).to_vec::<f64>(), [6.0, 12.0]);
/// ```
#[track_caller]
pub fn grad<A: Tree>(f: impl Fn(&A) -> Tensor) -> impl Fn(&A) -> A {
    gradient("grad", place(), f)
}

/// [`grad`] under the name that its messages show.
pub(super) fn gradient<A: Tree>(
    name: &'static str,
    place: Place,
    f: impl Fn(&A) -> Tensor,
) -> impl Fn(&A) -> A {
    move |x| reverse(name, place, |x| (f(x), ()), x).2
}

/// [`grad`] with the function's value.
///
/// ```
/// use cotangent::prelude::*;
/// let (y, g) = value_and_grad(|x: &Tensor| x.square().sum())(&Tensor::from([1.0, 2.0]));
/// assert_eq!((y.item::<f64>(), g.to_vec::<f64>()), (5.0, vec![2.0, 4.0]));
/// ```
#[track_caller]
pub fn value_and_grad<A: Tree>(f: impl Fn(&A) -> Tensor) -> impl Fn(&A) -> (Tensor, A) {
    let place = place();
    move |x| {
        let (y, (), g) = reverse("value_and_grad", place, |x| (f(x), ()), x);
        (y, g)
    }
}

/// [`value_and_grad`] of a function that returns more than the value to be differentiated: `((value, aux), gradient)`.
///
/// ```
/// use cotangent::prelude::*;
/// let f = |x: &Tensor| (x.square().sum(), x.sin());
/// let ((y, aux), g) = value_and_grad_aux(f)(&Tensor::from([0.0, 2.0]));
/// assert_eq!((y.item::<f64>(), aux.to_vec::<f64>()[0], g.to_vec::<f64>()[1]), (4.0, 0.0, 4.0));
/// ```
#[track_caller]
pub fn value_and_grad_aux<A: Tree, C: Tree>(
    f: impl Fn(&A) -> (Tensor, C),
) -> impl Fn(&A) -> ((Tensor, C), A) {
    let place = place();
    move |x| {
        let (y, aux, g) = reverse("value_and_grad_aux", place, &f, x);
        ((y, aux), g)
    }
}

fn reverse<A: Tree, C: Tree>(
    name: &'static str,
    place: Place,
    f: impl FnOnce(&A) -> (Tensor, C),
    x: &A,
) -> (Tensor, C, A) {
    let lifted = lift(name, place, f, x);
    let y = &lifted.pattern.0;
    if y.rank() != 0 || !y.dtype().is_float() {
        let error =
            Error::new(name).expected("a function whose value is one float (rank 0)").got(y.ty().to_string());
        let help = match y.dtype().is_float() {
            true => "reduce the value with `sum()` or `mean()`, or use `jacobian(f)` for all derivatives",
            false => "only floats have gradients: convert the value with `.to(DType::F64)`",
        };
        raise(error.help(help).at(Some(place)))
    }
    let one = Tensor::full_item(Item::one(y.dtype()), []);
    let arguments = lifted.arguments;
    let outputs = run(place, &lifted.inputs, |inputs| {
        let wanted: Vec<bool> = (0..inputs.len()).map(|i| i < arguments).collect();
        let (mut outputs, pullback) = transform::vjp(&lifted.program, inputs, &wanted)?;
        let mut ct = vec![None; outputs.len()];
        ct[0] = Some(one.clone());
        let cts = pullback.call(&ct)?;
        let gradient = |(x, ct): (&Tensor, Option<Tensor>)| ct.unwrap_or_else(|| x.zeros_like());
        outputs.extend(inputs.iter().zip(cts).take(arguments).map(gradient));
        Ok(outputs)
    });
    let mut outputs = outputs.into_iter();
    let results = outputs.by_ref().take(leaves(&lifted.pattern).len()).collect();
    let (y, aux) = with_leaves(&lifted.pattern, results);
    (y, aux, with_leaves(x, outputs.collect()))
}

/// Do a tree and its tangent (or cotangent) have the same structure and the same types?
fn check_like<A: Tree>(name: &str, place: Place, what: &str, of: &str, x: &A, t: &A) {
    let structure = Structure::of(x);
    if let Some(difference) = structure.difference(&Structure::of(t)) {
        let error = Error::new(name).expected(format!("{what} of {of}'s structure"));
        let help = format!("left is {of}, right {what}");
        raise(error.got(difference).help(help).at(Some(place)))
    }
    let (x, t) = (leaves(x), leaves(t));
    for (i, (x, t)) in x.iter().zip(&t).enumerate() {
        if x.ty() != t.ty() {
            let path = structure.paths()[i].to_string();
            let leaf = if path.is_empty() { String::new() } else { format!(" for {path}") };
            let error = Error::new(name).expected(format!("{what} of type {}{leaf}", x.ty()));
            let help = format!("{what} has the structure, shapes and dtypes of {of}");
            raise(error.got(t.ty().to_string()).help(help).at(Some(place)))
        }
    }
}

/// The tangent of a leaf, if it can have one.
fn tangents(t: &[&Tensor]) -> Vec<Option<Tensor>> {
    t.iter().map(|&t| t.dtype().is_float().then(|| t.clone())).collect()
}

fn or_zeros(y: &Tensor, t: Option<Tensor>) -> Tensor {
    t.unwrap_or_else(|| y.zeros_like())
}

/// The value, and the derivative in direction `v`: f(x) and ∂f(x)·v, in forward mode. `v` has the structure and types of `x`.
///
/// ```
/// use cotangent::prelude::*;
/// let (y, t) = jvp(|x: &Tensor| x.square(), &Tensor::from([1.0, 3.0]), &Tensor::from([1.0, 10.0]));
/// assert_eq!((y.to_vec::<f64>(), t.to_vec::<f64>()), (vec![1.0, 9.0], vec![2.0, 60.0]));
/// ```
#[track_caller]
pub fn jvp<A: Tree, B: Tree>(f: impl FnOnce(&A) -> B, x: &A, v: &A) -> (B, B) {
    let place = place();
    check_like("jvp", place, "a tangent", "the argument", x, v);
    let lifted = lift("jvp", place, f, x);
    let mut inputs = lifted.inputs.clone();
    inputs.extend(leaves(v).into_iter().cloned());
    let count = lifted.inputs.len();
    let outputs = run(place, &inputs, |inputs| {
        let (x, v) = inputs.split_at(count);
        let mut t = tangents(&v.iter().collect::<Vec<_>>());
        t.resize(count, None);
        let (y, t) = transform::jvp(&lifted.program, x, &t)?;
        let t: Vec<Tensor> = y.iter().zip(t).map(|(y, t)| or_zeros(y, t)).collect();
        Ok(y.into_iter().chain(t).collect())
    });
    let mut outputs = outputs.into_iter();
    let y = outputs.by_ref().take(lifted.program.outputs().len()).collect();
    (with_leaves(&lifted.pattern, y), with_leaves(&lifted.pattern, outputs.collect()))
}

/// The value, and the pullback: a function from a cotangent of the value (with its structure and types) to one of `x`, that can be called
/// again and again. One evaluation of `f`, in reverse mode.
///
/// ```
/// use cotangent::prelude::*;
/// let (y, pullback) = vjp(|x: &Tensor| x.square(), &Tensor::from([1.0, 3.0]));
/// assert_eq!(y.to_vec::<f64>(), [1.0, 9.0]);
/// assert_eq!(pullback(&Tensor::from([1.0, 0.0])).to_vec::<f64>(), [2.0, 0.0]);
/// assert_eq!(pullback(&Tensor::from([0.0, 1.0])).to_vec::<f64>(), [0.0, 6.0]);
/// ```
#[track_caller]
pub fn vjp<A: Tree, B: Tree, F: FnOnce(&A) -> B>(f: F, x: &A) -> (B, impl Fn(&B) -> A + use<A, B, F>) {
    let place = place();
    let lifted = lift("vjp", place, f, x);
    let wanted: Vec<bool> = (0..lifted.inputs.len()).map(|i| i < lifted.arguments).collect();
    let (y, pullback) =
        transform::vjp(&lifted.program, &lifted.inputs, &wanted).unwrap_or_else(|error| raise(error));
    let y = with_leaves(&lifted.pattern, y);
    let (value, x, arguments) = (copy(&y), copy(x), lifted.arguments);
    let pull = move |ct: &B| {
        check_like("pullback", place, "a cotangent", "the value", &value, ct);
        let cts = pullback.call(&tangents(&leaves(ct))).unwrap_or_else(|error| raise(error));
        let gradient = |(x, ct): (&Tensor, Option<Tensor>)| or_zeros(x, ct);
        with_leaves(&x, leaves(&x).into_iter().zip(cts).take(arguments).map(gradient).collect())
    };
    (y, pull)
}

/// The value, and the derivative at `x` as a function of the direction that does not evaluate `f` again: the pushforward
/// `v ↦ ∂f(x)·v`.
///
/// ```
/// use cotangent::prelude::*;
/// let (y, push) = linearize(|x: &Tensor| x.square(), &Tensor::from([1.0, 3.0]));
/// assert_eq!(push(&Tensor::from([1.0, 10.0])).to_vec::<f64>(), [2.0, 60.0]);
/// # let _ = y;
/// ```
#[track_caller]
pub fn linearize<A: Tree, B: Tree, F: FnOnce(&A) -> B>(f: F, x: &A) -> (B, impl Fn(&A) -> B + use<A, B, F>) {
    let place = place();
    let lifted = lift("linearize", place, f, x);
    let active: Vec<bool> =
        lifted.inputs.iter().enumerate().map(|(i, x)| i < lifted.arguments && x.dtype().is_float()).collect();
    let (value, linear) =
        transform::linearize(&lifted.program, &lifted.inputs, &active).unwrap_or_else(|error| raise(error));
    let y = with_leaves(&lifted.pattern, value);
    let (pattern, x) = (copy(&y), copy(x));
    let push = move |v: &A| {
        check_like("linearize", place, "a tangent", "the argument", &x, v);
        let t = leaves(v).into_iter().filter(|t| t.dtype().is_float()).cloned();
        let inputs: Vec<Tensor> = linear.residuals.iter().cloned().chain(t).collect();
        with_leaves(&pattern, linear.program.eval(&inputs).unwrap_or_else(|error| raise(error)))
    };
    (y, push)
}

/// The Hessian times a vector: ∂²f(x)·v, forward over reverse, without the Hessian.
///
/// ```
/// use cotangent::prelude::*;
/// let hv = hvp(|x: &Tensor| x.powi(3).sum(), &Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 1.0]));
/// assert_eq!(hv.to_vec::<f64>(), [6.0, 12.0]);
/// ```
#[track_caller]
pub fn hvp<A: Tree>(f: impl Fn(&A) -> Tensor, x: &A, v: &A) -> A {
    let place = place();
    check_like("hvp", place, "a vector", "the argument", x, v);
    jvp(gradient("hvp", place, f), x, v).1
}
