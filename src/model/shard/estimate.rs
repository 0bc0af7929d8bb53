//! How many shards a migration needs to be done in a given time. Pure.
//!
//! The constants are those of docs/scale.md, measured with a local disk.

/// Seconds of one core for a file of 12 KB: open, write, verify, sync.
const SECONDS_PER_FILE: f64 = 0.0052;
/// Bytes of old files that one core rewrites and verifies in a second, if they are gzip, which is the slowest.
const BYTES_PER_SECOND: f64 = 67e6;
/// Cores may be slower than those measured, and wait for a file server: a first task shows by how much.
const SLOWER: f64 = 2.0;
/// The largest shard has more work than the average, and tasks have to start.
const HEADROOM: f64 = 1.25;

/// Files that need work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Work {
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
}

impl Work {
    /// Seconds that one core takes for it.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(crate) fn core_seconds(self) -> f64 {
        let measured = self.files as f64 * SECONDS_PER_FILE + self.bytes as f64 / BYTES_PER_SECOND;
        measured * SLOWER
    }

    /// Tasks with so many cores each that end in time: at least one, and no more than there are files.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a positive number of tasks, which the number of files limits"
    )]
    pub(crate) fn tasks(self, cores: usize, target_seconds: f64) -> u64 {
        let one = cores.max(1) as f64 * target_seconds / HEADROOM;
        let tasks = (self.core_seconds() / one).ceil() as u64;
        tasks.clamp(1, self.files.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_work_or_less_time_needs_more_tasks() {
        let work = |files, bytes| Work { files, bytes };
        assert_eq!(work(0, 0).tasks(2, 3600.0), 1);
        assert_eq!(work(10, 1 << 20).tasks(2, 3600.0), 1);
        // 10,400 s for the files and 29,851 s for the bytes, on two cores in two hours with headroom.
        let archive = work(1_000_000, 1_000_000_000_000);
        assert_eq!(archive.tasks(2, 7200.0), 4);
        assert_eq!(archive.tasks(2, 720.0), 35);
        assert_eq!(archive.tasks(4, 720.0), 18);
        assert_eq!(work(3, u64::MAX).tasks(1, 1.0), 3);
    }
}
