"""`migrate FILE -o OUT` for every fixture: what is there afterwards, read by h5py alone."""

import h5py
import pytest

import manifest
import tool
from compare import differences
from expected_names import ATTRIBUTE, hidden, names

CARRIED = {"gene_names", "sample_names"}


def migrate(h5lift, row, new, *options):
    """Migrate a committed fixture in place of a copy: it must not change."""
    before = manifest.sha256(manifest.path(row))
    run = h5lift.migrate("--timeout", "5", *options, manifest.path(row), "-o", new)
    assert manifest.sha256(manifest.path(row)) == before, "the original was changed"
    return run


def left_behind(new):
    return sorted(path.name for path in new.parent.iterdir())


@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("migrate")))
def test_migrated(h5lift, row, new):
    run = migrate(h5lift, row, new).must(tool.DONE)
    assert run.record["outcome"] == "migrated"
    assert run.record["verified"] == "full"
    assert run.record["bytes_after"] == new.stat().st_size
    assert left_behind(new) == ["out.h5"]
    assert differences(manifest.path(row), new) == []


@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("migrate")))
def test_reads_as_the_current_layout(h5lift, row, new):
    migrate(h5lift, row, new).must(tool.DONE)
    with h5py.File(manifest.path(row)) as before, h5py.File(new) as after:
        assert sorted(after) == sorted({"expr"} | CARRIED | set(before))
        lifted = [found[1] for axis in ATTRIBUTE if (found := hidden(before, axis))]
        others = set(before["expr"].attrs) - CARRIED - {name for places in lifted for holder, name in places if holder == "/expr"}
        assert sorted(after["expr"].attrs) == sorted(others)
        # As the pipeline's readers do it.
        genes = [x.decode() if isinstance(x, bytes) else x for x in after["gene_names"][:]]
        samples = [x.decode() if isinstance(x, bytes) else x for x in after["sample_names"][:]]
        assert (genes, samples) == (names(before, "genes"), names(before, "samples"))
        assert after["expr"][:].shape == (len(genes), len(samples))
        # What the old file did not count is not counted now either; a finding says so.
        counted = {"n_genes", "n_samples"} <= others
        assert counted or row["file"] in ("counts-missing.h5", "counts-one-missing.h5")
        if counted:
            assert (after["expr"].attrs["n_genes"], after["expr"].attrs["n_samples"]) == after["expr"].shape


@pytest.mark.parametrize("name", ["hybrid.h5", "hybrid-toy.h5", "names-vlen-utf8.h5", "count-4092-libver.h5", "storage-latest.h5"])
def test_a_plain_file_becomes_exactly_the_layout(h5lift, name, new):
    migrate(h5lift, {"file": name}, new).must(tool.DONE)
    with h5py.File(new) as after:
        assert list(after) == ["expr", "gene_names", "sample_names"]
        assert list(after["expr"].attrs) == ["n_genes", "n_samples"]
        assert all(mark.startswith("h5lift_") for mark in after.attrs)


@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("migrate")))
def test_opens_in_old_libraries(h5lift, row, new):
    migrate(h5lift, row, new).must(tool.DONE)
    with h5py.File(new) as after:
        start = after.userblock_size
    # Superblock 3 came with 1.10, whose files 1.8 cannot open.
    assert new.read_bytes()[start + 8] in (0, 2)


@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("refuse")))
def test_refused(h5lift, row, new):
    run = migrate(h5lift, row, new).must(tool.FAILED)
    assert left_behind(new) == []
    record = run.record
    assert record["state"] == row["state"], record["reason"]
    assert record["outcome"] in {"refused", "failed"}
    assert record["output"] is None
    assert record["reason"].strip()
    if record["error"] is not None:
        assert all(record["error"][part].strip() for part in ("kind", "message", "hint"))


@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("skip")))
def test_skipped(h5lift, row, new):
    run = migrate(h5lift, row, new).must(tool.DONE)
    assert left_behind(new) == []
    assert run.record["outcome"] == "skipped"
    assert run.record["state"] == row["state"]


@pytest.mark.parametrize(("name", "hint"), [
    ("conflict-one-name.h5", "--prefer"),
    ("names-fixed-latin1.h5", "--encoding"),
])
def test_a_refusal_names_the_way_out(h5lift, name, hint, new):
    run = migrate(h5lift, {"file": name}, new).must(tool.FAILED)
    assert hint in str(run.record), "the record does not name the option that helps"
