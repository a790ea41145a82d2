//! Rules of one's own that break their contract.

use super::*;

#[test]
fn custom() {
    check(&[
        case!(
            "custom_vjp, another shape",
            {
                let f = custom_vjp(|x: &Tensor| (x.round(), ()), |_: &(), ct: &Tensor| ct.sum());
                grad(|x: &Tensor| f(x).sum())(&Tensor::from([1.0, 2.0]))
            },
            &[
                "`custom_vjp` at FILE:+3: expected a gradient of type f64[2], got f64[]",
                "  help: a gradient has the structure, shapes and dtypes of the argument"
            ]
        ),
        case!(
            "custom_vjp, captured",
            {
                let w = leaf();
                let f = custom_vjp(|x: &Tensor| (x * &w, ()), |_: &(), ct: &Tensor| ct.clone());
                grad(|x: &Tensor| f(x).sum())(&Tensor::from([1.0, 2.0]))
            },
            &[
                "`custom_vjp` at FILE:+4: expected a function of its arguments alone, got a captured tensor, f64[2], that is being differentiated",
                "  note: it was made at main.rs",
                "  help: pass it as an argument: its gradient would be lost"
            ]
        ),
        case!(
            "custom_vjp, forward of a rule that is not linear",
            {
                let f = custom_vjp(|x: &Tensor| (x.round(), ()), |_: &(), ct: &Tensor| ct.square());
                jvp(f, &Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 0.0]))
            },
            &[
                "`custom_vjp` at FILE:+3: expected a backward rule that is linear in its cotangent, to go forward through it, got one with `square`, which is not",
                "  help: forward mode needs `custom_jvp`; or make the rule linear in the cotangent"
            ]
        ),
        case!(
            "custom_jvp, another shape",
            {
                let f = custom_jvp(|x: &Tensor| x.round(), |x: &Tensor, t: &Tensor| (x.round(), t.sum()));
                grad(|x: &Tensor| f(x).sum())(&Tensor::from([1.0, 2.0]))
            },
            &[
                "`custom_jvp` at FILE:+3: expected a tangent of type f64[2], got f64[]",
                "  help: a tangent has the structure, shapes and dtypes of f(x)"
            ]
        ),
        case!(
            "custom_jvp, a value of another dtype",
            {
                let f = custom_jvp(
                    |x: &Tensor| x.to(DType::I64),
                    |x: &Tensor, t: &Tensor| (x.round(), t.to(DType::I64)),
                );
                jvp(f, &Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 0.0]))
            },
            &[
                "`custom_jvp` at FILE:+3: expected a value of type i64[2], got f64[2]",
                "  help: a value has the structure, shapes and dtypes of f(x)"
            ]
        ),
        case!(
            "custom_jvp, a value of another structure",
            {
                let f = custom_jvp(
                    |x: &Tensor| vec![x.sin()],
                    |x: &Tensor, t: &Tensor| (vec![x.sin(), x.cos()], vec![t * x.cos()]),
                );
                grad(|x: &Tensor| f(x)[0].sum())(&Tensor::from([1.0, 2.0]))
            },
            &[
                "`custom_jvp` at FILE:+3: expected a value of f(x)'s structure, got [1] is missing on the left",
                "  help: a value has the structure, shapes and dtypes of f(x)"
            ]
        ),
        case!(
            "custom_vjp, captured and called with what is not differentiated",
            {
                let f = |w: &Tensor| {
                    let f = custom_vjp(|x: &Tensor| (x * w, ()), |_: &(), ct: &Tensor| ct.clone());
                    f(&Tensor::from(2.0))
                };
                grad(f)(&Tensor::from(3.0))
            },
            &[
                "`custom_vjp` at FILE:+4: expected a function of its arguments alone, got a value, f64[], that depends on a captured tensor that is being differentiated",
                "  note: it was made at FILE:+4",
                "  help: pass it as an argument: its gradient would be lost"
            ]
        ),
        case!(
            "custom_jvp, not linear",
            {
                let f = custom_jvp(|x: &Tensor| x.round(), |x: &Tensor, t: &Tensor| (x.round(), t.square()));
                grad(|x: &Tensor| f(x).sum())(&Tensor::from([1.0, 2.0]))
            },
            &[
                "`square` at FILE:+3: expected an operation that is linear in its tangent, to transpose it, got one that is not",
                "  help: a rule for tangents must be linear in them: take the values it needs from `x` and `y`"
            ]
        ),
        case!(
            "custom_jvp, value from the tangent",
            {
                let f = custom_jvp(|x: &Tensor| x.round(), |_: &Tensor, t: &Tensor| (t.round(), t.clone()));
                grad(|x: &Tensor| f(x).sum())(&Tensor::from([1.0, 2.0]))
            },
            &[
                "`custom_jvp` at FILE:+3: expected a value that depends on `x` alone, got one that depends on the tangent",
                "  help: return `(f(x), tangent)`"
            ]
        ),
        case!(
            "Function, too few gradients",
            Broken(|_| vec![]).apply(&[&leaf()]),
            &[
                "`Broken::backward` at FILE:+2: expected 1 gradients, one for each input, got 0",
                "  help: return `None` for an input that needs no gradient"
            ]
        ),
        case!(
            "Function, another shape",
            Broken(|ct| vec![Some(ct.sum())]).apply(&[&leaf()]),
            &[
                "`Broken::backward` at FILE:+2: expected a gradient of type f64[2] for input 0, got f64[]",
                "  help: a gradient has the shape and dtype of its input; sum over what was broadcast"
            ]
        ),
        case!(
            "Function, another dtype",
            Broken(|ct| vec![Some(ct.to(DType::F32))]).apply(&[&leaf()]),
            &[
                "`Broken::backward` at FILE:+2: expected a gradient of type f64[2] for input 0, got f32[2]",
                "  help: a gradient has the shape and dtype of its input; sum over what was broadcast"
            ]
        ),
        case!(
            "Function, a gradient of integers",
            Broken(|ct| vec![Some(ct.clone()), Some(ct.clone())]).apply(&[&leaf(), &Tensor::from([1, 2])]),
            &[
                "`Broken::backward` at FILE:+2: expected `None` for input 1, i32[2], got f64[2]",
                "  help: only floats have gradients"
            ]
        ),
    ]);
}
