//! The derivatives against true ones, computed with mpmath by `tools/oracles/derivatives.py`: what finds a value and a
//! rule that are wrong together.

use crate::case::Case;
use crate::jet::Claim;
use crate::{engines, hold};
use cotangent::number::function::{BinaryOp, UnaryOp};
use engines::AXES;
use std::collections::BTreeSet;

const TABLE: &str = include_str!("../tables/derivatives.txt");

/// The functions are within a few ulp; the third derivatives are a few operations of such numbers.
const TOLERANCE: f64 = 1e-13;

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace().map(|x| x.parse().unwrap()).collect()
}

fn case(name: &str) -> Option<Case> {
    let unary = match name.split_once(' ') {
        Some((name, n)) => UnaryOp::with_parameter(name, n.parse().unwrap()),
        None => UnaryOp::named(name),
    };
    unary.map(Case::Unary).or_else(|| BinaryOp::named(name).map(Case::Binary))
}

#[test]
fn derivatives_agree_with_true_ones() {
    let mut seen = BTreeSet::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let [name, at, values] = line.split(" | ").collect::<Vec<_>>()[..] else { panic!("{line}") };
        let case = case(name).unwrap_or_else(|| panic!("{name} is in no registry"));
        let (x, values) = (numbers(at), numbers(values));
        let [a, b] = AXES;
        let directions: Vec<Vec<_>> = match case {
            Case::Unary(_) => (0..=3).map(|k| vec![a; k]).collect(),
            _ => [
                &[][..],
                &[a],
                &[b],
                &[a, a],
                &[a, b],
                &[b, b],
                &[a, a, a],
                &[a, a, b],
                &[a, b, b],
                &[b, b, b],
            ]
            .map(<[_]>::to_vec)
            .to_vec(),
        };
        assert_eq!(values.len(), directions.len(), "{line}");
        let claims: Vec<Claim> =
            values.iter().zip(&directions).map(|(value, v)| Claim::new("the table", *value, v)).collect();
        let (jet, _) = engines::jet(&case, &x);
        hold(&case, &x, &jet, &claims, TOLERANCE);
        seen.insert(case.name());
    }
    let all: BTreeSet<String> = Case::all().iter().map(Case::name).collect();
    assert_eq!(seen, all, "every function has a row in the table");
}
