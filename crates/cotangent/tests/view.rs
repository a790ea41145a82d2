//! The views of a graph: the seed's tree and numbers, shared nodes, hostile labels, long chains.

use cotangent::number::{Dual, Expr, Real, Tape, Var};
use cotangent::view::{Graph, Kind};

/// The seed's visualisation example.
fn seed(tape: &Tape) -> Graph {
    let (a, b) = (tape.var(2.0).label("a"), tape.var(3.0).label("b"));
    let c = (a * b).label("c");
    let d = (c + a).label("d");
    let e = d.powi(2).label("e");
    e.backward();
    Graph::of_tape(tape, &e)
}

/// The seed's (x1 + x2)·(x1·x2) at (2, 3).
fn product<'t>(tape: &'t Tape) -> Var<'t> {
    let (x1, x2) = (tape.var(2.0).label("x1"), tape.var(3.0).label("x2"));
    let f = (x1 + x2).label("a") * (x1 * x2).label("b");
    f.backward();
    f.label("f")
}

#[test]
fn the_seeds_tree() {
    let tape = Tape::new();
    let graph = seed(&tape);
    // By hand: e = d² = 64, ∂e/∂d = 16, ∂e/∂c = 16, ∂e/∂a = 16·3 + 16 = 64, ∂e/∂b = 16·2 = 32.
    assert_eq!(
        graph.text(),
        "\
Computation Graph (from output to inputs):
========================================
├─ **2 64.0000 (grad: 1.0000) [e]
  ├─ + 8.0000 (grad: 16.0000) [d]
    ├─ * 6.0000 (grad: 16.0000) [c]
      ├─ input a: 2.0000 (grad: 64.0000)
      ├─ input b: 3.0000 (grad: 32.0000)
    ├─ input a: 2.0000 (grad: 64.0000)
"
    );
    assert_eq!(graph.to_string(), graph.text());
}

#[test]
fn the_seeds_paths() {
    let tape = Tape::new();
    let f = product(&tape);
    let graph = Graph::of_tape(&tape, &f);
    let x1 = graph.paths("x1", 10);
    let contributions: Vec<f64> = x1.listed.iter().filter_map(|path| path.contribution).collect();
    assert_eq!((x1.total, contributions.as_slice(), x1.derivative), (2, [6.0, 15.0].as_slice(), Some(21.0)));
    assert_eq!(x1.listed[0].factors, [6.0, 1.0]);
    assert_eq!(x1.listed[1].factors, [5.0, 3.0]);
    let x2 = graph.paths("x2", 10);
    let contributions: Vec<f64> = x2.listed.iter().filter_map(|path| path.contribution).collect();
    assert_eq!((contributions.as_slice(), x2.derivative), ([6.0, 10.0].as_slice(), Some(16.0)));
    assert_eq!(
        x2.to_string(),
        "∂f/∂x2 = 16, over 2 paths:\n  f → a → x2: 6 · 1 = 6\n  f → b → x2: 5 · 2 = 10\n"
    );
    // One listed, both counted and summed.
    let one = graph.paths("x1", 1);
    assert_eq!((one.listed.len(), one.total, one.derivative), (1, 2, Some(21.0)));
    assert!(one.to_string().ends_with("… and 1 more\n"));
    assert_eq!(graph.paths("x1", 0).listed.len(), 0);
    let none = graph.paths("nobody", 10);
    assert_eq!((none.total, none.derivative), (0, Some(0.0)));
    assert_eq!(none.to_string(), "∂f/∂nobody = 0: no path leads there\n");
}

#[test]
fn contributions_add_up_to_the_gradient() {
    let tape = Tape::new();
    let (x, y) = (tape.var(0.7).label("x"), tape.var(-1.3).label("y"));
    let s = (x * y).sin() + x.exp() * y;
    let z = (s * s / (x.square() + 1.0) - y * s).tanh() * x;
    z.backward();
    let graph = Graph::of_tape(&tape, &z);
    for (name, var) in [("x", x), ("y", y)] {
        let paths = graph.paths(name, 1000);
        assert_eq!(paths.total, paths.listed.len() as u128);
        let sum: f64 = paths.listed.iter().filter_map(|path| path.contribution).sum();
        assert!((sum - var.grad()).abs() < 1e-14, "{name}: {sum} {}", var.grad());
        assert!((paths.derivative.unwrap() - var.grad()).abs() < 1e-14);
        let mut distinct: Vec<_> = paths.listed.iter().map(|path| &path.nodes).collect();
        distinct.sort();
        distinct.dedup();
        // s·s goes through the same node twice: two paths, one list of nodes.
        assert!(distinct.len() < paths.listed.len());
    }
}

#[test]
fn a_shared_operation_is_written_once() {
    let tape = Tape::new();
    let mut y = tape.var(1.0).label("x");
    for _ in 0..60 {
        y = y + y;
    }
    y.backward();
    let graph = Graph::of_tape(&tape, &y);
    // As a tree this would have 2⁶¹ lines.
    let text = graph.text();
    assert_eq!(text.lines().count(), 2 + 61 + 60);
    assert!(text.contains("├─ ↑ #59 (above)"));
    assert!(text.contains("├─ + 576460752303423488.0000") || text.contains("├─ + 5.7646e17"), "{text}");
    assert_eq!(graph.paths("x", 5).total, 1 << 60);
}

#[test]
fn constants_and_what_is_not_reached() {
    let tape = Tape::new();
    let (x, unused) = (tape.var(2.0).label("x"), tape.var(9.0));
    let y = 3.0 * x - 1.0;
    let _ = unused * x;
    y.backward();
    let graph = Graph::of_tape(&tape, &y);
    let kinds: Vec<Kind> = graph.nodes().iter().map(|node| node.kind()).collect();
    let operation = |op| Kind::Operation { op, parameter: None };
    assert_eq!(kinds, [Kind::Input, Kind::Constant, operation("mul"), Kind::Constant, operation("sub")]);
    let tree = "\
├─ - 5.0000 (grad: 1.0000)
  ├─ * 6.0000 (grad: 1.0000)
    ├─ constant: 3.0000
    ├─ input x: 2.0000 (grad: 3.0000)
  ├─ constant: 1.0000
";
    assert!(graph.text().ends_with(tree), "{graph}");
    let constant = tape.constant(5.0);
    assert!(Graph::of_tape(&tape, &constant).text().ends_with("├─ constant: 5.0000\n"));
    // A tape of any number shows its values.
    let duals = Tape::<Dual<'static, f64>>::default();
    let y = duals.var(Dual::variable(3.0)).square();
    assert_eq!(Graph::of_tape(&duals, &y).root().value(), Some(9.0));
}

#[test]
fn a_chain_of_a_million_prints() {
    let tape = Tape::new();
    let mut y = tape.var(1.0).label("x");
    for _ in 0..1_000_000 {
        y = y.sin();
    }
    y.backward();
    let graph = Graph::of_tape(&tape, &y);
    let text = graph.text();
    assert_eq!(text.lines().count(), 1_000_003);
    assert!(text.contains("[depth 1000000] ├─ input x: 1.0000"));
    assert!(text.len() < 150_000_000);
    let paths = graph.paths("x", 10);
    assert_eq!((paths.total, paths.listed[0].factors.len()), (1, 1_000_000));
    assert_eq!(graph.dot().matches("->").count(), 1_000_000);
    assert_eq!(graph.mermaid().matches("-->").count(), 1_000_000);
    drop(graph);
}

#[test]
fn dot_and_mermaid() {
    let tape = Tape::new();
    let graph = seed(&tape);
    let dot = graph.dot();
    assert!(dot.starts_with("digraph computation {") && dot.ends_with("}\n"));
    assert!(dot.contains(r#"n0 [label="a\nvalue 2.0000\ngrad 64.0000", shape=ellipse"#), "{dot}");
    assert!(dot.contains(r#"n2 [label="c\n*\nvalue 6.0000\ngrad 16.0000", shape=box"#), "{dot}");
    assert!(dot.contains(r#"n0 -> n2 [label="3"];"#) && dot.contains(r#"n3 -> n4 [label="16"];"#), "{dot}");
    let chart = graph.mermaid();
    assert!(chart.contains(r#"n2["c<br/>#42;<br/>value 6.0000<br/>grad 16.0000"]"#), "{chart}");
    assert!(chart.contains(r#"n3 -->|"16"| n4"#), "{chart}");
}

#[test]
fn hostile_labels_stay_inside_their_quotes() {
    let tape = Tape::new();
    let name = "a\"];\n</title><script>&\\ \u{7}#quot;|}`";
    let y = tape.var(2.0).label(name).sin();
    let graph = Graph::of_tape(&tape, &y);
    assert_eq!(graph.text().lines().count(), 4);
    assert!(
        graph.dot().contains(r#"[label="a\"]; </title><script>&\\  #quot;|}`\nvalue"#),
        "{}",
        graph.dot()
    );
    let chart = graph.mermaid();
    let line = chart.lines().nth(1).unwrap();
    assert_eq!(line.matches('"').count(), 2, "{line}");
    assert!(!line.contains("<script>") && !line.contains('`'), "{line}");
    let svg = graph.svg();
    well_formed(&svg);
    assert!(svg.contains("a&quot;]; &lt;/title&gt;&lt;script&gt;&amp;"), "{svg}");
}

#[test]
fn expressions() {
    let (a, b) = (Expr::symbol("a"), Expr::symbol("b"));
    let e = (&a * &b + &a).powi(2);
    let graph = Graph::of_expr_at(&e, &[("a", 2.0), ("b", 3.0)]).unwrap();
    assert_eq!(
        graph.text(),
        "\
Computation Graph (from output to inputs):
========================================
├─ **2 64.0000 (grad: 1.0000)
  ├─ + 8.0000 (grad: 16.0000)
    ├─ * 6.0000 (grad: 16.0000)
      ├─ input a: 2.0000 (grad: 64.0000)
      ├─ input b: 3.0000 (grad: 32.0000)
    ├─ input a: 2.0000 (grad: 64.0000)
"
    );
    let paths = graph.paths("a", 9);
    assert_eq!(paths.listed.iter().filter_map(|p| p.contribution).collect::<Vec<_>>(), [48.0, 16.0]);
    nothing_overlaps(&graph.svg());
    let symbolic = Graph::of_expr(&e);
    assert!(symbolic.text().contains("\n  ├─ +\n    ├─ *\n      ├─ input a\n"), "{symbolic}");
    assert_eq!((symbolic.paths("a", 9).total, symbolic.paths("a", 9).derivative), (2, None));
    assert_eq!(symbolic.paths("a", 9).listed[1].to_string(), "**2 → + → a");
    nothing_overlaps(&symbolic.svg());
    assert!(!symbolic.dot().contains("->  n") && !symbolic.mermaid().contains("NaN"));
    assert!(Graph::of_expr_at(&e, &[("a", 2.0)]).unwrap_err().to_string().contains("`b` has no value"));
    assert_eq!(Graph::of_expr_at(&Expr::constant(2.0), &[]).unwrap().root().value(), Some(2.0));
}

#[test]
fn a_choice_counts_only_its_branch() {
    let x = Expr::symbol("x");
    // where x > 0: √x, else x²: at 0 the root's infinite slope must not come through.
    let y = x.greater(&x.zero()).select(&x.sqrt(), &(x.square() + &x));
    let graph = Graph::of_expr_at(&y, &[("x", 0.0)]).unwrap();
    assert_eq!(graph.nodes()[graph.find("x").unwrap()].grad(), Some(1.0));
    let paths = graph.paths("x", 99);
    assert_eq!((paths.total, paths.derivative), (4, Some(1.0)));
    assert_eq!(paths.listed.iter().filter_map(|path| path.contribution).sum::<f64>(), 1.0);
    nothing_overlaps(&graph.svg());
}

/// Every tag is closed in order, attributes are quoted, and `&` only begins an entity.
#[track_caller]
fn well_formed(xml: &str) {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        for entity in text.split('&').skip(1) {
            assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|e| entity.starts_with(e)), "&{entity}");
        }
        let end = start + rest[start..].find('>').expect("a tag that does not end");
        let tag = &rest[start + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
}

/// The boxes and labels of a picture as (x, y, width, height).
fn rectangles(svg: &str) -> Vec<[f64; 4]> {
    let number = |tag: &str, name: &str| -> f64 {
        let from = tag.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
        tag[from..].split('"').next().unwrap().parse().unwrap()
    };
    let tags = svg.split("<rect").skip(1).map(|tag| tag.split('>').next().unwrap());
    tags.map(|tag| ["x", "y", "width", "height"].map(|name| number(tag, name))).collect()
}

#[track_caller]
fn nothing_overlaps(svg: &str) {
    well_formed(svg);
    let rectangles = rectangles(svg);
    for (i, a) in rectangles.iter().enumerate() {
        assert!(a.iter().all(|v| v.is_finite()));
        for b in &rectangles[..i] {
            let apart = |k: usize| a[k] + a[k + 2] <= b[k] || b[k] + b[k + 2] <= a[k];
            assert!(apart(0) || apart(1), "{a:?} and {b:?} overlap");
        }
    }
}

#[test]
fn pictures() {
    let tape = Tape::new();
    let svg = seed(&tape).svg();
    nothing_overlaps(&svg);
    // Five nodes and five partials, with an arrow for each.
    assert_eq!((rectangles(&svg).len(), svg.matches("marker-end").count()), (10, 5));
    for text in ["c = *", "value 64.0000", "grad 32.0000", ">16<", ">3<"] {
        assert!(svg.contains(text), "{text} is not in {svg}");
    }
    let tape = Tape::new();
    let f = product(&tape);
    nothing_overlaps(&Graph::of_tape(&tape, &f).svg());
    let alone = tape.var(1e300).label("x");
    nothing_overlaps(&Graph::of_tape(&tape, &alone).svg());
}

#[test]
fn a_network_is_drawn_without_overlaps() {
    let tape = Tape::new();
    let x: Vec<Var> = (0..3).map(|i| tape.var(0.1 * f64::from(i)).label(&format!("x{i}"))).collect();
    let mut weights = 0;
    let mut weight = || {
        weights += 1;
        tape.var((f64::from(weights) * 1.7).sin()).label(&format!("w{weights}"))
    };
    let hidden: Vec<Var> =
        (0..4).map(|_| x.iter().fold(weight(), |sum, &x| sum + weight() * x).tanh()).collect();
    let y = hidden.iter().fold(weight(), |sum, &h| sum + weight() * h).sigmoid();
    y.backward();
    nothing_overlaps(&Graph::of_tape(&tape, &y).svg());
}

#[test]
fn operands_enter_in_their_order() {
    // The height of the label with this partial.
    let height = |svg: &str, text: &str| -> f64 {
        let line = svg.lines().find(|line| line.contains(&format!(">{text}<"))).unwrap();
        let y = line.split("<rect").nth(1).unwrap().split(" y=\"").nth(1).unwrap();
        y.split('"').next().unwrap().parse().unwrap()
    };
    let (a, b) = (Expr::symbol("a"), Expr::symbol("b"));
    let point = [("a", 2.0), ("b", 3.0)];
    let svg = Graph::of_expr_at(&((&a + &b) * (&a / &b - &b)), &point).unwrap().svg();
    // The partials of a/b, 1/b above −a/b²; then those of b/a. One of the two has its lines crossed.
    assert!(height(&svg, "0.333333") < height(&svg, "-0.222222"), "{svg}");
    let svg = Graph::of_expr_at(&(&b / &a + &a.sin() * &b), &point).unwrap().svg();
    assert!(height(&svg, "0.5") < height(&svg, "-0.75"), "{svg}");
}

#[test]
fn a_large_graph_is_drawn_in_part() {
    let tape = Tape::new();
    let mut y = tape.var(1.0).label("x");
    for i in 0..30_000 {
        y = if i % 3 == 0 { y.sin() * 1.3 } else { y + y.exp() };
    }
    y.backward();
    let svg = Graph::of_tape(&tape, &y).svg();
    nothing_overlaps(&svg);
    assert!(svg.len() < 200_000, "{} bytes", svg.len());
    assert!(svg.contains("more nodes, farther from the output, are not drawn"));
    // Wide instead of deep: a sum of products that all need their own box.
    let terms: Vec<Var> = (0..300).map(|i| tape.var(f64::from(i)).sin()).collect();
    let mut sums = terms;
    while sums.len() > 1 {
        sums = sums.chunks(2).map(|pair| pair.iter().copied().reduce(|a, b| a + b).unwrap()).collect();
    }
    let svg = Graph::of_tape(&tape, &sums[0]).svg();
    nothing_overlaps(&svg);
    assert!(svg.matches("<g text-anchor").count() <= 200);
}
