//! Matrices written as text, read back.
#![expect(
    clippy::unwrap_used,
    reason = "tests, and what they share, may fail like this"
)]

mod first_lines;
mod identity;
mod known_tables;
mod reading;
mod rows;
mod shapes;
mod spreadsheets;
mod streams;
