//! Buffers that are not needed any more, for reuse.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Buffers that are used again, on whatever thread: what they hold is overwritten.
#[derive(Debug)]
pub(crate) struct Spare<T>(Mutex<Vec<Vec<T>>>);

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Spare(Mutex::default())
    }
}

impl<T> Spare<T> {
    /// One with any content, or a new one.
    pub(crate) fn take(&self) -> Vec<T> {
        self.all().pop().unwrap_or_default()
    }

    pub(crate) fn give_back(&self, buffer: Vec<T>) {
        self.all().push(buffer);
    }

    fn all(&self) -> MutexGuard<'_, Vec<Vec<T>>> {
        // They are overwritten at each use: what a panic left in them does not matter.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
