//! Runs workloads for the scripts in `peers/`, which tell it on its standard input what to do, and answers on its standard output, a line for a line:
//!
//! - `open NAME<tab>FILE<tab>FILE…`: the workload of this name on the arrays in these `.npy` files. `ok`.
//! - `values FOLDER`: one call; its results go to `FOLDER/0.npy`, `1.npy`, …. `ok COUNT`.
//! - `run THREADS CALLS`: so many calls. `ok NANOSECONDS`, those of a call.
//! - `first THREADS`: one call, and none before it: after `open` the call that traces and compiles. `ok NANOSECONDS`.
//! - `plans FILE`: of a compiled workload what it has done so far, and what it runs, into this file. `ok`.
//! - `growth EQUATIONS KIND`: a program of about so many equations. `ok EQUATIONS TRACING COMPILING`, in nanoseconds.
//! - `bits`: does a call give the same bits on one, two and three threads? `ok true` or `ok false`.
//!
//! What cannot be done is `error WHY`. It ends when its input does.

use cotangent::core::{DType, Tensor};
use cotangent_bench::peers::{Run, Workload, growth, prepare};
use cotangent_kernels::{Array, Element, threads};
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let mut current = None;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        match answer(&line?, &mut current) {
            Ok(text) => writeln!(out, "ok {text}")?,
            Err(why) => writeln!(out, "error {}", why.replace('\n', " "))?,
        }
        out.flush()?;
    }
    Ok(())
}

/// In memory of its own, as results of operations have it: PyTorch's inputs too are copies that it made.
fn settled(x: Tensor) -> Tensor {
    fn copy<T: Element>(x: &Array) -> Option<Array> {
        let entries = x.as_slice::<T>()?;
        Some(Array::build(x.shape().clone(), |out: &mut [T]| out.copy_from_slice(entries)))
    }
    let array = x.array();
    let copy = copy::<f32>(&array).or_else(|| copy::<f64>(&array)).or_else(|| copy::<i64>(&array));
    copy.map_or(x, Tensor::from)
}

fn answer(line: &str, current: &mut Option<Workload>) -> Result<String, String> {
    let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
    if command == "open" {
        // The old one's memory first.
        *current = None;
        let mut words = rest.split('\t');
        let name = words.next().unwrap_or_default();
        let inputs: Result<Vec<Tensor>, _> = words.map(|path| Tensor::load_npy(path).map(settled)).collect();
        let inputs = inputs.map_err(|error| error.to_string())?;
        *current = Some(prepare(name, &inputs).ok_or(format!("no workload {name}"))?);
        return Ok(String::new());
    }
    if command == "growth" {
        let (equations, kind) = rest.split_once(' ').ok_or("growth EQUATIONS KIND")?;
        let equations = equations.parse().map_err(|_| "growth EQUATIONS KIND")?;
        let growth = growth::measure(kind, equations).ok_or(format!("no kind {kind}"))?;
        return Ok(format!("{} {} {}", growth.equations, growth.tracing_ns, growth.compiling_ns));
    }
    let Workload { run, plans } = current.as_mut().ok_or("nothing is open")?;
    match command {
        "values" => {
            let results = run();
            for (i, result) in results.iter().enumerate() {
                let path = format!("{rest}/{i}.npy");
                result.save_npy(path).map_err(|error| error.to_string())?;
            }
            Ok(results.len().to_string())
        }
        "run" => {
            let numbers: Option<Vec<usize>> = rest.split(' ').map(|word| word.parse().ok()).collect();
            let Some([threads, calls]) = numbers.as_deref() else { return Err("run THREADS CALLS".into()) };
            Ok(timed(run, *threads, *calls).to_string())
        }
        "first" => {
            let count = rest.parse().map_err(|_| "first THREADS")?;
            let start = Instant::now();
            threads::with(count, || black_box(run()));
            Ok((start.elapsed().as_nanos() as f64).to_string())
        }
        "plans" => {
            let plans = plans.as_ref().ok_or("it is not compiled")?;
            std::fs::write(rest, plans()).map_err(|error| error.to_string())?;
            Ok(String::new())
        }
        "bits" => {
            let each = [1, 2, 3].map(|n| threads::with(n, || run().iter().map(bits).collect::<Vec<_>>()));
            Ok((each[0] == each[1] && each[0] == each[2]).to_string())
        }
        _ => Err(format!("no command {command}")),
    }
}

/// Nanoseconds a call; the first one warms the caches.
fn timed(run: &mut Run, count: usize, calls: usize) -> f64 {
    threads::with(count, || {
        black_box(run());
        let start = Instant::now();
        for _ in 0..calls {
            black_box(run());
        }
        start.elapsed().as_nanos() as f64 / calls as f64
    })
}

fn bits(x: &Tensor) -> Vec<u64> {
    match x.dtype() {
        DType::F32 => x.to_vec::<f32>().into_iter().map(|x| x.to_bits().into()).collect(),
        DType::F64 => x.to_vec::<f64>().into_iter().map(f64::to_bits).collect(),
        _ => x.to(DType::I64).to_vec::<i64>().into_iter().map(|x| x as u64).collect(),
    }
}
