//! Which process has made a lock file or a temporary file, so that another one, perhaps on another machine, can tell
//! whether it still runs.
//!
//! A process is known by its machine, the boot of that machine, its number and its start time; a task of a scheduler also
//! by job, task and how often it was started. Machines are told apart by host name, machine id and process namespace:
//! file locks of some network file systems (BeeGFS by default, Lustre with `localflock`) reach no other machine, so a lock
//! that can be taken says nothing of processes elsewhere.

use crate::model::digest::hex;
use crate::model::scheduler_variables::{Environment, JobNames, NO_NUMBER, SCHEDULERS, Scheduler};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs;
use std::sync::OnceLock;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    /// Host name.
    pub host: String,
    /// The machine, by more than its name: see [`machine`].
    pub machine: String,
    /// The boot of the machine; empty if the system does not tell.
    pub boot: String,
    /// Process number.
    pub process: u32,
    /// When the process was started, in ticks since the boot; 0 if the system does not tell.
    pub started: u64,
    /// The task of a scheduler that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<SchedulerTask>,
}

/// A task of a scheduler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SchedulerTask {
    /// Its name.
    pub scheduler: String,
    /// Job and task.
    pub id: String,
    /// How often it was started before.
    pub restarts: u64,
}

/// What is known of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// It runs on this machine.
    Runs,
    /// It is gone: its process, its boot, or its task was started again.
    Gone,
    /// It is on another machine.
    Unknown,
}

impl Owner {
    pub(crate) fn this() -> &'static Owner {
        static THIS: OnceLock<Owner> = OnceLock::new();
        THIS.get_or_init(|| {
            let host = host_name();
            Owner {
                machine: machine(&host),
                host,
                boot: short(&read("/proc/sys/kernel/random/boot_id")),
                process: std::process::id(),
                started: start_of(std::process::id()).unwrap_or(0),
                task: SchedulerTask::of(&|variable| std::env::var(variable).ok()),
            }
        })
    }

    /// Whether this other process still runs.
    pub(crate) fn life(&self) -> Life {
        self.life_seen_by(Owner::this())
    }

    fn life_seen_by(&self, this: &Owner) -> Life {
        if let (Some(task), Some(ours)) = (&self.task, &this.task)
            && ours.follows(task)
        {
            return Life::Gone;
        }
        if self.machine != this.machine {
            return Life::Unknown;
        }
        life_on_this_machine(&self.boot, self.process, self.started, this)
    }
}

fn life_on_this_machine(boot: &str, process: u32, started: u64, this: &Owner) -> Life {
    if boot != this.boot {
        return Life::Gone;
    }
    match start_of(process) {
        Some(now) if now == started => Life::Runs,
        Some(_) => Life::Gone,
        // No such process, or a system without /proc.
        None => match rustix::process::Pid::from_raw(process.cast_signed()) {
            Some(pid) if exists(pid) => Life::Runs,
            _ => Life::Gone,
        },
    }
}

fn exists(pid: rustix::process::Pid) -> bool {
    !matches!(
        rustix::process::test_kill_process(pid),
        Err(rustix::io::Errno::SRCH)
    )
}

impl SchedulerTask {
    fn of(environment: &Environment<'_>) -> Option<SchedulerTask> {
        SCHEDULERS
            .iter()
            .find_map(|it| Self::of_one(it, environment))
    }

    fn of_one(scheduler: &Scheduler, environment: &Environment<'_>) -> Option<SchedulerTask> {
        let get = |variable: &str| environment(variable).filter(|value| !value.is_empty());
        let job = scheduler.job.iter().find_map(|variable| get(variable))?;
        let number = || scheduler.array.id(environment).and_then(get);
        let mut id = match scheduler.job_names {
            JobNames::Task => job,
            JobNames::TasksOnly { separator } => match number()? {
                number if number == NO_NUMBER => job,
                number => format!("{job}{separator}{number}"),
            },
            JobNames::Tasks { separator } => match number() {
                Some(number) => format!("{job}{separator}{number}"),
                None => job,
            },
        };
        // Several tasks of one step are told apart, and several steps of one job.
        for variable in scheduler.processes {
            id = format!("{id}.{}", get(variable).unwrap_or_default());
        }
        let restarts = scheduler.restarts.and_then(get);
        Some(SchedulerTask {
            scheduler: scheduler.name.to_string(),
            id,
            restarts: restarts.and_then(|it| it.parse().ok()).unwrap_or(0),
        })
    }

    /// Whether it is the same task, started again.
    fn follows(&self, other: &SchedulerTask) -> bool {
        self.scheduler == other.scheduler && self.id == other.id && self.restarts > other.restarts
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} on {}", self.process, self.host)?;
        match &self.task {
            Some(task) => write!(f, ", {} task {}", task.scheduler, task.id),
            None => Ok(()),
        }
    }
}

/// What names of temporary files say of their owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameTag {
    machine: u32,
    boot: u32,
    process: u32,
    started: u64,
}

impl NameTag {
    /// Of this process.
    pub(crate) fn this() -> NameTag {
        let this = Owner::this();
        NameTag {
            machine: number_of(&this.machine),
            boot: number_of(&this.boot),
            process: this.process,
            started: this.started,
        }
    }

    /// Of a process of this machine that has ended.
    #[cfg(test)]
    pub(crate) fn gone() -> NameTag {
        NameTag {
            started: NameTag::this().started + 1,
            ..NameTag::this()
        }
    }

    /// Of a process of another machine.
    #[cfg(test)]
    pub(crate) fn elsewhere() -> NameTag {
        NameTag {
            machine: !NameTag::this().machine,
            ..NameTag::this()
        }
    }

    /// Whether the process still runs.
    pub(crate) fn life(&self) -> Life {
        let this = Owner::this();
        if self.machine != number_of(&this.machine) {
            return Life::Unknown;
        }
        // Equal numbers stand for equal boots.
        let boot = match self.boot == number_of(&this.boot) {
            true => this.boot.as_str(),
            false => "another",
        };
        life_on_this_machine(boot, self.process, self.started, this)
    }

    /// Reads what [`fmt::Display`] writes.
    pub(crate) fn parse(text: &str) -> Option<NameTag> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| {
            let part = parts.next()?;
            let is_hex = part
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            (is_hex && part.len() == digits)
                .then(|| u64::from_str_radix(part, 16).ok())
                .flatten()
        };
        let small = |part: u64| u32::try_from(part).ok();
        let tag = NameTag {
            machine: small(part(8)?)?,
            boot: small(part(8)?)?,
            process: small(part(8)?)?,
            started: part(16)?,
        };
        parts.next().is_none().then_some(tag)
    }
}

impl fmt::Display for NameTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NameTag {
            machine,
            boot,
            process,
            started,
        } = self;
        write!(f, "{machine:08x}-{boot:08x}-{process:08x}-{started:016x}")
    }
}

/// A number that stands for a text, in names.
fn number_of(text: &str) -> u32 {
    let sum = Sha256::digest(text.as_bytes());
    sum.iter()
        .take(4)
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// Nodes of a cluster may share an image and with it the machine id; containers may share a name. Numbers of processes mean
/// something in their namespace only.
fn machine(host: &str) -> String {
    let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    short(&format!(
        "{host}\n{}\n{}",
        read("/etc/machine-id"),
        namespace.to_string_lossy()
    ))
}

fn read(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_string()
}

/// Enough of a sum to tell texts apart: machine ids are not to be published.
fn short(text: &str) -> String {
    match text.is_empty() {
        true => String::new(),
        false => hex(&Sha256::digest(text.as_bytes())[..8]),
    }
}

/// Stands for the start time of a process that has ended.
const ENDED: u64 = u64::MAX;

/// The start time of a process, in ticks since the boot.
fn start_of(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field, in parentheses, may hold anything; the start time is field 22.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    match fields.next()? {
        // A zombie has ended, whoever has not waited for it.
        "Z" | "X" => Some(ENDED),
        _ => fields.nth(18)?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn other(change: impl FnOnce(&mut Owner)) -> Owner {
        let mut owner = Owner::this().clone();
        change(&mut owner);
        owner
    }

    #[test]
    fn this_process_runs_and_others_are_gone() {
        assert_eq!(Owner::this().life(), Life::Runs);
        assert_eq!(NameTag::this().life(), Life::Runs);
        // Its number may be that of another process by now.
        assert_eq!(other(|it| it.started += 1).life(), Life::Gone);
        assert_eq!(other(|it| it.boot = "another".into()).life(), Life::Gone);
        assert_eq!(
            other(|it| it.machine = "another".into()).life(),
            Life::Unknown
        );
        let mut child = Command::new("/bin/sleep").arg("100").spawn().unwrap();
        let started = start_of(child.id()).unwrap();
        let owner = other(|it| {
            it.process = child.id();
            it.started = started;
        });
        assert_eq!(owner.life(), Life::Runs);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(owner.life(), Life::Gone);
    }

    #[test]
    fn a_task_that_is_started_again_follows_itself_on_any_machine() {
        let task = |id: &str, restarts| {
            Some(SchedulerTask {
                scheduler: "Slurm".into(),
                id: id.into(),
                restarts,
            })
        };
        let before = other(|it| {
            it.machine = "another".into();
            it.task = task("12_3", 0);
        });
        let life = |id, restarts| before.life_seen_by(&other(|it| it.task = task(id, restarts)));
        assert_eq!(life("12_3", 1), Life::Gone);
        assert_eq!(life("12_3", 0), Life::Unknown);
        assert_eq!(life("12_4", 1), Life::Unknown);
    }

    #[test]
    fn tasks_are_known_by_the_variables_of_their_scheduler() {
        let of = |set: &[(&'static str, &'static str)]| {
            let set = set.to_vec();
            SchedulerTask::of(&move |name| {
                let found = set.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_string())
            })
        };
        let slurm = of(&[
            ("SLURM_JOB_ID", "15"),
            ("SLURM_ARRAY_JOB_ID", "12"),
            ("SLURM_ARRAY_TASK_ID", "3"),
            ("SLURM_RESTART_COUNT", "2"),
        ])
        .unwrap();
        assert_eq!((slurm.id.as_str(), slurm.restarts), ("12_3..", 2));
        let sge = of(&[("JOB_ID", "7"), ("SGE_TASK_ID", "2"), ("RESTARTED", "1")]).unwrap();
        assert_eq!((sge.id.as_str(), sge.restarts), ("7.2", 1));
        assert_eq!(of(&[("JOB_ID", "7")]), None);
        let alone = of(&[("JOB_ID", "7"), ("SGE_TASK_ID", "undefined")]).unwrap();
        assert_eq!(alone.id, "7");
        let none_in_array = of(&[("SLURM_JOB_ID", "15"), ("SLURM_STEP_ID", "0")]).unwrap();
        assert_eq!(none_in_array.id, "15.0.");
        let hyper_queue = of(&[
            ("SLURM_JOB_ID", "15"),
            ("HQ_JOB_ID", "1"),
            ("HQ_TASK_ID", "4"),
        ]);
        assert_eq!(hyper_queue.unwrap().id, "1.4");
        let pbs = of(&[("PBS_JOBID", "8[2].host"), ("PBS_ARRAY_INDEX", "2")]).unwrap();
        assert_eq!(
            (pbs.scheduler.as_str(), pbs.id.as_str()),
            ("PBS", "8[2].host")
        );
    }

    #[test]
    fn tags_are_read_as_they_are_written() {
        let tag = NameTag::this();
        assert_eq!(NameTag::parse(&tag.to_string()), Some(tag));
        for text in [
            "",
            "1-2-3-4",
            &format!("{tag}-0"),
            &tag.to_string().to_uppercase(),
        ] {
            let read = NameTag::parse(text);
            // A tag without letters has no upper case.
            assert!(read.is_none() || read == Some(tag), "{text}");
        }
        assert_eq!(NameTag::elsewhere().life(), Life::Unknown);
        assert_eq!(NameTag::gone().life(), Life::Gone);
        let rebooted = NameTag {
            boot: tag.boot ^ 1,
            ..tag
        };
        assert_eq!(rebooted.life(), Life::Gone);
    }
}
