//! The evaluations, a file for each.

pub mod gmm;
pub mod hello;
pub mod llsq;
pub mod lse;
pub mod particle;

use crate::eval::Module;

/// All there are.
pub const ALL: [&dyn Module; 5] = [&hello::Hello, &gmm::Gmm, &llsq::Llsq, &lse::Lse, &particle::Particle];

/// The one of this name.
pub fn named(name: &str) -> Option<&'static dyn Module> {
    ALL.into_iter().find(|module| module.name() == name)
}
