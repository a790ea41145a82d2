//! One workload two ways: eagerly, and compiled.

use super::{Plans, Run, Workload};
use cotangent::api::{Jit, value_and_grad};
use cotangent::core::{Tensor, Tree, Visitor};
use std::rc::Rc;

type Call<A, B> = Box<dyn Fn(&A) -> B>;

/// How a workload runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Define by run.
    Eager,
    /// Traced at the first call.
    Jit,
}

impl Way {
    /// A workload's name without what says the way: `bumps, jit` is `bumps`, compiled.
    pub fn of(name: &str) -> (&str, Way) {
        match name.strip_suffix(", jit") {
            Some(name) => (name, Way::Jit),
            None => (name, Way::Eager),
        }
    }

    /// The function's value and gradient as a user gets them this way.
    pub fn value_and_gradient<P: Tree>(self, f: impl Fn(&P) -> Tensor, at: &P) -> (Tensor, P) {
        match self {
            Way::Jit => value_and_grad(f)(at),
            Way::Eager => {
                let at = at.map(&mut |x| x.detach().requires_grad());
                let y = f(&at);
                y.backward();
                (y.detach(), at.map(&mut |x| x.grad().expect("a leaf that was used")))
            }
        }
    }

    /// Calls of a function on the same arguments.
    pub fn calls<A: Tree + 'static, B: Tree + 'static>(
        self,
        f: impl Fn(&A) -> B + Send + Sync + 'static,
        x: A,
    ) -> Workload {
        let (call, plans) = self.prepared(f);
        Workload { run: Box::new(move || leaves(&call(&x))), plans }
    }

    /// Calls of a step: from a state and a batch to the next state and the loss. Each call's state is the next one's argument.
    pub fn steps<S: Tree + Clone + 'static, B: Tree + 'static>(
        self,
        step: impl Fn(&(S, B)) -> (S, Tensor) + Send + Sync + 'static,
        state: S,
        batch: B,
    ) -> Workload {
        let (call, plans) = self.prepared(step);
        let mut x = (state, batch);
        let run: Run = Box::new(move || {
            let (state, loss) = call(&x);
            x.0 = state;
            let mut results = leaves(&x.0);
            results.push(loss);
            results
        });
        Workload { run, plans }
    }

    fn prepared<A: Tree + 'static, B: Tree + 'static>(
        self,
        f: impl Fn(&A) -> B + Send + Sync + 'static,
    ) -> (Call<A, B>, Option<Plans>) {
        match self {
            Way::Eager => (Box::new(f), None),
            Way::Jit => {
                let jit = Rc::new(Jit::new(f));
                let asked = jit.clone();
                let plans = move || format!("{}\n{}", asked.stats(), asked.plans());
                (Box::new(move |x| jit.call(x)), Some(Box::new(plans)))
            }
        }
    }
}

/// A tree's tensors, in order.
pub fn leaves<T: Tree>(tree: &T) -> Vec<Tensor> {
    struct Leaves(Vec<Tensor>);
    impl<'a> Visitor<'a> for Leaves {
        fn leaf(&mut self, x: &'a Tensor) {
            self.0.push(x.clone());
        }
    }
    let mut leaves = Leaves(Vec::new());
    tree.visit(&mut leaves);
    leaves.0
}
