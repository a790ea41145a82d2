//! The subcommands, one file each: what it computes, and how that is printed.

mod check;
mod completions;
mod diff;
mod graph;
mod jacobian;
mod step;
mod swell;
mod train;

use crate::args::{Cli, Command};
use crate::failure::{Failure, Status};
use crate::output::{complain, emit};
use std::process::ExitCode;

/// Runs what the command line asks for; the status to exit with.
pub fn run(cli: Cli) -> ExitCode {
    let colour = cli.color.into();
    let result = match &cli.command {
        Command::Diff(args) => diff::report(args).and_then(|report| emit(&report, cli.json, colour)),
        Command::Jacobian(args) => jacobian::report(args).and_then(|report| emit(&report, cli.json, colour)),
        Command::Graph(args) => graph::report(args).and_then(|report| match &args.output {
            Some(path) => graph::save(&report, path, cli.json),
            None => emit(&report, cli.json, colour),
        }),
        Command::Step(args) => step::report(args).and_then(|report| emit(&report, cli.json, colour)),
        Command::Check(args) => check::report(args).and_then(|report| emit(&report, cli.json, colour)),
        Command::Swell(args) => swell::report(args).and_then(|report| emit(&report, cli.json, colour)),
        Command::Train(args) => train::report(args).and_then(|report| emit(&report, cli.json, colour)),
        Command::Completions(args) => emit(&completions::report(args), cli.json, colour),
    };
    finish(result, colour)
}

fn finish(result: Result<Status, Failure>, colour: anstream::ColorChoice) -> ExitCode {
    match result {
        Ok(status) => {
            if status == Status::Numeric {
                complain(&Failure::numeric("not every derivative is finite at this point"), colour);
            }
            status.into()
        }
        Err(failure) => {
            complain(&failure, colour);
            failure.status.into()
        }
    }
}
