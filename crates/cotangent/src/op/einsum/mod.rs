//! Sums of products, as written with an index for each axis.

mod equation;
mod order;

use super::composed::{Case, Composition};
use super::dot::DotGeneral;
use super::registry::draw;
use crate::core::{DType, Error, Prim, Tensor, apply1, place, raise};
use equation::{Equation, Name};
use order::{Problem, Set};

/// How long the axes of each name are: letters in alphabetical order, then the axes of `...`.
struct Lengths(Vec<(Name, usize)>);

impl Lengths {
    fn new(text: &str, equation: &Equation, operands: &[&Tensor]) -> Result<Lengths, Error> {
        let mut known: Vec<(Name, usize, &Tensor)> = Vec::new();
        for (&x, names) in operands.iter().zip(&equation.inputs) {
            for (&name, &length) in names.iter().zip(x.shape().iter()) {
                let Some(other) = known.iter_mut().find(|other| other.0 == name) else {
                    known.push((name, length, x));
                    continue;
                };
                let types = || format!("{} and {}", other.2.ty(), x.ty());
                match name {
                    _ if other.1 == length => {}
                    Name::Letter(letter) => {
                        let (first, second) = (other.2.ty(), x.ty());
                        return Err(Error::new("einsum")
                            .expected(format!("one length for `{letter}` in `{text}`"))
                            .got(format!("{} in {first} and {length} in {second}", other.1)));
                    }
                    Name::Further(_) if other.1 == 1 => *other = (name, length, x),
                    Name::Further(_) if length == 1 => {}
                    Name::Further(_) => {
                        let expected = format!("axes for `...` in `{text}` that broadcast together");
                        return Err(Error::new("einsum").expected(expected).got(types()));
                    }
                }
            }
        }
        let mut lengths: Vec<(Name, usize)> = known.iter().map(|&(name, length, _)| (name, length)).collect();
        lengths.sort_unstable();
        let most = Set::BITS as usize;
        if lengths.len() > most {
            let error = Error::new("einsum").expected(format!("at most {most} different axes"));
            return Err(error.got(lengths.len().to_string()));
        }
        Ok(Lengths(lengths))
    }

    fn place(&self, name: Name) -> usize {
        self.0.iter().position(|&(other, _)| other == name).expect("a name of some operand")
    }
}

/// A tensor with a label for each axis.
struct Labelled {
    x: Tensor,
    labels: Vec<usize>,
}

impl Labelled {
    fn positions(&self, labels: &[usize]) -> Vec<usize> {
        let position = |label| self.labels.iter().position(|other| other == label);
        labels.iter().map(|label| position(label).expect("a label of this operand")).collect()
    }

    fn set(&self) -> Set {
        self.labels.iter().fold(0, |set, label| set | 1 << label)
    }

    /// Without the axes of length 1 that others have longer: they are repeated along these.
    #[track_caller]
    fn narrow(mut self, lengths: &Lengths) -> Labelled {
        let shape = self.x.shape().clone();
        let kept: Vec<usize> =
            (0..self.labels.len()).filter(|&axis| shape[axis] == lengths.0[self.labels[axis]].1).collect();
        if kept.len() < self.labels.len() {
            self.x = self.x.reshape(kept.iter().map(|&axis| shape[axis]).collect::<Vec<_>>());
            self.labels = kept.iter().map(|&axis| self.labels[axis]).collect();
        }
        self
    }

    /// With one axis for each label: where one is repeated, the diagonal.
    #[track_caller]
    fn diagonal(mut self) -> Labelled {
        let repeated = |labels: &[usize]| {
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
    fn keep(mut self, kept: Set) -> Labelled {
        let is_kept = |label: usize| kept >> label & 1 == 1;
        let axes: Vec<usize> = (0..self.labels.len()).filter(|&axis| !is_kept(self.labels[axis])).collect();
        if !axes.is_empty() {
            self.x = self.x.sum_over(&axes);
            self.labels.retain(|&label| is_kept(label));
        }
        self
    }

    /// The product with another, summed over the common labels that nothing later needs. Where it may, it has its axes in the
    /// order of `wanted`.
    #[track_caller]
    fn times(self, other: Labelled, later: Set, wanted: &[usize]) -> Labelled {
        let (left, right) = (self.set(), other.set());
        let (mut a, mut b) = (self.keep(later | right), other.keep(later | left));
        let rank = |label: &usize| wanted.iter().position(|other| other == label).unwrap_or(wanted.len());
        let first = |x: &Labelled, own: Set| {
            x.labels.iter().filter(|&&label| own >> label & 1 == 1).map(rank).min().unwrap_or(wanted.len())
        };
        if first(&b, !left) < first(&a, !right) {
            (a, b) = (b, a);
        }
        let common = a.labels.iter().copied().filter(|label| b.labels.contains(label));
        let (mut batch, contract): (Vec<usize>, Vec<usize>) =
            common.partition(|&label| later >> label & 1 == 1);
        batch.sort_by_key(rank);
        if contract.is_empty() && (!batch.is_empty() || a.labels.is_empty() || b.labels.is_empty()) {
            return a.multiply(b);
        }
        let dot = DotGeneral {
            contract: (a.positions(&contract), b.positions(&contract)),
            batch: (a.positions(&batch), b.positions(&batch)),
        };
        let x = apply1(Prim::new(dot), &[&a.x, &b.x]);
        let free = |labels: Vec<usize>| {
            let shared: Vec<usize> = batch.iter().chain(&contract).copied().collect();
            labels.into_iter().filter(move |label| !shared.contains(label))
        };
        let labels = batch.iter().copied().chain(free(a.labels)).chain(free(b.labels)).collect();
        Labelled { x, labels }
    }

    /// The product entry by entry, where nothing is summed.
    #[track_caller]
    fn multiply(self, other: Labelled) -> Labelled {
        let new = other.labels.iter().copied().filter(|label| !self.labels.contains(label));
        let labels: Vec<usize> = self.labels.iter().copied().chain(new).collect();
        let wide = |x: Labelled| {
            // New axes last, for a reshape of what lies in order is free, and then all of them in their places.
            let new = labels.iter().filter(|label| !x.labels.contains(label));
            let own: Vec<usize> = x.labels.iter().chain(new).copied().collect();
            let lengths = x.x.shape().iter().copied().chain(std::iter::repeat(1)).take(own.len());
            let y = Labelled { x: x.x.reshape(lengths.collect::<Vec<_>>()), labels: own };
            y.x.permuted(&y.positions(&labels))
        };
        let x = wide(self) * wide(other);
        Labelled { x, labels }
    }
}

impl Tensor {
    /// The sum of products that an equation describes, as NumPy's `einsum`: a letter for each axis of each operand, and for those of the
    /// result after `->`. Axes of one letter go together; letters that the result lacks are summed over; a letter twice in one operand is
    /// its diagonal. `...` stands for all axes without a letter; those of several operands are broadcast. Without `->` the result has
    /// the axes of `...`, then the letters that occur once, in alphabetical order. Spaces mean nothing.
    ///
    /// Several operands are multiplied two at a time, each pair by one [`DotGeneral`], in the order that takes the fewest
    /// multiply-adds (and among those the one that writes the fewest numbers) for up to 8 operands; with more the cheapest pair
    /// comes first.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (a, b) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Tensor::from([[1.0, 0.0], [10.0, 1.0]]));
    /// assert_eq!(Tensor::einsum("ij,jk->ik", &[&a, &b]).to_vec::<f64>(), [21.0, 2.0, 43.0, 4.0]);
    /// assert_eq!(Tensor::einsum("ij,ij->i", &[&a, &b]).to_vec::<f64>(), [1.0, 34.0]);
    /// assert_eq!(Tensor::einsum("ii->", &[&a]).item::<f64>(), 5.0);
    /// assert_eq!(Tensor::einsum("...i,i->...", &[&a, &Tensor::from([1.0, 10.0])]).to_vec::<f64>(), [21.0, 43.0]);
    /// ```
    ///
    /// # Panics
    /// If the equation is none, or the operands do not fit it.
    #[track_caller]
    pub fn einsum(equation: &str, operands: &[&Tensor]) -> Tensor {
        // Here, for a closure does not see its caller.
        let place = place();
        let fail = |error: Error| -> ! { raise(error.at(Some(place))) };
        let parsed = Equation::parse(equation, operands).unwrap_or_else(|error| fail(error));
        let lengths = Lengths::new(equation, &parsed, operands).unwrap_or_else(|error| fail(error));
        if operands[0].dtype() == DType::Bool && operands.len() > 1 {
            let types: Vec<String> = operands.iter().map(|x| x.ty().to_string()).collect();
            fail(Error::new("einsum").expected("numbers").got(types.join(" and ")));
        }
        let places = |names: &[Name]| names.iter().map(|&name| lengths.place(name)).collect::<Vec<_>>();
        let wanted = places(&parsed.output);
        let mut list = Vec::with_capacity(operands.len());
        for (&x, names) in operands.iter().zip(&parsed.inputs) {
            let operand = Labelled { x: x.clone(), labels: places(names) }.narrow(&lengths).diagonal();
            list.push((operand.x, operand.labels));
        }
        let sizes: Vec<usize> = lengths.0.iter().map(|&(_, length)| length).collect();
        multiplied(list, &sizes, &wanted)
    }
}

/// The product of tensors whose axes have these labels, each at most once, summed over those that are not wanted; `sizes` says how
/// long the axes of each label are.
#[track_caller]
pub(super) fn multiplied(operands: Vec<(Tensor, Vec<usize>)>, sizes: &[usize], wanted: &[usize]) -> Tensor {
    let mut list: Vec<Labelled> = operands.into_iter().map(|(x, labels)| Labelled { x, labels }).collect();
    let sets: Vec<Set> = list.iter().map(Labelled::set).collect();
    let output = wanted.iter().fold(0, |set: Set, label| set | 1 << label);
    for (i, j) in (Problem { inputs: &sets, output, lengths: sizes }).order() {
        let (a, b) = take_two(&mut list, i, j);
        let later = list.iter().fold(output, |set, x| set | x.set());
        list.push(a.times(b, later, wanted));
    }
    let y = list.pop().expect("at least one operand").keep(output);
    y.x.permuted(&y.positions(wanted))
}

/// Takes two out of a list.
fn take_two<T>(list: &mut Vec<T>, i: usize, j: usize) -> (T, T) {
    let second = list.remove(i.max(j));
    let first = list.remove(i.min(j));
    if i < j { (first, second) } else { (second, first) }
}

pub(super) const EINSUM: Composition = Composition {
    name: "einsum",
    cases: || {
        let case = |equation: &'static str, shapes: &[&[usize]]| {
            let operands = shapes.iter().enumerate().map(|(i, shape)| draw(shape, -1.0, 1.0, i as u64 + 1));
            let f = move |x: &[Tensor]| Tensor::einsum(equation, &x.iter().collect::<Vec<_>>());
            Case::new(f, operands.collect::<Vec<_>>())
        };
        vec![
            case("", &[&[]]),
            case(",i", &[&[], &[3]]),
            case("ij,jk", &[&[2, 3], &[3, 2]]),
            case("ij,jk", &[&[2, 0], &[0, 2]]),
            case("ij,jk->ki", &[&[1, 1], &[1, 1]]),
            case("i,j->ji", &[&[2], &[3]]),
            case("ij,j->ij", &[&[2, 3], &[3]]),
            case("ii", &[&[3, 3]]),
            case("iij,ji->j", &[&[2, 2, 3], &[3, 2]]),
            case("bij,bjk->bik", &[&[2, 2, 3], &[2, 3, 1]]),
            case("...ij,...jk", &[&[2, 1, 1, 2], &[3, 2, 1]]),
            case("i...,i->...", &[&[2, 3], &[2]]),
            case("...,...->...", &[&[2, 1], &[3]]),
            // The cheapest order is not from left to right.
            case("ij,jk,kl->il", &[&[3, 2], &[2, 3], &[3, 1]]),
            case("i,ij,jk,k", &[&[2], &[2, 3], &[3, 2], &[2]]),
        ]
    },
};
