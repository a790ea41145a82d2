//! Tensor functions against values, derivatives, gradients and Hessian-vector products by JAX
//! (`tables/*.txt`, written by `tools/oracles/tensors*.py`), through every way of differentiating.

mod compositions;
mod contract;
mod conv;
mod extent;
mod functions;
mod layout;
#[cfg(feature = "linalg")]
mod linalg;
mod reductions;
mod table;

use cotangent::prelude::*;
use functions::Function;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use table::{Case, Numbers};

const TABLES: &[&str] = &[
    include_str!("../tables/compositions.txt"),
    include_str!("../tables/contract.txt"),
    include_str!("../tables/conv.txt"),
    include_str!("../tables/layout.txt"),
    #[cfg(feature = "linalg")]
    include_str!("../tables/linalg.txt"),
    include_str!("../tables/reductions.txt"),
    include_str!("../tables/tensors.txt"),
];
const LEAST_CASES: usize = 200;

/// All cases; those that need the feature `linalg` only with it.
fn cases() -> impl Iterator<Item = Case> {
    let linalg = |case: &Case| ["cholesky", "cholesky_gram", "log_determinant"].contains(&case.function());
    TABLES
        .iter()
        .flat_map(|table| table::read(table))
        .filter(move |case| cfg!(feature = "linalg") || !linalg(case))
}

/// Relative to the largest number of the array.
fn tolerance(case: &Case, dtype: &str) -> f64 {
    match (dtype, case.function()) {
        // A small tangent of terms that cancel.
        ("f32", "spectral_norm") => 1e-4,
        ("f32", _) => 2e-5,
        (_, "eigh_sqrt") => 1e-11,
        _ if case.name.contains("/ill") => 1e-6,
        _ => 1e-12,
    }
}

/// A case with its function, as a function of its float inputs.
struct Problem<'a> {
    case: &'a Case,
    function: Function,
    inputs: Vec<Tensor>,
}

impl Problem<'_> {
    fn new(case: &Case) -> Problem<'_> {
        let function =
            functions::named(case.function()).unwrap_or_else(|| panic!("no closure for {}", case.name));
        Problem { case, function, inputs: case.inputs().iter().map(Numbers::tensor).collect() }
    }

    fn call(&self, floats: &[Tensor]) -> Tensor {
        let mut floats = floats.iter();
        let pick = |(x, line): (&Tensor, &Numbers)| {
            if line.is_float() { floats.next().expect("a float input").clone() } else { x.clone() }
        };
        let inputs: Vec<Tensor> = self.inputs.iter().zip(self.case.inputs()).map(pick).collect();
        (self.function)(&inputs, &self.case.params)
    }

    fn floats(&self) -> Vec<Tensor> {
        self.case.inputs().iter().filter(|x| x.is_float()).map(Numbers::tensor).collect()
    }

    fn tensors(&self, word: &str) -> Vec<Tensor> {
        self.case.all(word).iter().map(Numbers::tensor).collect()
    }

    fn ct(&self) -> Tensor {
        self.case.all("ct")[0].tensor()
    }

    /// <ct, f(x)>
    fn weighed(&self, x: &[Tensor]) -> Tensor {
        (self.call(x) * self.ct()).sum()
    }
}

/// The numbers of a tensor whose dtype and shape must be those of the table.
fn numbers(x: &Tensor, expected: &Numbers) -> Result<Vec<f64>, String> {
    let seen = format!("{} {:?}", x.dtype(), x.shape().to_vec());
    let wanted = format!("{} {:?}", expected.dtype, expected.shape);
    if seen != wanted {
        return Err(format!("{seen} where the table has {wanted}"));
    }
    Ok(match &expected.dtype[..] {
        "f64" => x.to_vec::<f64>(),
        "f32" => x.to_vec::<f32>().into_iter().map(f64::from).collect(),
        "i64" => x.to_vec::<i64>().into_iter().map(|x| x as f64).collect(),
        "bool" => x.to_vec::<bool>().into_iter().map(f64::from).collect(),
        other => panic!("dtype {other}"),
    })
}

/// The largest difference over the largest number (over 1 where the table has only zeros), or why there is none.
fn distance(seen: &Tensor, expected: &Numbers) -> Result<f64, String> {
    let finite = expected.values.iter().filter(|x| x.is_finite());
    let largest = finite.fold(0.0_f64, |m, x| m.max(x.abs()));
    let scale = if largest == 0.0 { 1.0 } else { largest };
    let mut worst = 0.0_f64;
    for (x, y) in numbers(seen, expected)?.iter().zip(&expected.values) {
        let same = x == y || (x.is_nan() && y.is_nan());
        let d = if same { 0.0 } else { (x - y).abs() / scale };
        if !d.is_finite() {
            return Err(format!("{x} where the table has {y}"));
        }
        worst = worst.max(d);
    }
    Ok(worst)
}

/// Compares what `compute` gives with the lines of this word in every case that has them.
fn sweep(what: &str, word: &str, compute: impl Fn(&Problem) -> Vec<Tensor>) {
    let (mut failures, mut compared, mut worst) = (Vec::new(), 0, (0.0, String::new()));
    for case in cases() {
        let expected = case.all(word);
        if expected.is_empty() {
            continue;
        }
        compared += 1;
        let result = catch_unwind(AssertUnwindSafe(|| compute(&Problem::new(&case))));
        let seen = match result {
            Ok(seen) => seen,
            Err(payload) => {
                let text = payload.downcast_ref::<String>().cloned();
                let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string()));
                failures.push(format!("{}: {word}: panic: {}", case.name, text.unwrap_or_default()));
                continue;
            }
        };
        if seen.len() != expected.len() {
            failures.push(format!("{}: {} results for {} lines", case.name, seen.len(), expected.len()));
        }
        for (i, (seen, expected)) in seen.iter().zip(expected).enumerate() {
            let limit = tolerance(&case, &expected.dtype);
            match distance(seen, expected) {
                Ok(d) if d <= limit => {
                    if d / limit >= worst.0 {
                        worst = (d / limit, case.name.clone());
                    }
                }
                Ok(d) => failures.push(format!("{}: {word} {i} is off by {d:.1e} of the largest", case.name)),
                Err(why) => failures.push(format!("{}: {word} {i}: {why}", case.name)),
            }
        }
    }
    println!("{what}: {compared} cases, at most {:.2} of the tolerance ({})", worst.0, worst.1);
    assert!(failures.is_empty(), "{what}: {} of {compared}\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_table_is_large_and_every_function_known() {
    let cases: Vec<Case> = cases().collect();
    let differentiated = cases.iter().filter(|case| case.is_differentiated()).count();
    assert!(differentiated >= LEAST_CASES, "{differentiated} of {} cases have derivatives", cases.len());
    let unknown: BTreeSet<&str> =
        cases.iter().map(Case::function).filter(|f| functions::named(f).is_none()).collect();
    assert!(unknown.is_empty(), "no closure for {unknown:?}");
}

#[test]
fn the_comparison_can_fail() {
    let expected = Numbers { dtype: "f64".into(), shape: vec![2], values: vec![3.0, -4.0] };
    assert_eq!(distance(&Tensor::from([3.0, -4.0]), &expected), Ok(0.0));
    assert_eq!(distance(&Tensor::from([3.0, -5.0]), &expected), Ok(0.25));
    for wrong in [Tensor::from([3.0, f64::NAN]), Tensor::from([3f32, -4f32]), Tensor::from([[3.0, -4.0]])] {
        distance(&wrong, &expected).expect_err("not the same");
    }
    let special = Numbers { dtype: "f64".into(), shape: vec![2], values: vec![f64::NAN, f64::INFINITY] };
    assert_eq!(distance(&Tensor::from([f64::NAN, f64::INFINITY]), &special), Ok(0.0));
    distance(&Tensor::from([f64::NAN, 1e300]), &special).expect_err("not infinite");
    distance(&Tensor::from([0.0, f64::INFINITY]), &special).expect_err("not NaN");
    let zeros = Numbers { dtype: "f64".into(), shape: vec![1], values: vec![0.0] };
    assert_eq!(distance(&Tensor::from([1e-3]), &zeros), Ok(1e-3));
}

#[test]
fn values() {
    sweep("value", "out", |p| vec![p.call(&p.floats())]);
}

#[test]
fn tangents_by_jvp() {
    sweep("tangent by jvp", "tangent", |p| {
        vec![jvp(|x: &Vec<Tensor>| p.call(x), &p.floats(), &p.tensors("v")).1]
    });
}

#[test]
fn gradients_by_vjp() {
    sweep("gradient by vjp", "grad", |p| {
        let (_, pullback) = vjp(|x: &Vec<Tensor>| p.call(x), &p.floats());
        pullback(&p.ct())
    });
}

#[test]
fn gradients_by_backward() {
    sweep("gradient by backward", "grad", |p| {
        let x: Vec<Tensor> = p.floats().into_iter().map(Tensor::requires_grad).collect();
        let y = p.call(&x);
        // A count of zeros depends on nothing, and has no graph to go back through.
        if y.has_node() {
            y.backward_with(&p.ct());
        }
        x.iter().map(|x| x.grad().unwrap_or_else(|| x.zeros_like())).collect()
    });
}

#[test]
fn hessian_products_forward_over_reverse() {
    sweep("Hessian times v, forward over reverse", "hvp", |p| {
        let gradient = grad(|x: &Vec<Tensor>| p.weighed(x));
        jvp(gradient, &p.floats(), &p.tensors("v")).1
    });
}

#[test]
fn hessian_products_reverse_over_forward() {
    sweep("Hessian times v, reverse over forward", "hvp", |p| {
        let v = p.tensors("v");
        grad(|x: &Vec<Tensor>| jvp(|x: &Vec<Tensor>| p.weighed(x), x, &v).1)(&p.floats())
    });
}

#[test]
fn hessian_products_reverse_over_reverse() {
    sweep("Hessian times v, reverse over reverse", "hvp", |p| {
        let v = p.tensors("v");
        let along = |x: &Vec<Tensor>| {
            let g = grad(|x: &Vec<Tensor>| p.weighed(x))(x);
            let terms: Vec<Tensor> = g.iter().zip(&v).map(|(g, v)| (g * v).sum()).collect();
            terms[1..].iter().fold(terms[0].clone(), |sum, t| sum + t)
        };
        grad(along)(&p.floats())
    });
}
