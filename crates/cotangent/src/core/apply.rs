//! The only door: every operation on tensors goes through here.

use super::builder::Builder;
use super::error::{Error, Place, raise};
use super::mode::{self, Anomaly};
use super::node::{Edge, Kept, Node, Recorded};
use super::primitive::{Arrays, Derivative, Prim, Tensors};
use super::quick;
use super::tensor::{Repr, Tensor};
use cotangent_kernels::{Array, Item, Type};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::sync::Arc;

/// Applies a primitive: runs it now, adding a node to the eager graph if an operand has one, or records an equation
/// if an operand is traced.
///
/// ```
/// use cotangent::core::{apply, Tensor};
/// use cotangent::number::function::{Add, BinaryOp};
/// let y = apply(BinaryOp::from(Add), &[&Tensor::from(1.0), &Tensor::from(2.0)]);
/// assert_eq!(y[0].item::<f64>(), 3.0);
/// ```
///
/// # Panics
/// With the text of the error that [`try_apply`] gives.
#[track_caller]
pub fn apply(prim: impl Into<Prim>, inputs: &[&Tensor]) -> Tensors {
    try_apply_at(prim.into(), inputs, Some(mode::place())).unwrap_or_else(|error| raise(error))
}

/// [`apply`] for a primitive with one output.
#[inline]
#[track_caller]
pub fn apply1(prim: impl Into<Prim>, inputs: &[&Tensor]) -> Tensor {
    match try_apply1_at(prim.into(), inputs, Some(mode::place())) {
        Ok(output) => output,
        Err(error) => raise(error),
    }
}

/// [`apply`], with an error instead of a panic: the one fallible door.
///
/// ```
/// use cotangent::core::{try_apply, Tensor};
/// use cotangent::number::function::{Add, BinaryOp};
/// let error = try_apply(BinaryOp::from(Add), &[&Tensor::from(1.0), &Tensor::from(2f32)]).unwrap_err();
/// assert_eq!(error.found(), Some("f64[] and f32[]"));
/// ```
#[track_caller]
pub fn try_apply(prim: impl Into<Prim>, inputs: &[&Tensor]) -> Result<Tensors, Error> {
    try_apply_at(prim.into(), inputs, Some(mode::place()))
}

/// [`try_apply_at`] for a primitive with one output.
#[inline]
pub(crate) fn try_apply1_at(prim: Prim, inputs: &[&Tensor], place: Option<Place>) -> Result<Tensor, Error> {
    match quick::apply(&prim, inputs, place) {
        Some(output) => Ok(output),
        None => Ok(the_long_way(prim, inputs, place)?.pop().expect("one output")),
    }
}

/// [`try_apply`] for a primitive with one output.
#[inline]
#[track_caller]
pub(crate) fn try_apply1(prim: impl Into<Prim>, inputs: &[&Tensor]) -> Result<Tensor, Error> {
    try_apply1_at(prim.into(), inputs, Some(mode::place()))
}

#[inline]
pub(crate) fn try_apply_at(prim: Prim, inputs: &[&Tensor], place: Option<Place>) -> Result<Tensors, Error> {
    match quick::apply(&prim, inputs, place) {
        Some(output) => Ok(Tensors::from_buf([output])),
        None => the_long_way(prim, inputs, place),
    }
}

fn the_long_way(prim: Prim, inputs: &[&Tensor], place: Option<Place>) -> Result<Tensors, Error> {
    match target(inputs).as_deref() {
        None => run(prim, inputs, place),
        Some(builder) => {
            let outputs = builder.record(prim, inputs, place)?;
            if !builder.in_no_grad() {
                return Ok(outputs);
            }
            let constant = |y: &Tensor| if y.dtype().is_float() { y.stop_gradient() } else { y.clone() };
            Ok(mode::at_place(place, || mode::with_grad(true, || outputs.iter().map(constant).collect())))
        }
    }
}

/// The builder that an operation on these operands belongs to: the youngest of theirs and the body being traced.
#[inline]
fn target<'a>(inputs: &[&'a Tensor]) -> Option<Cow<'a, Arc<Builder>>> {
    let mut youngest: Option<&Arc<Builder>> = None;
    for x in inputs {
        if let Repr::Traced(traced) = &x.repr
            && youngest.is_none_or(|builder| traced.builder.id() > builder.id())
        {
            youngest = Some(&traced.builder);
        }
    }
    match (youngest, mode::body()) {
        (Some(builder), Some(body)) if body.id() > builder.id() => Some(Cow::Owned(body)),
        (None, body) => body.map(Cow::Owned),
        (Some(builder), _) => Some(Cow::Borrowed(builder)),
    }
}

/// Runs it now.
fn run(prim: Prim, inputs: &[&Tensor], place: Option<Place>) -> Result<Tensors, Error> {
    let mut arrays = SmallVec::<[&Array; 4]>::new();
    let mut types = SmallVec::<[&Type; 4]>::new();
    let mut edges = false;
    for x in inputs {
        let Repr::Concrete { array, edge } = &x.repr else { unreachable!("a traced operand has a builder") };
        edges |= edge.is_some();
        types.push(array.ty());
        arrays.push(array);
    }
    let inferred = prim.infer(&types).map_err(|error| error.at(place))?;
    if edges && mode::grad_enabled() {
        if let Derivative::Staged(rule) = prim.derivative()
            && rule.keeps_residuals()
        {
            return run_staged(prim, inputs, place);
        }
        let outputs = prim.eval(&arrays).map_err(|error| error.at(place))?;
        check_values(&prim, &arrays, &outputs, place)?;
        return Ok(remember(prim, inputs, &arrays, outputs, place));
    }
    let outputs = prim.eval(&arrays).map_err(|error| error.at(place))?;
    debug_assert!(
        outputs.iter().map(Array::ty).eq(&inferred),
        "{prim:?}: the type rule says {inferred:?}, the value is {:?}",
        outputs.iter().map(Array::ty).collect::<Vec<_>>()
    );
    check_values(&prim, &arrays, &outputs, place)?;
    Ok(outputs.into_iter().map(Tensor::from).collect())
}

/// A place is unknown only for parsed programs, whose equations are nobody's line.
#[track_caller]
pub(super) fn known(place: Option<Place>) -> Place {
    place.unwrap_or(std::panic::Location::caller())
}

/// Keeps what the pullback will read, and hands out the outputs with their node.
fn remember(
    prim: Prim,
    inputs: &[&Tensor],
    arrays: &[&Array],
    outputs: Arrays,
    place: Option<Place>,
) -> Tensors {
    let edges: SmallVec<[Option<Edge>; 2]> = inputs.iter().map(|x| x.edge().cloned()).collect();
    if let Derivative::Zero = prim.derivative() {
        return outputs.into_iter().map(Tensor::from).collect();
    }
    let kept = prim.kept(edges.iter().map(Option::is_some));
    let kept = Kept::Arrays(Box::new((
        arrays.iter().enumerate().map(|(i, array)| quick::keep(array, kept.x(i))).collect(),
        outputs.iter().map(|y| quick::keep(y, kept.y)).collect(),
    )));
    let recorded = Recorded { prim, edges, kept };
    attach(outputs.into_iter().map(Tensor::from), Node::new(Some(recorded), known(place)))
}

/// The outputs as tensors of this node; integers and bools have no gradient and no node.
fn attach(outputs: impl Iterator<Item = Tensor>, node: Arc<Node>) -> Tensors {
    outputs
        .enumerate()
        .map(|(i, y)| match y.repr {
            Repr::Concrete { array, .. } if array.dtype().is_float() => {
                Tensor::with_edge(array, Some(Edge { node: node.clone(), output: i as u32 }))
            }
            repr => Tensor { repr },
        })
        .collect()
}

/// A primitive that gives its derivative as it runs: the node is that linear map. Its outputs are the float outputs only, so the
/// node's output number counts those.
fn run_staged(prim: Prim, inputs: &[&Tensor], place: Option<Place>) -> Result<Tensors, Error> {
    let Derivative::Staged(rule) = prim.derivative() else { unreachable!("asked for by the caller") };
    let active: Vec<bool> = inputs.iter().map(|x| x.edge().is_some()).collect();
    let x: Vec<Tensor> = inputs.iter().map(|&x| x.clone()).collect();
    let linearized =
        mode::at_place(place, || rule.linearize(&x, &active)).map_err(|error| error.at(place))?;
    let constants = linearized.residuals.iter().map(|residual| (residual.array(), residual.edge().cloned()));
    let placeholder = |x: &Tensor| Array::fill(Item::zero(x.dtype()), x.shape().clone());
    let tangents = inputs.iter().filter(|x| x.edge().is_some()).map(|x| (placeholder(x), x.edge().cloned()));
    let (arrays, edges) = constants.chain(tangents).unzip::<Array, Option<Edge>, Vec<_>, SmallVec<[_; 2]>>();
    let recorded = Recorded {
        prim: linearized.map,
        edges,
        kept: Kept::Arrays(Box::new((
            arrays,
            linearized.y.iter().filter(|y| y.dtype().is_float()).map(placeholder).collect(),
        ))),
    };
    let node = Node::new(Some(recorded), known(place));
    let mut output = 0;
    let outputs = linearized.y.into_iter().map(|y| {
        let array = y.array();
        if !array.dtype().is_float() {
            return Tensor::from(array);
        }
        output += 1;
        Tensor::with_edge(array, Some(Edge { node: node.clone(), output: output - 1 }))
    });
    Ok(outputs.collect())
}

/// In anomaly mode: did a NaN or an infinity come out that did not go in?
#[inline]
pub(super) fn check_values(prim: &Prim, x: &[&Array], y: &Arrays, place: Option<Place>) -> Result<(), Error> {
    match mode::anomaly_kind() {
        None => Ok(()),
        Some(kind) => find_anomaly(kind, prim, x, y, place),
    }
}

#[cold]
fn find_anomaly(
    kind: Anomaly,
    prim: &Prim,
    x: &[&Array],
    y: &Arrays,
    place: Option<Place>,
) -> Result<(), Error> {
    let bad = |array: &Array| match kind {
        Anomaly::Nan => array.items().any(|item| item.to_f64().is_nan()),
        Anomaly::NotFinite => {
            array.dtype().is_float() && array.items().any(|item| !item.to_f64().is_finite())
        }
    };
    if x.iter().any(|x| bad(x)) {
        return Ok(());
    }
    let Some(y) = y.iter().find(|y| bad(y)) else { return Ok(()) };
    let item = y.items().find(|item| !item.to_f64().is_finite()).expect("found above");
    let operands: Vec<String> = x.iter().map(|x| Tensor::from((*x).clone()).to_string()).collect();
    Err(Error::new(prim.name())
        .expected(match kind {
            Anomaly::Nan => "no NaN",
            Anomaly::NotFinite => "finite values",
        })
        .got(format!("{item} in {} from {}", y.ty(), operands.join(" and ")))
        .at(place))
}
