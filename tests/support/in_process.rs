//! The worker's own code, called by a test.

use h5lift::model::protocol::phase::Phase;
use h5lift::worker::serve::progress::ProgressSink;
use std::sync::Mutex;

/// A worker calls the library from one thread at a time, and so do these tests.
pub(crate) static LIBRARY: Mutex<()> = Mutex::new(());

/// Whom nobody listens to.
pub(crate) struct Silent;

impl ProgressSink for Silent {
    fn enter(&mut self, _phase: Phase) {}
    fn advance(&mut self, _bytes: u64) {}
}
