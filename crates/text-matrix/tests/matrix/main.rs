//! Matrices written as text, read back.
#![expect(
    clippy::unwrap_used,
    reason = "tests, and what they share, may fail like this"
)]

mod identity;
mod reading;
mod rows;
mod shapes;
mod streams;
