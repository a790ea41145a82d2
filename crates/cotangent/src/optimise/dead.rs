//! What no output depends on, left out.

use super::editor::edit;
use crate::core::{Program, last_uses};

/// [`dce`](crate::transform::dce), and then without the variables and constants that nothing reads any more. Inputs stay.
///
/// ```
/// use cotangent::core::{trace_program, DType, Type};
/// use cotangent::optimise::dce;
/// let program = trace_program(&[Type::new(DType::F64, [])], |x| {
///     let _unused = &x[0] * 2.0;
///     vec![x[0].cos()]
/// });
/// let after = dce(program);
/// assert_eq!((after.equations().len(), after.constants().len(), after.var_count()), (1, 0, 2));
/// ```
pub fn dce(program: Program) -> Program {
    edit(program.without_dead_code(), |_, _, _, _| None)
}

pub(super) fn applies(program: &Program) -> bool {
    last_uses(program).needed.contains(&false)
}
