//! What is measured, and how. The tables of `docs/benchmarks.md` are printed by the `report` binary; the same
//! functions run under criterion in `benches/scalar.rs`.

pub mod chain;
pub mod engines;
#[cfg(feature = "gemm")]
pub mod gemm;
pub mod gradients;
pub mod memory;
pub mod network;
pub mod objectives;
pub mod peers;
pub mod second_order;
pub mod table;
pub mod tensor;
pub mod timing;
