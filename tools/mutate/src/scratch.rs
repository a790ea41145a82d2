//! The copy of the workspace that the mutants live in.

use crate::alter::{self, Mutant, Suite};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is added to the copied library.
const HELPER: &str = r#"//! Which alteration is in force: a number from the environment, read once.

#![allow(dead_code)]
use crate::core::{Error, Tensor};
use crate::number::Real;
use crate::number::function::Partial;
use std::sync::LazyLock;

static ID: LazyLock<u32> =
    LazyLock::new(|| std::env::var("COTANGENT_MUTANT").ok().and_then(|id| id.parse().ok()).unwrap_or(0));

#[inline]
pub(crate) fn id() -> u32 {
    *ID
}

#[inline(never)]
pub(crate) fn scaled<R: Real>(partial: Partial<R>, factor: f64) -> Partial<R> {
    match partial {
        Partial::Constant(c) => Partial::Constant(c * factor),
        Partial::Of(p) => Partial::Of(p * factor),
    }
}

/// What a rule of tensors gives, times a factor.
pub(crate) trait Scaled {
    fn scaled(self, factor: f64) -> Self;
}
impl Scaled for Tensor {
    fn scaled(self, factor: f64) -> Tensor {
        if self.dtype().is_float() { self * factor } else { self }
    }
}
impl Scaled for Option<Tensor> {
    fn scaled(self, factor: f64) -> Option<Tensor> {
        self.map(|t| t.scaled(factor))
    }
}
impl Scaled for Vec<Option<Tensor>> {
    fn scaled(self, factor: f64) -> Vec<Option<Tensor>> {
        self.into_iter().map(|t| t.scaled(factor)).collect()
    }
}

/// The first entry along each axis, where a sum should be.
pub(crate) fn first_over(x: &Tensor, axes: &[usize]) -> Tensor {
    let mut y = x.clone();
    for &axis in axes.iter().rev() {
        let empty = y.shape()[axis] == 0;
        y = if empty { y.sum_over(&[axis]) } else { y.slice_axis(axis as isize, 0..1).squeeze(axis as isize) };
    }
    y
}

/// A sum that forgets.
pub(crate) fn overwrite(sum: &mut Option<Tensor>, term: Tensor) -> Result<(), Error> {
    *sum = Some(term);
    Ok(())
}

/// A sum that forgets.
pub(crate) fn overwrite_some(sum: &mut Option<Tensor>, term: Option<Tensor>) -> Result<(), Error> {
    if term.is_some() {
        *sum = term;
    }
    Ok(())
}
"#;

const WORKSPACE: &str = r#"
[profile.dev]
opt-level = 1
debug = 0
"#;

/// Copies a file or a folder, except for what is in `replaced`, a file's new content by its path.
fn copy(from: &Path, to: &Path, replaced: &BTreeMap<PathBuf, String>) -> Result<(), String> {
    let say = |e: std::io::Error| format!("{}: {e}", from.display());
    if from.is_dir() {
        fs::create_dir_all(to).map_err(say)?;
        for entry in fs::read_dir(from).map_err(say)? {
            let entry = entry.map_err(say)?;
            copy(&entry.path(), &to.join(entry.file_name()), replaced)?;
        }
        return Ok(());
    }
    match replaced.get(from) {
        Some(content) => put(to, content.as_bytes()),
        None => put(to, &fs::read(from).map_err(say)?),
    }
}

/// Writes a file unless it holds this already, so that cargo sees no change where there is none.
fn put(path: &Path, content: &[u8]) -> Result<(), String> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::write(path, content).map_err(|e| format!("{}: {e}", path.display()))
}

/// Copies the library with its agreement tests, altered wherever it can be, and says what the alterations are.
pub fn write(
    suite: &Suite,
    root: &Path,
    scratch: &Path,
    dropped: &BTreeSet<u32>,
) -> Result<Vec<Mutant>, String> {
    let src = root.join("crates/cotangent/src");
    let read = |path: &Path| fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
    let mut replaced = BTreeMap::new();
    let mut mutants = Vec::new();
    for file in alter::files(&src, suite)? {
        let name = file.strip_prefix(&src).unwrap_or(&file).display().to_string();
        let altered = alter::file(suite, &name, &read(&file)?, dropped, &mut mutants)?;
        replaced.insert(file, altered);
    }
    mutants.retain(|m| !dropped.contains(&m.id));
    let library = src.join("lib.rs");
    replaced.insert(library.clone(), format!("{}\nmod mutant;\n", read(&library)?));
    // All of the altered rules inlined into every level of every nest would compile for an hour.
    let engines: &[&str] = if suite.name == "tensors" {
        &[]
    } else {
        &["base", "dual", "operators", "real", "tape", "var", "function/mod"]
    };
    for engine in engines {
        let file = src.join(format!("number/{engine}.rs"));
        let text = match replaced.remove(&file) {
            Some(altered) => altered,
            None => read(&file)?,
        };
        replaced.insert(file, text.replace("#[inline(always)]", ""));
    }
    for part in ["crates/kernels", "crates/derive", "crates/cotangent"] {
        copy(&root.join(part), &scratch.join(part), &replaced)?;
    }
    put(&scratch.join("crates/cotangent/src/mutant.rs"), HELPER.as_bytes())?;
    copy(&root.join("Cargo.lock"), &scratch.join("Cargo.lock"), &replaced)?;
    let manifest = root.join("Cargo.toml");
    let manifest = fs::read_to_string(&manifest).map_err(|e| format!("{}: {e}", manifest.display()))?;
    let without_profiles = manifest.split("[profile.").next().unwrap_or_default();
    let members: Vec<String> = without_profiles
        .lines()
        .map(|line| match line.split_once('=').map(|(key, _)| key.trim()) {
            Some("members") => {
                r#"members = ["crates/kernels", "crates/derive", "crates/cotangent"]"#.to_string()
            }
            Some("default-members") => r#"default-members = ["crates/cotangent"]"#.to_string(),
            _ => line.to_string(),
        })
        .collect();
    put(&scratch.join("Cargo.toml"), (members.join("\n") + WORKSPACE).as_bytes())?;
    Ok(mutants)
}

/// The test binaries, or the numbers of mutants in the way.
pub fn compile(suite: &Suite, scratch: &Path) -> Result<Result<Vec<PathBuf>, BTreeSet<u32>>, String> {
    let present = |test: &&&str| {
        let tests = scratch.join("crates/cotangent/tests");
        tests.join(test).is_dir() || tests.join(format!("{test}.rs")).is_file()
    };
    let tests: Vec<&str> = suite.tests.iter().filter(present).copied().collect();
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--no-run", "--package", "cotangent"])
        .args(tests.iter().flat_map(|test| ["--test", test]))
        .args(["--message-format=json-diagnostic-short"])
        .current_dir(scratch)
        .env("CARGO_TARGET_DIR", scratch.join("target"))
        .env("RUSTFLAGS", "--cap-lints=allow")
        .output()
        .map_err(|e| format!("cargo: {e}"))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        let found: Vec<&str> = messages.lines().filter_map(|line| field(line, "\"executable\":\"")).collect();
        let binary = |test: &&str| {
            let name = format!("/{test}-");
            found
                .iter()
                .find(|path| path.contains(&name))
                .map(PathBuf::from)
                .ok_or(format!("no binary of {test}"))
        };
        return tests.iter().map(binary).collect::<Result<Vec<_>, _>>().map(Ok);
    }
    let mut failing = BTreeSet::new();
    for line in messages.lines().filter(|line| line.contains("\"level\":\"error\"")) {
        let rendered = field(line, "\"rendered\":\"").unwrap_or_default();
        let mut place = rendered.split(':');
        let (Some(file), Some(Ok(line))) = (place.next(), place.next().map(str::parse::<usize>)) else {
            continue;
        };
        let text = fs::read_to_string(scratch.join(file)).map_err(|e| format!("{file}: {e}"))?;
        // The arm that the error is in: the nearest number above it.
        let arms = text.lines().take(line).filter_map(|line| {
            let (number, _) = line.trim_start().split_once("u32 =>")?;
            number.trim().parse::<u32>().ok()
        });
        failing.extend(arms.last());
    }
    if failing.is_empty() {
        let log = String::from_utf8_lossy(&output.stderr);
        let errors = messages.lines().filter(|line| line.contains("\"level\":\"error\""));
        let errors = errors.filter_map(|line| field(line, "\"rendered\":\"")).collect::<Vec<_>>().join("\n");
        return Err(format!("the altered library does not compile:\n{errors}\n{log}"));
    }
    Ok(Err(failing))
}

/// The text of a JSON string field, as far as its first escape: enough for paths and places.
fn field<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = json.split_once(key)?;
    rest.split(['"', '\\']).next()
}
