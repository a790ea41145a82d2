//! The tables of true values that mpmath computed, as points with their truths.

use super::Op;
use super::truth::{Big, F32, F64, Format, PRECISION, Truth};
use cotangent::number::function::{BinaryOp, UnaryOp};
use dashu_float::DBig;
use std::collections::BTreeSet;
use std::str::FromStr;

const ELEMENTARY: &str = include_str!("../../../kernels/tests/tables/elementary.txt");
const SPECIAL: &str = include_str!("../../../kernels/tests/tables/special.txt");

/// Every line: function, dtype, operands, true value.
pub fn all() -> Vec<(Op, Format, [f64; 2], &'static str)> {
    ELEMENTARY.lines().chain(SPECIAL.lines()).map(line).collect()
}

fn line(line: &'static str) -> (Op, Format, [f64; 2], &'static str) {
    let words: Vec<&'static str> = line.split_whitespace().collect();
    let (name, operands, value) = (words[0], &words[2..words.len() - 1], words[words.len() - 1]);
    let format = if words[1] == "f64" { F64 } else { F32 };
    let number = |word: &str| match format {
        F64 => f64::from_bits(u64::from_str_radix(word, 16).expect("bits")),
        _ => f64::from(f32::from_bits(u32::from_str_radix(word, 16).expect("bits"))),
    };
    let of = |n: &str| {
        let n: i64 = n.parse().expect("an order");
        Op::Unary(UnaryOp::with_parameter(name, n).unwrap_or_else(|| panic!("no {name} of {n}")))
    };
    let (op, point) = match (name, operands) {
        ("powi", [x, n]) => (of(n), [number(x), 0.0]),
        ("polygamma", [n, x]) => (of(n), [number(x), 0.0]),
        (_, [x]) => (Op::Unary(UnaryOp::named(name).expect("a function")), [number(x), 0.0]),
        (_, [a, b]) => (Op::Binary(BinaryOp::named(name).expect("a function")), [number(a), number(b)]),
        _ => panic!("{line}"),
    };
    (op, format, point, value)
}

pub fn value_of(text: &str) -> Truth {
    match text {
        "nan" => Truth::Nan,
        "inf" => Truth::Exactly(f64::INFINITY),
        "-inf" => Truth::Exactly(f64::NEG_INFINITY),
        "0" => Truth::Exactly(0.0),
        "-0" => Truth::Exactly(-0.0),
        _ => {
            let decimal = DBig::from_str(text).expect("a decimal number");
            let binary: Big = decimal.with_base_and_precision::<2>(PRECISION).value().with_rounding();
            binary.into()
        }
    }
}

/// Each function of the tables is there at zeros, infinities and NaN, in both dtypes.
#[test]
fn the_tables_have_the_special_numbers() {
    let mut seen: BTreeSet<(&str, &str, String)> = BTreeSet::new();
    let mut names = BTreeSet::new();
    for (op, format, [x, _], _) in all() {
        names.insert(op.name());
        seen.insert((op.name(), format.name, format!("{x:?}")));
    }
    let mut missing = Vec::new();
    for name in names {
        for format in [F32, F64] {
            for x in ["0.0", "-0.0", "inf", "-inf", "NaN"] {
                let known =
                    |op: Op| op.name() == name && op.special([x.parse().expect("a number"), 0.0]).is_some();
                if !Op::all().into_iter().any(known) && !seen.contains(&(name, format.name, x.to_string())) {
                    missing.push(format!("{name} {} at {x}", format.name));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
