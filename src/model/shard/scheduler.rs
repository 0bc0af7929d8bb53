//! The shard of a task, from the [variables](crate::model::scheduler_variables) that schedulers set.
//!
//! `auto/N` takes the task id of an array as it is, since a rerun of a few tasks does not show where the ids of the first run
//! began.

use crate::model::hint::Hint;
use crate::model::scheduler_variables::{
    ArrayVariables, Environment, NO_NUMBER, SCHEDULERS, STEP, Scheduler, THREADS,
};
use crate::model::shard::{NoSuchShard, Shard, Split};
use thiserror::Error;

/// Why the environment names no shard.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum AutoShardError {
    /// No scheduler, or a job without an array.
    #[error("--shard auto: no array task of a scheduler was found in the environment")]
    NotFound,
    /// Only the number of this task is known.
    #[error(
        "--shard auto: {variable} is set, and {scheduler} does not tell how many tasks there are"
    )]
    NoCount {
        /// What is running this task.
        scheduler: &'static str,
        /// Which says so.
        variable: &'static str,
    },
    /// The ids of an array are not those from first to last by one step: a list, or a rerun of some of them.
    #[error(
        "--shard auto: the array has {told} tasks, and ids from {first} to {last} by {step} make {counted}"
    )]
    NotRegular {
        first: u64,
        last: u64,
        /// Between two of them.
        step: u64,
        /// What the scheduler counts.
        told: u64,
        /// What the ids make.
        counted: u64,
    },
    /// The scheduler has another count.
    #[error("--shard auto/{given}: {variable} says {told}")]
    OtherCount {
        /// On the command line.
        given: u64,
        variable: &'static str,
        told: u64,
    },
    /// A value that is no number, or missing.
    #[error("--shard auto: {variable} is {}, which is no number", value.as_deref().unwrap_or("missing"))]
    Value {
        variable: &'static str,
        value: Option<String>,
    },
    /// A number that is no shard.
    #[error("--shard auto: {variable} makes this {cause}")]
    Number {
        variable: &'static str,
        cause: NoSuchShard,
    },
    /// All tasks of a step would take the same shard.
    #[error(
        "--shard auto: this is one of {tasks} tasks of a step in an array task, which would all take the same shard"
    )]
    StepInArray { tasks: u64 },
}

impl Hint for AutoShardError {
    fn hint(&self) -> String {
        match self {
            AutoShardError::NotFound => {
                "submit an array (sbatch --array=1-16, qsub -t 1-16), or name the shard: --shard 3/16"
            }
            AutoShardError::NoCount { .. } => "say it: --shard auto/16",
            AutoShardError::NotRegular { .. } => {
                "say how many shards there are: --shard auto/16, with the ids 1 to 16"
            }
            AutoShardError::OtherCount { .. } => "use --shard auto, or the same number for both",
            AutoShardError::Value { .. } => "name the shard: --shard 3/16",
            AutoShardError::Number { .. } => {
                "with --shard auto/N the ids of an array are 1 to N, as in sbatch --array=1-16"
            }
            AutoShardError::StepInArray { .. } => "use srun --ntasks=1, or srun without an array",
        }
        .to_string()
    }
}

/// The shard that the environment names. `count`: as given by the user.
pub(crate) fn shard_of_task(
    environment: &Environment<'_>,
    split: Split,
    count: Option<u64>,
) -> Result<Shard, AutoShardError> {
    let task = find_task(environment)?.ok_or(AutoShardError::NotFound)?;
    let (number, count) = match (&task, count) {
        (TaskPlace::Array(array), None) => array.place()?,
        (TaskPlace::Array(Array { id, .. }) | TaskPlace::Uncounted { id, .. }, Some(count)) => {
            (*id, count)
        }
        (
            TaskPlace::Uncounted {
                scheduler,
                variable,
                ..
            },
            None,
        ) => {
            return Err(AutoShardError::NoCount {
                scheduler,
                variable,
            });
        }
        (TaskPlace::FromZero { id, count, .. }, None) => (id.saturating_add(1), *count),
        (TaskPlace::FromZero { id, count, of, .. }, Some(given)) => match given == *count {
            true => (id.saturating_add(1), given),
            false => {
                return Err(AutoShardError::OtherCount {
                    given,
                    variable: of,
                    told: *count,
                });
            }
        },
    };
    Shard::new(split, number, count).map_err(|cause| AutoShardError::Number {
        variable: task.variable(),
        cause,
    })
}

/// Where a task is among those of its array or step.
enum TaskPlace {
    /// One of many, by ids with a first, a last and a step.
    Array(Array),
    /// One of nobody says how many.
    Uncounted {
        scheduler: &'static str,
        variable: &'static str,
        id: u64,
    },
    /// One of `count`, from 0.
    FromZero {
        variable: &'static str,
        of: &'static str,
        id: u64,
        count: u64,
    },
}

struct Array {
    variable: &'static str,
    id: u64,
    first: u64,
    last: u64,
    step: u64,
    told: Option<u64>,
}

impl Array {
    /// The number of this task and that of all.
    fn place(&self) -> Result<(u64, u64), AutoShardError> {
        let Array {
            id,
            first,
            last,
            step,
            ..
        } = *self;
        let counted = match step {
            0 => 0,
            step => last.saturating_sub(first) / step + 1,
        };
        let told = self.told.unwrap_or(counted);
        let is_regular = told == counted && step > 0 && id >= first && (id - first) % step == 0;
        match is_regular {
            true => Ok(((id - first) / step + 1, counted)),
            false => Err(AutoShardError::NotRegular {
                first,
                last,
                step,
                told,
                counted,
            }),
        }
    }
}

impl TaskPlace {
    fn variable(&self) -> &'static str {
        match self {
            TaskPlace::Array(Array { variable, .. })
            | TaskPlace::Uncounted { variable, .. }
            | TaskPlace::FromZero { variable, .. } => variable,
        }
    }
}

fn find_task(environment: &Environment<'_>) -> Result<Option<TaskPlace>, AutoShardError> {
    let found = SCHEDULERS
        .iter()
        .filter_map(|it| Some((it, it.array.id(environment)?)))
        .find(|(_, id)| environment(id).as_deref() != Some(NO_NUMBER));
    if let Some((scheduler, variable)) = found {
        return place_in_array(scheduler, variable, environment).map(Some);
    }
    // One task in a step is no choice of shards, but a job without an array.
    match step_tasks(environment)?.filter(|tasks| *tasks > 1) {
        Some(count) => Ok(Some(TaskPlace::FromZero {
            variable: STEP.process,
            of: STEP.tasks[0],
            id: number(environment, STEP.process)?,
            count,
        })),
        None => Ok(None),
    }
}

/// `variable` has the number of the task.
fn place_in_array(
    scheduler: &Scheduler,
    variable: &'static str,
    environment: &Environment<'_>,
) -> Result<TaskPlace, AutoShardError> {
    let number = |variable| number(environment, variable);
    let id = number(variable)?;
    match scheduler.array {
        ArrayVariables::Uncounted { .. } => Ok(TaskPlace::Uncounted {
            scheduler: scheduler.name,
            variable,
            id,
        }),
        ArrayVariables::FromZero { count, .. } => Ok(TaskPlace::FromZero {
            variable,
            of: count,
            id,
            count: number(count)?,
        }),
        ArrayVariables::Range {
            first,
            last,
            step,
            count,
            ..
        } => {
            let tasks = match scheduler.processes {
                [] => None,
                _ => step_tasks(environment)?,
            };
            if let Some(tasks) = tasks.filter(|tasks| *tasks > 1) {
                return Err(AutoShardError::StepInArray { tasks });
            }
            let is_set = |variable| environment(variable).is_some_and(|it| !it.is_empty());
            Ok(TaskPlace::Array(Array {
                variable,
                id,
                first: number(first)?,
                last: number(last)?,
                step: match is_set(step) {
                    true => number(step)?,
                    false => 1,
                },
                told: count.map(number).transpose()?,
            }))
        }
    }
}

/// How many tasks the step of `srun` has in which this process is; the script of a job is no such step.
fn step_tasks(environment: &Environment<'_>) -> Result<Option<u64>, AutoShardError> {
    /// Step ids from here on are Slurm's own.
    const SPECIAL: u64 = 0xffff_fff0;
    let step = environment(STEP.id).and_then(|id| id.parse::<u64>().ok());
    if step.is_none_or(|id| id >= SPECIAL) {
        return Ok(None);
    }
    let told = STEP.tasks.into_iter().find(|it| environment(it).is_some());
    told.map(|variable| number(environment, variable))
        .transpose()
}

fn number(environment: &Environment<'_>, variable: &'static str) -> Result<u64, AutoShardError> {
    let value = environment(variable);
    let number = value.as_deref().and_then(super::digits);
    number.ok_or(AutoShardError::Value { variable, value })
}

/// How many threads the scheduler has given to this task.
pub(crate) fn allocated_threads(environment: &Environment<'_>) -> Option<usize> {
    THREADS
        .into_iter()
        .filter_map(|variable| environment(variable)?.parse().ok())
        .find(|threads| *threads > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(variables: &str, count: Option<u64>) -> Result<String, AutoShardError> {
        let set: Vec<(&str, &str)> = variables
            .split(' ')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let environment = |name: &str| {
            let found = set.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_string())
        };
        shard_of_task(&environment, Split::Hash, count).map(|shard| shard.to_string())
    }

    fn slurm(id: u64, first: u64, last: u64, step: u64, count: u64) -> String {
        format!(
            "SLURM_ARRAY_TASK_ID={id} SLURM_ARRAY_TASK_MIN={first} SLURM_ARRAY_TASK_MAX={last} \
             SLURM_ARRAY_TASK_STEP={step} SLURM_ARRAY_TASK_COUNT={count} SLURM_PROCID=0 SLURM_NTASKS=1"
        )
    }

    #[test]
    fn ids_of_an_array_begin_anywhere_and_go_by_any_step() {
        for (set, expected) in [
            (slurm(1, 1, 16, 1, 16), "1/16"),
            (slurm(0, 0, 15, 1, 16), "1/16"),
            (slurm(15, 0, 15, 1, 16), "16/16"),
            (slurm(9, 1, 9, 4, 3), "3/3"),
            (slurm(7, 7, 7, 1, 1), "1/1"),
        ] {
            assert_eq!(shard(&set, None).as_deref(), Ok(expected), "{set}");
        }
        let sge = "SGE_TASK_ID=5 SGE_TASK_FIRST=1 SGE_TASK_LAST=10 SGE_TASK_STEPSIZE=4";
        assert_eq!(shard(sge, None).as_deref(), Ok("2/3"));
        let aws = "AWS_BATCH_JOB_ARRAY_INDEX=0 AWS_BATCH_JOB_ARRAY_SIZE=8";
        assert_eq!(shard(aws, None).as_deref(), Ok("1/8"));
        assert_eq!(shard(aws, Some(8)).as_deref(), Ok("1/8"));
        assert!(matches!(
            shard(aws, Some(9)),
            Err(AutoShardError::OtherCount { .. })
        ));
    }

    #[test]
    fn a_list_or_a_rerun_of_some_needs_the_count() {
        for set in [
            slurm(3, 3, 7, 1, 2),
            slurm(4, 1, 16, 1, 3),
            slurm(4, 1, 16, 0, 3),
        ] {
            let error = shard(&set, None).unwrap_err();
            assert!(
                matches!(error, AutoShardError::NotRegular { .. }),
                "{error}"
            );
            assert!(error.hint().contains("auto/16"));
        }
        assert_eq!(
            shard(&slurm(3, 3, 7, 1, 2), Some(16)).as_deref(),
            Ok("3/16")
        );
        // Where ids began is not known, so 0 is not guessed to be the first.
        for id in [0, 17] {
            let error = shard(&slurm(id, id, id, 1, 1), Some(16)).unwrap_err();
            assert!(matches!(error, AutoShardError::Number { .. }), "{error}");
        }
    }

    #[test]
    fn who_tells_no_count_needs_it() {
        for variable in ["PBS_ARRAY_INDEX", "PBS_ARRAYID", "HQ_TASK_ID"] {
            let set = format!("{variable}=4");
            assert!(matches!(
                shard(&set, None),
                Err(AutoShardError::NoCount { .. })
            ));
            assert_eq!(shard(&set, Some(4)).as_deref(), Ok("4/4"));
            assert!(matches!(
                shard(&set, Some(3)),
                Err(AutoShardError::Number { .. })
            ));
        }
        // A worker of HyperQueue in an array of Slurm.
        let both = slurm(1, 1, 2, 1, 2) + " HQ_TASK_ID=5";
        assert_eq!(shard(&both, Some(6)).as_deref(), Ok("5/6"));
    }

    #[test]
    fn tasks_of_srun_are_shards_and_a_script_is_not() {
        let step = "SLURM_STEP_ID=0 SLURM_PROCID=2 SLURM_NTASKS=9 SLURM_STEP_NUM_TASKS=4";
        assert_eq!(shard(step, None).as_deref(), Ok("3/4"));
        assert_eq!(
            shard("SLURM_STEP_ID=1 SLURM_PROCID=0 SLURM_NTASKS=2", None).as_deref(),
            Ok("1/2")
        );
        for set in [
            "",
            "SGE_TASK_ID=undefined SGE_TASK_FIRST=undefined",
            "SLURM_JOB_ID=5 SLURM_PROCID=0 SLURM_NTASKS=4",
            "SLURM_STEP_ID=4294967291 SLURM_PROCID=0 SLURM_NTASKS=4",
            "SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_NTASKS=1",
        ] {
            for count in [None, Some(4)] {
                assert_eq!(shard(set, count), Err(AutoShardError::NotFound), "{set}");
            }
        }
        let in_array = slurm(1, 1, 2, 1, 2) + " SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=3";
        assert_eq!(
            shard(&in_array, None),
            Err(AutoShardError::StepInArray { tasks: 3 })
        );
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        let odd = "SLURM_ARRAY_TASK_ID=x";
        assert!(matches!(
            shard(odd, None),
            Err(AutoShardError::Value { .. })
        ));
        let missing = "AWS_BATCH_JOB_ARRAY_INDEX=1";
        let error = shard(missing, None).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("AWS_BATCH_JOB_ARRAY_SIZE is missing"),
            "{error}"
        );
    }

    #[test]
    fn the_allocation_says_how_many_threads() {
        let one = |name: &'static str, value: &'static str| {
            allocated_threads(&move |asked: &str| (asked == name).then(|| value.to_string()))
        };
        assert_eq!(one("SLURM_CPUS_PER_TASK", "3"), Some(3));
        assert_eq!(one("NSLOTS", "2"), Some(2));
        assert_eq!(one("NSLOTS", "0"), None);
        assert_eq!(one("NSLOTS", "many"), None);
    }
}
