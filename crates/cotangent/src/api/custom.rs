//! Functions with a derivative rule of the user's.

use crate::core::{
    Closed, Error, Kind, Place, Prim, Program, Structure, Tensor, Tree, apply, at_place, in_body, leaves,
    place, raise, trace_inputs, with_leaves,
};
use crate::op::{CustomJvp, CustomVjp};
use std::sync::Arc;

/// Is there nobody who could differentiate or keep what is computed from these?
pub(super) fn plain<A: Tree>(x: &A) -> bool {
    let untouched = |x: &&Tensor| !(x.is_traced() || x.has_node() && crate::core::grad_enabled());
    !in_body() && leaves(x).iter().all(untouched)
}

fn captured(name: &str, place: Place, what: String, made: Option<Place>) -> ! {
    let error =
        Error::new(name).expected("a function of its arguments alone").got(what).note("it was made", made);
    raise(error.help("pass it as an argument: its gradient would be lost").at(Some(place)))
}

/// The result of a function at [`plain`] arguments: what is differentiated all the same must have come in by capture.
pub(super) fn unaffected<B: Tree>(name: &str, place: Place, y: B) -> B {
    let touched = |y: &&Tensor| y.is_traced() || y.has_node() && crate::core::grad_enabled();
    if let Some(y) = leaves(&y).into_iter().find(touched) {
        let what =
            format!("a value, {}, that depends on a captured tensor that is being differentiated", y.ty());
        captured(name, place, what, y.place())
    }
    y
}

/// Traces a function that may use nothing but its arguments.
pub(super) fn alone<A: Tree, B: Tree>(
    name: &'static str,
    place: Place,
    x: &A,
    known: bool,
    f: impl FnOnce(&A) -> B,
) -> (Program, B) {
    let inputs: Vec<_> = leaves(x).into_iter().map(|x| (x.ty().clone(), known.then(|| x.clone()))).collect();
    // A body, so that what it computes of constants is its own, also within another body.
    let traced =
        trace_inputs(Kind::Body(name), place, inputs, |inputs| f(&with_leaves(x, inputs)), |y| leaves(y));
    let (Closed { program, captures, .. }, pattern) = traced.unwrap_or_else(|error| raise(error));
    if let Some(capture) = captures.first() {
        let what = format!("a captured tensor, {}, that is being differentiated", capture.ty());
        captured(name, place, what, capture.place())
    }
    (program, pattern)
}

/// Does what a rule returns have the structure and types of `like`? Of tangents and cotangents (not `every` leaf) those of floats count.
fn check<A: Tree>(name: &str, place: Place, what: &str, like: &str, every: bool, expected: &A, got: &A) {
    let fail = |expected: String, got: String| -> ! {
        let help = format!("{what} has the structure, shapes and dtypes of {like}");
        raise(Error::new(name).expected(format!("{what} {expected}")).got(got).help(help).at(Some(place)))
    };
    if let Some(difference) = Structure::of(expected).difference(&Structure::of(got)) {
        fail(format!("of {like}'s structure"), difference);
    }
    for (i, (x, t)) in leaves(expected).into_iter().zip(leaves(got)).enumerate() {
        if (every || x.dtype().is_float()) && x.ty() != t.ty() {
            let path = Structure::of(expected).paths()[i].to_string();
            let leaf = if path.is_empty() { String::new() } else { format!(" for {path}") };
            fail(format!("of type {}{leaf}", x.ty()), t.ty().to_string());
        }
    }
}

/// A function whose derivative in forward mode is the rule `(x, t) ↦ (f(x), ∂f(x)·t)`; reverse mode is made from it by transposing,
/// so the tangent must be linear in `t`.
///
/// ```
/// use cotangent::prelude::*;
/// // log(1 + eˣ), with a derivative that does not overflow.
/// let log1pexp = custom_jvp(
///     |x: &Tensor| x.exp().ln_1p(),
///     |x: &Tensor, t: &Tensor| (x.exp().ln_1p(), t * &x.sigmoid()),
/// );
/// assert_eq!(grad(log1pexp)(&Tensor::from(1000.0)).item::<f64>(), 1.0);
/// ```
#[track_caller]
pub fn custom_jvp<A: Tree, B: Tree>(
    f: impl Fn(&A) -> B,
    rule: impl Fn(&A, &A) -> (B, B),
) -> impl Fn(&A) -> B {
    let place = place();
    move |x| {
        if plain(x) {
            return unaffected("custom_jvp", place, f(x));
        }
        let (program, pattern) = alone("custom_jvp", place, x, true, &f);
        let pair = (super::lift::copy(x), x.map(&mut |x| x.zeros_like()));
        let (rule, (y, t)) = alone("custom_jvp", place, &pair, false, |(x, t): &(A, A)| rule(x, t));
        check("custom_jvp", place, "a value", "f(x)", true, &pattern, &y);
        check("custom_jvp", place, "a tangent", "f(x)", false, &pattern, &t);
        let count = leaves(x).len();
        if rule.depends(count..2 * count)[..leaves(&pattern).len()].contains(&true) {
            let error = Error::new("custom_jvp").expected("a value that depends on `x` alone");
            raise(
                error.got("one that depends on the tangent").help("return `(f(x), tangent)`").at(Some(place)),
            )
        }
        let prim = Prim::new(CustomJvp { f: Arc::new(program), rule: Arc::new(rule) });
        with_leaves(&pattern, at_place(Some(place), || apply(prim, &leaves(x))).into_vec())
    }
}

/// A function with a rule for reverse mode: `forward(x) = (f(x), residuals)`, and `backward(residuals, ct)` gives the cotangent of
/// `x`. Wherever differentiation reaches it, within `cond`, `vmap`, `jvp` or at second order, it keeps that rule; going forward through it
/// transposes the rule, which must be linear in `ct` for that.
///
/// ```
/// use cotangent::prelude::*;
/// // Rounding, whose derivative is zero, with the gradient passed straight through.
/// let round = custom_vjp(|x: &Tensor| (x.round(), ()), |_: &(), ct: &Tensor| ct.clone());
/// assert_eq!(grad(|x: &Tensor| round(x).square())(&Tensor::from(1.4)).item::<f64>(), 2.0);
/// ```
#[track_caller]
pub fn custom_vjp<A: Tree, B: Tree, R: Tree>(
    forward: impl Fn(&A) -> (B, R),
    backward: impl Fn(&R, &B) -> A,
) -> impl Fn(&A) -> B {
    let place = place();
    move |x| {
        if plain(x) {
            return unaffected("custom_vjp", place, forward(x).0);
        }
        let (forward, (y, residuals)) = alone("custom_vjp", place, x, true, &forward);
        let pair = (residuals, super::lift::copy(&y));
        let (backward, ct) = alone("custom_vjp", place, &pair, false, |(r, ct): &(R, B)| backward(r, ct));
        check("custom_vjp", place, "a gradient", "the argument", false, x, &ct);
        let outputs = leaves(&y).len();
        let prim = Prim::new(CustomVjp { forward: Arc::new(forward), backward: Arc::new(backward), outputs });
        with_leaves(&y, at_place(Some(place), || apply(prim, &leaves(x))).into_vec())
    }
}
