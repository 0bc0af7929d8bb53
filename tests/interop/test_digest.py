"""The digest in a migrated file, computed again from its definition with h5py and hashlib.

values   a leaf is the SHA-256 of a row's bytes in the file's own byte order, a node the SHA-256
         of the leaves of 1,024 rows one after the other, and the digest that of all nodes
genes,   the SHA-256 of each name's UTF-8 bytes followed by a null byte
samples
"""

import hashlib
import re

import h5py
import numpy as np
import pytest

import content
import manifest
import tool

ROWS_OF_A_NODE = 1024
FORM = re.compile(r"h5lift-digest/1 values=([0-9a-f]{64}) genes=([0-9a-f]{64}) samples=([0-9a-f]{64}) rest=([0-9a-f]{64})")


def sha256(data):
    return hashlib.sha256(data).digest()


def digest_of_values(dataset):
    data = content.raw(dataset.id, dataset.id.get_type(), dataset.shape)
    leaves = [sha256(row.tobytes()) for row in data]
    nodes = [sha256(b"".join(leaves[start:start + ROWS_OF_A_NODE])) for start in range(0, len(leaves), ROWS_OF_A_NODE)]
    return sha256(b"".join(nodes)).hex()


def digest_of_names(dataset):
    return sha256(b"".join(name + b"\0" for name in dataset[:])).hex()


def stored(file):
    text = file.attrs["h5lift_digest"]
    text = text.decode() if isinstance(text, bytes) else text
    found = FORM.fullmatch(text)
    assert found, f"not the form of a digest: {text!r}"
    return found.groups()[:3]


def computed(file):
    return digest_of_values(file["expr"]), digest_of_names(file["gene_names"]), digest_of_names(file["sample_names"])


@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("migrate")))
def test_the_digest_is_as_defined(h5lift, row, new):
    h5lift.migrate(manifest.path(row), "-o", new).must(tool.DONE)
    with h5py.File(new) as file:
        assert stored(file) == computed(file)


@pytest.mark.parametrize("rows", [1023, 1024, 1025, 2048, 2050])
def test_around_the_length_of_a_node(h5lift, rows, new, tmp_path):
    from fixtures.expression import legacy_file
    old = tmp_path / "old.h5"
    with legacy_file(old, rows, 3):
        pass
    h5lift.migrate(old, "-o", new).must(tool.DONE)
    with h5py.File(new) as file:
        assert stored(file) == computed(file)


def test_the_digest_does_not_depend_on_storage(h5lift, tmp_path):
    found = []
    for name in ("storage-contiguous.h5", "storage-gzip-shuffle.h5", "storage-lzf.h5", "storage-compact.h5"):
        new = tmp_path / name
        h5lift.migrate(manifest.path(name), "-o", new).must(tool.DONE)
        with h5py.File(new) as file:
            found.append(stored(file))
    assert len(set(found)) == 1


def test_the_record_says_the_same_digest(h5lift, new):
    run = h5lift.migrate(manifest.path("hybrid.h5"), "-o", new).must(tool.DONE)
    with h5py.File(new) as file:
        assert stored(file)[0] in str(run.record["digest"])


def test_the_definition_itself_on_known_bytes(tmp_path):
    """Two rows by hand, so that an error in the functions above cannot agree with one in h5lift."""
    with h5py.File(tmp_path / "known.h5", "w") as file:
        file["expr"] = np.array([[1], [2]], dtype=">u2")
        file.create_dataset("gene_names", data=["a", "ü"], dtype=h5py.string_dtype())
        leaves = hashlib.sha256(b"\0\1").digest() + hashlib.sha256(b"\0\2").digest()
        assert digest_of_values(file["expr"]) == hashlib.sha256(hashlib.sha256(leaves).digest()).hexdigest()
        assert digest_of_names(file["gene_names"]) == hashlib.sha256(b"a\0\xc3\xbc\0").hexdigest()
