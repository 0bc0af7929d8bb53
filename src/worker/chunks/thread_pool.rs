//! The threads that decode, encode and hash: none of them ever calls the library.

use rayon::prelude::*;
use std::collections::VecDeque;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};

/// A pool of threads, or none if one thread does everything.
#[derive(Debug)]
pub(crate) struct ThreadPool {
    pool: Option<rayon::ThreadPool>,
}

impl ThreadPool {
    /// A pool of this many threads, or of fewer if the system has no more; the caller's own counts as the first.
    pub(crate) fn new(threads: usize) -> Self {
        let pool = match threads {
            0 | 1 => None,
            _ => of_at_most(threads).ok(),
        };
        ThreadPool { pool }
    }

    /// Runs a task whose own parallel parts are the pool's.
    pub(crate) fn install<R: Send>(&self, task: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(task),
            None => task(),
        }
    }

    /// One like [`ThreadPool::new`], but with a pool even of one thread, so that [`ThreadPool::install`] uses no other.
    pub(crate) fn pooled(threads: usize) -> Result<Self, rayon::ThreadPoolBuildError> {
        Ok(ThreadPool {
            pool: Some(of_at_most(threads.max(1))?),
        })
    }

    /// How many work at the same time.
    pub(crate) fn size(&self) -> usize {
        self.pool
            .as_ref()
            .map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// Runs `each` for every item on all threads.
    pub(crate) fn each<T: Send, E: Send>(
        &self,
        items: Vec<T>,
        each: impl Fn(T) -> Result<(), E> + Sync + Send,
    ) -> Result<(), E> {
        match &self.pool {
            Some(pool) => pool.install(|| items.into_par_iter().try_for_each(each)),
            None => items.into_iter().try_for_each(each),
        }
    }

    /// Computes something of each item on all threads, and takes it on the caller's thread, in the order of
    /// the items.
    ///
    /// `next` and `take` are called on the caller's thread, and so is `begin`, while the other threads have
    /// begun with the first items. At most `ahead` items are in progress.
    pub(crate) fn in_order<T, P, C, E>(
        &self,
        ahead: usize,
        mut next: impl FnMut() -> Result<Option<T>, E>,
        make: impl Fn(T) -> Result<P, E> + Sync,
        begin: impl FnOnce() -> Result<C, E>,
        mut take: impl FnMut(&mut C, P) -> Result<(), E>,
    ) -> Result<C, E>
    where
        T: Send,
        P: Send,
        E: Send,
    {
        let Some(pool) = &self.pool else {
            let mut context = begin()?;
            while let Some(item) = next()? {
                take(&mut context, make(item)?)?;
            }
            return Ok(context);
        };
        let outcome = pool.in_place_scope(|scope| {
            let mut under_way = VecDeque::new();
            let mut refill = |under_way: &mut VecDeque<Receiver<Result<P, E>>>| {
                while under_way.len() < ahead.max(1) {
                    let Some(item) = next()? else { break };
                    let (sender, receiver) = mpsc::sync_channel(1);
                    let make = &make;
                    // The receiver is gone if an earlier item has failed.
                    scope.spawn(move |_| drop(sender.send(make(item))));
                    under_way.push_back(receiver);
                }
                Ok(())
            };
            if let Err(error) = refill(&mut under_way) {
                return Some(Err(error));
            }
            let mut context = match begin() {
                Ok(context) => context,
                Err(error) => return Some(Err(error)),
            };
            while let Some(first) = under_way.pop_front() {
                // A task that panicked has sent nothing; the scope passes its panic on.
                let made = first.recv().ok()?;
                let taken = refill(&mut under_way)
                    .and(made)
                    .and_then(|made| take(&mut context, made));
                if let Err(error) = taken {
                    return Some(Err(error));
                }
            }
            Some(Ok(context))
        });
        match outcome {
            Some(outcome) => outcome,
            None => unreachable!("a scope panics if one of its tasks panicked"),
        }
    }
}

/// One of something for each thread, kept from window to window.
#[derive(Debug)]
pub(crate) struct PerThread<T>(Vec<Mutex<T>>);

impl<T> PerThread<T> {
    /// Makes one for each thread of a pool.
    pub(crate) fn new<E>(pool: &ThreadPool, make: impl Fn() -> Result<T, E>) -> Result<Self, E> {
        (0..pool.size())
            .map(|_| make().map(Mutex::new))
            .collect::<Result<_, _>>()
            .map(PerThread)
    }

    /// Uses the calling thread's own.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let thread = rayon::current_thread_index().unwrap_or(0) % self.0.len();
        // Buffers are overwritten at each use: what a panic left in them does not matter.
        let mut own = self.0[thread]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        f(&mut own)
    }
}

/// As many threads as can be had, of so many.
fn of_at_most(threads: usize) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Err(_) if threads > 1 => of_at_most(threads / 2),
        built => built,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn one_thread_and_many_do_the_same() {
        for threads in [1, 4] {
            let pool = ThreadPool::new(threads);
            let sum = AtomicUsize::new(0);
            let outcome = pool.each((0..100).collect(), |n: usize| {
                sum.fetch_add(n, Ordering::Relaxed);
                Ok::<(), ()>(())
            });
            assert_eq!((outcome, sum.into_inner()), (Ok(()), 4950));
        }
    }

    #[test]
    fn an_error_comes_back() {
        let pool = ThreadPool::new(3);
        let outcome = pool.each(vec![1, 2, 3], |n| if n == 2 { Err(n) } else { Ok(()) });
        assert_eq!(outcome, Err(2));
    }

    #[test]
    fn results_come_in_order_after_the_beginning() {
        for threads in [1, 4] {
            let pool = ThreadPool::new(threads);
            let mut items = 0..50_u32;
            let taken = pool.in_order(
                3,
                || Ok::<_, ()>(items.next()),
                |n| {
                    // Earlier ones take longer.
                    std::thread::sleep(std::time::Duration::from_micros(u64::from(50 - n) * 20));
                    Ok(n * 2)
                },
                || Ok(vec![7]),
                |taken, n| {
                    taken.push(n);
                    Ok(())
                },
            );
            let expected: Vec<u32> = [7].into_iter().chain((0..50).map(|n| n * 2)).collect();
            assert_eq!(taken, Ok(expected), "{threads}");
        }
    }

    #[test]
    fn no_more_are_under_way_than_may_be() {
        let pool = ThreadPool::new(4);
        let (given, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        pool.in_order(
            3,
            || {
                let next = given.fetch_add(1, Ordering::Relaxed);
                assert!(next - taken.load(Ordering::Relaxed) <= 3);
                Ok::<_, ()>((next < 100).then_some(next))
            },
            Ok,
            || Ok(()),
            |(), _| {
                taken.fetch_add(1, Ordering::Relaxed);
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(taken.into_inner(), 100);
    }

    #[test]
    fn the_first_error_in_order_ends_it() {
        for threads in [1, 3] {
            let pool = ThreadPool::new(threads);
            let mut items = 0..10;
            let outcome = pool.in_order(
                4,
                || Ok(items.next()),
                |n| if n >= 3 { Err(n) } else { Ok(n) },
                || Ok(()),
                |(), _| Ok(()),
            );
            assert_eq!(outcome, Err(3));
            let never = pool.in_order(2, || Ok(Some(1)), Ok, || Err::<(), _>("no"), |(), _| Ok(()));
            assert_eq!(never, Err("no"));
        }
    }

    #[test]
    #[should_panic(expected = "four")]
    fn a_panic_comes_back() {
        let pool = ThreadPool::new(2);
        let mut items = 0..10;
        let make = |n| {
            if n == 4 {
                panic!("four")
            } else {
                Ok::<_, ()>(n)
            }
        };
        let _ = pool.in_order(3, || Ok(items.next()), make, || Ok(()), |(), _| Ok(()));
    }
}
