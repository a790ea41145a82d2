//! Programs as text: what prints is read back, what is malformed is refused with its place, and nothing panics.

use cotangent::core::{Array, DType, Item, Kind, Param, Program, Type, apply, trace, trace_program};
use cotangent::op;
use cotangent::prelude::*;

/// Bits, so that NaN is NaN and −0 is not 0.
fn bits(x: &Tensor) -> Vec<u64> {
    let of = |item: Item| match item {
        Item::F32(x) => u64::from(x.to_bits()),
        item => item.to_f64().to_bits(),
    };
    x.as_array().expect("concrete").items().map(of).collect()
}

/// Prints, reads, prints again; both programs give the same at these inputs.
#[track_caller]
fn round_trip(program: &Program, inputs: &[Tensor]) -> Program {
    let text = program.to_string();
    let read: Program = text.parse().unwrap_or_else(|error| panic!("{error}\nin\n{text}"));
    assert_eq!(read.to_string(), text);
    let (a, b) = (program.eval(inputs), read.eval(inputs));
    let (a, b) = (a.unwrap_or_else(|e| panic!("{e}")), b.unwrap_or_else(|e| panic!("{e}")));
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(&b) {
        assert_eq!((a.ty(), bits(a)), (b.ty(), bits(b)), "{text}");
    }
    read
}

#[test]
fn every_primitive_is_read_back() {
    let mut count = 0;
    for (_, samples) in op::samples() {
        for sample in samples {
            let types: Vec<Type> = sample.inputs.iter().map(|x| x.ty().clone()).collect();
            let program = trace_program(&types, |x| {
                apply(sample.prim.clone(), &x.iter().collect::<Vec<_>>()).into_vec()
            });
            let read = round_trip(&program, &sample.inputs);
            assert_eq!(format!("{:?}", read.equations()[0].prim), format!("{:?}", sample.prim));
            count += 1;
        }
    }
    assert!(count > 300, "{count} samples");
}

fn loss(w: &Tensor) -> Tensor {
    let x = Tensor::from([[0.3, -0.2], [0.5, 0.9], [-1.1, 0.4]]);
    let hidden = x.matmul(w).tanh();
    (&hidden * &hidden).sum_axes(0).softplus().sum()
}

/// The program of a function at a point, and what it is run on.
fn traced<A: Tree + Clone, B: Tree>(x: &A, f: impl Fn(&A) -> B) -> (Program, Vec<Tensor>) {
    let (closed, _) = trace(Kind::Transform("test"), x, |x: &A| f(x));
    let mut inputs = Vec::new();
    let _ = cotangent::core::zip_map(x, x, |x, _| {
        inputs.push(x.clone());
        x.clone()
    });
    inputs.extend(closed.captures.iter().cloned());
    (closed.program, inputs)
}

#[test]
fn transformed_networks_are_read_back() {
    let w = Tensor::from([[0.1, -0.7, 0.4], [1.3, 0.2, -0.6]]);
    let t = Tensor::from([[1.0, 0.5, -2.0], [0.25, 3.0, 1.0]]);
    let cases = [
        traced(&w, loss),
        traced(&w, grad(loss)),
        traced(&w, |w: &Tensor| jvp(loss, w, &t)),
        traced(&w, |w: &Tensor| jvp(grad(loss), w, &t).1),
        traced(&w, |w: &Tensor| vmap(|row: &Tensor| (row * row).sin().sum())(w)),
        traced(&Tensor::from([0.5, -1.5]), |w: &Tensor| hessian(|w: &Tensor| (w * w * w).sum())(w)),
    ];
    for (program, inputs) in &cases {
        assert!(program.equations().len() >= 3);
        round_trip(program, inputs);
    }
}

fn choose(x: &Tensor) -> Tensor {
    let big = x.greater(0.5);
    cond(
        &big,
        |x: &Tensor| cond(&x.greater(2.0), |x: &Tensor| x.exp(), |x: &Tensor| x.sin() * 3.0, x),
        |x: &Tensor| x.cos(),
        x,
    )
}

#[test]
fn nested_bodies_are_read_back() {
    for x in [0.2, 1.5, 2.5] {
        let x = Tensor::from(x);
        for (program, inputs) in
            [traced(&x, choose), traced(&x, grad(choose)), traced(&x, |x: &Tensor| jvp(grad(choose), x, x).1)]
        {
            assert!(program.to_string().contains("cond[then=program("));
            let read = round_trip(&program, &inputs);
            // What was read is differentiated as what was traced.
            if program.outputs().len() == 1 {
                let of = |program: &Program| {
                    let f = |x: &Tensor| program.eval(std::slice::from_ref(x)).unwrap()[0].clone();
                    grad(f)(&x).item::<f64>()
                };
                assert_eq!(of(&program), of(&read));
            }
        }
    }
}
