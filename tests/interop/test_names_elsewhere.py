"""Names that dimension scales attach, and names in other forms than one text each."""

import h5py
import numpy as np
import pytest

import tool

GENES = [f"ENSG{n:05}" for n in range(12)]
SAMPLES = [f"S{n}" for n in range(5)]
VALUES = np.random.default_rng(7).normal(5, 2, (12, 5)).astype("f4")
TEXT = h5py.string_dtype()


def texts(dataset):
    return [name.decode() for name in dataset[:]]


def is_lifted(path, values=VALUES, genes=GENES, samples=SAMPLES):
    with h5py.File(path) as file:
        assert np.array_equal(file["expr"][:], values)
        assert (texts(file["gene_names"]), texts(file["sample_names"])) == (genes, samples)


def scales(path, values, *dimensions, called=None):
    """`dimensions`: for each dimension, the path of its scale and what the scale holds."""
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=values)
        for dimension, (name, names) in enumerate(dimensions):
            file[name] = names if isinstance(names, np.ndarray) else np.array(names, dtype=TEXT)
            file[name].make_scale(called or name)
            expr.dims[dimension].attach_scale(file[name])
    return path


def letters(names, dtype="S1"):
    rows = np.array([list(name.ljust(12, "\0")) for name in names], "S1")
    return rows if dtype == "S1" else rows.view(dtype)


STRAIGHT = [("gene", "cell"), ("Genes", "sample_id"), ("var", "obs"), ("meta/feature", "meta/barcode"), ("x", "y")]


@pytest.mark.parametrize("called", STRAIGHT)
def test_scales_name_the_axes(h5lift, tmp_path, called):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    scales(path, VALUES, (called[0], GENES), (called[1], SAMPLES))
    record = h5lift.migrate(path, "-o", new).must(tool.DONE).record
    assert record["state"] == "legacy"
    is_lifted(new)
    with h5py.File(new) as file:
        # They are carried over, and still attached.
        assert [file["expr"].dims[axis][0] == file[name] for axis, name in enumerate(called)] == [True, True]
    h5lift.verify(path, new).must(tool.DONE)


@pytest.mark.parametrize("called", [("cell", "gene"), ("sample", "x"), ("x", "gene"), (".expr_dimnames/2", ".expr_dimnames/1")])
@pytest.mark.parametrize("square", [False, True])
def test_scales_say_which_way_round(h5lift, tmp_path, called, square):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    genes = GENES[:5] if square else GENES
    values = VALUES[:5] if square else VALUES
    scales(path, values.T, (called[0], SAMPLES), (called[1], genes), called="dimnames" if "dimnames" in called[0] else None)
    refused = h5lift.migrate(path, "-o", new).must(tool.FAILED).record
    assert refused["state"] == "transposed" and "--transpose" in refused["error"]["hint"]
    run = h5lift.migrate(path, "-o", new, "--transpose").must(tool.DONE)
    assert any("transposed" in step for step in run.record["plan"]["steps"])
    is_lifted(new, values, genes)
    with h5py.File(new) as file:
        # The scales stay with their axes.
        assert file["expr"].dims[0][0] == file[called[1]] and file["expr"].dims[1][0] == file[called[0]]
        for axis, name in enumerate(reversed(called)):
            assert [int(dimension) for _, dimension in file[name].attrs["REFERENCE_LIST"]] == [axis]
    h5lift.verify(path, new, *(["--transpose"] if square else [])).must(tool.DONE)
    h5lift.verify(new).must(tool.DONE)


def test_labels_of_dimensions_say_which_way_round(h5lift, tmp_path):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    scales(path, VALUES[:5].T, ("a", SAMPLES), ("b", GENES[:5]))
    with h5py.File(path, "a") as file:
        file["expr"].dims[0].label, file["expr"].dims[1].label = "samples", "genes"
    assert h5lift.migrate(path, "-o", new).must(tool.FAILED).record["state"] == "transposed"
    h5lift.migrate(path, "-o", new, "--transpose").must(tool.DONE)
    is_lifted(new, VALUES[:5], GENES[:5])
    with h5py.File(new) as file:
        assert [dimension.label for dimension in file["expr"].dims] == ["genes", "samples"]


def test_coordinates_are_no_names(h5lift, tmp_path):
    """netCDF-4 writes numbers for dimensions without values."""
    path = scales(tmp_path / "old.h5", VALUES, ("gene", np.zeros(12, "f4")), ("cell", np.arange(5)))
    with h5py.File(path, "a") as file:
        file["cell"].attrs["NAME"] = np.bytes_("This is a netCDF dimension but not a netCDF variable         5")
    assert h5lift.migrate(path, "-o", tmp_path / "new.h5").must(tool.FAILED).record["state"] == "nameless"


@pytest.mark.parametrize("attribute, value", [
    ("units", "days since 2020-01-01"), ("scale_factor", 0.1), ("add_offset", 7), ("flag_values", [0, 1]), ("dtype", "bool"),
])
@pytest.mark.parametrize("place", ["cell", "samples", "sample_names"])
def test_quantities_are_no_names(h5lift, tmp_path, place, attribute, value):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    scales(path, VALUES, ("gene", GENES), (place, np.array([1, 0, 1, 1, 0], "i1")))
    with h5py.File(path, "r+") as file:
        if place != "cell":
            file["expr"].dims[1].detach_scale(file[place])
        file[place].attrs[attribute] = value
    refused = h5lift.migrate(path, "-o", new).must(tool.FAILED)
    assert attribute in refused.stderr + refused.stdout and f"--samples-from /{place}" in refused.stderr + refused.stdout
    h5lift.migrate(path, "--samples-from", f"/{place}", "-o", new).must(tool.DONE)
    is_lifted(new, samples=["1", "0", "1", "1", "0"])
    with h5py.File(path, "r+") as file:
        del file[place].attrs[attribute]
    h5lift.migrate(path, "-o", new, "--overwrite").must(tool.DONE)


def test_names_of_the_layout_win_over_scales(h5lift, tmp_path):
    path, new = scales(tmp_path / "old.h5", VALUES, ("gene", [f"symbol {n}" for n in range(12)]), ("cell", SAMPLES)), tmp_path / "new.h5"
    with h5py.File(path, "a") as file:
        file["expr"].attrs["gene_names"] = GENES
    h5lift.migrate(path, "-o", new).must(tool.DONE)
    is_lifted(new)


def test_names_as_rhdf5_writes_them(h5lift, tmp_path):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=VALUES.T)
        expr.attrs["dimnames-1"], expr.attrs["dimnames-2"] = GENES, SAMPLES
    assert h5lift.migrate(path, "-o", new).must(tool.FAILED).record["state"] == "transposed"
    h5lift.migrate(path, "-o", new, "--transpose").must(tool.DONE)
    is_lifted(new)
    with h5py.File(new) as file:
        assert list(file["expr"].attrs) == []


FORMS = {
    "letters": lambda names: letters(names),
    "bytes": lambda names: letters(names, "u1"),
    "signed bytes": lambda names: letters(names, "i1"),
    "blanks after letters": lambda names: np.array([list(name.ljust(12)) for name in names], "S1"),
    "semicolons": ";".join,
    "semicolons and blanks": "; ".join,
    "bars": "|".join,
    "bars and blanks": " | ".join,
    "commas and blanks": ", ".join,
    "Python list": repr,
    "Python tuple": lambda names: repr(tuple(names)),
    "numpy array": lambda names: repr(np.array(names)),
    "numpy text": lambda names: str(np.array(names)),
    "R vector": lambda names: "c(" + ", ".join(f'"{name}"' for name in names) + ")",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("where", ["attribute", "dataset"])
def test_names_in_other_forms(h5lift, tmp_path, form, where):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=VALUES)
        for name, names in ("gene_names", GENES), ("sample_names", SAMPLES):
            stored = FORMS[form](names)
            if where == "attribute":
                expr.attrs[name] = stored
            else:
                file[name] = stored
    assert h5lift.migrate(path, "-o", new).must(tool.DONE).record["state"] == "legacy"
    is_lifted(new)
    h5lift.verify(path, new).must(tool.DONE)


@pytest.mark.parametrize("text", ["S16", TEXT])
def test_a_table_with_one_field_of_text(h5lift, tmp_path, text):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    table = np.zeros(12, [("length", "i4"), ("gene", text)])
    table["length"], table["gene"] = np.arange(12), GENES
    with h5py.File(path, "w") as file:
        file.create_dataset("expr", data=VALUES).attrs["sample_names"] = SAMPLES
        file["gene_names"] = table
    h5lift.migrate(path, "-o", new).must(tool.DONE)
    is_lifted(new)


def test_of_several_fields_one_is_named(h5lift, tmp_path):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    table = np.zeros(12, [("id", "S16"), ("symbol", "S16"), ("length", "i4")])
    table["id"], table["symbol"] = GENES, [f"symbol {n}" for n in range(12)]
    with h5py.File(path, "w") as file:
        file.create_dataset("expr", data=VALUES).attrs["sample_names"] = SAMPLES
        file["gene_names"] = table
    refused = h5lift.migrate(path, "-o", new).must(tool.FAILED).record
    assert refused["state"] == "nameless"
    assert "--genes-from /gene_names@id" in refused["error"]["hint"]
    place = ("--genes-from", "/gene_names@id")
    h5lift.migrate(path, "-o", new, *place).must(tool.DONE)
    is_lifted(new)
    h5lift.verify(path, new, *place).must(tool.DONE)


@pytest.mark.parametrize("stored", [
    "A|1;B|2;C|3;D|4;E",                              # five between bars as well as between semicolons
    "['S0', 'S1', None, 'S3', 'S4']",
    "['S0' 'S1' ... 'S3' 'S4']",
    np.arange(60, dtype="u1").reshape(5, 12),         # numbers, not letters
])
def test_what_is_no_list_is_told(h5lift, tmp_path, stored):
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=VALUES)
        expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES, stored
    refused = h5lift.migrate(path, "-o", tmp_path / "new.h5").must(tool.FAILED).record
    assert refused["state"] == "nameless"
    hint = refused["error"]["hint"]
    assert "sample_names" in hint and "--samples-from" in hint and "not in this file" not in hint


def test_a_list_that_is_as_long_is_proposed_and_works(h5lift, tmp_path):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("expr", data=VALUES).attrs["sample_names"] = SAMPLES
        file["annotation@v2/my genes"] = np.array(GENES, dtype=TEXT)
    refused = h5lift.migrate(path, "-o", new).must(tool.FAILED).record
    assert "not in this file" not in refused["error"]["hint"]
    assert "--genes-from '/annotation@@v2/my genes'" in refused["error"]["hint"]
    h5lift.migrate(path, "-o", new, "--genes-from", "/annotation@@v2/my genes").must(tool.DONE)
    is_lifted(new)


def test_an_attribute_of_an_object_with_an_at_sign(h5lift, tmp_path):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("run@1/x", data=VALUES)
        expr.attrs["probes@home"], expr.attrs["wells"] = GENES, SAMPLES
    places = ("--matrix", "/run@1/x", "--genes-from", "/run@@1/x@probes@@home", "--samples-from", "/run@@1/x@wells")
    h5lift.migrate(path, "-o", new, *places).must(tool.DONE)
    is_lifted(new)
    h5lift.verify(path, new, *places).must(tool.DONE)


def test_one_empty_name_is_a_name(h5lift, tmp_path):
    for number, genes in enumerate([["", *GENES[1:]], [*GENES[:-1], ""]]):
        path, new = tmp_path / f"{number}.h5", tmp_path / f"new{number}.h5"
        with h5py.File(path, "w") as file:
            expr = file.create_dataset("expr", data=VALUES)
            expr.attrs["gene_names"], expr.attrs["sample_names"] = genes, SAMPLES
        h5lift.migrate(path, "-o", new).must(tool.DONE)
        is_lifted(new, genes=genes)
