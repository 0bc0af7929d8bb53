//! The genes and samples of a chunk, as text. Pure.

use crate::worker::chunks::geometry::Tile;
use string_list::StringList;

/// Longer names are cut in messages.
const LONGEST: usize = 60;

/// ``genes `A` to `K`, samples `S1` to `S8` ``; `None` if names are missing for some of them.
pub(crate) fn of(tile: &Tile, genes: &StringList, samples: &StringList) -> Option<String> {
    let genes = range("gene", genes, tile.row, tile.rows)?;
    let samples = range("sample", samples, tile.column, tile.columns)?;
    Some(format!("{genes}, {samples}"))
}

fn range(noun: &str, names: &StringList, start: u64, length: u64) -> Option<String> {
    let last = start.checked_add(length)?.checked_sub(1)?;
    let name = |index: u64| names.get(usize::try_from(index).ok()?).map(shown);
    let (first, last) = (name(start)?, name(last)?);
    Some(match length {
        1 => format!("{noun} `{first}`"),
        _ => format!("{noun}s `{first}` to `{last}`"),
    })
}

fn shown(name: &[u8]) -> String {
    let text = match std::str::from_utf8(name) {
        Ok(text) => text.to_string(),
        Err(_) => name.escape_ascii().to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(stem: &str, count: usize) -> StringList {
        (0..count).map(|n| format!("{stem}{n}")).collect()
    }

    const TILE: Tile = Tile {
        row: 2,
        column: 3,
        rows: 2,
        columns: 1,
    };

    #[test]
    fn first_and_last_are_named() {
        let said = of(&TILE, &names("G", 4), &names("S", 4)).unwrap();
        assert_eq!(said, "genes `G2` to `G3`, sample `S3`");
    }

    #[test]
    fn where_names_are_missing_nothing_is_said() {
        assert_eq!(of(&TILE, &names("G", 3), &names("S", 4)), None);
        assert_eq!(of(&TILE, &names("G", 4), &StringList::default()), None);
    }

    #[test]
    fn a_hostile_name_is_cut_or_escaped() {
        assert_eq!(shown(&[b'x'; 500]), format!("{}...", "x".repeat(60)));
        assert_eq!(shown(b"M\xfcller"), "M\\xfcller");
        assert_eq!(shown("ü".repeat(60).as_bytes()), "ü".repeat(60));
    }
}
