//! Filters of a pipeline (section IV.A.2.l), by the numbers that the HDF Group registers.

use serde::{Deserialize, Serialize};

/// One step of a filter pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterFacts {
    /// Registered filter number.
    pub id: u32,
    /// Name in h5py and h5dump, or the file's own name for it.
    pub name: String,
    /// Client data of the filter, gzip's level for instance.
    pub parameters: Vec<u32>,
    /// Whether this build can decode it.
    pub available: bool,
}

impl FilterFacts {
    /// `H5Z_FILTER_DEFLATE`.
    pub const DEFLATE: u32 = 1;
    /// `H5Z_FILTER_SHUFFLE`.
    pub const SHUFFLE: u32 = 2;
    /// `H5Z_FILTER_FLETCHER32`.
    pub const FLETCHER32: u32 = 3;
    /// h5py's LZF, registered with the HDF Group.
    pub const LZF: u32 = 32000;

    /// What h5py, h5dump and the registry of filters call them.
    pub fn known_name(filter: u32) -> Option<&'static str> {
        Some(match filter {
            Self::DEFLATE => "gzip",
            Self::SHUFFLE => "shuffle",
            Self::FLETCHER32 => "fletcher32",
            4 => "szip",
            5 => "nbit",
            6 => "scaleoffset",
            Self::LZF => "lzf",
            307 => "bzip2",
            32001 => "blosc",
            32004 => "lz4",
            32008 => "bitshuffle",
            32013 => "zfp",
            32015 => "zstd",
            32026 => "blosc2",
            _ => return None,
        })
    }
}
