//! Exit codes, and errors that prevent a command from working.

use crate::model::hint::Hint;
use crate::report::escape;
use std::io;
use std::io::Write;
use std::process::ExitCode;

/// The contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All done, or nothing to do.
    Done = 0,
    /// At least one file failed, was refused, did not verify or lost values.
    Failed = 1,
    /// Usage error: nothing was touched.
    Usage = 2,
    /// `audit --check` found files that need work or a decision.
    NeedsWork = 3,
    /// Interrupted: what was finished stays finished, nothing is half-done.
    Interrupted = 130,
}

/// The same for the help text.
pub(crate) const TABLE: &str = "\
Exit codes:
  0    all done, or nothing to do
  1    at least one file failed, was refused or did not verify, or lost values
       (--salvage)
  2    usage error: nothing was touched
  3    audit --check found files that need work or a decision
  130  interrupted: what was finished stays finished, nothing is half-done";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        match exit {
            Exit::Done => ExitCode::SUCCESS,
            Exit::Failed => ExitCode::from(1),
            Exit::Usage => ExitCode::from(2),
            Exit::NeedsWork => ExitCode::from(3),
            Exit::Interrupted => ExitCode::from(130),
        }
    }
}

/// Why a command could not work at all.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// An error of the command line: nothing was touched.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Failure {
            exit: Exit::Usage,
            message: message.into(),
            hint: Some(hint.into()).filter(|hint| !hint.is_empty()),
        }
    }

    /// The same for an error that knows its next step.
    pub(crate) fn usage_error(error: &impl Hint) -> Self {
        Failure::usage(error.to_string(), error.hint())
    }

    /// Like [`Failure::failed`], for an error that knows its next step.
    pub(crate) fn error(error: &impl Hint) -> Self {
        Failure::failed(error.to_string(), error.hint())
    }

    /// Something about the one file that the command is about.
    pub(crate) fn failed(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Failure {
            exit: Exit::Failed,
            ..Failure::usage(message, hint)
        }
    }

    pub(crate) fn tell(self) -> Exit {
        // If stderr is closed, the message is lost; the exit code remains.
        let _ = io::stderr().lock().write_all(self.text().as_bytes());
        self.exit
    }

    /// As it is written: the message, and the next step on a line of its own.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("error: {}\n", escape::for_terminal(&self.message));
        if let Some(hint) = &self.hint {
            text.push_str(&format!("  help: {}\n", escape::for_terminal(hint)));
        }
        text
    }
}

/// Something to know about a run that went well.
pub(crate) fn warn(text: &str) {
    write_line("warning", text);
}

/// What h5lift has chosen by itself.
pub(crate) fn note(text: &str) {
    write_line("note", text);
}

fn write_line(kind: &str, text: &str) {
    // Nobody listens on a closed stderr, and nothing depends on it.
    let _ = writeln!(
        io::stderr().lock(),
        "{kind}: {}",
        escape::for_terminal(text)
    );
}

/// A closed pipe on stdout is the reader's choice and not an error; anything else is.
pub(crate) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(
            format!("stdout cannot be written: {error}"),
            "check the file or disk that stdout goes to; migrations that were finished stay finished",
        )),
        _ => Ok(()),
    }
}

impl From<crate::files::UsageProblem> for Failure {
    fn from(problem: crate::files::UsageProblem) -> Self {
        Failure::usage_error(&problem)
    }
}

impl From<crate::files::DestinationError> for Failure {
    fn from(error: crate::files::DestinationError) -> Self {
        Failure::usage_error(&error)
    }
}
