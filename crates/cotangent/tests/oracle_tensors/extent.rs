//! How many cases the tables have, and that the edges are among them.

use crate::TABLES;
use crate::table::{self, Case, Numbers};

/// Cases of the first table; what came later adds to them.
const FIRST: usize = 672;

fn has(case: &Case, what: impl Fn(&Numbers) -> bool) -> bool {
    case.inputs().iter().any(what)
}

fn number(case: &Case, what: impl Fn(f64) -> bool) -> bool {
    has(case, |x| x.is_float() && x.values.iter().any(|&x| what(x)))
}

/// An axis that counts from the end.
fn negative_axis(case: &Case) -> bool {
    ["axis", "axes"]
        .iter()
        .any(|key| case.params.has(key) && case.params.many::<isize>(key).iter().any(|&axis| axis < 0))
}

#[test]
fn the_tables_hold_as_many_cases_as_their_heads_say() {
    let mut sum = 0;
    for text in TABLES {
        let head = text.lines().next().expect("a head");
        let said = head.split("; ").find_map(|part| part.split_once(" cases")?.0.parse::<usize>().ok());
        let count = table::read(text).len();
        assert_eq!(said, Some(count), "{head}");
        sum += count;
    }
    assert!(sum >= FIRST + 1200, "only {sum} cases");
}

/// What a case may be, how many there must be, and how it is told.
type Kind<'a> = (&'a str, usize, &'a dyn Fn(&Case) -> bool);

#[test]
fn the_tables_have_the_edges() {
    let cases: Vec<Case> = TABLES.iter().flat_map(|text| table::read(text)).collect();
    let count = |what: &dyn Fn(&Case) -> bool| cases.iter().filter(|case| what(case)).count();
    let out = |case: &Case| case.all("out")[0].values.len();
    let kinds: [Kind; 11] = [
        ("in f32", 300, &|case| has(case, |x| x.dtype == "f32")),
        ("with an operand of rank 0", 100, &|case| has(case, |x| x.shape.is_empty())),
        ("with an operand of size 0", 150, &|case| has(case, |x| x.values.is_empty())),
        ("that make something of nothing", 30, &|case| has(case, |x| x.values.is_empty()) && out(case) > 0),
        ("with an operand of size 1", 50, &|case| has(case, |x| x.values.len() == 1)),
        ("with a negative axis", 150, &negative_axis),
        ("with NaN", 100, &|case| number(case, f64::is_nan)),
        ("with +∞", 80, &|case| number(case, |x| x == f64::INFINITY)),
        ("with −∞", 80, &|case| number(case, |x| x == f64::NEG_INFINITY)),
        ("with −0", 50, &|case| number(case, |x| x == 0.0 && x.is_sign_negative())),
        ("with derivatives", 1500, &Case::is_differentiated),
    ];
    for (what, least, kind) in kinds {
        let count = count(kind);
        println!("{count} cases {what}");
        assert!(count >= least, "only {count} cases {what}");
    }
}
