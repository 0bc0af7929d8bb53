//! The sentence that tells how far a batch is, in parts: where a line is too short, some can be left out.

/// A part of the sentence that tells how far a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    /// What it is about.
    pub about: About,
    /// Its words.
    pub text: String,
}

/// What a phrase is about, the most dispensable first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
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
    /// A phrase.
    pub(super) fn new(about: About, text: String) -> Self {
        Phrase { about, text }
    }
}

/// Phrases as one sentence.
pub(super) fn sentence(phrases: &[Phrase]) -> String {
    let texts: Vec<&str> = phrases.iter().map(|phrase| phrase.text.as_str()).collect();
    texts.join(", ")
}
