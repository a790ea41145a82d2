//! Tensors from and to what other crates and programs hold: each behind a feature of its name, off by default.
//!
//! | feature | what | how |
//! |---|---|---|
//! | `ndarray` | `ndarray` arrays of any rank | `Tensor::from(&array)`, `x.to_ndarray::<f64>()` |
//! | `nalgebra` | `nalgebra` matrices and vectors | `Tensor::from(&matrix)`, `x.to_dmatrix::<f64>()`, `x.to_dvector::<f64>()` |
//! | `serde` | any format of `serde` | `Serialize` and `Deserialize` of `Tensor` |
//! | `npy` | NumPy's files | `Tensor::load_npy`, `save_npy`, `load_npz`, `save_npz`, and the functions of `convert::npy` |
//!
//! Rust's own numbers, arrays, slices and vectors need no feature:
//!
//! ```
//! use cotangent::prelude::*;
//! let rows = vec![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
//! let x = Tensor::from(&rows[1..]);
//! assert_eq!((x.shape().to_string(), x.to_vec::<f64>()), ("[2,2]".to_string(), vec![3.0, 4.0, 5.0, 6.0]));
//! ```

#[cfg(feature = "nalgebra")]
mod nalgebra;
#[cfg(feature = "ndarray")]
mod ndarray;
#[cfg(feature = "npy")]
pub mod npy;
#[cfg(feature = "serde")]
mod serde;
