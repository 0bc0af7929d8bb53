//! The cores of a batch: however many files are open, at most `--jobs` threads compute.
//!
//! A job that waits for the disk releases its core. Permits are given in the order in which the tasks
//! were started, so that files are finished while their bytes are still in memory, and no large request starves.

use crate::model::protocol::Core;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::thread::Thread;

/// A counting semaphore over numbered cores, with a fair order.
#[derive(Debug)]
pub(crate) struct CoreSemaphore {
    all: usize,
    queue: Mutex<WaitQueue>,
}

#[derive(Debug)]
struct WaitQueue {
    /// Numbers of free cores.
    free: BTreeSet<usize>,
    /// By the sequence number of the task, and a ticket that tells apart requests of one task.
    waiting: BTreeMap<(u64, u64), Thread>,
    tickets: u64,
}

/// Cores that are held; free again when it is dropped.
#[derive(Debug)]
pub struct Permit<'a> {
    semaphore: &'a CoreSemaphore,
    cores: Vec<usize>,
}

impl CoreSemaphore {
    /// Of so many cores, at least one.
    pub(crate) fn new(all: usize) -> Self {
        let all = all.max(1);
        CoreSemaphore {
            all,
            queue: Mutex::new(WaitQueue {
                free: (0..all).collect(),
                waiting: BTreeMap::new(),
                tickets: 0,
            }),
        }
    }

    /// Waits until so many cores are free (all, if there are fewer) and no task with a lower sequence number
    /// waits. A thread that holds a permit must not ask for another.
    pub(crate) fn acquire(&self, threads: usize, sequence: u64) -> Permit<'_> {
        let threads = threads.clamp(1, self.all);
        let mut queue = self.lock();
        let place = (sequence, queue.tickets);
        queue.tickets += 1;
        queue.waiting.insert(place, thread::current());
        while queue.free.len() < threads || !queue.begins_with(place) {
            drop(queue);
            thread::park();
            queue = self.lock();
        }
        queue.waiting.remove(&place);
        let cores = queue.take(threads);
        wake_first(queue);
        Permit {
            semaphore: self,
            cores,
        }
    }

    fn lock(&self) -> MutexGuard<'_, WaitQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WaitQueue {
    fn begins_with(&self, place: (u64, u64)) -> bool {
        self.waiting.keys().next() == Some(&place)
    }

    /// The free cores with the lowest numbers.
    fn take(&mut self, threads: usize) -> Vec<usize> {
        std::iter::from_fn(|| self.free.pop_first())
            .take(threads)
            .collect()
    }
}

/// After a change, wakes the first thread in the queue to see whether there are enough cores now. No other
/// thread could go on.
fn wake_first(queue: MutexGuard<'_, WaitQueue>) {
    let first = match queue.free.is_empty() {
        true => None,
        false => queue.waiting.values().next().cloned(),
    };
    drop(queue);
    if let Some(first) = first {
        first.unpark();
    }
}

impl Permit<'_> {
    /// The first of the cores.
    pub fn first(&self) -> Core {
        Core {
            index: self.cores.first().copied().unwrap_or(0),
            of: self.semaphore.all,
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut queue = self.semaphore.lock();
        queue.free.extend(&self.cores);
        wake_first(queue);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn never_more_at_work_than_there_are() {
        let cores = CoreSemaphore::new(3);
        let (at_work, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for task in 0..12 {
                let (cores, at_work, most) = (&cores, &at_work, &most);
                scope.spawn(move || {
                    for round in 0..200 {
                        let threads = 1 + (task + round) % 5;
                        let permit = cores.acquire(threads, task as u64);
                        let now = at_work.fetch_add(threads.min(3), Ordering::SeqCst);
                        most.fetch_max(now + threads.min(3), Ordering::SeqCst);
                        std::thread::yield_now();
                        at_work.fetch_sub(threads.min(3), Ordering::SeqCst);
                        drop(permit);
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 3);
        assert_eq!(cores.lock().free.len(), 3);
    }

    #[test]
    fn no_core_has_two_permits() {
        let cores = CoreSemaphore::new(3);
        let index = |permit: &Permit<'_>| permit.first().index;
        let (first, second) = (cores.acquire(1, 0), cores.acquire(2, 0));
        assert_eq!((index(&first), index(&second)), (0, 1));
        drop(second);
        let third = cores.acquire(1, 0);
        drop(first);
        let fourth = cores.acquire(1, 0);
        assert_eq!((index(&third), index(&fourth)), (1, 0));
        assert_eq!(fourth.first().of, 3);
    }

    #[test]
    fn tasks_are_served_in_the_order_of_their_start_and_a_large_request_is_not_overtaken() {
        let cores = CoreSemaphore::new(2);
        let served = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let (first, second) = (cores.acquire(1, 0), cores.acquire(1, 0));
            for (waiting, (sequence, threads)) in [(3, 1), (2, 1), (1, 2)].into_iter().enumerate() {
                let (cores, served) = (&cores, &served);
                scope.spawn(move || {
                    let _permit = cores.acquire(threads, sequence);
                    served.lock().unwrap().push(sequence);
                });
                while cores.lock().waiting.len() <= waiting {
                    std::thread::yield_now();
                }
            }
            // One free core would do for two of them, but the first in the queue wants both.
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
