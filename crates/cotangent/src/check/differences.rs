//! The numerical side of a check: centred differences, and a second look where they disagree.

use super::report::{About, Entry, GradReport, Notes, Verdict, relative_error};
use crate::number::numeric;

/// Centred differences of one function at one point, to compare gradients with.
pub(super) struct Differences {
    x: Vec<f64>,
    value: f64,
    columns: Vec<Column>,
    evaluations: usize,
    notes: Notes,
    floor: Verdict,
}

/// One coordinate.
struct Column {
    step: f64,
    above: f64,
    below: f64,
    derivative: f64,
}

/// A difference between gradients up to this many times the rounding of the quotient is nobody's fault.
const ROUNDINGS: f64 = 8.0;

impl Differences {
    /// Evaluates `f` twice at `x`, and once on either side in each coordinate, `step`·max(|x|, 1) away.
    pub(super) fn of(f: &mut dyn FnMut(&[f64]) -> f64, x: &[f64], step: f64) -> Differences {
        let mut all = Differences {
            x: x.to_vec(),
            value: 0.0,
            columns: Vec::with_capacity(x.len()),
            evaluations: 0,
            notes: Notes::default(),
            floor: Verdict::Pass,
        };
        if x.is_empty() {
            return all;
        }
        let (value, again) = (f(x), f(x));
        all.evaluations = 2;
        all.value = value;
        if value != again && !(value.is_nan() && again.is_nan()) {
            all.floor = Verdict::Fail;
            all.notes.add(About::Function, || format!(
                "f is not deterministic: at the same x it gave {value}, then {again}. Dropout, batch normalisation, \
                 random numbers or a state that changes from call to call must be turned off (or seeded anew in every \
                 call) while gradients are checked"
            ));
        } else if !value.is_finite() {
            all.floor = Verdict::Fail;
            all.notes.add(About::Function, || format!("f(x) is {value}: there is no derivative to check"));
        }
        let mut point = x.to_vec();
        for i in 0..x.len() {
            let h = step * x[i].abs().max(1.0);
            let h = (x[i] + h) - x[i];
            let mut at = |moved: f64| {
                point[i] = moved;
                let y = f(&point);
                point[i] = x[i];
                y
            };
            let (up, down) = (x[i] + h, x[i] - h);
            let (above, below) = (at(up), at(down));
            all.evaluations += 2;
            all.columns.push(Column { step: h, above, below, derivative: (above - below) / (up - down) });
        }
        all
    }

    /// The differences themselves, and the evaluations that they took.
    pub(super) fn gradient(&self) -> (Vec<f64>, usize) {
        (self.columns.iter().map(|column| column.derivative).collect(), self.evaluations)
    }

    /// Compares a gradient with the differences; where they disagree, looks again with other steps.
    ///
    /// # Panics
    /// If there is not one entry for each coordinate.
    pub(super) fn compare(&self, f: &mut dyn FnMut(&[f64]) -> f64, analytic: &[f64]) -> GradReport {
        assert!(
            analytic.len() == self.x.len(),
            "gradient check: x has {} entries and the gradient {}; pass one partial derivative for each coordinate",
            self.x.len(),
            analytic.len()
        );
        let mut report = GradReport {
            entries: Vec::with_capacity(analytic.len()),
            notes: self.notes.clone(),
            evaluations: self.evaluations,
            floor: self.floor,
        };
        for (i, &a) in analytic.iter().enumerate() {
            let entry = self.entry(f, i, a, &mut report);
            report.entries.push(entry);
        }
        report
    }

    fn entry(
        &self,
        f: &mut dyn FnMut(&[f64]) -> f64,
        index: usize,
        analytic: f64,
        report: &mut GradReport,
    ) -> Entry {
        let column = &self.columns[index];
        let error = relative_error(analytic, column.derivative);
        let mut entry = Entry {
            index,
            analytic,
            numeric: column.derivative,
            step: column.step,
            relative_error: error,
            verdict: Verdict::of(error),
        };
        if !self.finite(&entry, report) || self.floor == Verdict::Fail {
            return entry;
        }
        if entry.verdict == Verdict::Pass {
            self.kink(f, &entry, report);
            return entry;
        }
        // The difference may be at fault: ask a method that estimates its own error, and believe it if it can tell.
        let mut point = self.x.clone();
        let mut along = |moved: f64| {
            point[index] = moved;
            f(&point)
        };
        let better = numeric::richardson(&mut along, self.x[index]);
        report.evaluations += better.evaluations;
        let disagreement = (analytic - column.derivative).abs();
        let can_tell = better.error < 0.1 * disagreement;
        if can_tell {
            entry.numeric = better.derivative;
            entry.step = better.step;
            entry.relative_error = relative_error(analytic, better.derivative);
            entry.verdict = Verdict::of(entry.relative_error);
        }
        if entry.verdict == Verdict::Pass || self.kink(f, &entry, report) || can_tell {
            return entry;
        }
        let rounding = f64::EPSILON * column.above.abs().max(column.below.abs()) / column.step.abs();
        if disagreement <= ROUNDINGS * rounding {
            entry.verdict = Verdict::Warning;
            report.notes.add(About::Resolution, || format!(
                "entry {index}: the values of f, near {:.1e}, are too large beside this derivative for differences to \
                 resolve it (they round to about {rounding:.1e}); check f without its constant part, or at other points",
                self.value
            ));
        }
        entry
    }

    /// Is everything about this entry a number? If not, says what is not.
    fn finite(&self, entry: &Entry, report: &mut GradReport) -> bool {
        let (column, i) = (&self.columns[entry.index], entry.index);
        let notes = &mut report.notes;
        if !entry.analytic.is_finite() {
            notes.add(About::Analytic, || format!(
                "the analytic gradient's entry {i} is {}: look for a division by zero, the logarithm or root of zero, \
                 or an overflow on its way",
                entry.analytic
            ));
        } else if self.value.is_finite() && !(column.above.is_finite() && column.below.is_finite()) {
            notes.add(About::Edge, || format!(
                "f is {} at x[{i}] + {h:.1e} and {} at x[{i}] − {h:.1e}: x is within a step of the edge of the domain; \
                 move it away from there",
                column.above,
                column.below,
                h = column.step
            ));
        } else if column.step == 0.0 || !entry.numeric.is_finite() && self.value.is_finite() {
            notes.add(About::Step, || format!("x[{i}] = {} cannot be moved by a step", self.x[i]));
        } else {
            return self.value.is_finite();
        }
        false
    }

    /// Do the two one-sided differences disagree by more than curvature explains? Then x is at or beside a kink.
    fn kink(&self, f: &mut dyn FnMut(&[f64]) -> f64, entry: &Entry, report: &mut GradReport) -> bool {
        let (column, i) = (&self.columns[entry.index], entry.index);
        let h = column.step;
        let (right, left) = ((column.above - self.value) / h, (self.value - column.below) / h);
        let size = right.abs().max(left.abs());
        let largest = self.value.abs().max(column.above.abs()).max(column.below.abs());
        let rounding = ROUNDINGS * f64::EPSILON * largest / h;
        let disagreement = (right - left).abs();
        if disagreement <= 1e-2 * size + rounding {
            return false;
        }
        // Of a smooth function it grows with the step, tenfold here, and of a noisy one it shrinks; a jump of the
        // derivative stays.
        let mut point = self.x.clone();
        let mut at = |moved: f64| {
            point[i] = moved;
            f(&point)
        };
        let wide = 10.0 * h;
        let (above, below) = (at(self.x[i] + wide), at(self.x[i] - wide));
        report.evaluations += 2;
        let widely = ((above - self.value) / wide - (self.value - below) / wide).abs();
        if !(0.3 * disagreement..5.0 * disagreement).contains(&widely) {
            return false;
        }
        let meaning = if entry.verdict == Verdict::Pass {
            "the derivative there is a convention, which the centred difference happens to share"
        } else {
            "there is no derivative there for differences to find; check at a point away from the kink (of relu, abs, \
             max, a comparison, a rounding)"
        };
        report.notes.add(About::Kink, || format!(
            "entry {i} seems to be at a kink: from the left the slope is {left:.6}, from the right {right:.6}; {meaning}"
        ));
        true
    }
}
