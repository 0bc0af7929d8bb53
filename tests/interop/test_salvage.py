"""`migrate --salvage`: what can be decoded is kept to the bit, what cannot is NaN, and the file says so."""

import shutil

import h5py
import numpy as np
import pytest

import manifest
import tool
from compare import differences

MARK = "h5lift_salvaged"
# Which rows and columns each fixture has lost: (first row, end, first column, end).
LOST = {
    "chunk-flipped-gzip.h5": [(0, 16, 0, 8)],
    "chunk-flipped-fletcher32.h5": [(0, 16, 0, 8)],
    "chunk-flipped-twice.h5": [(0, 16, 4, 8), (32, 40, 8, 10)],
}
CHUNKS = {"chunk-flipped-gzip.h5": 3, "chunk-flipped-fletcher32.h5": 3, "chunk-flipped-twice.h5": 9}
NAN = {2: 0x7E00, 4: 0x7FC00000, 8: 0x7FF8000000000000}


def bits(values):
    return values.view(values.dtype.str.replace("f", "u"))


def lost_mask(shape, rectangles):
    mask = np.zeros(shape, dtype=bool)
    for row, last_row, column, last_column in rectangles:
        mask[row:last_row, column:last_column] = True
    return mask


def readable(path, rectangles):
    """What h5py reads of a damaged matrix, chunk by chunk; the lost ones must fail."""
    with h5py.File(path) as file:
        expr = file["expr"]
        values, failed = np.zeros(expr.shape, expr.dtype), []
        for part in expr.iter_chunks():
            try:
                values[part] = expr[part]
            except OSError:
                failed.append((part[0].start, part[0].stop, part[1].start, part[1].stop))
    assert sorted(failed) == sorted(rectangles)
    return values


def mark_text(lost, chunks):
    rectangles = "; ".join(f"rows {r}-{re - 1}, columns {c}-{ce - 1}" for r, re, c, ce in lost)
    return f"{len(lost)} of {chunks} chunks of /expr could not be decoded, their values are NaN here: {rectangles}"


def assert_salvaged(old, new, rectangles, chunks):
    expected = readable(old, rectangles)
    mask = lost_mask(expected.shape, rectangles)
    with h5py.File(new) as file:
        found = file["expr"][:]
        assert found.dtype == expected.dtype
        assert file.attrs[MARK] == mark_text(rectangles, chunks)
        assert list(file) == ["expr", "gene_names", "sample_names"]
        assert list(file["expr"].attrs) == ["n_genes", "n_samples"]
    assert np.array_equal(bits(found)[~mask], bits(expected)[~mask])
    assert np.all(bits(found)[mask] == NAN[found.itemsize])


def everything_else(old, new):
    """Differences but for the values of /expr, which h5py cannot read whole from the old file."""
    healed = old.with_name("healed-" + old.name)
    shutil.copyfile(old, healed)
    with h5py.File(new) as file:
        values = file["expr"][:]
    with h5py.File(healed, "r+") as file:
        expr = file["expr"]
        for part in expr.iter_chunks():
            try:
                expr[part]
            except OSError:
                starts = (part[0].start, part[1].start)
                whole = np.zeros(expr.chunks, expr.dtype)
                block = values[part]
                whole[:block.shape[0], :block.shape[1]] = block
                # Filter 0 of each pipeline here may be left out; all of them are.
                expr.id.write_direct_chunk(starts, whole.tobytes(), filter_mask=0b111)
    return differences(healed, new)


@pytest.mark.parametrize("name", LOST)
@pytest.mark.parametrize("options", [[], ["--verify", "fast"], ["--verify", "none"], ["--jobs", "3"],
                                     ["--chunks", "keep"], ["--chunks", "keep", "--verify", "fast"], ["--chunks", "7x3"], ["--chunks", "40x8", "--verify", "fast"]], ids=" ".join)
def test_what_can_be_decoded_is_kept_to_the_bit(h5lift, old, new, name, options):
    file = old(name)
    before = manifest.sha256(file)
    record = h5lift.migrate("--salvage", *options, file, "-o", new).must(tool.FAILED).record
    assert_salvaged(file, new, LOST[name], CHUNKS[name])
    assert everything_else(file, new) == []
    assert manifest.sha256(file) == before
    assert (record["outcome"], record["state"], record["lost_chunks"]) == ("salvaged", "damaged", len(LOST[name]))
    assert record["verified"] == (options[options.index("--verify") + 1] if "--verify" in options else "full")
    assert [finding["detail"] for finding in record["findings"] if finding["code"] == "salvaged"] == [
        mark_text(LOST[name], CHUNKS[name])]
    assert record["error"] is None and record["digest"] and record["output"] == str(new)


def test_good_gzip_chunks_are_copied_as_they_are(h5lift, old, new):
    file = old("chunk-flipped-twice.h5")
    record = h5lift.migrate("--salvage", "--chunks", "keep", file, "-o", new).record
    assert record["written_as"]["encoder"] == "verbatim"
    with h5py.File(file) as before, h5py.File(new) as after:
        for number in range(9):
            start = before["expr"].id.get_chunk_info(number).chunk_offset
            same = before["expr"].id.read_direct_chunk(start) == after["expr"].id.read_direct_chunk(start)
            assert same == (number not in (1, 8))


def damage(path, numbers=(0,)):
    with h5py.File(path) as file:
        places = [file["expr"].id.get_chunk_info(number) for number in numbers]
    data = bytearray(path.read_bytes())
    for place in places:
        data[place.byte_offset + place.size // 2] ^= 0x10
    path.write_bytes(data)


def write(path, values, **storage):
    rows, columns = values.shape
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=values, **storage)
        expr.attrs["n_genes"], expr.attrs["n_samples"] = rows, columns
        expr.attrs["gene_names"] = np.array([f"G{n}" for n in range(rows)], dtype="S")
        expr.attrs["sample_names"] = np.array([f"S{n}" for n in range(columns)], dtype="S")


STORAGES = {
    "gzip": {"compression": "gzip"},
    "shuffle-gzip-fletcher32": {"compression": "gzip", "shuffle": True, "fletcher32": True},
    "fletcher32": {"fletcher32": True},
    "lzf-fletcher32": {"compression": "lzf", "fletcher32": True},
}


@pytest.mark.parametrize("dtype", ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("storage", STORAGES)
def test_every_float_in_either_byte_order(h5lift, tmp_path, new, dtype, storage):
    file = tmp_path / "old.h5"
    values = np.random.default_rng(7).normal(5, 2, (37, 11)).astype(dtype)
    write(file, values, chunks=(10, 4), **STORAGES[storage])
    damage(file, [0, 11])
    h5lift.migrate("--salvage", file, "-o", new).must(tool.FAILED)
    assert_salvaged(file, new, [(0, 10, 0, 4), (30, 37, 8, 11)], 12)


@pytest.mark.parametrize("dtype", ["<f4", ">f8"])
def test_filters_that_only_the_library_has(h5lift, tmp_path, new, dtype):
    file = tmp_path / "old.h5"
    values = np.random.default_rng(7).normal(5, 2, (37, 11)).astype(dtype)
    write(file, values, chunks=(10, 4), scaleoffset=4, compression="gzip")
    damage(file, [0, 11])
    message = h5lift.migrate(file, "-o", new).must(tool.FAILED).record["error"]["message"]
    assert "cannot be read by the HDF5 library" in message and "genes `G0` to `G9`" in message
    h5lift.migrate("--salvage", file, "-o", new).must(tool.FAILED)
    assert_salvaged(file, new, [(0, 10, 0, 4), (30, 37, 8, 11)], 12)


def test_a_proof_in_parts_agrees_with_the_writer(h5lift, tmp_path, new):
    """Workers that share a proof split it at rows that chunks of 700 rows do not respect."""
    file = tmp_path / "old.h5"
    values = np.random.default_rng(8).normal(5, 2, (5000, 6)).astype("<f4")
    write(file, values, chunks=(700, 4), compression="gzip")
    damage(file, [2, 3, 15])
    outputs = []
    for jobs in ("1", "2", "4"):
        out = new.with_name(f"jobs-{jobs}.h5")
        h5lift.migrate("--salvage", "--jobs", jobs, file, "-o", out).must(tool.FAILED)
        assert_salvaged(file, out, [(700, 1400, 0, 4), (700, 1400, 4, 6), (4900, 5000, 4, 6)], 16)
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1] == outputs[2]


def test_many_lost_chunks_are_counted_not_listed(h5lift, tmp_path, new):
    file = tmp_path / "old.h5"
    write(file, np.random.default_rng(9).normal(5, 2, (60, 10)).astype("<f4"), chunks=(2, 5), compression="gzip")
    damage(file, range(50))
    h5lift.migrate("--salvage", file, "-o", new).must(tool.FAILED)
    with h5py.File(new) as out:
        text = out.attrs[MARK]
    assert text.startswith("50 of 60 chunks") and text.endswith("; and 30 more") and text.count("rows") == 20


@pytest.mark.parametrize("name", ["hybrid-40x8.h5", "storage-lzf.h5", "counts-int32.h5", "values-bool.h5", "storage-contiguous.h5"])
def test_without_damage_nothing_is_different(h5lift, new, name):
    with_option, without = new.with_name("with.h5"), new.with_name("without.h5")
    run = h5lift.migrate("--salvage", manifest.path(name), "-o", with_option).must(tool.DONE)
    assert run.record["outcome"] == "migrated" and "lost_chunks" not in run.record
    h5lift.migrate(manifest.path(name), "-o", without).must(tool.DONE)
    assert with_option.read_bytes() == without.read_bytes()


@pytest.mark.parametrize(("kind", "dtype"), [("integers", "<i4"), ("integers", "|u1"), ("booleans", "?")])
def test_there_is_no_integer_for_lost(h5lift, tmp_path, new, kind, dtype):
    file = tmp_path / "old.h5"
    values = (np.random.default_rng(3).integers(0, 200, (40, 8)) % (2 if dtype == "?" else 256)).astype(dtype)
    write(file, values, chunks=(16, 8), compression="gzip")
    damage(file)
    record = h5lift.migrate("--salvage", file, "-o", new).must(tool.FAILED).record
    assert (record["outcome"], record["state"]) == ("refused", "damaged")
    message = record["error"]["message"]
    assert kind in message and 'no value that says "lost"' in message
    assert "genes `G0` to `G15`, samples `S0` to `S7`" in message
    assert list(new.parent.iterdir()) == []


def test_never_in_place(h5lift, old):
    file = old("chunk-flipped-gzip.h5")
    before = manifest.sha256(file)
    run = h5lift.run("migrate", "--salvage", "--in-place", file).must(tool.USAGE)
    assert "--salvage" in run.stderr and "--in-place" in run.stderr
    assert manifest.sha256(file) == before and [path.name for path in file.parent.iterdir() if path.is_file()] == [file.name]


@pytest.mark.parametrize("name", ["heap-zeroed-sector.h5", "not-aligned.h5", "truncated-half.h5", "symbol-table-flipped.h5"])
def test_other_damage_is_refused_as_ever(h5lift, new, name):
    record = h5lift.migrate("--salvage", manifest.path(name), "-o", new).must(tool.FAILED).record
    assert (record["state"], record["outcome"]) == ("damaged", "refused")
    assert list(new.parent.iterdir()) == []


def test_damage_in_another_dataset_is_refused(h5lift, tmp_path, new):
    file = tmp_path / "old.h5"
    write(file, np.ones((40, 8), "<f4"), chunks=(16, 8), compression="gzip")
    with h5py.File(file, "r+") as out:
        out.create_dataset("quality", data=np.random.default_rng(1).normal(size=(40, 8)), chunks=(16, 8), fletcher32=True)
        place = out["quality"].id.get_chunk_info(0)
    data = bytearray(file.read_bytes())
    data[place.byte_offset + 5] ^= 1
    file.write_bytes(data)
    record = h5lift.migrate("--salvage", file, "-o", new).must(tool.FAILED).record
    assert record["outcome"] in ("failed", "refused") and record["state"] == "damaged"
    assert list(new.parent.iterdir()) == []


@pytest.mark.parametrize(("name", "complaint"), [
    ("chunk-flipped-gzip.h5", "cannot be inflated"),
    ("chunk-flipped-fletcher32.h5", "fails its Fletcher-32 checksum"),
])
@pytest.mark.parametrize("command", ["migrate", "lint", "verify"])
def test_the_error_names_chunk_genes_and_samples(h5lift, old, new, name, complaint, command):
    file = old(name)
    with h5py.File(file) as opened:
        genes, samples = opened["expr"].attrs["gene_names"], opened["expr"].attrs["sample_names"]
    if command == "migrate":
        record = h5lift.migrate(file, "-o", new).must(tool.FAILED).record
        assert "--salvage" in record["error"]["hint"]
    elif command == "lint":
        record = h5lift.audit("--lint", file).must(tool.DONE).record
    else:
        h5lift.migrate("--salvage", file, "-o", new)
        with h5py.File(new, "r+") as out:
            del out.attrs[MARK]
        record = h5lift.verify("--format", "json", "--level", "fast", file, new).must(tool.FAILED).record
    reason = record["reason"]
    assert "the chunk at offset [0, 0] of /expr" in reason
    assert f"genes `{genes[0]}` to `{genes[15]}`, samples `{samples[0]}` to `{samples[7]}`" in reason
    assert complaint in reason


def test_the_file_goes_on_telling_it(h5lift, old, new):
    file = old("chunk-flipped-twice.h5")
    h5lift.migrate("--salvage", file, "-o", new)
    text = mark_text(LOST[file.name], 9)
    record = h5lift.audit(new).must(tool.DONE).record
    assert record["state"] == "current"
    assert {"code": "salvaged", "detail": text} in record["findings"]
    table = h5lift.run("audit", new).must(tool.DONE).stdout
    assert "2 of 9 chunks" in table
    assert h5lift.verify("--format", "json", new).must(tool.DONE).record["outcome"] == "verified"
    for level in ("full", "fast"):
        record = h5lift.verify("--format", "json", "--level", level, file, new).must(tool.FAILED).record
        assert (record["outcome"], record["lost_chunks"], record["verified"]) == ("salvaged", 2, level)


def test_a_mark_that_is_not_true_does_not_verify(h5lift, old, new):
    file = old("chunk-flipped-twice.h5")
    h5lift.migrate("--salvage", file, "-o", new)
    with h5py.File(new, "r+") as out:
        out.attrs[MARK] = out.attrs[MARK].replace("rows 32-39", "rows 32-38")
    record = h5lift.verify("--format", "json", file, new).must(tool.FAILED).record
    assert record["outcome"] == "failed" and record["error"]["kind"] == "mismatch"


def test_nan_where_the_old_file_has_values_does_not_verify(h5lift, tmp_path, new):
    """A file that claims a loss which never was: all old chunks can be decoded."""
    healthy, damaged = tmp_path / "healthy.h5", tmp_path / "damaged.h5"
    write(healthy, np.random.default_rng(2).normal(size=(40, 8)).astype("<f4"), chunks=(16, 8), compression="gzip")
    shutil.copyfile(healthy, damaged)
    damage(damaged)
    h5lift.migrate("--salvage", damaged, "-o", new).must(tool.FAILED)
    for level in ("full", "fast"):
        assert h5lift.verify("--format", "json", "--level", level, damaged, new).record["outcome"] == "salvaged"
        record = h5lift.verify("--format", "json", "--level", level, healthy, new).must(tool.FAILED).record
        assert record["outcome"] == "failed" and record["error"]["kind"] == "mismatch"


def test_a_rewrite_carries_the_mark_over(h5lift, tmp_path, new):
    file = tmp_path / "old.h5"
    write(file, np.random.default_rng(4).normal(size=(40, 8)).astype("<f4"), chunks=(16, 8), compression="gzip")
    damage(file)
    first = tmp_path / "salvaged.h5"
    h5lift.migrate("--salvage", file, "-o", first).must(tool.FAILED)
    with h5py.File(first, "r+") as out:
        values, text = out["expr"][:], out.attrs[MARK]
        attributes = dict(out["expr"].attrs)
        del out["expr"]
        out.create_dataset("expr", data=values, chunks=(16, 8), fletcher32=True)
        out["expr"].attrs.update(attributes)
    run = h5lift.migrate("--recompress", first, "-o", new).must(tool.DONE)
    assert run.record["outcome"] == "migrated" and "salvaged" in [finding["code"] for finding in run.record["findings"]]
    with h5py.File(new) as out:
        assert out.attrs[MARK] == text
    again = new.with_name("again.h5")
    damage(first, [2])
    record = h5lift.migrate("--recompress", "--salvage", first, "-o", again).must(tool.FAILED).record
    assert (record["outcome"], record["lost_chunks"]) == ("salvaged", 1)
    with h5py.File(again) as out:
        assert out.attrs[MARK] == f"{text}; and later {mark_text([(32, 40, 0, 8)], 3)}"
    assert [finding["detail"] for finding in record["findings"] if finding["code"] == "salvaged"] == [
        f"{text}; and later {mark_text([(32, 40, 0, 8)], 3)}"]


def test_an_archive_its_ledger_and_undo(h5lift, old, tmp_path):
    old("chunk-flipped-gzip.h5", "in/a.h5"), old("hybrid-40x8.h5", "in/b.h5"), old("chunk-flipped-int32.h5", "in/c.h5")
    ledger, out = tmp_path / "run.jsonl", tmp_path / "out"
    run = h5lift.migrate("--salvage", tmp_path / "in", "--out-dir", out, "--ledger", ledger).must(tool.FAILED)
    assert run.document["summary"]["by_outcome"] == {"migrated": 1, "refused": 1, "salvaged": 1}
    assert sorted(path.name for path in out.iterdir()) == ["a.h5", "b.h5"]
    report = h5lift.run("report", "--format", "json", ledger).document
    assert report["summary"]["by_outcome"] == run.document["summary"]["by_outcome"]

    again = h5lift.migrate("--salvage", tmp_path / "in", "--out-dir", out).must(tool.FAILED)
    assert again.document["summary"]["by_outcome"] == {"refused": 1, "skipped": 2}
    assert "salvaged" in [finding["code"] for finding in again.files[0]["findings"]]
    # Without --salvage this is not the file that would have been made.
    plain = h5lift.migrate(tmp_path / "in" / "a.h5", "--out-dir", out).must(tool.FAILED)
    assert (plain.record["outcome"], plain.record["error"]["kind"]) == ("refused", "exists")

    h5lift.run("purge", ledger).must(tool.DONE)
    assert (tmp_path / "in" / "a.h5").exists()
    h5lift.run("undo", ledger).must(tool.DONE)
    assert list(out.iterdir()) == []
    rows = tool.by_name(h5lift.run("report", "--format", "json", ledger).files)
    assert rows["a.h5"]["outcome"] is None and "lost_chunks" not in rows["a.h5"]


def test_table_and_tsv_say_it(h5lift, old, new):
    file = old("chunk-flipped-twice.h5")
    run = h5lift.run("migrate", "--salvage", file, "-o", new).must(tool.FAILED)
    assert "1 salvaged and verified in full" in run.stdout and "2 of 9 chunks" in run.stdout
    other, third = new.with_name("other.h5"), new.with_name("third.h5")
    quiet = h5lift.run("migrate", "--salvage", "-q", file, "-o", third).must(tool.FAILED)
    assert quiet.stdout == "" and "2 of 9 chunks" in quiet.stderr
    lines = h5lift.run("migrate", "--salvage", "--format", "tsv", file, "-o", other).stdout.splitlines()
    row = dict(zip(lines[0].split("\t"), lines[1].split("\t")))
    assert (row["outcome"], row["state"]) == ("salvaged", "damaged") and "salvaged" in row["findings"].split(",")


def test_a_chunk_beyond_the_end_of_the_file_is_lost(h5lift, tmp_path, new):
    """The index of the chunks is damaged, not the chunk."""
    file = tmp_path / "old.h5"
    write(file, np.random.default_rng(5).normal(size=(40, 8)).astype("<f4"), chunks=(16, 8), compression="gzip")
    with h5py.File(file) as opened:
        place = opened["expr"].id.get_chunk_info(1)
    data = bytearray(file.read_bytes())
    address = place.byte_offset.to_bytes(8, "little")
    assert data.count(address) == 1
    data[data.find(address) + 5] = 1
    file.write_bytes(data)
    h5lift.migrate("--salvage", file, "-o", new).must(tool.FAILED)
    assert_salvaged(file, new, [(16, 32, 0, 8)], 3)
