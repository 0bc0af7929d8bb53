//! Options that contradict each other, or are invalid.

use crate::options::{CommentOption, LayoutOption, QuoteOption, ReadOptions};
use crate::problem::MatrixError;

/// Refuses them, before any file is opened.
pub(crate) fn check(options: &ReadOptions) -> Result<(), MatrixError> {
    let refuse = |reason: String| Err(MatrixError::refused(reason, ""));
    let shown = |byte: u8| char::from(byte).escape_default().to_string();
    let unfit = |byte: u8| !byte.is_ascii() || matches!(byte, b'\n' | b'\r' | 0);
    let number = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if let Some(separator) = options.separator {
        if unfit(separator) || number(separator) {
            return refuse(format!("`{}` cannot separate fields", shown(separator)));
        }
        if separator == options.decimal {
            return refuse("the separator and the decimal mark are the same".to_string());
        }
    }
    if !matches!(options.decimal, b'.' | b',') {
        return refuse(format!(
            "the decimal mark is . or , and not `{}`",
            shown(options.decimal)
        ));
    }
    if let Some(mark) = options.thousands
        && (unfit(mark) || number(mark) && mark != b'.' || mark == options.decimal)
    {
        return refuse(format!("`{}` cannot group thousands", shown(mark)));
    }
    if let QuoteOption::Character(quote) = options.quote
        && (unfit(quote) || number(quote) || Some(quote) == options.separator)
    {
        return refuse(format!("`{}` cannot be the quote", shown(quote)));
    }
    if options.transpose && options.value_column.is_some() {
        return refuse(
            "one column of a table that is turned round is one gene, not one sample".to_string(),
        );
    }
    if options.transpose && !matches!(options.layout, LayoutOption::Auto | LayoutOption::Plain) {
        return refuse(
            "counting programs write genes in rows, which are not turned round".to_string(),
        );
    }
    if matches!(&options.comment, CommentOption::Prefix(prefix) if prefix.is_empty()) {
        return refuse("an empty comment prefix would make every line a comment".to_string());
    }
    Ok(())
}
