//! Sums of products, as written with an index for each axis.

use super::dot::DotGeneral;
use crate::core::{Error, Prim, Tensor, apply1, different, place, raise};

/// The labels of each operand's axes, and of the result's.
struct Equation {
    inputs: Vec<Vec<char>>,
    output: Vec<char>,
}

impl Equation {
    fn parse(text: &str) -> Result<Equation, Error> {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (left, right) = match compact.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (&compact[..], None),
        };
        let labels = |part: &str| match part.chars().find(|c| !c.is_alphabetic()) {
            None => Ok(part.chars().collect::<Vec<char>>()),
            Some(other) => Err(Error::new("einsum")
                .expected("a letter for each axis, such as `ij,jk->ik`")
                .got(format!("`{other}` in `{text}`"))),
        };
        let inputs = left.split(',').map(labels).collect::<Result<Vec<_>, _>>()?;
        let all: Vec<char> = inputs.iter().flatten().copied().collect();
        let count = |labels: &[char], label: char| labels.iter().filter(|&&other| other == label).count();
        let output = match right {
            Some(right) => labels(right)?,
            None => {
                let mut once: Vec<char> =
                    all.iter().copied().filter(|&label| count(&all, label) == 1).collect();
                once.sort_unstable();
                once
            }
        };
        for &label in &output {
            let fail = |expected: &str| {
                Error::new("einsum").expected(expected).got(format!("`{label}` in `{text}`"))
            };
            if !all.contains(&label) {
                return Err(fail("labels of the result that an operand has"));
            }
            if count(&output, label) > 1 {
                let help = "a diagonal can be taken, not made: repeat the label in an operand";
                return Err(fail("each label of the result once").help(help));
            }
        }
        Ok(Equation { inputs, output })
    }

    /// Do these operands fit?
    fn check(&self, text: &str, operands: &[&Tensor]) -> Result<(), Error> {
        if operands.len() != self.inputs.len() {
            let expected = match self.inputs.len() {
                1 => format!("one operand for `{text}`"),
                n => format!("{n} operands for `{text}`"),
            };
            return Err(Error::new("einsum").expected(expected).got(operands.len().to_string()));
        }
        let mut lengths: Vec<(char, usize, &Tensor)> = Vec::new();
        for (x, labels) in operands.iter().zip(&self.inputs) {
            if x.dtype() != operands[0].dtype() {
                return Err(different("einsum", operands[0].ty(), x.ty()));
            }
            if x.rank() != labels.len() {
                let labels: String = labels.iter().collect();
                let expected = format!("an operand of rank {} for `{labels}`", labels.chars().count());
                return Err(Error::new("einsum").expected(expected).got(x.ty().to_string()));
            }
            for (&label, &length) in labels.iter().zip(x.shape().iter()) {
                match lengths.iter().find(|(other, ..)| *other == label) {
                    Some(&(_, known, first)) if known != length => {
                        return Err(Error::new("einsum")
                            .expected(format!("one length for `{label}` in `{text}`"))
                            .got(format!("{known} in {} and {length} in {}", first.ty(), x.ty())));
                    }
                    Some(_) => {}
                    None => lengths.push((label, length, x)),
                }
            }
        }
        Ok(())
    }
}

/// A tensor with a label for each axis.
struct Labelled {
    x: Tensor,
    labels: Vec<char>,
}

impl Labelled {
    fn position(&self, label: char) -> usize {
        self.labels.iter().position(|&other| other == label).expect("a label of this operand")
    }

    fn positions(&self, labels: &[char]) -> Vec<usize> {
        labels.iter().map(|&label| self.position(label)).collect()
    }

    /// With one axis for each label: where one is repeated, the diagonal.
    #[track_caller]
    fn diagonal(mut self) -> Labelled {
        let repeated = |labels: &[char]| {
            (0..labels.len())
                .find_map(|i| Some((i, i + 1 + labels[i + 1..].iter().position(|&l| l == labels[i])?)))
        };
        while let Some((i, j)) = repeated(&self.labels) {
            // The two axes as one, first: its entries from one to the next of the diagonal are one row and one column apart.
            let y = self.x.axis_to(j, 0).axis_to(i + 1, 0);
            let n = y.shape()[0];
            let rest = &y.shape()[2..];
            let joined: Vec<usize> = std::iter::once(n * n).chain(rest.iter().copied()).collect();
            self.x = y.reshape(joined).slice_step(0, .., n as isize + 1);
            let label = self.labels.remove(j);
            self.labels.remove(i);
            self.labels.insert(0, label);
        }
        self
    }

    /// Summed over the labels that are not kept.
    #[track_caller]
    fn keep(mut self, kept: impl Fn(char) -> bool) -> Labelled {
        let axes: Vec<usize> = (0..self.labels.len()).filter(|&axis| !kept(self.labels[axis])).collect();
        if !axes.is_empty() {
            self.x = self.x.sum_over(&axes);
            self.labels.retain(|&label| kept(label));
        }
        self
    }

    /// The product with another, summed over the common labels that nothing later needs.
    #[track_caller]
    fn times(self, other: Labelled, later: impl Fn(char) -> bool) -> Labelled {
        let (a, b) = {
            let (left, right) = (self.labels.clone(), other.labels.clone());
            (
                self.keep(|label| later(label) || right.contains(&label)),
                other.keep(|label| later(label) || left.contains(&label)),
            )
        };
        let common = a.labels.iter().copied().filter(|label| b.labels.contains(label));
        let (batch, contract): (Vec<char>, Vec<char>) = common.partition(|&label| later(label));
        let dot = DotGeneral {
            contract: (a.positions(&contract), b.positions(&contract)),
            batch: (a.positions(&batch), b.positions(&batch)),
        };
        let x = apply1(Prim::new(dot), &[&a.x, &b.x]);
        let free = |labels: Vec<char>| {
            let shared: Vec<char> = batch.iter().chain(&contract).copied().collect();
            labels.into_iter().filter(move |label| !shared.contains(label))
        };
        let labels = batch.iter().copied().chain(free(a.labels)).chain(free(b.labels)).collect();
        Labelled { x, labels }
    }
}

impl Tensor {
    /// The sum of products that an equation describes, as NumPy's `einsum`: a letter for each axis of each operand, and for those of the
    /// result after `->`. Axes of one letter go together; letters that the result lacks are summed over; a letter twice in one operand is
    /// its diagonal. Without `->` the result has the letters that occur once, in alphabetical order. Operands are multiplied from left to
    /// right, each pair by one [`DotGeneral`].
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (a, b) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Tensor::from([[1.0, 0.0], [10.0, 1.0]]));
    /// assert_eq!(Tensor::einsum("ij,jk->ik", &[&a, &b]).to_vec::<f64>(), [21.0, 2.0, 43.0, 4.0]);
    /// assert_eq!(Tensor::einsum("ij,ij->i", &[&a, &b]).to_vec::<f64>(), [1.0, 34.0]);
    /// assert_eq!(Tensor::einsum("ii->", &[&a]).item::<f64>(), 5.0);
    /// ```
    ///
    /// # Panics
    /// If the equation is none, or the operands do not fit it.
    #[track_caller]
    pub fn einsum(equation: &str, operands: &[&Tensor]) -> Tensor {
        // Here, for a closure does not see its caller.
        let place = place();
        let parsed = Equation::parse(equation)
            .and_then(|parsed| parsed.check(equation, operands).map(|()| parsed))
            .unwrap_or_else(|error| raise(error.at(Some(place))));
        let Equation { inputs, output } = parsed;
        let mut product: Option<Labelled> = None;
        for (i, &x) in operands.iter().enumerate() {
            let next = Labelled { x: x.clone(), labels: inputs[i].clone() }.diagonal();
            let later = |label: char| {
                output.contains(&label) || inputs[i + 1..].iter().flatten().any(|&l| l == label)
            };
            product = Some(match product {
                None => next,
                Some(product) => product.times(next, later),
            });
        }
        let y = product.expect("an equation has an operand").keep(|label| output.contains(&label));
        y.x.permuted(&y.positions(&output))
    }
}
