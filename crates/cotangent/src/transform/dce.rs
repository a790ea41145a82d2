//! Dead code: what no output depends on.

use crate::core::Program;

/// The program without the equations that no output depends on. Inputs stay.
///
/// ```
/// use cotangent::core::{trace_program, DType, Type};
/// use cotangent::transform::dce;
/// let program = trace_program(&[Type::new(DType::F64, [])], |x| {
///     let _unused = x[0].sin();
///     vec![x[0].cos()]
/// });
/// assert_eq!((program.equations().len(), dce(&program).equations().len()), (2, 1));
/// ```
pub fn dce(program: &Program) -> Program {
    program.clone().without_dead_code()
}
