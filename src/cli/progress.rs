//! The progress of a batch on stderr: live bars in a terminal, a line now and then elsewhere.
//!
//! Events only change a [`BatchProgress`](batch_progress::BatchProgress); one thread draws it, ten times a second at most,
//! all lines at once. So slots never wait for a terminal and nothing flickers, however many
//! events arrive, and a line comes even when none does.

pub(crate) mod batch_progress;
pub(crate) mod object;
pub(crate) mod phrase;
pub(crate) mod screen;
pub(crate) mod work;

use crate::cli::progress::batch_progress::BatchProgress;
use crate::cli::progress::work::Work;
use crate::jobs::event::{Event, Observer};
use crate::report::escape;
use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const DRAW_EVERY: Duration = Duration::from_millis(100);
const LINE_EVERY: Duration = Duration::from_secs(10);
const OBJECT_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProgressMode {
    /// Live, in a terminal; where stderr is none, [`ProgressMode::Lines`].
    Bars,
    /// A line every ten seconds.
    Lines,
    /// An object a second, for programs.
    Json,
    /// Not at all; warnings still are.
    Silent,
}

/// Shows a batch on stderr. It ends with [`ProgressDisplay::finish`], or when it is dropped.
pub(crate) struct ProgressDisplay {
    shared: Arc<Shared>,
    bar: Option<ProgressBar>,
    is_json: bool,
    drawer: Mutex<Option<JoinHandle<()>>>,
}

/// What the slots' threads and the drawing thread have in common.
struct Shared {
    batch: Mutex<BatchProgress>,
    finished: Mutex<bool>,
    wake: Condvar,
    started: Instant,
    /// Where lines and, without bars, warnings go.
    stderr: Mutex<Box<dyn Write + Send>>,
}

impl std::fmt::Debug for ProgressDisplay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProgressDisplay")
    }
}

impl ProgressDisplay {
    /// A display of a batch with this many files in work at a time.
    pub(crate) fn new(mode: ProgressMode, jobs: usize) -> Self {
        let every = match mode {
            ProgressMode::Json => OBJECT_EVERY,
            _ => LINE_EVERY,
        };
        Self::with(mode, jobs, every, Box::new(std::io::stderr()))
    }

    fn with(
        mode: ProgressMode,
        jobs: usize,
        line_every: Duration,
        stderr: Box<dyn Write + Send>,
    ) -> Self {
        let shared = Arc::new(Shared {
            batch: Mutex::new(BatchProgress::new(jobs)),
            finished: Mutex::new(false),
            wake: Condvar::new(),
            started: Instant::now(),
            stderr: Mutex::new(stderr),
        });
        let bar = (mode == ProgressMode::Bars).then(new_bar).flatten();
        let drawer = match (&bar, mode) {
            (Some(bar), _) => {
                let bar = bar.clone();
                shared.every(DRAW_EVERY, move |shared| shared.draw(&bar))
            }
            (None, ProgressMode::Silent) => None,
            (None, ProgressMode::Json) => shared.every(line_every, |shared| {
                shared.write_object(object::Kind::Progress);
            }),
            (None, _) => shared.every(line_every, Shared::write_line),
        };
        ProgressDisplay {
            shared,
            bar,
            is_json: mode == ProgressMode::Json,
            drawer: Mutex::new(drawer),
        }
    }

    /// Stops, and removes the bars, so that what follows starts on a clean line.
    pub(crate) fn finish(&self) {
        let was_finished = std::mem::replace(&mut *locked(&self.shared.finished), true);
        self.shared.wake.notify_all();
        if let Some(drawer) = locked(&self.drawer).take() {
            // It ends without a result; if it panicked, only progress is lost.
            let _ = drawer.join();
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.is_json && !was_finished {
            self.shared.write_object(object::Kind::End);
        }
    }

    /// Runs something that writes to the same terminal, with the bars hidden.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn warn(&self, text: &str) {
        if self.is_json {
            return self.shared.print(&object::warning(text));
        }
        let line = format!("warning: {}", escape::for_terminal(text));
        match &self.bar {
            // Above the bars. A finished bar would draw itself once more.
            Some(bar) if !bar.is_finished() => bar.suspend(|| self.shared.print(&line)),
            _ => self.shared.print(&line),
        }
    }
}

impl Observer for ProgressDisplay {
    fn observe(&self, event: Event<'_>) {
        locked(&self.shared.batch).take(&event, Instant::now());
        if let Event::Warning(text) = event {
            self.warn(text);
        }
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Shared {
    /// Calls `tick` repeatedly in a thread of its own, for the first time after one period.
    fn every(
        self: &Arc<Self>,
        period: Duration,
        tick: impl Fn(&Shared) + Send + 'static,
    ) -> Option<JoinHandle<()>> {
        let shared = Arc::clone(self);
        let run = move || {
            let mut due = Instant::now() + period;
            while shared.waits_until(due) {
                tick(&shared);
                due = Instant::now() + period;
            }
        };
        match std::thread::Builder::new()
            .name("progress".into())
            .spawn(run)
        {
            Ok(drawer) => Some(drawer),
            Err(error) => {
                self.print(&unshown(&error));
                None
            }
        }
    }

    /// False when the display has finished.
    fn waits_until(&self, due: Instant) -> bool {
        let mut finished = locked(&self.finished);
        loop {
            let left = due.saturating_duration_since(Instant::now());
            if *finished || left.is_zero() {
                return !*finished;
            }
            finished = self
                .wake
                .wait_timeout(finished, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn draw(&self, bar: &ProgressBar) {
        let (rows, columns) = Term::stderr().size();
        let now = Instant::now();
        let text = {
            let mut batch = locked(&self.batch);
            batch.sample(now);
            screen::lines(&batch, rows.into(), columns.into(), now)
        };
        bar.set_message(text);
    }

    fn write_line(&self) {
        let now = Instant::now();
        let sentence = {
            let mut batch = locked(&self.batch);
            batch.sample(now);
            let slowest = batch.slowest(now).map(|work| slowest(work, now));
            phrase::sentence(&batch.phrases(now)) + &slowest.unwrap_or_default()
        };
        self.print(&format!("h5lift: {sentence}"));
    }

    fn write_object(&self, kind: object::Kind) {
        let now = Instant::now();
        let line = {
            let mut batch = locked(&self.batch);
            batch.sample(now);
            object::line(kind, &batch, self.started, now)
        };
        self.print(&line);
    }

    fn print(&self, line: &str) {
        // In one write, so that lines of several processes do not mix. If stderr is closed, the message is
        // lost.
        let _ = locked(&self.stderr).write_all(format!("{line}\n").as_bytes());
    }
}

pub(crate) fn unshown(error: &std::io::Error) -> String {
    format!("warning: no progress is shown: {error}")
}

/// `; slowest: a.h5, writing values, for 42 s`.
fn slowest(work: &Work, now: Instant) -> String {
    let time = now.saturating_duration_since(work.begun);
    format!(
        "; slowest: {}, {}, for {}",
        work.path,
        screen::phase(work.phase),
        crate::report::quantity::estimate(time)
    )
}

/// One indicatif bar of many lines rather than many bars: all of them are drawn in one go.
/// `None` where bars cannot be drawn.
fn new_bar() -> Option<ProgressBar> {
    let target = ProgressDrawTarget::stderr();
    if target.is_hidden() {
        return None;
    }
    let style = ProgressStyle::with_template("{msg}").ok()?;
    Some(ProgressBar::with_draw_target(None, target).with_style(style))
}

/// A slot that panicked must not take the display with it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn display(mode: ProgressMode, line_every: Duration) -> (ProgressDisplay, Written) {
        let written = Written::default();
        let display = ProgressDisplay::with(mode, 2, line_every, Box::new(written.clone()));
        (display, written)
    }

    #[test]
    fn a_line_comes_though_no_event_does() {
        let (display, written) = display(ProgressMode::Lines, Duration::from_millis(20));
        display.observe(Event::Started {
            files: 3,
            bytes: 30,
        });
        let patience = Instant::now() + Duration::from_secs(20);
        while written.text().lines().count() < 2 && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(5));
        }
        display.finish();
        let text = written.text();
        assert!(text.lines().count() >= 2, "{text}");
        assert!(
            text.lines().all(|line| line == "h5lift: 0 of 3 files"),
            "{text}"
        );
    }

    #[test]
    fn a_short_batch_leaves_no_line_and_finishing_does_not_wait() {
        let (display, written) = display(ProgressMode::Lines, LINE_EVERY);
        display.observe(Event::Started { files: 1, bytes: 1 });
        let begun = Instant::now();
        display.finish();
        display.finish();
        drop(display);
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert_eq!(written.text(), "");
    }

    #[test]
    fn silence_still_warns_and_harmlessly() {
        let (display, written) = display(ProgressMode::Silent, Duration::from_millis(1));
        display.observe(Event::FileStarted {
            slot: 0,
            path: &PathBuf::from("a.h5"),
            bytes: 1,
        });
        display.observe(Event::Warning("cannot keep owner of \x1b[2J.h5"));
        std::thread::sleep(Duration::from_millis(20));
        display.finish();
        assert_eq!(
            written.text(),
            "warning: cannot keep owner of \\x1b[2J.h5\n"
        );
    }

    #[test]
    fn for_programs_every_line_is_an_object_and_the_last_one_is_the_end() {
        let (display, written) = display(ProgressMode::Json, LINE_EVERY);
        display.observe(Event::Started {
            files: 3,
            bytes: 30,
        });
        display.observe(Event::Warning("a \x1b[2J"));
        display.finish();
        display.finish();
        let lines: Vec<serde_json::Value> = written
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let [warning, end] = &lines[..] else {
            panic!("{lines:?}")
        };
        assert_eq!(warning["event"], "warning");
        assert_eq!(warning["message"], "a \x1b[2J");
        assert!(!written.text().contains('\x1b'));
        assert_eq!((&end["event"], &end["files"]), (&"end".into(), &3.into()));
    }

    #[test]
    fn a_closed_stderr_is_no_error() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let display = ProgressDisplay::with(ProgressMode::Silent, 1, LINE_EVERY, Box::new(Closed));
        display.observe(Event::Warning("nobody hears this"));
        display.finish();
    }
}
