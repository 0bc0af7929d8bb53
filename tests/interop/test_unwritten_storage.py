"""Datasets beside /expr that declare more than was ever written: the work is bounded by the length of the file.

No times are measured. Anything that took the declared bytes would take hours, or meet the limit of these runs.
"""

import h5py
import numpy as np
import pytest

import tool

NAME = "hybrid-40x8.h5"
# Of declared bytes; the same again would pass no limit of this size.
TIMEOUT = 30
GIB, TIB = 1 << 30, 1 << 40


def contiguous(file):
    """16 GiB in one dataset, declared and not written."""
    file.create_dataset("more/values", (16, GIB // 8), "<f8")


def many(file):
    """100 TiB in 110 datasets."""
    for number in range(110):
        file.create_dataset(f"more/values{number}", (TIB // 8 - 1,), "<f8", fillvalue=number)


def chunked(file):
    """No chunk was written."""
    file.create_dataset("more/values", (GIB, 100), "<f4", chunks=(1024, 10), compression="gzip")


def one_chunk(file):
    """Two of billions."""
    dataset = file.create_dataset("more/values", (GIB, 100), "<f4", chunks=(64, 10), fillvalue=-1)
    dataset[640_000_010:640_000_020, 17] = 5
    dataset[0, 0] = 7


def texts(file):
    file.create_dataset("more/values", (GIB,), h5py.string_dtype())


def early(file):
    """Whoever makes it must not allocate it at once, though its header says so."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk((1024,))
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_INCR)
    space = h5py.h5s.create_simple((16 * GIB,))
    h5py.h5d.create(file.create_group("more").id, b"values", h5py.h5t.STD_U8LE, space, dcpl=properties)


CASES = [contiguous, many, chunked, one_chunk, texts, early]


def made(path, add):
    with h5py.File(path, "r+", libver=("earliest", "v108")) as file:
        add(file)
    return path


@pytest.mark.parametrize("add", CASES)
def test_what_was_never_written_takes_no_time_and_stays_so(h5lift, old, new, add):
    old = made(old(NAME), add)
    h5lift.audit(old, "--lint", timeout=TIMEOUT).must(tool.DONE)
    h5lift.migrate(old, "-o", new, timeout=TIMEOUT).must(tool.DONE)
    h5lift.verify(old, new, timeout=TIMEOUT).must(tool.DONE)
    h5lift.verify(new, timeout=TIMEOUT).must(tool.DONE)
    assert new.stat().st_size < old.stat().st_size + (1 << 20)
    with h5py.File(old) as before, h5py.File(new) as after:
        for name, dataset in before["more"].items():
            copy = after["more"][name]
            assert (copy.shape, copy.dtype, copy.chunks) == (dataset.shape, dataset.dtype, dataset.chunks)
            assert copy.id.get_storage_size() == dataset.id.get_storage_size()
            if dataset.dtype.kind != "O":
                assert copy.fillvalue == dataset.fillvalue


def test_what_was_written_among_it_is_compared(h5lift, old, new):
    old = made(old(NAME), one_chunk)
    h5lift.migrate(old, "-o", new, timeout=TIMEOUT).must(tool.DONE)
    with h5py.File(new, "r+") as file:
        rows = file["more/values"][640_000_010:640_000_020, 17]
        assert np.all(rows == 5)
        file["more/values"][640_000_015, 17] = 6
    h5lift.verify(old, new, timeout=TIMEOUT).must(tool.FAILED)
    assert "the dataset /more/values" in h5lift.verify(old, new, timeout=TIMEOUT).stdout


def test_a_chunk_more_is_a_difference(h5lift, old, new):
    old = made(old(NAME), one_chunk)
    h5lift.migrate(old, "-o", new, timeout=TIMEOUT).must(tool.DONE)
    with h5py.File(new, "r+") as file:
        file["more/values"][320_000, 3] = 4
    h5lift.verify(old, new, timeout=TIMEOUT).must(tool.FAILED)
