//! `h5lift plan PATH --target TIME`: how many shards, and the command that submits them.

use crate::cli::args::options::{
    FileOptions, LONGEST_TIME, MOST_THREADS, OutputOptions, RunChoices, WorkOptions,
};
use crate::cli::args::rules::RuleOptions;
use crate::cli::batch::collect::collect;
use crate::cli::commands::audit;
use crate::cli::exit::{Exit, Failure, written};
use crate::files::{Candidate, RunLock};
use crate::jobs::context::JobContext;
use crate::jobs::steps::inspect::Inspection;
use crate::model::record::outcome::Action;
use crate::model::shard::estimate::Work;
use crate::model::shell::for_shell;
use crate::report::quantity;
use clap::{Args, Parser};
use std::fs;
use std::io;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Options of `plan`.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    files: FileOptions,
    /// Time in which all tasks are to be done: 90m, 2h, 1h30m, or seconds, up to 365d
    #[arg(long, value_name = "TIME", value_parser = time)]
    target: Duration,
    /// Cores of each task
    #[arg(long, value_name = "N", default_value = "2", value_parser = cores)]
    cpus_per_task: NonZeroUsize,
    #[command(flatten)]
    rules: RuleOptions,
    #[command(flatten)]
    work: WorkOptions,
}

/// The output of the audit is not shown.
#[derive(Debug, Parser)]
struct Quiet {
    #[command(flatten)]
    output: OutputOptions,
}

impl Plan {
    /// Inspects the files and prints the command. `typed` holds the paths and options of the user that `migrate` has, too.
    pub(crate) fn run(mut self, typed: &[String]) -> Result<Exit, Failure> {
        self.refuse_what_tasks_cannot_repeat()?;
        let mut quiet = Quiet::parse_from(["h5lift", "--quiet"]);
        quiet.output.take_null(&self.files)?;
        self.files.include.extend(self.rules.includes()?);
        let settings = self.work.settings(RunChoices {
            rules: Some(&self.rules),
            ..RunChoices::default()
        })?;
        let run_lock = RunLock::default();
        let found = Mutex::new(Work::default());
        let conclude = |_: &JobContext<'_>, _: &Candidate, inspection: Inspection| {
            if inspection.record.plan.action == Action::Migrate {
                let mut work = found.lock().unwrap_or_else(PoisonError::into_inner);
                work.files += 1;
                work.bytes += inspection.record.bytes;
            }
            inspection.record
        };
        let report = audit::job("plan", &settings, &quiet.output, &run_lock).run(
            collect(&self.files)?,
            &audit::inspect_and(&settings, &conclude),
        )?;
        if settings.worker.interrupt.is_set() {
            return Ok(Exit::Interrupted);
        }
        let work = *found.lock().unwrap_or_else(PoisonError::into_inner);
        let text = self.tell(work, typed);
        written(io::stdout().lock().write_all(text.as_bytes()))?;
        Ok(match report.problems.is_empty() {
            true => Exit::Done,
            false => Exit::Failed,
        })
    }

    /// All tasks run one command: it must find the same files, each time it is run.
    fn refuse_what_tasks_cannot_repeat(&self) -> Result<(), Failure> {
        if self.files.shard.is_given() {
            return Err(Failure::usage(
                "plan estimates the work of all shards, and --shard takes only one of them",
                "leave out --shard; the command that is printed has --shard auto",
            ));
        }
        let is_stream = |list: &Path| {
            list == Path::new("-") || fs::metadata(list).is_ok_and(|it| !it.is_file())
        };
        match &self.files.files_from {
            Some(list) if is_stream(list) => Err(Failure::usage(
                format!(
                    "--files-from {}: the tasks cannot read this list again, because it is not in a file",
                    list.display()
                ),
                "write the list to a file that all tasks can read, and give that file",
            )),
            _ => Ok(()),
        }
    }

    fn tell(&self, work: Work, typed: &[String]) -> String {
        let need = match work.files {
            0 => return "no file needs work: there is nothing to submit\n".to_string(),
            1 => "needs",
            _ => "need",
        };
        let cores = self.cpus_per_task.get();
        let tasks = work.tasks(cores, self.target.as_secs_f64());
        // Twice the target: a task that is late is better than one that is stopped.
        let limit = clock(self.target * 2);
        let memory = mebibytes(self.work.memory.max(LEAST_MEMORY));
        let command = format!(
            "exec h5lift migrate {} --in-place --ledger lift.jsonl --shard auto --quiet",
            typed.join(" ")
        );
        let duration = Duration::from_secs_f64(work.core_seconds().min(1e12));
        format!(
            "{} of {} {need} work: about {} of one core\n\
             {} with {} each should be done in time; the first one shows how fast they are\n\n\
             sbatch --array=1-{tasks} --cpus-per-task={cores} --mem-per-cpu={memory} --time={limit} --requeue \\\n    \
             --wrap={}\n",
            quantity::counted(work.files, "file"),
            quantity::bytes(work.bytes),
            quantity::estimate(duration),
            quantity::counted(tasks, "task"),
            quantity::counted(cores as u64, "core"),
            for_shell(&command),
        )
    }
}

/// Options of `plan` that say how it runs itself. The tasks have the cores of `--cpus-per-task`, which `migrate` finds without `--jobs`.
pub(crate) const NOT_REPEATED: [&str; 1] = ["jobs"];

/// What a task asks for each of its cores, unless `--memory` is more: each core has a worker.
const LEAST_MEMORY: u64 = 2 << 30;

/// A size as Slurm reads it.
fn mebibytes(bytes: u64) -> String {
    match bytes.div_ceil(1 << 20) {
        size if size % 1024 == 0 => format!("{}G", size / 1024),
        size => format!("{size}M"),
    }
}

/// `hours:minutes:seconds`, as Slurm reads it.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs().max(60);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

fn cores(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|cores: &NonZeroUsize| cores.get() <= MOST_THREADS)
        .ok_or_else(|| format!("expected a number of cores, from 1 to {MOST_THREADS}"))
}

/// `90m`, `2h`, `1h30m`, `45s`, or a number of seconds.
fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a time such as 2h, 90m or 1h30m, up to 365d".to_string();
    let mut seconds = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let mut unit = after.chars();
        let factor = match unit.next() {
            None | Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 86400,
            Some(_) => return Err(wrong()),
        };
        seconds = number
            .checked_mul(factor)
            .and_then(|part| seconds.checked_add(part))
            .ok_or_else(wrong)?;
        rest = unit.as_str();
    }
    let time = Duration::from_secs(seconds);
    match time.is_zero() || time > LONGEST_TIME {
        true => Err(wrong()),
        false => Ok(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (text, seconds, shown) in [
            ("2h", 7200, "02:00:00"),
            ("1h30m", 5400, "01:30:00"),
            ("90m", 5400, "01:30:00"),
            ("90", 90, "00:01:30"),
            ("2d", 172_800, "48:00:00"),
            ("5s", 5, "00:01:00"),
            ("365d", 31_536_000, "8760:00:00"),
        ] {
            let read = time(text).unwrap();
            assert_eq!(read, Duration::from_secs(seconds), "{text}");
            assert_eq!(clock(read), shown);
        }
        for text in [
            "",
            "0",
            "h",
            "2x",
            "-1h",
            "1.5h",
            "366d",
            "18446744073709551615",
            "99999999999999999999h",
        ] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn cores_are_limited() {
        assert!(cores("65536").is_ok());
        assert!(cores("0").is_err());
        assert!(cores("18446744073709551615").is_err());
    }

    #[test]
    fn memory_is_written_as_slurm_reads_it() {
        assert_eq!(mebibytes(2 << 30), "2G");
        assert_eq!(mebibytes(2560 << 20), "2560M");
        assert_eq!(mebibytes((3 << 30) + 1), "3073M");
    }
}
