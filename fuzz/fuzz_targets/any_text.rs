//! Any bytes: no panic, no hang, every error has a place; and what was read, written and read again is the
//! same.

#![no_main]

use text_matrix::{
    CommentOption, Duplicates, EncodingOption, HeaderOption, LayoutOption, QuoteOption, ValueType, ReadOptions,
};
use h5lift_fuzz::{Style, check_error, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The first bytes are options: a space stands for the default.
    let Some(([first, second], text)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let (first, second) = (first ^ b' ', second ^ b' ');
    let options = ReadOptions {
        separator: [None, Some(b'\t'), Some(b','), Some(b' ')][usize::from(first & 3)],
        quote: [QuoteOption::Auto, QuoteOption::None][usize::from(first >> 2 & 1)],
        header: [
            HeaderOption::Auto,
            HeaderOption::Yes,
            HeaderOption::Short,
            HeaderOption::No,
        ][usize::from(first >> 3 & 3)],
        values: [ValueType::F64, ValueType::F32][usize::from(first >> 5 & 1)],
        duplicates: [
            Duplicates::Error,
            Duplicates::Keep,
            Duplicates::Suffix,
            Duplicates::Error,
        ][usize::from(first >> 6)],
        comment: [
            CommentOption::Auto,
            CommentOption::None,
            CommentOption::Prefix("//".to_string()),
            CommentOption::Auto,
        ][usize::from(second & 3)]
        .clone(),
        layout: [
            LayoutOption::Auto,
            LayoutOption::Plain,
            LayoutOption::StarCounts,
            LayoutOption::HtseqCounts,
        ][usize::from(second >> 2 & 3)],
        encoding: [
            EncodingOption::Auto,
            EncodingOption::Utf8,
            EncodingOption::Utf16Le,
            EncodingOption::Latin1,
        ][usize::from(second >> 4 & 3)],
        decimal: [b'.', b','][usize::from(second >> 6 & 1)],
        allow_empty: second >> 7 == 1,
        block_bytes: 1 << 17,
        longest_line: 1 << 18,
        ..ReadOptions::default()
    };
    match read(text, &options) {
        Err(error) => check_error(&error),
        // A header alone says too little: the number of samples, and whether it is a line with carriage
        // returns, are unknown.
        Ok(matrix) if matrix.genes.is_empty() => {}
        Ok(matrix) => {
            let style = Style::PLAIN;
            let again = read(&style.write(&matrix), &style.read_options(ValueType::F64));
            assert_eq!(again.expect("what was written can be read"), matrix);
        }
    }
});
