//! The sentence that says how far a batch is, in parts: if a line is too short, some are left out.

/// A part of the sentence that says how far a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub about: About,
    pub text: String,
}

/// The subject of a phrase, the most dispensable first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum About {
    /// Files that only wait for the disk.
    Waiting,
    /// Bytes done, which a bar shows as well.
    Bytes,
    /// Bytes a second.
    Speed,
    /// Time to the end.
    TimeLeft,
    /// Files that failed or were refused.
    NotDone,
    /// Files done.
    Files,
}

impl Phrase {
    pub(crate) fn new(about: About, text: String) -> Self {
        Phrase { about, text }
    }
}

pub(crate) fn sentence(phrases: &[Phrase]) -> String {
    let texts: Vec<&str> = phrases.iter().map(|phrase| phrase.text.as_str()).collect();
    texts.join(", ")
}
