"""Files whose chunk index is damaged on purpose: one number of a key or a header changed at a time.

A B-tree of version 1 has no checksum; blocks of the indexes of HDF5 1.10 have one, which is made right again: without
that, every reader refuses the block.
"""

import ctypes
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from h5py import h5f, h5p

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "soak"))

from checksums import lookup3

SIGNATURES = (b"FAHD", b"FADB", b"EAHD", b"EAIB", b"EADB", b"EASB", b"BTHD", b"BTLF", b"BTIN")
# Where the keys of a node begin.
KEYS = 24
# Bytes of a block that are searched for its checksum.
LONGEST = 2500


@dataclass(frozen=True)
class Kind:
    shape: tuple[int, int]
    chunks: tuple[int, int]
    maximum: tuple | None = None
    version: str = "latest"
    options: tuple = (("compression", "gzip"),)
    most_children: int | None = None
    """Of a node of an old tree, if it is not the 64 that all files have; few make a high tree of few chunks."""
    allocated_early: bool = False
    """Without filters and with a fixed size, chunks then need no index: they lie in order."""


GZIP, PLAIN = (("compression", "gzip"),), ()
KINDS = {
    # More than 64 x 64 chunks would be needed if all nodes were full: a root, inner nodes and leaves.
    "b-tree-1": Kind((260, 64), (1, 4), version="earliest"),
    "b-tree-1-small": Kind((12, 8), (2, 4), version="earliest"),
    "b-tree-1-plain": Kind((12, 8), (2, 4), version="earliest", options=PLAIN),
    "b-tree-1-three-levels": Kind((16, 6), (2, 2), version="earliest", most_children=4),
    "b-tree-1-three-levels-plain": Kind((16, 6), (2, 2), version="earliest", options=PLAIN, most_children=4),
    "single": Kind((12, 8), (12, 8)),
    "single-plain": Kind((12, 8), (12, 8), options=PLAIN),
    "implicit": Kind((12, 8), (2, 4), options=PLAIN, allocated_early=True),
    "fixed": Kind((12, 8), (2, 4)),
    "fixed-plain": Kind((12, 8), (2, 4), (20, 8), options=PLAIN),
    "fixed-paged": Kind((40, 30), (1, 1), options=PLAIN),
    "extensible": Kind((12, 8), (2, 4), (None, 8)),
    "extensible-columns": Kind((12, 8), (2, 2), (12, None)),
    "extensible-plain": Kind((12, 8), (2, 2), (12, None), options=PLAIN),
    "extensible-super-blocks": Kind((30, 10), (1, 1), (None, 10), options=PLAIN),
    "b-tree-2": Kind((12, 8), (2, 2), (None, None)),
    "b-tree-2-plain": Kind((12, 8), (2, 2), (None, None), options=PLAIN),
    "b-tree-2-two-levels": Kind((12, 10), (1, 1), (None, None), options=PLAIN),
}


def write(path: Path, kind: Kind) -> None:
    rows, columns = kind.shape
    with new_file(path, kind) as file:
        creation = h5p.create(h5p.DATASET_CREATE)
        if kind.allocated_early:
            creation.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        options = {"maxshape": kind.maximum, "chunks": kind.chunks, "dcpl": creation, **dict(kind.options)}
        expr = file.create_dataset("expr", kind.shape, "f4", **options)
        # No chunk is all zero, so that one which is not found is seen.
        expr[...] = np.arange(1, rows * columns + 1).reshape(kind.shape)
        expr.attrs["n_genes"], expr.attrs["n_samples"] = kind.shape
        expr.attrs["gene_names"] = [f"g{row}" for row in range(rows)]
        expr.attrs["sample_names"] = [f"s{column}" for column in range(columns)]


def new_file(path: Path, kind: Kind) -> h5py.File:
    if kind.most_children is None:
        return h5py.File(path, "w", libver=kind.version)
    properties = h5p.create(h5p.FILE_CREATE)
    # h5py has no call for it.
    assert library().H5Pset_istore_k(ctypes.c_int64(properties.id), kind.most_children // 2) >= 0
    return h5py.File(h5f.create(bytes(path), h5f.ACC_TRUNC, properties))


def library() -> ctypes.CDLL:
    """The HDF5 that h5py has loaded."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    paths = {line.split(maxsplit=5)[-1] for line in lines if "libhdf5" in line and "_hl" not in line}
    return ctypes.CDLL(min(paths))


def written(folder: Path, name: str) -> bytes:
    path = folder / f"whole-{name}.h5"
    write(path, KINDS[name])
    return path.read_bytes()


@dataclass(frozen=True)
class Change:
    """Other bytes at one place of a file."""

    what: str
    at: int
    content: bytes
    block: range | None = None
    """What its checksum covers, if it has one."""

    def of(self, data: bytes) -> bytes:
        mutant = data[: self.at] + self.content + data[self.at + len(self.content) :]
        return mutant if self.block is None else summed(mutant, self.block)


def with_other_element_size(path: Path) -> tuple[bytes, Change]:
    """Writes a file whose chunk layout has a size of elements that is not the type's, as PureHDF does; the file before, and the change."""
    with h5py.File(path, "w", libver="latest") as file:
        file.create_dataset("expr", data=np.ones((400, 10)), chunks=(100, 10), maxshape=(800, 10))
    data = path.read_bytes()
    at = data.index(bytes([3, 1, 100, 10, 8])) + 4
    block = next(block for block in blocks(data, (b"OHDR", b"OCHK")) if at in block)
    change = Change("size of elements", at, b"\4", block)
    path.write_bytes(change.of(data))
    return data, change


def changes(name: str, data: bytes) -> list[Change]:
    if name.startswith("b-tree-1"):
        return list(of_old_tree(data))
    return list(of_layout(data) if name.startswith(("single", "implicit")) else of_blocks(data))


def numbers(data: bytes, at: int, width: int, step: int) -> Iterator[bytes]:
    """Three others: one step on, the other end of the range, another bit."""
    most, number = (1 << 8 * width) - 1, int.from_bytes(data[at : at + width], "little")
    for other in dict.fromkeys(((number + step) & most, 0 if number else most, number ^ 1 << (width * 8 - 3))):
        yield other.to_bytes(width, "little")


def of_old_tree(data: bytes) -> Iterator[Change]:
    """Every number of every key, also of those that only end a range, and every address of a child."""
    key = [(4, 1), (4, 1), *((8, step) for step in steps(data))]
    child = [(8, 8)]
    for node, level, children in nodes(data):
        at = node + KEYS
        for width, step in (key + child) * children + key:
            for content in numbers(data, at, width, step):
                yield Change(f"level-{level}-at-{at}-is-{content.hex()}", at, content)
            at += width


def steps(data: bytes) -> tuple[int, ...]:
    """Lengths of a chunk, and the size of an element, as the layout message has them: version 3, chunked, 3 numbers."""
    at = data.index(b"\x03\x02\x03")
    return struct.unpack_from("<3I", data, at + 11)


def nodes(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Where nodes of chunk trees begin, their levels, and how many children they have."""
    at = data.find(b"TREE\x01")
    while at >= 0:
        yield at, data[at + 5], int.from_bytes(data[at + 6 : at + 8], "little")
        at = data.find(b"TREE\x01", at + 1)


def of_blocks(data: bytes) -> Iterator[Change]:
    """Every byte of every block behind its signature, with its checksum made right again. In pages and in blocks of many
    elements: every address."""
    found = blocks(data)
    for block in found:
        signature = data[block.start : block.start + 4].decode()
        is_long = len(block) > LONG and signature in ELEMENTS
        if is_long:
            yield from of_addresses(signature, data, block, block.start + ELEMENTS[signature])
        for at in range(block.start + 4, block.start + ELEMENTS[signature] if is_long else block.stop):
            for content in numbers(data, at, 1, 1):
                yield Change(f"{signature}-at-{at}-is-{content.hex()}", at, content, block)
    for page in pages(data, found):
        yield from of_addresses("page", data, page, page.start)


# Blocks with more bytes than this are changed by addresses.
LONG = 1000
# Where the elements or records of a block begin.
ELEMENTS = {"EADB": 22, "FADB": 14, "BTLF": 6}


def of_addresses(name: str, data: bytes, block: range, first: int) -> Iterator[Change]:
    """Every number of 8 bytes: an address, or an offset."""
    for at in range(first, block.stop - 7, 8):
        for content in numbers(data, at, 8, 4):
            yield Change(f"{name}-at-{at}-is-{content.hex()}", at, content, block)


def pages(data: bytes, found: list[range]) -> Iterator[range]:
    """A fixed array of many elements has pages behind its data block, each with a checksum."""
    signatures = {data[block.start : block.start + 4]: block for block in found}
    if b"FAHD" not in signatures or b"FADB" not in signatures:
        return
    page_bits, elements = struct.unpack_from("<BQ", data, signatures[b"FAHD"].start + 7)
    if elements <= 1 << page_bits:
        return
    at = signatures[b"FADB"].stop + 4
    while elements:
        here = min(elements, 1 << page_bits)
        yield range(at, at + 8 * here)
        at, elements = at + 8 * here + 4, elements - here


def of_layout(data: bytes) -> Iterator[Change]:
    """A single chunk, and chunks in order, have no index but the layout message: shape, size, filter mask and address."""
    # Chunked, with a filter or without, 3 numbers; the version is in front.
    message = next(at for flags in (2, 0) for at in places(data, bytes([2, flags, 3])) if data[at - 1] in (4, 5)) - 1
    for block in blocks(data, (b"OHDR", b"OCHK")):
        for at in range(message + 1, message + 30):
            if at in block:
                for content in numbers(data, at, 1, 1):
                    yield Change(f"layout-at-{at}-is-{content.hex()}", at, content, block)


def places(data: bytes, pattern: bytes) -> Iterator[int]:
    at = data.find(pattern)
    while at >= 0:
        yield at
        at = data.find(pattern, at + 1)


def summed(data: bytes, block: range) -> bytes:
    return data[: block.stop] + lookup3(data[block.start : block.stop]) + data[block.stop + 4 :]


def blocks(data: bytes, signatures: tuple[bytes, ...] = SIGNATURES) -> list[range]:
    """Blocks that end where their checksum is right."""
    found = []
    for signature in signatures:
        at = data.find(signature)
        while at >= 0:
            ends = (end for end in range(at + 8, min(at + LONGEST, len(data) - 3)) if lookup3(data[at:end]) == data[end : end + 4])
            if (end := next(ends, None)) is not None:
                found.append(range(at, end))
            at = data.find(signature, at + 1)
    return sorted(found, key=lambda block: block.start)
