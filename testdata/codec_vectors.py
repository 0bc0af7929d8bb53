"""Chunks as libhdf5 and h5py write them: the known answers of src/codec.

Prints src/codec/known_answers.rs. Needs h5py and numpy only:

    python testdata/codec_vectors.py > src/codec/known_answers.rs && cargo fmt

Raw chunk bytes come from H5Dread_chunk. The values are a formula that the Rust
tests repeat, so only the stored bytes are embedded.
"""
import io
import sys

import h5py
import numpy as np


def ramp(length):
    """Slow in the high byte of each 16-bit word, fast in the low one."""
    i = np.arange(length, dtype=np.uint64)
    return np.where(i % 2 == 1, i // 16, i * 37 + i // 7).astype(np.uint8)


def noise(length):
    """A linear congruential generator: nothing can compress it."""
    state, out = 1, bytearray()
    for _ in range(length):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append(state >> 24)
    return np.frombuffer(bytes(out), np.uint8)


def mixed(length):
    """Runs with a period of 13 between bytes that do not repeat: near and far matches."""
    i = np.arange(length, dtype=np.uint64)
    return np.where(i // 48 % 3 > 0, i % 13, i * 37 + i // 7).astype(np.uint8)


def zeros(length):
    return np.zeros(length, np.uint8)


def ones(length):
    return np.full(length, 255, np.uint8)


def chunk(values, item_size, filters):
    """One chunk of opaque items, written through `filters`: (mask, stored bytes)."""
    with h5py.File(io.BytesIO(), "w") as f:
        dcpl = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        items = values.size // item_size
        dcpl.set_chunk((items,))
        for name, *args in filters:
            if name == "lzf":
                dcpl.set_filter(h5py.h5z.FILTER_LZF, h5py.h5z.FLAG_OPTIONAL, ())
            else:
                getattr(dcpl, "set_" + name)(*args)
        dtype = np.dtype(f"V{item_size}")
        space = h5py.h5s.create_simple((items,))
        ds = h5py.h5d.create(f.id, b"x", h5py.h5t.py_create(dtype), space, dcpl)
        ds.write(h5py.h5s.ALL, h5py.h5s.ALL, values.view(dtype))
        ds.flush() if hasattr(ds, "flush") else f.flush()
        mask, stored = ds.read_direct_chunk((0,))
        back = np.empty(items, dtype)
        ds.read(h5py.h5s.ALL, h5py.h5s.ALL, back)
        assert back.tobytes() == values.tobytes()
        return mask, stored


SHUFFLE, FLETCHER, LZF = ("shuffle",), ("fletcher32",), ("lzf",)


def gzip(level):
    return ("deflate", level)


CASES = [
    # (constant, values, bytes, item size, filters in writing order)
    ("SHUFFLE_1", ramp, 21, 1, [SHUFFLE]),
    ("SHUFFLE_2", ramp, 70, 2, [SHUFFLE]),
    ("SHUFFLE_3", ramp, 57, 3, [SHUFFLE]),
    ("SHUFFLE_4", ramp, 84, 4, [SHUFFLE]),
    ("SHUFFLE_8", ramp, 152, 8, [SHUFFLE]),
    ("SHUFFLE_ONE_ITEM", ramp, 8, 8, [SHUFFLE]),
    # The checksum before the shuffle makes a length that is no multiple of the item.
    ("FLETCHER32_SHUFFLE_8", ramp, 72, 8, [FLETCHER, SHUFFLE]),
    ("FLETCHER32_EVEN", ramp, 20, 4, [FLETCHER]),
    ("FLETCHER32_ODD", ramp, 15, 1, [FLETCHER]),
    ("GZIP_0", ramp, 40, 4, [gzip(0)]),
    ("GZIP_4", ramp, 400, 4, [gzip(4)]),
    ("GZIP_9_NOISE", noise, 64, 4, [gzip(9)]),
    ("GZIP_ZEROS", zeros, 4096, 4, [gzip(4)]),
    ("SHUFFLE_GZIP", ramp, 400, 4, [SHUFFLE, gzip(4)]),
    ("SHUFFLE_GZIP_FLETCHER32", ramp, 400, 4, [SHUFFLE, gzip(4), FLETCHER]),
    ("FLETCHER32_SHUFFLE_GZIP", ramp, 392, 8, [FLETCHER, SHUFFLE, gzip(4)]),
    ("GZIP_GZIP", zeros, 40000, 4, [gzip(1), gzip(9)]),
    ("LZF", mixed, 700, 4, [LZF]),
    ("LZF_ZEROS", zeros, 4096, 4, [LZF]),
    ("LZF_ODD", mixed, 501, 3, [LZF]),
    ("SHUFFLE_LZF", ramp, 400, 4, [SHUFFLE, LZF]),
    ("SHUFFLE_LZF_FLETCHER32", ramp, 400, 4, [SHUFFLE, LZF, FLETCHER]),
    # lzf gives up on noise: the bit of the filter is set in the chunk's mask.
    ("SHUFFLE_LZF_NOISE", noise, 48, 4, [SHUFFLE, LZF]),
]

CHECKSUMS = [(ones, 1), (ones, 2), (ones, 719), (ones, 720), (ones, 721), (ones, 5000),
             (noise, 720), (noise, 1441), (noise, 100000), (ramp, 65537)]

RUST = {"shuffle": "Filter::Shuffle {{ item_size: {size} }}", "fletcher32": "Filter::Fletcher32",
        "lzf": "Filter::Lzf", "deflate": "Filter::Deflate {{ level: {level} }}"}


def main(out):
    out.write("//! Chunks as libhdf5 and h5py wrote them, for the tests of this crate.\n//!\n"
              "//! Printed by `testdata/codec_vectors.py`; not to be edited by hand.\n"
              f"//! HDF5 {h5py.version.hdf5_version}, h5py {h5py.version.version}.\n\n"
              "use super::pipeline::Filter;\n\n"
              "/// One stored chunk and the formula of the values in it.\n"
              "pub(super) struct KnownChunk {\n"
              "    pub values: fn(usize) -> Vec<u8>,\n    pub length: usize,\n"
              "    pub filters: &'static [Filter],\n"
              "    pub filter_mask: u32,\n    stored: &'static str,\n}\n\n"
              "impl KnownChunk {\n    pub(super) fn raw(&self) -> Vec<u8> {\n"
              "        (self.values)(self.length)\n    }\n\n"
              "    /// The bytes in the file.\n"
              "    pub(super) fn stored(&self) -> Vec<u8> {\n"
              "        (0..self.stored.len()).step_by(2)\n"
              "            .map(|at| u8::from_str_radix(&self.stored[at..at + 2], 16).expect(\"two digits\"))\n"
              "            .collect()\n    }\n}\n\n"
              "/// Slow in the high byte of each 16-bit word, fast in the low one.\n"
              "pub(super) fn ramp(length: usize) -> Vec<u8> {\n"
              "    (0..length).map(|i| if i % 2 == 1 { i / 16 } else { i * 37 + i / 7 }).map(|v| v.to_le_bytes()[0]).collect()\n}\n\n"
              "/// A linear congruential generator: nothing can compress it.\n"
              "pub(super) fn noise(length: usize) -> Vec<u8> {\n"
              "    let mut state = 1_u32;\n"
              "    (0..length).map(|_| { state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223); state.to_be_bytes()[0] }).collect()\n}\n\n"
              "/// Runs with a period of 13 between bytes that do not repeat: near and far matches.\n"
              "pub(super) fn mixed(length: usize) -> Vec<u8> {\n"
              "    (0..length).map(|i| if i / 48 % 3 > 0 { i % 13 } else { i * 37 + i / 7 }).map(|v| v.to_le_bytes()[0]).collect()\n}\n\n"
              "pub(super) fn zeros(length: usize) -> Vec<u8> {\n    vec![0; length]\n}\n\n"
              "pub(super) fn ones(length: usize) -> Vec<u8> {\n    vec![255; length]\n}\n\n")
    for name, values, length, size, filters in CASES:
        mask, stored = chunk(values(length), size, filters)
        spelled = ", ".join(RUST[n].format(size=size, level=(a or [0])[0]) for n, *a in filters)
        text = stored.hex()
        data = "\\\n".join(text[at : at + 88] for at in range(0, len(text), 88))
        out.write(f"pub(super) const {name}: KnownChunk = KnownChunk {{ values: {values.__name__}, length: {length},"
                  f" filters: &[{spelled}], filter_mask: {mask}, stored: \"\\\n{data}\" }};\n\n")
    names = ", ".join(n for n, *_ in CASES)
    out.write(f"pub(super) const ALL: &[KnownChunk] = &[{names}];\n\n")
    rows = []
    for values, length in CHECKSUMS:
        _, stored = chunk(values(length), 1, [FLETCHER])
        checksum = f"{int.from_bytes(stored[-4:], 'little'):#010x}"
        rows.append(f"({values.__name__}, {length:_}, {checksum[:6]}_{checksum[6:]})")
    out.write("/// Values, their length in bytes, and the Fletcher32 that libhdf5 stored.\n"
              "#[expect(clippy::type_complexity, reason = \"a table of a test\")]\n"
              f"pub(super) const CHECKSUMS: &[(fn(usize) -> Vec<u8>, usize, u32)] = &[{', '.join(rows)}];\n")


if __name__ == "__main__":
    main(sys.stdout)
