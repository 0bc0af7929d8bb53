//! Terms of the HDF5 file format that both readers of h5lift share: the one that calls libhdf5 and the one that does not.
//!
//! Sections are those of the HDF5 File Format Specification, version 3.0.
//!
//! ```
//! use hdf5_format::element::{Padding, unpadded};
//!
//! assert_eq!(unpadded(b"TP53\0\0", Padding::NullPadded), b"TP53");
//! ```

pub mod element;
pub mod filter;
pub mod storage;
pub mod stored_chunks;
