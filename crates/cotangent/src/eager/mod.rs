//! The eager graph, PyTorch's way: operations run at once and remember their parents; `backward()` walks back.

mod backward;
mod pending;
mod report;

pub use backward::{Backward, Hook};
pub use report::{Kept, LiveGraph, live_graph};
