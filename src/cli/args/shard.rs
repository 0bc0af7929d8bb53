//! `--shard`.

use crate::cli::exit::Failure;
use crate::model::shard::scheduler::shard_of_task;
use crate::model::shard::{Shard, ShardChoice};
use clap::Args;

#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct ShardOptions {
    /// Take only part K of N, by a hash of each path below its root
    ///
    /// slice:K/N deals the files out in the order of the walk. auto takes K and N from the scheduler: an array of
    /// Slurm, SGE or AWS Batch, or the tasks of srun. auto/N takes K alone, for PBS, HyperQueue, and a rerun of some
    /// tasks of an array.
    #[arg(long, value_name = "K/N")]
    shard: Option<ShardChoice>,
}

impl ShardOptions {
    pub(crate) fn is_given(&self) -> bool {
        self.shard.is_some()
    }

    /// The shard that was asked for, if one was: an `auto` that finds none is an error, never the whole tree.
    pub(crate) fn shard(&self) -> Result<Option<Shard>, Failure> {
        match self.shard {
            None => Ok(None),
            Some(ShardChoice::Given(shard)) => Ok(Some(shard)),
            Some(ShardChoice::Auto { split, count }) => {
                let environment = |variable: &str| std::env::var(variable).ok();
                let found = shard_of_task(&environment, split, count);
                found
                    .map(Some)
                    .map_err(|error| Failure::usage_error(&error))
            }
        }
    }
}
