//! One pass over a matrix, or over two of the same shape: windows are read and worked on by all threads, and
//! what comes of them is taken in their order.
//!
//! A window stays with one thread from its first byte to what it becomes, so that it stays in that thread's
//! cache. What only the library can read is read by the caller's thread, which alone may ask it.

use crate::worker::chunks::ValuesError;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::read::chunk_store::Scratch;
use crate::worker::chunks::read::reader::{DirectReader, Reader};
use crate::worker::chunks::spare_buffers::Spare;
use crate::worker::chunks::thread_pool::{PerThread, ThreadPool};
use crate::worker::chunks::window::{Window, largest, windows};
use crate::worker::error::WorkerError;
use crate::worker::serve::progress::ProgressSink;
use std::ops::Range;

/// Bytes of windows under way that need no leave.
const UNDER_WAY: u64 = 32 << 20;

#[derive(Debug, Clone)]
pub(crate) struct Pass<'a> {
    pub pool: &'a ThreadPool,
    /// Matrices of the same shape and element.
    pub sources: &'a [&'a Reader<'a>],
    /// The matrix in blocks at whose edges windows may be cut.
    pub blocks: Geometry,
    pub rows: Range<u64>,
    /// Bytes that one window may take at the most.
    pub limit: u64,
}

#[derive(Debug)]
pub enum Broken {
    /// The values of a source could not be read.
    Reading {
        source: usize,
        error: ValuesError,
    },
    Working(WorkerError),
}

impl From<WorkerError> for Broken {
    fn from(error: WorkerError) -> Self {
        Broken::Working(error)
    }
}

impl From<ValuesError> for Broken {
    fn from(error: ValuesError) -> Self {
        Broken::Working(error.into())
    }
}

/// Where there is one source only, it needs no telling which.
impl From<Broken> for WorkerError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Reading { error, .. } => error.into(),
            Broken::Working(error) => error,
        }
    }
}

/// Buffers of one thread, one for each source.
type Own = Vec<(Vec<u8>, Scratch)>;

impl Pass<'_> {
    /// Makes something of each window's values, given row by row and tight for each source; `begin` runs while
    /// the first windows are read, before anything is taken.
    pub(crate) fn run<P: Send, C>(
        &self,
        make: impl Fn(&Window, &mut [Vec<u8>]) -> Result<P, Broken> + Sync,
        begin: impl FnOnce() -> Result<C, Broken>,
        mut take: impl FnMut(&mut C, &Window, P) -> Result<(), Broken>,
    ) -> Result<C, Broken> {
        self.blocks.tile_length(self.limit)?;
        let direct: Vec<Option<DirectReader<'_>>> =
            self.sources.iter().map(|source| source.direct()).collect();
        let ahead = self.ahead(direct.iter().all(Option::is_some));
        let own = PerThread::new(self.pool, || {
            Ok::<_, Broken>(Own::from_iter(self.sources.iter().map(|_| <_>::default())))
        })?;
        let spare = Spare::default();
        let mut scratch = Scratch::default();
        let mut windows = windows(self.blocks, self.rows.clone());
        let next = || {
            let Some(window) = windows.next() else {
                return Ok(None);
            };
            let mut read = Vec::new();
            for (index, source) in self.sources.iter().enumerate() {
                if direct[index].is_none() {
                    let mut values = spare.take();
                    source
                        .read(&window, &mut values, &mut scratch)
                        .map_err(reading(index))?;
                    read.push(values);
                }
            }
            Ok(Some((window, read)))
        };
        let work = |(window, read): (Window, Vec<Vec<u8>>)| {
            let mut read = read.into_iter();
            own.with(|own| {
                let mut all = Vec::with_capacity(own.len());
                for (index, (values, scratch)) in own.iter_mut().enumerate() {
                    match direct[index] {
                        Some(source) => source
                            .read(&window, values, scratch)
                            .map_err(reading(index))?,
                        None => *values = read.next().unwrap_or_default(),
                    }
                    all.push(std::mem::take(values));
                }
                let made = make(&window, &mut all);
                for (index, ((values, _), used)) in own.iter_mut().zip(all).enumerate() {
                    match direct[index] {
                        Some(_) => *values = used,
                        None => spare.give_back(used),
                    }
                }
                Ok((window, made?))
            })
        };
        let take = |context: &mut C, (window, made): (Window, P)| take(context, &window, made);
        self.pool.in_order(ahead, next, work, begin, take)
    }

    /// Does something with each window's values, and tells how far it is.
    pub(crate) fn each(
        &self,
        work: impl Fn(&Window, &mut [Vec<u8>]) -> Result<(), Broken> + Sync,
        report: &mut dyn ProgressSink,
    ) -> Result<(), Broken> {
        self.run(
            work,
            || Ok(()),
            |(), window, ()| {
                report.advance(window.elements() * self.blocks.item as u64);
                Ok(())
            },
        )
    }

    /// How many windows may be under way: enough that no thread waits, as few as memory wants. Where threads
    /// read them themselves, only what was made of them takes memory, and they go on while the caller is busy
    /// with names.
    fn ahead(&self, is_direct: bool) -> usize {
        let most = match is_direct {
            true => 8 * self.pool.size(),
            false => 2 * self.pool.size() + 2,
        };
        let memory = UNDER_WAY.max(self.limit / 4);
        let fitting = memory / largest(&self.blocks).max(1);
        usize::try_from(fitting)
            .unwrap_or(usize::MAX)
            .clamp(1, most)
    }
}

fn reading(source: usize) -> impl Fn(ValuesError) -> Broken {
    move |error| Broken::Reading { source, error }
}
