//! Cotangent differentiates Rust functions.

pub mod number;
