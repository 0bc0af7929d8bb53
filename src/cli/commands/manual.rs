//! `h5lift completions`, `h5lift man`: made from the same definitions as the parser.

use crate::cli::Cli;
use crate::cli::exit::{Exit, Failure, written};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};

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

/// Options of `man`.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write h5lift.1 and a page for each command into this folder, which may be new
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        match &self.out {
            Some(folder) => write_pages(folder)?,
            None => print_pages()?,
        }
        Ok(Exit::Done)
    }
}

fn write_pages(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|error| {
            Failure::failed(
                format!("{}: the pages cannot be written: {error}", folder.display()),
                "choose another folder with --out",
            )
        })
}

/// The page of h5lift, then those of all commands.
fn print_pages() -> Result<(), Failure> {
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
    written(rendered.and_then(|()| io::stdout().lock().write_all(&page)))
}
