//! The protocol: a message a line on standard input, an answer a line on standard output.
//!
//! Whatever the line is, the answer is a line, and the next message is read.

use crate::eval::{Module, Run, Tool};
use crate::evals;
use cotangent_kernels::threads;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// An answer's part that says what took how long.
#[derive(Clone, Debug, Serialize)]
pub struct Timing {
    name: &'static str,
    nanoseconds: u64,
}

impl Timing {
    fn new(name: &'static str, time: Duration) -> Timing {
        Timing { name, nanoseconds: u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) }
    }
}

/// What is read of a message of the kind `evaluate`.
#[derive(Deserialize)]
struct Evaluate {
    module: String,
    function: String,
    input: Value,
}

/// How often is evaluated, at least.
#[derive(Deserialize)]
#[serde(default)]
struct Repeat {
    min_runs: u64,
    min_seconds: f64,
}

impl Default for Repeat {
    fn default() -> Repeat {
        Repeat { min_runs: 1, min_seconds: 0.0 }
    }
}

/// Answers every message until the input ends, on one thread.
pub fn serve(tool: Tool, mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        if !line.trim_ascii().is_empty() {
            serde_json::to_writer(&mut output, &answer(tool, &line))?;
            output.write_all(b"\n")?;
            output.flush()?;
        }
        line.clear();
    }
    Ok(())
}

/// The answer to a message.
pub fn answer(tool: Tool, line: &[u8]) -> Value {
    let message: Value = match serde_json::from_slice(line) {
        Ok(message) => message,
        Err(error) => return failure(&Value::Null, &format!("this is no JSON: {error}")),
    };
    let id = message.get("id").cloned().unwrap_or(Value::Null);
    match message.get("kind").and_then(Value::as_str) {
        Some("start") => json!({ "id": id, "tool": tool.to_string() }),
        Some("define") => {
            let name = message.get("module").and_then(Value::as_str).unwrap_or_default();
            match evals::named(name) {
                Some(_) => json!({ "id": id, "success": true }),
                None => failure(&id, &unknown(name)),
            }
        }
        Some("evaluate") => match guarded(|| evaluate(tool, message)) {
            Ok((output, timings)) => {
                json!({ "id": id, "success": true, "output": output, "timings": timings })
            }
            Err(error) => failure(&id, &error),
        },
        Some(_) => json!({ "id": id }),
        None => failure(&id, "a message has a `kind`"),
    }
}

fn failure(id: &Value, error: &str) -> Value {
    json!({ "id": id, "success": false, "error": error })
}

fn unknown(module: &str) -> String {
    let names: Vec<&str> = evals::ALL.iter().map(|module| module.name()).collect();
    format!("there is no module {module:?}; there are {}", names.join(", "))
}

/// On one thread, and with a panic's text as the error.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(|| threads::with(1, work))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        Err(text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text").to_string())
    })
}

fn evaluate(tool: Tool, message: Value) -> Result<(Value, Vec<Timing>), String> {
    let Evaluate { module, function, input } =
        serde_json::from_value(message).map_err(|error| format!("evaluate: {error}"))?;
    let repeat = Repeat::of(&input)?;
    let module = evals::named(&module).ok_or_else(|| unknown(&module))?;
    let (run, preparing) = prepare(module, tool, &function, input)?;
    let mut timings = vec![Timing::new("prepare", preparing)];
    let mut total = Duration::ZERO;
    loop {
        let start = Instant::now();
        let answer = run();
        let time = start.elapsed();
        timings.push(Timing::new("evaluate", time));
        total += time;
        if repeat.is_enough(timings.len() as u64 - 1, total) {
            return Ok((answer.json()?, timings));
        }
    }
}

/// The function at the input's point, and how long that took once the input was decoded.
pub fn prepare(
    module: &dyn Module,
    tool: Tool,
    function: &str,
    input: Value,
) -> Result<(Run, Duration), String> {
    let decoded = module.decode(input)?;
    let start = Instant::now();
    let run = decoded(tool, function)?;
    Ok((run, start.elapsed()))
}

impl Repeat {
    /// What the input says; a bare number says nothing.
    fn of(input: &Value) -> Result<Repeat, String> {
        let repeat = match input {
            Value::Object(_) => Repeat::deserialize(input).map_err(|error| format!("input: {error}"))?,
            _ => Repeat::default(),
        };
        match repeat.min_seconds {
            seconds if seconds >= 0.0 => Ok(repeat),
            seconds => Err(format!("input: min_seconds is {seconds}")),
        }
    }

    fn is_enough(&self, runs: u64, total: Duration) -> bool {
        runs >= self.min_runs && total.as_secs_f64() >= self.min_seconds
    }
}
