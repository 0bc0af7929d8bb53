//! The lanes: every file gets its turn and exactly one row.
//!
//! A file that ended its worker is put aside and gets a second turn when all others are
//! done, alone, so that neither its memory nor its neighbours' is to blame.

use super::interrupt::Interrupt;
use super::schedule;
use crate::model::record::Record;
use std::collections::VecDeque;
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
    queue: Option<&'a Mutex<Queue>>,
}

impl Share<'_> {
    /// All of so many threads, with nothing else in work.
    pub fn all(jobs: usize) -> Self {
        Share { jobs, queue: None }
    }

    /// Threads at this moment.
    pub fn now(self) -> usize {
        match self.queue.map(lock) {
            None => self.jobs.max(1),
            Some(queue) => schedule::threads(self.jobs, queue.running, queue.waiting.len()),
        }
    }
}

/// Files that have no turn yet, and how many have one.
#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<usize>,
    running: usize,
    begun: u64,
}

/// Steps on their way from the lanes to the thread that takes the rows. That one looks for them now and
/// then: to be woken for the row of each tiny file would take as long as the file.
#[derive(Debug, Default)]
struct Steps {
    come: Mutex<Come>,
    all_lanes_ended: Condvar,
}

#[derive(Debug, Default)]
struct Come {
    steps: Vec<(usize, Step)>,
    lanes: usize,
}

/// How long a row may wait.
const NAP: Duration = Duration::from_millis(20);

impl Steps {
    fn lock(&self) -> MutexGuard<'_, Come> {
        self.come.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_lane(&self) -> LaneSteps<'_> {
        self.lock().lanes += 1;
        LaneSteps(self)
    }

    /// What has come after a nap; `None` when nothing will come any more.
    fn next(&self) -> Option<Vec<(usize, Step)>> {
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
struct LaneSteps<'a>(&'a Steps);

impl LaneSteps<'_> {
    fn send(&self, index: usize, step: Step) {
        self.0.lock().steps.push((index, step));
    }
}

impl Drop for LaneSteps<'_> {
    fn drop(&mut self) {
        let mut come = self.0.lock();
        come.lanes -= 1;
        if come.lanes == 0 {
            self.0.all_lanes_ended.notify_all();
        }
    }
}

/// Gives each file its turn on so many lanes, which share `jobs` cores, in this order of their indices;
/// `done` gets the rows soon after they come, on the calling thread. After an interrupt no further
/// turn begins.
pub fn run(
    order: Vec<usize>,
    lanes: usize,
    jobs: usize,
    interrupt: &Interrupt,
    work: &(dyn Fn(Turn<'_>) -> Step + Sync),
    done: &mut dyn FnMut(Vec<(usize, Record)>),
) {
    let lanes = lanes.min(order.len());
    let queue = Mutex::new(Queue {
        waiting: order.into(),
        running: 0,
        begun: 0,
    });
    let steps = Steps::default();
    let mut aside = std::thread::scope(|scope| {
        for lane in 0..lanes {
            let (queue, steps) = (&queue, steps.begin_lane());
            scope.spawn(move || {
                while let Some(turn) = next(lane, jobs, queue).filter(|_| !interrupt.is_set()) {
                    let step = work(turn);
                    lock(queue).running -= 1;
                    steps.send(turn.index, step);
                }
            });
        }
        let mut aside = Vec::new();
        while let Some(steps) = steps.next() {
            let mut rows = Vec::with_capacity(steps.len());
            for (index, step) in steps {
                match step {
                    Step::Row(record) => rows.push((index, *record)),
                    Step::Again => aside.push(index),
                }
            }
            done(rows);
        }
        aside
    });
    aside.sort_unstable();
    for index in aside {
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
        if let Step::Row(record) = work(turn) {
            done(vec![(index, *record)]);
        }
    }
}

fn next(lane: usize, jobs: usize, queue: &Mutex<Queue>) -> Option<Turn<'_>> {
    let mut waiting = lock(queue);
    let index = waiting.waiting.pop_front()?;
    waiting.running += 1;
    let begun = waiting.begun;
    waiting.begun += 1;
    Some(Turn {
        lane,
        index,
        share: Share {
            jobs,
            queue: Some(queue),
        },
        begun,
        alone: false,
    })
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
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
        let work = |turn: Turn<'_>| {
            // The others are short: this one sees them end.
            while turn.index == 0 && turn.share.now() < 4 {
                std::thread::yield_now();
            }
            shares.lock().unwrap().push((turn.index, turn.share.now()));
            row(turn.index)
        };
        let order = (0..5).collect();
        run(order, 4, 4, &Interrupt::default(), &work, &mut |_| {});
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
            let work = |turn: Turn<'_>| {
                turns.lock().unwrap().push((turn.index, turn.alone));
                if turn.index % 4 == 1 && !turn.alone {
                    Step::Again
                } else {
                    row(turn.index)
                }
            };
            let order = (0..10).collect();
            run(
                order,
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
