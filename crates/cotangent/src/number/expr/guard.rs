//! Tangents and cotangents under guards: products and sums that happen inside of the `select`s around them.

use super::{Expr, Kind};
use crate::number::Real;
use crate::number::function::Partial;
use std::collections::HashMap;

/// A (co)tangent: `core` where every guard of the list lets it through, zero elsewhere.
///
/// Rules are applied to the core alone. So a zero that a `select` makes stays zero whatever the partial, and a step
/// costs the same under one guard and under a million.
#[derive(Clone)]
pub(super) struct Guarded {
    list: List,
    core: Expr,
}

/// A list of guards, by its number among [`Guards`]; two lists are the same if their numbers are.
type List = usize;

const EMPTY: List = 0;

/// So many guards at most are compared one by one and written as nested `select`s; beyond that their conditions are
/// first made one.
const FEW: usize = 8;

/// All lists of one differentiation.
pub(super) struct Guards {
    links: Vec<Link>,
    numbers: HashMap<(Expr, bool, List), List>,
    zero: Expr,
}

/// The outermost guard of a list, and the rest of it.
struct Link {
    condition: Expr,
    /// Whether it lets through what is under it where the condition is not zero, or where it is.
    then: bool,
    rest: List,
    length: usize,
    /// A list further on, chosen so that any tail is found in a logarithmic number of steps.
    jump: List,
    /// 1 where all the guards let through, else 0.
    all: Expr,
}

impl Guards {
    pub(super) fn new() -> Guards {
        let (zero, one) = (Expr::constant(0.0), Expr::constant(1.0));
        let end = Link { condition: one.clone(), then: true, rest: EMPTY, length: 0, jump: EMPTY, all: one };
        Guards { links: vec![end], numbers: HashMap::new(), zero }
    }

    /// Without guards; nothing if it is zero.
    pub(super) fn bare(&self, core: Expr) -> Option<Guarded> {
        (!core.is_zero()).then_some(Guarded { list: EMPTY, core })
    }

    /// `t` where the condition is not zero, if `then`, or where it is, if not.
    pub(super) fn under(&mut self, condition: &Expr, then: bool, t: Guarded) -> Guarded {
        Guarded { list: self.push(condition.clone(), then, t.list), core: t.core }
    }

    /// Partial times (co)tangent, in the order a reader expects: f′(x) · x′. Nothing if it is zero.
    pub(super) fn scale(&mut self, partial: Partial<Expr>, t: &Guarded) -> Option<Guarded> {
        let core = match partial {
            Partial::Of(partial) => partial * t.core.clone(),
            constant => constant.scale(&t.core),
        };
        if core.is_zero() {
            return None;
        }
        let mut product = Guarded { list: t.list, core };
        // A rule's own `select` (that of hypot at the origin) is a guard like any other.
        for _ in 0..FEW {
            let Kind::Select(c, a, b) = product.core.kind() else { break };
            let (c, then, core) = match (a.is_zero(), b.is_zero()) {
                (false, true) => (c.clone(), true, a.clone()),
                (true, false) => (c.clone(), false, b.clone()),
                _ => break,
            };
            product = Guarded { list: self.push(c, then, product.list), core };
        }
        Some(product)
    }

    /// The sum, under the guards that both have.
    pub(super) fn sum(&mut self, a: Guarded, b: Guarded) -> Option<Guarded> {
        let mut list = self.common_tail(a.list, b.list);
        let (mut rest_a, mut rest_b, mut outer) = (a.list, b.list, Vec::new());
        let few = |rest: List| self.links[rest].length - self.links[list].length <= FEW;
        if few(rest_a) && few(rest_b) {
            while rest_a != list && rest_b != list {
                let (x, y) = (&self.links[rest_a], &self.links[rest_b]);
                if (&x.condition, x.then) != (&y.condition, y.then) {
                    break;
                }
                outer.push((x.condition.clone(), x.then));
                (rest_a, rest_b) = (x.rest, y.rest);
            }
        }
        let core = self.written(rest_a, list, a.core) + self.written(rest_b, list, b.core);
        for (condition, then) in outer.into_iter().rev() {
            list = self.push(condition, then, list);
        }
        (!core.is_zero()).then_some(Guarded { list, core })
    }

    /// `a` where the condition is not zero, `b` where it is.
    pub(super) fn choice(&mut self, c: &Expr, a: Option<Guarded>, b: Option<Guarded>) -> Option<Guarded> {
        match (a, b) {
            (None, None) => None,
            (Some(a), None) => Some(self.under(c, true, a)),
            (None, Some(b)) => Some(self.under(c, false, b)),
            (Some(a), Some(b)) if a.list == b.list && a.core == b.core => Some(a),
            (Some(a), Some(b)) => {
                let (a, b) = (self.expr(a), self.expr(b));
                self.bare(c.select(&a, &b))
            }
        }
    }

    /// As an expression, with its guards.
    pub(super) fn expr(&self, t: Guarded) -> Expr {
        self.written(t.list, EMPTY, t.core)
    }

    /// The core under the guards of `list` before its tail `end`. Where they are many, those of the tail too: these are
    /// around it anyway, and the condition is there already.
    fn written(&self, list: List, end: List, mut core: Expr) -> Expr {
        let zero = &self.zero;
        let choose =
            |c: &Expr, then: bool, t: &Expr| if then { c.select(t, zero) } else { c.select(zero, t) };
        if self.links[list].length - self.links[end].length > FEW {
            return choose(&self.links[list].all, true, &core);
        }
        let mut guards = Vec::new();
        let mut at = list;
        while at != end {
            guards.push(&self.links[at]);
            at = self.links[at].rest;
        }
        for link in guards.into_iter().rev() {
            core = choose(&link.condition, link.then, &core);
        }
        core
    }

    fn push(&mut self, condition: Expr, then: bool, rest: List) -> List {
        let key = (condition, then, rest);
        if let Some(&list) = self.numbers.get(&key) {
            return list;
        }
        let condition = key.0.clone();
        let below = &self.links[rest];
        let zero = &self.zero;
        let all = if then { condition.select(&below.all, zero) } else { condition.select(zero, &below.all) };
        // Skew-binary jumps: E. W. Myers, "An applicative random-access stack", IPL 17, 1983.
        let next = &self.links[below.jump];
        let equal = below.length - next.length == next.length - self.links[next.jump].length;
        let jump = if equal { next.jump } else { rest };
        let length = below.length + 1;
        self.links.push(Link { condition, then, rest, length, jump, all });
        self.numbers.insert(key, self.links.len() - 1);
        self.links.len() - 1
    }

    /// The longest list that both end in.
    fn common_tail(&self, mut a: List, mut b: List) -> List {
        let link = |list: List| &self.links[list];
        if link(a).length < link(b).length {
            (a, b) = (b, a);
        }
        while link(a).length > link(b).length {
            let jump = link(a).jump;
            a = if link(jump).length >= link(b).length { jump } else { link(a).rest };
        }
        // Lists of one length jump equally far.
        while a != b {
            (a, b) = if link(a).jump == link(b).jump {
                (link(a).rest, link(b).rest)
            } else {
                (link(a).jump, link(b).jump)
            };
        }
        a
    }
}
