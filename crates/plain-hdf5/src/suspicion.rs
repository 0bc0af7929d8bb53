//! What is wrong with the names, and where.

use std::fmt;

/// Something in a file that the library cannot read, or on which it would never return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// Whose names: `attribute gene_names of /expr`, `dataset /gene_names`.
    pub place: String,
    /// Where in the file the wrong thing begins: the heap, an object of it, or the element (a
    /// name's length and heap reference), as the kind says.
    pub offset: u64,
    /// Where in the file the heap begins, or should.
    pub heap: u64,
    /// Which rule of the format the heap breaks.
    pub kind: SuspicionKind,
}

/// What is wrong, and with it what `offset` is the offset of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuspicionKind {
    /// Heap: it does not begin with `GCOL`.
    NoSignature,
    /// Heap: its version is not 1.
    UnknownVersion {
        /// The version that is there.
        version: u8,
    },
    /// Heap: smaller than the smallest that there is, 4,096 bytes.
    HeapTooSmall {
        /// Length in bytes that the heap states.
        size: u64,
    },
    /// Heap: it reaches beyond the end of the file.
    HeapPastEnd {
        /// The bytes it claims; 0 when not even its beginning is there.
        size: u64,
    },
    /// Object: free space of no size, at which the library stays for ever.
    ZeroSizedObject,
    /// Object: it reaches beyond the end of its heap.
    ObjectPastEnd {
        /// Length in bytes that the heap states.
        size: u64,
    },
    /// Element: the heap does not hold its text.
    ObjectMissing {
        /// The object that the element asks for.
        index: u32,
    },
    /// Element: it claims to be longer than its text is. The library fills as much memory.
    LengthBeyondObject {
        /// Length in bytes that the heap states.
        length: u64,
        /// The bytes that are there.
        size: u64,
    },
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Suspicion {
            place,
            offset,
            heap,
            kind,
        } = self;
        write!(f, "{place}: ")?;
        match kind {
            SuspicionKind::NoSignature => write!(
                f,
                "no heap of names begins at offset {heap}, where there should be one"
            ),
            SuspicionKind::UnknownVersion { version } => write!(
                f,
                "names heap at offset {heap}: unknown version {version}, only 1 exists"
            ),
            SuspicionKind::HeapTooSmall { size } => write!(
                f,
                "names heap at offset {heap}: claims {size} bytes, fewer than any heap has"
            ),
            SuspicionKind::HeapPastEnd { size: 0 } => write!(
                f,
                "names heap at offset {heap}: lies beyond the end of the file"
            ),
            SuspicionKind::HeapPastEnd { size } => write!(
                f,
                "names heap at offset {heap}: claims {size} bytes, beyond the end of the file"
            ),
            SuspicionKind::ZeroSizedObject => write!(
                f,
                "names heap at offset {heap}: object of size 0 at offset {offset}, \
                 where the HDF5 library would loop for ever"
            ),
            SuspicionKind::ObjectPastEnd { size } => write!(
                f,
                "names heap at offset {heap}: object at offset {offset} claims {size} bytes, \
                 beyond the end of the heap"
            ),
            SuspicionKind::ObjectMissing { index } => write!(
                f,
                "names heap at offset {heap}: object {index} is missing, \
                 which the name at offset {offset} asks for"
            ),
            SuspicionKind::LengthBeyondObject { length, size } => write!(
                f,
                "name at offset {offset} claims to be {length} bytes long, \
                 but the names heap at offset {heap} has {size} bytes for it"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_with_the_offsets() {
        let said = |offset, kind| {
            let place = "attribute gene_names of /expr".to_string();
            let suspicion = Suspicion {
                place,
                offset,
                heap: 4096,
                kind,
            };
            suspicion.to_string()
        };
        assert_eq!(
            said(4816, SuspicionKind::ZeroSizedObject),
            "attribute gene_names of /expr: names heap at offset 4096: object of size 0 at \
             offset 4816, where the HDF5 library would loop for ever"
        );
        let bomb = SuspicionKind::LengthBeyondObject {
            length: 4_294_967_280,
            size: 11,
        };
        assert_eq!(
            said(800, bomb),
            "attribute gene_names of /expr: name at offset 800 claims to be 4294967280 bytes \
             long, but the names heap at offset 4096 has 11 bytes for it"
        );
    }
}
