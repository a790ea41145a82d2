//! The list of primitives: what parsing, the laws and the coverage table read. A primitive joins by a line in [`entries`].

use super::{
    arg_extreme, broadcast, call, compare, compensated, concat, cond, conv, convert, custom, distributions,
    dot, dynamic, extreme, flip, gamma, gather, layout, linear_call, norm, prod, random, recurrence, reduce,
    scan, scatter, scatter_mul_add, select, slice, softmax, sort, standardize, stop_gradient, top_k, window,
};
use crate::core::{Array, DType, Param, Prim, Program, Tensor};
use crate::number::function::{BinaryOp, Domain, UnaryOp};
use std::sync::Arc;

/// A primitive, or a tight family of them with one name.
pub struct Entry {
    /// The name in programs.
    pub name: &'static str,
    /// The primitive with these parameters; nothing if they are not its own.
    pub parse: fn(&Given<'_>) -> Option<Prim>,
    /// Where the laws are tried; nowhere for those whose parameters are programs.
    pub samples: fn() -> Vec<Sample>,
}

/// Parameters as read from text.
pub struct Given<'a>(pub &'a [(String, Param)]);

impl Given<'_> {
    /// The parameter of this name.
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }
    /// A list of axes or sizes.
    pub fn sizes(&self, name: &str) -> Option<Vec<usize>> {
        self.get(name)?.as_sizes()
    }
    /// An axis or a size.
    pub fn size(&self, name: &str) -> Option<usize> {
        self.get(name)?.as_int()?.try_into().ok()
    }
    /// A dtype.
    pub fn dtype(&self, name: &str) -> Option<DType> {
        self.get(name)?.as_dtype()
    }
    /// Yes or no.
    pub fn bool(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }
    /// A body.
    pub fn program(&self, name: &str) -> Option<Arc<Program>> {
        self.get(name)?.as_program().cloned()
    }
}

/// A primitive at a point where it is smooth. Floats are `f64`; the laws try them in `f32` too.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The operation.
    pub prim: Prim,
    /// Its operands.
    pub inputs: Vec<Tensor>,
}

impl Sample {
    /// This primitive at this point.
    pub fn new(prim: impl Into<Prim>, inputs: impl IntoIterator<Item = Tensor>) -> Sample {
        Sample { prim: prim.into(), inputs: inputs.into_iter().collect() }
    }
}

/// Numbers of this shape between two bounds, the same for the same seed, no two equal.
pub(super) fn draw(shape: &[usize], low: f64, high: f64, seed: u64) -> Tensor {
    let size: usize = shape.iter().product();
    let number = |i: usize| {
        let bits = cotangent_kernels::random::threefry([seed, 0], [i as u64, 2])[0] >> 11;
        low + (high - low) * (bits as f64 + 0.5) / (1_u64 << 53) as f64
    };
    Tensor::from(Array::from_vec((0..size).map(number).collect(), shape))
}

/// Whole numbers of this shape, from −n to n − 1.
pub(super) fn draw_whole(shape: &[usize], n: usize, seed: u64) -> Tensor {
    let n = n as f64;
    let floats = draw(shape, -n, n, seed).to_vec::<f64>();
    Tensor::from_vec(floats.iter().map(|x| x.floor() as i64).collect(), shape)
}

/// Bools of this shape.
pub(super) fn draw_bools(shape: &[usize], seed: u64) -> Tensor {
    Tensor::from_vec(draw(shape, -1.0, 1.0, seed).to_vec::<f64>().iter().map(|&x| x > 0.0).collect(), shape)
}

/// Shapes that every elementwise primitive is tried with: a number, nothing, one entry, and more.
pub(super) const SHAPES: [&[usize]; 5] = [&[], &[0, 2], &[1], &[3], &[2, 3]];

fn inside(domain: Domain, shape: &[usize], seed: u64) -> Tensor {
    draw(shape, domain.low, domain.high, seed)
}

fn unary(op: UnaryOp) -> Vec<Sample> {
    SHAPES.iter().map(|shape| Sample::new(op, [inside(op.domain(), shape, 1)])).collect()
}

fn binary(op: BinaryOp) -> Vec<Sample> {
    let [a, b] = op.domain();
    SHAPES.iter().map(|shape| Sample::new(op, [inside(a, shape, 1), inside(b, shape, 2)])).collect()
}

/// Every primitive but the elementwise functions, which [`parse`] and [`samples`] find in the registry of
/// [`number::function`](crate::number::function).
pub fn entries() -> Vec<Entry> {
    let mut entries = vec![
        broadcast::ENTRY,
        layout::RESHAPE,
        layout::PERMUTE,
        slice::SLICE,
        slice::PAD,
        concat::ENTRY,
        select::ENTRY,
        convert::ENTRY,
        stop_gradient::ENTRY,
        reduce::SUM,
        extreme::ENTRY,
        sort::ENTRY,
        arg_extreme::ARGMAX,
        arg_extreme::ARGMIN,
        top_k::ENTRY,
        prod::ENTRY,
        compensated::ENTRY,
        norm::ENTRY,
        recurrence::ENTRY,
        standardize::ENTRY,
        random::BITS,
        random::SPLIT,
        random::FOLD_IN,
        distributions::INT,
        distributions::TRUNCATED_NORMAL,
        gamma::RANDOM_GAMMA,
        gamma::GAMMA_SLOPE,
        dot::ENTRY,
        gather::GATHER,
        gather::SCATTER_ADD,
        scatter::SET,
        scatter::MAX,
        scatter_mul_add::ENTRY,
        dynamic::SLICE,
        dynamic::UPDATE_SLICE,
        flip::REV,
        conv::CONV,
        window::SUM,
        window::MAX,
        window::TIES,
        window::PICK,
        window::SHARE,
        call::ENTRY,
        cond::ENTRY,
        custom::JVP,
        custom::VJP,
        linear_call::ENTRY,
    ];
    entries.extend(compare::COMPARISONS);
    entries.extend(compare::LOGIC);
    entries.extend(scan::SCANS);
    entries.extend(softmax::EXPONENTIALS);
    #[cfg(feature = "linalg")]
    entries.extend(super::linalg::entries());
    entries
}

/// The primitive of this name with these parameters.
///
/// ```
/// use cotangent::core::Param;
/// let sum = cotangent::op::parse("sum", &[("axes".to_string(), Param::Ints(vec![0]))]).unwrap();
/// assert_eq!(format!("{sum:?}"), "sum[axes=[0]]");
/// ```
pub fn parse(name: &str, params: &[(String, Param)]) -> Option<Prim> {
    candidates(name, params).into_iter().next()
}

/// [`parse`], where there may be two: `greater` and the like are functions of numbers that give 1 or 0, and comparisons that give bools.
pub(super) fn candidates(name: &str, params: &[(String, Param)]) -> Vec<Prim> {
    let binary = BinaryOp::named(name).filter(|_| params.is_empty());
    let unary = match params {
        [] => UnaryOp::named(name),
        [(key, value)] if key == "n" => value.as_int().and_then(|n| UnaryOp::with_parameter(name, n)),
        _ => None,
    };
    let other = entries().into_iter().find(|entry| entry.name == name);
    let other = other.and_then(|entry| (entry.parse)(&Given(params)));
    binary.map(Prim::from).into_iter().chain(unary.map(Prim::from)).chain(other).collect()
}

/// All samples, with the names of their primitives.
pub fn samples() -> Vec<(&'static str, Vec<Sample>)> {
    let unary = UnaryOp::all().into_iter().map(|op| (op.name(), unary(op)));
    let binary = BinaryOp::all().into_iter().map(|op| (op.name(), binary(op)));
    let others = entries().into_iter().map(|entry| (entry.name, (entry.samples)()));
    unary.chain(binary).chain(others).collect()
}
