//! Where the new file of a migration goes.

use crate::files::{Backup, Candidate, Order, Original};
use crate::jobs::context::JobContext;
use crate::jobs::steps::source::OpenSource;
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
    pub(crate) fn order(
        self,
        context: &JobContext<'_>,
        candidate: &'a Candidate,
        source: &'a OpenSource,
    ) -> Order<'a> {
        let original = Original {
            path: &candidate.path,
            snapshot: &source.snapshot,
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
                overwrite: context.settings.overwrite,
            },
        }
    }
}
