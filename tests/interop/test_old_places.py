"""Archives with places of their own: --matrix, --genes-from, --samples-from, --rules, and what rescues a file."""

import resource

import h5py
import numpy as np
import pytest

import tool

GENES = [f"TP{n}" for n in range(12)]
SAMPLES = [f"S {n}" for n in range(5)]
VALUES = np.random.default_rng(3).normal(5, 2, (12, 5)).astype("f4")


@pytest.fixture
def lab(tmp_path):
    """A laboratory's own layout: nothing is where others have it, and much else is there."""
    path = tmp_path / "lab.h5"
    with h5py.File(path, "w") as file:
        matrix = file.create_dataset("run/expression", data=VALUES, chunks=(5, 3), compression="gzip")
        matrix.attrs["units"] = "TPM"
        matrix.attrs["probe"] = [f"probe {n}" for n in range(12)]
        file["meta/symbols"] = GENES
        file.attrs["wells"] = SAMPLES
        file["run/link"] = file["run/expression"]
        file.create_dataset("other", data=np.array([file["run/expression"].ref], dtype=h5py.ref_dtype))
        file["run"].attrs["date"] = "2020-01-01"
    return path


def text(dataset):
    return [name.decode() for name in dataset[:]]


def is_lifted(path, genes=GENES):
    with h5py.File(path) as file:
        assert file["expr"][:].tobytes() == VALUES.tobytes()
        assert (text(file["gene_names"]), text(file["sample_names"])) == (genes, SAMPLES)


PLACES = ("--matrix", "/run/expression", "--genes-from", "/meta/symbols", "--samples-from", "/@wells")


def test_places_that_the_user_names(h5lift, lab, tmp_path):
    out = tmp_path / "new.h5"
    run = h5lift.migrate(lab, "-o", out, *PLACES).must(tool.DONE)
    assert run.record["state"] == "legacy" and run.record["expr"]["path"] == "/run/expression"
    is_lifted(out)
    with h5py.File(out) as file:
        assert sorted(file) == ["expr", "gene_names", "meta", "other", "run", "sample_names"]
        assert dict(file["run"].attrs) == {"date": "2020-01-01"}
        assert file["expr"].attrs["units"] == "TPM" and len(file["expr"].attrs["probe"]) == 12
        # The matrix has moved, and whatever led to it still does.
        assert list(file["run"]) == ["link"] and file["run/link"] == file["expr"]
        assert file[file["other"][0]] == file["expr"]
        assert "wells" not in file.attrs and text(file["meta/symbols"]) == GENES
    h5lift.verify(lab, out, *PLACES).must(tool.DONE)
    assert h5lift.audit(out).record["state"] == "current"


def test_the_same_in_a_file_of_three_lines(h5lift, lab, tmp_path):
    rules = tmp_path / "lab.toml"
    rules.write_text('matrix = "run/expression"\ngenes-from = ["/nowhere", "/meta/symbols"]\nsamples-from = "@wells"\n')
    h5lift.migrate(lab, "-o", tmp_path / "new.h5", "--rules", rules).must(tool.DONE)
    is_lifted(tmp_path / "new.h5")


def test_what_is_typed_wins_over_the_file(h5lift, lab, tmp_path):
    rules = tmp_path / "lab.toml"
    rules.write_text('matrix = "run/expression"\ngenes-from = "/meta/symbols"\nsamples-from = "@wells"\n')
    options = ("--rules", rules, "--genes-from", "/run/expression@probe")
    h5lift.migrate(lab, "-o", tmp_path / "new.h5", *options).must(tool.DONE)
    is_lifted(tmp_path / "new.h5", [f"probe {n}" for n in range(12)])


@pytest.mark.parametrize("text", ['matrx = "/a"\n', "genes-from = 3\n", 'genes-from = "/a@"\n', "matrix"])
def test_rules_that_mean_nothing_touch_nothing(h5lift, lab, tmp_path, text):
    rules = tmp_path / "lab.toml"
    rules.write_text(text)
    run = h5lift.migrate(lab, "-o", tmp_path / "new.h5", "--rules", rules).must(tool.USAGE)
    assert str(rules) in run.stderr
    assert not (tmp_path / "new.h5").exists()


def test_a_matrix_elsewhere_is_reported_with_the_option(h5lift, tmp_path):
    path = tmp_path / "tissues.h5"
    with h5py.File(path, "w") as file:
        for tissue in ("brain", "liver"):
            expr = file.create_dataset(f"{tissue}/expr", data=VALUES)
            expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES, SAMPLES
    run = h5lift.migrate(path, "-o", tmp_path / "new.h5").must(tool.FAILED)
    assert "/brain/expr (12 x 5), /liver/expr (12 x 5)" in run.record["reason"]
    assert "--matrix" in run.record["error"]["hint"]
    h5lift.migrate(path, "-o", tmp_path / "liver.h5", "--matrix", "/liver/expr").must(tool.DONE)
    is_lifted(tmp_path / "liver.h5")
    with h5py.File(tmp_path / "liver.h5") as file:
        assert set(file["brain/expr"].attrs) == {"gene_names", "sample_names"}


@pytest.mark.parametrize("near", [True, False])
def test_hundreds_of_matrices_and_groups_are_searched_once(h5lift, tmp_path, near):
    path = tmp_path / "many.h5"
    with h5py.File(path, "w") as file:
        for number in range(1000):
            group = file.create_group(f"g{number:04}")
            group["genes"], group["samples"] = np.array(GENES, "S"), np.array(SAMPLES if near else SAMPLES[:3], "S")
            if number < 260:
                (group if near else file)[f"m{number}"] = VALUES
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    record = h5lift.audit(path).must(tool.DONE).record
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5
    if near:
        assert record["state"] == "unsupported" and "260 matrices with names elsewhere" in record["reason"]
    else:
        # Names of one axis, far away, make no matrix.
        assert record["state"] == "not-expression"


def test_a_matrix_with_names_of_one_axis_is_listed(h5lift, tmp_path):
    path = tmp_path / "tissues.h5"
    with h5py.File(path, "w") as file:
        brain = file.create_dataset("brain/expr", data=VALUES)
        brain.attrs["gene_names"], brain.attrs["sample_names"] = GENES, SAMPLES
        file.create_dataset("liver/expr", data=VALUES)
        file["liver/gene_names"] = np.array(GENES, "S")
        file.create_dataset("lung/levels", data=VALUES[:7]).attrs["sample_names"] = SAMPLES
    record = h5lift.audit(path).must(tool.DONE).record
    assert record["state"] == "unsupported"
    for listed in "/brain/expr (12 x 5)", "/liver/expr (12 x 5, no sample names)", "/lung/levels (7 x 5, no gene names)":
        assert listed in record["reason"]


def test_a_soft_link_to_a_matrix_that_moves_is_refused(h5lift, lab, tmp_path):
    with h5py.File(lab, "a") as file:
        file["shortcut"] = h5py.SoftLink("/run/expression")
    run = h5lift.migrate(lab, "-o", tmp_path / "new.h5", *PLACES).must(tool.FAILED)
    assert "/shortcut" in run.record["reason"]


@pytest.mark.parametrize("storage", [{}, {"chunks": (3, 4), "compression": "gzip"}, {"chunks": (5, 12), "shuffle": True, "compression": "lzf"}])
@pytest.mark.parametrize("counts", [None, (5, 12), (12, 5)])
def test_transposed(h5lift, tmp_path, storage, counts):
    path, out = tmp_path / "r.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=VALUES.T, **storage)
        expr.attrs["rownames"], expr.attrs["colnames"] = GENES, SAMPLES
        if counts:
            expr.attrs["n_genes"], expr.attrs["n_samples"] = counts
    assert h5lift.migrate(path, "-o", out).must(tool.FAILED).record["state"] == "transposed"
    h5lift.migrate(path, "-o", out, "--transpose").must(tool.DONE)
    is_lifted(out)
    with h5py.File(out) as file:
        assert dict(file["expr"].attrs) == ({"n_genes": 12, "n_samples": 5} if counts else {})
    h5lift.verify(path, out).must(tool.DONE)


def test_a_large_matrix_is_transposed_by_windows(h5lift, tmp_path):
    values = np.arange(3000 * 2100, dtype="i4").reshape(3000, 2100)
    path, out = tmp_path / "r.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=values, chunks=(130, 170), compression="gzip", compression_opts=1)
        file["gene_names"], file["sample_names"] = [f"g{n}" for n in range(2100)], [f"s{n}" for n in range(3000)]
    h5lift.migrate(path, "-o", out, "--transpose").must(tool.DONE)
    with h5py.File(out) as file:
        assert np.array_equal(file["expr"][:], values.T)


def test_a_square_matrix_of_r_is_no_guess(h5lift, tmp_path):
    path, out = tmp_path / "square.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=VALUES[:5])
        expr.attrs["rownames"], expr.attrs["colnames"] = GENES[:5], SAMPLES
    h5lift.migrate(path, "-o", out).must(tool.FAILED)
    h5lift.migrate(path, "-o", out, "--transpose").must(tool.DONE)
    with h5py.File(out) as file:
        assert np.array_equal(file["expr"][:], VALUES[:5].T)
    places = ("--genes-from", "/expr@rownames", "--samples-from", "/expr@colnames")
    h5lift.migrate(path, "-o", tmp_path / "straight.h5", *places).must(tool.DONE)
    with h5py.File(tmp_path / "straight.h5") as file:
        assert np.array_equal(file["expr"][:], VALUES[:5])


@pytest.mark.parametrize("options", [("--chunks", "keep"), ("--chunks", "4x4"), ("--transpose", "--chunks", "4x4")])
@pytest.mark.parametrize("fill", [0, -1.5])
def test_missing_chunks_stay_missing(h5lift, tmp_path, options, fill):
    path, out = tmp_path / "half.h5", tmp_path / "new.h5"
    turned = "--transpose" in options
    with h5py.File(path, "w") as file:
        shape = (5, 12) if turned else (12, 5)
        expr = file.create_dataset("expr", shape, "f4", chunks=(4, 4), compression="gzip", fillvalue=fill)
        expr[:4] = (VALUES.T if turned else VALUES)[:4]
        expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES, SAMPLES
        before, stored = expr[:], expr.id.get_num_chunks()
    assert h5lift.migrate(path, "-o", out, *options).must(tool.FAILED).record["state"] == "incomplete"
    h5lift.migrate(path, "-o", out, "--allow-missing-chunks", *options).must(tool.DONE)
    with h5py.File(out) as file:
        assert file["expr"][:].tobytes() == (before.T if turned else before).tobytes()
        assert file["expr"].id.get_num_chunks() == stored
    h5lift.verify(path, out).must(tool.DONE)


def test_counts_are_added_when_asked_for(h5lift, tmp_path):
    path, out = tmp_path / "old.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as file:
        file["expr"] = VALUES
        file["expr"].attrs["gene_names"], file["expr"].attrs["sample_names"] = GENES, SAMPLES
    h5lift.migrate(path, "-o", out, "--set-counts").must(tool.DONE)
    with h5py.File(out) as file:
        assert {name: (int(value), value.dtype) for name, value in file["expr"].attrs.items()} == {
            "n_genes": (12, np.dtype("i8")), "n_samples": (5, np.dtype("i8"))}
    h5lift.verify(path, out).must(tool.DONE)
    h5lift.verify(out).must(tool.DONE)
