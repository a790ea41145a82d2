//! Workloads that PyTorch and JAX run too, by name: the scripts in `peers/` draw their inputs, call all and compare.
//!
//! A new one is a line here and a line there.

mod elementwise;
mod gpt;
pub mod growth;
mod limits;
mod models;
mod scalars;
mod second_order;
mod sequences;
mod training;
mod ways;
mod whole;

use cotangent::core::{Array, DType, Tensor};

/// One call; what it gives is compared with what the peer gives.
pub type Run = Box<dyn FnMut() -> Vec<Tensor>>;

/// What compiled code has done so far, and what it runs, as text.
pub type Plans = Box<dyn Fn() -> String>;

/// What is called, and if it is compiled what is run for it.
pub struct Workload {
    pub run: Run,
    pub plans: Option<Plans>,
}

impl From<Run> for Workload {
    fn from(run: Run) -> Self {
        Workload { run, plans: None }
    }
}

/// What is called, on these inputs; none if there is no workload of that name.
pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Workload> {
    let inputs: Vec<Tensor> = inputs.iter().map(aligned).collect();
    let eager = limits::prepare(name, &inputs)
        .or_else(|| elementwise::prepare(name, &inputs))
        .or_else(|| whole::prepare(name, &inputs));
    eager
        .map(Workload::from)
        .or_else(|| models::prepare(name, &inputs))
        .or_else(|| scalars::prepare(name, &inputs))
        .or_else(|| training::prepare(name, &inputs))
        .or_else(|| second_order::prepare(name, &inputs))
        .or_else(|| sequences::prepare(name, &inputs))
        .or_else(|| gpt::prepare(name, &inputs))
}

/// The tensor where results of operations lie, from a cache line's beginning on; as the peer's do.
fn aligned(x: &Tensor) -> Tensor {
    fn copied<T: cotangent::core::Element>(x: &Tensor) -> Tensor {
        let values = x.to_vec::<T>();
        Tensor::from(Array::build(x.shape().clone(), |out: &mut [T]| out.copy_from_slice(&values)))
    }
    match x.dtype() {
        DType::F32 => copied::<f32>(x),
        DType::F64 => copied::<f64>(x),
        DType::I32 => copied::<i32>(x),
        DType::I64 => copied::<i64>(x),
        DType::Bool => copied::<bool>(x),
    }
}

/// A run that gives one tensor.
fn one(f: impl Fn(&[Tensor]) -> Tensor + 'static, inputs: &[Tensor]) -> Option<Run> {
    let inputs = inputs.to_vec();
    Some(Box::new(move || vec![f(&inputs)]))
}
