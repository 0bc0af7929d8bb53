"""The old files and texts that the work is done on: made once, by h5py, into a folder of their own."""

import gzip
import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from values import gene_names, sample_names, values

# What fits into an attribute of an ordinary file; longer lists need the format of HDF5 1.8.
LONGEST_ATTRIBUTE = 4_000
# Made once and written again and again: far more than the 32 KiB in which deflate finds matches.
BLOCK_BYTES = 64_000_000
STORAGE = {"contiguous": {}, "gzip": {"compression": "gzip", "compression_opts": 4}, "lzf": {"compression": "lzf"}}


@dataclass(frozen=True)
class Matrix:
    """One file, names in attributes where they fit and in datasets: a hybrid, as most old files are."""

    kind: str
    genes: int
    samples: int
    storage: str = "contiguous"
    seed: int = 20

    files = 1

    @property
    def name(self):
        return f"{self.kind}-{self.genes}x{self.samples}-{self.storage}.h5"

    @property
    def raw_bytes(self):
        return 4 * self.genes * self.samples

    def write(self, path):
        long_attributes = {"libver": ("v108", "v108")} if self.samples > LONGEST_ATTRIBUTE else {}
        genes, samples = gene_names(self.genes), sample_names(self.samples)
        with h5py.File(path, "w", **long_attributes) as file:
            expr = file.create_dataset("expr", (self.genes, self.samples), np.float32, **STORAGE[self.storage])
            self.fill(expr)
            expr.attrs["n_genes"], expr.attrs["n_samples"] = self.genes, self.samples
            if self.genes <= LONGEST_ATTRIBUTE:
                expr.attrs["gene_names"] = genes
            expr.attrs["sample_names"] = samples
            file.create_dataset("gene_names", data=genes, dtype=h5py.string_dtype())
            file.create_dataset("sample_names", data=samples, dtype=h5py.string_dtype())

    def fill(self, expr):
        """Whole rows of chunks at a time, or each chunk would be encoded more than once."""
        step = expr.chunks[0] if expr.chunks else 1
        rows = min(step * max(BLOCK_BYTES // (4 * self.samples * step), 1), self.genes)
        block = values(self.kind, rows, self.samples, self.seed).astype(np.float32)
        expr[:rows] = block
        for first in range(rows, self.genes, rows):
            if expr.chunks and first + rows <= self.genes:
                repeat_chunks(expr, rows, first)
            else:
                expr[first:first + rows] = block[:self.genes - first]


def repeat_chunks(expr, rows, first):
    """The chunks of the first rows once more, as they are stored: encoding them takes a minute for each GB."""
    expr.file.flush()
    high, wide = expr.chunks
    for row, column in itertools.product(range(0, rows, high), range(0, expr.shape[1], wide)):
        mask, stored = expr.id.read_direct_chunk((row, column))
        expr.id.write_direct_chunk((first + row, column), stored, mask)


@dataclass(frozen=True)
class Archive:
    """A tree of matrices of the given kinds in turn; beyond `distinct` of them they are copies."""

    files: int
    genes: int
    samples: int
    kinds: tuple = ("log", "counts", "decimals")
    storage: str = "contiguous"
    distinct: int = 300

    FOLDER = 1_000

    @property
    def name(self):
        return f"{self.files}-files-{self.genes}x{self.samples}-{self.storage}"

    @property
    def raw_bytes(self):
        return 4 * self.genes * self.samples * self.files

    def write(self, path):
        written = []
        for index in range(self.files):
            place = path / f"{index // self.FOLDER:03}" / f"expression_{index:06}.h5"
            place.parent.mkdir(parents=True, exist_ok=True)
            if index < self.distinct:
                kind = self.kinds[index % len(self.kinds)]
                Matrix(kind, self.genes, self.samples, self.storage, seed=index).write(place)
                written.append(place)
            else:
                shutil.copyfile(written[index % self.distinct], place)


@dataclass(frozen=True)
class Text:
    """A TSV as an export writes it: with three decimals, or with every digit that a number has."""

    genes: int
    samples: int
    spelling: str = "3 decimals"
    packed: bool = False

    files = 1

    @property
    def name(self):
        return f"{self.spelling.replace(' ', '-')}-{self.genes}x{self.samples}.tsv" + ".gz" * self.packed

    @property
    def raw_bytes(self):
        return 4 * self.genes * self.samples

    def write(self, path):
        spell = repr if self.spelling == "full precision" else "{:.3f}".format
        matrix = values("log", self.genes, self.samples).tolist()
        with gzip.open(path, "wt", compresslevel=6) if self.packed else path.open("w") as file:
            file.write("\t".join(["gene", *sample_names(self.samples)]) + "\n")
            for name, row in zip(gene_names(self.genes), matrix):
                file.write(f"{name}\t" + "\t".join(map(spell, row)) + "\n")


def made(data, folder):
    """Its path below the folder; written if it is not there. What an interrupted run began is begun again."""
    path = folder / data.name
    if not path.exists():
        beginning = folder / f".part-{data.name}"
        remove(beginning)
        data.write(beginning)
        beginning.rename(path)
    return path


def remove(path: Path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def files_below(path: Path):
    return [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
