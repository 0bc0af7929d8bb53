"""Toy data: the design that its page promises, measured with numpy on what h5py reads."""

import h5py
import numpy as np
import pandas as pd
import pytest

import manifest
import tool
from compare import differences
from text_matrices import contents, convert

# Pairs, and how they correlate in the low fifth of the samples and in the high one.
DESIGN = {(1, 2): (0.85, 0.0), (3, 4): (0.0, 0.85), (5, 6): (0.7, -0.7), (7, 8): (0.3, 0.3)}
# Values have four decimals.
NEAR = 0.001


def toy(h5lift, out, *options):
    return h5lift.run("toy", "--format", "json", "-o", out, *options).must(tool.DONE)


def fifths(values):
    """The samples in which gene 0 is lowest, and highest, a fifth of them each."""
    order = np.argsort(values[0], kind="stable")
    count = values.shape[1] // 5
    return values[:, order[:count]], values[:, order[-count:]]


@pytest.mark.parametrize("options", [
    [], ["--seed", "1"], ["--seed", "18446744073709551615"], ["--genes", "500", "--samples", "200"], ["--samples", "61"],
    ["--genes", "9", "--samples", "1000", "--seed", "7"], ["--layout", "legacy"], ["--layout", "hybrid", "--seed", "3"],
], ids=" ".join)
def test_genes_correlate_as_designed(h5lift, new, options):
    toy(h5lift, new, *options)
    with h5py.File(new) as file:
        values = file["expr"][:].astype(float)
    low, high = (np.corrcoef(fifth) for fifth in fifths(values))
    for (one, other), (in_low, in_high) in DESIGN.items():
        assert abs(low[one, other] - in_low) < NEAR
        assert abs(high[one, other] - in_high) < NEAR
    apart = np.array([one != other and (one, other) not in DESIGN and (other, one) not in DESIGN for one in range(9) for other in range(9)])
    for fifth in (low, high):
        assert np.abs(fifth[:9, :9].ravel()[apart]).max() < NEAR
    assert (values > 0).all() and np.isfinite(values).all()
    assert (np.diff(values[0]) > 0).all()
    # A pair of one fifth is none between the two: no method can find it in all samples alike.
    middle = values[:, values.shape[1] // 5:-(values.shape[1] // 5)]
    assert abs(np.corrcoef(middle)[1, 2]) < 0.2 and abs(np.corrcoef(middle)[5, 6]) < 0.2
    assert abs(np.corrcoef(values)[7, 8] - 0.3) < 0.05


@pytest.mark.parametrize("options", [
    ["--report", "nowhere/x.html"], ["--list", "failed=nowhere/x.txt"], ["--jobs", "0"], ["--report", "x.unknown"],
])
def test_a_wrong_command_line_leaves_no_file(h5lift, tmp_path, options):
    h5lift.run("toy", "-o", "ty/t.h5", *options, cwd=tmp_path).must(tool.USAGE)
    assert not list(tmp_path.rglob("*.*"))
    h5lift.run("toy", "-o", "ty/t.h5", cwd=tmp_path).must(tool.DONE)
    assert sorted(path.name for path in (tmp_path / "ty").iterdir()) == ["t.h5", "t.tsv"]


def test_the_other_genes_are_noise(h5lift, new):
    toy(h5lift, new, "--genes", "400", "--samples", "500")
    values = contents(new)[2].astype(float)
    noise = np.corrcoef(values)[9:, 9:]
    off = noise[~np.eye(len(noise), dtype=bool)]
    # Correlations of noise over 500 samples have a standard deviation of 1 / sqrt(499).
    assert abs(off.mean()) < 0.005 and abs(off.std() * np.sqrt(499) - 1) < 0.1 and np.abs(off).max() < 0.3


@pytest.mark.parametrize("genes, samples", [(10, 60), (1, 10), (4, 10), (20, 13), (12, 300)])
def test_names_and_shape(h5lift, new, genes, samples):
    toy(h5lift, new, "--genes", str(genes), "--samples", str(samples))
    names, columns, values = contents(new)
    assert names == [f"toy_gene_{gene}" for gene in range(genes)]
    assert columns == [f"sample_{sample}" for sample in range(samples)]
    assert (values.shape, values.dtype) == ((genes, samples), np.float32)


def test_the_default_is_ten_genes_and_sixty_samples(h5lift, new, tmp_path):
    toy(h5lift, new)
    toy(h5lift, tmp_path / "same.h5", "--genes", "10", "--samples", "60", "--seed", "42", "--layout", "current")
    assert manifest.sha256(new) == manifest.sha256(tmp_path / "same.h5")
    assert contents(new)[2].shape == (10, 60)


@pytest.mark.parametrize("layout", ["current", "legacy", "hybrid"])
def test_the_text_beside_it_holds_the_same(h5lift, new, tmp_path, layout):
    toy(h5lift, new, "--layout", layout)
    assert sorted(path.name for path in new.parent.iterdir()) == ["out.h5", "out.tsv"]
    frame = pd.read_csv(new.with_suffix(".tsv"), sep="\t", index_col=0)
    convert(h5lift, "-o", tmp_path / "again.h5", new.with_suffix(".tsv")).must(tool.DONE)
    genes, samples, values = contents(tmp_path / "again.h5")
    with h5py.File(new) as file:
        np.testing.assert_array_equal(file["expr"][:], values)
    assert (frame.index.tolist(), frame.columns.tolist()) == (genes, samples)
    np.testing.assert_array_equal(frame.to_numpy(dtype=np.float32), values)


def names_of(file):
    """Names in attributes and in datasets, None where there are none."""
    kept = [file["expr"].attrs.get("gene_names"), file.get("gene_names")]
    return [None if names is None else [name.decode() if isinstance(name, bytes) else name for name in names[:]] for names in kept]


@pytest.mark.parametrize("layout, attributes, datasets", [("legacy", True, False), ("hybrid", True, True), ("current", False, True)])
def test_a_layout_is_what_it_is_called(h5lift, new, layout, attributes, datasets):
    toy(h5lift, new, "--layout", layout)
    record = h5lift.audit(new).must(tool.DONE).record
    assert (record["state"], record["plan"]["action"]) == (layout, "skip" if layout == "current" else "migrate")
    genes = [f"toy_gene_{gene}" for gene in range(10)]
    with h5py.File(new) as file:
        assert names_of(file) == [genes if attributes else None, genes if datasets else None]
        assert file["expr"].compression == ("gzip" if layout == "current" else None)
        assert (file["expr"].attrs["n_genes"], file["expr"].attrs["n_samples"]) == (10, 60)


@pytest.mark.parametrize("layout", ["legacy", "hybrid"])
def test_an_old_layout_migrates(h5lift, new, tmp_path, layout):
    toy(h5lift, new, "--layout", layout, "--genes", "50")
    migrated = tmp_path / "migrated.h5"
    assert h5lift.migrate(new, "-o", migrated).must(tool.DONE).record["outcome"] == "migrated"
    assert differences(new, migrated) == []
    toy(h5lift, tmp_path / "current.h5", "--genes", "50")
    for one, other in zip(contents(migrated), contents(tmp_path / "current.h5")):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("options", [[], ["--layout", "legacy"], ["--genes", "300", "--samples", "100"]], ids=" ".join)
def test_a_seed_decides_the_bytes(h5lift, tmp_path, options):
    made = {}
    for name, more in {"one": ["-j", "1"], "two": ["-j", "2"], "other": ["--seed", "43"]}.items():
        toy(h5lift, tmp_path / f"{name}.h5", *options, *more)
        made[name] = [manifest.sha256(tmp_path / f"{name}.{suffix}") for suffix in ("h5", "tsv")]
    assert made["one"] == made["two"]
    assert made["one"][0] != made["other"][0] and made["one"][1] != made["other"][1]


def test_fewer_genes_are_the_first_of_more(h5lift, tmp_path):
    toy(h5lift, tmp_path / "few.h5", "--genes", "6")
    toy(h5lift, tmp_path / "many.h5", "--genes", "40")
    np.testing.assert_array_equal(contents(tmp_path / "few.h5")[2], contents(tmp_path / "many.h5")[2][:6])


@pytest.mark.parametrize("taken", ["out.h5", "out.tsv"])
def test_what_is_there_is_kept_unless_it_may_be_replaced(h5lift, new, taken):
    (new.parent / taken).write_bytes(b"precious")
    run = h5lift.run("toy", "-o", new).must(tool.USAGE)
    assert taken in run.stderr and "--overwrite" in run.stderr
    assert [(path.name, path.read_bytes()) for path in new.parent.iterdir()] == [(taken, b"precious")]
    toy(h5lift, new, "--overwrite")
    assert contents(new)[2].shape == (10, 60)
    assert new.with_suffix(".tsv").read_bytes().startswith(b"gene_id\tsample_0\t")


@pytest.mark.parametrize("options", [
    ["--genes", "0"], ["--samples", "9"], ["--samples", "0"], ["--genes", "-1"], ["--genes", "99999999", "--samples", "99999999"],
    ["--layout", "loom"], ["--seed", "x"],
], ids=" ".join)
def test_a_toy_that_cannot_be_is_a_usage_error(h5lift, new, options):
    h5lift.run("toy", "-o", new, *options).must(tool.USAGE)
    assert list(new.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["toy.tsv", "toy"])
def test_the_text_never_takes_the_place_of_the_matrix(h5lift, tmp_path, name):
    """A name that ends in .tsv is that of the text; one without an ending is not."""
    run = h5lift.run("toy", "-o", tmp_path / name)
    if name == "toy.tsv":
        run.must(tool.USAGE)
        assert list(tmp_path.iterdir()) == []
    else:
        run.must(tool.DONE)
        assert contents(tmp_path / name)[2].shape == (10, 60)
