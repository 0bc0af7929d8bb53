//! Pure data and judgement: no I/O, no HDF5, nothing but std and serde.
//!
//! Data flows one way: [`facts`] (what a worker saw) -> [`detect`] (the state)
//! -> [`decide`] (what to do, with reasons; for a worker a [`recipe`]) -> [`record`] (the row of a report).
//! [`lint`] looks for odd names and values. [`message`] holds what parent and workers say to each other.

mod chosen_names;
pub mod chunking;
pub mod decide;
pub mod detect;
pub mod digest;
pub mod facts;
pub mod failure;
pub mod finding;
mod findings;
pub mod in_words;
pub mod joined;
pub mod layout;
pub mod lint;
pub mod message;
pub mod name_list;
pub mod name_source;
pub mod names_facts;
pub mod names_form;
mod new_storage;
pub mod outcome;
pub mod path_text;
pub mod phase;
pub mod place;
pub mod plan;
pub mod policy;
pub mod recipe;
pub mod record;
pub mod report;
pub mod rules;
pub mod salvage;
pub mod state;
mod steps;
pub mod stored;
pub mod stored_chunks;
pub mod text_matrix;
pub mod texts;
pub mod toy;
pub mod wished_form;
pub mod wishes;
