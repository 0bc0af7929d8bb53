//! Rows that come one block after the other, of a matrix whose end is not known yet.
//!
//! As soon as they fill whole rows of chunks, these are encoded by the team, their rows are hashed,
//! and the chunks wait in a [`Spool`] until the last row has come.

use super::ValuesError;
use super::geometry::Geometry;
use super::recode::{self, Target};
use super::rows::{HashRows, RowSums};
use super::slot::{Slot, lay_out};
use super::spool::Spool;
use super::team::{PerThread, Team};
use super::window::Window;
use crate::codec::encoder::{Encoder, Encoding};
use crate::model::digest::Sum;
use crate::model::policy::Shuffle;
use crate::worker::fault::Result;
use std::fs::File;

/// Chunks that are compressed in all ways to choose the encoding.
const SAMPLES: usize = 3;

/// What becomes of rows.
#[derive(Debug, Clone, Copy)]
pub enum Stored {
    /// Chunks of gzip.
    Gzip {
        /// Deflate level.
        level: u8,
        /// Whether to shuffle.
        shuffle: Shuffle,
    },
    /// Rows as they are, for the library to store.
    Plain,
}

/// An encoder and a buffer for one thread.
type Own = (Box<dyn Encoder>, Vec<u8>);

/// Rows on their way.
pub struct Incoming<'a> {
    team: &'a Team,
    stored: Stored,
    /// Its rows are those that have come.
    geometry: Geometry,
    limit: u64,
    /// Values of rows that do not fill a row of chunks yet.
    waiting: Vec<u8>,
    /// Rows before them.
    done: u64,
    chosen: Option<(Encoding, PerThread<Own>)>,
    slots: Vec<Slot>,
    sums: RowSums,
    spool: Spool,
}

/// All rows, encoded.
#[derive(Debug)]
pub struct Encoded {
    /// The matrix.
    pub geometry: Geometry,
    /// How its chunks are encoded; `None` when they are not.
    pub encoding: Option<Encoding>,
    /// Nodes of the values' digest.
    pub nodes: Vec<Sum>,
    /// Chunks, or plain rows.
    pub spool: Spool,
}

enum Task<'a> {
    Encode(&'a mut Slot),
    Hash(HashRows<'a>),
}

impl std::fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming")
            .field("geometry", &self.geometry)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}

impl<'a> Incoming<'a> {
    /// `geometry` says all but the number of rows, and of these how many a chunk has when there are
    /// enough of them.
    pub fn new(
        team: &'a Team,
        geometry: Geometry,
        stored: Stored,
        limit: u64,
        spool: File,
    ) -> Result<Self> {
        geometry.tile_length(limit)?;
        let geometry = Geometry {
            rows: 0,
            ..geometry
        };
        Ok(Incoming {
            team,
            stored,
            geometry,
            limit,
            waiting: Vec::new(),
            done: 0,
            chosen: None,
            slots: Vec::new(),
            sums: RowSums::new(geometry),
            spool: Spool::new(spool),
        })
    }

    /// Adds whole rows, their bytes as the file will have them, and does something else while the
    /// team encodes what can be encoded by now.
    pub fn push<R>(&mut self, rows: &[u8], meanwhile: impl FnOnce() -> R) -> Result<R> {
        self.waiting.extend_from_slice(rows);
        let whole = self.rows_waiting() / self.geometry.chunk_rows * self.geometry.chunk_rows;
        self.encode(whole, meanwhile)
    }

    /// The last row has come; `rows` is how many did, which the values do not say when there are no
    /// columns. `chunks` is for a matrix that is too small for the chunks it was begun with.
    pub fn finish(mut self, rows: u64, chunks: impl FnOnce() -> [u64; 2]) -> Result<Encoded> {
        // Fewer than one row of chunks, and none was encoded yet: now the shape is known.
        if self.done == 0 {
            [self.geometry.chunk_rows, self.geometry.chunk_columns] = chunks();
        }
        self.encode(self.rows_waiting(), || ())?;
        let geometry = Geometry {
            rows,
            ..self.geometry
        };
        Ok(Encoded {
            geometry,
            encoding: self.chosen.map(|(encoding, _)| encoding),
            nodes: self.sums.finish(rows),
            spool: self.spool,
        })
    }

    fn rows_waiting(&self) -> u64 {
        match self.geometry.row_bytes() {
            0 => 0,
            bytes => self.waiting.len() as u64 / bytes,
        }
    }

    fn encode<R>(&mut self, rows: u64, meanwhile: impl FnOnce() -> R) -> Result<R> {
        if rows == 0 {
            return Ok(meanwhile());
        }
        let geometry = Geometry {
            rows: self.done + rows,
            ..self.geometry
        };
        let window = Window {
            rows: self.done..geometry.rows,
            columns: 0..geometry.columns,
        };
        // A part of what is in memory.
        let length = usize::try_from(rows * geometry.row_bytes()).unwrap_or(usize::MAX);
        let values = &self.waiting[..length];
        if let Stored::Gzip { level, shuffle } = self.stored
            && self.chosen.is_none()
        {
            self.chosen = Some(choose(
                &geometry, &window, values, level, shuffle, self.team,
            )?);
        }
        let tiles = match &self.chosen {
            Some(_) => geometry.tiles(&window.rows, &window.columns),
            None => Vec::new(),
        };
        lay_out(&mut self.slots, tiles);
        let target = self.chosen.as_ref().map(|(encoding, own)| {
            let target = Target {
                geometry,
                encoding: *encoding,
                fletcher32: false,
                limit: self.limit,
                absent: None,
            };
            (target, own)
        });
        let encode_all = self.slots.iter_mut().map(Task::Encode);
        let hash_all = self.sums.begin(&window, values).into_iter().map(Task::Hash);
        let (encoded, other) = self.team.each_while(
            encode_all.chain(hash_all).collect(),
            |task| {
                match (task, &target) {
                    (Task::Encode(slot), Some((target, own))) => {
                        own.with(|own| recode::encode(target, &window, values, slot, own))
                    }
                    (Task::Hash(rows), _) => {
                        rows.run();
                        Ok::<(), ValuesError>(())
                    }
                    // Without a target there are no slots.
                    (Task::Encode(_), None) => Ok(()),
                }
            },
            meanwhile,
        );
        encoded?;
        self.sums.end(&window);
        match &self.chosen {
            Some(_) => {
                for slot in &self.slots {
                    self.spool
                        .push(slot.tile.row, slot.tile.column, &slot.stored)?;
                }
            }
            None => self.spool.push(self.done, 0, values)?,
        }
        self.waiting.drain(..length);
        self.done = geometry.rows;
        self.geometry = geometry;
        Ok(other)
    }
}

/// The first rows stand for all of them.
fn choose(
    geometry: &Geometry,
    window: &Window,
    values: &[u8],
    level: u8,
    shuffle: Shuffle,
    team: &Team,
) -> Result<(Encoding, PerThread<Own>)> {
    let length = geometry.tile_length(u64::MAX)?;
    let sampled = geometry.cut_to(recode::SAMPLE_BYTES);
    let sample_length = sampled.tile_length(u64::MAX)?;
    let tiles = sampled.tiles(&window.rows, &window.columns);
    let samples: Vec<Vec<u8>> = (0..SAMPLES)
        .filter_map(|index| tiles.get(tiles.len() * (2 * index + 1) / (2 * SAMPLES)))
        .map(|tile| {
            let mut sample = vec![0; sample_length];
            recode::gather(&sampled, tile, window, values, &mut sample);
            sample
        })
        .collect();
    let encoding = recode::choose_for(&samples, geometry.item, level, shuffle, team)?;
    let own = PerThread::new(team, || {
        Ok::<_, ValuesError>((encoding.encoder()?, vec![0; length]))
    })?;
    Ok((encoding, own))
}
