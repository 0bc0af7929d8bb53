//! Options that contradict each other, or are invalid.

use crate::options::{CommentWish, QuoteWish, Wishes};
use crate::problem::MatrixError;

/// Refuses them, before any file is opened.
pub(crate) fn check(wishes: &Wishes) -> Result<(), MatrixError> {
    let refuse = |reason: String| Err(MatrixError::refused(reason, ""));
    let shown = |byte: u8| char::from(byte).escape_default().to_string();
    let unfit = |byte: u8| !byte.is_ascii() || matches!(byte, b'\n' | b'\r' | 0);
    let number = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if let Some(separator) = wishes.separator {
        if unfit(separator) || number(separator) {
            return refuse(format!("`{}` cannot separate fields", shown(separator)));
        }
        if separator == wishes.decimal {
            return refuse("the separator and the decimal mark are the same".to_string());
        }
    }
    if !matches!(wishes.decimal, b'.' | b',') {
        return refuse(format!(
            "the decimal mark is . or , and not `{}`",
            shown(wishes.decimal)
        ));
    }
    if let QuoteWish::Character(quote) = wishes.quote
        && (unfit(quote) || number(quote) || Some(quote) == wishes.separator)
    {
        return refuse(format!("`{}` cannot be the quote", shown(quote)));
    }
    if matches!(&wishes.comment, CommentWish::Prefix(prefix) if prefix.is_empty()) {
        return refuse("an empty comment prefix would make every line a comment".to_string());
    }
    Ok(())
}
