//! `cotan completions`.

use crate::args::{Cli, Completions};
use crate::output::{Page, Report};
use clap::CommandFactory;
use serde::Serialize;

#[derive(Serialize)]
pub struct Script {
    shell: String,
    script: String,
}

pub fn report(args: &Completions) -> Script {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cotan", &mut script);
    Script { shell: args.shell.to_string(), script: String::from_utf8_lossy(&script).into_owned() }
}

impl Report for Script {
    fn print(&self, page: &mut Page) {
        page.raw(&self.script);
    }
}
