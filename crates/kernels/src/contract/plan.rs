//! A product of arrays as products of matrices.

use super::Numbers;
use crate::array::{Shape, Strides};
use smallvec::SmallVec;

/// The same product for each index of some axes: `m × k` by `k × n`, the numbers found by strides.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub m: usize,
    pub n: usize,
    pub k: usize,
    /// How far apart rows and columns of the left matrix lie.
    pub a: [isize; 2],
    /// How far apart rows and columns of the right matrix lie.
    pub b: [isize; 2],
    /// How far apart rows of the result lie; its columns are neighbours.
    pub c: usize,
    /// Is the left matrix the right operand, and the other way round?
    pub swapped: bool,
    /// The axes beside the matrices'.
    pub loops: SmallVec<[Loop; 2]>,
}

/// An axis along which products repeat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loop {
    pub length: usize,
    /// How far apart neighbours lie in the left operand, in the right one and in the result.
    pub a: isize,
    pub b: isize,
    pub c: usize,
}

/// Which operand has to be copied first, or both.
#[derive(Debug)]
pub(super) struct Copies {
    pub a: bool,
    pub b: bool,
}

/// An operand: lengths, strides, and which axes are contracted and which are batches.
pub(super) struct Operand<'a> {
    pub shape: &'a Shape,
    pub strides: &'a Strides,
    pub contract: &'a [usize],
    pub batch: &'a [usize],
}

impl Operand<'_> {
    /// The axes that the result has of this operand alone.
    pub fn free(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.shape.rank()).filter(|axis| !self.contract.contains(axis) && !self.batch.contains(axis))
    }

    fn length(&self, axis: usize) -> usize {
        self.shape[axis]
    }
}

/// A row of the matrix, or a column, is copied where the axes that make them are in pieces shorter than this.
const PIECE: usize = 16;

type Axes = SmallVec<[Loop; 4]>;

/// Adds an axis outside of those there are, as one with the outermost if their entries follow one another.
fn outside(axes: &mut Axes, axis: Loop) {
    let Loop { length, a, b, c } = axis;
    if length == 1 {
        return;
    }
    match axes.last_mut() {
        Some(last)
            if a == last.a * last.length as isize
                && b == last.b * last.length as isize
                && c == last.c * last.length =>
        {
            last.length *= length;
        }
        _ => axes.push(axis),
    }
}

impl Plan {
    /// The product of these two, none of whose axes is empty, or what has to be copied so that there is one.
    pub fn new(a: &Operand, b: &Operand) -> Result<Plan, Copies> {
        // In all of these lists the innermost axis is the first.
        let k = contracted(a, b)?;
        let mut c = 1;
        let (mut rows, mut columns, mut loops) = (Axes::new(), Axes::new(), Axes::new());
        for axis in b.free().rev() {
            outside(&mut columns, Loop { length: b.length(axis), a: 0, b: b.strides[axis], c });
            c *= b.length(axis);
        }
        for axis in a.free().rev() {
            outside(&mut rows, Loop { length: a.length(axis), a: a.strides[axis], b: 0, c });
            c *= a.length(axis);
        }
        for (&i, &j) in a.batch.iter().zip(b.batch).rev() {
            let axis = Loop { length: a.length(i), a: a.strides[i], b: b.strides[j], c };
            c *= axis.length;
            // One matrix on the right for all of these: their rows are rows of one product.
            let same = axis.b == 0 && loops.is_empty();
            let joins = rows.last().is_none_or(|last| axis.a == last.a * last.length as isize);
            outside(if same && joins { &mut rows } else { &mut loops }, axis);
        }
        let longest = (0..rows.len()).max_by_key(|&i| rows[i].length).unwrap_or(0);
        let short = |axes: &Axes, chosen: usize| axes.len() > 1 && axes[chosen].length < PIECE;
        let copies = Copies { a: short(&rows, longest), b: short(&columns, 0) };
        if copies.a || copies.b {
            return Err(copies);
        }
        let none = Loop { length: 1, a: 0, b: 0, c: 1 };
        let row = if rows.is_empty() { none } else { rows.remove(longest) };
        let column = if columns.is_empty() { none } else { columns.remove(0) };
        for axis in rows.into_iter().chain(columns) {
            outside(&mut loops, axis);
        }
        let plan = Plan {
            m: row.length,
            n: column.length,
            k: k.length,
            a: [row.a, k.a],
            b: [k.b, column.b],
            c: row.c,
            swapped: false,
            loops: loops.into_iter().collect(),
        };
        Ok(plan.turned())
    }

    /// The product of two matrices whose entries lie in order, contracted along these axes.
    #[inline(always)]
    pub fn of_matrices(a: [usize; 2], b: [usize; 2], axes: (usize, usize)) -> Plan {
        let strides = |lengths: [usize; 2], axis: usize| {
            let strides = [lengths[1] as isize, 1];
            [strides[axis], strides[1 - axis]]
        };
        let ([k_a, row], [k_b, column]) = (strides(a, axes.0), strides(b, axes.1));
        let (m, n, k) = (a[1 - axes.0], b[1 - axes.1], a[axes.0]);
        Plan { m, n, k, a: [row, k_a], b: [k_b, column], c: n, ..Plan::default() }.turned()
    }

    /// A column as a row of the transposed product.
    #[inline(always)]
    fn turned(self) -> Plan {
        if self.n != 1 || self.m == 1 || self.c != 1 {
            return self;
        }
        Plan {
            m: 1,
            n: self.m,
            a: [self.b[1], self.b[0]],
            b: [self.a[1], self.a[0]],
            swapped: true,
            loops: self.loops.iter().map(|axis| Loop { a: axis.b, b: axis.a, ..*axis }).collect(),
            ..self
        }
    }

    /// Panics if an entry lies beyond its buffer, or the result beyond `length`: what the loops rely on.
    pub fn check<T>(&self, a: Numbers<T>, b: Numbers<T>, length: usize) {
        let (a, b) = if self.swapped { (b, a) } else { (a, b) };
        let (mut left, mut right) = (Reach::default(), Reach::default());
        left.along(self.m, self.a[0]);
        left.along(self.k, self.a[1]);
        right.along(self.k, self.b[0]);
        right.along(self.n, self.b[1]);
        let mut last = (self.m - 1) * self.c + self.n - 1;
        for axis in &self.loops {
            left.along(axis.length, axis.a);
            right.along(axis.length, axis.b);
            last += (axis.length - 1) * axis.c;
        }
        assert!(left.is_within(a) && right.is_within(b), "an entry beyond its buffer");
        assert!(last < length && (self.m == 1 || self.c >= self.n), "a result beyond its end");
    }

    /// How many products.
    pub fn count(&self) -> usize {
        self.loops.iter().map(|axis| axis.length).product()
    }

    /// Where the operands and the result of the `i`th product begin.
    pub fn item(&self, mut i: usize) -> (isize, isize, usize) {
        let (mut a, mut b, mut c) = (0, 0, 0);
        for axis in &self.loops {
            let at = i % axis.length;
            i /= axis.length;
            a += at as isize * axis.a;
            b += at as isize * axis.b;
            c += at * axis.c;
        }
        (a, b, c)
    }
}

/// The lowest and the highest place of an operand, from its first entry.
#[derive(Default)]
struct Reach {
    low: isize,
    high: isize,
}

impl Reach {
    #[inline]
    fn along(&mut self, length: usize, stride: isize) {
        let far = (length as isize - 1) * stride;
        self.low += far.min(0);
        self.high += far.max(0);
    }

    #[inline]
    fn is_within<T>(&self, x: Numbers<T>) -> bool {
        let first = x.offset as isize;
        first + self.low >= 0 && first + self.high < x.values.len() as isize
    }
}

/// The contracted axes as one.
fn contracted(a: &Operand, b: &Operand) -> Result<Loop, Copies> {
    let mut pairs: Axes = (a.contract.iter().zip(b.contract))
        .map(|(&i, &j)| Loop { length: a.length(i), a: a.strides[i], b: b.strides[j], c: 0 })
        .filter(|axis| axis.length != 1)
        .collect();
    // A sum may run in any order.
    pairs.sort_by_key(|axis| (axis.a.unsigned_abs(), axis.b.unsigned_abs()));
    let mut merged = Axes::new();
    pairs.iter().for_each(|&axis| outside(&mut merged, axis));
    let follow = |stride: fn(&Loop) -> isize| {
        pairs.windows(2).all(|pair| stride(&pair[1]) == stride(&pair[0]) * pair[0].length as isize)
    };
    match merged[..] {
        [] => Ok(Loop { length: 1, a: 0, b: 0, c: 0 }),
        [one] => Ok(one),
        _ => Err(Copies { a: !follow(|axis| axis.a), b: !follow(|axis| axis.b) }),
    }
}
