//! The pullback of one primitive: what `backward()` and `vjp` have in common.

use super::jvp::{add_to, times};
use super::transpose::transpose;
use crate::core::{
    Array, Derivative, Error, Jvp, Params, Partials, Prim, Program, Tensor, Type, anomaly_kind, caught,
    grad_enabled, is_plain, place, trace_program,
};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Cotangents of a primitive's inputs.
pub type Cotangents = SmallVec<[Option<Tensor>; 2]>;

/// The cotangents of the inputs marked `wanted`, from the outputs'. `None` is a known zero.
///
/// Values that no rule reads (see [`Reads`](crate::core::Reads)) may be zeros of their type. The outputs' cotangents may be taken, for their
/// buffers. An error says in whose backward it arose.
pub fn pullback(
    prim: &Prim,
    x: &[Tensor],
    y: &[Tensor],
    ct: &mut [Option<Tensor>],
    wanted: &[bool],
) -> Result<Cotangents, Error> {
    // In anomaly mode rules fail by raising: that is worth catching only there.
    let found = match anomaly_kind() {
        None => rule(prim, x, y, ct, wanted),
        Some(_) => caught(|| rule(prim, x, y, ct, wanted)),
    };
    found.map_err(|error| error.note(format!("in the backward of `{}` made", prim.name()), Some(place())))
}

/// Runs a rule for tangents. In anomaly mode an error says in whose it arose.
pub(super) fn tangents<T>(prim: &Prim, rule: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    match anomaly_kind() {
        None => rule(),
        Some(_) => caught(rule)
            .map_err(|error| error.note(format!("in the tangent of `{}` made", prim.name()), Some(place()))),
    }
}

fn rule(
    prim: &Prim,
    x: &[Tensor],
    y: &[Tensor],
    ct: &mut [Option<Tensor>],
    wanted: &[bool],
) -> Result<Cotangents, Error> {
    let mut cts: Cotangents = smallvec::smallvec![None; x.len()];
    if ct.iter().all(Option::is_none) {
        return Ok(cts);
    }
    match prim.derivative() {
        Derivative::Zero => {}
        Derivative::Elementwise(rule) => {
            let Some(ct) = ct[0].take() else { return Ok(cts) };
            let last = wanted.iter().rposition(|&wanted| wanted);
            let mut rest = Some(ct);
            for i in (0..x.len()).filter(|&i| wanted[i]) {
                // The last one may have the buffer.
                let given = if Some(i) == last { rest.take() } else { rest.clone() };
                let Some(given) = given else { break };
                cts[i] = match pull(rule, i, x, &y[0], given) {
                    Ok(ct) => Some(ct),
                    Err(ct) => times(&ct, rule.partial(i, x, &y[0]))?,
                };
            }
        }
        Derivative::Linear(rule) => {
            cts.iter_mut().zip(rule.transpose(x, ct, wanted)).for_each(|(to, ct)| *to = ct)
        }
        Derivative::Bilinear(rule) => {
            let Some(ct) = &ct[0] else { return Ok(cts) };
            for i in (0..x.len()).filter(|&i| wanted[i]) {
                cts[i] = Some(rule.transpose(i, x, ct));
            }
        }
        Derivative::General(rule) => match rule.transposed() {
            Some(linear) if (0..x.len()).all(|i| !wanted[i] || linear.linear(i)) => {
                cts.iter_mut().zip(linear.transpose(x, ct, wanted)).for_each(|(to, ct)| *to = ct);
            }
            _ => {
                let program = derived(prim, rule, x, y, wanted)?;
                let given = x.iter().chain(y).cloned().map(Some);
                let inputs: Vec<Option<Tensor>> =
                    given.chain(wanted.iter().filter(|&&w| w).map(|_| None)).collect();
                let mut found = transpose(&program, &inputs, ct)?.into_iter().skip(x.len() + y.len());
                for (to, _) in cts.iter_mut().zip(wanted).filter(|(_, wanted)| **wanted) {
                    *to = found.next().flatten();
                }
            }
        },
        Derivative::Staged(rule) => match rule.transposed() {
            Some(linear) if (0..x.len()).all(|i| !wanted[i] || linear.linear(i)) => {
                cts.iter_mut().zip(linear.transpose(x, ct, wanted)).for_each(|(to, ct)| *to = ct);
            }
            _ => {
                let linearized = rule.linearize(x, wanted)?;
                let count = linearized.residuals.len();
                let active = x.iter().zip(wanted).filter(|(_, wanted)| **wanted).map(|(x, _)| x.zeros_like());
                let operands: Vec<Tensor> = linearized.residuals.into_iter().chain(active).collect();
                let float: Vec<(&Tensor, &Option<Tensor>)> =
                    linearized.y.iter().zip(&*ct).filter(|(y, _)| y.dtype().is_float()).collect();
                let y: Vec<Tensor> = float.iter().map(|(y, _)| y.zeros_like()).collect();
                let mut ct: Vec<Option<Tensor>> = float.into_iter().map(|(_, ct)| ct.clone()).collect();
                let wanted_operands: Vec<bool> = (0..operands.len()).map(|i| i >= count).collect();
                let found = self::rule(&linearized.map, &operands, &y, &mut ct, &wanted_operands)?;
                let mut found = found.into_iter().skip(count);
                for (to, _) in cts.iter_mut().zip(wanted).filter(|(_, wanted)| **wanted) {
                    *to = found.next().flatten();
                }
            }
        },
    }
    Ok(cts)
}

/// The rule on plain numbers, where nothing must be recorded; else the cotangent is given back.
#[inline]
fn pull(rule: &dyn Partials, i: usize, x: &[Tensor], y: &Tensor, mut ct: Tensor) -> Result<Tensor, Tensor> {
    let recorded = || grad_enabled() && x.iter().chain([y, &ct]).any(Tensor::has_node);
    if !is_plain() || recorded() {
        return Err(ct);
    }
    let arrays: Option<SmallVec<[&Array; 4]>> = x.iter().map(Tensor::as_array).collect();
    let (Some(x), Some(y), Some(own)) = (arrays, y.as_array(), ct.as_array_mut()) else { return Err(ct) };
    if rule.pull_arrays(i, &x, y, own) { Ok(ct.detach()) } else { Err(ct) }
}

/// A cotangent into its sum. Cotangents meet in program order, so sums have the same bits every time.
pub fn accumulate(sum: &mut Option<Tensor>, term: Tensor) -> Result<(), Error> {
    add_to(sum, Some(term))
}

/// What a rule for tangents depends on.
#[derive(PartialEq, Eq, Hash)]
struct Key(String, Params, Vec<Type>, Vec<bool>);

static DERIVED: Mutex<Option<HashMap<Key, Arc<Program>>>> = Mutex::new(None);

/// Programs kept before the cache starts anew.
const CACHED: usize = 4096;

/// The rule for tangents as a program of `x`, `y` and the wanted inputs' tangents. Traced once for each primitive, parameters and
/// types.
fn derived(
    prim: &Prim,
    rule: &dyn Jvp,
    x: &[Tensor],
    y: &[Tensor],
    wanted: &[bool],
) -> Result<Arc<Program>, Error> {
    let mut types: Vec<Type> = x.iter().chain(y).map(|tensor| tensor.ty().clone()).collect();
    let key = Key(prim.name().to_string(), prim.params(), types.clone(), wanted.to_vec());
    let cache = || DERIVED.lock().unwrap_or_else(PoisonError::into_inner);
    if rule.reusable()
        && let Some(program) = cache().get_or_insert_default().get(&key)
    {
        return Ok(program.clone());
    }
    types.extend(x.iter().zip(wanted).filter(|(_, wanted)| **wanted).map(|(x, _)| x.ty().clone()));
    let mut program = trace_program(&types, |inputs| {
        let (x, rest) = inputs.split_at(x.len());
        let (y, t) = rest.split_at(y.len());
        let mut t = t.iter();
        let t: Vec<Option<Tensor>> =
            wanted.iter().map(|&w| if w { t.next().cloned() } else { None }).collect();
        let zeros = |(y, t): (&Tensor, Option<Tensor>)| t.unwrap_or_else(|| y.zeros_like());
        y.iter().zip(rule.jvp(x, y, &t)).map(zeros).collect()
    });
    if !rule.reusable() {
        return Ok(Arc::new(program));
    }
    // It serves many places: what fails in it is told with the place of whoever uses it.
    program.equations.iter_mut().for_each(|equation| equation.place = None);
    let program = Arc::new(program);
    let mut cache = cache();
    let cache = cache.get_or_insert_default();
    if cache.len() >= CACHED {
        cache.clear();
    }
    cache.insert(key, program.clone());
    Ok(program)
}
