//! `report [--quick] [--write FILE]`: measures everything in one run and prints the tables as Markdown; with `--write`
//! it puts them between the markers of that file. `report tensor [--quick]` measures the tensors alone. With the feature `gemm`,
//! `report gemm [--quick] [--write FILE]` measures matrix products; its tables stand between markers of their own.

use cotangent_bench::{
    chain, gradients, memory, network, second_order, table::Table, table::digits, tensor, timing::Times,
};
use std::fmt::Write;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

const BEGIN: &str = "<!-- report: begin -->";
/// What an operation on a tape may cost on top of the plain function.
const LIMIT_NS: f64 = 8.0;
const END: &str = "<!-- report: end -->";
/// Those of matrix products.
const PRODUCTS: [&str; 2] = ["<!-- gemm: begin -->", "<!-- gemm: end -->"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |flag: &str| arguments.iter().position(|a| a == flag).and_then(|i| arguments.get(i + 1));
    if let Some(operations) = after(memory::CHILD).and_then(|n| n.parse().ok()) {
        memory::child(operations);
        return ExitCode::SUCCESS;
    }
    let quick = arguments.iter().any(|a| a == "--quick");
    let effort = if quick { 0.1 } else { 1.0 };
    let (report, markers) = match arguments.first().map(String::as_str) {
        Some("tensor") => (tensors(effort), [BEGIN, END]),
        Some("gemm") => (products(effort), PRODUCTS),
        _ => (report(effort), [BEGIN, END]),
    };
    println!("{report}");
    match after("--write").map(|path| write_between_markers(path, markers, &report)) {
        Some(Err(message)) => {
            eprintln!("report: {message}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// The table of matrix products.
#[cfg(feature = "gemm")]
fn products(effort: f64) -> String {
    use cotangent_bench::gemm;
    let start = Instant::now();
    let mut table = Table::new(&gemm::HEADER);
    gemm::products(&mut table, Duration::from_secs_f64(2.0 * effort));
    let peak = digits(gemm::peak::<f32>());
    let mut text = heading(start);
    let _ = writeln!(text, "Peak of one core: {peak} GFLOP/s in f32, half of it in f64.\n");
    section(&mut text, "Matrix products", &table);
    text
}

#[cfg(not(feature = "gemm"))]
fn products(_: f64) -> String {
    "build with `--features gemm` to measure matrix products\n".into()
}

/// The tables of tensors alone.
fn tensors(effort: f64) -> String {
    let start = Instant::now();
    let mut costs = Table::new(&tensor::CHAIN_HEADER);
    let chain = tensor::chain(&mut costs, Duration::from_secs_f64(6.0 * effort));
    let mut small = Table::new(&network::HEADER);
    let small_times = network::network(&mut small, Duration::from_secs_f64(3.0 * effort));
    let mut promises = Table::new(&PROMISES);
    tensor_promises(&mut promises, &chain, &small_times);
    let mut text = heading(start);
    section(&mut text, "Promises", &promises);
    section(&mut text, "Chains of rank-0 tensors", &costs);
    section(&mut text, "A small network", &small);
    text
}

fn report(effort: f64) -> String {
    let start = Instant::now();
    let seconds = |s: f64| Duration::from_secs_f64(s * effort);
    let mut costs = Table::new(&chain::CHAIN_HEADER);
    let short = chain::multiply_add_costs(&mut costs, 1_000, seconds(2.0));
    let long = chain::multiply_add_costs(&mut costs, 1_000_000, seconds(6.0));
    let mut first_order = Table::new(&gradients::HEADER);
    let promised = gradients::gradients(&mut first_order, seconds(2.0));
    let (mut hessians, mut products) =
        (Table::new(&second_order::HESSIAN_HEADER), Table::new(&second_order::HVP_HEADER));
    second_order::hessians(&mut hessians, seconds(1.5));
    second_order::products(&mut products, seconds(1.5));
    let mut series = Table::new(&second_order::TAYLOR_HEADER);
    second_order::series(&mut series, seconds(2.0));
    let mut functions = Table::new(&chain::FUNCTION_HEADER);
    let function_costs = chain::functions(&mut functions, seconds(1.2));
    let mut tensors = Table::new(&tensor::CHAIN_HEADER);
    let tensor_times = tensor::chain(&mut tensors, seconds(6.0));
    let mut small = Table::new(&network::HEADER);
    let small_times = network::network(&mut small, seconds(3.0));
    let resident = memory::of_chain(10_000_000);

    let mut promises = Table::new(&PROMISES);
    let mut promise = |what: &str, limit: &str, measured: String, held: bool| {
        let held = if held { "yes" } else { "no" };
        promises.row(vec![what.into(), limit.into(), measured, held.into()]);
    };
    for cost in [&short, &long] {
        for (what, ns) in [("tape reused", cost.reused), ("first recording", cost.first)] {
            promise(
                &format!(
                    "record and reverse y·a + b, {} links, {what}: on top of the plain function",
                    cost.links
                ),
                "8 ns an operation",
                format!("{} ns", digits(ns)),
                ns <= LIMIT_NS,
            );
        }
    }
    for (what, cost) in [
        ("a chain y = f(y·a + b)", (|c| c.chain) as fn(&chain::FunctionCost) -> f64),
        ("a sum Σ f(xᵢ)", |c| c.sum),
    ] {
        let dearest = function_costs.iter().max_by(|c, d| cost(c).total_cmp(&cost(d))).expect("some");
        let over: Vec<String> = function_costs
            .iter()
            .filter(|c| cost(c) > LIMIT_NS)
            .map(|c| format!("{} {}", c.name, digits(cost(c))))
            .collect();
        let held = over.is_empty();
        let over = if held { String::new() } else { format!("; over it: {}", over.join(", ")) };
        promise(
            &format!(
                "the same for {what}, 1000 terms, tape reused, each of the {} functions below",
                function_costs.len()
            ),
            "8 ns an operation",
            format!("at most {} ns ({}){over}", digits(cost(dearest)), dearest.name),
            held,
        );
    }
    for peer in ["num-dual static", "num-dual dynamic"] {
        let times = promised.of(peer) / promised.of("dual");
        promise(
            &format!("`Dual` gradient of Rosenbrock, n = 10, against {peer}"),
            "2 times as fast",
            format!("{} times", digits(times)),
            times >= 2.0,
        );
    }
    if let Some(resident) = resident {
        let each = resident.bytes as f64 / resident.operations as f64;
        let mib = resident.bytes >> 20;
        promise(
            &format!("resident memory of a chain of {} operations with its sweep", resident.operations),
            "40 bytes an operation, 1 GiB",
            format!("{each:.1} bytes, {mib} MiB"),
            each <= 40.5 && mib <= 1024,
        );
    }

    tensor_promises(&mut promises, &tensor_times, &small_times);

    let mut text = heading(start);
    for (title, table) in [
        ("Promises", &promises),
        ("The tape, an operation", &costs),
        ("Gradients", &first_order),
        ("Hessians", &hessians),
        ("Hessian times a vector", &products),
        ("Taylor series", &series),
        ("Elementary functions", &functions),
        ("Chains of rank-0 tensors", &tensors),
        ("A small network", &small),
    ] {
        section(&mut text, title, table);
    }
    text
}

const PROMISES: [&str; 4] = ["promise", "limit", "measured", "held"];

/// What eager tensors and transformed functions may cost: against dfdx, and against one another.
fn tensor_promises(promises: &mut Table, chain: &Times, small: &Times) {
    use tensor::{DFDX, EAGER, TRANSFORMED};
    let mut promise = |what: String, limit: f64, times: f64| {
        let held = if times <= limit { "yes" } else { "no" };
        promises.row(vec![what, format!("{limit} times"), format!("{} times", digits(times)), held.into()]);
    };
    for dtype in ["f32", "f64"] {
        let of = |name: &str| chain.of(&format!("{name}, {dtype}"));
        let what = format!("eager chain of rank-0 {dtype} tensors, gradient included, against dfdx 0.13");
        promise(what, 0.8, of(EAGER) / of(DFDX));
        let what =
            format!("un-jitted `value_and_grad(f)(&x)` of that {dtype} chain, against eager `backward()`");
        promise(what, 3.0, of(TRANSFORMED) / of(EAGER));
    }
    let what = "the same of a small network".to_string();
    promise(what, 3.0, small.of(TRANSFORMED) / small.of(EAGER));
}

fn heading(start: Instant) -> String {
    format!(
        "Machine: {}. Toolchain: {}, release profile, baseline target features. The run took {:.0} s.\n\n",
        processor(),
        toolchain(),
        start.elapsed().as_secs_f64()
    )
}

fn section(text: &mut String, title: &str, table: &Table) {
    let _ = write!(text, "## {title}\n\n{}\n", table.render());
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_string())
    };
    let model = field("model name").unwrap_or_else(|| "unknown".into());
    let family = field("cpu family").zip(field("model\t"));
    let family = family.map_or(String::new(), |(f, m)| format!(" (family {f}, model {m})"));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}{family}, {cores} cores, of which one is used")
}

fn toolchain() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.split('(').next().unwrap_or("rustc").trim().to_string()
}

fn write_between_markers(path: &str, [begin, end]: [&str; 2], report: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
    let (before, rest) = text.split_once(begin).ok_or_else(|| format!("{path} has no {begin}"))?;
    let (_, after) = rest.split_once(end).ok_or_else(|| format!("{path} has no {end}"))?;
    let text = format!("{before}{begin}\n{report}{end}{after}");
    std::fs::write(path, text).map_err(|e| format!("{path}: {e}"))
}
