"""Text matrices as programs write them, and what a conversion made of one."""

import gzip
import shutil
import struct
import subprocess
import zlib

import h5py

import tool

SMALL = b"gene\tS1\tS2\ng1\t1\t2\ng2\t3\t4.5\n"
# What the end of a BGZF file is: an empty block.
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def convert(h5lift, *arguments, **options):
    return h5lift.run("convert", "--format", "json", *arguments, **options)


def converted(h5lift, text, out, *options):
    """The record of a conversion that must succeed."""
    record = convert(h5lift, "-o", out, *options, text).must(tool.DONE).record
    assert record["outcome"] == "converted"
    return record


def contents(path):
    """Gene names, sample names and values, as h5py reads them."""
    with h5py.File(path) as file:
        genes, samples = (file[name].asstr()[:].tolist() for name in ("gene_names", "sample_names"))
        return genes, samples, file["expr"][:]


def told(record):
    """Codes of the findings and what each says."""
    return {finding["code"]: finding["detail"] for finding in record["findings"]}


def places(record):
    return [(place["line"], place["column"]) for place in record["error"].get("places", [])]


def bgzf(text, size=17):
    """Blocks as bgzip writes them, though smaller; each has its length in an extra field."""
    blocks = []
    for start in range(0, len(text), size):
        piece = text[start:start + size]
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        data = deflate.compress(piece) + deflate.flush()
        head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(data) + 25)
        blocks.append(head + data + struct.pack("<II", zlib.crc32(piece), len(piece)))
    return b"".join(blocks) + BGZF_END


def members(text):
    """Two gzip members, the first of which ends within a row, and has a name and a comment."""
    half = len(text) // 2
    first = gzip.compress(text[:half], mtime=1)
    # FNAME and FCOMMENT are the flags 8 and 16.
    first = first[:3] + bytes([8 | 16]) + first[4:10] + b"matrix.tsv\0a comment\0" + first[10:]
    return first + gzip.compress(text[half:])


def stored_zstd(text):
    """A frame of one raw block, which takes no library to write, behind a frame to be skipped."""
    skippable = b"\x50\x2a\x4d\x18" + struct.pack("<I", 3) + b"abc"
    # One segment with a size of four bytes, and no checksum.
    head = b"\x28\xb5\x2f\xfd" + bytes([0b10100000]) + struct.pack("<I", len(text))
    return skippable + head + struct.pack("<I", len(text) << 3 | 1)[:3] + text


def zstd(text):
    """Compressed by whatever is there to do it, or None."""
    try:
        from compression import zstd as standard
        return standard.compress(text)
    except ImportError:
        pass
    try:
        import zstandard
        return zstandard.compress(text)
    except ImportError:
        pass
    if shutil.which("zstd"):
        return subprocess.run(["zstd", "-q", "-c"], input=text, capture_output=True, check=True).stdout
    return None
