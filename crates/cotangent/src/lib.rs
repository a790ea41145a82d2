//! Cotangent differentiates Rust functions.

pub mod number;

pub mod prelude {
    //! What a program usually wants in scope: the numbers and their trait.
    //!
    //! ```
    //! use cotangent::prelude::*;
    //! assert_eq!(Dual::variable(3.0).square().derivative(), 6.0);
    //! ```

    pub use crate::number::{Dual, Expr, F32, Real, Scalar, Tape, Taylor, Value, Var};
}
