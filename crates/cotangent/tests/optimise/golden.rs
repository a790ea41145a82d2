//! Each pass at work on the seed's network and its gradient, as files. `COTANGENT_WRITE_GOLDEN=1` writes them anew.

use cotangent::core::Program;
use cotangent::optimise::optimise_watched;
use cotangent::prelude::*;
use std::fmt::Write;
use std::path::Path;

/// Two layers, and the squared error.
fn loss((w1, w2, x): &(Tensor, Tensor, Tensor)) -> Tensor {
    (x.matmul(w1).relu().matmul(w2) - 1.0).powi(2).sum()
}

fn traced(f: impl Fn(&(Tensor, Tensor, Tensor)) -> Vec<Tensor>) -> Program {
    let types = [[10, 5].as_slice(), &[5, 1], &[1, 10]]
        .map(|shape| Tensor::zeros::<f64>(shape.to_vec()).ty().clone());
    trace_program(&types, |x| f(&(x[0].clone(), x[1].clone(), x[2].clone())))
}

/// The program as it is traced, and after each pass that changes it.
fn told(program: &Program) -> String {
    let mut text = format!("traced\n{program}\n");
    optimise_watched(program, |name, before, after| {
        let (before, after) = (before.to_string(), after.to_string());
        match before == after {
            true => writeln!(text, "\n{name}: the same").unwrap(),
            false => writeln!(text, "\n{name}\n{after}").unwrap(),
        }
    });
    text
}

fn check(name: &str, program: &Program) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/optimise").join(name);
    let text = told(program);
    if std::env::var_os("COTANGENT_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == golden, "{name} is now\n{text}\n(COTANGENT_WRITE_GOLDEN=1 writes it)");
}

#[test]
fn the_network() {
    check("network.txt", &traced(|x| vec![loss(x)]));
}

#[test]
fn the_networks_gradient() {
    let program = traced(|x| {
        let (y, (w1, w2, _)) = value_and_grad(loss)(x);
        vec![y, w1, w2]
    });
    check("network_gradient.txt", &program);
}
