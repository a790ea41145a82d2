//! One graph view of what has been computed, whichever engine computed it.
//!
//! A [`Graph`] is made of a [`Tape`](crate::number::Tape), an [`Expr`](crate::number::Expr), a
//! [`Program`](crate::core::Program) or a [`Tensor`](crate::core::Tensor) with gradients, and shown as the text tree
//! of micrograd and of many a course, as Graphviz DOT, as a Mermaid flowchart, or as an SVG picture; [`Graph::paths`]
//! lists the chain rule's paths with their contributions. Every view is a loop: a chain of 1,000,000 operations prints
//! without a deep stack.
//!
//! ```
//! use cotangent::number::{Real, Tape};
//! use cotangent::view::Graph;
//! let tape = Tape::new();
//! let (a, b) = (tape.var(2.0).label("a"), tape.var(3.0).label("b"));
//! let c = a * b;
//! let d = c + a;
//! let e = d.powi(2);
//! e.backward();
//! assert_eq!(
//!     Graph::of_tape(&tape, &e).text(),
//!     "\
//! Computation Graph (from output to inputs):
//! ========================================
//! ├─ **2 64.0000 (grad: 1.0000)
//!   ├─ + 8.0000 (grad: 16.0000)
//!     ├─ * 6.0000 (grad: 16.0000)
//!       ├─ input a: 2.0000 (grad: 64.0000)
//!       ├─ input b: 3.0000 (grad: 32.0000)
//!     ├─ input a: 2.0000 (grad: 64.0000)
//! "
//! );
//! ```

mod dot;
mod format;
mod graph;
mod layout;
mod mermaid;
mod paths;
mod svg;
mod tensors;
mod text;

pub use graph::{Edge, Graph, Kind, Node};
pub use paths::{Path, Paths};
