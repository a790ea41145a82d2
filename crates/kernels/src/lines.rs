//! Lines of entries along some axes: what reductions with a result for each entry, scans and choices run along.

use crate::array::{Array, Shape};

/// An array seen as `[outer, length, inner]`: each line has `length` entries, `inner` apart. Neighbouring axes are taken as they lie;
/// other ones are moved to the end, and back.
pub(crate) struct Lines {
    /// The entries, those of a line in order.
    pub array: Array,
    pub outer: usize,
    pub length: usize,
    pub inner: usize,
    /// The shape of one entry for each line.
    pub reduced: Shape,
    /// Where the axes of the operand are now, if they were moved.
    moved: Option<Vec<usize>>,
}

impl Lines {
    /// Along these axes, which are increasing.
    pub fn new(a: &Array, axes: &[usize]) -> Lines {
        let neighbours = axes.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        if neighbours { Lines::in_place(a, axes) } else { Lines::last(a, axes) }
    }

    /// With neighbouring entries: the axes are moved to the end if they are not there.
    pub fn last(a: &Array, axes: &[usize]) -> Lines {
        let rank = a.rank();
        if axes.iter().rev().zip((0..rank).rev()).all(|(&axis, last)| axis == last) {
            return Lines::in_place(a, axes);
        }
        let order: Vec<usize> =
            (0..rank).filter(|axis| !axes.contains(axis)).chain(axes.iter().copied()).collect();
        let mut moved = vec![0; rank];
        order.iter().enumerate().for_each(|(i, &axis)| moved[axis] = i);
        let last: Vec<usize> = (rank - axes.len()..rank).collect();
        Lines { moved: Some(moved), ..Lines::in_place(&a.permute(&order), &last) }
    }

    fn in_place(a: &Array, axes: &[usize]) -> Lines {
        let shape = a.shape();
        let (first, end) = match axes {
            [] => (a.rank(), a.rank()),
            [first, ..] => (*first, first + axes.len()),
        };
        Lines {
            array: a.clone(),
            outer: shape[..first].iter().product(),
            length: shape[first..end].iter().product(),
            inner: shape[end..].iter().product(),
            reduced: shape[..first].iter().chain(&shape[end..]).copied().collect(),
            moved: None,
        }
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.outer * self.inner
    }

    /// An array of the same entries' results, with the axes of the operand.
    pub fn back(&self, result: Array) -> Array {
        match &self.moved {
            Some(moved) => result.permute(moved).contiguous(),
            None => result,
        }
    }
}

/// Runs the code with a type alias for the Rust number of a float dtype.
macro_rules! with_float {
    ($array:expr, $T:ident => $code:expr) => {
        match $array.dtype() {
            $crate::array::DType::F32 => {
                type $T = f32;
                $code
            }
            $crate::array::DType::F64 => {
                type $T = f64;
                $code
            }
            _ => panic!("expected floats, got {}", $array.ty()),
        }
    };
}
pub(crate) use with_float;

/// Runs the code with a type alias for the Rust number of a dtype other than bool.
macro_rules! with_number {
    ($array:expr, $T:ident => $code:expr) => {
        match $array.dtype() {
            $crate::array::DType::F32 => {
                type $T = f32;
                $code
            }
            $crate::array::DType::F64 => {
                type $T = f64;
                $code
            }
            $crate::array::DType::I32 => {
                type $T = i32;
                $code
            }
            $crate::array::DType::I64 => {
                type $T = i64;
                $code
            }
            $crate::array::DType::Bool => panic!("expected numbers, got {}", $array.ty()),
        }
    };
}
pub(crate) use with_number;
