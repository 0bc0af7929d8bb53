//! Bytes by folder: an icicle, whose columns are the depths of the tree and whose heights are bytes.
//!
//! The page draws the same with more detail where it can run programs; this one is for those where it cannot, for
//! paper, and for the time until then.

use crate::report::folders::Folder;
use crate::report::html::charts::{percent, shortened, svg};
use crate::report::html::html;
use crate::report::quantity;

const HEIGHT: u64 = 340;
const DEPTHS: u64 = 4;
/// Lower boxes are left out.
const LOWEST: u64 = 3;
/// Lower boxes have no label.
const LABELLED: u64 = 15;

/// The folders below one, `path`.
pub(in crate::report::html) fn icicle(top: &Folder, path: &str) -> String {
    let depths = depth(top).min(DEPTHS);
    let mut boxes = String::new();
    let place = FolderBox {
        column: 0,
        columns: depths + 1,
        y: 0,
        height: HEIGHT,
    };
    let name = if path.is_empty() { "all folders" } else { path };
    draw(top, name, place, &mut boxes);
    let title = format!(
        "Bytes by folder: {} {}",
        shortened(name, 60),
        quantity::bytes(top.bytes)
    );
    svg("icicle", 340, &title, &boxes)
}

/// Levels of folders below this one.
fn depth(folder: &Folder) -> u64 {
    let below = folder.folders.values().map(depth).max();
    below.map_or(0, |below| below + 1)
}

#[derive(Debug, Clone, Copy)]
struct FolderBox {
    column: u64,
    columns: u64,
    y: u64,
    height: u64,
}

fn draw(folder: &Folder, name: &str, place: FolderBox, boxes: &mut String) {
    let FolderBox {
        column,
        columns,
        y,
        height,
    } = place;
    let size = quantity::bytes(folder.bytes);
    let label = match height {
        LABELLED.. => format!(
            "<text x=\"6\" y=\"12\">{} <tspan class=\"quiet\">{size}</tspan></text>",
            html(&shortened(name, 48)),
        ),
        _ => String::new(),
    };
    let class = match folder.decisions {
        0 => "",
        _ => " decision",
    };
    *boxes += &format!(
        "<svg x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{height}\"><rect class=\"folder depth{}{class}\" \
         width=\"100%\" height=\"100%\"/>{label}<title>{}: {size}, {}</title></svg>",
        percent(column, columns),
        percent(1, columns),
        column % 4,
        html(name),
        quantity::counted(folder.files, "file"),
    );
    if column + 1 == columns {
        return;
    }
    let mut below: Vec<&Folder> = folder.folders.values().collect();
    below.sort_by_key(|folder| std::cmp::Reverse(folder.bytes));
    let mut top = 0;
    for (at, next) in below.iter().enumerate() {
        let share = u128::from(next.bytes) * u128::from(height) / u128::from(folder.bytes.max(1));
        let share = u64::try_from(share).unwrap_or(height);
        let place = FolderBox {
            column: column + 1,
            columns,
            y: y + top,
            height: share,
        };
        if share < LOWEST {
            draw_rest(&below[at..], folder, place, height, boxes);
            break;
        }
        draw(next, &next.name, place, boxes);
        top += share;
    }
}

/// One box for all folders that are too small for their own.
fn draw_rest(rest: &[&Folder], parent: &Folder, place: FolderBox, height: u64, boxes: &mut String) {
    let bytes: u64 = rest.iter().map(|folder| folder.bytes).sum();
    let share = u128::from(bytes) * u128::from(height) / u128::from(parent.bytes.max(1));
    let share = u64::try_from(share).unwrap_or(height);
    if share < LOWEST {
        return;
    }
    let count = u64::try_from(rest.len()).unwrap_or(u64::MAX);
    let title = format!(
        "{}, {}",
        quantity::counted(count, "smaller folder"),
        quantity::bytes(bytes)
    );
    let label = match share {
        LABELLED.. => format!("<text class=\"quiet\" x=\"6\" y=\"12\">{title}</text>"),
        _ => String::new(),
    };
    *boxes += &format!(
        "<svg x=\"{}\" y=\"{}\" width=\"{}\" height=\"{share}\"><rect class=\"folder rest\" width=\"100%\" \
         height=\"100%\"/>{label}<title>{title}</title></svg>",
        percent(place.column, place.columns),
        place.y,
        percent(1, place.columns),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::folders::Folders;

    #[test]
    fn heights_are_shares_of_bytes() {
        let mut folders = Folders::default();
        folders.count("old/a/1.h5", 750, "skip", false);
        folders.count("old/b<i>/2.h5", 250, "refuse", true);
        let (top, path) = folders.top();
        let drawn = icicle(top, &path);
        assert!(drawn.contains("x=\"0.00%\" y=\"0\" width=\"50.00%\" height=\"340\""));
        assert!(drawn.contains("x=\"50.00%\" y=\"0\" width=\"50.00%\" height=\"255\""));
        assert!(drawn.contains("x=\"50.00%\" y=\"255\" width=\"50.00%\" height=\"85\""));
        assert!(drawn.contains("folder depth1 decision"));
        assert!(drawn.contains("b&lt;i&gt;: 250 B, 1 file"));
    }

    #[test]
    fn small_folders_share_a_box() {
        let mut folders = Folders::default();
        folders.count("old/a/1.h5", 500, "skip", false);
        for number in 0..500 {
            folders.count(&format!("old/small-{number}/1.h5"), 1, "skip", false);
        }
        let (top, path) = folders.top();
        let drawn = icicle(top, &path);
        assert_eq!(drawn.matches("<rect").count(), 3);
        assert!(drawn.contains("500 smaller folders, 500 B"), "{drawn}");
    }
}
