//! The queue of a batch: every file is one task and gets exactly one row.
//!
//! A file whose worker crashed goes to the retry queue. It is tried once more after all other files, with
//! nothing else running, so that neither its memory use nor that of other files decides the result.

pub(crate) mod schedule;
pub(crate) mod semaphore;

use crate::jobs::interrupt::Interrupt;
use crate::model::record::Record;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One file in work.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// Which of the files in work at a time, from 0.
    pub slot: usize,
    /// Index of the file.
    pub index: usize,
    /// Threads that its workers may use.
    pub threads: ThreadBudget<'a>,
    /// How many tasks were started before this one.
    pub sequence: u64,
    /// Whether this is the second attempt, with nothing else running.
    pub is_retry: bool,
}

/// How a task ended.
#[derive(Debug)]
pub enum TaskOutcome {
    Row(Box<Record>),
    /// Its worker crashed: try once more, with nothing else running.
    Retry,
}

/// The threads that one file may use. The number grows while the last files are in work: read before each
/// request, it includes the cores of files that are done.
#[derive(Debug, Clone, Copy)]
pub struct ThreadBudget<'a> {
    jobs: usize,
    counts: Option<&'a Mutex<FileCounts>>,
}

impl ThreadBudget<'_> {
    /// So many threads, with no other file in work.
    pub fn fixed(jobs: usize) -> Self {
        ThreadBudget { jobs, counts: None }
    }

    /// Threads at this moment.
    pub fn get(self) -> usize {
        match self.counts.map(lock) {
            None => self.jobs.max(1),
            Some(counts) => schedule::threads(self.jobs, counts.running, counts.waiting),
        }
    }
}

#[derive(Debug)]
struct FileCounts {
    /// Files that are not started yet, as far as is known.
    waiting: usize,
    /// Files in work.
    running: usize,
    /// Files that were started so far.
    started: u64,
}

/// Outcomes on their way from the threads of the slots to the thread that takes the rows. That thread
/// polls: waking it for the row of each tiny file costs as much as the file.
#[derive(Debug)]
struct OutcomeQueue<T> {
    pending: Mutex<Pending<T>>,
    all_slots_ended: Condvar,
}

#[derive(Debug)]
struct Pending<T> {
    outcomes: Vec<(usize, T, TaskOutcome)>,
    /// Threads that may still send.
    slots: usize,
}

/// How long a row may wait.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

impl<T> OutcomeQueue<T> {
    fn new() -> Self {
        OutcomeQueue {
            pending: Mutex::new(Pending {
                outcomes: Vec::new(),
                slots: 0,
            }),
            all_slots_ended: Condvar::new(),
        }
    }

    fn sender(&self) -> OutcomeSender<'_, T> {
        lock(&self.pending).slots += 1;
        OutcomeSender(self)
    }

    /// What has come within one interval; `None` when nothing can come any more.
    fn next(&self) -> Option<Vec<(usize, T, TaskOutcome)>> {
        let pending = lock(&self.pending);
        let (mut pending, _) = self
            .all_slots_ended
            .wait_timeout_while(pending, POLL_INTERVAL, |pending| pending.slots > 0)
            .unwrap_or_else(PoisonError::into_inner);
        let outcomes = std::mem::take(&mut pending.outcomes);
        (pending.slots > 0 || !outcomes.is_empty()).then_some(outcomes)
    }
}

/// The end of the queue that one slot holds. Its drop says that nothing more comes from there, also after
/// a panic.
#[derive(Debug)]
struct OutcomeSender<'a, T>(&'a OutcomeQueue<T>);

impl<T> OutcomeSender<'_, T> {
    fn send(&self, index: usize, file: T, outcome: TaskOutcome) {
        lock(&self.0.pending).outcomes.push((index, file, outcome));
    }
}

impl<T> Drop for OutcomeSender<'_, T> {
    fn drop(&mut self) {
        let mut pending = lock(&self.0.pending);
        pending.slots -= 1;
        if pending.slots == 0 {
            self.0.all_slots_ended.notify_all();
        }
    }
}

/// Works on all files, `slots` of them at a time, which share `jobs` cores. Files come with their indices, in
/// the order of work, and each is asked for when a slot is free; `done` gets the rows soon after they come, on
/// the calling thread. After an interrupt no further file is started.
pub fn run<T: Send>(
    files: impl Iterator<Item = (usize, T)> + Send,
    slots: usize,
    jobs: usize,
    interrupt: &Interrupt,
    work: &(dyn Fn(Task<'_>, &T) -> TaskOutcome + Sync),
    done: &mut dyn FnMut(Vec<(usize, Record)>),
) {
    let waiting = at_most(&files);
    let slots = slots.min(waiting);
    let counts = Mutex::new(FileCounts {
        waiting,
        running: 0,
        started: 0,
    });
    let files = Mutex::new(files);
    let outcomes = OutcomeQueue::new();
    let mut retry_queue = std::thread::scope(|scope| {
        for slot in 0..slots {
            let (files, counts, sender) = (&files, &counts, outcomes.sender());
            scope.spawn(move || {
                let next = || next(slot, jobs, files, counts).filter(|_| !interrupt.is_set());
                while let Some((task, file)) = next() {
                    let outcome = work(task, &file);
                    lock(counts).running -= 1;
                    sender.send(task.index, file, outcome);
                }
            });
        }
        let mut retry_queue = Vec::new();
        while let Some(outcomes) = outcomes.next() {
            let mut rows = Vec::with_capacity(outcomes.len());
            for (index, file, outcome) in outcomes {
                match outcome {
                    TaskOutcome::Row(record) => rows.push((index, *record)),
                    TaskOutcome::Retry => retry_queue.push((index, file)),
                }
            }
            done(rows);
        }
        retry_queue
    });
    retry_queue.sort_unstable_by_key(|(index, _)| *index);
    for (index, file) in retry_queue {
        if interrupt.is_set() {
            return;
        }
        let task = Task {
            slot: 0,
            index,
            threads: ThreadBudget::fixed(jobs),
            sequence: 0,
            is_retry: true,
        };
        if let TaskOutcome::Row(record) = work(task, &file) {
            done(vec![(index, *record)]);
        }
    }
}

/// Files that an iterator may still bring.
fn at_most(files: &impl Iterator) -> usize {
    files.size_hint().1.unwrap_or(usize::MAX)
}

fn next<'a, T>(
    slot: usize,
    jobs: usize,
    files: &Mutex<impl Iterator<Item = (usize, T)>>,
    counts: &'a Mutex<FileCounts>,
) -> Option<(Task<'a>, T)> {
    let mut files = lock(files);
    let next = files.next();
    let mut now = lock(counts);
    now.waiting = next.as_ref().map_or(0, |_| at_most(&*files));
    let (index, file) = next?;
    now.running += 1;
    let sequence = now.started;
    now.started += 1;
    let task = Task {
        slot,
        index,
        threads: ThreadBudget {
            jobs,
            counts: Some(counts),
        },
        sequence,
        is_retry: false,
    };
    Some((task, file))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::state::State;
    use std::path::Path;

    fn row(index: usize) -> TaskOutcome {
        let name = index.to_string();
        TaskOutcome::Row(Box::new(Record::new(
            Path::new(&name),
            0,
            State::Legacy,
            String::new(),
        )))
    }

    #[test]
    fn the_last_file_gets_the_cores_of_those_that_are_done() {
        let budgets = Mutex::new(Vec::new());
        let work = |task: Task<'_>, (): &()| {
            // The other files are short: this one sees them end.
            while task.index == 0 && task.threads.get() < 4 {
                std::thread::yield_now();
            }
            budgets
                .lock()
                .unwrap()
                .push((task.index, task.threads.get()));
            row(task.index)
        };
        let files = (0..5).map(|index| (index, ()));
        run(files, 4, 4, &Interrupt::default(), &work, &mut |_| {});
        let budgets = budgets.into_inner().unwrap();
        assert_eq!(budgets.last(), Some(&(0, 4)));
        assert!(
            budgets[..4].iter().all(|(_, threads)| *threads <= 2),
            "{budgets:?}"
        );
    }

    #[test]
    fn every_file_gets_one_row_and_a_crash_one_retry_with_nothing_else_running() {
        for jobs in [1, 3, 50] {
            let attempts = Mutex::new(Vec::new());
            let mut rows = Vec::new();
            let work = |task: Task<'_>, file: &String| {
                assert_eq!(*file, task.index.to_string());
                attempts.lock().unwrap().push((task.index, task.is_retry));
                if task.index % 4 == 1 && !task.is_retry {
                    TaskOutcome::Retry
                } else {
                    row(task.index)
                }
            };
            // The number of files is not known.
            let mut indices = 0..10;
            let files = std::iter::from_fn(|| indices.next().map(|at| (at, at.to_string())));
            run(
                files,
                2 * jobs,
                jobs,
                &Interrupt::default(),
                &work,
                &mut |more| {
                    rows.extend(more.into_iter().map(|(index, _)| index));
                },
            );
            rows.sort_unstable();
            assert_eq!(rows, (0..10).collect::<Vec<_>>());
            let attempts = attempts.into_inner().unwrap();
            assert_eq!(attempts.len(), 13);
            assert_eq!(attempts[10..], [(1, true), (5, true), (9, true)]);
        }
    }
}
