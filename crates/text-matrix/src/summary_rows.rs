//! Rows of counting programs that are no genes: how many reads belonged to none, and why.

/// The program that writes such a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SummaryRow {
    Htseq,
    Star,
}

const HTSEQ: [&str; 5] = [
    "__no_feature",
    "__ambiguous",
    "__too_low_aQual",
    "__not_aligned",
    "__alignment_not_unique",
];
const STAR: [&str; 4] = ["N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous"];

impl SummaryRow {
    pub(crate) fn of(name: &str) -> Option<SummaryRow> {
        match name.as_bytes() {
            [b'_', b'_', ..] if HTSEQ.contains(&name) => Some(SummaryRow::Htseq),
            [b'N', b'_', ..] if STAR.contains(&name) => Some(SummaryRow::Star),
            _ => None,
        }
    }
}
