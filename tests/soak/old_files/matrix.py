"""The values of a matrix, and how they lie in the file."""

from dataclasses import dataclass

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t, h5z

FLOATS = ["<f4"] * 6 + ["<f2", "<f8", ">f4", ">f8"]
INTEGERS = ["<i4", ">i4", "<i2", "u1", "i1", "<u2", "<u4", ">i8", "<u8"]
NO_NUMBERS = ["c8", "compound", "S8", "references"]
STORAGES = {
    "contiguous": 4, "compact": 1, "chunked": 1, "gzip": 6, "gzip-shuffle": 2, "gzip-fletcher32": 1, "shuffle": 1,
    "fletcher32": 1, "lzf": 2, "lzf-shuffle": 1, "scaleoffset": 1, "nbit": 1, "resizable": 2, "one-large-chunk": 1,
}
CHUNKED_BY_HALVES = ("chunked", "gzip", "gzip-shuffle", "lzf", "resizable")


@dataclass(frozen=True)
class Matrix:
    shape: tuple[int, int]
    dtype: str
    storage: str
    missing: bool
    """Some chunks, or all of a contiguous one, were never written."""


def draw(random):
    rows, columns = random.choice([(random.randrange(1, 40), random.randrange(1, 12)), (12, 5), (200, 30), (6, 6), (1, 1)])
    kind = random.choices(["float", "integer", "bool", "none"], [12, 4, 1, 0.5])[0]
    dtype = {"float": FLOATS, "integer": INTEGERS, "bool": ["bool"], "none": NO_NUMBERS}[kind]
    dtype = random.choice(dtype)
    storage = random.choices(list(STORAGES), list(STORAGES.values()))[0]
    if kind in ("bool", "none") and storage in ("scaleoffset", "nbit", "compact"):
        storage = "gzip"
    if dtype == "<f2" and storage == "scaleoffset" or dtype == "references":
        storage = "contiguous"
    missing = random.random() < 0.04 and (storage == "contiguous" or storage in CHUNKED_BY_HALVES) and kind in ("float", "integer")
    return Matrix((rows, columns), dtype, storage, missing)


def values(random, matrix):
    source = np.random.RandomState(random.randrange(1 << 31))
    counts = source.poisson(9, size=matrix.shape)
    if matrix.dtype == "bool":
        return counts > 9
    if matrix.dtype == "compound":
        return np.array(counts, dtype=[("mean", "f4")])
    if matrix.dtype == "S8":
        return counts.astype("S8")
    kind = np.dtype(matrix.dtype)
    if kind.kind in "iu":
        most = np.iinfo(kind).max
        drawn = counts.astype(kind)
        # The packing of scale-offset and n-bit is for what counts are.
        if matrix.storage not in ("scaleoffset", "nbit"):
            drawn[source.rand(*matrix.shape) < 0.05] = most
        return drawn
    drawn = np.round(np.log2(counts + source.rand(*matrix.shape) + 1), 3).astype(kind)
    if kind.kind == "f" and matrix.storage != "scaleoffset":
        strange(source, drawn)
    return drawn


def strange(source, array):
    """NaN with payloads, negative zero, infinities, the smallest number: every bit counts."""
    bits = array.view(array.dtype.str.replace("f", "u"))
    size = array.dtype.itemsize * 8
    exponent = {16: 0x7C00, 32: 0x7F800000, 64: 0x7FF0000000000000}[size]
    odd = [exponent, exponent | 1 << (size - 1), exponent | 5, 1 << (size - 1), 1, exponent | 1 << (size - 1) | 77]
    for value in odd:
        bits[source.rand(*array.shape) < 0.01] = value


def put(random, group, name, matrix, numbers, **options):
    """Writes it and returns the dataset."""
    if matrix.dtype == "references":
        return group.create_dataset(name, matrix.shape, dtype=h5py.ref_dtype)
    storage = matrix.storage
    if storage in ("compact", "nbit"):
        return low_level(group, name, storage, numbers)
    rows, columns = matrix.shape
    chunks = random.randrange(1, rows + 1), random.randrange(1, columns + 1)
    if rows * columns > 2_000:
        chunks = max(chunks[0], 20), max(chunks[1], 5)
    filters = {
        "contiguous": {},
        "chunked": {"chunks": chunks},
        "gzip": {"chunks": chunks, "compression": "gzip", "compression_opts": random.randrange(1, 10)},
        "gzip-shuffle": {"chunks": chunks, "compression": "gzip", "shuffle": True},
        "gzip-fletcher32": {"chunks": chunks, "compression": "gzip", "fletcher32": True},
        "shuffle": {"chunks": chunks, "shuffle": True},
        "fletcher32": {"chunks": chunks, "fletcher32": True},
        "lzf": {"chunks": chunks, "compression": "lzf"},
        "lzf-shuffle": {"chunks": chunks, "compression": "lzf", "shuffle": True},
        "scaleoffset": {"chunks": chunks, "scaleoffset": 3 if numbers.dtype.kind == "f" else 0},
        "resizable": {"chunks": chunks, "maxshape": (None, columns + 3), "compression": "gzip"},
        "one-large-chunk": {"chunks": (rows + 5, columns + 2), "maxshape": (None, None), "compression": random.choice(["gzip", None])},
    }[storage]
    if not matrix.missing:
        return group.create_dataset(name, data=numbers, **filters, **options)
    if filters:
        # At least two chunks, of which one is written.
        filters["chunks"] = (rows, columns) if rows * columns == 1 else ((rows + 1) // 2, columns) if rows > 1 else (1, (columns + 1) // 2)
    dataset = group.create_dataset(name, shape=matrix.shape, dtype=numbers.dtype, **filters, **options)
    if filters and rows * columns > 1:
        height, width = filters["chunks"]
        dataset[:height, :width] = numbers[:height, :width]
    return dataset


def low_level(group, name, storage, numbers):
    creation = h5p.create(h5p.DATASET_CREATE)
    creation.set_obj_track_times(False)
    kind = h5t.py_create(numbers.dtype)
    memory = kind
    if storage == "compact" and numbers.nbytes < 20_000:
        creation.set_layout(h5d.COMPACT)
    elif storage == "nbit":
        creation.set_chunk(numbers.shape)
        creation.set_filter(h5z.FILTER_NBIT, h5z.FLAG_MANDATORY)
        if numbers.dtype.kind == "i" and numbers.dtype.itemsize >= 2:
            kind = kind.copy()
            # Far fewer bits than its bytes hold is "unusual", and refused by the library.
            kind.set_precision(numbers.dtype.itemsize * 8 - 4)
    dataset = h5d.create(group.id, name.encode(), kind, h5s.create_simple(numbers.shape), dcpl=creation)
    dataset.write(h5s.ALL, h5s.ALL, numbers, mtype=memory)
    return h5py.Dataset(dataset)
