"""Datasets beside /expr: their chunks are copied as they are stored, and still all read once."""

import h5py
import numpy as np
import pytest

import tool
from compare import differences

NAME = "hybrid-40x8.h5"
NUMBERS = np.random.default_rng(7).integers(0, 50, (30, 11))
RECORD = np.dtype([("gene", "S9"), ("score", "<f8"), ("kind", h5py.enum_dtype({"A": 0, "B": 1}, basetype="u1"))])


def chunked(file, data, **options):
    return file.create_dataset("more/values", data=data, **{"chunks": (7, 4), **options})


def with_mask(file):
    """One chunk that its writer has not compressed."""
    dataset = chunked(file, NUMBERS.astype("<i2"), compression="gzip", shuffle=True)
    dataset.id.write_direct_chunk((7, 4), NUMBERS[7:14, 4:8].astype("<i2").tobytes(), filter_mask=0b11)


def sparse(file):
    dataset = file.create_dataset("more/values", (30, 11), "<f4", chunks=(7, 4), compression="gzip", fillvalue=-1)
    dataset[8:10, 9] = 5


def smaller_than_it_was(file):
    chunked(file, NUMBERS, maxshape=(None, 11), compression="gzip").resize((9, 11))


def of_records(file):
    records = np.zeros(40, RECORD)
    records["gene"], records["score"] = [b"g%d" % index for index in range(40)], np.arange(40) / 7
    chunked(file, records, chunks=(6,), compression="gzip")


def of_a_named_type(file):
    file["more/type"] = np.dtype(">f4")
    chunked(file, NUMBERS, dtype=file["more/type"], compression="gzip")


AS_STORED = {
    "gzip": lambda file: chunked(file, NUMBERS.astype("<f4"), compression="gzip"),
    "gzip of another level, shuffled, with sums": lambda file: chunked(
        file, NUMBERS, compression="gzip", compression_opts=9, shuffle=True, fletcher32=True),
    "no filter": lambda file: chunked(file, NUMBERS.astype(">u2")),
    "three dimensions": lambda file: chunked(file, NUMBERS.reshape(5, 6, 11), chunks=(2, 6, 5), compression="gzip"),
    "scale-offset": lambda file: chunked(file, NUMBERS.astype("i4"), scaleoffset=0),
    "text of one length": lambda file: chunked(file, np.array([b"x%d" % n for n in range(90)]), chunks=(20,), compression="gzip"),
    "a chunk larger than the dataset": lambda file: chunked(
        file, NUMBERS, chunks=(64, 64), maxshape=(None, None), compression="gzip"),
    "one chunk without filters": with_mask,
    "chunks that were never written": sparse,
    "made smaller": smaller_than_it_was,
    "records": of_records,
    "a committed type": of_a_named_type,
}
THROUGH_THE_LIBRARY = {
    "lzf": lambda file: chunked(file, NUMBERS.astype("<f4"), compression="lzf"),
    "text of any length": lambda file: chunked(
        file, [f"x{n}" * (n % 5) for n in range(90)], dtype=h5py.string_dtype(), chunks=(20,), compression="gzip"),
    "references": lambda file: chunked(
        file, [file["expr"].ref, file["gene_names"].ref], dtype=h5py.ref_dtype, chunks=(1,), compression="gzip"),
}


def chunks(path):
    """Where each chunk begins, which filters it has been through, and its bytes."""
    with h5py.File(path) as file:
        stored = file["more/values"].id
        places = [stored.get_chunk_info(number) for number in range(stored.get_num_chunks())]
        return [(place.chunk_offset, *stored.read_direct_chunk(place.chunk_offset)) for place in places]


def made(path, write):
    with h5py.File(path, "a") as file:
        write(file)
    return path


@pytest.mark.parametrize("kind", AS_STORED)
def test_chunks_are_copied_as_they_are_stored(h5lift, old, new, kind):
    before = made(old(NAME), AS_STORED[kind])
    h5lift.migrate(before, "-o", new).must(tool.DONE)
    assert chunks(before) and chunks(new) == chunks(before)
    assert differences(before, new) == []


@pytest.mark.parametrize("kind", THROUGH_THE_LIBRARY)
def test_what_cannot_be_copied_so_is_written_anew(h5lift, old, new, kind):
    before = made(old(NAME), THROUGH_THE_LIBRARY[kind])
    h5lift.migrate(before, "-o", new).must(tool.DONE)
    assert len(chunks(new)) == len(chunks(before)) > 0
    assert differences(before, new) == []


@pytest.mark.parametrize("level", ["full", "none"])
@pytest.mark.parametrize("damage", [b"\0" * 8, b"cut"])
def test_a_damaged_chunk_is_found_though_nothing_encodes_it(h5lift, old, new, level, damage):
    before = made(old(NAME), lambda file: chunked(file, NUMBERS, compression="gzip"))
    with h5py.File(before) as file:
        place = file["more/values"].id.get_chunk_info(3)
    content = bytearray(before.read_bytes())
    if damage == b"cut":
        del content[place.byte_offset + 3:]
    else:
        content[place.byte_offset + 6:place.byte_offset + 6 + len(damage)] = damage
    before.write_bytes(content)
    record = h5lift.migrate(before, "-o", new, "--verify", level).must(tool.FAILED).record
    assert record["outcome"] in ("failed", "refused"), record
    assert not list(new.parent.iterdir())
