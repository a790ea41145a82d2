//! docs/coverage.md: what each primitive says of itself, and the laws that were seen to hold. A test compares the file with what is true;
//! `COTANGENT_WRITE_COVERAGE=1 cargo test -p cotangent --test laws coverage` writes it.

use super::{Table, bodies, compositions, primitives};
use cotangent::check::value;
use cotangent::core::{DType, Derivative, Linearity, Prim, Program, Transpose, Type, trace_program};
use cotangent::op::{self, Call, Sample};
use cotangent::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const HEAD: &str = "# Coverage

Written by a test from the code and from what the laws gave (`crates/cotangent/tests/laws`), which also fails if this page is out of
date; `COTANGENT_WRITE_COVERAGE=1 cargo test -p cotangent --test laws coverage` writes it anew.

A cell says for which floats the law was seen to hold at every sample: 64 and 32 for `f64` and `f32`; *kept* where no operand is a float;
— where there is nothing of the kind to try, for nothing can be differentiated. Samples are of rank 0, of size 0, of size 1, and of several axes.

- *type rule*: the values have the types that the rule says. *f32 ≈ f64*: so are value and gradient in `f32`, rounded.
- *jvp = differences*: the tangent is that of central differences. *⟨ct, J t⟩ = ⟨Jᵀct, t⟩*: forward and reverse mode agree, for all operands
  together and each alone. *backward = vjp*: the eager gradient is that of the program.
- *second order*: Hessian-vector products, forward over reverse, reverse over reverse, reverse over forward and by differences; symmetric.
- *vmap = loop* and *vmap of vjp*: a batch gives what its examples give, for every choice of mapped operands.
- *program*: traced it type-checks and gives the same bits; printed and parsed it is the same program.
";

/// What a primitive is, as it says itself.
struct Kind {
    /// The variant of [`Derivative`].
    derivative: &'static str,
    /// What its pullback is made of.
    pullback: &'static str,
    linear: String,
}

fn operands(rule: &dyn Transpose, count: usize) -> String {
    let linear: Vec<usize> = (0..count).filter(|&i| rule.linear(i)).collect();
    match linear.len() {
        0 => String::new(),
        n if n == count => "all".to_string(),
        _ => linear.iter().map(|i| format!("{}", i + 1)).collect::<Vec<_>>().join(", "),
    }
}

fn kind(prim: &Prim, count: usize) -> Kind {
    let kind = |derivative, pullback, linear| Kind { derivative, pullback, linear };
    match prim.derivative() {
        Derivative::Zero => kind("Zero", "nothing", String::new()),
        Derivative::Elementwise(rule) => {
            let linear = match rule.linearity() {
                Linearity::No => "",
                Linearity::Jointly => "all",
                Linearity::Each => "each",
                Linearity::First => "1",
            };
            kind("Elementwise", "partials", linear.to_string())
        }
        Derivative::Linear(rule) => kind("Linear", "transpose", operands(rule, count)),
        Derivative::Bilinear(_) => kind("Bilinear", "transpose of each", "each".to_string()),
        Derivative::General(rule) => {
            let linear = rule.transposed().map_or(String::new(), |rule| operands(rule, count));
            kind("General", "its jvp, transposed", linear)
        }
        Derivative::Staged(rule) => {
            let linear = rule.transposed().map_or(String::new(), |rule| operands(rule, count));
            kind("Staged", "the linear map it gives", linear)
        }
    }
}

/// The dtypes that the type rule admits where the samples have floats, and those of samples without.
fn dtypes(samples: &[Sample]) -> String {
    let every = [DType::F64, DType::F32, DType::I64, DType::I32, DType::Bool];
    let admitted = every.into_iter().filter(|&dtype| {
        samples.iter().any(|sample| {
            let floats = sample.inputs.iter().any(|x| x.dtype().is_float());
            let in_dtype = |x: &Tensor| {
                let ty = x.ty().clone();
                if ty.dtype.is_float() { Type { dtype, ..ty } } else { ty }
            };
            let types: Vec<Type> = sample.inputs.iter().map(in_dtype).collect();
            let first = sample.inputs.first().map(Tensor::dtype);
            (floats || first == Some(dtype)) && sample.prim.infer(&types.iter().collect::<Vec<_>>()).is_ok()
        })
    });
    admitted.map(|dtype| dtype.to_string()).collect::<Vec<_>>().join(" ")
}

/// Primitives that hold programs, found where they are traced.
fn higher_order() -> BTreeMap<String, (Prim, usize)> {
    let types = [Type::new(DType::F64, [2])];
    let cube = |x: &Tensor| (x.powi(3), x.clone());
    let back = |x: &Tensor, ct: &Tensor| ct * (x.square() * 3.0);
    let forth = |x: &Tensor, t: &Tensor| (x.exp(), t * x.exp());
    let programs = [
        trace_program(&types, |x| {
            vec![cond(&x[0].sum().greater(0.0), |x: &Tensor| x.sin(), |x| x.cos(), &x[0])]
        }),
        trace_program(&types, |x| vec![custom_vjp(cube, back)(&x[0])]),
        trace_program(&types, |x| vec![custom_jvp(|x: &Tensor| x.exp(), forth)(&x[0])]),
        trace_program(&types, |x| vec![jvp(custom_vjp(cube, back), &x[0], &x[0].cos()).1]),
        #[cfg(feature = "linalg")]
        trace_program(&[Type::new(DType::F64, [2, 2])], |x| vec![x[0].inv(), x[0].slogdet().1]),
    ];
    let mut found = BTreeMap::new();
    for equation in programs.iter().flat_map(Program::equations) {
        found.insert(equation.prim.name().to_string(), (equation.prim.clone(), equation.inputs.len()));
    }
    let program = Arc::new(trace_program(&types, |x| vec![x[0].sin()]));
    found.insert("call".to_string(), (Prim::new(Call { program }), 1));
    found
}

/// What the samples say, once each: some primitives are another kind of map with other parameters.
fn each<'a>(kinds: &'a [Kind], what: impl Fn(&'a Kind) -> &'a str) -> String {
    let mut said: Vec<&str> = Vec::new();
    for kind in kinds {
        if !what(kind).is_empty() && !said.contains(&what(kind)) {
            said.push(what(kind));
        }
    }
    said.join(" or ")
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn rule(columns: usize) -> String {
    format!("|{}\n", "---|".repeat(columns))
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "—".to_string() } else { text.to_string() }
}

/// What can be tried: are there operands that are floats, and outputs that are?
#[derive(Clone, Copy)]
struct Tried {
    floats: bool,
    derivatives: bool,
}

impl Tried {
    fn on<'a>(cases: impl Iterator<Item = (&'a [Tensor], Vec<Tensor>)>) -> Tried {
        let mut tried = Tried { floats: false, derivatives: false };
        let float = |x: &Tensor| x.dtype().is_float();
        for (x, y) in cases {
            let floats = x.iter().any(float);
            tried.floats |= floats;
            tried.derivatives |= floats && y.iter().any(float);
        }
        tried
    }

    /// A cell of the table of laws.
    fn cell(self, law: &str, text: &str) -> String {
        let of_values = ["type rule", "f32 ≈ f64", "vmap = loop", "program"].contains(&law);
        match (self.floats, text.trim()) {
            (_, "BROKEN" | "") => "broken".to_string(),
            (_, _) if !of_values && !self.derivatives => "—".to_string(),
            (false, _) if law == "f32 ≈ f64" => "—".to_string(),
            (false, _) => "kept".to_string(),
            (true, "kept") => "64 32".to_string(),
            (true, text) => text.to_string(),
        }
    }

    fn cells(self, table: &Table, cells: &[String]) -> Vec<String> {
        table.heads.iter().zip(cells).map(|(law, text)| self.cell(law, text)).collect()
    }
}

fn of_primitives() -> String {
    let table = primitives();
    let heads = ["primitive", "derivative", "linear in", "pullback from", "dtypes", "samples"];
    let heads: Vec<String> = heads.iter().map(|head| head.to_string()).chain(table.heads.clone()).collect();
    let mut text = row(&heads) + &rule(heads.len());
    let sampled = op::samples();
    let mut rows = table.rows.iter();
    let mut last = String::new();
    for (name, samples) in sampled.iter().filter(|(_, samples)| !samples.is_empty()) {
        let (row_name, count, cells) = rows.next().expect("a row for each primitive with samples");
        assert_eq!(row_name, name);
        let kinds: Vec<Kind> = samples.iter().map(|sample| kind(&sample.prim, sample.inputs.len())).collect();
        let values = samples.iter().map(|sample| (&sample.inputs[..], value(&sample.prim, &sample.inputs)));
        let mut cells = Tried::on(values).cells(table, cells);
        cells.splice(
            0..0,
            [
                format!("`{name}`"),
                each(&kinds, |kind| kind.derivative),
                or_dash(&each(&kinds, |kind| &kind.linear)),
                each(&kinds, |kind| kind.pullback),
                dtypes(samples),
                count.to_string(),
            ],
        );
        let line = row(&cells);
        // Functions with a parameter come once for each value that is tried.
        if line != last {
            text += &line;
        }
        last = line;
    }
    assert!(rows.next().is_none(), "a row without a primitive");
    text
}

fn of_programs() -> String {
    let heads = ["primitive", "derivative", "linear in", "pullback from"].map(str::to_string);
    let mut text = row(&heads) + &rule(heads.len());
    let found = higher_order();
    for (name, _) in op::samples().iter().filter(|(_, samples)| samples.is_empty()) {
        let (prim, count) = found.get(*name).unwrap_or_else(|| panic!("no program with {name} was traced"));
        let kind = kind(prim, *count);
        text += &row(&[
            format!("`{name}`"),
            kind.derivative.to_string(),
            or_dash(&kind.linear),
            kind.pullback.to_string(),
        ]);
    }
    text
}

fn of_table(table: &Table, first: &str, tried: impl Fn(usize) -> Tried) -> String {
    let heads = [first.to_string(), "samples".to_string()].into_iter().chain(table.heads.clone());
    let mut text = row(&heads.collect::<Vec<_>>()) + &rule(table.heads.len() + 2);
    for (i, (name, samples, cells)) in table.rows.iter().enumerate() {
        let cells = tried(i).cells(table, cells);
        text +=
            &row(&[format!("`{name}`"), samples.to_string()].into_iter().chain(cells).collect::<Vec<_>>());
    }
    text
}

fn page() -> String {
    let everything = |_| Tried { floats: true, derivatives: true };
    let composed = |i: usize| {
        let cases = (op::compositions()[i].cases)();
        Tried::on(cases.iter().map(|case| (&case.inputs[..], (case.f)(&case.inputs))))
    };
    let count = |table: &Table| format!("{} rows, {} laws", table.rows.len(), table.heads.len());
    [
        HEAD.to_string(),
        format!(
            "\n## Primitives\n\n{}. *Linear in* names the operands, counted from 1, in which it can be transposed.\n\n",
            count(primitives())
        ),
        of_primitives(),
        "\n## Primitives that hold programs or factors\n\nTheir laws are tried around bodies of every kind, and on solvers, below.\n\n".to_string(),
        of_programs(),
        format!("\n## Bodies in programs\n\n{}.\n\n", count(bodies())),
        of_table(bodies(), "body", everything),
        format!(
            "\n## Compositions\n\n{}. They are made of primitives, and so are their derivatives.\n\n",
            count(compositions())
        ),
        of_table(compositions(), "composition", composed),
    ]
    .concat()
}

#[test]
fn coverage_is_told_truly() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    if !docs.is_dir() || !cfg!(feature = "linalg") {
        return; // a copy of the crates alone, or not all of the library
    }
    let (path, page) = (docs.join("coverage.md"), page());
    if std::env::var_os("COTANGENT_WRITE_COVERAGE").is_some() {
        fs::write(&path, &page).expect("docs/ can be written");
    }
    let told = fs::read_to_string(&path).unwrap_or_default();
    let old: Vec<&str> = told.lines().filter(|line| !page.contains(line)).collect();
    let new: Vec<&str> = page.lines().filter(|line| !told.contains(line)).collect();
    assert!(
        told == page,
        "docs/coverage.md is out of date; write it with\n    COTANGENT_WRITE_COVERAGE=1 cargo test -p cotangent --test laws coverage\n\
         it says\n{}\ninstead of\n{}",
        old.join("\n"),
        new.join("\n")
    );
}
