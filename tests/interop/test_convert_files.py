"""The new files of `convert`: as downstream scripts read them, where they go, and when they are made again."""

import gzip
import os
import re
import time

import h5py
import numpy as np
import pytest

import manifest
import tool
from text_matrices import SMALL, contents, convert, converted, stored_zstd, told

GENES = ["g1", "g2"]


@pytest.fixture
def text(tmp_path):
    """The small matrix, older than whatever is made of it."""
    path = tmp_path / "m.tsv"
    path.write_bytes(SMALL)
    aged(path)
    return path


def aged(path, seconds=100):
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Some megabytes, of more than one block in every buffer."""
    values = np.random.default_rng(1).gamma(0.5, 100, (6000, 80))
    path = tmp_path_factory.mktemp("large") / "large.tsv"
    with open(path, "w") as file:
        print(*(f"S{column}" for column in range(80)), sep="\t", file=file)
        for row, line in enumerate(values):
            print(f"FBgn{row:07}", *map("{:.4f}".format, line), sep="\t", file=file)
    return path


def test_downstream_scripts_read_it_unchanged(h5lift, text, new):
    converted(h5lift, text, new)
    with h5py.File(new, "r") as h5:
        assert "gene_names" in h5
        gene_names = [x.decode() if isinstance(x, bytes) else x for x in h5["gene_names"][:]]
        sample_names = [x.decode() if isinstance(x, bytes) else x for x in h5["sample_names"][:]]
        expr = h5["expr"][:]
        assert (h5["expr"].attrs["n_genes"], h5["expr"].attrs["n_samples"]) == (2, 2)
    assert (gene_names, sample_names) == (GENES, ["S1", "S2"])
    np.testing.assert_array_equal(expr, np.float32([[1, 2], [3, 4.5]]))


def test_it_is_the_current_layout_to_the_letter(h5lift, text, new):
    converted(h5lift, text, new)
    with h5py.File(new) as file:
        assert list(file) == ["expr", "gene_names", "sample_names"]
        assert list(file["expr"].attrs) == ["n_genes", "n_samples"]
        for name in file["expr"].attrs:
            attribute = file["expr"].attrs.get_id(name)
            assert (attribute.dtype, attribute.shape) == (np.dtype("<i8"), ())
        for name in ("gene_names", "sample_names"):
            kind = h5py.check_string_dtype(file[name].dtype)
            assert (kind.encoding, kind.length, file[name].shape) == ("utf-8", None, (2,))
        assert (file["expr"].dtype, file["expr"].compression, file["expr"].compression_opts) == (np.dtype("<f4"), "gzip", 4)
    h5lift.verify(new).must(tool.DONE)
    assert h5lift.audit("--check", new).must(tool.DONE).record["state"] == "current"


@pytest.mark.parametrize("options, storage", [
    (["--compression", "gzip", "--compression-level", "9"], ("gzip", 9)),
    (["--gzip-level", "1"], ("gzip", 1)),
    (["--compression", "lzf"], ("lzf", None)),
    (["--compression", "none"], (None, None)),
])
def test_storage_is_what_was_asked_for(h5lift, large, new, options, storage):
    converted(h5lift, large, new, *options)
    with h5py.File(new) as file:
        assert (file["expr"].compression, file["expr"].compression_opts) == storage
        assert (file["expr"].chunks is None) == (storage[0] is None)
        values = file["expr"][:]
    expected = np.loadtxt(large, skiprows=1, usecols=range(1, 81), dtype=np.float64, delimiter="\t").astype(np.float32)
    np.testing.assert_array_equal(values, expected)
    h5lift.verify(new).must(tool.DONE)


@pytest.mark.parametrize("shape, chunks", [("512x64", (512, 64)), ("1x80", (1, 80)), ("7000x3", (6000, 3))])
def test_chunks_are_what_was_asked_for(h5lift, large, new, shape, chunks):
    converted(h5lift, large, new, "--chunks", shape)
    with h5py.File(new) as file:
        assert file["expr"].chunks == chunks
    h5lift.verify(new).must(tool.DONE)


def test_an_older_script_spelled_it_so(h5lift, text, new):
    convert(h5lift, "--expr-tsv", text, "--out-h5", new, "--compression", "gzip", "--compression-level", "4").must(tool.DONE)
    assert contents(new)[0] == GENES
    toy = new.with_name("toy.h5")
    convert(h5lift, "--toy", "--out-h5", toy).must(tool.DONE)
    assert contents(toy)[2].shape == (10, 60)


@pytest.mark.parametrize("matrix", ["--e", "--ex", "--exp", "--expr", "--expr-", "--expr-t", "--expr-ts", "--expr-tsv"])
@pytest.mark.parametrize("out, level", [
    ("--o", "--compression-"), ("--ou", "--compression-l"), ("--out", "--compression-le"), ("--out-", "--compression-lev"),
    ("--out-h", "--compression-leve"), ("--out-h5", "--compression-level"),
])
def test_abbreviations_that_an_older_script_took(h5lift, text, new, matrix, out, level):
    convert(h5lift, matrix, text, f"{out}={new}", level, "1").must(tool.DONE)
    with h5py.File(new) as file:
        assert file["expr"].compression_opts == 1


@pytest.mark.parametrize("toy", ["--t", "--to", "--toy"])
def test_toy_with_the_other_options_of_an_older_script(h5lift, text, new, toy):
    run = convert(h5lift, toy, "--expr-tsv", text, "--out-h5", new, "--compression", "lzf", "--compression-level", "9").must(tool.DONE)
    assert "is not read" in run.stderr
    with h5py.File(new) as file:
        assert file["expr"].shape == (10, 60) and file["expr"].compression == "lzf"
    run = convert(h5lift, toy, "--expr-tsv", text).must(tool.USAGE)
    assert "--output" in run.stderr


def test_the_bytes_depend_on_nothing_but_the_text(h5lift, large, tmp_path):
    packed, frame = tmp_path / "packed.tsv.gz", tmp_path / "frame.tsv.zst"
    packed.write_bytes(gzip.compress(large.read_bytes(), 1))
    # A block of zstd holds 128 KiB at most, so that the frame is of a part; two of them are the text.
    frame.write_bytes(b"".join(stored_zstd(large.read_bytes()[at:at + 100_000]) for at in range(0, large.stat().st_size, 100_000)))
    made = {}
    for name, options in {"plain": [large], "1": ["-j1", large], "2": ["-j2", large], "gz": [packed], "zst": [frame]}.items():
        convert(h5lift, "-o", tmp_path / f"{name}.h5", *options).must(tool.DONE)
        made[name] = manifest.sha256(tmp_path / f"{name}.h5")
    convert(h5lift, "-o", tmp_path / "stdin.h5", "-", stdin=large.read_bytes()).must(tool.DONE)
    assert set(made.values()) == {manifest.sha256(tmp_path / "stdin.h5")}, made


@pytest.fixture
def tree(tmp_path):
    texts = tmp_path / "texts"
    for place in ("a.tsv.gz", "b/c.csv", "b/d.TXT", "b/d/e.tab", "f/a.tsv", "README.md", "old.h5", ".git/x.tsv"):
        path = texts / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(SMALL) if place.endswith("gz") else SMALL)
        aged(path)
    return texts


MADE = ["a.h5", "b/c.h5", "b/d.h5", "b/d/e.h5", "f/a.h5"]


def below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_out_dir_keeps_the_tree_and_names_files_after_texts(h5lift, tree, tmp_path):
    run = convert(h5lift, "--out-dir", tmp_path / "new", tree).must(tool.DONE)
    assert below(tmp_path / "new") == MADE
    assert [record["outcome"] for record in run.files] == ["converted"] * 5
    for place in MADE:
        assert contents(tmp_path / "new" / place)[0] == GENES


def test_one_bad_text_costs_its_own_row(h5lift, tree, tmp_path):
    (tree / "b/c.csv").write_bytes(SMALL + b"g3\t1\n")
    run = convert(h5lift, "--out-dir", tmp_path / "new", tree).must(tool.FAILED)
    assert tool.by_name(run.files)["c.csv"]["error"]["places"][0]["line"] == 4
    assert below(tmp_path / "new") == [place for place in MADE if place != "b/c.h5"]
    assert run.document["summary"]["by_outcome"] == {"converted": 4, "failed": 1}


def test_a_second_run_skips_what_is_finished(h5lift, tree, tmp_path):
    convert(h5lift, "--out-dir", tmp_path / "new", tree).must(tool.DONE)
    before = [(tmp_path / "new" / place).stat().st_mtime_ns for place in MADE]
    run = convert(h5lift, "--out-dir", tmp_path / "new", tree).must(tool.DONE)
    assert [record["outcome"] for record in run.files] == ["skipped"] * 5
    assert [(tmp_path / "new" / place).stat().st_mtime_ns for place in MADE] == before


def test_a_second_run_refuses_to_replace_what_another_text_has_made(h5lift, tree, tmp_path):
    convert(h5lift, "--out-dir", tmp_path / "new", tree).must(tool.DONE)
    (tree / "f/a.tsv").write_bytes(SMALL.replace(b"g2", b"g3"))
    run = convert(h5lift, "--out-dir", tmp_path / "new", tree).must(tool.FAILED)
    assert run.document["summary"]["by_outcome"] == {"refused": 1, "skipped": 4}
    assert contents(tmp_path / "new/f/a.h5")[0] == ["g1", "g2"]


def test_a_newer_text_is_never_passed_over(h5lift, tree, tmp_path):
    convert(h5lift, "--out-dir", tmp_path / "new", tree).must(tool.DONE)
    (tree / "f/a.tsv").write_bytes(SMALL.replace(b"g2", b"g3"))
    convert(h5lift, "--out-dir", tmp_path / "new", "--overwrite", tree).must(tool.DONE)
    assert contents(tmp_path / "new/f/a.h5")[0] == ["g1", "g3"]


@pytest.mark.parametrize("second, options", [
    pytest.param(SMALL.replace(b"g2", b"g3"), [], id="another text of the same name"),
    pytest.param(SMALL, ["--dtype", "f64"], id="other options"),
])
def test_only_what_was_made_of_this_text_in_this_way_is_finished(h5lift, tmp_path, second, options):
    for folder, data in (("one", SMALL), ("two", second)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "m.tsv").write_bytes(data)
        aged(tmp_path / folder / "m.tsv")
    new = tmp_path / "new"
    convert(h5lift, "--out-dir", new, tmp_path / "one/m.tsv").must(tool.DONE)
    run = convert(h5lift, "--out-dir", new, tmp_path / "two/m.tsv", *options)
    # Refusing is as good as replacing; saying that all is done is not.
    assert run.code == tool.FAILED or run.record["outcome"] == "converted", run


@pytest.mark.parametrize("twin", ["a.csv", "a.tsv"])
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_texts_that_would_become_one_file_are_two_refused_rows(h5lift, tree, tmp_path, twin, options):
    (tree / twin).write_bytes(SMALL)
    out = tmp_path / "new"
    run = convert(h5lift, "--out-dir", out, *options, tree).must(tool.FAILED)
    refused = {os.path.basename(row["path"]): row for row in run.files if row["outcome"] == "refused"}
    assert set(refused) == {twin, "a.tsv.gz"}
    for row in refused.values():
        assert row["error"]["kind"] == "collision" and row["plan"]["action"] == "refuse"
        assert twin in row["error"]["message"] and "a.tsv.gz" in row["error"]["message"]
    others = [row for row in run.files if row["outcome"] != "refused"]
    assert len(others) == 4 and {row["outcome"] for row in others} == {None if options else "converted"}
    assert not list(out.glob("a.h5"))
    # What the hint proposes works.
    excluded = re.search(r"--exclude '([^']+)'", refused[twin]["error"]["hint"]).group(1)
    convert(h5lift, "--out-dir", out, "--exclude", excluded, tree).must(tool.DONE)
    assert (out / "a.h5").exists()


def test_three_texts_of_one_name_are_three_refused_rows(h5lift, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("m.tsv", "m.csv", "m.txt", "other.tsv"):
        (folder / name).write_bytes(SMALL.replace(b"\t", b",") if name.endswith("csv") else SMALL)
    run = convert(h5lift, "--out-dir", tmp_path / "new", folder).must(tool.FAILED)
    assert sorted(row["outcome"] for row in run.files) == ["converted", "refused", "refused", "refused"]


def test_again_with_o_skips_what_is_finished_and_refuses_what_differs(h5lift, text, new):
    convert(h5lift, "-o", new, text).must(tool.DONE)
    before = new.read_bytes(), new.stat().st_mtime_ns
    for options in ([], ["--dry-run"]):
        run = convert(h5lift, "-o", new, *options, text).must(tool.DONE)
        assert run.record["plan"]["action"] == "skip" and "already" in run.record["reason"]
        assert run.record["outcome"] == (None if options else "skipped")
    assert (new.read_bytes(), new.stat().st_mtime_ns) == before
    convert(h5lift, "-o", new, "--dtype", "f64", text).must(tool.FAILED)
    text.write_bytes(SMALL.replace(b"4.5", b"4.25"))
    for options in ([], ["--dry-run"]):
        run = convert(h5lift, "-o", new, *options, text).must(tool.FAILED)
        assert run.record["outcome"] == "refused" and "--overwrite" in run.record["error"]["hint"]
    assert (new.read_bytes(), new.stat().st_mtime_ns) == before


def test_what_is_there_is_not_replaced_unless_asked_for(h5lift, text, new):
    new.write_bytes(b"precious")
    run = convert(h5lift, "-o", new, text).must(tool.FAILED)
    assert "--overwrite" in run.record["error"]["hint"]
    assert new.read_bytes() == b"precious"
    convert(h5lift, "--overwrite", "-o", new, text).must(tool.DONE)
    assert contents(new)[0] == GENES
    text.write_bytes(SMALL + b"g3\n")
    convert(h5lift, "--overwrite", "-o", new, text).must(tool.FAILED)
    assert contents(new)[0] == GENES
    assert [path.name for path in new.parent.iterdir()] == [new.name]


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_a_text_is_not_replaced_by_its_own_matrix(h5lift, text, link):
    out = text
    if link:
        out = text.with_name("other.tsv")
        link(text, out)
    convert(h5lift, "--overwrite", "-o", out, text)
    assert text.read_bytes() == SMALL


def test_a_dry_run_makes_nothing_and_says_how_it_would_be_read(h5lift, tree, tmp_path):
    run = convert(h5lift, "--dry-run", "--out-dir", tmp_path / "new", tree).must(tool.DONE)
    assert [(record["plan"]["action"], record["outcome"]) for record in run.files] == [("convert", None)] * 5
    assert run.files[0]["genes"]["first"] == GENES
    assert "tab" in run.files[0]["reason"] and told(run.files[0]) == {}
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("arguments", [["m.tsv"], ["-o", "x.h5"], ["-o", "x.h5", "m.tsv", "m.tsv.other"], ["-o", "x.h5", "nothing.tsv"]])
def test_usage_errors_touch_nothing(h5lift, text, arguments):
    text.with_suffix(".tsv.other").write_bytes(SMALL)
    before = sorted(os.listdir(text.parent))
    convert(h5lift, *arguments, cwd=text.parent).must(tool.USAGE)
    assert sorted(os.listdir(text.parent)) == before


def test_a_pipe_with_a_name_is_read_as_a_text(h5lift, text, new):
    """What a shell makes of `<(zcat m.tsv.gz)`."""
    convert(h5lift, "-o", new, "/dev/stdin", stdin=SMALL).must(tool.DONE)
