//! Functions in PyTorch's style: a type with a forward and a backward.

use super::custom::{alone, plain, unaffected};
use crate::core::{Error, Place, Prim, Tensor, apply, place, raise};
use crate::op::CustomVjp;
use std::sync::Arc;

/// What a [`Function`] keeps between forward and backward.
#[derive(Debug, Default)]
pub struct Context {
    saved: Vec<Tensor>,
    needs: Vec<bool>,
}

impl Context {
    /// Keeps these tensors for the backward. A later in-place change of a tensor of the same name does not reach them: what is saved is
    /// a value.
    pub fn save_for_backward(&mut self, tensors: &[&Tensor]) {
        self.saved = tensors.iter().map(|&x| x.clone()).collect();
    }

    /// What the forward kept.
    pub fn saved(&self) -> &[Tensor] {
        &self.saved
    }

    /// Can this input have a gradient? Integers and bools cannot.
    pub fn needs_input_grad(&self, i: usize) -> bool {
        self.needs.get(i).copied().unwrap_or(false)
    }
}

/// A function with a backward of its own, as PyTorch's `autograd.Function`.
///
/// ```
/// use cotangent::prelude::*;
/// use cotangent::api::Context;
/// struct Cube;
/// impl Function for Cube {
///     fn forward(&self, ctx: &mut Context, x: &[Tensor]) -> Vec<Tensor> {
///         ctx.save_for_backward(&[&x[0]]);
///         vec![x[0].powi(3)]
///     }
///     fn backward(&self, ctx: &Context, ct: &[Tensor]) -> Vec<Option<Tensor>> {
///         vec![Some(&ct[0] * &(ctx.saved()[0].square() * 3.0))]
///     }
/// }
/// let x = Tensor::from(2.0).requires_grad();
/// let y = Cube.apply(&[&x]);
/// y[0].backward();
/// assert_eq!((x.grad().unwrap().item::<f64>(), y[0].saved_bytes()), (12.0, 0)); // one number takes no buffer
/// ```
pub trait Function {
    /// The outputs, from the inputs. What the backward needs is [saved](Context::save_for_backward).
    fn forward(&self, ctx: &mut Context, x: &[Tensor]) -> Vec<Tensor>;

    /// A gradient for each input, of its shape and dtype, from one for each output; `None` for inputs that need none (integers) or on
    /// which nothing depends. It must work for any batch size, as the forward does.
    fn backward(&self, ctx: &Context, ct: &[Tensor]) -> Vec<Option<Tensor>>;

    /// The name in messages.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>().rsplit("::").next().unwrap_or("function")
    }

    /// Calls the function.
    ///
    /// # Panics
    /// If the backward breaks its contract: another number of gradients than of inputs, a gradient of another shape or dtype, a gradient for
    /// an integer input.
    #[track_caller]
    fn apply(&self, x: &[&Tensor]) -> Vec<Tensor> {
        let place = place();
        let x: Vec<Tensor> = x.iter().map(|&x| x.clone()).collect();
        let context =
            || Context { saved: Vec::new(), needs: x.iter().map(|x| x.dtype().is_float()).collect() };
        if plain(&x) {
            return unaffected(self.name(), place, self.forward(&mut context(), &x));
        }
        let name = self.name();
        let (forward, (y, saved)) = alone(name, place, &x, true, |x: &Vec<Tensor>| {
            let mut context = context();
            let y = self.forward(&mut context, x);
            (y, context.saved)
        });
        let outputs = y.len();
        let (backward, _) =
            alone(name, place, &(saved, y), false, |(saved, ct): &(Vec<Tensor>, Vec<Tensor>)| {
                let context = Context { saved: saved.clone(), ..context() };
                contract(name, place, &x, self.backward(&context, ct))
            });
        let prim = Prim::new(CustomVjp { forward: Arc::new(forward), backward: Arc::new(backward), outputs });
        apply(prim, &x.iter().collect::<Vec<_>>()).into_vec()
    }
}

/// The gradients that a backward returned, if they are what they must be.
fn contract(name: &str, place: Place, x: &[Tensor], gradients: Vec<Option<Tensor>>) -> Vec<Tensor> {
    let fail = |error: Error| -> ! { raise(error.at(Some(place))) };
    let operation = format!("{name}::backward");
    if gradients.len() != x.len() {
        let error = Error::new(operation).expected(format!("{} gradients, one for each input", x.len()));
        fail(
            error.got(gradients.len().to_string()).help("return `None` for an input that needs no gradient"),
        );
    }
    let each = gradients.into_iter().zip(x).enumerate().map(|(i, (gradient, x))| {
        let Some(gradient) = gradient else { return x.zeros_like() };
        if !x.dtype().is_float() {
            let error = Error::new(&operation).expected(format!("`None` for input {i}, {}", x.ty()));
            fail(error.got(gradient.ty().to_string()).help("only floats have gradients"));
        }
        if gradient.ty() != x.ty() {
            let error =
                Error::new(&operation).expected(format!("a gradient of type {} for input {i}", x.ty()));
            fail(
                error
                    .got(gradient.ty().to_string())
                    .help("a gradient has the shape and dtype of its input; sum over what was broadcast"),
            );
        }
        gradient
    });
    each.collect()
}

impl Tensor {
    /// The bytes of memory that the operation which made this tensor keeps for its backward; 0 without a graph.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 2.0, 3.0]).requires_grad();
    /// assert_eq!((x.sin().saved_bytes(), (&x + 1.0).saved_bytes()), (24, 0));
    /// ```
    pub fn saved_bytes(&self) -> usize {
        let Some(recorded) = self.node().and_then(|node| node.recorded()) else { return 0 };
        let mut seen = Vec::new();
        let kept = recorded.inputs().into_iter().chain(recorded.outputs());
        let mut new = |id: usize| {
            let first = !seen.contains(&id);
            seen.push(id);
            first
        };
        kept.filter(|array| array.buffer_id().is_some_and(&mut new)).map(|array| array.bytes()).sum()
    }
}
