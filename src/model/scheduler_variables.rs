//! The variables by which schedulers tell a process what it is.
//!
//! | scheduler | job | number in the array | of how many |
//! |---|---|---|---|
//! | HyperQueue | `HQ_JOB_ID` | `HQ_TASK_ID` | not told |
//! | Slurm | `SLURM_ARRAY_JOB_ID`, else `SLURM_JOB_ID` | `SLURM_ARRAY_TASK_ID`, `_MIN`, `_STEP` | `SLURM_ARRAY_TASK_MAX`, checked against `_COUNT` |
//! | SGE | `JOB_ID` | `SGE_TASK_ID`, `_FIRST`, `_STEPSIZE` | `SGE_TASK_LAST` |
//! | AWS Batch | `AWS_BATCH_JOB_ID` | `AWS_BATCH_JOB_ARRAY_INDEX`, from 0 | `AWS_BATCH_JOB_ARRAY_SIZE` |
//! | PBS | `PBS_JOBID` | `PBS_ARRAY_INDEX`, `PBS_ARRAYID` | not told |
//!
//! In a step of Slurm, `SLURM_PROCID` counts its tasks, from 0, up to `SLURM_STEP_NUM_TASKS` or `SLURM_NTASKS`.

/// Looks up a variable of the environment.
pub(crate) type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A scheduler, and what it sets. Of several names of one variable, the first that is set counts.
#[derive(Debug)]
pub(crate) struct Scheduler {
    pub name: &'static str,
    /// The id of the job.
    pub job: &'static [&'static str],
    pub job_names: JobNames,
    pub array: ArrayVariables,
    /// What tells the processes of one task apart.
    pub processes: &'static [&'static str],
    /// How often the task was started before.
    pub restarts: Option<&'static str>,
}

/// What the id of a job names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobNames {
    /// One task: those of an array have ids of their own.
    Task,
    /// All tasks of an array, which are told apart by their number behind this separator. A job without an array is one task.
    Tasks { separator: char },
    /// The same, and a job without a number is not known by this scheduler.
    TasksOnly { separator: char },
}

/// How a task of an array is told which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArrayVariables {
    /// Its number.
    Uncounted { ids: &'static [&'static str] },
    /// Its number, and which ones there are.
    Range {
        id: &'static str,
        first: &'static str,
        last: &'static str,
        /// 1 if it is not set.
        step: &'static str,
        count: Option<&'static str>,
    },
    /// Its number from 0, and how many there are.
    FromZero {
        id: &'static str,
        count: &'static str,
    },
}

/// HyperQueue is first, because its workers run inside jobs of the others.
pub(crate) const SCHEDULERS: [Scheduler; 5] = [
    Scheduler {
        name: "HyperQueue",
        job: &["HQ_JOB_ID"],
        job_names: JobNames::TasksOnly { separator: '.' },
        array: ArrayVariables::Uncounted {
            ids: &["HQ_TASK_ID"],
        },
        processes: &[],
        restarts: Some("HQ_INSTANCE_ID"),
    },
    Scheduler {
        name: "Slurm",
        job: &["SLURM_ARRAY_JOB_ID", "SLURM_JOB_ID"],
        job_names: JobNames::Tasks { separator: '_' },
        array: ArrayVariables::Range {
            id: "SLURM_ARRAY_TASK_ID",
            first: "SLURM_ARRAY_TASK_MIN",
            last: "SLURM_ARRAY_TASK_MAX",
            step: "SLURM_ARRAY_TASK_STEP",
            count: Some("SLURM_ARRAY_TASK_COUNT"),
        },
        processes: &[STEP.id, STEP.process],
        restarts: Some("SLURM_RESTART_COUNT"),
    },
    Scheduler {
        name: "SGE",
        job: &["JOB_ID"],
        job_names: JobNames::TasksOnly { separator: '.' },
        array: ArrayVariables::Range {
            id: "SGE_TASK_ID",
            first: "SGE_TASK_FIRST",
            last: "SGE_TASK_LAST",
            step: "SGE_TASK_STEPSIZE",
            count: None,
        },
        processes: &[],
        restarts: Some("RESTARTED"),
    },
    Scheduler {
        name: "AWS Batch",
        job: &["AWS_BATCH_JOB_ID"],
        job_names: JobNames::Task,
        array: ArrayVariables::FromZero {
            id: "AWS_BATCH_JOB_ARRAY_INDEX",
            count: "AWS_BATCH_JOB_ARRAY_SIZE",
        },
        processes: &[],
        restarts: Some("AWS_BATCH_JOB_ATTEMPT"),
    },
    Scheduler {
        name: "PBS",
        job: &["PBS_JOBID"],
        job_names: JobNames::Task,
        array: ArrayVariables::Uncounted {
            ids: &["PBS_ARRAY_INDEX", "PBS_ARRAYID"],
        },
        processes: &[],
        restarts: None,
    },
];

/// A step of Slurm, which `srun` starts.
#[derive(Debug)]
pub(crate) struct StepVariables {
    pub id: &'static str,
    pub process: &'static str,
    /// How many tasks it has.
    pub tasks: [&'static str; 2],
}

pub(crate) const STEP: StepVariables = StepVariables {
    id: "SLURM_STEP_ID",
    process: "SLURM_PROCID",
    tasks: ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"],
};

/// How many threads a task may use.
pub(crate) const THREADS: [&str; 2] = ["SLURM_CPUS_PER_TASK", "NSLOTS"];

/// The number of a task in no array: SGE sets the variable for every job.
pub(crate) const NO_NUMBER: &str = "undefined";

impl ArrayVariables {
    /// The variable that has the number of this task.
    pub(crate) fn id(&self, environment: &Environment<'_>) -> Option<&'static str> {
        let is_set = |variable| environment(variable).is_some_and(|value| !value.is_empty());
        match *self {
            ArrayVariables::Uncounted { ids } => ids.iter().copied().find(|id| is_set(id)),
            ArrayVariables::Range { id, .. } | ArrayVariables::FromZero { id, .. } => {
                Some(id).filter(|id| is_set(id))
            }
        }
    }
}
