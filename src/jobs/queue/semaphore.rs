//! The cores of a batch: however many files are open, no more threads are at work than `--jobs`.
//!
//! A lane that waits for a disk holds none. Whoever began first is served first, so that files are
//! finished while their bytes are still in memory, and no large request starves.

use crate::model::protocol::Core;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::thread::Thread;

/// So many cores, and who waits for them.
#[derive(Debug)]
pub(crate) struct Cores {
    all: usize,
    line: Mutex<Line>,
}

#[derive(Debug)]
struct Line {
    /// By their numbers.
    free: BTreeSet<usize>,
    /// By when the turn began, and a number that tells apart who waits for the same turn.
    waiting: BTreeMap<(u64, u64), Thread>,
    tickets: u64,
}

/// Cores that are held; free again when it is dropped.
#[derive(Debug)]
pub struct Held<'a> {
    cores: &'a Cores,
    numbers: Vec<usize>,
}

impl Cores {
    /// So many, at least one.
    pub(crate) fn new(all: usize) -> Self {
        let all = all.max(1);
        Cores {
            all,
            line: Mutex::new(Line {
                free: (0..all).collect(),
                waiting: BTreeMap::new(),
                tickets: 0,
            }),
        }
    }

    /// Waits until so many are free (all, if there are no more) and nobody waits whose turn began
    /// earlier. Who holds some must not ask for more.
    pub(crate) fn take(&self, threads: usize, begun: u64) -> Held<'_> {
        let threads = threads.clamp(1, self.all);
        let mut line = self.line();
        let place = (begun, line.tickets);
        line.tickets += 1;
        line.waiting.insert(place, thread::current());
        while line.free.len() < threads || !line.begins_with(place) {
            drop(line);
            thread::park();
            line = self.line();
        }
        line.waiting.remove(&place);
        let numbers = line.take(threads);
        wake_first(line);
        Held {
            cores: self,
            numbers,
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn begins_with(&self, place: (u64, u64)) -> bool {
        self.waiting.keys().next() == Some(&place)
    }

    /// The lowest of the free ones.
    fn take(&mut self, threads: usize) -> Vec<usize> {
        std::iter::from_fn(|| self.free.pop_first())
            .take(threads)
            .collect()
    }
}

/// Whoever is first in a line that has moved sees whether there are enough now; the others could do nothing.
fn wake_first(line: MutexGuard<'_, Line>) {
    let first = match line.free.is_empty() {
        true => None,
        false => line.waiting.values().next().cloned(),
    };
    drop(line);
    if let Some(first) = first {
        first.unpark();
    }
}

impl Held<'_> {
    /// The first of them.
    pub fn first(&self) -> Core {
        Core {
            index: self.numbers.first().copied().unwrap_or(0),
            of: self.cores.all,
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut line = self.cores.line();
        line.free.extend(&self.numbers);
        wake_first(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn never_more_at_work_than_there_are() {
        let cores = Cores::new(3);
        let (at_work, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for turn in 0..12 {
                let (cores, at_work, most) = (&cores, &at_work, &most);
                scope.spawn(move || {
                    for round in 0..200 {
                        let threads = 1 + (turn + round) % 5;
                        let held = cores.take(threads, turn as u64);
                        let now = at_work.fetch_add(threads.min(3), Ordering::SeqCst);
                        most.fetch_max(now + threads.min(3), Ordering::SeqCst);
                        std::thread::yield_now();
                        at_work.fetch_sub(threads.min(3), Ordering::SeqCst);
                        drop(held);
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 3);
        assert_eq!(cores.line().free.len(), 3);
    }

    #[test]
    fn no_core_is_held_twice() {
        let cores = Cores::new(3);
        let index = |held: &Held<'_>| held.first().index;
        let (first, second) = (cores.take(1, 0), cores.take(2, 0));
        assert_eq!((index(&first), index(&second)), (0, 1));
        drop(second);
        let third = cores.take(1, 0);
        drop(first);
        let fourth = cores.take(1, 0);
        assert_eq!((index(&third), index(&fourth)), (1, 0));
        assert_eq!(fourth.first().of, 3);
    }

    #[test]
    fn who_began_first_is_served_first_and_a_large_request_is_not_passed_by() {
        let cores = Cores::new(2);
        let served = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let (first, second) = (cores.take(1, 0), cores.take(1, 0));
            for (waiting, (begun, threads)) in [(3, 1), (2, 1), (1, 2)].into_iter().enumerate() {
                let (cores, served) = (&cores, &served);
                scope.spawn(move || {
                    let _held = cores.take(threads, begun);
                    served.lock().unwrap().push(begun);
                });
                while cores.line().waiting.len() <= waiting {
                    std::thread::yield_now();
                }
            }
            // One free core would do for two of them, but the first in line wants both.
            drop(first);
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(served.lock().unwrap().is_empty());
            drop(second);
        });
        let served = served.into_inner().unwrap();
        assert_eq!(served[0], 1);
        assert_eq!(served.len(), 3);
    }
}
