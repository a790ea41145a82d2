//! Every primitive, every law, both floats: one table. `cargo test --release laws -- --nocapture` prints it, and docs/coverage.md holds
//! it (see coverage.rs).

mod coverage;

use cotangent::check::{Function, across_dtypes, in_dtype, laws, type_rule, value};
use cotangent::core::{DType, Derivative, Prim, apply};
use cotangent::number::function::UnaryOp;
use cotangent::op::{self, Call, Sample};
use cotangent::prelude::*;
use std::sync::{Arc, OnceLock};

/// A function, and operands to try it on.
type Point<'a> = (Function<'a>, Vec<Tensor>);

/// A name, how many samples, and for each law the dtypes in which it is kept.
type Row = (String, usize, Vec<String>);

/// A row for each function, a column for each law.
struct Table {
    heads: Vec<String>,
    rows: Vec<Row>,
    broken: Vec<String>,
}

impl Table {
    fn new(extra: &[&str]) -> Table {
        let heads = extra
            .iter()
            .map(|name| name.to_string())
            .chain(laws().into_iter().map(|law| law.name.to_string()));
        Table { heads: heads.collect(), rows: Vec::new(), broken: Vec::new() }
    }

    /// Where only the first broken law counts, no further one is tried.
    fn hurry(&self) {
        if let Some(text) = self.broken.first().filter(|_| std::env::var_os("COTANGENT_MUTANT").is_some()) {
            panic!("{text}");
        }
    }

    /// Tries every law on a function at points, in both dtypes.
    fn cells(&mut self, name: &str, points: &[Point]) -> Vec<String> {
        let mut cells = Vec::new();
        for law in laws() {
            let mut cell = Vec::new();
            for dtype in [DType::F64, DType::F32] {
                let floats = points.iter().any(|(_, x)| x.iter().any(|x| x.dtype().is_float()));
                if dtype == DType::F32 && !floats {
                    continue;
                }
                let failed = points.iter().find_map(|(f, x)| {
                    let x = in_dtype(x, dtype);
                    let types: Vec<String> = x.iter().map(|x| x.ty().to_string()).collect();
                    (law.check)(*f, &x).err().map(|text| format!("({}): {text}", types.join(", ")))
                });
                match failed {
                    None => cell.push(if dtype == DType::F64 { "64" } else { "32" }),
                    Some(text) => self.broken.push(format!("{name}, {}, {dtype}{text}", law.name)),
                }
            }
            cells.push(cell.join(" "));
            self.hurry();
        }
        cells
    }

    /// Prints it; a broken law is a failure.
    fn holds(&self) {
        self.print();
        assert!(self.broken.is_empty(), "{}", self.broken.join("\n"));
    }

    fn print(&self) {
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row.2[column].chars().count());
            cells.chain([self.heads[column].chars().count()]).max().unwrap_or(0)
        };
        let name = self.rows.iter().map(|row| row.0.chars().count()).max().unwrap_or(0);
        let line = |first: &str, count: &str, cells: &[String]| {
            let cells: Vec<String> =
                cells.iter().enumerate().map(|(i, cell)| format!("{cell:<w$}", w = width(i))).collect();
            println!("{first:<name$} {count:>7}  {}", cells.join("  "));
        };
        line("name", "samples", &self.heads);
        for (name, samples, cells) in &self.rows {
            line(name, &samples.to_string(), cells);
        }
        let cells = self.rows.len() * self.heads.len();
        println!(
            "{} rows, {} laws, {} cells, {} broken",
            self.rows.len(),
            self.heads.len(),
            cells,
            self.broken.len()
        );
    }
}

fn kept(result: Result<(), String>, broken: &mut Vec<String>, what: &str) -> bool {
    match result {
        Ok(()) => true,
        Err(text) => {
            broken.push(format!("{what}: {text}"));
            false
        }
    }
}

/// The table of primitives; those that hold programs are in that of [`bodies`].
fn primitives() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(tried_primitives)
}

fn tried_primitives() -> Table {
    let mut table = Table::new(&["type rule", "f32 ≈ f64"]);
    for (name, samples) in op::samples() {
        if samples.is_empty() {
            continue; // one that holds programs
        }
        let mut broken = Vec::new();
        let typed = samples.iter().all(|sample| {
            let narrow = Sample::new(sample.prim.clone(), in_dtype(&sample.inputs, DType::F32));
            kept(type_rule(sample), &mut broken, name) && kept(type_rule(&narrow), &mut broken, name)
        });
        let across = samples.iter().all(|sample| {
            kept(across_dtypes(&|x| value(&sample.prim, x), &sample.inputs), &mut broken, name)
        });
        let functions: Vec<_> = samples.iter().map(|sample| |x: &[Tensor]| value(&sample.prim, x)).collect();
        let points: Vec<Point> = functions
            .iter()
            .zip(&samples)
            .map(|(f, sample)| (f as Function, sample.inputs.clone()))
            .collect();
        let mark = |kept: bool| if kept { "kept".to_string() } else { "BROKEN".to_string() };
        let mut cells = vec![mark(typed), mark(across)];
        cells.extend(table.cells(name, &points));
        table.rows.push((name.to_string(), samples.len(), cells));
        table.broken.extend(broken);
    }
    table
}

#[test]
fn laws_of_every_primitive() {
    primitives().holds();
    assert!(primitives().rows.len() > 70, "{} primitives", primitives().rows.len());
}

/// The table of compositions.
fn compositions() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(tried_compositions)
}

fn tried_compositions() -> Table {
    let mut table = Table::new(&["f32 ≈ f64"]);
    for composition in op::compositions() {
        let cases = (composition.cases)();
        let mut broken = Vec::new();
        let across = cases
            .iter()
            .all(|case| kept(across_dtypes(&*case.f, &case.inputs), &mut broken, composition.name));
        let points: Vec<Point> =
            cases.iter().map(|case| (&*case.f as Function, case.inputs.clone())).collect();
        let mut cells = vec![if across { "kept".to_string() } else { "BROKEN".to_string() }];
        cells.extend(table.cells(composition.name, &points));
        table.rows.push((composition.name.to_string(), cases.len(), cells));
        table.broken.extend(broken);
    }
    table
}

#[test]
fn laws_of_every_composition() {
    compositions().holds();
}

/// The table of higher-order primitives around each kind of body.
fn bodies() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(tried_bodies)
}

fn tried_bodies() -> Table {
    type Body = fn(&Tensor, &Tensor) -> Tensor;
    let bodies: [(&str, Body); 6] = [
        ("plain", |x, w| (x * w).sin() + w),
        ("cond", |x, w| {
            cond(
                &x.sum().greater(-100.0),
                |(x, w): &(Tensor, Tensor)| x.sin() * w,
                |(x, w)| x - w,
                &(x.clone(), w.clone()),
            )
        }),
        ("custom_vjp", |x, w| {
            let cube = |x: &Tensor| (x.powi(3), x.clone());
            custom_vjp(cube, |x: &Tensor, ct: &Tensor| ct * (x.square() * 3.0))(x) * w
        }),
        ("custom_jvp", |x, w| {
            let rule = |x: &Tensor, t: &Tensor| (x.exp(), t * x.exp());
            custom_jvp(|x: &Tensor| x.exp(), rule)(x) * w
        }),
        ("grad", |x, w| grad(|x: &Tensor| (x.sin() * w).sum())(x)),
        ("jit", |x, w| jit(|(x, w): &(Tensor, Tensor)| (x * w).cos() - x.square())(&(x.clone(), w.clone()))),
    ];
    type Around = fn(Body, &Tensor, &Tensor) -> Tensor;
    let around: [(&str, Around); 9] = [
        ("itself", |body, x, w| body(x, w)),
        ("cond", |body, x, w| {
            cond(
                &w.sum().greater(-100.0),
                |(x, w): &(Tensor, Tensor)| body(x, w),
                |(x, _)| x.clone(),
                &(x.clone(), w.clone()),
            )
        }),
        ("the branch not taken", |body, x, w| {
            cond(
                &w.sum().greater(100.0),
                |(x, w): &(Tensor, Tensor)| body(x, w),
                |(x, w)| x.square() * w,
                &(x.clone(), w.clone()),
            )
        }),
        ("call", |body, x, w| {
            Call::trace(&[x.clone(), w.clone()], |x| Ok(vec![body(&x[0], &x[1])])).remove(0)
        }),
        // The derivative of a call in x alone, with what it needs of w among the residuals.
        ("linear_call", |body, x, w| {
            let inputs = [x.clone(), w.clone()];
            let program = trace_program(&[x.ty().clone(), w.ty().clone()], |x| vec![body(&x[0], &x[1])]);
            let call = Prim::new(Call { program: Arc::new(program) });
            let Derivative::Staged(rule) = call.derivative() else { unreachable!("what a call is") };
            let linearized = rule.linearize(&inputs, &[true, false]).unwrap();
            assert_eq!(linearized.map.name(), "linear_call");
            let t = x.cos();
            let operands: Vec<&Tensor> = linearized.residuals.iter().chain([&t]).collect();
            apply(linearized.map, &operands).remove(0)
        }),
        ("jvp", |body, x, w| jvp(|x: &Tensor| body(x, w), x, &x.cos()).1),
        ("jit", |body, x, w| jit(move |(x, w): &(Tensor, Tensor)| body(x, w))(&(x.clone(), w.clone()))),
        ("vmap", |body, x, w| vmap(|x: &Tensor| body(x, &w.mean()))(x)),
        ("linearize", |body, x, w| linearize(|x: &Tensor| body(x, w), x).1(&x.cos())),
    ];
    let mut table = Table::new(&[]);
    for (outer, around) in around {
        for (inner, body) in bodies {
            let f = move |x: &[Tensor]| vec![around(body, &x[0], &x[1])];
            let points: [Point; 2] = [
                (&f, vec![Tensor::from([0.3, -0.7, 1.1]), Tensor::from([0.5, 1.5, -0.4])]),
                (&f, vec![Tensor::from([0.4]), Tensor::from([-0.2])]),
            ];
            let name = format!("{inner} in {outer}");
            let cells = table.cells(&name, &points);
            table.rows.push((name, points.len(), cells));
        }
    }
    table
}

#[test]
fn laws_of_higher_order_primitives_around_every_body() {
    bodies().holds();
}

/// At a kink the derivative is the declared one, forward and backward.
#[test]
fn laws_at_kinks() {
    let mut kinks = 0;
    for op in UnaryOp::all() {
        for kink in op.domain().kinks {
            for dtype in [DType::F64, DType::F32] {
                let x = Tensor::from(kink.at).to(dtype);
                let f = |x: &Tensor| op.apply(x);
                let (forward, backward) = (jvp(f, &x, &x.ones_like()).1, grad(f)(&x));
                let leaf = x.clone().requires_grad();
                let eager = f(&leaf);
                if eager.has_node() {
                    eager.backward();
                }
                let eager = leaf.grad().map_or(0.0, |g| g.to_f64());
                let got = [forward.to_f64(), backward.to_f64(), eager];
                assert_eq!(got, [kink.derivative; 3], "{} at {}", op.name(), kink.at);
                kinks += 1;
            }
        }
    }
    assert!(kinks > 20);
}
