//! [`Pending`]: whose turn it is in a sweep.

use crate::core::{Edge, Node};
use crate::transform::Cotangent;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What has reached each output of a node, as far as any was reached.
pub(super) type Reached = SmallVec<[Cotangent; 1]>;

/// The nodes that cotangents have reached, by age, with what has reached each. The nodes belong to whoever holds the end of the graph.
///
/// Few are pending at a time in nearly every graph, and what a node passes on goes to young ones mostly: the youngest stand in a short list,
/// only what is beyond it in a tree.
pub(super) struct Pending<'g> {
    /// The youngest, the very youngest last: a node's id and the place of its cotangent.
    near: Vec<(u64, u32)>,
    /// The others, each older than all that are near.
    far: BTreeMap<u64, u32>,
    /// None where the place is free.
    places: Vec<(Option<&'g Arc<Node>>, Reached)>,
    free: Vec<u32>,
}

/// How long the short list may be.
const NEAR: usize = 32;

impl<'g> Pending<'g> {
    pub(super) fn new() -> Pending<'g> {
        // Enough for most graphs, so that small ones do not wait for memory.
        let (near, places) = (Vec::with_capacity(NEAR + 1), Vec::with_capacity(8));
        Pending { near, far: BTreeMap::new(), places, free: Vec::with_capacity(8) }
    }

    /// What has reached this output of a node.
    #[inline]
    pub(super) fn at(&mut self, edge: &'g Edge) -> &mut Cotangent {
        let (node, id) = (&edge.node, edge.node.id());
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
        let reached = &mut self.places[place as usize].1;
        let i = edge.output as usize;
        while reached.len() <= i {
            reached.push(Cotangent::Zero);
        }
        &mut reached[i]
    }

    /// A place for what reaches the node.
    #[inline]
    fn open(&mut self, node: &'g Arc<Node>) -> u32 {
        if let Some(place) = self.free.pop() {
            self.places[place as usize].0 = Some(node);
            return place;
        }
        self.places.push((Some(node), Reached::new()));
        (self.places.len() - 1) as u32
    }

    /// The youngest, with all that reached it.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(&'g Arc<Node>, Reached)> {
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
        let (node, reached) = &mut self.places[place as usize];
        Some((node.take()?, std::mem::take(reached)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Item, Tensor};

    /// Whatever the order in which nodes are reached, they come youngest first, each once, with all that reached it.
    #[test]
    fn the_youngest_is_next_and_every_share_arrives() {
        let leaves: Vec<Tensor> = (0..500).map(|_| Tensor::from(1.0).requires_grad()).collect();
        let edges: Vec<&Edge> = leaves.iter().map(|leaf| leaf.edge().unwrap()).collect();
        let position = |node| edges.iter().position(|edge| Arc::ptr_eq(&edge.node, node)).unwrap();
        // 500 has no factor in common with these, so that each visits every node.
        for step in [1, 7, 499] {
            let mut pending = Pending::new();
            let mut seen = Vec::new();
            for round in 0..3 {
                for i in 0..500 {
                    let i = (i * step + round) % 500;
                    // Older ones only, as in a sweep: what is passed on goes to parents.
                    if seen.last().is_none_or(|&last| i < last) {
                        pending.at(edges[i]).add(Cotangent::Number(Item::F64(1.0))).unwrap();
                    }
                }
                for _ in 0..100 {
                    let (node, reached) = pending.pop().unwrap();
                    let Cotangent::Number(Item::F64(count)) = reached[0] else { panic!("a number") };
                    assert_eq!(count, 1.0 + round as f64, "of node {}", position(node));
                    seen.push(position(node));
                }
            }
            while let Some((node, _)) = pending.pop() {
                seen.push(position(node));
            }
            assert_eq!(seen, (0..500).rev().collect::<Vec<_>>());
        }
    }
}
