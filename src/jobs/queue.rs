//! The queue of a batch: every file is one task and gets exactly one row.
//!
//! A file whose worker crashed goes to the retry queue. It is tried once more after all other files, with
//! nothing else running, so that neither its memory use nor that of other files decides the result.

pub(crate) mod schedule;
pub(crate) mod semaphore;
pub(crate) mod slots;

use crate::jobs::interrupt::Interrupt;
use crate::jobs::queue::slots::{FilesAtOnce, HeldSlot, Slots};
use crate::model::record::Record;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::thread::Scope;
use std::time::Duration;

/// One file in work.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// Its place among the files in work.
    pub slot: &'a HeldSlot<'a>,
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

/// Outcomes on their way from the threads that work to the thread that takes the rows. That thread
/// polls: waking it for the row of each tiny file costs as much as the file.
#[derive(Debug)]
struct OutcomeQueue<T> {
    pending: Mutex<Pending<T>>,
    all_threads_ended: Condvar,
}

#[derive(Debug)]
struct Pending<T> {
    outcomes: Vec<(usize, T, TaskOutcome)>,
    /// Threads that may still send.
    threads: usize,
}

/// How long a row may wait.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

impl<T> OutcomeQueue<T> {
    fn new() -> Self {
        OutcomeQueue {
            pending: Mutex::new(Pending {
                outcomes: Vec::new(),
                threads: 0,
            }),
            all_threads_ended: Condvar::new(),
        }
    }

    fn sender(&self) -> OutcomeSender<'_, T> {
        lock(&self.pending).threads += 1;
        OutcomeSender(self)
    }

    /// What has come within one interval; `None` when nothing can come any more.
    fn next(&self) -> Option<Vec<(usize, T, TaskOutcome)>> {
        let pending = lock(&self.pending);
        let (mut pending, _) = self
            .all_threads_ended
            .wait_timeout_while(pending, POLL_INTERVAL, |pending| pending.threads > 0)
            .unwrap_or_else(PoisonError::into_inner);
        let outcomes = std::mem::take(&mut pending.outcomes);
        (pending.threads > 0 || !outcomes.is_empty()).then_some(outcomes)
    }
}

/// The end of the queue that one thread holds. Its drop says that nothing more comes from there, also after
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
        pending.threads -= 1;
        if pending.threads == 0 {
            self.0.all_threads_ended.notify_all();
        }
    }
}

/// Works on all files, so many of them at a time, which share `jobs` cores. Files come with their indices, in
/// the order of work, and each is asked for when a slot is free; `done` gets the rows soon after they come, on
/// the calling thread. After an interrupt no further file is started.
pub fn run<T: Send>(
    files: impl Iterator<Item = (usize, T)> + Send,
    at_once: FilesAtOnce,
    jobs: usize,
    interrupt: &Interrupt,
    work: &(dyn Fn(Task<'_>, &T) -> TaskOutcome + Sync),
    done: &mut dyn FnMut(Vec<(usize, Record)>),
) {
    let waiting = at_most(&files);
    let at_once = FilesAtOnce {
        in_work: at_once.in_work.min(waiting),
        ..at_once
    };
    let crew = Crew {
        jobs,
        interrupt,
        work,
        slots: Slots::new(at_once),
        counts: Mutex::new(FileCounts {
            waiting,
            running: 0,
            started: 0,
        }),
        files: Mutex::new(files),
        outcomes: OutcomeQueue::new(),
    };
    let mut retry_queue = thread::scope(|scope| {
        let started = (0..at_once.in_work)
            .filter(|_| crew.reinforce(scope))
            .count();
        if started == 0 && at_once.in_work > 0 {
            // The system has no more threads.
            crew.serve(scope, &crew.outcomes.sender());
        }
        let mut retry_queue = Vec::new();
        while let Some(outcomes) = crew.outcomes.next() {
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
            slot: &HeldSlot::new(0, &|_| {}),
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

/// What the threads of a batch share.
struct Crew<'a, T, I> {
    jobs: usize,
    interrupt: &'a Interrupt,
    work: &'a (dyn Fn(Task<'_>, &T) -> TaskOutcome + Sync),
    slots: Slots,
    counts: Mutex<FileCounts>,
    files: Mutex<I>,
    outcomes: OutcomeQueue<T>,
}

impl<T: Send, I: Iterator<Item = (usize, T)> + Send> Crew<'_, T, I> {
    /// Takes one file after the other until there are no more.
    fn serve<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        sender: &OutcomeSender<'_, T>,
    ) {
        let give_back = |slot| {
            lock(&self.counts).running -= 1;
            if self.slots.give_back(slot) {
                let _is_started = self.reinforce(scope);
            }
        };
        let next = || next(&self.files, &self.counts).filter(|_| !self.interrupt.is_set());
        let mut kept = None;
        while let Some(number) = kept.take().or_else(|| self.slots.take()) {
            let Some((index, file, sequence)) = next() else {
                self.slots.close();
                return;
            };
            let slot = HeldSlot::new(number, &give_back);
            let task = Task {
                slot: &slot,
                index,
                threads: ThreadBudget {
                    jobs: self.jobs,
                    counts: Some(&self.counts),
                },
                sequence,
                is_retry: false,
            };
            let outcome = (self.work)(task, &file);
            kept = slot.pass_on();
            if kept.is_some() {
                lock(&self.counts).running -= 1;
            }
            sender.send(index, file, outcome);
        }
    }

    /// Starts one more thread; if the system has none (`false`), the files in work go on with those that there are.
    fn reinforce<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) -> bool {
        let sender = self.outcomes.sender();
        let serve = move || self.serve(scope, &sender);
        let started = thread::Builder::new().spawn_scoped(scope, serve);
        started.is_ok()
    }
}

/// Files that an iterator may still bring.
fn at_most(files: &impl Iterator) -> usize {
    files.size_hint().1.unwrap_or(usize::MAX)
}

/// The next file, its index, and how many were started before it.
fn next<T>(
    files: &Mutex<impl Iterator<Item = (usize, T)>>,
    counts: &Mutex<FileCounts>,
) -> Option<(usize, T, u64)> {
    let mut files = lock(files);
    let next = files.next();
    let mut now = lock(counts);
    now.waiting = next.as_ref().map_or(0, |_| at_most(&*files));
    let (index, file) = next?;
    now.running += 1;
    let sequence = now.started;
    now.started += 1;
    Some((index, file, sequence))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::state::State;
    use std::path::Path;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::SeqCst;

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
        run(
            files,
            FilesAtOnce::in_work(4),
            4,
            &Interrupt::default(),
            &work,
            &mut |_| {},
        );
        let budgets = budgets.into_inner().unwrap();
        assert_eq!(budgets.last(), Some(&(0, 4)));
        assert!(
            budgets[..4].iter().all(|(_, threads)| *threads <= 2),
            "{budgets:?}"
        );
    }

    #[test]
    fn a_run_without_files_ends() {
        let work = |_: Task<'_>, (): &()| panic!("there is no file");
        let at_once = FilesAtOnce::in_work(4);
        let interrupt = Interrupt::default();
        run(
            std::iter::empty(),
            at_once,
            2,
            &interrupt,
            &work,
            &mut |rows| {
                assert!(rows.is_empty());
            },
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
                FilesAtOnce::in_work(2 * jobs),
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

    /// How many files are in work at once and how many at all, when those that wait do so until all have come.
    fn most_at_once(in_work: usize, waiting: usize, files: usize) -> (usize, usize) {
        let (working, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (at_all, most_at_all) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let expected = files.min(in_work + waiting);
        let work = |task: Task<'_>, (): &()| {
            most_at_all.fetch_max(at_all.fetch_add(1, SeqCst) + 1, SeqCst);
            most.fetch_max(working.fetch_add(1, SeqCst) + 1, SeqCst);
            assert!(task.slot.number() < in_work);
            std::thread::sleep(Duration::from_millis(1));
            working.fetch_sub(1, SeqCst);
            task.slot.give_up();
            // The disk is slow until as many wait as may wait.
            while most_at_all.load(SeqCst) < expected {
                std::thread::yield_now();
            }
            at_all.fetch_sub(1, SeqCst);
            row(task.index)
        };
        let mut rows = 0;
        run(
            (0..files).map(|index| (index, ())),
            FilesAtOnce { in_work, waiting },
            1,
            &Interrupt::default(),
            &work,
            &mut |more| rows += more.len(),
        );
        assert_eq!(rows, files);
        (most.into_inner(), most_at_all.into_inner())
    }

    #[test]
    fn a_file_that_waits_for_the_disk_leaves_its_slot_to_the_next_one() {
        for (in_work, waiting, files) in [(1, 5, 40), (2, 0, 40), (3, 16, 7), (2, 3, 40)] {
            let (most, most_at_all) = most_at_once(in_work, waiting, files);
            assert!(most <= in_work, "{most} in work, {in_work} slots");
            assert_eq!(most_at_all, files.min(in_work + waiting));
        }
    }

    #[test]
    fn files_that_wait_do_not_count_when_cores_are_shared() {
        let (waits, threads) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |task: Task<'_>, (): &()| {
            match task.index {
                1 => {
                    while waits.load(SeqCst) < 1 {
                        std::thread::yield_now();
                    }
                    threads.store(task.threads.get(), SeqCst);
                }
                _ => task.slot.give_up(),
            }
            waits.fetch_add(1, SeqCst);
            row(task.index)
        };
        let files = (0..2).map(|index| (index, ()));
        let at_once = FilesAtOnce {
            in_work: 2,
            waiting: 2,
        };
        run(files, at_once, 4, &Interrupt::default(), &work, &mut |_| {});
        assert_eq!(threads.into_inner(), 4);
    }
}
