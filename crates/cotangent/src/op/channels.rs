//! Normalisation of the channels of images and their like, which lie along the second axis.

use super::composed::{Case, Composition};
use super::registry::draw;
use crate::core::{Error, Tensor, Type, place, raise};

impl Tensor {
    /// Batch normalisation of `[batch, channels, …]`: each channel [standardized](Tensor::standardize) over the batch and all positions, then times
    /// its weight and plus its bias, each `[channels]`. The statistics are those of this batch, and are differentiated; what is kept for later
    /// batches is the caller's. (S. Ioffe, C. Szegedy, "Batch normalization", 2015.)
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 5.0], [3.0, 9.0]]);
    /// assert_eq!(x.batch_norm(None, None, 0.0).to_vec::<f64>(), [-1.0, -1.0, 1.0, 1.0]);
    /// let w = Tensor::from([2.0, 10.0]);
    /// assert_eq!(x.batch_norm(Some(&w), None, 0.0).to_vec::<f64>(), [-2.0, -10.0, 2.0, 10.0]);
    /// ```
    ///
    /// # Panics
    /// If there are no channels, weight or bias are not `[channels]`, the entries are not floats, or ε is negative.
    #[track_caller]
    pub fn batch_norm(&self, weight: Option<&Tensor>, bias: Option<&Tensor>, epsilon: f64) -> Tensor {
        self.channels("batch_norm");
        let axes: Vec<usize> = (0..self.rank()).filter(|&axis| axis != 1).collect();
        self.standardize(axes, epsilon).of_channels("batch_norm", weight, bias)
    }

    /// Group normalisation of `[batch, channels, …]`: the channels in groups of equal size, each group of each example
    /// [standardized](Tensor::standardize), then times a weight and plus a bias, each `[channels]`. One group is layer normalisation of whole
    /// examples; as many as channels, instance normalisation. (Y. Wu, K. He, "Group normalization", 2018.)
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 3.0, 10.0, 30.0]]);
    /// assert_eq!(x.group_norm(2, None, None, 0.0).to_vec::<f64>(), [-1.0, 1.0, -1.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If the groups do not divide the channels; else as [`batch_norm`](Tensor::batch_norm).
    #[track_caller]
    pub fn group_norm(
        &self,
        groups: usize,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        epsilon: f64,
    ) -> Tensor {
        let channels = self.channels("group_norm");
        if groups == 0 || !channels.is_multiple_of(groups) {
            let error = Error::new("group_norm").expected(format!("groups that divide {channels} channels"));
            raise(error.got(groups.to_string()).at(Some(place())))
        }
        let shape = self.shape();
        let of_group = channels / groups * shape[2..].iter().product::<usize>();
        let rows = self.reshape([shape[0], groups, of_group]).standardize(-1, epsilon);
        rows.reshape(shape.clone()).of_channels("group_norm", weight, bias)
    }

    /// The length of the second axis.
    #[track_caller]
    fn channels(&self, name: &str) -> usize {
        match self.shape().get(1) {
            Some(&channels) => channels,
            None => {
                let error = Error::new(name).expected("`[batch, channels, …]`").got(self.ty().to_string());
                raise(error.help("`unsqueeze(0)` makes a batch of one example").at(Some(place())))
            }
        }
    }

    /// Times the weight and plus the bias of each channel.
    #[track_caller]
    fn of_channels(self, name: &str, weight: Option<&Tensor>, bias: Option<&Tensor>) -> Tensor {
        let channels = self.shape()[1];
        let positions: Vec<usize> =
            [channels].into_iter().chain(std::iter::repeat_n(1, self.rank() - 2)).collect();
        let ty = Type::new(self.dtype(), [channels]);
        for part in [weight, bias].into_iter().flatten() {
            if *part.ty() != ty {
                let error = Error::new(name).expected(format!("a weight or bias {ty}"));
                raise(error.got(part.ty().to_string()).at(Some(place())))
            }
        }
        let spread = |part: &Tensor| part.reshape(positions.clone());
        let y = match weight {
            Some(weight) => self * spread(weight),
            None => self,
        };
        match bias {
            Some(bias) => y + spread(bias),
            None => y,
        }
    }
}

fn cases(f: fn(&Tensor, Option<&Tensor>, Option<&Tensor>) -> Tensor, shapes: &[&[usize]]) -> Vec<Case> {
    let case = |shape: &&[usize]| {
        let parts = [draw(&shape[1..2], 0.5, 1.5, 2), draw(&shape[1..2], -1.0, 1.0, 3)];
        let operands = [draw(shape, -2.0, 2.0, 1)].into_iter().chain(parts);
        Case::new(move |x| f(&x[0], Some(&x[1]), Some(&x[2])), operands)
    };
    let bare = Case::new(move |x| f(&x[0], None, None), [draw(&[3, 4], -2.0, 2.0, 4)]);
    shapes.iter().map(case).chain([bare]).collect()
}

pub(super) const ROWS: [Composition; 2] = [
    Composition {
        name: "batch_norm",
        cases: || {
            let shapes: [&[usize]; 4] = [&[3, 2], &[2, 3, 2], &[1, 2, 2, 2], &[2, 0, 2]];
            cases(|x, w, b| x.batch_norm(w, b, 0.1), &shapes)
        },
    },
    Composition {
        name: "group_norm",
        cases: || {
            let shapes: [&[usize]; 4] = [&[3, 4], &[2, 4, 3], &[1, 2, 2, 2], &[0, 2, 2]];
            cases(|x, w, b| x.group_norm(2, w, b, 0.1), &shapes)
        },
    },
];
