//! The threads that decode, encode and hash: none of them ever calls the library.

use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// A pool of threads, or none when one thread does everything.
#[derive(Debug)]
pub struct Team {
    pool: Option<rayon::ThreadPool>,
}

impl Team {
    /// A team of so many threads; the caller's own counts as the first.
    pub fn new(threads: usize) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool = (threads > 1)
            .then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build())
            .transpose()?;
        Ok(Team { pool })
    }

    /// Runs a task whose own parallel parts are the team's.
    pub fn install<R: Send>(&self, task: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(task),
            None => task(),
        }
    }

    /// A team that has a pool, even of one thread: so that [`Team::install`] finds no other.
    pub fn pooled(threads: usize) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1));
        Ok(Team {
            pool: Some(pool.build()?),
        })
    }

    /// How many work at the same time.
    pub fn size(&self) -> usize {
        self.pool
            .as_ref()
            .map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// Runs `each` for every item on all threads, while the caller runs `meanwhile`.
    pub fn each_while<T, E, R>(
        &self,
        items: Vec<T>,
        each: impl Fn(T) -> Result<(), E> + Sync,
        meanwhile: impl FnOnce() -> R,
    ) -> (Result<(), E>, R)
    where
        T: Send,
        E: Send,
    {
        let Some(pool) = &self.pool else {
            return (items.into_iter().try_for_each(each), meanwhile());
        };
        let mut outcome = Ok(());
        let result = pool.in_place_scope(|scope| {
            let outcome = &mut outcome;
            let each = &each;
            scope.spawn(move |_| *outcome = items.into_par_iter().try_for_each(each));
            meanwhile()
        });
        (outcome, result)
    }

    /// Runs `each` for every item on all threads.
    pub fn each<T: Send, E: Send>(
        &self,
        items: Vec<T>,
        each: impl Fn(T) -> Result<(), E> + Sync,
    ) -> Result<(), E> {
        self.each_while(items, each, || ()).0
    }
}

/// One of something for each thread, kept from window to window.
#[derive(Debug)]
pub struct PerThread<T>(Vec<Mutex<T>>);

impl<T> PerThread<T> {
    /// Makes one for each thread of a team.
    pub fn new<E>(team: &Team, make: impl Fn() -> Result<T, E>) -> Result<Self, E> {
        (0..team.size())
            .map(|_| make().map(Mutex::new))
            .collect::<Result<_, _>>()
            .map(PerThread)
    }

    /// Uses the calling thread's own.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let thread = rayon::current_thread_index().unwrap_or(0) % self.0.len();
        // Buffers are overwritten at each use: what a panic left in them does not matter.
        let mut own = self.0[thread]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        f(&mut own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn one_thread_and_many_do_the_same() {
        for threads in [1, 4] {
            let team = Team::new(threads).unwrap();
            let sum = AtomicUsize::new(0);
            let (outcome, other) = team.each_while(
                (0..100).collect(),
                |n: usize| {
                    sum.fetch_add(n, Ordering::Relaxed);
                    Ok::<(), ()>(())
                },
                || 7,
            );
            assert_eq!((outcome, other, sum.into_inner()), (Ok(()), 7, 4950));
        }
    }

    #[test]
    fn an_error_comes_back() {
        let team = Team::new(3).unwrap();
        let outcome = team.each(vec![1, 2, 3], |n| if n == 2 { Err(n) } else { Ok(()) });
        assert_eq!(outcome, Err(2));
    }
}
