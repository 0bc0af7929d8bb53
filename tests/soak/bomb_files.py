"""Small files that cost their reader a lot of memory, depth, or work."""

import zlib
from collections.abc import Callable
from itertools import product
from pathlib import Path

import h5py
import numpy as np
from h5py import h5a, h5d, h5p, h5s, h5t

MIB = 1 << 20
ONE_CHUNK = "one-chunk-of-1-gib.h5"
# numpy has no type for it, so h5py reads neither the old file nor the new one.
HUGE_ELEMENT = "element-of-2-gib.h5"


def names(count: int) -> np.ndarray:
    return np.char.mod("g%06d", np.arange(count)).astype("S7")


def legacy(path: Path, shape: tuple[int, int], **storage: object) -> h5py.File:
    """An old file, open for more; its /expr is not written."""
    # As many names as there are rows need attributes beyond 64 KB, so the format of HDF5 1.8.
    file = h5py.File(path, "w", libver=("v108", "v108"))
    expr = file.create_dataset("expr", shape, "f4", **storage)
    expr.attrs["n_genes"], expr.attrs["n_samples"] = shape
    expr.attrs["gene_names"], expr.attrs["sample_names"] = map(names, shape)
    return file


def small(path: Path) -> h5py.File:
    file = legacy(path, (12, 5))
    file["expr"][...] = np.arange(60).reshape(12, 5)
    return file


def declared(path: Path, **storage: object) -> None:
    """64 GiB, of which nothing was ever written."""
    legacy(path, (1 << 17, 1 << 17), **storage).close()


def zeros(path: Path, chunk: int) -> None:
    """1 GiB of zeros in gzip chunks of `chunk` x `chunk` values, made without ever holding one."""
    side = 1 << 14
    compressor, some = zlib.compressobj(9), bytes(MIB)
    packed = b"".join(compressor.compress(some) for _ in range(chunk * chunk * 4 // MIB)) + compressor.flush()
    with legacy(path, (side, side), chunks=(chunk, chunk), compression="gzip") as file:
        for row, column in product(range(0, side, chunk), repeat=2):
            file["expr"].id.write_direct_chunk((row, column), packed)


def in_compound(inner: h5t.TypeID) -> h5t.TypeID:
    outer = h5t.create(h5t.COMPOUND, inner.get_size())
    outer.insert(b"m", 0, inner)
    return outer


def in_array(inner: h5t.TypeID) -> h5t.TypeID:
    return h5t.array_create(inner, (1,))


# The smallest one is realistic data, the deepest one all that a header of 64 KB
# holds. With each array in an array the library takes twice as long: at 32 it never ends.
WRAPPINGS = {
    "compound": (in_compound, (30, 3_000)),
    "array": (in_array, (12, 32, 3_000)),
    "vlen": (h5t.vlen_create, (30, 3_000)),
}


def deep(path: Path, wrap: Callable[[h5t.TypeID], h5t.TypeID], depth: int) -> None:
    """A type in a type, `depth` times, of an attribute and of a dataset."""
    kind = h5t.STD_I32LE
    for _ in range(depth):
        kind = wrap(kind)
    with small(path) as file:
        space = h5s.create_simple((2,))
        h5a.create(file["expr"].id, b"deep", kind, space)
        h5d.create(file.id, b"deep", kind, space)


def attributes(path: Path, count: int) -> None:
    with small(path) as file:
        scalar = h5s.create(h5s.SCALAR)
        for number in range(count):
            h5a.create(file["expr"].id, b"a%06d" % number, h5t.STD_I32LE, scalar)


def groups(path: Path, count: int) -> None:
    with small(path) as file:
        creation = h5p.create(h5p.GROUP_CREATE)
        for number in range(count):
            h5py.h5g.create(file.id, b"g%06d" % number, gcpl=creation)


def nested_groups(path: Path, depth: int) -> None:
    with small(path) as file:
        group = file.id
        for _ in range(depth):
            group = h5py.h5g.create(group, b"g")


def huge_element(path: Path) -> None:
    """A dataset of one element of 2 GiB, never written."""
    with small(path) as file:
        h5d.create(file.id, b"huge", h5t.array_create(h5t.STD_I32LE, (1 << 29,)), h5s.create_simple((1,)))


def write_all(folder: Path, many: int) -> None:
    """`many` attributes; how many a second can make differs between machines."""
    declared(folder / "declared-contiguous.h5")
    declared(folder / "declared-chunked.h5", chunks=(1024, 1024), compression="gzip")
    zeros(folder / ONE_CHUNK, 1 << 14)
    zeros(folder / "four-chunks-of-256-mib.h5", 1 << 13)
    for name, (wrap, depths) in WRAPPINGS.items():
        for depth in depths:
            deep(folder / f"{name}-{depth}-deep.h5", wrap, depth)
    huge_element(folder / HUGE_ELEMENT)
    attributes(folder / f"{many}-attributes.h5", many)
    groups(folder / "100000-groups.h5", 100_000)
    nested_groups(folder / "groups-1000-deep.h5", 1_000)
