//! [`Blocks`]: all derivatives of a tree with respect to a tree.

use super::error::{Error, raise};
use super::mode;
use super::tensor::Tensor;
use std::fmt;

/// The Jacobian of a function of trees: a tensor for each pair of an output leaf and an input leaf, of shape
/// `[output…, input…]`. Leaves are named by their paths, such as `.w1` or `[2].bias`; a bare tensor's is empty.
///
/// ```
/// use cotangent::prelude::*;
/// let f = |(a, b): &(Tensor, Tensor)| a * b;
/// let j = jacobian(f)(&(Tensor::from([1.0, 2.0]), Tensor::from(3.0)));
/// assert_eq!(j.get("", ".0").to_vec::<f64>(), [3.0, 0.0, 0.0, 3.0]);
/// assert_eq!(j.matrix().to_vec::<f64>(), [3.0, 0.0, 1.0, 0.0, 3.0, 2.0]);
/// ```
#[derive(Clone)]
pub struct Blocks {
    outputs: Vec<String>,
    inputs: Vec<String>,
    /// Row by row: for each output, a block for each input.
    blocks: Vec<Tensor>,
    /// The rank of each output, which says where its axes end in a block.
    ranks: Vec<usize>,
}

/// What can be made of all blocks.
pub trait FromBlocks {
    /// From the blocks.
    fn from_blocks(blocks: Blocks) -> Self;
}

impl FromBlocks for Blocks {
    fn from_blocks(blocks: Blocks) -> Blocks {
        blocks
    }
}

impl FromBlocks for Tensor {
    fn from_blocks(mut blocks: Blocks) -> Tensor {
        blocks.blocks.pop().expect("one output, one input")
    }
}

impl Blocks {
    pub(crate) fn new(
        outputs: Vec<String>,
        inputs: Vec<String>,
        blocks: Vec<Tensor>,
        ranks: Vec<usize>,
    ) -> Blocks {
        Blocks { outputs, inputs, blocks, ranks }
    }

    /// The paths of the outputs' float leaves.
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// The paths of the inputs' float leaves.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// ∂output/∂input, of shape `[output…, input…]`.
    ///
    /// # Panics
    /// If there is no such leaf.
    #[track_caller]
    pub fn get(&self, output: &str, input: &str) -> &Tensor {
        let here = mode::place();
        let find = |paths: &[String], path: &str, what: &str| {
            paths.iter().position(|own| own == path).unwrap_or_else(|| {
                let names: Vec<String> = paths.iter().map(|path| format!("{path:?}")).collect();
                let error = Error::new("get").expected(format!("an {what} among {}", names.join(", ")));
                let help =
                    "a leaf's path is that of its fields, as `.w1` or `[2].bias`; a bare tensor's is empty";
                raise(error.got(format!("{path:?}")).help(help).at(Some(here)))
            })
        };
        let (row, column) = (find(&self.outputs, output, "output"), find(&self.inputs, input, "input"));
        &self.blocks[row * self.inputs.len() + column]
    }

    /// All in one matrix: a row for each output entry, a column for each input entry, in the order of the leaves.
    #[track_caller]
    pub fn matrix(&self) -> Tensor {
        let rows: Vec<Tensor> = self
            .ranks
            .iter()
            .enumerate()
            .map(|(i, &rank)| {
                let row = &self.blocks[i * self.inputs.len()..(i + 1) * self.inputs.len()];
                let flat: Vec<Tensor> = row
                    .iter()
                    .map(|block| {
                        let size = |lengths: &[usize]| lengths.iter().product::<usize>();
                        block.reshape([size(&block.shape()[..rank]), size(&block.shape()[rank..])])
                    })
                    .collect();
                Tensor::concat(&flat.iter().collect::<Vec<_>>(), 1)
            })
            .collect();
        Tensor::concat(&rows.iter().collect::<Vec<_>>(), 0)
    }
}

impl fmt::Debug for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            self.outputs.iter().flat_map(|y| self.inputs.iter().map(move |x| format!("∂{y:?}/∂{x:?}")));
        f.debug_map().entries(names.zip(&self.blocks)).finish()
    }
}
