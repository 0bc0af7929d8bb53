//! Why a request could not be served.

use crate::model::protocol::failure::FailureKind;
use crate::worker::chunks::geometry::Tile;
use crate::worker::chunks::read::damage::ChunkDamage;
use crate::worker::chunks::{ValuesError, damaged_chunk};
use crate::worker::names::chunk_label;
use h5::error::H5Error;
use string_list::StringList;
use text_matrix::MatrixError;
use text_matrix::TextProblem;

/// A cause, and whose fault it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WorkerError {
    pub kind: FailureKind,
    pub message: String,
    /// The next step, where it is known here.
    pub help: Option<String>,
    /// The places of a text that cannot be read.
    pub places: Vec<TextProblem>,
    /// The chunk whose values cannot be had, when that is the cause.
    pub chunk: Option<Box<(Tile, ChunkDamage)>>,
}

/// The result of a part of a request.
pub type Result<T> = std::result::Result<T, WorkerError>;

impl WorkerError {
    /// A fault of a kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        WorkerError {
            kind,
            message: message.into(),
            help: None,
            places: Vec::new(),
            chunk: None,
        }
    }

    /// The same with a next step.
    #[must_use]
    pub fn with_help(self, help: &str) -> Self {
        WorkerError {
            help: Some(help.to_string()),
            ..self
        }
    }

    /// Names the genes and samples of the chunk that this is about, as far as there are names for
    /// them. The names of all rows and columns are given.
    #[must_use]
    pub fn naming(self, genes: &StringList, samples: &StringList) -> Self {
        let Some((tile, damage)) = self.chunk.as_deref() else {
            return self;
        };
        match chunk_label::of(tile, genes, samples) {
            Some(holds) => WorkerError {
                message: damaged_chunk(tile, &holds, damage),
                ..self
            },
            None => self,
        }
    }

    /// Old and new differ.
    pub fn mismatch(message: impl Into<String>) -> Self {
        WorkerError::new(FailureKind::Mismatch, message)
    }
}

/// Unless told otherwise, an error of the library is the source's fault.
impl From<H5Error> for WorkerError {
    fn from(error: H5Error) -> Self {
        let message = error.to_string();
        // HDF5 1.14 did not compare the two sizes, and PureHDF and others write a wrong one.
        if error.cause.contains("stored datatype size in chunk layout") {
            let message = format!("{message}: HDF5 2 refuses it, as PureHDF and others write it");
            return WorkerError::new(FailureKind::Unsupported, message).with_help(
                "HDF5 1.14 and older read it: `h5repack OLD NEW` of such a version writes a file that h5lift reads",
            );
        }
        let unread = WorkerError::new(FailureKind::Source, message);
        match error.cause.contains("incorrect metadata checksum") {
            true => unread.with_help(
                "restore it from a backup; h5lift has not changed it. If an older HDF5 reads it, \
                 `h5repack OLD NEW` of that version writes a file that h5lift reads",
            ),
            false => unread,
        }
    }
}

/// The system has not even one thread.
impl From<rayon::ThreadPoolBuildError> for WorkerError {
    fn from(error: rayon::ThreadPoolBuildError) -> Self {
        WorkerError::new(FailureKind::Resources, error.to_string())
    }
}

impl From<ValuesError> for WorkerError {
    fn from(error: ValuesError) -> Self {
        let kind = match error {
            ValuesError::TooLarge { .. } => FailureKind::Memory,
            ValuesError::Encoder(_) => FailureKind::Internal,
            _ => FailureKind::Source,
        };
        let message = error.to_string();
        let chunk = match error {
            ValuesError::Chunk { tile, damage } => Some(Box::new((tile, damage))),
            _ => None,
        };
        WorkerError {
            chunk,
            ..WorkerError::new(kind, message)
        }
    }
}

/// A text that is no matrix is the text's fault, and a disk that fails is the disk's.
impl From<MatrixError> for WorkerError {
    fn from(error: MatrixError) -> Self {
        let kind = match error {
            MatrixError::Io { .. } => FailureKind::Open,
            _ => FailureKind::Text,
        };
        let base = WorkerError {
            help: error.help().map(str::to_string),
            ..WorkerError::new(kind, error.to_string())
        };
        match error {
            MatrixError::Problems { problems, .. } => WorkerError {
                places: problems,
                ..base
            },
            _ => base,
        }
    }
}

/// Says that an error concerns the new file.
pub trait OfOutput<T> {
    /// The same with [`FailureKind::Output`].
    fn of_output(self) -> Result<T>;
}

impl<T, E: Into<WorkerError>> OfOutput<T> for std::result::Result<T, E> {
    fn of_output(self) -> Result<T> {
        self.map_err(|error| WorkerError {
            kind: FailureKind::Output,
            ..error.into()
        })
    }
}
