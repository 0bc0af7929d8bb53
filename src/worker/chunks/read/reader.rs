//! Fills windows with plain values, whatever the storage.
//!
//! There are three methods: contiguous values are read at their offset, chunks whose filters are known here
//! are read and decoded without the library, and everything else goes through `H5Dread`.

use crate::worker::chunks::ValuesError;
use crate::worker::chunks::dataset_geometry::{geometry, plain_geometry};
use crate::worker::chunks::geometry::{Geometry, Tile};
use crate::worker::chunks::read::chunk_offsets::StoredPlaces;
use crate::worker::chunks::read::chunk_store::{ChunkStore, Scratch, overlapping, scatter};
use crate::worker::chunks::read::contiguous::read_contiguous;
use crate::worker::chunks::read::salvage::Salvage;
use crate::worker::chunks::read::transposed::turned;
use crate::worker::chunks::window::Window;
use h5::dataset::{Dataset, PlainReader};
use h5::file::File;
use hdf5_format::storage::Storage;
use plain_hdf5::plain::{PlainDataset, PlainElements};
use std::fs;

/// How a reader may read the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Without the library wherever possible.
    Fastest,
    /// Through the library's own filters.
    Library,
}

#[derive(Debug)]
pub(crate) struct Reader<'a> {
    /// As the values are stored.
    stored: Geometry,
    /// Whether rows are returned as columns.
    transpose: bool,
    way: Way<'a>,
    salvage: Option<&'a Salvage>,
}

#[derive(Debug)]
enum Way<'a> {
    Past(Storing),
    Library(PlainReader<'a>),
    /// The same for values that lie in chunks.
    LibraryChunks(PlainReader<'a>, StoredPlaces<'a>),
}

/// Values that can be read without the library.
#[derive(Debug)]
enum Storing {
    Contiguous { descriptor: fs::File, offset: u64 },
    Chunks(ChunkStore),
}

/// The part of a [`Reader`] that does not need the library, so that any thread may read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DirectReader<'a> {
    stored: &'a Geometry,
    transpose: bool,
    storing: &'a Storing,
    salvage: Option<&'a Salvage>,
}

impl<'a> Reader<'a> {
    /// A reader of a dataset with two dimensions.
    pub(crate) fn new(
        file: &File,
        dataset: &'a Dataset,
        route: Route,
        limit: u64,
    ) -> Result<Self, ValuesError> {
        let geometry = geometry(dataset)?;
        let chunks_through_library = || {
            let places = StoredPlaces::of(file, dataset)?;
            Ok::<_, ValuesError>(Way::LibraryChunks(dataset.plain_reader()?, places))
        };
        let way = match (route, dataset.properties()?.storage()?) {
            (_, Storage::Contiguous) => match dataset.offset() {
                Some(offset) => Way::Past(Storing::Contiguous {
                    descriptor: file.descriptor().try_clone()?,
                    offset,
                }),
                None => Way::Library(dataset.plain_reader()?),
            },
            (Route::Fastest, Storage::Chunked) => {
                match ChunkStore::of(file, dataset, geometry, limit)? {
                    Some(store) => Way::Past(Storing::Chunks(store)),
                    None => chunks_through_library()?,
                }
            }
            (Route::Library, Storage::Chunked) => chunks_through_library()?,
            _ => Way::Library(dataset.plain_reader()?),
        };
        Ok(Reader {
            stored: geometry,
            transpose: false,
            way,
            salvage: None,
        })
    }

    /// A reader of the matrix of a plain file; `None` where that needs the library.
    pub(crate) fn of_plain(
        file: &fs::File,
        dataset: &PlainDataset,
        limit: u64,
    ) -> Result<Option<Self>, ValuesError> {
        let Some(stored) = plain_geometry(dataset) else {
            return Ok(None);
        };
        let storing = match &dataset.elements {
            PlainElements::At(offset) => Some(Storing::Contiguous {
                descriptor: file.try_clone()?,
                offset: *offset,
            }),
            PlainElements::Chunked { stored: chunks, .. } => {
                ChunkStore::of_plain(file, dataset, chunks, stored, limit)?.map(Storing::Chunks)
            }
            PlainElements::Read(_) => None,
        };
        Ok(storing.map(|storing| Reader {
            stored,
            transpose: false,
            way: Way::Past(storing),
            salvage: None,
        }))
    }

    /// The same matrix with its columns as rows, or not.
    #[must_use]
    pub(crate) fn transposed(self, transpose: bool) -> Self {
        Reader { transpose, ..self }
    }

    /// Continues after chunks that cannot be decoded, by this rule. Without one they are errors.
    #[must_use]
    pub(crate) fn salvaging(self, salvage: Option<&'a Salvage>) -> Self {
        Reader { salvage, ..self }
    }

    /// The matrix and the chunks it is stored in.
    pub(crate) fn geometry(&self) -> Geometry {
        match self.transpose {
            true => self.stored.transposed(),
            false => self.stored,
        }
    }

    /// Rows and columns that are decoded together: a window that cuts them decodes them twice.
    pub(crate) fn span(&self) -> (u64, u64) {
        match self.way {
            Way::Past(Storing::Contiguous { .. }) => (1, 1),
            Way::Past(Storing::Chunks(_)) | Way::Library(_) | Way::LibraryChunks(..) => {
                let geometry = self.geometry();
                (geometry.chunk_rows, geometry.chunk_columns)
            }
        }
    }

    /// What any thread may read with, unless the library is needed.
    pub(crate) fn direct(&self) -> Option<DirectReader<'_>> {
        match &self.way {
            Way::Past(storing) => Some(DirectReader {
                stored: &self.stored,
                transpose: self.transpose,
                storing,
                salvage: self.salvage,
            }),
            Way::Library(_) | Way::LibraryChunks(..) => None,
        }
    }

    /// Fills `values` with a window, row by row and tight.
    pub(crate) fn read(
        &self,
        window: &Window,
        values: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<(), ValuesError> {
        let read = |window: &Window, values: &mut [u8]| match &self.way {
            Way::Past(storing) => storing.read(&self.stored, window, values, scratch, self.salvage),
            Way::Library(reader) => read_tiles(&self.stored, window, values, |_, part, plain| {
                Ok(reader.read(&part.block(), plain)?)
            }),
            Way::LibraryChunks(reader, places) => {
                read_tiles(&self.stored, window, values, |tile, part, plain| {
                    let Err(error) = reader.read(&part.block(), plain) else {
                        return Ok(());
                    };
                    let error = places.explain(tile, error);
                    match self.salvage {
                        Some(salvage) => salvage.take_tight(error, plain),
                        None => Err(error),
                    }
                })
            }
        };
        turned(self.transpose, &self.stored, window, values, read)
    }
}

impl Storing {
    fn read(
        &self,
        geometry: &Geometry,
        window: &Window,
        values: &mut [u8],
        scratch: &mut Scratch,
        salvage: Option<&Salvage>,
    ) -> Result<(), ValuesError> {
        match self {
            Storing::Contiguous { descriptor, offset } => {
                read_contiguous(descriptor, *offset, geometry, window, values)
            }
            Storing::Chunks(store) => store.read(window, values, scratch, salvage),
        }
    }
}

impl DirectReader<'_> {
    /// Fills `values` with a window, row by row and tight.
    pub(crate) fn read(
        &self,
        window: &Window,
        values: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<(), ValuesError> {
        let read = |window: &Window, values: &mut [u8]| {
            self.storing
                .read(self.stored, window, values, scratch, self.salvage)
        };
        turned(self.transpose, self.stored, window, values, read)
    }
}

/// Reads chunk by chunk: the library makes one copy of a chunk that fills its memory as stored, and one copy
/// per row of a part of a wider window.
fn read_tiles(
    geometry: &Geometry,
    window: &Window,
    values: &mut [u8],
    read: impl Fn(&Tile, &Window, &mut [u8]) -> Result<(), ValuesError>,
) -> Result<(), ValuesError> {
    let mut plain = Vec::new();
    for tile in overlapping(geometry, window) {
        let part = Window {
            rows: tile.row.max(window.rows.start)..(tile.row + tile.rows).min(window.rows.end),
            columns: tile.column.max(window.columns.start)
                ..(tile.column + tile.columns).min(window.columns.end),
        };
        let bytes = part.elements().saturating_mul(geometry.item as u64);
        plain.resize(usize::try_from(bytes).unwrap_or(usize::MAX), 0);
        read(&tile, &part, &mut plain)?;
        let within = Geometry {
            chunk_rows: part.height(),
            chunk_columns: part.width(),
            ..*geometry
        };
        let part = Tile {
            row: part.rows.start,
            column: part.columns.start,
            rows: part.height(),
            columns: part.width(),
        };
        scatter(&within, &part, &plain, window, values);
    }
    Ok(())
}
