//! The lanes: every file gets its turn and exactly one row.
//!
//! A file that ended its worker is put aside and gets a second turn when all others are
//! done, alone, so that neither its memory nor its neighbours' is to blame.

pub(crate) mod schedule;
pub(crate) mod semaphore;

use crate::jobs::interrupt::Interrupt;
use crate::model::record::Record;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One file's turn.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// Number of the lane, from 0.
    pub lane: usize,
    /// Index of the file.
    pub index: usize,
    /// Threads that its workers may use.
    pub share: Share<'a>,
    /// How many turns had begun before.
    pub begun: u64,
    /// Whether this is the second turn, with nothing else running.
    pub alone: bool,
}

/// How a turn ended.
#[derive(Debug)]
pub enum Step {
    /// With a row.
    Row(Box<Record>),
    /// A worker died: once more, alone.
    Again,
}

/// A file's share of the threads. It grows while the last files are in work: asked for again before
/// each request, it gives them the cores of those that are done.
#[derive(Debug, Clone, Copy)]
pub struct Share<'a> {
    jobs: usize,
    files: Option<&'a Mutex<Files>>,
}

impl Share<'_> {
    /// All of so many threads, with nothing else in work.
    pub fn all(jobs: usize) -> Self {
        Share { jobs, files: None }
    }

    /// Threads at this moment.
    pub fn now(self) -> usize {
        match self.files.map(lock) {
            None => self.jobs.max(1),
            Some(files) => schedule::threads(self.jobs, files.running, files.waiting),
        }
    }
}

/// How many files have no turn yet, as far as is known, and how many have one.
#[derive(Debug)]
struct Files {
    waiting: usize,
    running: usize,
    begun: u64,
}

/// Steps on their way from the lanes to the thread that takes the rows. That one looks for them now and
/// then: to be woken for the row of each tiny file would take as long as the file.
#[derive(Debug)]
struct Steps<T> {
    come: Mutex<Come<T>>,
    all_lanes_ended: Condvar,
}

#[derive(Debug)]
struct Come<T> {
    steps: Vec<(usize, T, Step)>,
    lanes: usize,
}

/// How long a row may wait.
const NAP: Duration = Duration::from_millis(20);

impl<T> Steps<T> {
    fn new() -> Self {
        Steps {
            come: Mutex::new(Come {
                steps: Vec::new(),
                lanes: 0,
            }),
            all_lanes_ended: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Come<T>> {
        lock(&self.come)
    }

    fn begin_lane(&self) -> LaneSteps<'_, T> {
        self.lock().lanes += 1;
        LaneSteps(self)
    }

    /// What has come after a nap; `None` when nothing will come any more.
    fn next(&self) -> Option<Vec<(usize, T, Step)>> {
        let come = self.lock();
        let (mut come, _) = self
            .all_lanes_ended
            .wait_timeout_while(come, NAP, |come| come.lanes > 0)
            .unwrap_or_else(PoisonError::into_inner);
        let steps = std::mem::take(&mut come.steps);
        (come.lanes > 0 || !steps.is_empty()).then_some(steps)
    }
}

/// A lane's end of it. However the lane ends, nobody goes on waiting for it.
#[derive(Debug)]
struct LaneSteps<'a, T>(&'a Steps<T>);

impl<T> LaneSteps<'_, T> {
    fn send(&self, index: usize, file: T, step: Step) {
        self.0.lock().steps.push((index, file, step));
    }
}

impl<T> Drop for LaneSteps<'_, T> {
    fn drop(&mut self) {
        let mut come = self.0.lock();
        come.lanes -= 1;
        if come.lanes == 0 {
            self.0.all_lanes_ended.notify_all();
        }
    }
}

/// Gives each file its turn on so many lanes, which share `jobs` cores. Files come with their indices, in
/// the order of their turns, and each is asked for when a lane is free; `done` gets the rows soon after
/// they come, on the calling thread. After an interrupt no further turn begins.
pub fn run<T: Send>(
    files: impl Iterator<Item = (usize, T)> + Send,
    lanes: usize,
    jobs: usize,
    interrupt: &Interrupt,
    work: &(dyn Fn(Turn<'_>, &T) -> Step + Sync),
    done: &mut dyn FnMut(Vec<(usize, Record)>),
) {
    let waiting = at_most(&files);
    let lanes = lanes.min(waiting);
    let counts = Mutex::new(Files {
        waiting,
        running: 0,
        begun: 0,
    });
    let files = Mutex::new(files);
    let steps = Steps::new();
    let mut aside = std::thread::scope(|scope| {
        for lane in 0..lanes {
            let (files, counts, steps) = (&files, &counts, steps.begin_lane());
            scope.spawn(move || {
                let next = || next(lane, jobs, files, counts).filter(|_| !interrupt.is_set());
                while let Some((turn, file)) = next() {
                    let step = work(turn, &file);
                    lock(counts).running -= 1;
                    steps.send(turn.index, file, step);
                }
            });
        }
        let mut aside = Vec::new();
        while let Some(steps) = steps.next() {
            let mut rows = Vec::with_capacity(steps.len());
            for (index, file, step) in steps {
                match step {
                    Step::Row(record) => rows.push((index, *record)),
                    Step::Again => aside.push((index, file)),
                }
            }
            done(rows);
        }
        aside
    });
    aside.sort_unstable_by_key(|(index, _)| *index);
    for (index, file) in aside {
        if interrupt.is_set() {
            return;
        }
        let turn = Turn {
            lane: 0,
            index,
            share: Share::all(jobs),
            begun: 0,
            alone: true,
        };
        if let Step::Row(record) = work(turn, &file) {
            done(vec![(index, *record)]);
        }
    }
}

/// Files that an iterator may still bring.
fn at_most(files: &impl Iterator) -> usize {
    files.size_hint().1.unwrap_or(usize::MAX)
}

fn next<'a, T>(
    lane: usize,
    jobs: usize,
    files: &Mutex<impl Iterator<Item = (usize, T)>>,
    counts: &'a Mutex<Files>,
) -> Option<(Turn<'a>, T)> {
    let mut files = lock(files);
    let next = files.next();
    let mut now = lock(counts);
    now.waiting = next.as_ref().map_or(0, |_| at_most(&*files));
    let (index, file) = next?;
    now.running += 1;
    let begun = now.begun;
    now.begun += 1;
    let share = Share {
        jobs,
        files: Some(counts),
    };
    let turn = Turn {
        lane,
        index,
        share,
        begun,
        alone: false,
    };
    Some((turn, file))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::state::State;
    use std::path::Path;

    fn row(index: usize) -> Step {
        let name = index.to_string();
        Step::Row(Box::new(Record::new(
            Path::new(&name),
            0,
            State::Legacy,
            String::new(),
        )))
    }

    #[test]
    fn the_last_file_gets_the_cores_of_those_that_are_done() {
        let shares = Mutex::new(Vec::new());
        let work = |turn: Turn<'_>, (): &()| {
            // The others are short: this one sees them end.
            while turn.index == 0 && turn.share.now() < 4 {
                std::thread::yield_now();
            }
            shares.lock().unwrap().push((turn.index, turn.share.now()));
            row(turn.index)
        };
        let files = (0..5).map(|index| (index, ()));
        run(files, 4, 4, &Interrupt::default(), &work, &mut |_| {});
        let shares = shares.into_inner().unwrap();
        assert_eq!(shares.last(), Some(&(0, 4)));
        assert!(
            shares[..4].iter().all(|(_, threads)| *threads <= 2),
            "{shares:?}"
        );
    }

    #[test]
    fn every_file_gets_one_row_and_a_killer_a_second_turn_alone() {
        for jobs in [1, 3, 50] {
            let turns = Mutex::new(Vec::new());
            let mut rows = Vec::new();
            let work = |turn: Turn<'_>, file: &String| {
                assert_eq!(*file, turn.index.to_string());
                turns.lock().unwrap().push((turn.index, turn.alone));
                if turn.index % 4 == 1 && !turn.alone {
                    Step::Again
                } else {
                    row(turn.index)
                }
            };
            // Nobody knows how many will come.
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
            let turns = turns.into_inner().unwrap();
            assert_eq!(turns.len(), 13);
            assert_eq!(turns[10..], [(1, true), (5, true), (9, true)]);
        }
    }
}
