//! What a matrix may come in: compressed, cut, damaged, through a pipe, in other encodings.

use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use crate::reading::{Matrix, problems, read, read_as, read_path, refusal};
use libdeflater::{CompressionLvl, Compressor};
use text_matrix::{Compression, Encoding, EncodingOption, MatrixError, ReadOptions, Reader};

/// Enough rows for several blocks of bgzip and several buffers.
fn text() -> String {
    let mut text = "gene\tS1\tS2\n".to_string();
    for row in 0..60_000 {
        text += &format!(
            "gene{row}\t{}.{:03}\t{}\n",
            row % 91,
            row % 1000,
            row * 7919 % 65_537
        );
    }
    text
}

fn small_blocks() -> ReadOptions {
    ReadOptions {
        block_bytes: 1 << 17,
        ..ReadOptions::default()
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut out = vec![0; compressor.gzip_compress_bound(text.len())];
    let length = compressor.gzip_compress(text, &mut out).unwrap();
    out.truncate(length);
    out
}

fn bgzip(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for block in text.chunks(65_280).chain([&[][..]]) {
        let member = gzip(block);
        // From the ten bytes of the plain header to the eighteen of bgzip's.
        let length = u16::try_from(member.len() + 8 - 1).unwrap();
        out.extend([
            0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, b'B', b'C', 2, 0,
        ]);
        out.extend(length.to_le_bytes());
        out.extend(&member[10..]);
    }
    out
}

fn zstd(text: &[u8]) -> Vec<u8> {
    let mut out = vec![0; zstd_safe::compress_bound(text.len())];
    let length = zstd_safe::compress(&mut out[..], text, 3).unwrap();
    out.truncate(length);
    out
}

fn same(one: &Matrix, other: &Matrix) {
    assert!(one.samples == other.samples && one.genes == other.genes && one.values == other.values);
}

fn corrupt(result: Result<Matrix, MatrixError>) -> (u64, String) {
    match result {
        Err(MatrixError::Corrupt { offset, detail, .. }) => (offset, detail),
        Err(other) => panic!("damage expected: {other:?}"),
        Ok(_) => panic!("damage expected"),
    }
}

#[test]
fn every_compression_gives_the_same() {
    let text = text();
    let text = text.as_bytes();
    let plain = read_as(text, &small_blocks()).unwrap();
    assert_eq!(plain.genes.len(), 60_000);
    let halves = text.split_at(700_001);
    let joined = |one: fn(&[u8]) -> Vec<u8>, two: fn(&[u8]) -> Vec<u8>| {
        [one(halves.0), two(halves.1)].concat()
    };
    let skippable = [
        &[0x51, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3][..],
        &zstd(text),
    ]
    .concat();
    for (bytes, compression) in [
        (gzip(text), Compression::Gzip),
        (joined(gzip, gzip), Compression::Gzip),
        (joined(gzip, bgzip), Compression::Gzip),
        ([gzip(text), vec![0; 1000]].concat(), Compression::Gzip),
        (bgzip(text), Compression::Bgzip),
        (joined(bgzip, bgzip), Compression::Bgzip),
        (joined(bgzip, gzip), Compression::Bgzip),
        (zstd(text), Compression::Zstd),
        (joined(zstd, zstd), Compression::Zstd),
        (skippable, Compression::Zstd),
    ] {
        for options in [small_blocks(), ReadOptions::default()] {
            let matrix = read_as(&bytes, &options).unwrap();
            assert_eq!(matrix.dialect.compression, compression);
            same(&plain, &matrix);
        }
    }
}

#[test]
fn every_cut_is_an_error() {
    let text = &text()[..200_000];
    let text = &text.as_bytes()[..=text.rfind('\n').unwrap()];
    for (bytes, step) in [(gzip(text), 997), (zstd(text), 997), (bgzip(text), 997)] {
        let mut cuts: Vec<usize> = (4..bytes.len()).step_by(step).collect();
        cuts.extend(bytes.len() - 30..bytes.len());
        for cut in cuts {
            match read(&bytes[..cut]) {
                Err(MatrixError::Corrupt { offset, .. }) => assert!(offset <= cut as u64),
                // Too little to be distinguished from binary data.
                Err(MatrixError::Refused { .. }) if cut < 20 => {}
                other => panic!(
                    "cut at {cut} of {}: {:?}",
                    bytes.len(),
                    other.map(|m| m.summary)
                ),
            }
        }
    }
    // Between two blocks, where only the missing mark shows it.
    let blocks = bgzip(text);
    assert!(
        corrupt(read(&blocks[..blocks.len() - bgzip(b"").len()]))
            .1
            .contains("it is cut")
    );
}

#[test]
fn damage_is_noticed() {
    let text = &text()[..300_000];
    let text = &text.as_bytes()[..=text.rfind('\n').unwrap()];
    let whole = read(text).unwrap();
    for bytes in [gzip(text), bgzip(text)] {
        for at in (18..bytes.len()).step_by(1013) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            match read(&damaged) {
                Err(_) => {}
                // Bytes of a header that are not needed.
                Ok(matrix) => same(&whole, &matrix),
            }
        }
    }
}

#[test]
fn what_follows_a_stream_is_told() {
    let text = b"gene\tS1\ng1\t1\n";
    let member = gzip(text);
    let (offset, detail) = corrupt(read([&member[..], b"garbage"].concat()));
    assert_eq!(offset, member.len() as u64);
    assert!(detail.contains("neither gzip nor zeros"));
    let (offset, _) = corrupt(read([&member[..], &[0; 300], b"x"].concat()));
    assert_eq!(offset, member.len() as u64 + 300);
    corrupt(read([&zstd(text)[..], b"garbage"].concat()));
    corrupt(read([&bgzip(text)[..], b"garbage"].concat()));
    assert!(refusal(read(gzip(&member))).contains("compressed twice"));
    assert!(refusal(read(gzip(b""))).contains("empty"));
}

#[test]
fn a_pipe_will_do() {
    let text = text();
    let plain = read(&text).unwrap();
    for bytes in [
        text.clone().into_bytes(),
        gzip(text.as_bytes()),
        bgzip(text.as_bytes()),
    ] {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let path = PathBuf::from(format!("/dev/fd/{}", reader.as_raw_fd()));
        let feeding = std::thread::spawn(move || {
            for part in bytes.chunks(7001) {
                writer.write_all(part).unwrap();
            }
        });
        let matrix = read_path(&path, &ReadOptions::default()).unwrap();
        feeding.join().unwrap();
        same(&plain, &matrix);
    }
}

#[test]
fn bytes_are_counted() {
    let text = text();
    let bytes = gzip(text.as_bytes());
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    let mut reader = Reader::open(
        std::fs::File::open(file.path()).unwrap(),
        "x",
        &ReadOptions::default(),
    )
    .unwrap();
    while reader.next_block().unwrap().is_some() {}
    assert_eq!(reader.bytes_read(), bytes.len() as u64);
    assert_eq!(reader.text_bytes_read(), text.len() as u64);
    let folder = Reader::open(
        std::fs::File::open(std::env::temp_dir()).unwrap(),
        "x",
        &ReadOptions::default(),
    );
    assert!(matches!(folder, Err(MatrixError::Io { .. })));
}

#[test]
fn utf_16_with_and_without_a_mark() {
    let mut text = "gene\tSé\t😀\n".to_string();
    for row in 0..20_000 {
        text += &format!("gène{row}😀\t{row}\t0.5\n");
    }
    let plain = read(&text).unwrap();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (mark, body, encoding) in [
        (&[0xFF, 0xFE][..], &little, Encoding::Utf16Le),
        (&[0xFE, 0xFF][..], &big, Encoding::Utf16Be),
        (&[][..], &little, Encoding::Utf16Le),
        (&[][..], &big, Encoding::Utf16Be),
    ] {
        let bytes = [mark, body].concat();
        let matrix = read(&bytes).unwrap();
        assert_eq!(matrix.dialect.encoding, encoding);
        same(&plain, &matrix);
        same(&plain, &read(gzip(&bytes)).unwrap());
        let cut = refusal(read(&bytes[..bytes.len() - 1]));
        assert!(cut.contains("UTF-16"), "{cut}");
    }
    let half: Vec<u8> = [&[0xFF, 0xFE][..], &little[..100], &[0x3D, 0xD8, 9, 0]].concat();
    assert!(refusal(read(half)).contains("surrogate"));
}

#[test]
fn latin_1_only_when_asked() {
    let bytes = b"gene\tS\xE9\ng\xE8ne\t1\n";
    let wrong = problems(read(bytes));
    assert_eq!((wrong[0].line, wrong[0].column), (1, 6));
    assert!(wrong[0].help.contains("--encoding latin1"));
    let genes = problems(read(b"gene\tS1\ng1\t1\ng\xE8ne\t1\n\xFF\t2\n"));
    assert_eq!(
        genes.iter().map(|p| (p.line, p.column)).collect::<Vec<_>>(),
        [(3, 2), (4, 1)]
    );
    let wish = ReadOptions {
        encoding: EncodingOption::Latin1,
        ..ReadOptions::default()
    };
    let matrix = read_as(bytes, &wish).unwrap();
    assert_eq!(
        (matrix.samples[0].as_str(), matrix.genes[0].as_str()),
        ("Sé", "gène")
    );
    let long = b"gene\tS\xE9\n".to_vec();
    let long = [long, b"g\xE8ne\t1\n".repeat(100_000)].concat();
    assert_eq!(read_as(long, &wish).unwrap().genes.len(), 100_000);
}

#[test]
fn lines_longer_than_a_buffer() {
    let names: Vec<String> = (0..100_000).map(|n| format!("sample_{n}")).collect();
    let row = "\t1.25".repeat(100_000);
    let text = format!("gene\t{}\ng1{row}\ng2{row}\n", names.join("\t"));
    let matrix = read_as(&text, &small_blocks()).unwrap();
    assert_eq!((matrix.samples.len(), matrix.genes.len()), (100_000, 2));
    assert!(matrix.values.iter().all(|value| *value == 1.25));
    let short = ReadOptions {
        longest_line: 1 << 18,
        ..small_blocks()
    };
    assert!(refusal(read_as(&text, &short)).contains("a line is longer"));
    let old_mac = "gene\tS1\rg1\t1\rg2\t2\r";
    assert!(refusal(read(old_mac)).contains("carriage return"));
    assert!(refusal(read_as(old_mac.repeat(100_000), &short)).contains("carriage return"));
}

#[test]
fn a_quoted_name_over_two_buffers() {
    let long = "x\n".repeat(200_000);
    let text = format!("gene\tS1\n\"a\"\t1\n\"{long}\"\t2\nb\t3\n");
    let matrix = read_as(&text, &small_blocks()).unwrap();
    assert_eq!(matrix.genes.len(), 3);
    assert_eq!(matrix.genes[1], long);
    let wrong = problems(read_as(text.replace("b\t3", "b\t?"), &small_blocks()));
    assert_eq!(wrong[0].line, 200_004);
    let open = problems(read_as(text.replace("\"\t2", "\t2"), &small_blocks()));
    assert_eq!(open[0].line, 3);
}

#[test]
fn a_few_wide_names_do_not_ask_for_memory() {
    // A million samples and half a million rows that are far too short for them.
    let header = "\tS".repeat(1_000_000);
    let rows = "g\n".repeat(500_000);
    let wish = ReadOptions {
        duplicates: text_matrix::Duplicates::Keep,
        ..ReadOptions::default()
    };
    let wrong = problems(read_as(format!("{header}\n{rows}"), &wish));
    assert_eq!((wrong.len(), wrong[0].line, wrong[19].line), (20, 2, 21));
}

#[test]
fn blank_lines_within_quotes_belong_to_the_name() {
    let name = "a\n".repeat(30) + &"\n".repeat(300_000) + "b";
    let text = format!("gene\tS1\n\"{name}\"\t1\n\n\n");
    let matrix = read_as(&text, &small_blocks()).unwrap();
    assert!(matrix.genes == [name]);
}
