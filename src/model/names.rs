//! Names: where they are looked for, how lists of them are read, and which of them a new file takes. Pure.

pub(crate) mod form;
pub(crate) mod joined;
pub(crate) mod list;
pub(crate) mod place;
pub(crate) mod requested;
pub(crate) mod rule_file;
pub mod rules;
pub(crate) mod scale_role;
pub(crate) mod select;
pub(crate) mod source;
