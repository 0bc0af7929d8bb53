//! `h5lift completions`, `h5lift man`: made from the same definitions as the parser.

use crate::cli::Cli;
use crate::cli::exit::{Exit, Failure, written};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io;
use std::io::Write;

/// Options of `completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "h5lift", &mut script);
        written(io::stdout().lock().write_all(&script))?;
        Ok(Exit::Done)
    }
}

/// Prints the manual page: of h5lift, then of each command.
pub(crate) fn man() -> Result<Exit, Failure> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    let commands: Vec<_> = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .cloned()
        .collect();
    let rendered = std::iter::once(command)
        .chain(commands)
        .try_for_each(|command| clap_mangen::Man::new(command).render(&mut page));
    written(rendered.and_then(|()| io::stdout().lock().write_all(&page)))?;
    Ok(Exit::Done)
}
