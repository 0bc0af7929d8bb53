//! Rows of a file, counted before they are parsed: what is written can then be laid out at once.
//!
//! This reads the file a second time, at the speed of memory if it was read lately. So it is for files that
//! are not compressed, and small enough to stay in memory until they are parsed.

use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::rows::field::Marks;
use crate::rows::is_blank;

/// Bytes of a file that is not worth reading twice from the disk.
const LARGEST: u64 = 512 << 20;
/// Bytes that are examined together: they stay in a core's cache.
const BLOCK: usize = 256 << 10;

/// Counts the rows of a file.
#[derive(Debug)]
pub struct RowCounter {
    file: File,
    length: u64,
    /// Lines before the first row.
    above: u64,
    /// What separates fields, and may enclose line breaks.
    marks: Marks,
}

impl RowCounter {
    /// For a file whose rows are lines, as long as no `quote` is in it.
    pub(crate) fn new(file: File, above: u64, marks: Marks) -> Option<Self> {
        // By descriptor alone: a caller may be confined to calls that take no path.
        let status = rustix::fs::fstat(&file).ok()?;
        let is_file = rustix::fs::FileType::from_raw_mode(status.st_mode).is_file();
        let length = u64::try_from(status.st_size).ok()?;
        (is_file && length <= LARGEST).then_some(RowCounter {
            file,
            length,
            above,
            marks,
        })
    }

    /// The number of rows, unless some may be more than one line. It is what a reader finds, if that finds
    /// nothing wrong and no process writes to the file.
    pub fn count(&self) -> Option<u64> {
        let mut block = vec![0; BLOCK];
        let (mut at, mut lines) = (0, 0);
        let separator = self.marks.separator;
        // Lines up to the last one that is not empty, and how much of a line has come after these.
        let (mut rows_end, mut open) = (0, Vec::new());
        while at < self.length {
            let read = match self.file.read_at(&mut block, at) {
                Ok(0) => break,
                Ok(read) => &block[..read],
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => return None,
            };
            at += read.len() as u64;
            if self
                .marks
                .quote
                .is_some_and(|quote| memchr::memchr(quote, read).is_some())
            {
                return None;
            }
            let Some(last) = memchr::memrchr(b'\n', read) else {
                self.keep_end(&mut open, read);
                continue;
            };
            let whole = &read[..last];
            let breaks = memchr::memchr_iter(b'\n', whole).count() as u64 + 1;
            // From the end back: nearly always the last line is not blank.
            let mut end = whole.len();
            let mut line = lines + breaks;
            loop {
                let start = memchr::memrchr(b'\n', &whole[..end]).map_or(0, |at| at + 1);
                let joined = start == 0 && !is_blank(&open, separator);
                if joined || !is_blank(&whole[start..end], separator) {
                    rows_end = line;
                    break;
                }
                if start == 0 {
                    break;
                }
                end = start - 1;
                line -= 1;
            }
            lines += breaks;
            open.clear();
            self.keep_end(&mut open, &read[last + 1..]);
        }
        if !is_blank(&open, separator) {
            rows_end = lines + 1;
        }
        rows_end.checked_sub(self.above)
    }

    /// Of a line that has not ended, all that matters is whether something is on it.
    fn keep_end(&self, open: &mut Vec<u8>, more: &[u8]) {
        if let Some(byte) = more
            .iter()
            .find(|byte| !is_blank(&[**byte], self.marks.separator))
        {
            open.push(*byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::Reader;
    use crate::options::ReadOptions;

    const MARKS: Marks = Marks {
        separator: b'\t',
        quote: Some(b'"'),
        runs: false,
    };

    fn file(text: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        file
    }

    fn count(text: &[u8]) -> Option<u64> {
        RowCounter::new(file(text), 1, MARKS).unwrap().count()
    }

    #[test]
    fn rows_are_lines_but_for_blank_ones_at_the_end() {
        assert_eq!(count(b"g\ta\nx\t1\ny\t2\n"), Some(2));
        assert_eq!(count(b"g\ta\nx\t1\ny\t2"), Some(2));
        assert_eq!(count(b"g\ta\nx\t1\ny\t2\n \r\n\n  "), Some(2));
        assert_eq!(count(b"g\ta\nx\t1\n\n\ny\t\n\n"), Some(4));
        assert_eq!(count(b"g\ta\nx\t1\n\t\r\n\t\n"), Some(1));
        assert_eq!(count(b"g\ta\n"), Some(0));
        assert_eq!(count(b""), None);
    }

    #[test]
    fn where_quotes_are_nobody_knows() {
        assert_eq!(count(b"g\ta\n\"x\"\t1\n"), None);
    }

    #[test]
    fn lines_may_be_longer_than_a_block() {
        let long = |byte: u8| [&[byte; BLOCK + 7][..], b"\n"].concat();
        let text = [
            b"g\ta\n".to_vec(),
            long(b'x'),
            long(b'1'),
            long(b' '),
            long(b'\r'),
        ]
        .concat();
        assert_eq!(count(&text), Some(2));
        assert_eq!(count(&text[..text.len() - BLOCK - 9]), Some(2));
    }

    proptest! {
        #[test]
        fn a_reader_finds_as_many(rows in 1_usize..40, end in "[ \r\n]{0,8}", last in any::<bool>()) {
            use std::io::Seek;
            let mut text = String::from("gene\ta\tb\n");
            for row in 0..rows {
                text.push_str(&format!("g{row}\t{row}\t0.5{}", if row + 1 < rows || last { "\n" } else { "" }));
            }
            if last {
                text.push_str(&end);
            }
            let mut file = file(text.as_bytes());
            file.rewind().unwrap();
            let mut reader = Reader::open(file, "stem", &ReadOptions::default()).unwrap();
            let counted = reader.row_counter().unwrap().count();
            prop_assert_eq!(counted, Some(reader.finish().unwrap().rows));
        }
    }
}
