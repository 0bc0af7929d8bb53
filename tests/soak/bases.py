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


@dataclass(frozen=True)
class Base:
    name: str
    data: bytes
    values: list[range]
    """Where the matrix lies; most of a file, and the dullest place to damage."""


def bases(folder: Path) -> list[Base]:
    return list(written(folder))


def written(folder: Path) -> Iterator[Base]:
    for layout, storage, version, size in product(LAYOUTS, STORAGES, FORMATS, SHAPES):
        name = f"{layout}-{storage}-{version}-{size}"
        path = folder / f"{name}.h5"
        write(path, layout, storage, FORMATS[version], SHAPES[size])
        yield Base(name, path.read_bytes(), value_ranges(path))


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


def value_ranges(path: Path) -> list[range]:
    with h5py.File(path) as file:
        expr = file["expr"].id
        if expr.get_create_plist().get_layout() == h5py.h5d.CHUNKED:
            chunks = [expr.get_chunk_info(index) for index in range(expr.get_num_chunks())]
            return [range(chunk.byte_offset, chunk.byte_offset + chunk.size) for chunk in chunks]
        return [range(expr.get_offset(), expr.get_offset() + expr.get_storage_size())]
