//! Where the new file of a migration goes.

use super::lane::Lane;
use super::source::Source;
use crate::archive::{Backup, Candidate, Order, Original};
use std::path::Path;

/// Where the new file goes.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// Over the old one, which is kept like this.
    InPlace(&'a Backup),
    /// Under another name.
    Elsewhere(&'a Path),
}

impl<'a> Target<'a> {
    /// What the commit is to do.
    pub(super) fn order(
        self,
        lane: &Lane<'_>,
        candidate: &'a Candidate,
        source: &'a Source,
    ) -> Order<'a> {
        let original = Original {
            path: &candidate.path,
            stamp: &source.stamp,
        };
        match self {
            Target::InPlace(backup) => Order::InPlace {
                original,
                relative: &candidate.relative,
                backup,
            },
            Target::Elsewhere(destination) => Order::Elsewhere {
                original: Some(original),
                destination,
                overwrite: lane.settings.overwrite,
            },
        }
    }
}
