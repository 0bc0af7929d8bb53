//! What a single name looks like. Each question is about one kind of accident, and prefers to miss one: real
//! ids are as unusual as `MAR1`, `sep-1`, `NA12878` and `2310009E13`.

/// Headings of annotation columns and of the value columns of quantifiers, which become samples if a table is
/// read as a matrix.
const HEADINGS: [&str; 40] = [
    "chr",
    "chromosome",
    "description",
    "eff_length",
    "effectivelength",
    "effective_length",
    "end",
    "ensembl_id",
    "entrez_gene_id",
    "entrez_id",
    "entrezgene",
    "est_counts",
    "expected_count",
    "fpkm",
    "gene",
    "gene_biotype",
    "gene_id",
    "gene_ids",
    "gene_name",
    "gene_names",
    "gene_symbol",
    "gene_type",
    "geneid",
    "genename",
    "genesymbol",
    "id",
    "id_ref",
    "identifier",
    "length",
    "name",
    "numreads",
    "probe_id",
    "start",
    "strand",
    "symbol",
    "target_id",
    "tpm",
    "transcript_id",
    "transcript_id(s)",
    "tx_id",
];

/// Rows that STAR (`N_`) and HTSeq (`__`, bare before 0.6) put among the genes.
const COUNTERS: [&str; 14] = [
    "N_unmapped",
    "N_multimapping",
    "N_noFeature",
    "N_ambiguous",
    "__no_feature",
    "__ambiguous",
    "__too_low_aQual",
    "__not_aligned",
    "__alignment_not_unique",
    "no_feature",
    "ambiguous",
    "too_low_aQual",
    "not_aligned",
    "alignment_not_unique",
];

/// What pandas, R, SQL and spreadsheets write for a missing label.
const MISSING: [&str; 15] = [
    "nan", "NaN", "None", "NaT", "NA", "<NA>", "N/A", "#N/A", "n/a", "null", "NULL", "#NAME?",
    "#REF!", "#VALUE!", "#DIV/0!",
];

/// Months as spreadsheets abbreviate them, in the languages that make dates of MARCH1, SEPT2, DEC1, OCT4 or APR3:
/// English, German, French, Spanish, Portuguese, Italian, Dutch, Nordic, Polish, Russian.
#[rustfmt::skip]
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    "march", "april", "september", "october", "december",
    "mrz", "mär", "märz", "mai", "okt", "oktober", "dez", "dezember",
    "janv", "févr", "fevr", "mars", "avr", "avril", "juin", "juil", "août", "aout", "septembre", "octobre", "déc", "décembre",
    "ene", "abr", "ago", "dic", "marzo", "septiembre", "octubre", "diciembre",
    "fev", "março", "set", "out", "setembro", "outubro", "dezembro",
    "gen", "mag", "giu", "lug", "ott", "settembre", "ottobre", "dicembre",
    "mrt", "maart", "mei", "maj", "des", "desember",
    "sty", "lut", "kwi", "cze", "lip", "sie", "wrz", "paź", "lis", "gru",
    "мар", "апр", "сен", "окт", "дек",
];

/// Whether this is the heading of a column that is not a sample.
pub(crate) fn is_heading(name: &str) -> bool {
    // pandas calls a column without a heading `Unnamed: 3`.
    let is_unnamed = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    HEADINGS
        .iter()
        .any(|heading| heading.eq_ignore_ascii_case(name))
        || name.strip_prefix("Unnamed: ").is_some_and(is_unnamed)
}

/// Whether this row counts reads that belong to no gene.
pub(crate) fn is_counter(name: &str) -> bool {
    COUNTERS.contains(&name)
}

/// Whether this stands for a missing label.
pub(crate) fn is_missing(name: &str) -> bool {
    MISSING.contains(&name)
}

/// Whether this is how a program prints a float: `2.3e+19`, `1e+05`, `7157.0`.
///
/// `1E5` and `2310009E13` are intact ids, `1.2` may be a patient's second sample.
pub(crate) fn is_float(name: &str) -> bool {
    // Most names end here: every name is checked.
    if !unsigned(name).starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let (mantissa, exponent) = match name.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (name, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    if !is_digits(unsigned(whole)) || !fraction.is_none_or(is_digits) {
        return false;
    }
    match (fraction, exponent) {
        (_, Some(exponent)) => {
            let digits = unsigned(exponent);
            is_digits(digits) && (fraction.is_some() || digits.len() < exponent.len())
        }
        (Some(fraction), None) => fraction.bytes().all(|digit| digit == b'0'),
        (None, None) => false,
    }
}

/// Whether this is a date as a spreadsheet or pandas writes one: `1-Mar`, `01. Mrz`, `Mar-01`, `2-Sep-2001`,
/// `2001-03-01`, `01/03/2001`, `2001/3/1`, `01.03.2001`, `3月1日`.
///
/// `sep-1`, `SEP-1` and `dec-7` are genes and proteins of the worm.
pub(crate) fn is_date(name: &str) -> bool {
    // Most names end here: every name is checked.
    let Some(mark) = name.find(['-', '/', '.', ' ', '月', '월']) else {
        return false;
    };
    if let Some((month, day)) = name[mark..]
        .strip_prefix(['月', '월'])
        .map(|day| (&name[..mark], day))
    {
        return is_within(month, 12)
            && day
                .strip_suffix(['日', '일'])
                .is_some_and(|day| is_day(day.trim()));
    }
    let Some((first, rest)) = name.split_once('-') else {
        let (first, rest) = name.split_at(mark);
        let rest = rest.trim_start_matches(['.', ' ']);
        return is_numeric_date(name) || is_day(first) && is_month_and_year(rest);
    };
    match rest.split_once('-') {
        None if is_day(first) => is_month(rest),
        None => is_title_case(first) && is_month(first) && is_year(rest, 2),
        Some((month, year)) if is_day(first) && is_month(month) => {
            is_year(year, 2) || is_year(year, 4)
        }
        Some((month, rest)) => {
            let day = rest.split_once([' ', 'T']).map_or(rest, |(day, _)| day);
            is_year(first, 4) && month.len() == 2 && is_within(month, 12) && is_day(day)
        }
    }
}

/// `1/3/2001`, `2001/3/1` or `01.03.2001`.
fn is_numeric_date(name: &str) -> bool {
    let parts = |mark: char| {
        let (a, rest) = name.split_once(mark)?;
        Some((a, rest.split_once(mark)?))
    };
    let Some((a, (b, year))) = parts('/').or_else(|| parts('.')) else {
        return false;
    };
    is_year(year, 4) && is_day(a) && is_day(b) && (is_within(a, 12) || is_within(b, 12))
        || is_year(a, 4) && is_within(b, 12) && is_day(year)
}

/// `Mrz`, `Mrz. 2001`, `mars 01`.
fn is_month_and_year(text: &str) -> bool {
    let (month, year) = match text.find(['.', ' ']) {
        Some(end) => (&text[..end], text[end..].trim_start_matches(['.', ' '])),
        None => (text, ""),
    };
    is_month(month) && (year.is_empty() || is_year(year, 2) || is_year(year, 4))
}

/// Whether this may be the number of a day from 2000 to 2049, which a spreadsheet shows for a date whose format was
/// lost.
pub(crate) fn is_day_number(name: &str) -> bool {
    name.len() == 5
        && name
            .parse()
            .is_ok_and(|day: u32| (36_526..54_789).contains(&day))
}

/// Whether this is the path of an alignment file, as featureCounts names its columns.
pub(crate) fn is_path(name: &str) -> bool {
    let name = name.trim();
    let ends_with = |suffix: &str| {
        let at = name.len().wrapping_sub(suffix.len());
        name.get(at..)
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    [".bam", ".sam", ".cram"].into_iter().any(ends_with)
        || ["/", "./", "../", "~/"]
            .into_iter()
            .any(|root| name.starts_with(root))
}

/// Whether it begins or ends with a blank of any script.
pub(crate) fn has_blanks_around(name: &str) -> bool {
    name.trim().len() != name.len()
}

/// Whether it holds a control character or an invisible one: a zero-width or soft mark, a byte-order mark, a
/// change of direction.
pub(crate) fn has_unprintable(name: &str) -> bool {
    if name.is_ascii() {
        return name.bytes().any(|byte| byte.is_ascii_control());
    }
    name.chars().any(|c| {
        c.is_control()
            || matches!(
                c,
                '\u{ad}'
                    | '\u{200b}'..='\u{200f}'
                    | '\u{202a}'..='\u{202e}'
                    | '\u{2060}'..='\u{2069}'
                    | '\u{feff}'
            )
    })
}

/// The name before `X.2` in a row of renamed duplicates: `X.1`, and `X` before `X.1`.
pub(crate) fn renamed_after(name: &str) -> Option<String> {
    let (stem, number) = name.rsplit_once('.')?;
    if stem.is_empty() || !is_digits(number) || number.starts_with('0') {
        return None;
    }
    match number.parse::<u64>().ok()? {
        1 => Some(stem.to_string()),
        n => Some(format!("{stem}.{}", n - 1)),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// Whether this is one of `1..=largest`, in one or two digits.
fn is_within(text: &str, largest: u8) -> bool {
    is_digits(text)
        && text.len() <= 2
        && text
            .parse()
            .is_ok_and(|number: u8| (1..=largest).contains(&number))
}

fn is_day(text: &str) -> bool {
    is_within(text, 31)
}

fn is_month(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    MONTHS.contains(&text.to_lowercase().as_str())
}

fn is_year(text: &str, digits: usize) -> bool {
    is_digits(text)
        && text.len() == digits
        && (digits == 2 || text.starts_with("19") || text.starts_with("20"))
}

fn is_title_case(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase)
}

#[cfg(test)]
mod tests;
