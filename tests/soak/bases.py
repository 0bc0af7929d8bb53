"""Small healthy files of every layout, storage and format version: what the mutants come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import h5py
import numpy as np

LAYOUTS = ("legacy", "hybrid", "current")
STORAGES = ("contiguous", "gzip")
FORMATS = {"old": "earliest", "new": "latest"}
SHAPES = {"small": (40, 6), "larger": (400, 20)}
NAMES = ("gene_names", "sample_names")
SIGNATURES = {
    "indexes": (b"TREE", b"SNOD", b"BTHD", b"BTIN", b"BTLF", b"FAHD", b"FADB", b"EAHD", b"EAIB", b"EASB", b"EADB"),
    "heaps": (b"HEAP", b"GCOL", b"FRHP", b"FHDB", b"FHIB"),
    "headers": (b"OHDR", b"OCHK"),
}
# Bytes of a structure that are worth damaging: behind them is mostly space that is not in use.
LONGEST = 400


@dataclass(frozen=True)
class Base:
    name: str
    data: bytes
    values: list[range]
    """Where the matrix lies; most of a file, and the least likely place to go wrong in silence."""
    structures: dict[str, list[range]]
    """Where indexes, heaps and headers lie."""

    def places(self) -> list[list[range]]:
        """Each part of the file that has its own way to go wrong, one as likely as the other."""
        return [self.values, [range(len(self.data))], *filter(None, self.structures.values())]


def bases(folder: Path) -> list[Base]:
    return list(written(folder))


def written(folder: Path) -> Iterator[Base]:
    for layout, storage, version, size in product(LAYOUTS, STORAGES, FORMATS, SHAPES):
        name = f"{layout}-{storage}-{version}-{size}"
        path = folder / f"{name}.h5"
        write(path, layout, storage, FORMATS[version], SHAPES[size])
        yield base(name, path)


def base(name: str, path: Path) -> Base:
    data = path.read_bytes()
    return Base(name, data, value_ranges(path), structures(path, data))


def write(path: Path, layout: str, storage: str, version: str, shape: tuple[int, int], more=True) -> None:
    rows, columns = shape
    values = np.random.RandomState(rows).normal(4, 2, size=shape).astype("f4")
    names = [f"FBgn{31208 + 7 * index:07d}" for index in range(rows)], [f"DGRP_{21 + 5 * index:03d}_F" for index in range(columns)]
    chunks = {"chunks": (max(1, rows // 3), columns), "compression": "gzip"} if storage == "gzip" else {}
    with h5py.File(path, "w", libver=version) as file:
        expr = file.create_dataset("expr", data=values, **chunks)
        expr.attrs["n_genes"], expr.attrs["n_samples"] = rows, columns
        for name, text in zip(NAMES, names):
            if layout != "current":
                expr.attrs[name] = text
            if layout != "legacy":
                file.create_dataset(name, data=text, dtype=h5py.string_dtype())
        if more:
            write_more(file, columns)


def write_more(file: h5py.File, columns: int) -> None:
    """What a migration has to carry over: text, references, links, types."""
    file["expr"].attrs["units"] = "log2(TPM + 1)"
    quality = file.create_group("quality")
    quality["rin"] = np.linspace(6, 9, columns)
    quality["notes"] = ["fine", "", "swapped at the bench"]
    quality["of"] = file["expr"].ref
    quality["matrix"] = h5py.SoftLink("/expr")
    quality["passed"] = np.arange(columns) % 3 > 0
    file["strand"] = np.dtype([("name", "S4"), ("score", "<f8")])
    quality.create_dataset("scores", shape=(3,), dtype=file["strand"])


def structures(path: Path, data: bytes) -> dict[str, list[range]]:
    """Parts that begin with a signature end at the next one, or after so many bytes; old object headers have none."""
    starts = {at: kind for kind, signatures in SIGNATURES.items() for signature in signatures for at in occurrences(data, signature)}
    with h5py.File(path) as file:
        objects = [file]
        file.visititems(lambda _, item: objects.append(item))
        starts |= {h5py.h5o.get_info(item.id).addr: "headers" for item in objects}
    starts[0] = "headers"
    found = {kind: [] for kind in ("indexes", "heaps", "headers")}
    ordered = sorted(starts)
    for at, following in zip(ordered, [*ordered[1:], len(data)]):
        found[starts[at]].append(range(at, min(following, at + LONGEST)))
    return found


def occurrences(data: bytes, signature: bytes) -> Iterator[int]:
    at = data.find(signature)
    while at >= 0:
        yield at
        at = data.find(signature, at + 1)


def value_ranges(path: Path) -> list[range]:
    with h5py.File(path) as file:
        expr = file["expr"].id
        if expr.get_create_plist().get_layout() == h5py.h5d.CHUNKED:
            chunks = [expr.get_chunk_info(index) for index in range(expr.get_num_chunks())]
            return [range(chunk.byte_offset, chunk.byte_offset + chunk.size) for chunk in chunks]
        return [range(expr.get_offset(), expr.get_offset() + expr.get_storage_size())]
