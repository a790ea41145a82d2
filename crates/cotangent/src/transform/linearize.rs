//! A program at a point: its value, and its derivative there as a program of the tangents.

use super::jvp::jvp;
use crate::core::{Closed, Error, Kind, Program, Tensor, place, raise, trace_inputs};

/// A linear map, from tangents to tangents, with the values it needs.
pub struct Linear {
    /// Its inputs are the residuals, then a tangent for each active input; its outputs a tangent for each output.
    pub program: Program,
    /// The values that it needs.
    pub residuals: Vec<Tensor>,
}

/// Runs a program, and gives its derivative as a linear program of the tangents of the active inputs. Only the tangents are traced:
/// what depends on the inputs alone is computed now.
#[track_caller]
pub fn linearize(program: &Program, x: &[Tensor], active: &[bool]) -> Result<(Vec<Tensor>, Linear), Error> {
    linearize_by(x, active, |t| jvp(program, x, t))
}

/// [`linearize`] by any rule for tangents: a function of these to the values and the values' tangents.
#[track_caller]
pub fn linearize_by(
    x: &[Tensor],
    active: &[bool],
    rule: impl FnOnce(&[Option<Tensor>]) -> Result<(Vec<Tensor>, Vec<Option<Tensor>>), Error>,
) -> Result<(Vec<Tensor>, Linear), Error> {
    let tangents = x.iter().zip(active).filter(|(_, active)| **active).map(|(x, _)| (x.ty().clone(), None));
    let count = active.iter().filter(|&&active| active).count();
    let mut value = Vec::new();
    let (Closed { program, captures, .. }, _) = trace_inputs(
        Kind::Transform("linearize"),
        place(),
        tangents,
        |t| {
            let mut t = t.into_iter();
            let t: Vec<Option<Tensor>> =
                active.iter().map(|&active| if active { t.next() } else { None }).collect();
            let (y, t) = rule(&t).unwrap_or_else(|error| raise(error));
            let t = y.iter().zip(t).map(|(y, t)| t.unwrap_or_else(|| y.zeros_like())).collect::<Vec<_>>();
            value = y;
            t
        },
        |t| t.iter().collect(),
    )?;
    Ok((
        value,
        Linear { program: program.without_dead_code().with_last_inputs_first(count), residuals: captures },
    ))
}
