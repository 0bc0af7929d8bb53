//! Which file next, and with how many threads. Pure.

use crate::jobs::queue::slots::FilesAtOnce;

/// The order of work: largest files first, so that no large file is left for the end.
pub(crate) fn largest_first(bytes: &[u64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..bytes.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(bytes[*index]));
    order
}

/// Files that wait for a disk that takes 50 ms for each sync, when a new file needs four and the cores finish one in 4 ms.
const WAITING: usize = 64;
/// With many cores there are more.
const WAITING_FOR_EACH_JOB: usize = 8;

/// Files at a time where new files are written: while some wait for the disk, others use the cores. Reading the original and
/// starting a worker are waits as well, so more files than cores are in work. With `--jobs 1` it is one.
pub(crate) fn files_written_at_once(jobs: usize) -> FilesAtOnce {
    FilesAtOnce {
        in_work: match jobs {
            0 | 1 => 1,
            _ => jobs * 2,
        },
        waiting: WAITING.max(WAITING_FOR_EACH_JOB * jobs),
    }
}

/// Threads for one file while `running` files are in work, itself included, and `waiting` are not started:
/// one while every core has work, more when cores would be idle.
pub(crate) fn threads(jobs: usize, running: usize, waiting: usize) -> usize {
    let busy = running.saturating_add(waiting).clamp(1, jobs.max(1));
    (jobs / busy).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_come_first_and_equals_keep_their_order() {
        assert_eq!(largest_first(&[3, 9, 3, 10]), [3, 1, 0, 2]);
    }

    #[test]
    fn cores_that_would_idle_go_into_the_last_files() {
        assert_eq!(threads(8, 1, 0), 8);
        assert_eq!(threads(8, 2, 0), 4);
        assert_eq!(threads(8, 1, 1), 4);
        assert_eq!(threads(8, 3, 100), 1);
        assert_eq!(threads(1, 1, 0), 1);
    }

    #[test]
    fn never_more_threads_than_jobs() {
        for jobs in 1..9 {
            for running in 1..=files_written_at_once(jobs).in_work {
                for waiting in 0..20 {
                    let each = threads(jobs, running, waiting);
                    assert!(each >= 1 && each * (running + waiting).min(jobs) <= jobs);
                }
            }
        }
    }
}
