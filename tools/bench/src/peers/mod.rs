//! Workloads that PyTorch runs too, by name: `peers.py` draws their inputs, calls both and compares.
//!
//! A new one is a line here and a line there.

mod elementwise;
mod limits;
mod models;
mod whole;

use cotangent::core::{Array, DType, Tensor};

/// One call; what it gives is compared with what the peer gives.
pub type Run = Box<dyn FnMut() -> Vec<Tensor>>;

/// What is called, on these inputs; none if there is no workload of that name.
pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Run> {
    let inputs: Vec<Tensor> = inputs.iter().map(aligned).collect();
    limits::prepare(name, &inputs)
        .or_else(|| elementwise::prepare(name, &inputs))
        .or_else(|| whole::prepare(name, &inputs))
        .or_else(|| models::prepare(name, &inputs))
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
