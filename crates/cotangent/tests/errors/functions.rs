//! Derivatives, batches, traces, the eager graph.

use super::*;
use cotangent::core::{Anomaly, Type, anomaly, trace_program};
use cotangent::eager::Backward;
use std::cell::RefCell;

/// The eager graph.
#[test]
fn eager() {
    check(&[
        case!(
            "requires_grad of integers",
            Tensor::from([1, 2]).requires_grad(),
            &[
                "`requires_grad` at FILE:+2: expected a float, got i32[2]",
                "  help: only floats have gradients: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "backward of a vector",
            leaf().square().backward(),
            &[
                "`backward` at FILE:+2: expected one number, got f64[2]",
                "  help: reduce with `sum()` or `mean()`, or say what to start from with `backward_with(&ct)`"
            ]
        ),
        case!(
            "backward without a leaf",
            Tensor::from(2.0).square().backward(),
            &[
                "`backward` at FILE:+2: expected a tensor computed from one that requires a gradient, got f64[]",
                "  help: call `requires_grad()` on the inputs, and compute outside `no_grad`"
            ]
        ),
        case!(
            "backward under no_grad",
            no_grad(|| leaf().sum()).backward(),
            &[
                "`backward` at FILE:+2: expected a tensor computed from one that requires a gradient, got f64[]",
                "  help: call `requires_grad()` on the inputs, and compute outside `no_grad`"
            ]
        ),
        case!(
            "backward_with another type",
            leaf().square().backward_with(&Tensor::from([1f32, 2.0])),
            &[
                "`backward` at FILE:+2: expected a cotangent of type f64[2], got f32[2]",
                "  help: the cotangent of a tensor has its shape and dtype"
            ]
        ),
        case!(
            "Backward::run on a vector",
            Backward::new().run(&leaf().square(), None),
            &[
                "`backward` at FILE:+2: expected one number, got f64[2]",
                "  help: reduce with `sum()` or `mean()`, or say what to start from with `backward_with(&ct)`"
            ]
        ),
        case!(
            "Backward::run with another type",
            Backward::new().run(&leaf().sum(), Some(&Tensor::from([1.0, 2.0]))),
            &[
                "`backward` at FILE:+2: expected a cotangent of type f64[], got f64[2]",
                "  help: the cotangent of a tensor has its shape and dtype"
            ]
        ),
        case!(
            "set_grad of another type",
            leaf().set_grad(&Tensor::from([1.0, 2.0, 3.0])),
            &[
                "`set_grad` at FILE:+2: expected a gradient of type f64[2], got f64[3]",
                "  help: a gradient has the shape and dtype of its tensor"
            ]
        ),
        case!(
            "set_grad where there is no node",
            Tensor::from([1.0, 2.0]).set_grad(&Tensor::from([1.0, 2.0])),
            &[
                "`set_grad` at FILE:+2: expected a tensor that depends on one that requires a gradient, got f64[2]",
                "  help: call `requires_grad()` on the inputs, and compute outside `no_grad`"
            ]
        ),
        case!(
            "set_grad of a traced tensor",
            {
                let w = Tensor::from(1.0).requires_grad();
                let f = |x: &Tensor| {
                    w.set_grad(x);
                    x.clone()
                };
                grad(f)(&Tensor::from(2.0))
            },
            &[
                "`set_grad` at FILE:+5: a tensor traced by `grad`",
                "  note: that `grad` was called at FILE:+8",
                "  help: the eager graph is for concrete tensors: inside a transformed function use `grad(f)(&x)`"
            ]
        ),
        case!(
            "backward_with of a traced tensor",
            {
                let w = Tensor::from(1.0).requires_grad().square();
                let f = |x: &Tensor| {
                    w.backward_with(x);
                    x.clone()
                };
                grad(f)(&Tensor::from(2.0))
            },
            &[
                "`backward_with` at FILE:+5: a tensor traced by `grad`",
                "  note: that `grad` was called at FILE:+8",
                "  help: the eager graph is for concrete tensors: inside a transformed function use `grad(f)(&x)`"
            ]
        ),
        case!(
            "backward in a body",
            {
                let loss = leaf().square().sum();
                let then = |x: &Tensor| {
                    loss.backward();
                    x.clone()
                };
                cond(&Tensor::from(true), then, |x: &Tensor| x.clone(), &Tensor::from(1.0))
            },
            &[
                "`backward` at FILE:+5: a call within the body of `cond`",
                "  note: that `cond` was called at FILE:+8",
                "  help: a body is traced, whether it will run or not: go backward outside of it, or use `grad(f)(&x)` in it"
            ]
        ),
        case!(
            "retain_grad without a node",
            Tensor::from([1.0, 2.0]).retain_grad(),
            &[
                "`retain_grad` at FILE:+2: expected a tensor that depends on one that requires a gradient, got f64[2]",
                "  help: call `requires_grad()` on the inputs, and compute outside `no_grad`"
            ]
        ),
        case!(
            "on_grad without a node",
            Tensor::from([1.0, 2.0]).on_grad(|_| None),
            &[
                "`on_grad` at FILE:+2: expected a tensor that depends on one that requires a gradient, got f64[2]",
                "  help: call `requires_grad()` on the inputs, and compute outside `no_grad`"
            ]
        ),
        case!(
            "a hook that changes the type",
            {
                let x = leaf();
                let _hook = x.on_grad(|g| Some(g.sum()));
                x.square().sum().backward();
            },
            &[
                "`hook` at FILE:+5: expected a gradient of type f64[2], got f64[]",
                "  note: on the gradient of a tensor made at main.rs",
                "  help: what a hook returns takes the gradient's place; `None` leaves it"
            ]
        ),
        case!(
            "in place on a leaf",
            {
                let mut x = leaf();
                x += 1.0;
            },
            &[
                "`add in place` at FILE:+4: a leaf that requires a gradient",
                "  note: it became a leaf at main.rs",
                "  help: make a new tensor (`let y = &x + 1.0`), or update the leaf inside `no_grad(|| …)`"
            ]
        ),
        case!(
            "in place on a leaf, wrong shape",
            {
                let mut x = leaf();
                no_grad(|| x -= &Tensor::from([1.0, 2.0, 3.0]));
            },
            &[
                "`sub in place` at FILE:+4: expected something that broadcasts to [2], got f64[3]",
                "  help: in place the left side keeps its shape: make a new tensor, or sum the right side over axes"
            ]
        ),
    ]);
}

/// Derivatives and batches of functions.
#[test]
fn transformed() {
    check(&[
        case!(
            "grad of a vector",
            grad(|x: &Tensor| x.square())(&Tensor::from([1.0, 2.0])),
            &[
                "`grad` at FILE:+2: expected a function whose value is one float (rank 0), got f64[2]",
                "  help: reduce the value with `sum()` or `mean()`, or use `jacobian(f)` for all derivatives"
            ]
        ),
        case!(
            "grad of one entry in a vector",
            grad(|x: &Tensor| x.square())(&Tensor::from([1.0])),
            &[
                "`grad` at FILE:+2: expected a function whose value is one float (rank 0), got f64[1]",
                "  help: reduce the value with `sum()` or `mean()`, or use `jacobian(f)` for all derivatives"
            ]
        ),
        case!(
            "grad of an integer",
            grad(|x: &Tensor| x.to(DType::I64))(&Tensor::from(1.0)),
            &[
                "`grad` at FILE:+2: expected a function whose value is one float (rank 0), got i64[]",
                "  help: only floats have gradients: convert the value with `.to(DType::F64)`"
            ]
        ),
        case!(
            "value_and_grad of a bool",
            value_and_grad(|x: &Tensor| x.greater(0.0))(&Tensor::from(1.0)),
            &[
                "`value_and_grad` at FILE:+2: expected a function whose value is one float (rank 0), got bool[]",
                "  help: only floats have gradients: convert the value with `.to(DType::F64)`"
            ]
        ),
        case!(
            "hvp of a vector",
            hvp(|x: &Tensor| x.square(), &Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 0.0])),
            &[
                "`hvp` at FILE:+2: expected a function whose value is one float (rank 0), got f64[2]",
                "  help: reduce the value with `sum()` or `mean()`, or use `jacobian(f)` for all derivatives"
            ]
        ),
        case!(
            "hessian of a vector",
            hessian(|x: &Tensor| x.square())(&Tensor::from([1.0, 2.0])),
            &[
                "`hessian` at FILE:+2: expected a function whose value is one float (rank 0), got f64[2]",
                "  help: reduce the value with `sum()` or `mean()`, or use `jacobian(f)` for all derivatives"
            ]
        ),
        case!(
            "a block of no such leaf",
            {
                let j = jacobian(|(a, b): &(Tensor, Tensor)| (a * b, b.sin()))(&pair());
                j.get("", ".1").clone()
            },
            &[
                "`get` at FILE:+4: expected an output among \".0\", \".1\", got \"\"",
                "  help: a leaf's path is that of its fields, as `.w1` or `[2].bias`; a bare tensor's is empty"
            ]
        ),
        case!(
            "jacobian of integers",
            jacobian(|x: &Tensor| x * 2)(&Tensor::from([1, 2])),
            &[
                "`jacobian` at FILE:+2: expected a function of floats to floats, got no floats in the argument",
                "  help: only floats have derivatives: convert with `.to(DType::F64)`"
            ]
        ),
        case!(
            "an error inside",
            {
                let f = grad(|x: &Tensor| (x * &Tensor::from([1.0, 2.0, 3.0])).sum());
                f(&Tensor::from([1.0, 2.0]))
            },
            &[
                "`mul` at FILE:+3: expected shapes that broadcast together, got f64[2] and f64[3]",
                "  help: axes are matched from the last; each pair must be equal, or one of them 1 or missing: `reshape`, `unsqueeze`"
            ]
        ),
        case!(
            "jvp, another shape",
            jvp(|x: &Tensor| x.sin(), &Tensor::from([1.0, 2.0]), &Tensor::from([1.0])),
            &[
                "`jvp` at FILE:+2: expected a tangent of type f64[2], got f64[1]",
                "  help: a tangent has the structure, shapes and dtypes of the argument"
            ]
        ),
        case!(
            "jvp, another dtype",
            jvp(|x: &Tensor| x.sin(), &Tensor::from([1.0, 2.0]), &Tensor::from([1f32, 0.0])),
            &[
                "`jvp` at FILE:+2: expected a tangent of type f64[2], got f32[2]",
                "  help: a tangent has the structure, shapes and dtypes of the argument"
            ]
        ),
        case!(
            "jvp, second leaf",
            jvp(|(x, y): &(Tensor, Tensor)| x * y, &pair(), &(Tensor::from(1.0), Tensor::from([1.0]))),
            &[
                "`jvp` at FILE:+2: expected a tangent of type f64[] for .1, got f64[1]",
                "  help: a tangent has the structure, shapes and dtypes of the argument"
            ]
        ),
        case!(
            "jvp, another number of leaves",
            jvp(|x: &Vec<Tensor>| x[0].sin(), &vec![Tensor::from(1.0)], &vec![]),
            &[
                "`jvp` at FILE:+2: expected a tangent of the argument's structure, got [0] is missing on the right",
                "  help: left is the argument, right a tangent"
            ]
        ),
        case!(
            "pullback, another shape",
            {
                let (_, pull) = vjp(|x: &Tensor| x.sin(), &Tensor::from([1.0, 2.0]));
                pull(&Tensor::from(1.0))
            },
            &[
                "`pullback` at FILE:+3: expected a cotangent of type f64[2], got f64[]",
                "  help: a cotangent has the structure, shapes and dtypes of the value"
            ]
        ),
        case!(
            "pushforward, another shape",
            {
                let (_, push) = linearize(|x: &Tensor| x.sin(), &Tensor::from([1.0, 2.0]));
                push(&Tensor::from(1.0))
            },
            &[
                "`linearize` at FILE:+3: expected a tangent of type f64[2], got f64[]",
                "  help: a tangent has the structure, shapes and dtypes of the argument"
            ]
        ),
        case!(
            "vmap of a number",
            vmap(|x: &Tensor| x.sin())(&Tensor::from(1.0)),
            &[
                "`vmap` at FILE:+2: expected leaf 0 to have axis 0, the batch, got f64[]",
                "  help: a leaf that is the same for each example is named by `None` in `vmap_axes`"
            ]
        ),
        case!(
            "vmap of two sizes",
            vmap(|(x, y): &(Tensor, Tensor)| x * y)(&(
                Tensor::from([1.0, 2.0]),
                Tensor::from([1.0, 2.0, 3.0])
            )),
            &[
                "`vmap` at FILE:+2: expected a batch of 2, as leaf 0 has, got 3 in leaf 1, f64[3]",
                "  help: `vmap_axes` says which axis of each leaf is the batch, `None` that it has none"
            ]
        ),
        case!(
            "vmap of nothing",
            vmap_axes([None], 0, |x: &Tensor| x.sin())(&Tensor::from([1.0])),
            &[
                "`vmap` at FILE:+2: expected at least one leaf with a batch axis, got none",
                "  help: call the function itself where no leaf has a batch axis"
            ]
        ),
        case!(
            "vmap_axes, too few",
            vmap_axes([Some(0)], 0, |(x, y): &(Tensor, Tensor)| x * y)(&pair()),
            &[
                "`vmap_axes` at FILE:+2: expected an axis (or `None`) for each of 2 leaves, got 1",
                "  help: leaves are counted in the order of the argument's fields"
            ]
        ),
        case!(
            "vmap_axes, no such axis",
            vmap_axes([Some(2)], 0, |x: &Tensor| x.sin())(&Tensor::zeros::<f64>([2, 3])),
            &[
                "`vmap` at FILE:+2: expected leaf 0 to have axis 2, the batch, got f64[2,3]",
                "  help: a leaf that is the same for each example is named by `None` in `vmap_axes`"
            ]
        ),
        case!(
            "vmap_axes, no such axis of the result",
            vmap_axes([Some(0)], 2, |x: &Tensor| x.sum())(&Tensor::zeros::<f64>([2, 3])),
            &[
                "`vmap_axes` at FILE:+2: expected a result that can have the batch as axis 2, got f64[2] with the batch as axis 0",
                "  help: a result of rank 1 can have it as axis -1 to 0"
            ]
        ),
        case!(
            "an error in an example",
            vmap(|x: &Tensor| x.matmul(&Tensor::from([1.0, 2.0])))(&Tensor::zeros::<f64>([4, 3])),
            &[
                "`matmul` at FILE:+2: expected axis 0 of the left as long as axis 0 of the right, got f64[3] and f64[2]",
                "  help: `t()` exchanges the last two axes"
            ]
        ),
    ]);
}

/// Tensors of a trace.
#[test]
fn traced() {
    check(&[
        case!(
            "item under vmap",
            vmap(|x: &Tensor| x * x.item::<f64>())(&Tensor::from([1.0, 2.0])),
            &[
                "`value of a traced tensor` at FILE:+2: it depends on a mapped input, which has a value for each example",
                "  note: `vmap` was called at FILE:+2",
                "  note: the input is number 0, f64[]",
                "  help: choose with `mask.select(&a, &b)`, or `cond(&p, f, g, &x)` where only one side may run"
            ]
        ),
        case!(
            "if under vmap",
            {
                vmap(|x: &Tensor| {
                    let y = x * 2.0;
                    if y > 1.0 { y } else { x.sin() }
                })(&Tensor::from([1.0, 2.0]))
            },
            &[
                "`value of a traced tensor` at FILE:+5: it depends on a mapped input, which has a value for each example",
                "  note: `vmap` was called at FILE:+3",
                "  note: the input is number 0, f64[]",
                "  help: choose with `mask.select(&a, &b)`, or `cond(&p, f, g, &x)` where only one side may run"
            ]
        ),
        case!(
            "item in a branch of cond",
            cond(
                &Tensor::from(true),
                |x: &Tensor| x * x.item::<f64>(),
                |x: &Tensor| x.sin(),
                &Tensor::from(1.0)
            ),
            &[
                "`value of a traced tensor` at FILE:+4: it depends on an input of the body of `cond`, which has no value yet",
                "  note: `cond` was called at FILE:+2",
                "  note: the input is number 0, f64[]",
                "  help: choose with `mask.select(&a, &b)`, or `cond(&p, f, g, &x)` where only one side may run"
            ]
        ),
        case!(
            "requires_grad",
            grad(|x: &Tensor| x.clone().requires_grad().sum())(&Tensor::from([1.0, 2.0])),
            &[
                "`requires_grad` at FILE:+2: a tensor traced by `grad`",
                "  note: that `grad` was called at FILE:+2",
                "  help: the eager graph is for concrete tensors: inside a transformed function use `grad(f)(&x)`"
            ]
        ),
        case!(
            "backward",
            grad(|x: &Tensor| {
                let y = x.square().sum();
                y.backward();
                y
            })(&Tensor::from([1.0, 2.0])),
            &[
                "`backward` at FILE:+4: a tensor traced by `grad`",
                "  note: that `grad` was called at FILE:+2",
                "  help: the eager graph is for concrete tensors: inside a transformed function use `grad(f)(&x)`"
            ]
        ),
        case!(
            "on_grad",
            grad(|x: &Tensor| {
                x.on_grad(|_| None);
                x.sum()
            })(&Tensor::from([1.0, 2.0])),
            &[
                "`on_grad` at FILE:+3: a tensor traced by `grad`",
                "  note: that `grad` was called at FILE:+2",
                "  help: the eager graph is for concrete tensors: inside a transformed function use `grad(f)(&x)`"
            ]
        ),
        case!(
            "set_grad",
            grad(|x: &Tensor| {
                x.set_grad(&Tensor::from([1.0, 2.0]));
                x.sum()
            })(&Tensor::from([1.0, 2.0])),
            &[
                "`set_grad` at FILE:+3: a tensor traced by `grad`",
                "  note: that `grad` was called at FILE:+2",
                "  help: the eager graph is for concrete tensors: inside a transformed function use `grad(f)(&x)`"
            ]
        ),
        case!(
            "stored outside",
            {
                let store = RefCell::new(None);
                grad(|x: &Tensor| {
                    *store.borrow_mut() = Some(x.sin());
                    x.sum()
                })(&Tensor::from([1.0, 2.0]));
                let stored = store.take().unwrap();
                stored.cos()
            },
            &[
                "`cos` at FILE:+9: a tensor of a `grad` that has ended",
                "  note: that `grad` was called at FILE:+4",
                "  help: return the tensor from the function instead of storing it outside"
            ]
        ),
        case!(
            "stored outside and forced",
            {
                let store = RefCell::new(None);
                let _ = vjp(
                    |x: &Tensor| {
                        *store.borrow_mut() = Some(x.sin());
                        x.sum()
                    },
                    &Tensor::from([1.0, 2.0]),
                );
                let stored = store.take().unwrap();
                stored.to_vec::<f64>()
            },
            &[
                "`value of a traced tensor` at FILE:+12: a tensor of a `vjp` that has ended",
                "  note: that `vjp` was called at FILE:+4",
                "  help: return the tensor from the function instead of storing it outside"
            ]
        ),
        case!(
            "on another thread",
            grad(|x: &Tensor| {
                let there = std::thread::scope(|scope| scope.spawn(|| quietly(|| x.sin())).join());
                panic!("{}", there.unwrap())
            })(&Tensor::from(1.0)),
            &[
                "`sin` at FILE:+3: a tensor traced by `grad` on another thread",
                "  note: that trace was opened at FILE:+2",
                "  help: use the tensors of a trace on the thread that runs the function"
            ]
        ),
        case!(
            "if on a mapped input, two traces further in",
            {
                let f = |x: &Tensor| if *x > 0.0 { x.clone() } else { x * 2.0 };
                vmap(grad(f))(&Tensor::from([1.0, 2.0]))
            },
            &[
                "`value of a traced tensor` at FILE:+3: it depends on a mapped input, which has a value for each example",
                "  note: `vmap` was called at FILE:+4",
                "  note: the input is number 0, f64[]",
                "  help: choose with `mask.select(&a, &b)`, or `cond(&p, f, g, &x)` where only one side may run"
            ]
        ),
        case!(
            "trace_program with a tensor from outside",
            {
                let outside = leaf();
                trace_program(&[Type::new(DType::F64, [2])], |x| vec![&x[0] * &outside])
            },
            &[
                "`trace_program` at FILE:+4: expected a function of its inputs alone, got a tensor from outside, f64[2]",
                "  note: it was made at main.rs",
                "  help: pass it as an input"
            ]
        ),
    ]);
}

/// `cond`.
#[test]
fn conditional() {
    check(&[
        case!(
            "predicate of many",
            cond(
                &Tensor::from([true, false]),
                |x: &Tensor| x.sin(),
                |x: &Tensor| x.cos(),
                &Tensor::from(1.0)
            ),
            &[
                "`cond` at FILE:+2: expected one bool to choose by, got bool[2]",
                "  help: compare two numbers, or reduce with `.to(DType::I64).sum().greater(0)`; entry by entry there is `select`"
            ]
        ),
        case!(
            "predicate no bool",
            cond(&Tensor::from(1.0), |x: &Tensor| x.sin(), |x: &Tensor| x.cos(), &Tensor::from(1.0)),
            &[
                "`cond` at FILE:+2: expected one bool to choose by, got f64[]",
                "  help: compare two numbers, or reduce with `.to(DType::I64).sum().greater(0)`; entry by entry there is `select`"
            ]
        ),
        case!(
            "branches of two types",
            cond(&Tensor::from(true), |x: &Tensor| x.sin(), |x: &Tensor| x.sum(), &Tensor::from([1.0, 2.0])),
            &[
                "`cond` at FILE:+2: expected branches with results of one type, got (f64[2]) and (f64[])",
                "  help: the first branch's types stand left: convert with `.to(…)`, or broadcast"
            ]
        ),
        case!(
            "branches of two structures",
            cond(&Tensor::from(true), |x: &Tensor| vec![x.sin()], |_: &Tensor| vec![], &Tensor::from(1.0)),
            &[
                "`cond` at FILE:+2: expected branches with results of one structure, got [0] is missing on the right",
                "  help: left is the first branch, right the second"
            ]
        ),
        case!(
            "an error in a branch",
            cond(
                &Tensor::from(true),
                |x: &Tensor| x.sin(),
                |x: &Tensor| x.reshape([3]),
                &Tensor::from([1.0, 2.0]),
            ),
            &[
                "`reshape` at FILE:+5: expected 3 entries for shape [3], got f64[2], which has 2",
                "  help: the new lengths must multiply to the same number of entries"
            ]
        ),
    ]);
}

/// NaN, found where it arises.
#[test]
fn anomalies() {
    check(&[
        case!(
            "forward",
            anomaly(Anomaly::Nan, || Tensor::from([4.0, -1.0]).sqrt().sum()),
            &["`sqrt` at FILE:+2: expected no NaN, got NaN in f64[2] from [4, -1]"]
        ),
        case!(
            "anomaly in a tangent",
            {
                let x = Tensor::from([1.0, 0.0]);
                anomaly(Anomaly::NotFinite, || jvp(|x: &Tensor| x.sqrt(), &x, &x.ones_like()))
            },
            &[
                "`recip` at FILE:+4: expected finite values, got inf in f64[2] from [1, 0]",
                "  note: in the tangent of `sqrt` made at FILE:+4"
            ]
        ),
        case!(
            "anomaly in the backward of a call",
            {
                let x = leaf();
                let slope = grad(|x: &Tensor| (x - 1.0).sqrt().sum());
                let y = slope(&x).sum();
                anomaly(Anomaly::NotFinite, || y.backward())
            },
            &[
                "`recip` at FILE:+4: expected finite values, got inf in f64[2] from [0, 1]",
                "  note: in the tangent of `sqrt` made at FILE:+4",
                "  note: in the backward of `call` made at FILE:+4"
            ]
        ),
        case!(
            "anomaly in a body",
            {
                let then = |x: &Tensor| (x - 5.0).ln() + 1.0;
                let choose = |x: &Tensor| cond(&x.greater(0.0), then, |x: &Tensor| x.clone(), x);
                anomaly(Anomaly::Nan, || choose(&Tensor::from(1.0)))
            },
            &["`ln` at FILE:+3: expected no NaN, got NaN in f64[] from -4"]
        ),
        case!(
            "infinity",
            anomaly(Anomaly::NotFinite, || Tensor::from([1.0, 0.0]).ln().sum()),
            &["`ln` at FILE:+2: expected finite values, got -inf in f64[2] from [1, 0]"]
        ),
        case!(
            "division",
            anomaly(Anomaly::Nan, || Tensor::from([1.0, 0.0]) / Tensor::from([2.0, 0.0])),
            &["`div` at FILE:+2: expected no NaN, got NaN in f64[2] from [1, 0] and [2, 0]"]
        ),
        case!(
            "backward",
            {
                let x = Tensor::from([0.0, 1.0]).requires_grad();
                let y = x.sqrt();
                let z = y.sum();
                anomaly(Anomaly::NotFinite, || z.backward());
            },
            &[
                "`recip` at FILE:+4: expected finite values, got inf in f64[2] from [0, 1]",
                "  note: in the backward of `sqrt` made at FILE:+4"
            ]
        ),
        case!(
            "under grad",
            anomaly(Anomaly::NotFinite, || {
                grad(|x: &Tensor| {
                    let y = x.sqrt();
                    y.sum()
                })(&Tensor::from([0.0, 1.0]))
            }),
            &[
                "`recip` at FILE:+4: expected finite values, got inf in f64[2] from [0, 1]",
                "  note: in the backward of `sqrt` made at FILE:+4"
            ]
        ),
    ]);
}
