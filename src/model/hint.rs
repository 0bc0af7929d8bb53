//! The next step after an error.

/// An error that knows what the user can do about it.
pub(crate) trait Hint: std::error::Error {
    /// The next step, as a phrase that follows "help:".
    fn hint(&self) -> String;
}
