//! Products of integers, which wrap around.

use super::Numbers;
use super::plan::Plan;
use crate::array::Element;
use crate::map::arithmetic::Arithmetic;
use crate::simd::{Job, dispatch};
use std::borrow::Cow;

/// An integer.
pub(super) trait Whole: Element {
    /// `self + a · b` modulo 2ⁿ.
    fn add_product(self, a: Self, b: Self) -> Self;
}

impl Whole for i32 {
    #[inline(always)]
    fn add_product(self, a: i32, b: i32) -> i32 {
        self.wrapping_add(a.wrapping_mul(b))
    }
}
impl Whole for i64 {
    #[inline(always)]
    fn add_product(self, a: i64, b: i64) -> i64 {
        self.wrapping_add(a.wrapping_mul(b))
    }
}

/// A row of the result: rows of the right matrix, each times a number, added up.
struct Row<'a, T> {
    a: &'a [T],
    b: &'a [T],
    y: &'a mut [T],
}

impl<T: Whole> Job for Row<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        /// Numbers of the result that stay in the first cache.
        const COLUMNS: usize = 1024;
        let n = self.y.len();
        for first in (0..n).step_by(COLUMNS) {
            let width = COLUMNS.min(n - first);
            let y = &mut self.y[first..first + width];
            y.fill(T::default());
            for (&a, row) in self.a.iter().zip(self.b.chunks_exact(n)) {
                let row = &row[first..first + width];
                y.iter_mut().zip(row).for_each(|(y, &b)| *y = y.add_product(a, b));
            }
        }
    }
}

/// Writes the product.
pub(super) fn product<T: Whole>(plan: &Plan, a: Numbers<T>, b: Numbers<T>, y: &mut [T]) {
    let (m, n, k) = (plan.m, plan.n, plan.k);
    let at = |x: Numbers<T>, start: isize, i: usize, j: usize, [row, column]: [isize; 2]| {
        x.values[(x.offset as isize + start + i as isize * row + j as isize * column) as usize]
    };
    let mut left = vec![T::default(); k];
    for item in 0..plan.count() {
        let (from_a, from_b, to) = plan.item(item);
        let start = (b.offset as isize + from_b) as usize;
        let right = match plan.b {
            [row, column] if column == 1 && row == n as isize => {
                Cow::Borrowed(&b.values[start..start + k * n])
            }
            _ => (0..k * n).map(|i| at(b, from_b, i / n, i % n, plan.b)).collect(),
        };
        for i in 0..m {
            left.iter_mut().enumerate().for_each(|(j, x)| *x = at(a, from_a, i, j, plan.a));
            let y = &mut y[to + i * plan.c..to + i * plan.c + n];
            dispatch(Row { a: &left, b: &right, y });
        }
    }
}
