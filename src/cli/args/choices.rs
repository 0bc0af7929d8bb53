//! Values of options that several commands have.

use crate::jobs::settings::IfCurrent;
use crate::model::plan::policy::{Shuffle, Verification};
use clap::ValueEnum;

/// `--shuffle`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ShuffleName {
    /// The smaller result
    Auto,
    /// Always
    On,
    /// Never
    Off,
}

/// `--if-current`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum IfCurrentName {
    /// Copy it, byte for byte
    Copy,
    /// Give it another name (a hard link)
    Link,
    /// Write no output
    Skip,
}

/// `--verify`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum VerifyLevel {
    /// Every value is read back through the HDF5 library's own filters
    Full,
    /// Every value is decoded from the raw chunks
    Fast,
    /// Nothing is read back
    None,
}

impl From<ShuffleName> for Shuffle {
    fn from(name: ShuffleName) -> Self {
        match name {
            ShuffleName::Auto => Shuffle::Auto,
            ShuffleName::On => Shuffle::On,
            ShuffleName::Off => Shuffle::Off,
        }
    }
}

impl From<IfCurrentName> for IfCurrent {
    fn from(name: IfCurrentName) -> Self {
        match name {
            IfCurrentName::Copy => IfCurrent::Copy,
            IfCurrentName::Link => IfCurrent::Link,
            IfCurrentName::Skip => IfCurrent::Skip,
        }
    }
}

impl From<VerifyLevel> for Verification {
    fn from(level: VerifyLevel) -> Self {
        match level {
            VerifyLevel::Full => Verification::Full,
            VerifyLevel::Fast => Verification::Fast,
            VerifyLevel::None => Verification::None,
        }
    }
}
