//! Places for the nodes of a graph: layers from left to right, few crossings, straight lines where possible.
//!
//! Source: K. Sugiyama, S. Tagawa and M. Toda, "Methods for visual understanding of hierarchical system structures",
//! IEEE Trans. SMC 11, 1981.

use super::Graph;
use std::collections::HashMap;

/// A picture has at most so many nodes; what is farther from the root is left out and counted.
pub(super) const MOST_NODES: usize = 200;
/// A picture has at most so many layers.
const MOST_LAYERS: usize = 40;
/// Sweeps that order the layers, and sweeps that straighten the lines.
const ORDERING: usize = 8;
const STRAIGHTENING: usize = 12;

/// Something that has a place in a layer: a node, or the point where a line passes through.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The node of the graph; `None` where a line passes through.
    pub node: Option<usize>,
    pub layer: usize,
    /// The height that it needs.
    pub height: f64,
    /// Its middle.
    pub y: f64,
}

/// A stretch of a line from one layer to the next on its right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub from: usize,
    pub to: usize,
}

#[derive(Debug)]
pub(super) struct Layout {
    pub items: Vec<Item>,
    /// The last stretch of each edge, with the operand's position among its node's operands.
    pub arrivals: Vec<(Link, usize)>,
    /// All other stretches.
    pub passages: Vec<Link>,
    pub layers: usize,
    pub height: f64,
    /// How many nodes were left out.
    pub left_out: usize,
    /// The item that each edge from a node left out would have come to.
    pub cut: Vec<usize>,
}

/// The vertical space between two items.
const GAP: f64 = 14.0;

impl Layout {
    /// A layout of the graph where node `i` needs the height `height(i)`, and a passing line `line`.
    pub(super) fn of(graph: &Graph, height: impl Fn(usize) -> f64, line: f64) -> Layout {
        let (distance, left_out) = distances(graph);
        let deepest = distance.iter().flatten().copied().max().unwrap_or(0);
        let mut items = Vec::new();
        let mut item_of = HashMap::new();
        for (i, distance) in distance.iter().enumerate() {
            if let Some(distance) = distance {
                item_of.insert(i, items.len());
                let layer = deepest - distance;
                items.push(Item { node: Some(i), layer, height: height(i), y: 0.0 });
            }
        }
        // All long edges from one node share their points on the way, like a bus.
        let mut passing: HashMap<(usize, usize), usize> = HashMap::new();
        let (mut arrivals, mut passages, mut cut) = (Vec::new(), Vec::new(), Vec::new());
        for (user, node) in graph.nodes.iter().enumerate() {
            let Some(&to) = item_of.get(&user) else { continue };
            for (position, edge) in node.operands.iter().enumerate() {
                let Some(&source) = item_of.get(&edge.node) else {
                    cut.push(to);
                    continue;
                };
                let mut from = source;
                for layer in items[source].layer + 1..items[to].layer {
                    from = *passing.entry((source, layer)).or_insert_with(|| {
                        items.push(Item { node: None, layer, height: line, y: 0.0 });
                        passages.push(Link { from, to: items.len() - 1 });
                        items.len() - 1
                    });
                }
                arrivals.push((Link { from, to }, position));
            }
        }
        let mut layout =
            Layout { items, arrivals, passages, layers: deepest + 1, height: 0.0, left_out, cut };
        layout.place();
        layout
    }

    fn place(&mut self) {
        let mut layers: Vec<Vec<usize>> = vec![Vec::new(); self.layers];
        for (i, item) in self.items.iter().enumerate() {
            layers[item.layer].push(i);
        }
        let (mut left, mut right) = (vec![Vec::new(); self.items.len()], vec![Vec::new(); self.items.len()]);
        for link in self.arrivals.iter().map(|(link, _)| link).chain(&self.passages) {
            left[link.to].push(link.from);
            right[link.from].push(link.to);
        }
        for layer in &layers {
            for (rank, &i) in layer.iter().enumerate() {
                self.items[i].y = rank as f64;
            }
        }
        // Order: each item goes to the mean rank of its neighbours, from the left and from the right in turn. The best
        // order seen is kept.
        let mut best = (usize::MAX, layers.clone());
        for sweep in 0..=ORDERING {
            let crossings = self.crossings(&layers, &right);
            if crossings < best.0 {
                best = (crossings, layers.clone());
            }
            if crossings == 0 || sweep == ORDERING {
                break;
            }
            let rightwards = sweep % 2 == 1;
            let neighbours = if rightwards { &left } else { &right };
            for step in 0..self.layers {
                let layer = &mut layers[if rightwards { step } else { self.layers - 1 - step }];
                let mut keyed: Vec<(f64, usize)> = layer
                    .iter()
                    .map(|&i| (self.mean(&neighbours[i]).unwrap_or(self.items[i].y), i))
                    .collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                for (rank, (_, i)) in keyed.iter().enumerate() {
                    layer[rank] = *i;
                    self.items[*i].y = rank as f64;
                }
            }
        }
        let layers = best.1;
        // Height: each item wants to be level with its neighbours; none may touch the next.
        for layer in &layers {
            let wishes = vec![0.0; layer.len()];
            self.settle(layer, &wishes);
        }
        for sweep in 0..STRAIGHTENING {
            let rightwards = sweep % 2 == 1;
            let both = sweep + 2 >= STRAIGHTENING;
            for step in 0..self.layers {
                let layer = &layers[if rightwards { step } else { self.layers - 1 - step }];
                let wishes: Vec<f64> = layer
                    .iter()
                    .map(|&i| {
                        let side = if rightwards { &left[i] } else { &right[i] };
                        let wish = if both || side.is_empty() {
                            let all: Vec<usize> = left[i].iter().chain(&right[i]).copied().collect();
                            self.mean(&all)
                        } else {
                            self.mean(side)
                        };
                        wish.unwrap_or(self.items[i].y)
                    })
                    .collect();
                self.settle(layer, &wishes);
            }
        }
        let top = self.items.iter().map(|item| item.y - 0.5 * item.height).fold(f64::INFINITY, f64::min);
        for item in &mut self.items {
            item.y -= top;
        }
        self.height = self.items.iter().map(|item| item.y + 0.5 * item.height).fold(0.0, f64::max);
    }

    fn mean(&self, items: &[usize]) -> Option<f64> {
        let sum: f64 = items.iter().map(|&i| self.items[i].y).sum();
        (!items.is_empty()).then(|| sum / items.len() as f64)
    }

    /// How many pairs of lines cross, with the ranks that the items have in these layers.
    fn crossings(&self, layers: &[Vec<usize>], right: &[Vec<usize>]) -> usize {
        let mut rank = vec![0; self.items.len()];
        for layer in layers {
            for (r, &i) in layer.iter().enumerate() {
                rank[i] = r;
            }
        }
        let mut crossings = 0;
        for layer in layers {
            let mut ends: Vec<usize> = Vec::new();
            for &i in layer {
                let mut mine: Vec<usize> = right[i].iter().map(|&j| rank[j]).collect();
                mine.sort_unstable();
                for &end in &mine {
                    crossings += ends.iter().filter(|&&other| other > end).count();
                }
                ends.extend(mine);
            }
        }
        crossings
    }

    /// Puts the items of a layer, in this order, as close to their wishes as they can be without touching: least
    /// squares by pooling neighbours that want to pass each other.
    fn settle(&mut self, layer: &[usize], wishes: &[f64]) {
        // With the room that the items before it need taken off, an item's place only has to be no less than the last.
        let mut offset = 0.0;
        let mut pools: Vec<(f64, usize)> = Vec::new();
        let mut offsets = Vec::with_capacity(layer.len());
        for (k, (&i, wish)) in layer.iter().zip(wishes).enumerate() {
            if k > 0 {
                offset += 0.5 * (self.items[layer[k - 1]].height + self.items[i].height) + GAP;
            }
            offsets.push(offset);
            pools.push((wish - offset, 1));
            while let [.., (a, m), (b, n)] = pools[..] {
                if a <= b {
                    break;
                }
                pools.pop();
                pools.pop();
                pools.push(((a * m as f64 + b * n as f64) / (m + n) as f64, m + n));
            }
        }
        let mut places = pools.iter().flat_map(|&(place, n)| std::iter::repeat_n(place, n));
        for (&i, offset) in layer.iter().zip(offsets) {
            self.items[i].y = places.next().unwrap_or(0.0) + offset;
        }
    }
}

/// The longest way from the root to each node that is drawn, and how many are not.
fn distances(graph: &Graph) -> (Vec<Option<usize>>, usize) {
    let root = graph.nodes.len() - 1;
    let mut distance = vec![None; graph.nodes.len()];
    let mut longest = vec![0_usize; graph.nodes.len()];
    for i in (0..=root).rev() {
        for edge in &graph.nodes[i].operands {
            longest[edge.node] = longest[edge.node].max(longest[i] + 1);
        }
    }
    // Nearest first: a node is drawn only if all its users are, so that nothing hangs in the air.
    let mut nearest: Vec<usize> = (0..=root).collect();
    nearest.sort_by_key(|&i| (longest[i], std::cmp::Reverse(i)));
    let drawn = nearest.iter().take_while(|&&i| longest[i] < MOST_LAYERS).take(MOST_NODES);
    for &i in drawn {
        distance[i] = Some(longest[i]);
    }
    let left_out = distance.iter().filter(|d| d.is_none()).count();
    (distance, left_out)
}
