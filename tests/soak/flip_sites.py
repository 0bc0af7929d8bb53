"""Where in a migrated file the matrix and the names lie, byte for byte."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

import h5py

NAMES = ("gene_names", "sample_names")
# Before each object of a global heap: its index, its references and its length.
HEAP_OBJECT_HEADER = 16


@dataclass(frozen=True)
class Sites:
    values: list[range]
    """Stored chunks of /expr."""
    elements: list[range]
    """What the names datasets hold themselves: length, heap and index of each name."""
    texts: list[range]
    """Each name in its heap, with its header."""

    def choose(self, random: Random) -> tuple[str, int]:
        """A byte and what it belongs to. Values are most of a file, but names are as precious."""
        kind = random.choices(("values", "elements", "texts"), weights=(2, 1, 1))[0]
        ranges = getattr(self, kind)
        inside = random.choices(ranges, weights=list(map(len, ranges)))[0]
        return kind, random.choice(inside)


def sites(path: Path) -> Sites:
    data = path.read_bytes()
    with h5py.File(path) as file:
        expr = file["expr"].id
        chunks = [expr.get_chunk_info(index) for index in range(expr.get_num_chunks())]
        names = [file[name] for name in NAMES]
        return Sites(
            values=[range(chunk.byte_offset, chunk.byte_offset + chunk.size) for chunk in chunks],
            elements=[range(item.id.get_offset(), item.id.get_offset() + item.id.get_storage_size()) for item in names],
            texts=[text_range(data, text) for item in names for text in item[:]],
        )


def text_range(data: bytes, text: bytes) -> range:
    at = data.index(text)
    if data.find(text, at + 1) >= 0:
        raise ValueError(f"{text!r} is in the file more than once")
    return range(at - HEAP_OBJECT_HEADER, at + len(text))
