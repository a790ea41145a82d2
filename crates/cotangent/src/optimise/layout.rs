//! Layouts cancelled: what only turns or reshapes entries is done once, or by whoever makes them.

use super::rewrite::{Seen, Simpler, rewrite, rewrites};
use crate::core::{Prim, Program};
use crate::op::{Broadcast, DotGeneral, Permute, Reshape};

/// The program with fewer layouts:
///
/// - a layout of a layout of its kind is one, and one that changes nothing is none;
/// - a product that is only read turned round, its right operand's axes first, is the product of its operands in the other order.
///
/// ```
/// use cotangent::core::{trace_program, DType, Type};
/// use cotangent::optimise::{dce, layout};
/// let types = [Type::new(DType::F64, [2, 3]), Type::new(DType::F64, [3, 4])];
/// let program = trace_program(&types, |x| vec![x[0].matmul(&x[1]).t()]);
/// assert_eq!(dce(layout(program)).to_string(), "program(a: f64[2,3], b: f64[3,4]) {
///   c: f64[4,2] = dot_general[contract_a=[0], contract_b=[1], batch_a=[], batch_b=[]] b a
///   return c
/// }");
/// ```
pub fn layout(program: Program) -> Program {
    rewrite(program, simpler)
}

pub(super) fn applies(program: &Program) -> bool {
    rewrites(program, simpler)
}

fn simpler(seen: &Seen) -> Option<Simpler> {
    let (prim, x) = (seen.prim, *seen.inputs.first()?);
    if prim.downcast::<Reshape>().is_some() {
        seen.same(x).or_else(|| {
            let inner = seen.origin(x).filter(|inner| inner.prim.downcast::<Reshape>().is_some())?;
            let direct = || Simpler::By(prim.clone(), inner.inputs.clone());
            Some(seen.same(inner.inputs[0]).unwrap_or_else(direct))
        })
    } else if prim.downcast::<Broadcast>().is_some() {
        seen.same(x).or_else(|| {
            let inner = seen.origin(x).filter(|inner| inner.prim.downcast::<Broadcast>().is_some())?;
            Some(Simpler::By(prim.clone(), inner.inputs.clone()))
        })
    } else if let Some(outer) = prim.downcast::<Permute>() {
        if outer.axes.iter().copied().eq(0..outer.axes.len()) {
            return Some(Simpler::Is(x));
        }
        let inner = seen.origin(x)?;
        if let Some(turned) = inner.prim.downcast::<Permute>() {
            let axes = outer.axes.iter().map(|&axis| turned.axes[axis]).collect();
            return Some(Simpler::By(Prim::new(Permute { axes }), inner.inputs.clone()));
        }
        let product = inner.prim.downcast::<DotGeneral>().filter(|_| seen.is_single(x))?;
        let ranks = [0, 1].map(|i| seen.program.atom_type(inner.inputs[i]).shape.rank());
        let (other, axes) = swapped(product, ranks);
        let operands = inner.inputs.iter().rev().copied().collect();
        (outer.axes == axes).then(|| Simpler::By(Prim::new(other), operands))
    } else {
        None
    }
}

/// The product of the operands in the other order, and the order of axes in which it is this one turned.
fn swapped(product: &DotGeneral, ranks: [usize; 2]) -> (DotGeneral, Vec<usize>) {
    let turned = |(a, b): &(Vec<usize>, Vec<usize>)| (b.clone(), a.clone());
    let (batch, contracted) = (product.batch.0.len(), product.contract.0.len());
    let [left, right] = ranks.map(|rank| rank - batch - contracted);
    let axes = (0..batch).chain(batch + left..batch + left + right).chain(batch..batch + left).collect();
    (DotGeneral { contract: turned(&product.contract), batch: turned(&product.batch) }, axes)
}
