//! One function for many examples.

use super::lift::run;
use crate::core::{
    Closed, Error, Kind, Place, Shape, Tensor, Tree, Type, leaves, place, raise, trace_inputs, with_leaves,
};
use crate::transform;

/// The function on each example of a batch, in one go: the first axis of every leaf of the argument, and of every leaf of the result,
/// is the batch. What the function captures is the same for each example.
///
/// ```
/// use cotangent::prelude::*;
/// let per_example = vmap(grad(|x: &Tensor| x.powi(3).sum()));
/// let batch = Tensor::from([[1.0], [2.0]]);
/// assert_eq!(per_example(&batch).to_vec::<f64>(), [3.0, 12.0]);
/// ```
#[track_caller]
pub fn vmap<A: Tree, B: Tree>(f: impl Fn(&A) -> B) -> impl Fn(&A) -> B {
    let place = place();
    move |x| batched(place, &f, x, |_| Some(0), 0)
}

/// [`vmap`] along other axes: for each leaf of the argument, in order, the axis of the batch or `None` for a leaf that is
/// the same for each example; and the axis of the batch in the result's leaves. Negative axes count from the end.
///
/// ```
/// use cotangent::prelude::*;
/// let dot = vmap_axes([Some(1), None], 0, |(x, w): &(Tensor, Tensor)| x.dot(w));
/// let columns = Tensor::from([[1.0, 2.0], [10.0, 20.0]]);
/// assert_eq!(dot(&(columns, Tensor::from([1.0, 1.0]))).to_vec::<f64>(), [11.0, 22.0]);
/// ```
#[track_caller]
pub fn vmap_axes<A: Tree, B: Tree>(
    in_axes: impl AsRef<[Option<isize>]>,
    out_axis: isize,
    f: impl Fn(&A) -> B,
) -> impl Fn(&A) -> B {
    let place = place();
    move |x| {
        let axes = in_axes.as_ref();
        let count = leaves(x).len();
        if axes.len() != count {
            let error =
                Error::new("vmap_axes").expected(format!("an axis (or `None`) for each of {count} leaves"));
            let help = "leaves are counted in the order of the argument's fields";
            raise(error.got(axes.len().to_string()).help(help).at(Some(place)))
        }
        batched(place, &f, x, |i| axes[i], out_axis)
    }
}

/// An axis counted from 0.
fn position(axis: isize, rank: usize) -> Option<usize> {
    let found = if axis < 0 { axis + rank as isize } else { axis };
    (0..rank as isize).contains(&found).then_some(found as usize)
}

fn batched<A: Tree, B: Tree>(
    place: Place,
    f: &impl Fn(&A) -> B,
    x: &A,
    axis_of: impl Fn(usize) -> Option<isize>,
    out_axis: isize,
) -> B {
    let mut size: Option<(usize, usize)> = None;
    let mut inputs = Vec::new();
    let mut mapped = Vec::new();
    let mut behind: Vec<(Type, Option<Tensor>)> = Vec::new();
    for (i, x) in leaves(x).into_iter().enumerate() {
        let Some(axis) = axis_of(i) else {
            inputs.push(x.clone());
            mapped.push(false);
            behind.push((x.ty().clone(), Some(x.clone())));
            continue;
        };
        let Some(axis) = position(axis, x.rank()) else {
            let error = Error::new("vmap").expected(format!("leaf {i} to have axis {axis}, the batch"));
            let help = "a leaf that is the same for each example is named by `None` in `vmap_axes`";
            raise(error.got(x.ty().to_string()).help(help).at(Some(place)))
        };
        let length = x.shape()[axis];
        match size {
            Some((size, first)) if size != length => {
                let error = Error::new("vmap").expected(format!("a batch of {size}, as leaf {first} has"));
                let help = "`vmap_axes` says which axis of each leaf is the batch, `None` that it has none";
                raise(error.got(format!("{length} in leaf {i}, {}", x.ty())).help(help).at(Some(place)))
            }
            _ => size = size.or(Some((length, i))),
        }
        let x = x.axis_to(axis, 0);
        behind.push((Type::new(x.dtype(), Shape::from(&x.shape()[1..])), None));
        inputs.push(x);
        mapped.push(true);
    }
    let Some((size, _)) = size else {
        let error = Error::new("vmap").expected("at least one leaf with a batch axis").got("none");
        let help = "call the function itself where no leaf has a batch axis";
        raise(error.help(help).at(Some(place)))
    };
    let traced = trace_inputs(
        Kind::Transform("vmap"),
        place,
        behind,
        |inputs| f(&with_leaves(x, inputs)),
        |output| leaves(output),
    );
    let (Closed { program, captures, .. }, pattern) = traced.unwrap_or_else(|error| raise(error));
    mapped.resize(inputs.len() + captures.len(), false);
    inputs.extend(captures);
    let outputs = run(place, &inputs, |inputs| {
        let (outputs, mapped) = transform::vmap(&program, inputs, &mapped, size)?;
        let place_batch = |(y, mapped): (Tensor, bool)| {
            let y = if mapped {
                y
            } else {
                let shape: Shape = std::iter::once(size).chain(y.shape().iter().copied()).collect();
                y.broadcast_to(shape)
            };
            let Some(axis) = position(out_axis, y.rank()) else {
                let expected = format!("a result that can have the batch as axis {out_axis}");
                let error = Error::new("vmap_axes").expected(expected);
                let help = format!(
                    "a result of rank {} can have it as axis {} to {}",
                    y.rank(),
                    -(y.rank() as isize),
                    y.rank() - 1
                );
                raise(error.got(format!("{} with the batch as axis 0", y.ty())).help(help).at(Some(place)))
            };
            y.axis_to(0, axis)
        };
        Ok(outputs.into_iter().zip(mapped).map(place_batch).collect())
    });
    with_leaves(&pattern, outputs)
}
