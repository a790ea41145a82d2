//! `cotan`: differentiate a formula symbolically, numerically, forward and in reverse, side by side.

mod args;
mod command;
mod engine;
mod failure;
mod input;
mod output;
mod plot;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    command::run(args::Cli::parse())
}
