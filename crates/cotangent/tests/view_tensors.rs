//! Graphs of tensors and of programs.

use cotangent::core::{DType, Program, Type, trace_program};
use cotangent::prelude::*;
use cotangent::view::{Graph, Kind};

const HEAD: &str = "Computation Graph (from output to inputs):\n========================================\n";

/// The seed's visualisation example.
fn seed() -> (Graph, Tensor) {
    let (a, b) = (Tensor::from(2.0).requires_grad(), Tensor::from(3.0).requires_grad());
    let c = &a * &b;
    let d = &c + &a;
    c.retain_grad();
    d.retain_grad();
    let e = d.powi(2);
    e.retain_grad();
    e.backward();
    (Graph::of_tensor_named(&e, &[("a", &a), ("b", &b)]), e)
}

#[test]
fn the_seeds_tree() {
    // By hand: e = d² = 64, ∂e/∂d = 16, ∂e/∂c = 16, ∂e/∂a = 16·3 + 16 = 64, ∂e/∂b = 16·2 = 32.
    let (graph, e) = seed();
    let tree = "\
├─ **2 64.0000 (grad: 1.0000)
  ├─ + 8.0000 (grad: 16.0000)
    ├─ * 6.0000 (grad: 16.0000)
      ├─ input a: 2.0000 (grad: 64.0000)
      ├─ input b: 3.0000 (grad: 32.0000)
    ├─ input a: 2.0000 (grad: 64.0000)
";
    assert_eq!(graph.text(), format!("{HEAD}{tree}"));
    let unnamed = Graph::of_tensor(&e).text();
    assert_eq!(unnamed, format!("{HEAD}{tree}").replace("input a", "input").replace("input b", "input"));
    assert_eq!(graph.root().kind(), Kind::Operation { op: "powi", parameter: Some(2) });
    assert!(graph.root().place().unwrap().file().ends_with("view_tensors.rs"));
}

#[test]
fn every_writer_writes_tensors() {
    let (graph, _) = seed();
    let dot = graph.dot();
    assert!(dot.contains("n0 [label=\"a\\nvalue 2.0000\\ngrad 64.0000\", shape=ellipse"), "{dot}");
    assert!(dot.contains("n2 -> n3;") && dot.contains("n0 -> n3;"), "{dot}");
    let mermaid = graph.mermaid();
    assert!(mermaid.contains("n0([\"a<br/>value 2.0000<br/>grad 64.0000\"])"), "{mermaid}");
    assert!(mermaid.contains("n3 --> n4"), "{mermaid}");
    let svg = graph.svg();
    assert!(svg.contains(">a</text>") && svg.contains("grad 64.0000") && svg.ends_with("</svg>\n"), "{svg}");
}

#[test]
fn small_values_are_shown_and_large_ones_told_by_type() {
    let w = Tensor::from([[1.0, -2.0], [0.5, 4.0]]).requires_grad();
    let x = Tensor::from([3.0, 1.0]);
    let y = (w.matmul(&x) + 1.0).relu().sum();
    y.backward();
    let graph = Graph::of_tensor_named(&y, &[("w", &w)]);
    let w = &graph.nodes()[graph.find("w").unwrap()];
    assert_eq!(w.type_text(), Some("f64[2,2]"));
    let text = graph.text();
    // By hand: w·x = (1, 5.5), plus one (2, 6.5), whose sum is 8.5; the gradient is a row of x for each.
    assert!(text.contains("input w: f64[2,2] [1, -2, 0.5, 4] (grad: [3, 1, 3, 1])\n"), "{text}");
    assert!(text.contains("├─ sum[axes=[0]] 8.5000\n  ├─ relu f64[2] [2, 6.5]\n"), "{text}");
    let large = Tensor::full([100], 0.5).requires_grad();
    let product = &large * &Tensor::arange::<f64>(100);
    let text = Graph::of_tensor(&product).text();
    assert!(text.ends_with("├─ * f64[100]\n  ├─ input: f64[100]\n  ├─ constant: f64[100]\n"), "{text}");
    // A sum keeps nothing for its pullback: its operands are told by their types, not shown as zeros. The sine keeps the sum.
    let x = Tensor::from([1.0, 2.0]).requires_grad();
    let text = Graph::of_tensor(&(&x + &Tensor::from([3.0, 5.0])).sin()).text();
    assert!(
        text.ends_with("  ├─ + f64[2] [4, 7]\n    ├─ input: f64[2]\n    ├─ constant: f64[2]\n"),
        "{text}"
    );
    assert!(Graph::of_tensor(&Tensor::from([1.0, 2.0])).text().ends_with("├─ constant: f64[2] [1, 2]\n"));
}

#[test]
fn custom_rules_and_choices_are_drawn() {
    let x = Tensor::from(0.5).requires_grad();
    let f = custom_vjp(|x: &Tensor| (x.sin(), x.cos()), |r: &Tensor, ct: &Tensor| r * ct);
    let y = cond(&x.greater(0.0), |x: &Tensor| x.exp(), |x: &Tensor| -x, &f(&x));
    y.backward();
    let graph = Graph::of_tensor(&(&y * 2.0));
    assert!(
        graph.nodes().iter().any(|node| node.symbol().is_some_and(|s| s.contains("equations"))),
        "{graph}"
    );
    assert!(graph.text().contains("(grad: "), "{graph}");
    assert_eq!(graph.root().value(), Some(2.0 * 0.5_f64.sin().exp()));
}

#[test]
fn programs_are_drawn_with_their_names() {
    let program = trace_program(&[Type::new(DType::F64, [3]), Type::new(DType::F32, [])], |x| {
        let (values, order) = x[0].sort(0);
        vec![values.sum(), order]
    });
    let graph = Graph::of_program(&program);
    let tree = "\
├─ return (f64[], i64[3])
  ├─ sum[axes=[0]] f64[] [e]
    ├─ sort[axis=0] f64[3], i64[3] [c, d]
      ├─ input a: f64[3]
  ├─ ↑ c, d (above)
";
    assert_eq!(graph.text(), format!("{HEAD}{tree}"));
    // The second input is nobody's.
    assert_eq!(graph.inputs().count(), 1);
    assert!(graph.dot().contains("sort[axis=0]") && graph.svg().contains("return"));
    let empty: Program = "program() {\n  return\n}".parse().unwrap();
    assert_eq!(Graph::of_program(&empty).nodes().len(), 1);
    let same: Program = "program(a: f64[2], b: i32[]) {\n  return b\n}".parse().unwrap();
    assert!(Graph::of_program(&same).text().ends_with("├─ input b: i32[]\n"));
}

#[test]
fn a_million_operations_on_a_small_stack() {
    let work = || {
        let x = Tensor::from(1.0).requires_grad();
        let mut y = x.clone();
        for _ in 0..500_000 {
            y = (&y + &x).sin();
        }
        let graph = Graph::of_tensor(&y);
        assert_eq!(graph.nodes().len(), 1_000_001);
        assert_eq!(graph.text().lines().count(), 2 + 1_000_001 + 500_000);
        drop(graph);
        let types = [Type::new(DType::F32, [])];
        let program = trace_program(&types, |x| vec![(0..200_000).fold(x[0].clone(), |y, _| y.sin())]);
        assert_eq!(Graph::of_program(&program).nodes().len(), 200_001);
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(work).unwrap().join().unwrap();
}
