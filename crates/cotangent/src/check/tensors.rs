//! Gradcheck for functions of tensors: first and second order, every mode against every other and against differences.

use super::close::index;
use super::report::{Verdict, relative_error};
use crate::api::{grad, jvp};
use crate::core::{DType, Error, Structure, Tensor, Tree, leaves, place, raise, with_leaves};
use crate::op::Key;
use std::fmt;

/// One comparison of two ways to a derivative.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Which two ways, in words.
    pub what: &'static str,
    /// The derivative that was to be checked, in some direction.
    pub analytic: f64,
    /// The same by the other way.
    pub other: f64,
    /// See [`relative_error`].
    pub relative_error: f64,
}

/// An entry of a gradient that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct WorstEntry {
    /// The leaf, as `.layers[2].w`; empty for a bare tensor.
    pub path: String,
    /// The entry's index in it.
    pub index: Vec<usize>,
    /// The derivative that was to be checked.
    pub analytic: f64,
    /// The derivative by differences.
    pub numeric: f64,
}

/// What [`gradcheck_tensors`] has found. `Display` is a report for people.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorReport {
    comparisons: Vec<Comparison>,
    worst: Option<WorstEntry>,
    notes: Vec<String>,
    floor: Verdict,
}

impl TensorReport {
    /// The worst of all: PASS under a relative error of 1e-5, WARNING under 1e-3, FAIL beyond.
    pub fn verdict(&self) -> Verdict {
        let each = self.comparisons.iter().map(|comparison| Verdict::of(comparison.relative_error));
        each.chain([self.floor]).max().unwrap_or(Verdict::Pass)
    }
    /// Is the verdict PASS?
    pub fn passed(&self) -> bool {
        self.verdict() == Verdict::Pass
    }
    /// All comparisons that were made.
    pub fn comparisons(&self) -> &[Comparison] {
        &self.comparisons
    }
    /// The entry that is furthest off, looked for where a direction failed.
    pub fn worst(&self) -> Option<&WorstEntry> {
        self.worst.as_ref()
    }
    /// Advice.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl fmt::Display for TensorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self
            .comparisons
            .iter()
            .map(|c| c.relative_error)
            .fold(0.0, |a: f64, b| if b.is_nan() { b } else { a.max(b) });
        write!(
            f,
            "{} -- relative error {most:.2e} over {} comparisons",
            self.verdict(),
            self.comparisons.len()
        )?;
        for c in self.comparisons.iter().filter(|c| Verdict::of(c.relative_error) != Verdict::Pass) {
            write!(
                f,
                "\n  {}: {} against {}, relative error {:.2e}",
                c.what, c.analytic, c.other, c.relative_error
            )?;
        }
        if let Some(worst) = &self.worst {
            let WorstEntry { path, index, analytic, numeric } = worst;
            write!(
                f,
                "\n  worst entry: {path}{index:?}, where the gradient is {analytic} and differences give {numeric}"
            )?;
        }
        self.notes.iter().try_for_each(|note| write!(f, "\n  note: {note}"))
    }
}

/// Directions that are tried.
const DIRECTIONS: u64 = 3;

/// Checks the derivatives of a function of tensors at a point, where it should be smooth: reverse and forward mode against each other and
/// against central differences, in random directions, first and second order. Where a direction fails the whole gradient is
/// compared, and the entry that is furthest off is named. Use `f64`.
///
/// ```
/// use cotangent::check::gradcheck_tensors;
/// use cotangent::prelude::*;
/// let x = Tensor::from([0.5, -1.5]);
/// assert!(gradcheck_tensors(|x: &Tensor| x.sin() * x, &x).passed());
/// // A rule that is wrong in one entry.
/// let wrong = custom_vjp(
///     |x: &Tensor| (x.square(), x.clone()),
///     |x: &Tensor, ct: &Tensor| ct * x * Tensor::from([2.0, 3.0]),
/// );
/// let report = gradcheck_tensors(wrong, &x);
/// assert_eq!(report.worst().unwrap().index, [1]);
/// ```
pub fn gradcheck_tensors<A: Tree, B: Tree>(f: impl Fn(&A) -> B, x: &A) -> TensorReport {
    let mut report =
        TensorReport { comparisons: Vec::new(), worst: None, notes: Vec::new(), floor: Verdict::Pass };
    let y = f(x);
    let again = f(x);
    let differ = leaves(&y).iter().zip(leaves(&again)).any(|(a, b)| super::close(a, b).is_err());
    if differ {
        report.floor = Verdict::Fail;
        report.notes.push(
            "two calls at the same point differ: is the function random? pass a `Key`, switch dropout off"
                .into(),
        );
        return report;
    }
    if leaves(x).iter().any(|x| x.dtype() == DType::F32) {
        report.floor = Verdict::Warning;
        let note = "in f32 rounding hides errors below about 1e-3: convert the arguments with `.to(DType::F64)`. If f64 passes and \
                    f32 does not, the code is right and sensitive: a compensated sum or another arrangement may help";
        report.notes.push(note.into());
    }
    let ct = random_like(&y, 1);
    let loss = |x: &A| inner(&f(x), &ct);
    for seed in 0..DIRECTIONS {
        let (u, v) = (random_like(x, 10 + seed), random_like(x, 20 + seed));
        let gradient = grad(loss)(x);
        let reverse = inner(&gradient, &v).to_f64();
        let forward = inner(&jvp(&f, x, &v).1, &ct).to_f64();
        report.compare("reverse mode against forward mode", reverse, forward);
        report.compare("reverse mode against differences", reverse, difference(x, &v, |x| loss(x).to_f64()));
        let hessian = inner(&jvp(grad(loss), x, &v).1, &u).to_f64();
        let slope = |x: &A| inner(&grad(loss)(x), &v);
        report.compare(
            "second order, forward over reverse against reverse over reverse",
            hessian,
            inner(&grad(slope)(x), &u).to_f64(),
        );
        report.compare("second order against differences", hessian, difference(x, &u, |x| slope(x).to_f64()));
    }
    if report.comparisons.iter().any(|c| Verdict::of(c.relative_error) != Verdict::Pass) {
        report.look_closer(x, &grad(loss)(x), &|x| loss(x).to_f64());
    }
    report
}

/// [`gradcheck_tensors`] of a function whose arguments all have a batch as their first axis: at this batch, at its first example alone, and
/// at the batch twice over. A rule of one's own that works for one batch size alone is found out.
///
/// ```
/// use cotangent::check::gradcheck_batches;
/// use cotangent::prelude::*;
/// let x = Tensor::from([[0.5, 1.0], [2.0, -1.0], [0.1, 0.2]]);
/// assert!(gradcheck_batches(|x: &Tensor| x.tanh(), &x).iter().all(|report| report.passed()));
/// ```
///
/// # Panics
/// If a leaf has no batch, or an empty one.
#[track_caller]
pub fn gradcheck_batches<A: Tree, B: Tree>(f: impl Fn(&A) -> B, x: &A) -> [TensorReport; 3] {
    if let Some(leaf) = leaves(x).into_iter().find(|x| x.shape().first().is_none_or(|&size| size == 0)) {
        let error = Error::new("gradcheck_batches").expected("a batch as the first axis of every leaf");
        let help = "let the function capture what has no batch";
        raise(error.got(leaf.ty().to_string()).help(help).at(Some(place())))
    }
    let one = x.map(&mut |x| x.slice_axis(0, 0..1));
    let twice = x.map(&mut |x| Tensor::concat(&[x, x], 0));
    [gradcheck_tensors(&f, x), gradcheck_tensors(&f, &one), gradcheck_tensors(&f, &twice)]
}

impl TensorReport {
    fn compare(&mut self, what: &'static str, analytic: f64, other: f64) {
        // Two numbers that both are next to nothing agree: relative to 1e-8, as for numbers.
        self.comparisons.push(Comparison {
            what,
            analytic,
            other,
            relative_error: relative_error(analytic, other),
        });
    }

    /// Every entry of the gradient against differences; and is there a kink?
    fn look_closer<A: Tree>(&mut self, x: &A, gradient: &A, f: &dyn Fn(&A) -> f64) {
        let paths: Vec<String> = Structure::of(x).paths().into_iter().map(str::to_string).collect();
        let mut worst = 0.0;
        for (i, (leaf, gradient)) in leaves(x).into_iter().zip(leaves(gradient)).enumerate() {
            if !leaf.dtype().is_float() {
                continue;
            }
            for (entry, item) in gradient.array().items().enumerate() {
                let v = unit(x, i, entry);
                let numeric = difference(x, &v, f);
                let analytic = item.to_f64();
                let off = relative_error(analytic, numeric);
                // A NaN is worse than any number.
                let off = if off.is_nan() { f64::INFINITY } else { off };
                if off > worst {
                    worst = off;
                    let index = index(entry, leaf.shape());
                    self.worst = Some(WorstEntry { path: paths[i].clone(), index, analytic, numeric });
                }
            }
        }
        self.notes.extend(kink(x, &paths, f));
    }
}

/// The first entry along which the slope jumps. One-sided slopes of a smooth function come together as the step shrinks; at a kink they
/// do not.
fn kink<T: Tree>(x: &T, paths: &[String], f: &dyn Fn(&T) -> f64) -> Option<String> {
    let here = f(x);
    for (i, leaf) in leaves(x).into_iter().enumerate().filter(|(_, leaf)| leaf.dtype().is_float()) {
        let (h, epsilon) =
            if leaf.dtype() == DType::F32 { (1e-2, f64::from(f32::EPSILON)) } else { (1e-4, f64::EPSILON) };
        for entry in 0..leaf.size() {
            let v = unit(x, i, entry);
            let sides = |h: f64| ((here - f(&moved(x, &v, -h))) / h, (f(&moved(x, &v, h)) - here) / h);
            let ((left, right), (near_left, near_right)) = (sides(h), sides(h / 4.0));
            let (jump, near) = ((right - left).abs(), (near_right - near_left).abs());
            let rounding = 64.0 * epsilon * here.abs() / h;
            if jump > 1e-3 * (1.0 + left.abs().max(right.abs())) + rounding && near > 0.5 * jump {
                let place = format!("{}{:?}", paths[i], index(entry, leaf.shape()));
                return Some(format!(
                    "along {place} the slope is {near_left} on one side and {near_right} on the other: is there a kink?"
                ));
            }
        }
    }
    None
}

/// ⟨a, b⟩ over the float leaves, in `f64`.
fn inner<T: Tree>(a: &T, b: &T) -> Tensor {
    let pairs = leaves(a).into_iter().zip(leaves(b)).filter(|(a, _)| a.dtype().is_float());
    let terms = pairs.map(|(a, b)| (a.to(DType::F64) * b.to(DType::F64)).sum());
    terms.fold(Tensor::from(0.0), |sum, term| sum + term)
}

/// Normal numbers for the floats, zeros for the rest.
fn random_like<T: Tree>(x: &T, seed: u64) -> T {
    let mut keys = Key::new(seed).split(leaves(x).len()).into_iter();
    x.map(&mut |x| {
        let key = keys.next().expect("a key for each leaf");
        if x.dtype().is_float() { key.normal::<f64>(x.shape()).to(x.dtype()) } else { x.zeros_like() }
    })
}

/// 1 in one entry of one leaf, 0 elsewhere.
fn unit<T: Tree>(x: &T, leaf: usize, entry: usize) -> T {
    let each = leaves(x).into_iter().enumerate().map(|(i, x)| {
        if i != leaf {
            return x.zeros_like();
        }
        let one = |k: usize| if k == entry { 1.0 } else { 0.0 };
        Tensor::from_vec((0..x.size()).map(one).collect::<Vec<f64>>(), x.shape()).to(x.dtype())
    });
    with_leaves(x, each.collect())
}

fn moved<T: Tree>(x: &T, v: &T, by: f64) -> T {
    let each = leaves(x).into_iter().zip(leaves(v));
    with_leaves(x, each.map(|(x, v)| if x.dtype().is_float() { x + v * by } else { x.clone() }).collect())
}

/// The central difference in a direction, over four points: its error is about h⁴.
fn difference<T: Tree>(x: &T, v: &T, f: impl Fn(&T) -> f64) -> f64 {
    let narrow = leaves(x).iter().any(|x| x.dtype() == DType::F32);
    let h = if narrow { 1e-2 } else { 1e-4 };
    let step = |h: f64| (f(&moved(x, v, h)) - f(&moved(x, v, -h))) / (2.0 * h);
    (4.0 * step(h) - step(2.0 * h)) / 3.0
}
