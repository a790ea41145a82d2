//! The laws: what holds for every operation, whatever it computes. One list of laws and one list of samples make a table.

use super::close::Close;
use crate::api::{grad, jvp, vjp, vmap_axes};
use crate::core::{DType, Prim, Tensor, apply, trace_program};
use crate::op::Sample;
use crate::optimise::passes;
use crate::run::{Backend, Blocks};

/// A function of a list of tensors.
pub type Function<'a> = &'a dyn Fn(&[Tensor]) -> Vec<Tensor>;

/// One law: its name, and the check. The error says where the law is broken.
pub struct Law {
    /// For the head of a table.
    pub name: &'static str,
    /// Does it hold for this function at this point, where it is smooth? Floats are of one dtype.
    pub check: fn(Function, &[Tensor]) -> Result<(), String>,
}

/// All laws that speak of a function at a point. [`type_rule`] speaks of a primitive, [`across_dtypes`] of two points.
///
/// ```
/// use cotangent::check::laws;
/// use cotangent::prelude::*;
/// let f = |x: &[Tensor]| vec![x[0].sin() * &x[1]];
/// for law in laws() {
///     (law.check)(&f, &[Tensor::from([0.5, 1.0]), Tensor::from([2.0, -3.0])]).unwrap();
/// }
/// ```
pub fn laws() -> Vec<Law> {
    vec![
        Law { name: "jvp = differences", check: forward },
        Law { name: "⟨ct, J t⟩ = ⟨Jᵀct, t⟩", check: transposed },
        Law { name: "backward = vjp", check: eager },
        Law { name: "second order", check: second_order },
        Law { name: "vmap = loop", check: batched },
        Law { name: "vmap of vjp", check: batched_gradient },
        Law { name: "program", check: program },
        Law { name: "jit = eager", check: compiled },
    ]
}

/// The values have the types that the type rule says.
pub fn type_rule(sample: &Sample) -> Result<(), String> {
    let types: Vec<_> = sample.inputs.iter().map(Tensor::ty).collect();
    let expected = sample.prim.infer(&types).map_err(|error| error.to_string())?;
    let got = value(&sample.prim, &sample.inputs);
    let got: Vec<_> = got.iter().map(|y| y.ty().clone()).collect();
    if got == expected.to_vec() {
        Ok(())
    } else {
        Err(format!("the rule says {expected:?}, the value is {got:?}"))
    }
}

/// The value in `f32` is that in `f64`, rounded; and so is the gradient.
pub fn across_dtypes(f: Function, inputs: &[Tensor]) -> Result<(), String> {
    let narrow = in_dtype(inputs, DType::F32);
    // Compared at the same point: that of the rounded numbers.
    let wide = in_dtype(&narrow, DType::F64);
    let close = Close::of(DType::F32);
    for (a, b) in f(&narrow).iter().zip(f(&wide)) {
        close.compare(&a.to(b.dtype()), &b)?;
    }
    if let Some(wide) = Point::new(f, &wide) {
        let narrow = wide.moved(&narrow);
        for (a, b) in narrow.gradient(&narrow.at).iter().zip(wide.gradient(&wide.at)) {
            close.compare(&a.to(DType::F64), &b)?;
        }
    }
    Ok(())
}

/// A primitive as a function.
pub fn value(prim: &Prim, x: &[Tensor]) -> Vec<Tensor> {
    apply(prim.clone(), &x.iter().collect::<Vec<_>>()).into_vec()
}

/// The float operands in another dtype.
pub fn in_dtype(x: &[Tensor], dtype: DType) -> Vec<Tensor> {
    x.iter().map(|x| if is_float(x) { x.to(dtype) } else { x.clone() }).collect()
}

fn is_float(x: &Tensor) -> bool {
    x.dtype().is_float()
}

/// Numbers that differ, about as large as 1.
fn weights(like: &Tensor, seed: usize) -> Tensor {
    let weight = |i: usize| ((i * 7 + seed * 3 + 1) as f64 * 0.37).sin() + 0.1;
    let weights = Tensor::from_vec((0..like.size()).map(weight).collect::<Vec<f64>>(), like.shape().clone());
    weights.to(like.dtype())
}

fn directions(x: &[Tensor], seed: usize) -> Vec<Tensor> {
    x.iter().enumerate().map(|(i, x)| weights(x, i + seed)).collect()
}

/// ⟨a, b⟩, summed in `f64`.
fn dot(a: &[Tensor], b: &[Tensor]) -> Tensor {
    let terms = a.iter().zip(b).map(|(a, b)| (a.to(DType::F64) * b.to(DType::F64)).sum());
    terms.fold(Tensor::from(0.0), |sum, term| sum + term)
}

/// A function as one of its float operands alone, at a point.
struct Point<'a> {
    f: Function<'a>,
    x: Vec<Tensor>,
    floats: Vec<usize>,
    /// The float operands.
    at: Vec<Tensor>,
    /// For each float output a factor that brings it to about 1, so that differences see no steep slopes.
    scales: Vec<f64>,
}

impl<'a> Point<'a> {
    /// None if there is nothing to differentiate.
    fn new(f: Function<'a>, x: &[Tensor]) -> Option<Point<'a>> {
        let floats: Vec<usize> = (0..x.len()).filter(|&i| is_float(&x[i])).collect();
        let at: Vec<Tensor> = floats.iter().map(|&i| x[i].clone()).collect();
        let y: Vec<Tensor> = f(x).into_iter().filter(is_float).collect();
        let largest =
            |y: &Tensor| y.array().items().fold(0.0, |most: f64, item| most.max(item.to_f64().abs()));
        let scales = y.iter().map(|y| 1.0 / (1.0 + largest(y))).collect();
        (!at.is_empty() && !y.is_empty()).then(|| Point { f, x: x.to_vec(), floats, at, scales })
    }

    /// The same function elsewhere.
    fn moved(&self, x: &[Tensor]) -> Point<'a> {
        let at = self.floats.iter().map(|&i| x[i].clone()).collect();
        Point { f: self.f, x: x.to_vec(), floats: self.floats.clone(), at, scales: self.scales.clone() }
    }

    /// The float outputs at these float operands.
    fn run(&self, values: &[Tensor]) -> Vec<Tensor> {
        let mut x = self.x.clone();
        self.floats.iter().zip(values).for_each(|(&i, value)| x[i] = value.clone());
        (self.f)(&x).into_iter().filter(is_float).collect()
    }

    /// ⟨ct, f⟩ made curved, so that also what is linear has a second derivative.
    fn loss(&self, values: &[Tensor]) -> Tensor {
        let term = |(i, y): (usize, Tensor)| (&y * (weights(&y, i) * self.scales[i])).sin().sum();
        let terms = self.run(values).into_iter().enumerate().map(term);
        terms.fold(Tensor::from(0.0), |sum, term| sum + term.to(DType::F64))
    }

    fn gradient(&self, values: &Vec<Tensor>) -> Vec<Tensor> {
        grad(|values: &Vec<Tensor>| self.loss(values))(values)
    }

    fn is_f64(&self) -> bool {
        self.at.iter().all(|x| x.dtype() == DType::F64)
    }

    fn close(&self) -> Close {
        Close::of(if self.is_f64() { DType::F64 } else { DType::F32 })
    }
}

/// The derivative of `g` in direction `v` by the central difference over four points, whose error is about h⁴, and ε/h of the value.
fn difference(g: &dyn Fn(&[Tensor]) -> Vec<Tensor>, x: &[Tensor], v: &[Tensor]) -> Vec<Tensor> {
    let h = 1e-4;
    let moved = |by: f64| g(&x.iter().zip(v).map(|(x, v)| x + v * by).collect::<Vec<_>>());
    let step = |h: f64| -> Vec<Tensor> {
        moved(h).iter().zip(moved(-h)).map(|(a, b)| (a - b) / (2.0 * h)).collect()
    };
    step(h).iter().zip(step(2.0 * h)).map(|(near, far)| (near * 4.0 - far) / 3.0).collect()
}

/// What differences are good for, relative to the slope and to 1.
const DIFFERENCES: f64 = 1e-8;

fn all_close(close: Close, what: &str, a: &[Tensor], b: &[Tensor]) -> Result<(), String> {
    if a.len() != b.len() {
        return Err(format!("{what}: {} results against {}", a.len(), b.len()));
    }
    a.iter().zip(b).try_for_each(|(a, b)| close.compare(a, b).map_err(|text| format!("{what}: {text}")))
}

fn forward(f: Function, x: &[Tensor]) -> Result<(), String> {
    let Some(point) = Point::new(f, x) else { return Ok(()) };
    let v = directions(&point.at, 5);
    let (y, t) = jvp(|x: &Vec<Tensor>| point.run(x), &point.at, &v);
    all_close(point.close(), "the value beside a tangent", &y, &point.run(&point.at))?;
    if point.is_f64() {
        let close = Close::within(DIFFERENCES).abs(DIFFERENCES);
        return all_close(
            close,
            "jvp against differences",
            &t,
            &difference(&|x| point.run(x), &point.at, &v),
        );
    }
    // In f32 differences say little: the tangent is that of f64, rounded.
    let wide = in_dtype(&point.x, DType::F64);
    let Some(wide) = Point::new(f, &wide) else { return Ok(()) };
    let v = in_dtype(&v, DType::F64);
    let exact = jvp(|x: &Vec<Tensor>| wide.run(x), &wide.at, &v).1;
    let t: Vec<Tensor> = t.iter().zip(&exact).map(|(t, exact)| t.to(exact.dtype())).collect();
    all_close(Close::of(DType::F32), "jvp in f32 against f64", &t, &exact)
}

fn transposed(f: Function, x: &[Tensor]) -> Result<(), String> {
    let Some(point) = Point::new(f, x) else { return Ok(()) };
    // All operands, and each alone.
    for alone in (0..point.at.len()).map(Some).chain([None]) {
        let only = |values: &[Tensor]| match alone {
            Some(i) => vec![values[i].clone()],
            None => values.to_vec(),
        };
        let g = |values: &Vec<Tensor>| {
            let mut all = point.at.clone();
            match alone {
                Some(i) => all[i] = values[0].clone(),
                None => all.clone_from(values),
            }
            point.run(&all)
        };
        let (at, t) = (only(&point.at), only(&directions(&point.at, 2)));
        let (y, pullback) = vjp(g, &at);
        let ct = directions(&y, 9);
        let forward = dot(&jvp(g, &at, &t).1, &ct);
        let backward = dot(&pullback(&ct), &t);
        let what = alone.map_or("all operands".to_string(), |i| format!("operand {i}"));
        // Where terms cancel, rounding is relative to the terms.
        let close = point.close().abs(if point.is_f64() { 1e-11 } else { 1e-4 });
        close.compare(&forward, &backward).map_err(|text| format!("{what}: {text}"))?;
    }
    Ok(())
}

fn eager(f: Function, x: &[Tensor]) -> Result<(), String> {
    let Some(point) = Point::new(f, x) else { return Ok(()) };
    let leaves: Vec<Tensor> = point.at.iter().map(|x| x.clone().requires_grad()).collect();
    let loss = point.loss(&leaves);
    if loss.has_node() {
        loss.backward();
    }
    let got: Vec<Tensor> =
        leaves.iter().map(|leaf| leaf.grad().unwrap_or_else(|| leaf.detach().zeros_like())).collect();
    all_close(point.close(), "backward against grad", &got, &point.gradient(&point.at))
}

fn second_order(f: Function, x: &[Tensor]) -> Result<(), String> {
    let Some(point) = Point::new(f, x) else { return Ok(()) };
    let (u, v) = (directions(&point.at, 1), directions(&point.at, 4));
    let gradient = |x: &Vec<Tensor>| point.gradient(x);
    let hv = jvp(gradient, &point.at, &v).1;
    let close = point.close().abs(if point.is_f64() { 1e-10 } else { 1e-3 });
    if point.is_f64() {
        let close = Close::within(DIFFERENCES).abs(DIFFERENCES);
        let exact = difference(&|x| point.gradient(&x.to_vec()), &point.at, &v);
        all_close(close, "Hv against differences", &hv, &exact)?;
    }
    let hu = jvp(gradient, &point.at, &u).1;
    close.compare(&dot(&u, &hv), &dot(&v, &hu)).map_err(|text| format!("⟨u, Hv⟩ against ⟨v, Hu⟩: {text}"))?;
    let reverse = grad(|x: &Vec<Tensor>| dot(&point.gradient(x), &v))(&point.at);
    all_close(close, "reverse over reverse", &reverse, &hv)?;
    let over_forward = grad(|x: &Vec<Tensor>| jvp(|x: &Vec<Tensor>| point.loss(x), x, &v).1)(&point.at);
    all_close(close, "reverse over forward", &over_forward, &hv)
}

/// The same entries, each some places further: another operand of the same domain.
fn rolled(x: &Tensor, by: usize) -> Tensor {
    let flat = x.flatten();
    let by = if flat.size() == 0 { 0 } else { by % flat.size() };
    let rank = x.rank();
    // A square matrix of floats may have to be positive definite, or triangular: scaled it stays that.
    if rank >= 2 && x.shape()[rank - 1] == x.shape()[rank - 2] && is_float(x) {
        return x * (1.0 + 0.125 * by as f64);
    }
    if by == 0 {
        return x.clone();
    }
    Tensor::concat(&[flat.slice_axis(0, by..), flat.slice_axis(0, ..by)], 0).reshape(x.shape().clone())
}

/// For each way to map some operands: `g` on a batch against `g` on each example.
fn against_loop(g: &dyn Fn(&[Tensor]) -> Vec<Tensor>, x: &[Tensor], close: Close) -> Result<(), String> {
    const SIZE: usize = 3;
    for subset in 1_usize..1 << x.len() {
        let mapped = |i: usize| subset >> i & 1 == 1;
        let axes: Vec<Option<isize>> = (0..x.len()).map(|i| mapped(i).then_some(0)).collect();
        let operand = |i: usize, k: usize| if mapped(i) { rolled(&x[i], k) } else { x[i].clone() };
        let stacked = |i: usize| (0..SIZE).map(|k| operand(i, k)).collect::<Vec<_>>();
        let batch: Vec<Tensor> = (0..x.len())
            .map(|i| if mapped(i) { Tensor::stack(&stacked(i), 0) } else { x[i].clone() })
            .collect();
        let got = vmap_axes(&axes, 0, |x: &Vec<Tensor>| g(x))(&batch);
        let each: Vec<Vec<Tensor>> =
            (0..SIZE).map(|k| g(&(0..x.len()).map(|i| operand(i, k)).collect::<Vec<_>>())).collect();
        let wanted: Vec<Tensor> = (0..got.len())
            .map(|j| Tensor::stack(&each.iter().map(|y| y[j].clone()).collect::<Vec<_>>(), 0))
            .collect();
        all_close(close, &format!("mapped {axes:?}"), &got, &wanted)?;
    }
    Ok(())
}

fn batched(f: Function, x: &[Tensor]) -> Result<(), String> {
    let close = Point::new(f, x).map_or(Close::of(DType::F64), |point| point.close());
    against_loop(f, x, close)
}

fn batched_gradient(f: Function, x: &[Tensor]) -> Result<(), String> {
    let Some(point) = Point::new(f, x) else { return Ok(()) };
    let gradient = |x: &[Tensor]| {
        let moved = point.moved(x);
        moved.gradient(&moved.at)
    };
    against_loop(&gradient, x, point.close())
}

/// Traced, it is a well-typed program that gives the same, and prints what reads back as the same.
fn program(f: Function, x: &[Tensor]) -> Result<(), String> {
    let types: Vec<_> = x.iter().map(|x| x.ty().clone()).collect();
    let program = trace_program(&types, |x| f(x));
    program.check().map_err(|error| error.to_string())?;
    let y = program.eval(x).map_err(|error| error.to_string())?;
    all_close(Close::within(0.0), "the program", &y, &f(x))?;
    let text = program.to_string();
    let back: crate::core::Program = text.parse().map_err(|error| format!("{error}"))?;
    if back.to_string() != text {
        return Err(format!("printed, parsed and printed again:\n{text}\n{back}"));
    }
    all_close(Close::within(0.0), "parsed", &back.eval(x).map_err(|error| error.to_string())?, &y)
}

/// Compiled, its value, gradient and second derivative are the same; and after each pass of the optimiser by itself.
fn compiled(f: Function, x: &[Tensor]) -> Result<(), String> {
    let close = Point::new(f, x).map_or(Close::of(DType::F64), |point| point.close());
    compiled_against(&|x| f(x), x, close, "the value")?;
    let Some(point) = Point::new(f, x) else { return Ok(()) };
    let gradient = |x: &[Tensor]| point.gradient(&x.to_vec());
    compiled_against(&gradient, &point.at, close, "the gradient")?;
    let v = directions(&point.at, 4);
    let second = |x: &[Tensor]| jvp(|x: &Vec<Tensor>| point.gradient(x), &x.to_vec(), &v).1;
    compiled_against(&second, &point.at, close, "the second derivative")
}

fn compiled_against(
    g: &dyn Fn(&[Tensor]) -> Vec<Tensor>,
    x: &[Tensor],
    close: Close,
    what: &str,
) -> Result<(), String> {
    let types: Vec<_> = x.iter().map(|x| x.ty().clone()).collect();
    let program = trace_program(&types, |x| g(x));
    let y = program.eval(x).map_err(|error| error.to_string())?;
    for pass in passes() {
        let after = (pass.run)(program.clone());
        after.check().map_err(|error| format!("{what} after `{}`: {error}\n{after}", pass.name))?;
        let got = after.eval(x).map_err(|error| error.to_string())?;
        all_close(close, &format!("{what} after `{}`", pass.name), &got, &y)?;
    }
    let arrays: Vec<_> = x.iter().map(Tensor::array).collect();
    let executable = Blocks.compile(&program);
    let got = executable.run(&arrays.iter().collect::<Vec<_>>()).map_err(|error| error.to_string())?;
    let got: Vec<Tensor> = got.into_iter().map(Tensor::from).collect();
    all_close(close, &format!("{what}, compiled"), &got, &y)
}
