//! The same entries in another order: no copy, unless a reshape of a view asks for one.

use super::data::{Data, View};
use super::{Array, Shape, Strides, Type};
use std::sync::Arc;

impl Array {
    /// The entries with this shape and these strides, from an offset relative to the first.
    fn view(&self, shape: Shape, strides: Strides, offset: isize) -> Array {
        let ty = Type { dtype: self.dtype(), shape };
        let (buffer, base) = match &self.data {
            Data::Fill(item) => return Array::new(ty, Data::Fill(*item)),
            Data::Dense(buffer) => (buffer, 0),
            Data::View(view) => (&view.buffer, view.offset),
        };
        let offset = (base as isize + offset) as usize;
        // A view that is its whole buffer in order is dense again.
        let whole = offset == 0 && ty.shape.size() == self.size() && ty.shape.strides() == strides;
        if whole && matches!(self.data, Data::Dense(_)) {
            return Array::new(ty, Data::Dense(buffer.clone()));
        }
        Array::new(ty, Data::View(Arc::new(View { buffer: buffer.clone(), strides, offset })))
    }

    fn strides(&self) -> Strides {
        match &self.data {
            Data::View(view) => view.strides.clone(),
            _ => self.shape().strides(),
        }
    }

    /// The entries in order in another shape of as many.
    ///
    /// ```
    /// use cotangent_kernels::Array;
    /// let x = Array::from_vec(vec![1, 2, 3, 4], [4]).reshape([2, 2]);
    /// assert_eq!(x.get(&[1, 0]).unwrap().to_f64(), 3.0);
    /// ```
    ///
    /// # Panics
    /// If the sizes differ.
    pub fn reshape(&self, shape: impl Into<Shape>) -> Array {
        let shape = shape.into();
        assert_eq!(self.size(), shape.size(), "reshape of {} to {shape}", self.ty());
        let array = self.contiguous();
        Array::new(Type { dtype: self.dtype(), shape }, array.data)
    }

    /// Axis `i` of the result is axis `axes[i]` of this.
    ///
    /// # Panics
    /// If an axis does not exist.
    pub fn permute(&self, axes: &[usize]) -> Array {
        let strides = self.strides();
        let shape = axes.iter().map(|&axis| self.shape()[axis]).collect();
        self.view(shape, axes.iter().map(|&axis| strides[axis]).collect(), 0)
    }

    /// Repeated to a shape: axes are matched from the last.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    pub fn broadcast_to(&self, shape: &Shape) -> Array {
        assert_eq!(self.shape().broadcast(shape).as_ref(), Some(shape), "broadcast of {}", self.ty());
        let own = self.strides();
        let new = shape.rank() - self.rank();
        let stride =
            |axis: usize| if axis < new || self.shape()[axis - new] == 1 { 0 } else { own[axis - new] };
        self.view(shape.clone(), (0..shape.rank()).map(stride).collect(), 0)
    }

    /// Along each axis the entries `start`, `start + step`, … below `limit`.
    ///
    /// ```
    /// use cotangent_kernels::Array;
    /// let x = Array::from_vec(vec![0, 1, 2, 3, 4], [5]).slice(&[1], &[5], &[2]);
    /// assert_eq!(x.to_vec::<i32>().unwrap(), [1, 3]);
    /// ```
    ///
    /// # Panics
    /// If a range does not lie within its axis.
    pub fn slice(&self, start: &[usize], limit: &[usize], step: &[usize]) -> Array {
        let own = self.strides();
        let mut offset = 0;
        let mut shape = Vec::with_capacity(self.rank());
        let mut strides = Strides::new();
        for axis in 0..self.rank() {
            assert!(
                start[axis] <= limit[axis] && limit[axis] <= self.shape()[axis],
                "slice of {}",
                self.ty()
            );
            let length = (limit[axis] - start[axis]).div_ceil(step[axis]);
            // The start of an empty range may lie just behind the last entry; nothing is read there.
            offset += if length == 0 { 0 } else { start[axis] as isize * own[axis] };
            shape.push(length);
            strides.push(own[axis] * step[axis] as isize);
        }
        self.view(shape.into(), strides, offset)
    }

    /// These axes backwards.
    ///
    /// ```
    /// use cotangent_kernels::Array;
    /// assert_eq!(Array::from_vec(vec![1, 2, 3], [3]).flip(&[0]).to_vec::<i32>().unwrap(), [3, 2, 1]);
    /// ```
    pub fn flip(&self, axes: &[usize]) -> Array {
        let mut strides = self.strides();
        let mut offset = 0;
        for &axis in axes {
            offset += self.shape()[axis].saturating_sub(1) as isize * strides[axis];
            strides[axis] = -strides[axis];
        }
        self.view(self.shape().clone(), strides, offset)
    }
}
