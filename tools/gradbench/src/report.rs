//! Measures every size of every evaluation: the library and the plain loops in one run, taking turns, on one thread.

use crate::eval::{Module, Run, Tool, Workload};
use crate::evals;
use crate::protocol;
use crate::recorded::agree;
use crate::table::{Table, digits, time};
use crate::timing::{Time, contest};
use cotangent_kernels::threads;
use std::fmt::Write;
use std::time::{Duration, Instant};
use std::{fs, process};

/// What a derivative may cost.
struct Promise {
    module: &'static str,
    function: &'static str,
    /// Of which sizes.
    sizes: &'static [&'static str],
    /// In units of the plain objective's time.
    limit: f64,
    /// What that of the best other tool of GradBench is, or was where these were recorded.
    best_peer: &'static str,
}

const PROMISES: [Promise; 5] = [
    Promise { module: "gmm", function: "jacobian", sizes: &["20_50_1000"], limit: 0.6, best_peer: "2.5" },
    Promise { module: "gmm", function: "jacobian", sizes: &["64_100_1000"], limit: 0.8, best_peer: "5.0" },
    Promise {
        module: "lse",
        function: "gradient",
        sizes: &["n=80000", "n=160000", "n=320000", "n=640000", "n=1280000"],
        limit: 0.5,
        best_peer: "0.9",
    },
    Promise { module: "llsq", function: "gradient", sizes: &["n=16392,m=128"], limit: 0.3, best_peer: "1.7" },
    Promise { module: "particle", function: "ff", sizes: &["w=0"], limit: 1.2, best_peer: "–" },
];

/// GradBench's C++ objectives, in milliseconds, as they were measured on another machine (with AVX-512, `-O3 -march=native`).
const CPP: [(&str, &str, f64); 9] = [
    ("gmm", "10_25_1000", 1.6),
    ("gmm", "20_50_1000", 6.4),
    ("gmm", "64_100_1000", 60.0),
    ("llsq", "n=16,m=128", 0.0017),
    ("llsq", "n=1024,m=128", 0.10),
    ("llsq", "n=16392,m=128", 1.65),
    ("lse", "n=2500", 0.012),
    ("lse", "n=80000", 0.39),
    ("lse", "n=1280000", 6.4),
];

/// What was measured of one size.
struct Measured {
    module: &'static str,
    size: String,
    times: Vec<(Tool, &'static str, Time)>,
    /// Of the library's last function: tracing and compiling.
    preparing: Duration,
}

impl Measured {
    fn of(&self, tool: Tool, function: &str) -> Option<Time> {
        self.times.iter().find(|(t, f, _)| (*t, *f) == (tool, function)).map(|(_, _, time)| *time)
    }

    /// The plain loops', of the one function that they have.
    fn plain(&self) -> f64 {
        self.times.iter().find(|(tool, ..)| *tool == Tool::Plain).map_or(f64::NAN, |(_, _, time)| time.least)
    }
}

/// The tables as Markdown. A quick report has the smallest, the largest and the promised sizes, and is rough.
pub fn report(quick: bool) -> Result<String, String> {
    let start = Instant::now();
    let budget = Duration::from_secs_f64(if quick { 0.2 } else { 1.5 });
    let mut all = Vec::new();
    for module in evals::ALL {
        let sizes = module.sizes();
        let (smallest, largest) = (0, sizes.len() - 1);
        for (i, workload) in sizes.into_iter().enumerate() {
            let promised =
                PROMISES.iter().any(|promise| promise.is_about(module.name(), &workload.description));
            if !quick || promised || i == smallest || i == largest {
                all.push(threads::with(1, || measure(module, workload, budget))?);
            }
        }
    }
    let mut text = format!(
        "Machine: {}. Toolchain: {}, release profile, baseline target features. The run took {:.0} s.\n\n",
        processor(),
        toolchain(),
        start.elapsed().as_secs_f64()
    );
    let mut section = |title: &str, table: Table| {
        let _ = write!(text, "### {title}\n\n{}\n", table.render());
    };
    section("Promises", promises(&all));
    for module in evals::ALL {
        section(module.name(), sizes(module, &all));
    }
    section("The plain loops, beside C++ on another machine", beside_cpp(&all));
    Ok(text)
}

/// Everything that both tools have for this size, its answers compared first.
fn measure(module: &dyn Module, workload: Workload, budget: Duration) -> Result<Measured, String> {
    let Workload { description: size, input } = workload;
    let (mut names, mut runs): (Vec<(Tool, &'static str)>, Vec<Run>) = (Vec::new(), Vec::new());
    let mut preparing = Duration::ZERO;
    for tool in [Tool::Plain, Tool::Cotangent] {
        for &function in module.functions() {
            match protocol::prepare(module, tool, function, input.clone()) {
                Ok((run, time)) => {
                    names.push((tool, function));
                    runs.push(run);
                    preparing = time;
                }
                Err(error) if tool == Tool::Cotangent => return Err(error),
                // The plain loops have no derivatives.
                Err(_) => {}
            }
        }
    }
    let answer = |i: usize| runs[i]().json();
    for i in 1..names.len() {
        if names[i].1 == names[0].1 {
            agree(&answer(i)?, &answer(0)?).map_err(|error| format!("{} {size}: {error}", module.name()))?;
        }
    }
    let times =
        names.into_iter().zip(contest(&runs, budget)).map(|((tool, f), time)| (tool, f, time)).collect();
    Ok(Measured { module: module.name(), size, times, preparing })
}

impl Promise {
    fn is_about(&self, module: &str, size: &str) -> bool {
        self.module == module && self.sizes.contains(&size)
    }
}

fn promises(all: &[Measured]) -> Table {
    let mut table =
        Table::new(["derivative / plain objective", "limit", "best other tool", "measured", "held"]);
    for promise in &PROMISES {
        for measured in all.iter().filter(|measured| promise.is_about(measured.module, &measured.size)) {
            let Some(derivative) = measured.of(Tool::Cotangent, promise.function) else { continue };
            let (derivative, plain) = (derivative.least, measured.plain());
            table.row(vec![
                format!("{} {}, {}", promise.module, promise.function, measured.size),
                digits(promise.limit),
                promise.best_peer.into(),
                format!("{} ({} / {})", digits(derivative / plain), time(derivative), time(plain)),
                if derivative <= promise.limit * plain { "yes" } else { "no" }.into(),
            ]);
        }
    }
    table
}

/// A row for each size: the plain loops, and the library's functions, in brackets how many times the plain loops' their time is.
fn sizes(module: &dyn Module, all: &[Measured]) -> Table {
    let rows: Vec<&Measured> = all.iter().filter(|measured| measured.module == module.name()).collect();
    let columns: Vec<(Tool, &str)> =
        rows[0].times.iter().map(|(tool, function, _)| (*tool, *function)).collect();
    let header = columns.iter().map(|(tool, function)| format!("{function}, {tool}"));
    let last = ["its mean".to_string(), "its `prepare`".to_string()];
    let mut table = Table::new(["size".to_string()].into_iter().chain(header).chain(last));
    for measured in rows {
        let plain = measured.plain();
        let cell = |(tool, _, t): &(Tool, &str, Time)| match tool {
            Tool::Plain => time(t.least),
            Tool::Cotangent => format!("{} ({})", time(t.least), digits(t.least / plain)),
        };
        let mut cells = vec![measured.size.clone()];
        cells.extend(measured.times.iter().map(cell));
        let mean = measured.times.last().map_or(f64::NAN, |(_, _, time)| time.mean);
        cells.extend([time(mean), time(measured.preparing.as_secs_f64())]);
        table.row(cells);
    }
    table
}

fn beside_cpp(all: &[Measured]) -> Table {
    let mut table = Table::new(["objective", "plain loops, here", "C++, there", "ratio"]);
    for (module, size, cpp) in CPP {
        let Some(measured) = all.iter().find(|m| (m.module, m.size.as_str()) == (module, size)) else {
            continue;
        };
        let (plain, cpp) = (measured.plain(), cpp * 1e-3);
        table.row(vec![format!("{module} {size}"), time(plain), time(cpp), digits(plain / cpp)]);
    }
    table
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_string())
    };
    let model = field("model name").unwrap_or_else(|| "unknown".into());
    let family = field("cpu family").zip(field("model\t"));
    let family = family.map_or(String::new(), |(family, model)| format!(" (family {family}, model {model})"));
    format!("{model}{family}, of which one core is used")
}

fn toolchain() -> String {
    let output = process::Command::new("rustc").arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.split('(').next().unwrap_or("rustc").trim().to_string()
}

const BEGIN: &str = "<!-- gradbench: begin -->";
const END: &str = "<!-- gradbench: end -->";

/// Puts the report between its markers in a file.
pub fn write(path: &str, report: &str) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let (before, rest) = text.split_once(BEGIN).ok_or_else(|| format!("{path} has no {BEGIN}"))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| format!("{path} has no {END}"))?;
    fs::write(path, format!("{before}{BEGIN}\n{report}{END}{after}"))
        .map_err(|error| format!("{path}: {error}"))
}
