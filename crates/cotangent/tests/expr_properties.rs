//! Properties of formulas, on random ones and on random text. `PROPTEST_CASES` sets the number of cases of each
//! property; `tools/soak` runs for a minute or more.

use cotangent::number::function::BinaryOp;
use cotangent::number::{Expr, Kind};
use proptest::prelude::*;

fn config() -> ProptestConfig {
    // Without the variable, as many cases as take a second or two.
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2000);
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 500, ..ProptestConfig::default() }
}

fn pick(choices: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(choices).prop_map(String::from)
}

const SYMBOLS: &[&str] = &["x", "y", "z", "x1", "x2", "x10", "alpha"];
const ODD_SYMBOLS: &[&str] =
    &["`sin`", "`e`", "`a b`", "``", "`\\``", "`\\\\`", "`π`", "`1`", "`x`", "`log`"];
const SMOOTH: &[&str] = &[
    "neg", "recip", "square", "abs", "sqrt", "cbrt", "exp", "exp2", "expm1", "ln", "ln_1p", "log2", "log10",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "relu",
    "sigmoid", "softplus", "silu", "gelu", "erf", "erfc",
];
const JUMPS: &[&str] = &["floor", "ceil", "round", "trunc", "sign", "lgamma", "digamma"];
const ARITHMETIC: &[&str] = &["add", "sub", "mul", "div"];
const BINARY: &[&str] = &["pow", "hypot", "max", "min"];
const BINARY_JUMPS: &[&str] = &["rem", "atan2", "greater", "less", "equal"];

/// Any number, the awkward ones more often.
fn number() -> impl Strategy<Value = String> {
    let awkward =
        [0.0, -0.0, 1.0, 2.0, -2.0, 0.5, -0.5, 1e-7, 1e16, 1e300, -5e-324, f64::MAX, f64::INFINITY, 3e9];
    prop_oneof![
        prop::sample::select(awkward.to_vec()),
        (-10i32..10).prop_map(f64::from),
        any::<f64>(),
        prop::sample::select(vec![std::f64::consts::PI, -std::f64::consts::E, f64::NEG_INFINITY, f64::NAN]),
    ]
    .prop_map(|c| if c.is_nan() { "nan".into() } else { format!("{c:?}") })
}

/// Formulas in which every operation is written as a call, so that nothing depends on how operators are read; every node
/// that there is can come up.
fn anything() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![4 => pick(SYMBOLS), 1 => pick(ODD_SYMBOLS), 3 => number()];
    leaf.prop_recursive(6, 48, 3, |inner| {
        let (a, b, c) = (inner.clone(), inner.clone(), inner.clone());
        let unary = prop_oneof![3 => pick(SMOOTH), 1 => pick(JUMPS), 2 => Just("neg".into())];
        let binary = prop_oneof![4 => pick(ARITHMETIC), 2 => pick(BINARY), 1 => pick(BINARY_JUMPS), 2 => Just("pow".into())];
        prop_oneof![
            3 => (unary, a).prop_map(|(f, x)| format!("{f}({x})")),
            5 => (binary, b.clone(), c.clone()).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
            1 => (b.clone(), any::<i32>()).prop_map(|(x, n)| format!("powi({x}, {n})")),
            2 => (b.clone(), -3i32..4).prop_map(|(x, n)| format!("powi({x}, {n})")),
            1 => (b.clone(), 0u32..5).prop_map(|(x, n)| format!("polygamma({n}, {x})")),
            1 => (b.clone(), c.clone(), inner).prop_map(|(c, a, b)| format!("select({c}, {a}, {b})")),
        ]
    })
}

/// Formulas that are continuous almost everywhere and of moderate size, so that rounding can be told from error.
fn tame() -> impl Strategy<Value = String> {
    let number = pick(&["0", "1", "2", "3", "-1", "-2", "0.5", "1.5", "-0.5"]);
    let leaf = prop_oneof![4 => pick(&["x", "y", "z"]), 2 => number];
    leaf.prop_recursive(5, 32, 2, |inner| {
        let (a, b) = (inner.clone(), inner.clone());
        prop_oneof![
            3 => (pick(SMOOTH), a).prop_map(|(f, x)| format!("{f}({x})")),
            8 => (pick(ARITHMETIC), b.clone(), inner.clone()).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
            2 => (pick(BINARY), b.clone(), inner.clone()).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
            3 => (b.clone(), -3i32..4).prop_map(|(x, n)| format!("powi({x}, {n})")),
            1 => (b, inner).prop_map(|(a, b)| format!("select(less(x, y), {a}, {b})")),
        ]
    })
}

fn operations(e: &Expr) -> usize {
    e.nodes().iter().filter(|e| !matches!(e.kind(), Kind::Symbol(_) | Kind::Constant(_))).count()
}

/// The value, and the largest value on the way to it; `None` where rounding may have been blown up on the way, and at the
/// points that are not generic, where two things that `equal` compares are.
fn value(e: &Expr, at: [f64; 3]) -> Option<(f64, f64)> {
    let values = [("x", at[0]), ("y", at[1]), ("z", at[2])];
    let nodes = e.nodes();
    let all = Expr::evaluate_all(&nodes, &values).unwrap();
    let generic = |(node, value): (&Expr, &f64)| {
        *value == 0.0 || !matches!(node.kind(), Kind::Binary(BinaryOp::Equal(_), ..))
    };
    let tame = nodes.iter().zip(&all).all(generic)
        && all.iter().all(|v| v.is_finite() && v.abs() < 1e4 && (*v == 0.0 || v.abs() > 1e-4));
    let largest = all.iter().fold(1.0, |m: f64, v| m.max(v.abs()));
    tame.then(|| (all[all.len() - 1], largest))
}

fn prints_and_parses(e: &Expr) -> Result<(), TestCaseError> {
    if e.tree_size() < 100_000 {
        let text = e.to_string();
        let back = Expr::parse(&text);
        prop_assert!(back.as_ref() == Ok(e), "{text} came back as {back:?}");
    }
    Ok(())
}

/// Whatever the text: a formula that prints and parses, or an error with a place that can be shown.
fn survives(text: &str) -> Result<(), TestCaseError> {
    let outcomes = [Expr::parse(text), Expr::parse_list(text).map(|mut list| list.remove(0))];
    let spans = Expr::parse_with_spans(text);
    prop_assert_eq!(outcomes[0].as_ref().err(), spans.as_ref().err());
    for (node, span) in spans.iter().flat_map(|parsed| &parsed.spans) {
        prop_assert!(text.get(span.clone()).is_some_and(|text| !text.is_empty()), "{node} at {span:?}");
    }
    for outcome in outcomes {
        match outcome {
            Ok(e) => prints_and_parses(&e)?,
            Err(error) => {
                prop_assert!(text.get(error.span()).is_some(), "{:?} of {text:?}", error.span());
                prop_assert!(!error.message().is_empty());
                prop_assert!(error.render(text).contains('^'));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn printing_and_parsing_are_inverse(text in anything()) {
        let e = Expr::parse(&text).unwrap();
        prints_and_parses(&e)?;
        prints_and_parses(&e.simplify())?;
        prints_and_parses(&e.differentiate("x"))?;
        prints_and_parses(&e.differentiate("x").simplify())?;
    }

    #[test]
    fn simplify_is_idempotent_and_never_larger(text in anything()) {
        for e in [Expr::parse(&text).unwrap(), Expr::parse(&text).unwrap().differentiate("x")] {
            let simple = e.simplify();
            prop_assert!(operations(&simple) <= operations(&e), "{} to {}", e, simple);
            prop_assert_eq!(simple.simplify(), simple);
        }
    }

    #[test]
    fn simplify_keeps_the_value(text in tame(), at in [0.3..3.0, 0.3..3.0, -3.0..3.0]) {
        for e in [Expr::parse(&text).unwrap(), Expr::parse(&text).unwrap().differentiate("x")] {
            let simple = e.simplify();
            if let (Some((a, large_a)), Some((b, large_b))) = (value(&e, at), value(&simple, at)) {
                let tolerance = 1e-8 * large_a.max(large_b);
                prop_assert!((a - b).abs() <= tolerance, "{} is {}, but {} is {}", e, a, simple, b);
            }
        }
    }

    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        survives(&text)?;
    }

    #[test]
    fn pieces_of_formulas_are_survived(text in "[-+*/%^()\\[\\],. 0-9eExysincolgpwmax_`\\\\\n\0é😀π²]{0,40}") {
        survives(&text)?;
    }

    #[test]
    fn mutated_formulas_are_survived(
        text in anything(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<char>(), 0u8..4), 1..4),
    ) {
        let printed = Expr::parse(&text).unwrap().display_limited(10_000).to_string();
        for source in [text, printed] {
            let mut chars: Vec<char> = source.chars().collect();
            for (place, c, edit) in &edits {
                let at = place.index(chars.len().max(1)).min(chars.len());
                match edit {
                    0 => chars.insert(at, *c),
                    1 if at < chars.len() => drop(chars.remove(at)),
                    2 if at < chars.len() => chars.insert(at, chars[at]),
                    _ => chars.truncate(at),
                }
            }
            survives(&chars.into_iter().collect::<String>())?;
        }
    }
}
