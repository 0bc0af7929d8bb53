//! Pictures as SVG. Lengths along a line are per cent and heights are pixels, so that a picture fits any width without
//! a program, and its text keeps its size.

mod folders;
mod shapes;
mod timeline;

pub(super) use folders::icicle;
pub(super) use shapes::shapes;
pub(super) use timeline::{curve, slowest};

use crate::report::html::html;

/// One part of a bar, or one bar of several.
#[derive(Debug)]
pub(super) struct Part {
    /// Of the style sheet.
    pub(super) class: &'static str,
    pub(super) label: String,
    pub(super) value: u64,
    /// The value as it is written.
    pub(super) text: String,
}

/// Parts of a whole, one after the other on one line.
pub(super) fn stacked(title: &str, parts: &[Part]) -> String {
    let whole: u64 = parts.iter().map(|part| part.value).sum();
    // The least part can still be seen.
    let least = whole.div_ceil(250);
    let shown = |part: &Part| match part.value {
        0 => 0,
        value => value.max(least),
    };
    let width = parts.iter().map(shown).sum();
    let mut rects = String::new();
    let mut x = 0;
    for part in parts {
        let shown = shown(part);
        rects += &format!(
            "<rect class=\"{}\" x=\"{}\" y=\"0\" width=\"{}\" height=\"22\"><title>{}: {}</title></rect>",
            part.class,
            percent(x, width),
            percent(shown, width),
            html(&part.label),
            html(&part.text),
        );
        x += shown;
    }
    let told: Vec<String> = parts
        .iter()
        .map(|part| format!("{} {}", part.label, part.text))
        .collect();
    svg(
        "stacked",
        22,
        &format!("{title}: {}", told.join(", ")),
        &rects,
    )
}

/// Bars one below the other, each with its label and value above it.
pub(super) fn bars(title: &str, parts: &[Part]) -> String {
    const STEP: usize = 36;
    let longest = parts.iter().map(|part| part.value).max().unwrap_or(0);
    let mut drawn = String::new();
    for (row, part) in parts.iter().enumerate() {
        let y = row * STEP;
        drawn += &format!(
            "<svg x=\"0\" y=\"{y}\" width=\"72%\" height=\"18\"><text x=\"0\" y=\"13\">{}</text></svg>\
             <text class=\"value\" x=\"100%\" y=\"{}\">{}</text>\
             <rect class=\"{}\" x=\"0\" y=\"{}\" width=\"{}\" height=\"10\"/>",
            html(&part.label),
            y + 13,
            html(&part.text),
            part.class,
            y + 18,
            percent(part.value, longest),
        );
    }
    let told: Vec<String> = parts
        .iter()
        .map(|part| format!("{} {}", part.label, part.text))
        .collect();
    let title = format!("{title}: {}", told.join(", "));
    svg("bars", parts.len() * STEP, &title, &drawn)
}

/// A picture; its title is read out in its place.
fn svg(class: &str, height: usize, title: &str, content: &str) -> String {
    format!(
        "<svg class=\"{class}\" role=\"img\" width=\"100%\" height=\"{height}\" aria-label=\"{}\">{content}</svg>",
        html(title)
    )
}

/// A part of a whole in per cent, with two decimals.
fn percent(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part) * 10_000 / u128::from(whole.max(1));
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// Text of at most so many characters; what is left out is in the middle, since paths differ at their ends.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_string();
    }
    let start = most / 3;
    let end = most.saturating_sub(start + 1);
    let first = text.chars().take(start);
    let last = text.chars().skip(length - end);
    first.chain(['…']).chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(label: &str, value: u64) -> Part {
        Part {
            class: "work",
            label: label.to_string(),
            value,
            text: value.to_string(),
        }
    }

    #[test]
    fn parts_fill_their_line_and_none_is_invisible() {
        let drawn = stacked("Files", &[part("legacy", 999_999), part("busy", 1)]);
        assert!(
            drawn.contains("x=\"0.00%\" y=\"0\" width=\"99.60%\""),
            "{drawn}"
        );
        assert!(
            drawn.contains("x=\"99.60%\" y=\"0\" width=\"0.39%\""),
            "{drawn}"
        );
        assert!(drawn.contains("aria-label=\"Files: legacy 999999, busy 1\""));
    }

    #[test]
    fn labels_are_inert() {
        let hostile = "</text><script>alert(1)</script>\u{202e}\"";
        for drawn in [
            stacked("t", &[part(hostile, 1)]),
            bars("t", &[part(hostile, 1)]),
        ] {
            assert!(!drawn.contains("<script"), "{drawn}");
            assert!(!drawn.contains('\u{202e}'));
            assert!(drawn.contains("&lt;script&gt;"));
        }
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        assert!(bars("t", &[part("empty", 0)]).contains("width=\"0.00%\""));
        stacked("t", &[part("empty", 0)]);
        stacked("t", &[]);
    }

    #[test]
    fn paths_are_shortened_in_the_middle() {
        assert_eq!(shortened("archive/a.h5", 12), "archive/a.h5");
        assert_eq!(shortened("archive/study/a.h5", 12), "arch…dy/a.h5");
        assert_eq!(shortened("样本样本样本", 4), "样…样本");
    }
}
