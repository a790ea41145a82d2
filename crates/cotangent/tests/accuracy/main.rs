//! How accurate the elementwise functions are: every function of the registry, in `f32` and `f64`, on single numbers and in the vector
//! loops of every kind of processor, over sweeps of the whole range, hard places, special numbers and the tables of true values
//! (`crates/kernels/tests/tables`, by mpmath).
//!
//! True values of `f64` come from numbers of 128 and more bits (reference.rs), those of `f32` from the `f64` function.
//!
//! `cargo test -p cotangent --release --test accuracy -- --nocapture` prints the table. `COTANGENT_ACCURACY=100` multiplies the number of
//! points; `COTANGENT_ACCURACY=all` tries each function of one number on all 2³² numbers of `f32`, as `tools/soak` does, and
//! `COTANGENT_ACCURACY_ONLY=sin` picks one.

mod points;
mod reference;
mod tables;
mod truth;

use cotangent::number::F32 as Single;
use cotangent::number::function::{BinaryOp, UnaryOp};
use cotangent::prelude::*;
use cotangent_kernels::simd::{Level, level};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use truth::{F32, F64, Format, Truth, Unit};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Unary(UnaryOp),
    Binary(BinaryOp),
}

impl Op {
    fn all() -> Vec<Op> {
        let unary = UnaryOp::all().into_iter().map(Op::Unary);
        unary.chain(BinaryOp::all().into_iter().map(Op::Binary)).collect()
    }

    fn name(self) -> &'static str {
        match self {
            Op::Unary(op) => op.name(),
            Op::Binary(op) => op.name(),
        }
    }

    fn operands(self) -> usize {
        if matches!(self, Op::Unary(_)) { 1 } else { 2 }
    }

    /// On single numbers.
    fn on_number(self, format: Format, [a, b]: [f64; 2]) -> f64 {
        if format == F64 {
            return match self {
                Op::Unary(op) => op.apply(&a),
                Op::Binary(op) => op.apply(&a, &b),
            };
        }
        let (a, b) = (Single(a as f32), Single(b as f32));
        f64::from(match self {
            Op::Unary(op) => op.apply(&a).0,
            Op::Binary(op) => op.apply(&a, &b).0,
        })
    }

    /// In the loops that tensors use.
    fn in_loops(self, format: Format, points: &[[f64; 2]]) -> Vec<f64> {
        let operand = |i: usize| {
            let x = Tensor::from(points.iter().map(|x| x[i]).collect::<Vec<f64>>());
            if format == F32 { x.to(DType::F32) } else { x }
        };
        let y = match self {
            Op::Unary(op) => op.apply(&operand(0)),
            Op::Binary(op) => op.apply(&operand(0), &operand(1)),
        };
        y.to(DType::F64).to_vec()
    }

    /// In the loops as they come, as they go when an argument of each block is not moderate, and as they go when all are.
    fn in_all_loops(self, format: Format, points: &[[f64; 2]]) -> [Vec<f64>; LOOPS] {
        let mut spoilt: Vec<[f64; 2]> = Vec::new();
        for block in points.chunks(500) {
            spoilt.push([f64::INFINITY, 1.0]);
            spoilt.extend(block);
        }
        let rest = self.in_loops(format, &spoilt);
        let rest = rest.chunks(501).flat_map(|block| &block[1..]).copied().collect();
        let all = self.in_loops(format, points);
        let is_moderate = |&[x, _]: &[f64; 2]| x.abs() <= 800.0;
        let tame: Vec<[f64; 2]> =
            points.iter().map(|x| if is_moderate(x) { *x } else { [1.0, x[1]] }).collect();
        let tame = self.in_loops(format, &tame);
        let tame = tame.into_iter().zip(&all).zip(points);
        let tame = tame.map(|((tame, all), x)| if is_moderate(x) { tame } else { *all }).collect();
        [all, rest, tame]
    }

    /// Functions of IEEE 754 are right in all bits, or correctly rounded; the bounds of the others are those of docs/conventions.md.
    fn bound(self) -> f64 {
        match self.name() {
            "neg" | "abs" | "relu" | "floor" | "ceil" | "round" | "trunc" | "sign" | "max" | "min"
            | "rem" | "greater" | "less" | "equal" => 0.0,
            // As far as the rounding of the true value allows to say.
            "add" | "sub" | "mul" | "scale" | "div" | "recip" | "square" | "sqrt" => 0.5 + 1e-6,
            "silu" | "gelu" | "softplus" | "lgamma" | "digamma" | "polygamma" => 4.0,
            _ => 2.0,
        }
    }

    fn unit(self) -> Unit {
        match self.name() {
            "lgamma" | "digamma" | "polygamma" => Unit::AtLeastOne,
            _ => Unit::Value,
        }
    }

    /// May give 0 for what is below the smallest normal number.
    fn flushes(self) -> bool {
        ["exp", "exp2", "sigmoid", "softplus"].contains(&self.name())
    }

    /// At special numbers, by IEEE 754 and the conventions; `None` for what the tables say.
    fn special(self, [a, b]: [f64; 2]) -> Option<f64> {
        let nan = |y: f64| if a.is_nan() || b.is_nan() { f64::NAN } else { y };
        let zeros = a == 0.0 && b == 0.0;
        Some(match self.name() {
            "neg" => -a,
            "recip" if a == 0.0 || !a.is_finite() => 1.0 / a,
            "abs" => a.abs(),
            "relu" => {
                if a.is_nan() || a > 0.0 {
                    a
                } else {
                    0.0
                }
            }
            "sqrt" if a <= 0.0 || !a.is_finite() => a.sqrt(),
            "floor" => a.floor(),
            "ceil" => a.ceil(),
            "round" => a.round_ties_even(),
            "trunc" => a.trunc(),
            "sign" => {
                if a == 0.0 || a.is_nan() {
                    a
                } else {
                    a.signum()
                }
            }
            // Finite products are rounded: reference.rs has them.
            "square" if !(a * a).is_normal() => a * a,
            "add" if !(a + b).is_normal() => a + b,
            "sub" if !(a - b).is_normal() => a - b,
            "mul" if a == 0.0 || b == 0.0 || !(a.is_finite() && b.is_finite()) => a * b,
            "div" if a == 0.0 || b == 0.0 || !(a.is_finite() && b.is_finite()) => a / b,
            "scale" if (a == 0.0 || b == 0.0) && (a * b).is_nan() => 0.0,
            "scale" if a == 0.0 || b == 0.0 || !(a.is_finite() && b.is_finite()) => a * b,
            "max" => nan(if zeros { a + b } else { a.max(b) }),
            "min" => nan(if zeros { -(-a - b) } else { a.min(b) }),
            "rem" if a == 0.0 || b == 0.0 || !(a.is_finite() && b.is_finite()) => a % b,
            // Poles.
            "polygamma" if a == 0.0 => match self {
                Op::Unary(op) if op.parameter().is_some_and(|n| n % 2 == 1) => f64::INFINITY,
                _ => f64::NAN,
            },
            "greater" => f64::from(a > b),
            "less" => f64::from(a < b),
            "equal" => f64::from(a == b),
            _ => return None,
        })
    }
}

/// In how many ways loops go.
const LOOPS: usize = 3;

/// One function in one dtype, and where it is tried.
struct Job {
    op: Op,
    format: Format,
    points: Vec<[f64; 2]>,
    /// The true values in the tables' words, for points of theirs.
    values: Vec<Option<&'static str>>,
}

/// How many times more points than usual.
fn times() -> usize {
    std::env::var("COTANGENT_ACCURACY").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn picked(name: &str) -> bool {
    std::env::var("COTANGENT_ACCURACY_ONLY").is_ok_and(|only| only == name)
        || std::env::var_os("COTANGENT_ACCURACY_ONLY").is_none()
}

fn jobs() -> Vec<Job> {
    let mut jobs = Vec::new();
    for format in [F32, F64] {
        for op in Op::all().into_iter().filter(|op| picked(op.name())) {
            let specials = points::specials(format);
            let (sweep, special): (Vec<[f64; 2]>, Vec<[f64; 2]>) = match op {
                Op::Unary(op) => (
                    points::unary(op, format, times()).into_iter().map(|[x]| [x, 0.0]).collect(),
                    specials.iter().map(|&x| [x, 0.0]).collect(),
                ),
                Op::Binary(op) => (
                    points::binary(op, format, times()),
                    specials.iter().flat_map(|&a| specials.iter().map(move |&b| [a, b])).collect(),
                ),
            };
            let special = special.into_iter().filter(|&x| op.special(x).is_some());
            let points: Vec<[f64; 2]> = special.chain(sweep).collect();
            jobs.push(Job { op, format, values: vec![None; points.len()], points });
        }
    }
    for (op, format, point, value) in tables::all().into_iter().filter(|entry| picked(entry.0.name())) {
        let job = match jobs.iter_mut().rposition(|job| job.op == op && job.format == format) {
            Some(i) => &mut jobs[i],
            None => {
                jobs.push(Job { op, format, points: Vec::new(), values: Vec::new() });
                jobs.last_mut().expect("it was pushed")
            }
        };
        job.points.push(point);
        job.values.push(Some(value));
    }
    jobs
}

/// What the function is there, if anybody knows.
fn truth(op: Op, format: Format, point: [f64; 2]) -> Option<Truth> {
    if let Some(special) = op.special(point) {
        let rounded = if format == F32 { f64::from(special as f32) } else { special };
        // An overflow is no special number.
        if special.is_nan() || rounded.is_finite() || special.is_infinite() {
            return Some(special.into());
        }
    }
    match (op, format) {
        (Op::Unary(op), F64) => reference::unary(op.name(), op.parameter().unwrap_or(0), point[0]),
        (Op::Binary(op), F64) => reference::binary(op.name(), point[0], point[1]),
        (op, _) => Some(op.on_number(F64, point).into()),
    }
}

/// The largest error of a function in a dtype.
#[derive(Default)]
struct Worst {
    error: f64,
    place: String,
    points: usize,
    flushed: usize,
}

impl Worst {
    fn meet(&mut self, job: &Job, i: usize, way: &str, got: f64, truth: &Truth) {
        let flushed = job.op.flushes() && got == 0.0 && truth.is_subnormal(job.format);
        self.flushed += usize::from(flushed);
        let error = if flushed { 0.0 } else { truth.error(got, job.format, job.op.unit()) };
        if error > self.error || self.place.is_empty() {
            let operands = &job.points[i][..job.op.operands()];
            let operands: Vec<String> = operands.iter().map(|x| format!("{x:e}")).collect();
            let n = match job.op {
                Op::Unary(op) => op.parameter().map_or(String::new(), |n| format!(", n = {n}")),
                Op::Binary(_) => String::new(),
            };
            (self.error, self.place) = (error, format!("{}{n} ({way})", operands.join(", ")));
        }
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Plain => "plain",
        Level::Avx2 => "avx2",
        Level::Avx512 => "avx512",
    }
}

/// Writes what the loops give at this process's level: all jobs in order, for a process that compares.
#[test]
fn loops_at_the_level_asked_for() {
    let Some(path) = std::env::var_os("COTANGENT_ACCURACY_RESULTS") else { return };
    let mut bytes = Vec::new();
    for job in jobs() {
        for results in job.op.in_all_loops(job.format, &job.points) {
            bytes.extend(results.iter().flat_map(|y| y.to_bits().to_le_bytes()));
        }
    }
    std::fs::write(path, bytes).expect("a file to write to");
}

/// What the loops give at a lower level: the level is chosen once in a process, so another one computes.
fn at_level(name: &str) -> Vec<f64> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("accuracy-{name}-{}", std::process::id()));
    let status = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "loops_at_the_level_asked_for"])
        .env("COTANGENT_SIMD", name)
        .env("COTANGENT_ACCURACY_RESULTS", &path)
        .stdout(std::process::Stdio::null())
        .status()
        .expect("this program runs");
    assert!(status.success(), "at the level {name}");
    let bytes = std::fs::read(&path).expect("what it wrote");
    std::fs::remove_file(&path).expect("its file goes");
    bytes
        .chunks(8)
        .map(|bytes| f64::from_bits(u64::from_le_bytes(bytes.try_into().expect("eight"))))
        .collect()
}

#[test]
fn every_function_keeps_its_bound() {
    if std::env::var_os("COTANGENT_ACCURACY_RESULTS").is_some() {
        return;
    }
    let jobs = jobs();
    let here = level();
    let lower = [Level::Plain, Level::Avx2].into_iter().filter(|&level| level < here);
    let others: Vec<(&str, Vec<f64>)> =
        lower.map(|level| (level_name(level), at_level(level_name(level)))).collect();
    let mut worst: BTreeMap<(&str, &str), Worst> = BTreeMap::new();
    let (mut start, mut unknown) = (0, BTreeMap::<&str, usize>::new());
    for job in &jobs {
        let count = job.points.len();
        let here_too = job.op.in_all_loops(job.format, &job.points);
        let entry = worst.entry((job.op.name(), job.format.name)).or_default();
        for i in 0..count {
            let known =
                job.values[i].map(tables::value_of).or_else(|| truth(job.op, job.format, job.points[i]));
            let Some(truth) = known else {
                *unknown.entry(job.op.name()).or_default() += 1;
                continue;
            };
            entry.points += 1;
            let number = job.op.on_number(job.format, job.points[i]);
            entry.meet(job, i, "a number", number, &truth);
            for results in &here_too {
                entry.meet(job, i, level_name(here), results[i], &truth);
            }
            for (name, results) in &others {
                assert!(results.len() >= start + LOOPS * count, "the level {name} gave fewer results");
                for results in results[start..start + LOOPS * count].chunks(count) {
                    entry.meet(job, i, name, results[i], &truth);
                }
            }
        }
        start += LOOPS * count;
    }
    print(&worst, &unknown);
    let broken: Vec<String> = worst
        .iter()
        .filter(|((name, _), worst)| {
            let op = Op::all().into_iter().find(|op| op.name() == *name).expect("a function");
            worst.error.is_nan() || worst.error > op.bound()
        })
        .map(|((name, format), worst)| format!("{name} {format}: {} ulp at {}", worst.error, worst.place))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    if std::env::var_os("COTANGENT_ACCURACY_ONLY").is_none() {
        assert!(worst.len() == 2 * names().len(), "a function is missing");
    }
}

/// Each name once, in the registry's order.
fn names() -> Vec<Op> {
    let mut all: Vec<Op> = Vec::new();
    for op in Op::all() {
        if all.iter().all(|other| other.name() != op.name()) {
            all.push(op);
        }
    }
    all
}

fn print(worst: &BTreeMap<(&str, &str), Worst>, unknown: &BTreeMap<&str, usize>) {
    println!("{:9} {:>5}  largest error in ulp, where, and of how many points", "function", "bound");
    for op in names() {
        for format in [F32, F64] {
            let Some(worst) = worst.get(&(op.name(), format.name)) else { continue };
            let flushed = if worst.flushed > 0 { ", subnormal results are 0" } else { "" };
            println!(
                "{:9} {:>5.1}  {} {:>6.3} at {} of {}{flushed}",
                op.name(),
                op.bound(),
                format.name,
                worst.error,
                worst.place,
                worst.points
            );
        }
    }
    for (name, count) in unknown {
        println!("{name}: no true value at {count} points of the sweep");
    }
}

/// All numbers of `f32`, when asked for.
#[test]
fn every_number_of_f32() {
    if std::env::var("COTANGENT_ACCURACY").as_deref() != Ok("all") {
        return;
    }
    const BLOCK: u32 = 1 << 20;
    let mut broken = Vec::new();
    for op in UnaryOp::all().into_iter().filter(|op| picked(op.name())) {
        let (mut worst, mut place) = (0.0_f64, 0.0);
        for block in 0..u32::MAX / BLOCK + 1 {
            let x: Vec<f32> = (0..BLOCK).map(|i| f32::from_bits(block * BLOCK + i)).collect();
            let x = Tensor::from(x);
            let got = op.apply(&x).to_vec::<f32>();
            let wanted = op.apply(&x.to(DType::F64)).to_vec::<f64>();
            for (i, (got, wanted)) in got.into_iter().zip(wanted).enumerate() {
                let error = quick_error(got, wanted, Op::Unary(op));
                if error > worst {
                    (worst, place) = (error, f32::from_bits(block * BLOCK + i as u32));
                }
            }
        }
        let n = op.parameter().map_or(String::new(), |n| format!("({n})"));
        println!("{}{n}: {worst:.3} ulp at {place:e}, of all 2^32", op.name());
        if worst > Op::Unary(op).bound() {
            broken.push(format!("{}: {worst} at {place:e}", op.name()));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// [`Truth::error`] for `f32`, where the true value is known to the precision of `f64`.
fn quick_error(got: f32, wanted: f64, op: Op) -> f64 {
    const BEYOND: f64 = f64::from_bits((128 + 1023) << 52); // 2^128
    let clamped = |x: f64| x.clamp(-BEYOND, BEYOND);
    if wanted.is_nan() || got.is_nan() {
        return if wanted.is_nan() && got.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if op.flushes() && got == 0.0 && wanted.abs() < F32.smallest_normal() {
        return 0.0;
    }
    if wanted == 0.0 || wanted.is_infinite() && !got.is_finite() {
        return if f64::from(got).to_bits() == wanted.to_bits() { 0.0 } else { f64::INFINITY };
    }
    if got.is_sign_negative() != wanted.is_sign_negative() && got == 0.0 {
        return f64::INFINITY;
    }
    let size = if op.unit() == Unit::AtLeastOne { wanted.abs().max(1.0) } else { wanted.abs() };
    let exponent = ((size.to_bits() >> 52) as i32 - 1023).clamp(F32.least, F32.most);
    let unit = f64::from_bits(((exponent - F32.digits + 1 + 1023) as u64) << 52);
    (clamped(f64::from(got)) - clamped(wanted)).abs() / unit
}

#[test]
fn the_quick_error_is_the_error() {
    let op = Op::Unary(UnaryOp::named("sin").expect("a function"));
    for (got, wanted) in [
        (0.1, 0.100_000_1),
        (-0.0, -1e-50),
        (0.0, 1e-50),
        (1e-45, 2e-45),
        (f32::MAX, 4e38),
        (f32::INFINITY, 3.4e38),
        (f32::INFINITY, f64::INFINITY),
        (f32::NAN, 1.0),
        (f32::NAN, f64::NAN),
        (0.0, -0.0),
        (0.0, -1e-50),
        (1.0, -1.0),
    ] {
        let truth = Truth::from(wanted);
        let (quick, full) = (quick_error(got, wanted, op), truth.error(f64::from(got), F32, Unit::Value));
        assert!(
            quick == full || (quick - full).abs() < 1e-4 * full.max(1.0),
            "{got} {wanted}: {quick} {full}"
        );
    }
}
