//! Calls into the library, and what it says when they fail.

use hdf5_sys::h5::{herr_t, hsize_t, htri_t};

/// The result of a call into the library.
pub type Result<T> = std::result::Result<T, H5Error>;

/// The error of the library, or of a check around it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {cause}")]
pub struct H5Error {
    /// The step that failed, as in "reading an attribute".
    pub what: String,
    /// The library's own explanation, outermost and innermost message.
    pub cause: String,
}

impl H5Error {
    /// An error that a check of this crate found, not the library.
    pub fn found(what: impl Into<String>, cause: impl Into<String>) -> Self {
        H5Error {
            what: what.into(),
            cause: cause.into(),
        }
    }

    /// What the library says of the call that has just failed.
    pub(crate) fn current(what: &str) -> Self {
        H5Error::found(what, stack_text())
    }
}

/// The outermost and the innermost message of the error stack: what failed, and why.
fn stack_text() -> String {
    let unknown = || "the library failed without saying why".to_string();
    let Ok(error) = hdf5::Error::query() else {
        return unknown();
    };
    let Some(stack) = error.stack() else {
        return unknown();
    };
    // The first frame is the innermost one.
    let mut messages: Vec<String> = Vec::new();
    for index in [stack.len().wrapping_sub(1), 0] {
        if let Some(frame) = stack.get(index) {
            let message = without_addresses(frame.desc().trim());
            if !message.is_empty() && !messages.contains(&message) {
                messages.push(message);
            }
        }
    }
    if messages.is_empty() {
        unknown()
    } else {
        messages.join(": ")
    }
}

/// What the system said, where the library wraps it in times, descriptors and addresses.
fn without_addresses(message: &str) -> String {
    let system = message
        .split_once("error message = '")
        .and_then(|(_, rest)| rest.split_once('\''));
    match (message.split_once(": "), system) {
        (Some((what, _)), Some((said, _))) => format!("{what}: {said}"),
        _ => message.to_string(),
    }
}

/// Runs a call that returns a status.
pub(crate) fn done(what: &str, call: impl FnOnce() -> herr_t) -> Result<()> {
    hdf5::sync::sync(|| {
        if call() < 0 {
            return Err(H5Error::current(what));
        }
        Ok(())
    })
}

/// Runs a call that answers yes, no, or could not look.
pub(crate) fn yes(what: &str, call: impl FnOnce() -> htri_t) -> Result<bool> {
    hdf5::sync::sync(|| match call() {
        0 => Ok(false),
        answer if answer > 0 => Ok(true),
        _ => Err(H5Error::current(what)),
    })
}

/// Runs a call that returns a count, negative on failure.
pub(crate) fn count<N>(what: &str, call: impl FnOnce() -> N) -> Result<usize>
where
    usize: TryFrom<N>,
{
    hdf5::sync::sync(|| usize::try_from(call()).map_err(|_| H5Error::current(what)))
}

/// Runs a call that returns a size, 0 on failure.
pub(crate) fn size(what: &str, call: impl FnOnce() -> usize) -> Result<usize> {
    hdf5::sync::sync(|| match call() {
        0 => Err(H5Error::current(what)),
        size => Ok(size),
    })
}

/// A length of the library as an index of this machine.
pub(crate) fn index(what: &str, length: hsize_t) -> Result<usize> {
    usize::try_from(length)
        .map_err(|_| H5Error::found(what, format!("{length} elements do not fit into memory")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_error_is_told_without_addresses() {
        let told = "file write failed: time = Sun Nov 22 09:29:01 2026, filename = '/dev/fd/8', file \
                    descriptor = 9, errno = 28, error message = 'No space left on device', buf = 0x7f8b";
        assert_eq!(
            without_addresses(told),
            "file write failed: No space left on device"
        );
        assert_eq!(without_addresses("bad heap: 3"), "bad heap: 3");
    }
}
