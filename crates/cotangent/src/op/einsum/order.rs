//! In which order to multiply many operands, two at a time.
//!
//! A product of two costs as many multiply-adds as there are combinations of their axes. Up to [`EXHAUSTIVE`] operands all ways
//! are compared by dynamic programming over sets of operands: the cheapest way to make a set is the cheapest split in two.
//! With more, the pair whose product is smallest beside what it is made of comes first, and pairs that share no axis at last. What is
//! equally cheap is decided by the size of what is made on the way. (D. G. A. Smith and J. Gray, "opt_einsum", Journal of Open Source Software 3
//! (26), 2018, has both; R. N. C. Pfeifer, J. Haegeman and F. Verstraete, Physical Review E 90, 033315, 2014, the first.)

/// Up to so many operands (3ⁿ comparisons) the best order is sought.
const EXHAUSTIVE: usize = 8;

/// A set of axes: bit `i` is axis `i`.
pub(super) type Set = u128;

/// The axes of each operand, those of the result, and how long each axis is.
pub(super) struct Problem<'a> {
    pub inputs: &'a [Set],
    pub output: Set,
    pub lengths: &'a [usize],
}

/// Multiply-adds, and numbers that are written on the way.
type Cost = (f64, f64);

fn plus(a: Cost, b: Cost) -> Cost {
    (a.0 + b.0, a.1 + b.1)
}

impl Problem<'_> {
    /// Pairs in the list of operands: both are taken out, and their product is put at the end. The last product is the result.
    pub fn order(&self) -> Vec<(usize, usize)> {
        let inputs = self.summed();
        let problem = Problem { inputs: &inputs, ..*self };
        match inputs.len() {
            0 | 1 => Vec::new(),
            2 => vec![(0, 1)],
            n if n <= EXHAUSTIVE => problem.best(),
            _ => problem.greedy(),
        }
    }

    /// The operands without the axes that nothing else has: these are summed over before anything is multiplied.
    fn summed(&self) -> Vec<Set> {
        let others = |i: usize| {
            self.inputs
                .iter()
                .enumerate()
                .filter(|(k, _)| *k != i)
                .fold(self.output, |all, (_, axes)| all | axes)
        };
        self.inputs.iter().enumerate().map(|(i, axes)| axes & others(i)).collect()
    }

    /// How many combinations of these axes there are.
    fn size(&self, axes: Set) -> f64 {
        let among = self.lengths.iter().enumerate().filter(|(i, _)| axes >> i & 1 == 1);
        among.map(|(_, &length)| length as f64).product()
    }

    /// The pairs of the cheapest order.
    fn best(&self) -> Vec<(usize, usize)> {
        let n = self.inputs.len();
        let union = |operands: usize| {
            (0..n).filter(|i| operands >> i & 1 == 1).fold(0, |axes, i| axes | self.inputs[i])
        };
        let all = (1 << n) - 1;
        // Of each set of operands: the axes of its product, what that costs at least, and one half of the split.
        let axes: Vec<Set> = (0..=all).map(|set| union(set) & (self.output | union(all & !set))).collect();
        let mut found: Vec<(Cost, usize)> = vec![((0.0, 0.0), 0); all + 1];
        for set in 1..=all {
            if set.is_power_of_two() {
                continue;
            }
            let own = self.size(axes[set]);
            let lowest = set & set.wrapping_neg();
            let mut best: Option<(Cost, usize)> = None;
            // The half that has the first operand.
            let mut half = (set - 1) & set;
            while half > 0 {
                if half & lowest != 0 {
                    let other = set & !half;
                    let step = (self.size(axes[half] | axes[other]), own);
                    let cost = plus(step, plus(found[half].0, found[other].0));
                    if best.is_none_or(|(least, _)| cost < least) {
                        best = Some((cost, half));
                    }
                }
                half = (half - 1) & set;
            }
            found[set] = best.expect("a set of two has halves");
        }
        self.pairs(&found, all)
    }

    /// The splits as pairs in a list that becomes shorter.
    fn pairs(&self, found: &[(Cost, usize)], all: usize) -> Vec<(usize, usize)> {
        let mut sets = vec![all];
        let mut splits = Vec::new();
        while let Some(set) = sets.pop() {
            if !set.is_power_of_two() {
                let half = found[set].1;
                splits.push((half, set & !half));
                sets.extend([half, set & !half]);
            }
        }
        let mut list: Vec<usize> = (0..self.inputs.len()).map(|i| 1 << i).collect();
        let place =
            |list: &[usize], set: usize| list.iter().position(|&other| other == set).expect("made before");
        // The last split is one of single operands: what is found first is multiplied last.
        let step = |(half, other): (usize, usize)| {
            let (i, j) = (place(&list, half), place(&list, other));
            list.retain(|&set| set != half && set != other);
            list.push(half | other);
            (i, j)
        };
        splits.into_iter().rev().map(step).collect()
    }

    /// The pair that leaves least behind, again and again; of equal ones the cheapest.
    fn greedy(&self) -> Vec<(usize, usize)> {
        let mut list = self.inputs.to_vec();
        let mut pairs = Vec::with_capacity(list.len() - 1);
        while list.len() > 1 {
            let (mut best, mut least) = (None, None);
            for j in 1..list.len() {
                for i in 0..j {
                    let result = self.product(&list, i, j);
                    let apart = list[i] & list[j] == 0;
                    let grows = self.size(result) - self.size(list[i]) - self.size(list[j]);
                    let cost = (apart, grows, self.size(list[i] | list[j]));
                    if least.is_none_or(|least| cost < least) {
                        (best, least) = (Some((i, j)), Some(cost));
                    }
                }
            }
            let (i, j) = best.expect("two are left");
            let result = self.product(&list, i, j);
            list.remove(j);
            list.remove(i);
            list.push(result);
            pairs.push((i, j));
        }
        pairs
    }

    /// The axes of the product of two in a list.
    fn product(&self, list: &[Set], i: usize, j: usize) -> Set {
        let others =
            (0..list.len()).filter(|&k| k != i && k != j).fold(self.output, |axes, k| axes | list[k]);
        (list[i] | list[j]) & others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Multiply-adds of an order.
    fn cost(problem: &Problem, pairs: &[(usize, usize)]) -> f64 {
        let mut list = problem.inputs.to_vec();
        let mut total = 0.0;
        for &(i, j) in pairs {
            total += problem.size(list[i] | list[j]);
            let result = problem.product(&list, i, j);
            list = (0..list.len()).filter(|&k| k != i && k != j).map(|k| list[k]).chain([result]).collect();
        }
        assert_eq!(list, [problem.output]);
        total
    }

    /// A chain of matrices with these lengths.
    fn chain(lengths: &[usize]) -> (Vec<Set>, Set) {
        let inputs = (0..lengths.len() - 1).map(|i| 0b11 << i).collect();
        (inputs, 1 | 1 << (lengths.len() - 1))
    }

    #[test]
    fn the_textbook_chain() {
        // Cormen, Leiserson, Rivest and Stein, "Introduction to Algorithms", matrix-chain multiplication: 15,125 products.
        let lengths = [30, 35, 15, 5, 10, 20, 25];
        let (inputs, output) = chain(&lengths);
        let problem = Problem { inputs: &inputs, output, lengths: &lengths };
        assert_eq!(cost(&problem, &problem.order()), 15_125.0);
        assert_eq!(cost(&problem, &problem.greedy()), 28_000.0);
    }

    #[test]
    fn no_order_is_cheaper_than_the_best() {
        fn all(problem: &Problem, count: usize, done: &mut Vec<(usize, usize)>, least: &mut f64) {
            if count == 1 {
                *least = least.min(cost(problem, done));
            }
            for j in 1..count {
                for i in 0..j {
                    done.push((i, j));
                    all(problem, count - 1, done, least);
                    done.pop();
                }
            }
        }
        let lengths = [2, 3, 5, 7, 1, 4];
        for seed in 1_u64..40 {
            let bits = |i: u64| cotangent_kernels::random::threefry([seed, 1], [i, 0])[0];
            let inputs: Vec<Set> = (0..5).map(|i| Set::from(bits(i) & bits(i + 10) & 0b11_1111)).collect();
            let used = inputs.iter().fold(0, |axes, own| axes | own);
            let output = used & Set::from(bits(20) & bits(21));
            let inputs = Problem { inputs: &inputs, output, lengths: &lengths }.summed();
            let problem = Problem { inputs: &inputs, output, lengths: &lengths };
            let mut least = f64::INFINITY;
            all(&problem, 5, &mut Vec::new(), &mut least);
            assert_eq!(cost(&problem, &problem.order()), least, "{inputs:?}");
            assert!(cost(&problem, &problem.greedy()) >= least);
        }
    }

    #[test]
    fn many_operands() {
        let lengths: Vec<usize> = (0..100).map(|i| 2 + i % 5).collect();
        let (inputs, output) = chain(&lengths);
        let problem = Problem { inputs: &inputs, output, lengths: &lengths };
        assert!(cost(&problem, &problem.order()) < 99.0 * 6.0 * 6.0 * 6.0);
    }
}
