//! Options of the command line, and the settings that they become.

pub(crate) mod choices;
pub(crate) mod chosen;
pub(crate) mod lists;
pub(crate) mod migrate;
pub(crate) mod name_sources;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod places;
pub(crate) mod rules;
pub(crate) mod shard;
pub(crate) mod text;
pub(crate) mod tmp_dir;
pub(crate) mod trust;
