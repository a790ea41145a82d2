//! Checking derivatives against function values.
//!
//! [`gradcheck`] compares a reverse-mode gradient with centred differences, [`check_gradient`] any gradient that you
//! have. The error that counts is relative, |a − n| / max(|a|, |n|, 1e-8), because gradients span many orders of
//! magnitude; under 1e-5 the check passes, under 1e-3 it warns, and above it fails. [`gradcheck_dtypes`] tells wrong
//! code from code that is right but too sensitive for `f32`, and [`check_modes`] gives every mode's verdict.
//!
//! Turn off dropout, batch normalisation and whatever else is random before you check; a function that gives two values
//! at one point fails with that message.
//!
//! ```
//! use cotangent::check::{Verdict, gradcheck};
//! use cotangent::number::Real;
//! let report = gradcheck(|x| (x[0] * x[1]).sin() + x[0].exp(), &[0.5, 2.0]);
//! assert_eq!(report.verdict(), Verdict::Pass);
//! assert!(report.relative_error() < 1e-8);
//! ```

mod close;
mod differences;
mod gradcheck;
mod laws;
mod modes;
mod report;
mod tensors;

pub use close::{Close, close};
pub use gradcheck::{
    DtypeReport, ScalarFunction, check_gradient, check_gradient_with, gradcheck, gradcheck_dtypes,
};
pub use laws::{Function, Law, across_dtypes, in_dtype, laws, type_rule, value};
pub use modes::{Mode, ModeReport, ModesReport, check_modes};
pub use report::{Entry, GradReport, Verdict, relative_error};
pub use tensors::{Comparison, TensorReport, WorstEntry, gradcheck_batches, gradcheck_tensors};

/// Relative errors below this pass.
///
/// ```
/// assert_eq!(cotangent::check::PASS_BELOW, 1e-5);
/// ```
pub const PASS_BELOW: f64 = 1e-5;
/// Relative errors below this, and not below [`PASS_BELOW`], are a warning.
///
/// ```
/// assert_eq!(cotangent::check::WARN_BELOW, 1e-3);
/// ```
pub const WARN_BELOW: f64 = 1e-3;
/// What two gradients are divided by at least, when both are nearly zero.
///
/// ```
/// assert_eq!(cotangent::check::FLOOR, 1e-8);
/// ```
pub const FLOOR: f64 = 1e-8;
/// The default step, in units of max(|x|, 1).
///
/// ```
/// assert_eq!(cotangent::check::STEP, 1e-6);
/// ```
pub const STEP: f64 = 1e-6;
