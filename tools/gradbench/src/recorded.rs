//! Messages with the reference tool's outputs, and whether ours are the same.

use crate::eval::Tool;
use crate::evals;
use crate::protocol::answer;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// How far numbers may be apart: so much of one, or of the sum of their sizes if that is more.
const TOLERANCE: f64 = 1e-4;

/// What came of the cases of some files.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many cases agree.
    pub passed: usize,
    /// How many belong to evaluations that are not here.
    pub skipped: usize,
    /// Which cases do not agree, and why.
    pub failed: Vec<String>,
}

/// Every case of every `.jsonl` file in a folder.
pub fn check(folder: &Path) -> Result<Outcome, String> {
    let place = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(place)?.collect::<Result<Vec<_>, _>>().map_err(place)?;
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let mut outcome = Outcome::default();
    for path in files {
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        for (i, line) in text.lines().enumerate() {
            match case(line) {
                Ok(true) => outcome.passed += 1,
                Ok(false) => outcome.skipped += 1,
                Err(error) => outcome.failed.push(format!("{}:{}: {error}", path.display(), i + 1)),
            }
        }
    }
    Ok(outcome)
}

/// One line, `{"message": …, "expected": …}`: `false` if the message is to an evaluation that is not here.
fn case(line: &str) -> Result<bool, String> {
    let case: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let (message, expected) = (&case["message"], &case["expected"]);
    if message["module"].as_str().and_then(evals::named).is_none() {
        return Ok(false);
    }
    let reply = answer(Tool::Cotangent, message.to_string().as_bytes());
    match &reply["error"] {
        Value::String(error) => Err(error.clone()),
        _ => agree(&reply["output"], expected).map(|()| true),
    }
}

/// As GradBench compares: the same structure, and numbers that are close.
pub fn agree(output: &Value, expected: &Value) -> Result<(), String> {
    match (output, expected) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            let close = (a - b).abs() <= TOLERANCE * (a.abs() + b.abs()).max(1.0);
            if close { Ok(()) } else { Err(format!("{a}, expected {b}")) }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let entry = |(i, (a, b))| agree(a, b).map_err(|error| format!("[{i}]: {error}"));
            a.iter().zip(b).enumerate().try_for_each(entry)
        }
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            let entry = |(key, a)| agree(a, &b[key]).map_err(|error| format!(".{key}: {error}"));
            a.iter().try_for_each(entry)
        }
        _ => Err("another structure than expected".into()),
    }
}
