"""Options of `migrate` that decide what the new file holds or whether it is written."""

import h5py
import pytest

import manifest
import tool
from compare import differences

LATIN = ["names-fixed-latin1.h5", "names-vlen-latin1.h5", "names-vlen-utf8-holding-latin1.h5", "names-dataset-latin1.h5"]


@pytest.mark.parametrize("name", ["conflict-one-name.h5", "conflict-order.h5", "conflict-composed.h5"])
@pytest.mark.parametrize("place", ["attributes", "datasets"])
def test_prefer_decides_a_conflict(h5lift, name, place, new):
    h5lift.migrate("--prefer", place, manifest.path(name), "-o", new).must(tool.DONE)
    assert differences(manifest.path(name), new, prefer=place) == []


@pytest.mark.parametrize("name", LATIN)
def test_encoding_reads_latin1(h5lift, name, new):
    h5lift.migrate("--encoding", "latin1", manifest.path(name), "-o", new).must(tool.DONE)
    assert differences(manifest.path(name), new, encoding="latin-1") == []


def test_encoding_leaves_no_name_half_decoded(h5lift, new):
    h5lift.migrate("--encoding", "latin1", manifest.path("names-vlen-latin1.h5"), "-o", new).must(tool.DONE)
    with h5py.File(new) as file:
        assert list(file["gene_names"].asstr()[:3]) == ["Malpighi", "Müller", "naïve"]


@pytest.mark.parametrize("level", [0, 1, 9])
def test_gzip_level(h5lift, level, new):
    name = "storage-contiguous.h5"
    h5lift.migrate("--gzip-level", str(level), manifest.path(name), "-o", new).must(tool.DONE)
    with h5py.File(new) as file:
        assert file["expr"].compression_opts == level
    assert differences(manifest.path(name), new) == []


@pytest.mark.parametrize("level", ["10", "-1", "fast"])
def test_a_level_that_does_not_exist_is_a_usage_error(h5lift, level, new):
    h5lift.run("migrate", f"--gzip-level={level}", manifest.path("hybrid.h5"), "-o", new).must(tool.USAGE)
    assert not new.exists()


@pytest.mark.parametrize("shuffle", ["on", "off"])
def test_shuffle(h5lift, shuffle, new):
    name = "storage-contiguous.h5"
    h5lift.migrate("--shuffle", shuffle, manifest.path(name), "-o", new).must(tool.DONE)
    with h5py.File(new) as file:
        assert file["expr"].shuffle == (shuffle == "on")
    assert differences(manifest.path(name), new) == []


@pytest.mark.parametrize(("chunks", "expected"), [("keep", (16, 3)), ("8x4", (8, 4))])
def test_chunks(h5lift, chunks, expected, new):
    name = "storage-lzf.h5"
    h5lift.migrate("--chunks", chunks, manifest.path(name), "-o", new).must(tool.DONE)
    with h5py.File(new) as file:
        assert file["expr"].chunks == expected
    assert differences(manifest.path(name), new) == []


@pytest.mark.parametrize("how", ["full", "fast", "none"])
def test_verification_is_reported_as_it_was_done(h5lift, how, new):
    run = h5lift.migrate("--verify", how, manifest.path("hybrid-40x8.h5"), "-o", new).must(tool.DONE)
    assert run.record["verified"] == how
    assert differences(manifest.path("hybrid-40x8.h5"), new) == []


def test_an_existing_destination_is_kept(h5lift, new):
    new.write_bytes(b"the user's work")
    run = h5lift.run("migrate", manifest.path("hybrid.h5"), "-o", new)
    assert run.code in (tool.FAILED, tool.USAGE), run
    assert new.read_bytes() == b"the user's work"
    assert [path.name for path in new.parent.iterdir()] == ["out.h5"]


def test_overwrite_replaces_it(h5lift, new):
    new.write_bytes(b"the user's work")
    h5lift.migrate("--overwrite", manifest.path("hybrid.h5"), "-o", new).must(tool.DONE)
    assert differences(manifest.path("hybrid.h5"), new) == []


def test_a_dry_run_writes_nothing(h5lift, new):
    run = h5lift.migrate("--dry-run", manifest.path("hybrid.h5"), "-o", new).must(tool.DONE)
    assert run.record["plan"]["action"] == "migrate"
    assert list(new.parent.iterdir()) == []


def test_without_a_destination_the_choices_are_named(h5lift, old):
    file = old("hybrid.h5")
    run = h5lift.run("migrate", file).must(tool.USAGE)
    assert "--out-dir" in run.stderr and "--in-place" in run.stderr
    assert manifest.sha256(file) == manifest.sha256(manifest.path("hybrid.h5"))


def test_recompress_takes_an_uncompressed_current_file(h5lift, new):
    name = "current-contiguous.h5"
    h5lift.migrate("--recompress", manifest.path(name), "-o", new).must(tool.DONE)
    assert differences(manifest.path(name), new) == []

