//! Programs made cheaper: passes from a program to one that gives the same values, each small, each by itself.
//!
//! [`passes`] lists them in the order in which [`optimise`] runs them. What they may not change: which results are NaN or infinite.
//!
//! ```
//! use cotangent::core::{trace_program, DType, Type};
//! use cotangent::optimise::optimise;
//! let program = trace_program(&[Type::new(DType::F64, [3])], |x| vec![(&x[0] * 1.0).sin().stop_gradient()]);
//! assert_eq!((program.equations().len(), optimise(&program).equations().len()), (3, 1));
//! ```

mod algebra;
mod bodies;
mod cse;
mod dead;
mod editor;
mod fold;
mod fuse;
mod inline;
mod layout;
mod part;
mod readers;
mod rewrite;

use crate::core::Program;
pub use algebra::algebra;
pub use cse::cse;
pub use dead::dce;
pub use fold::fold;
pub use fuse::fuse;
pub(crate) use fuse::{Partial, is_of_rows, is_spread, space_of, window};
pub use inline::inline;
pub use layout::layout;
pub(crate) use part::part;

/// A pass, by its name.
pub struct Pass {
    /// For reports.
    pub name: &'static str,
    /// The program that gives the same values, made of the given one.
    pub run: fn(Program) -> Program,
    /// Is there anything for it to do? To ask takes less than to do it.
    pub applies: fn(&Program) -> bool,
}

impl Pass {
    fn after(&self, before: Program) -> Program {
        if !(self.applies)(&before) {
            return before;
        }
        let after = (self.run)(before);
        debug_assert!(after.check().is_ok(), "{}: {:?}\n{after}", self.name, after.check());
        after
    }
}

/// Every pass, in order: those that make programs plainer first, and last the one that says which equations become one loop.
pub fn passes() -> [Pass; 7] {
    [
        Pass { name: "inline", run: inline, applies: inline::applies },
        Pass { name: "fold", run: fold, applies: fold::applies },
        Pass { name: "algebra", run: algebra, applies: algebra::applies },
        Pass { name: "layout", run: layout, applies: layout::applies },
        Pass { name: "cse", run: cse, applies: |_| true },
        Pass { name: "dce", run: dce, applies: dead::applies },
        Pass { name: "fuse", run: fuse, applies: |_| true },
    ]
}

/// The program after every pass.
pub fn optimise(program: &Program) -> Program {
    passes().into_iter().fold(program.clone(), |before, pass| pass.after(before))
}

/// [`optimise`], which shows each pass's name, and the program before and after it.
pub fn optimise_watched(
    program: &Program,
    mut watch: impl FnMut(&'static str, &Program, &Program),
) -> Program {
    passes().into_iter().fold(program.clone(), |before, pass| {
        let after = pass.after(before.clone());
        watch(pass.name, &before, &after);
        after
    })
}
