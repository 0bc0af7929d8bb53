//! Slots: places for files in work. Each is held by one thread, and there are more threads than slots: a file
//! that only waits for the disk gives its slot to the next file and goes on without one.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many files at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilesAtOnce {
    /// In work.
    pub in_work: usize,
    /// Waiting for the disk, besides.
    pub waiting: usize,
}

impl FilesAtOnce {
    /// So many in work, which keep their slots while they wait.
    pub fn in_work(files: usize) -> Self {
        FilesAtOnce {
            in_work: files,
            waiting: 0,
        }
    }
}

/// The slots that are free, and the threads that want one.
#[derive(Debug)]
pub(crate) struct Slots {
    state: Mutex<SlotState>,
    changed: Condvar,
}

#[derive(Debug)]
struct SlotState {
    free: BTreeSet<usize>,
    /// Threads that want a slot.
    idle: usize,
    /// Threads that may still be started.
    spare: usize,
    /// There are no more files.
    closed: bool,
}

impl Slots {
    pub(crate) fn new(files: FilesAtOnce) -> Self {
        Slots {
            state: Mutex::new(SlotState {
                free: (0..files.in_work).collect(),
                idle: 0,
                spare: files.waiting,
                closed: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Waits for a slot; `None` when there are no more files.
    pub(crate) fn take(&self) -> Option<usize> {
        let mut state = self.lock();
        state.idle += 1;
        let mut state = self
            .changed
            .wait_while(state, |state| state.free.is_empty() && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        state.idle -= 1;
        match state.closed {
            true => None,
            false => state.free.pop_first(),
        }
    }

    /// Gives a slot back. `true`: nobody is there to take it, and one more thread may be started.
    #[must_use]
    pub(crate) fn give_back(&self, slot: usize) -> bool {
        let mut state = self.lock();
        state.free.insert(slot);
        let wants_thread = !state.closed && state.free.len() > state.idle && state.spare > 0;
        if wants_thread {
            state.spare -= 1;
        }
        self.changed.notify_one();
        wants_thread
    }

    /// No thread gets a slot any more.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, SlotState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The slot of a file in work, until it is given up or dropped.
pub struct HeldSlot<'a> {
    number: usize,
    is_held: AtomicBool,
    /// Called once.
    give_back: &'a (dyn Fn(usize) + Sync),
}

impl<'a> HeldSlot<'a> {
    pub(crate) fn new(number: usize, give_back: &'a (dyn Fn(usize) + Sync)) -> Self {
        HeldSlot {
            number,
            is_held: AtomicBool::new(true),
            give_back,
        }
    }

    /// Its number, from 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Whether the file still has it.
    pub fn is_held(&self) -> bool {
        self.is_held.load(Ordering::Relaxed)
    }

    /// From now on the file only waits for the disk: another one may have the slot.
    pub fn give_up(&self) {
        if self.is_held.swap(false, Ordering::Relaxed) {
            (self.give_back)(self.number);
        }
    }

    /// The number of the slot for the next file of this thread, if this one has not given it up.
    pub(crate) fn pass_on(self) -> Option<usize> {
        self.is_held
            .swap(false, Ordering::Relaxed)
            .then_some(self.number)
    }
}

impl Drop for HeldSlot<'_> {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl fmt::Debug for HeldSlot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldSlot")
            .field("number", &self.number)
            .field("is_held", &self.is_held)
            .finish_non_exhaustive()
    }
}
