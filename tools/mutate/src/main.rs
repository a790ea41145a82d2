//! Alters each derivative rule and the engines' central pieces, one at a time, and runs the agreement tests against every
//! alteration: they must notice. See README.md.
//!
//! All alterations are compiled at once ("mutant schemata": R. H. Untch, A. J. Offutt, M. J. Harrold, 1993): in a copy of
//! the workspace each altered expression becomes `match crate::mutant::id() { 17 => altered, _ => original }`, and the
//! test binary runs once for each number.

mod alter;
mod run;
mod scratch;

use alter::{Mutant, SUITES, Suite};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

const EQUIVALENT: &str = include_str!("../equivalent.txt");

/// The reasons why mutants cannot be told from the original, by their key.
fn equivalents() -> Result<BTreeMap<String, String>, String> {
    let lines = EQUIVALENT.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let entry = |line: &str| {
        let (key, reason) =
            line.split_once(" :: ").ok_or(format!("equivalent.txt: no ` :: ` in `{line}`"))?;
        Ok((key.trim().to_string(), reason.trim().to_string()))
    };
    lines.map(entry).collect()
}

fn report(mutants: &[Mutant], killed: &[bool], reasons: &BTreeMap<String, String>) -> bool {
    let mut unexplained = 0;
    let mut explained = 0;
    let mut used = BTreeSet::new();
    for (mutant, killed) in mutants.iter().zip(killed) {
        let reason = reasons.get(&mutant.key);
        if reason.is_some() {
            used.insert(&mutant.key);
        }
        match (killed, reason) {
            (true, None) => {}
            (true, Some(_)) => println!("KILLED, though listed as equivalent: {}", mutant.describe()),
            (false, Some(reason)) => {
                explained += 1;
                println!("equivalent: {}\n    because {reason}", mutant.describe());
            }
            (false, None) => {
                unexplained += 1;
                println!("SURVIVOR: {}\n    {}", mutant.describe(), mutant.key);
            }
        }
    }
    for key in reasons.keys().filter(|key| !used.contains(key)) {
        println!("equivalent.txt names no mutant any more: {key}");
    }
    let dead = killed.iter().filter(|killed| **killed).count();
    println!("{dead}/{} killed, {explained} equivalent, {unexplained} unexplained", mutants.len());
    unexplained == 0
}

/// The suites named on the command line, or all.
fn mutate() -> Result<bool, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let list_only = arguments.iter().any(|a| a == "--list");
    let only = arguments.iter().skip_while(|a| *a != "--only").nth(1).map_or("", String::as_str);
    let named = |suite: &&Suite| arguments.iter().any(|a| a == suite.name);
    let all = !SUITES.iter().any(|suite| named(&suite));
    let mut explained = true;
    for suite in SUITES.iter().filter(|suite| all || named(suite)) {
        println!("== {}", suite.name);
        explained &= sweep(suite, list_only, only)?;
    }
    Ok(explained)
}

/// Only alterations with one of these texts, parted by commas, in their key are tried.
fn sweep(suite: &Suite, list_only: bool, only: &str) -> Result<bool, String> {
    // Each suite's keys begin with the room they are in.
    let picked = |key: &str| only.split(',').any(|part| key.contains(part));
    let mut reasons = equivalents()?;
    reasons.retain(|key, _| key.starts_with("number/") == (suite.name == "numbers") && picked(key));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let scratch = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/scratch").join(suite.name);
    let start = Instant::now();
    let mut dropped = BTreeSet::new();
    let (mutants, binaries) = loop {
        let mut mutants = scratch::write(suite, &root, &scratch, &dropped)?;
        let all = mutants.len();
        mutants.retain(|mutant| picked(&mutant.key));
        if list_only {
            mutants.iter().for_each(|m| println!("{}", m.describe()));
            println!("{} mutants", mutants.len());
            return Ok(true);
        }
        match scratch::compile(suite, &scratch)? {
            Ok(binaries) => {
                println!("{all} mutants compiled in {:.0} s", start.elapsed().as_secs_f64());
                break (mutants, binaries);
            }
            Err(failing) => {
                for mutant in mutants.iter().filter(|m| failing.contains(&m.id)) {
                    println!("does not compile, left out: {}", mutant.describe());
                }
                dropped.extend(failing);
            }
        }
    };
    let start = Instant::now();
    let killed = run::all(&binaries, &mutants)?;
    println!("run in {:.0} s", start.elapsed().as_secs_f64());
    Ok(report(&mutants, &killed, &reasons))
}

fn main() -> ExitCode {
    match mutate() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("mutate: {message}");
            ExitCode::from(2)
        }
    }
}
