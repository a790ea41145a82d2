//! What a tape costs: chains of operations, recorded and swept, against the plain function.

use crate::objectives::Random;
use crate::table::{Table, digits, time};
use crate::timing::Contest;
use cotangent::number::function::{self as f, Unary};
use cotangent::number::{Dual, Real, Tape};
use std::hint::black_box;
use std::time::Duration;

/// y = y·a + b, that many times: two operations a link.
pub fn multiply_add<R: Real>(start: &R, a: &R, b: &R, links: usize) -> R {
    let mut y = start.clone();
    for _ in 0..links {
        y = y * a + b;
    }
    y
}

/// y = f(y·a + b), that many times: three operations a link.
pub fn through<U: Unary, R: Real>(op: U, start: &R, a: &R, b: &R, links: usize) -> R {
    let mut y = start.clone();
    for _ in 0..links {
        y = (y * a + b).unary(op);
    }
    y
}

/// Σ f(xᵢ): two operations a term, and no term waits for another's function.
pub fn sum_of<U: Unary, R: Real>(op: U, x: &[R]) -> R {
    x[1..].iter().fold(x[0].unary(op), |sum, x| sum + x.unary(op))
}

const A: f64 = 1.0 - 1e-7;
const B: f64 = 1e-9;

/// Records the chain on this tape, sweeps it if asked, and gives the gradient (or the value twice).
pub fn on_tape(tape: &Tape, links: usize, sweep: bool) -> (f64, f64) {
    let (a, b, start) = (tape.var(black_box(A)), tape.var(black_box(B)), tape.var(black_box(1.0)));
    let y = multiply_add(&start, &a, &b, links);
    if !sweep {
        return (y.value(), y.value());
    }
    y.backward();
    (a.grad(), b.grad())
}

/// What a node of the tape is at least: 32 bytes written.
type Bytes = [f64; 4];

/// Cost on top of the plain function in nanoseconds an operation, the promise's figure, with its table row.
pub struct ChainCost {
    pub links: usize,
    pub first: f64,
    pub reused: f64,
}

pub fn multiply_add_costs(table: &mut Table, links: usize, budget: Duration) -> ChainCost {
    let plain = || multiply_add(&black_box(1.0), &black_box(A), &black_box(B), black_box(links));
    let forward = {
        let dual = |v: f64, t: [f64; 2]| Dual::new(black_box(v), t);
        let (a, b, start) = (dual(A, [1.0, 0.0]), dual(B, [0.0, 1.0]), dual(1.0, [0.0; 2]));
        *multiply_add(&start, &a, &b, links).tangent()
    };
    let reverse = on_tape(&Tape::new(), links, true);
    assert!((forward[0] / reverse.0 - 1.0).abs() < 1e-9 && (forward[1] / reverse.1 - 1.0).abs() < 1e-9);

    let operations = 2 * links;
    let mut nodes: Vec<Bytes> = vec![[0.0; 4]; operations];
    let (mut recorded, mut swept) = (Tape::new(), Tape::new());
    let mut contest = Contest::new();
    contest.add("plain", || {
        black_box(plain());
    });
    contest.add("write", || {
        let x = black_box(1.0);
        nodes.iter_mut().for_each(|node| *node = [x; 4]);
        black_box(&mut nodes);
    });
    contest.add("write fresh", || {
        let x = black_box(1.0);
        black_box(vec![[x; 4]; operations]);
    });
    contest.add("record first", || {
        black_box(on_tape(&Tape::new(), links, false));
    });
    contest.add("record reused", || {
        recorded.clear();
        black_box(on_tape(&recorded, links, false));
    });
    contest.add("both first", || {
        black_box(on_tape(&Tape::new(), links, true));
    });
    contest.add("both reused", || {
        swept.clear();
        black_box(on_tape(&swept, links, true));
    });
    let t = contest.run(budget);
    let each = |name: &str| t.of(name) / operations as f64;
    let on_top = |name: &str| (t.of(name) - t.of("plain")) / operations as f64;
    for (what, record, both, write) in [
        ("first recording", "record first", "both first", "write fresh"),
        ("reused tape", "record reused", "both reused", "write"),
    ] {
        table.row(vec![
            format!("{links} links, {what}"),
            digits(each("plain")),
            digits(each(write)),
            digits(on_top(record)),
            digits(on_top(both)),
            digits(t.of(both) / t.of("plain")),
        ]);
    }
    ChainCost { links, first: on_top("both first"), reused: on_top("both reused") }
}

pub const CHAIN_HEADER: [&str; 6] = [
    "y = y·a + b, ns an operation",
    "plain function",
    "writing 32 bytes, nothing else",
    "record, on top",
    "record and reverse, on top",
    "record and reverse / plain",
];

pub const FUNCTION_HEADER: [&str; 8] = [
    "function",
    "std or libm",
    "Cotangent",
    "Cotangent / std",
    "`Dual<f64, 1>`",
    "tape on top, y = f(y·a + b), ns an operation",
    "tape on top, Σ f(xᵢ), ns an operation",
    "tape / plain, y = f(y·a + b)",
];

/// A function's cost on top of the plain function's on a tape, in nanoseconds an operation.
pub struct FunctionCost {
    pub name: &'static str,
    /// In y = f(y·a + b).
    pub chain: f64,
    /// In Σ f(xᵢ).
    pub sum: f64,
}

struct Functions<'a> {
    table: &'a mut Table,
    budget: Duration,
    costs: Vec<FunctionCost>,
}

const LENGTH: usize = 1000;

/// In a function of its own, so that what surrounds a loop does not decide how it is compiled.
#[inline(never)]
fn one_by_one<Y>(x: &[f64], f: impl Fn(f64) -> Y) {
    for &x in x {
        black_box(f(black_box(x)));
    }
}

impl Functions<'_> {
    fn measure<U: Unary>(&mut self, op: U, peer: Option<impl Fn(f64) -> f64>) {
        let domain = op.domain();
        let (low, high) = (domain.low, domain.high);
        let mut random = Random(3);
        let x: Vec<f64> = (0..LENGTH).map(|_| random.between(low, high)).collect();
        let (start, a, b) = (0.1, 0.01, low + 0.6 * (high - low));
        let (mut chained, mut summed) = (Tape::new(), Tape::new());

        let mut contest = Contest::new();
        if let Some(peer) = &peer {
            let x = &x;
            contest.add("peer", move || one_by_one(x, peer));
        }
        contest.add("ours", || one_by_one(&x, |x| x.unary(op)));
        contest.add("dual", || {
            one_by_one(&x, |x| {
                let y = Dual::variable(x).unary(op);
                (y.value(), y.derivative())
            })
        });
        contest.add("chain", || {
            black_box(through(op, &black_box(start), &black_box(a), &black_box(b), LENGTH));
        });
        contest.add("sum", || {
            black_box(sum_of(op, black_box(&x)));
        });
        contest.add("chain on tape", || {
            chained.clear();
            let (start, a, b) =
                (chained.var(black_box(start)), chained.var(black_box(a)), chained.var(black_box(b)));
            through(op, &start, &a, &b, LENGTH).backward();
            black_box((a.grad(), b.grad()));
        });
        contest.add("sum on tape", || {
            summed.clear();
            let x: Vec<_> = x.iter().map(|&x| summed.var(x)).collect();
            sum_of(op, &x).backward();
            black_box(x[0].grad());
        });
        let t = contest.run(self.budget);
        let one = |name: &str| t.of(name) / LENGTH as f64;
        let chain = (one("chain on tape") - one("chain")) / 3.0;
        let sum = (one("sum on tape") - one("sum")) / 2.0;
        self.costs.push(FunctionCost { name: U::NAME, chain, sum });
        let peer = t.get("peer").map(|ns| ns / LENGTH as f64);
        self.table.row(vec![
            U::NAME.to_string(),
            peer.map_or("–".to_string(), time),
            time(one("ours")),
            peer.map_or("–".to_string(), |peer| digits(one("ours") / peer)),
            time(one("dual")),
            digits(chain),
            digits(sum),
            digits(t.of("chain on tape") / t.of("chain")),
        ]);
    }
}

/// Every elementary function by itself, as a dual, and on a tape.
pub fn functions(table: &mut Table, budget: Duration) -> Vec<FunctionCost> {
    const NONE: Option<fn(f64) -> f64> = None;
    let mut m = Functions { table, budget, costs: Vec::new() };
    m.measure(f::Recip, Some(f64::recip));
    m.measure(f::Sqrt, Some(f64::sqrt));
    m.measure(f::Cbrt, Some(f64::cbrt));
    m.measure(f::Exp, Some(f64::exp));
    m.measure(f::Exp2, Some(f64::exp2));
    m.measure(f::Expm1, Some(f64::exp_m1));
    m.measure(f::Ln, Some(f64::ln));
    m.measure(f::Ln1p, Some(f64::ln_1p));
    m.measure(f::Log2, Some(f64::log2));
    m.measure(f::Log10, Some(f64::log10));
    m.measure(f::Sin, Some(f64::sin));
    m.measure(f::Cos, Some(f64::cos));
    m.measure(f::Tan, Some(f64::tan));
    m.measure(f::Asin, Some(f64::asin));
    m.measure(f::Acos, Some(f64::acos));
    m.measure(f::Atan, Some(f64::atan));
    m.measure(f::Sinh, Some(f64::sinh));
    m.measure(f::Cosh, Some(f64::cosh));
    m.measure(f::Tanh, Some(f64::tanh));
    m.measure(f::Asinh, Some(f64::asinh));
    m.measure(f::Acosh, Some(f64::acosh));
    m.measure(f::Atanh, Some(f64::atanh));
    m.measure(f::Relu, NONE);
    m.measure(f::Sigmoid, NONE);
    m.measure(f::Softplus, NONE);
    m.measure(f::Silu, NONE);
    m.measure(f::Gelu, NONE);
    m.measure(f::Erf, Some(libm::erf));
    m.measure(f::Erfc, Some(libm::erfc));
    m.measure(f::Lgamma, Some(libm::lgamma));
    m.measure(f::Digamma, NONE);
    m.costs
}
