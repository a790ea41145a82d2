//! [`Pending`]: whose turn it is in a sweep.

use crate::core::{Array, Item, Node, Shape, Tensor};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The cotangents of a node's outputs; `None` is a zero.
pub(super) type Outputs = SmallVec<[Option<Tensor>; 1]>;

/// What has reached a node.
pub(super) enum Cotangent {
    /// Nothing yet.
    Nothing,
    /// A single number of rank 0, at the first output.
    Number(Item),
    /// Anything else.
    Tensors(Outputs),
}

impl Cotangent {
    /// One for each output that was reached; `None` is a zero.
    pub(super) fn into_tensors(self) -> Outputs {
        match self {
            Cotangent::Nothing => Outputs::new(),
            Cotangent::Number(item) => {
                let mut outputs = Outputs::new();
                outputs.push(Some(Tensor::from(Array::fill(item, Shape::scalar()))));
                outputs
            }
            Cotangent::Tensors(outputs) => outputs,
        }
    }
}

/// The nodes that cotangents have reached, by age, with what has reached each. The nodes belong to whoever holds the end of the graph.
///
/// Few are pending at a time in nearly every graph, and what a node passes on goes to young ones mostly: the youngest stand in a short list,
/// only what is beyond it in a tree.
#[derive(Default)]
pub(super) struct Pending<'g> {
    /// The youngest, the very youngest last: a node's id and the place of its cotangent.
    near: Vec<(u64, u32)>,
    /// The others, each older than all that are near.
    far: BTreeMap<u64, u32>,
    places: Vec<Reached<'g>>,
    free: Vec<u32>,
}

/// A node that is pending; none where the place is free.
struct Reached<'g> {
    node: Option<&'g Arc<Node>>,
    ct: Cotangent,
}

/// How long the short list may be.
const NEAR: usize = 32;

impl<'g> Pending<'g> {
    /// What has reached this node.
    #[inline]
    pub(super) fn at(&mut self, node: &'g Arc<Node>) -> &mut Cotangent {
        let id = node.id();
        // How many that are near are not younger.
        let older = self.near.iter().rposition(|&(other, _)| other <= id).map_or(0, |i| i + 1);
        let found = match older.checked_sub(1).map(|i| self.near[i]) {
            Some((other, place)) => (other == id).then_some(place),
            None => self.far.get(&id).copied(),
        };
        let place = found.unwrap_or_else(|| {
            let place = self.open(node);
            if older == 0 && !self.far.is_empty() {
                self.far.insert(id, place);
            } else {
                self.near.insert(older, (id, place));
                if self.near.len() > NEAR {
                    self.far.extend(self.near.drain(..NEAR / 2));
                }
            }
            place
        });
        &mut self.places[place as usize].ct
    }

    /// A place for what reaches the node.
    #[inline]
    fn open(&mut self, node: &'g Arc<Node>) -> u32 {
        if let Some(place) = self.free.pop() {
            self.places[place as usize].node = Some(node);
            return place;
        }
        self.places.push(Reached { node: Some(node), ct: Cotangent::Nothing });
        (self.places.len() - 1) as u32
    }

    /// The youngest, with all that reached it.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(&'g Arc<Node>, Cotangent)> {
        if self.near.is_empty() {
            let youngest = self.far.iter().rev().take(NEAR / 2).map(|(&id, &place)| (id, place));
            self.near.extend(youngest);
            self.near.reverse();
            self.near.iter().for_each(|(id, _)| {
                self.far.remove(id);
            });
        }
        let (_, place) = self.near.pop()?;
        self.free.push(place);
        let reached = &mut self.places[place as usize];
        Some((reached.node.take()?, std::mem::replace(&mut reached.ct, Cotangent::Nothing)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the order in which nodes are reached, they come youngest first, each once, with all that reached it.
    #[test]
    fn the_youngest_is_next_and_every_share_arrives() {
        let leaves: Vec<Tensor> = (0..500).map(|_| Tensor::from(1.0).requires_grad()).collect();
        let nodes: Vec<&Arc<Node>> = leaves.iter().map(|leaf| leaf.node().unwrap()).collect();
        // 7 and 500 have no common factor, so that each of these visits every node.
        for step in [1, 7, 499] {
            let mut pending = Pending::default();
            let mut last = None;
            let mut seen = Vec::new();
            for round in 0..3 {
                for i in 0..500 {
                    let i = (i * step + round) % 500;
                    // Older ones only, as in a sweep: what is passed on goes to parents.
                    if last.is_some_and(|last| i >= last) {
                        continue;
                    }
                    let count = match pending.at(nodes[i]) {
                        Cotangent::Number(Item::I64(count)) => *count,
                        _ => 0,
                    };
                    *pending.at(nodes[i]) = Cotangent::Number(Item::I64(count + 1));
                }
                for _ in 0..100 {
                    let (node, ct) = pending.pop().unwrap();
                    let i = nodes.iter().position(|other| Arc::ptr_eq(other, node)).unwrap();
                    assert!(last.is_none_or(|last| i < last), "{i} after {last:?}");
                    let Cotangent::Number(Item::I64(count)) = ct else { panic!("a number") };
                    assert_eq!(count, 1 + round as i64, "of node {i}");
                    last = Some(i);
                    seen.push(i);
                }
            }
            while let Some((node, _)) = pending.pop() {
                seen.push(nodes.iter().position(|other| Arc::ptr_eq(other, node)).unwrap());
            }
            assert_eq!(seen, (0..500).rev().collect::<Vec<_>>());
        }
    }
}
