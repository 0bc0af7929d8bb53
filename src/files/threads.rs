//! Work on a second thread, where the system has one: a limit on processes counts threads.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::thread::ScopedJoinHandle;

/// Runs `aside` on another thread while `work` runs on this one, or after `work` if no thread can be started. A panic of either is
/// passed on.
pub(crate) fn beside<A: Send, R>(
    aside: impl FnOnce() -> A + Send,
    work: impl FnOnce() -> R,
) -> (R, A) {
    let aside = Mutex::new(Some(aside));
    let run = || {
        let aside = aside.lock().unwrap_or_else(PoisonError::into_inner).take();
        aside.map(|aside| aside())
    };
    thread::scope(|scope| {
        let started = thread::Builder::new().spawn_scoped(scope, run);
        let done = work();
        let beside = match started {
            Ok(thread) => join(thread),
            Err(_) => run(),
        };
        match beside {
            Some(beside) => (done, beside),
            None => unreachable!("it runs once: on the thread, or here if there is none"),
        }
    })
}

/// The result of a thread, its panic included.
pub(crate) fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_run_and_a_panic_is_passed_on() {
        let here = thread::current().id();
        let (done, aside) = beside(|| thread::current().id(), || 7);
        assert_eq!(done, 7);
        assert_ne!(aside, here);
        let panicked = std::panic::catch_unwind(|| beside(|| panic!("aside"), || ()));
        assert!(panicked.is_err());
    }
}
