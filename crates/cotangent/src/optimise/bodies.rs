//! [`Bodies`]: regions' programs, of which those that are the same are one.

use super::cse::{is_same, write};
use super::editor::Known;
use crate::core::Program;
use rustc_hash::{FxBuildHasher, FxHasher};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Programs by a hash of what they are: an unrolled loop has the same one for each turn.
#[derive(Default)]
pub(super) struct Bodies(HashMap<u64, SmallVec<[Arc<Program>; 1]>, FxBuildHasher>);

impl Bodies {
    /// The program, or the one that has been there before and is the same.
    pub fn shared(&mut self, body: Program) -> Arc<Program> {
        // It is a guess that must not take long: long programs are hardly ever the same.
        const LONG: usize = 64;
        const MOST: usize = 8;
        let constants: Option<SmallVec<[Known; 4]>> = body.constants.iter().map(Known::of).collect();
        let Some(constants) = constants.filter(|_| body.equations.len() <= LONG) else {
            return Arc::new(body);
        };
        let mut hasher = FxHasher::default();
        (&constants[..], &body.types).hash(&mut hasher);
        body.equations.iter().for_each(|equation| write(equation, &mut hasher));
        let alike = self.0.entry(hasher.finish()).or_default();
        if let Some(same) = alike.iter().find(|other| is_one(&body, &constants, other)) {
            return same.clone();
        }
        let body = Arc::new(body);
        if alike.len() < MOST {
            alike.push(body.clone());
        }
        body
    }
}

/// Are these the same, lines included?
fn is_one(body: &Program, constants: &[Known], other: &Program) -> bool {
    body.types == other.types
        && (&body.inputs, &body.outputs) == (&other.inputs, &other.outputs)
        && body.equations.len() == other.equations.len()
        && body.constants.len() == other.constants.len()
        && constants
            .iter()
            .zip(&other.constants)
            .all(|(known, other)| Known::of(other).as_ref() == Some(known))
        && body.equations.iter().zip(&other.equations).all(|(own, other)| {
            (own.first, own.count, own.place) == (other.first, other.count, other.place)
                && is_same(own, other)
        })
}
