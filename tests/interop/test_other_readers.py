"""Files of h5lift in the hands of readers other than h5py: xarray, PyTables, R, the HDF5 1.10 tools.

Each reads what h5py reads, values and names. A reader that is not installed skips its tests.
"""

import warnings

import h5py
import numpy as np
import pytest
from h5py import h5a, h5ds

import manifest
import tool
from compare import differences
from fixtures.expression import legacy_file
from other_readers import h5dump, h5ls, r_text, rscript
from text_matrices import SMALL, convert, converted

GENES = ["TP53", "BRCA1 ", "Müller", "遺伝子-1", "🧬", "x" * 40, ""]
SAMPLES = ["s1", "Probe ä", "3"]
ENGINES = ["h5netcdf", "netcdf4"]
NAMES = {"dimnames": ("dimnames", "dimnames"), "own": ("gene_names", "sample_names")}
SCALE_ATTRIBUTES = {"CLASS", "NAME", "REFERENCE_LIST"}


@pytest.fixture
def legacy(tmp_path):
    path = tmp_path / "old.h5"
    values = np.arange(21, dtype="f4").reshape(7, 3) / 4
    with legacy_file(path, values=values, gene_names=GENES, sample_names=SAMPLES):
        pass
    return path


def scaled(h5lift, old, new, name="dimnames", *options):
    h5lift.migrate(f"--dimension-scales={name}", *options, old, "-o", new).must(tool.DONE)
    return new


def contents(path):
    with h5py.File(path) as file:
        names = [[name.decode() for name in file[list_][:]] for list_ in ("gene_names", "sample_names")]
        return file["expr"][:], *names


def verified(h5lift, old, new):
    h5lift.verify(new).must(tool.DONE)
    h5lift.verify(old, new).must(tool.DONE)


# Dimension scales

def test_without_a_name_they_are_called_dimnames(h5lift, legacy, new):
    h5lift.migrate("--dimension-scales", legacy, "-o", new).must(tool.DONE)
    with h5py.File(new) as file:
        assert file["gene_names"].attrs["NAME"] == file["sample_names"].attrs["NAME"] == b"dimnames"


@pytest.mark.parametrize("name", NAMES)
def test_the_names_are_scales_of_their_axes(h5lift, legacy, new, name):
    scaled(h5lift, legacy, new, name)
    verified(h5lift, legacy, new)
    with h5py.File(new) as file:
        assert list(file) == ["expr", "gene_names", "sample_names"]
        expr = file["expr"]
        for axis, dataset in enumerate(("gene_names", "sample_names")):
            assert h5ds.is_scale(file[dataset].id)
            assert h5ds.get_scale_name(file[dataset].id).decode() == NAMES[name][axis]
            assert len(expr.dims[axis]) == 1
            assert expr.dims[axis][0] == file[dataset]
            assert h5ds.is_attached(expr.id, file[dataset].id, axis)
        assert list(expr.dims[0][0].asstr()[:]) == GENES


@pytest.mark.parametrize("name", NAMES)
def test_the_attributes_are_those_that_the_library_writes(h5lift, legacy, new, name, tmp_path):
    scaled(h5lift, legacy, new, name)
    with h5py.File(tmp_path / "library.h5", "w", libver=("v108", "v108")) as theirs, h5py.File(new) as ours:
        theirs["expr"] = np.zeros((7, 3), "f4")
        for axis, dataset in enumerate(("gene_names", "sample_names")):
            theirs[dataset] = np.zeros((7, 3)[axis])
            theirs[dataset].make_scale(NAMES[name][axis])
            theirs["expr"].dims[axis].attach_scale(theirs[dataset])
        pairs = [("expr", "DIMENSION_LIST")]
        pairs += [(dataset, attribute) for dataset in ("gene_names", "sample_names") for attribute in SCALE_ATTRIBUTES]
        for path, attribute in pairs:
            a, b = (h5a.open(file[path].id, attribute.encode()) for file in (theirs, ours))
            assert a.get_type().encode() == b.get_type().encode(), (path, attribute)
            assert a.get_space().shape == b.get_space().shape
            assert a.get_space().get_simple_extent_type() == b.get_space().get_simple_extent_type()
            assert spelled(theirs, theirs[path].attrs[attribute]) == spelled(ours, ours[path].attrs[attribute])


def spelled(file, value):
    """References as the paths that they lead to."""
    if isinstance(value, h5py.Reference):
        return file[value].name
    if isinstance(value, np.ndarray):
        return [spelled(file, item) for item in value.tolist()]
    if isinstance(value, (tuple, list)):
        return [spelled(file, item) for item in value]
    return value


def test_everything_else_is_as_without_them(h5lift, new):
    old = manifest.path("extra-groups.h5")
    scaled(h5lift, old, new)
    verified(h5lift, old, new)
    with h5py.File(new, "r+") as file:
        del file["expr"].attrs["DIMENSION_LIST"]
        for dataset in ("gene_names", "sample_names"):
            assert set(file[dataset].attrs) == SCALE_ATTRIBUTES
            for attribute in SCALE_ATTRIBUTES:
                del file[dataset].attrs[attribute]
    assert differences(old, new) == []


@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("migrate")))
def test_every_fixture_gets_them_or_says_why_not(h5lift, row, new):
    old = manifest.path(row)
    run = h5lift.migrate("--dimension-scales", "--string-type", "fixed", old, "-o", new)
    if row["file"] == "dimension-scales.h5":
        assert "dimension scales already" in run.must(tool.FAILED).record["error"]["message"]
        assert not new.exists()
        return
    run.must(tool.DONE)
    verified(h5lift, old, new)
    assert h5lift.audit(new).must(tool.DONE).record["state"] == "current"
    with h5py.File(new) as file:
        assert [file["expr"].dims[axis][0].name for axis in (0, 1)] == ["/gene_names", "/sample_names"]


def test_names_that_are_scales_already_are_left_alone(h5lift, new):
    old = manifest.path("dimension-scales-names.h5")
    run = h5lift.migrate("--dimension-scales", old, "-o", new).must(tool.DONE)
    assert not any("dimension scales" in step for step in run.record["plan"]["steps"])
    assert differences(old, new) == []


@pytest.mark.parametrize("attribute", sorted(SCALE_ATTRIBUTES))
def test_attributes_in_their_place_are_never_replaced(h5lift, old, new, attribute):
    file = old("hybrid.h5")
    with h5py.File(file, "r+") as writable:
        writable["gene_names"].attrs[attribute] = "mine"
    run = h5lift.migrate("--dimension-scales", file, "-o", new).must(tool.FAILED)
    assert f"/gene_names has an attribute {attribute} of its own" in run.record["error"]["message"]
    assert not new.exists()
    h5lift.migrate(file, "-o", new).must(tool.DONE)


def damaged_name(file):
    file["gene_names"].attrs.modify("NAME", np.bytes_("dimnameZ"))


def swapped(file):
    genes, samples = file["gene_names"].ref, file["sample_names"].ref
    lists = np.empty(2, dtype=object)
    lists[0], lists[1] = (np.array([item], dtype=h5py.ref_dtype) for item in (samples, genes))
    del file["expr"].attrs["DIMENSION_LIST"]
    file["expr"].attrs.create("DIMENSION_LIST", lists, dtype=h5py.vlen_dtype(h5py.ref_dtype))


def lost_back_reference(file):
    del file["sample_names"].attrs["REFERENCE_LIST"]


def one_more(file):
    file["other"] = np.arange(7)
    file["other"].make_scale("other")
    file["expr"].dims[0].attach_scale(file["other"])
    del file["other"].attrs["REFERENCE_LIST"]


@pytest.mark.parametrize("change", [damaged_name, swapped, lost_back_reference, one_more])
def test_scales_that_are_not_exactly_right_do_not_verify(h5lift, legacy, new, change):
    scaled(h5lift, legacy, new)
    with h5py.File(new, "r+") as file:
        change(file)
    h5lift.verify(new).must(tool.FAILED)
    h5lift.verify(legacy, new).must(tool.FAILED)
    with h5py.File(new, "r+") as file:
        del file.attrs["h5lift_digest"]
    h5lift.verify(legacy, new).must(tool.FAILED)


def test_a_current_file_gets_them_once(h5lift, old):
    file = old("current.h5")
    h5lift.migrate("--in-place", "--no-backup", "--dimension-scales", file).must(tool.DONE)
    first = manifest.sha256(file)
    with h5py.File(file) as reading:
        assert h5ds.is_scale(reading["gene_names"].id)
    for options in (["--dimension-scales"], []):
        run = h5lift.migrate("--in-place", "--no-backup", *options, file).must(tool.DONE)
        assert (run.record["outcome"], manifest.sha256(file)) == ("skipped", first)


def test_an_output_without_them_is_not_taken_for_finished(h5lift, old, tmp_path):
    file = old("hybrid.h5", at="in/hybrid.h5")
    into = ["--out-dir", tmp_path / "out"]
    h5lift.migrate(file.parent, *into).must(tool.DONE)
    for options in (["--dimension-scales"], ["--string-type", "fixed"]):
        run = h5lift.migrate(file.parent, *into, *options).must(tool.FAILED)
        assert run.record["error"]["kind"] == "exists"
    h5lift.migrate(file.parent, *into, "--overwrite", "--dimension-scales").must(tool.DONE)
    run = h5lift.migrate(file.parent, *into, "--dimension-scales").must(tool.DONE)
    assert run.record["outcome"] == "skipped"


# xarray

@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", NAMES)
def test_xarray_selects_by_name(h5lift, legacy, new, engine, name):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4" if engine == "netcdf4" else engine)
    values, genes, samples = contents(scaled(h5lift, legacy, new, name))
    with xarray.open_dataset(new, engine=engine) as dataset:
        assert dict(dataset.sizes) == {"gene_names": 7, "sample_names": 3}
        assert sorted(dataset.coords) == ["gene_names", "sample_names"]
        for row, gene in enumerate(genes):
            found = dataset["expr"].sel(gene_names=gene)
            assert found.values.tolist() == values[row].tolist()
        assert dataset["expr"].sel(gene_names="Müller", sample_names="Probe ä") == values[2, 1]
        assert dataset["sample_names"].values.tolist() == samples


def test_xarray_selects_in_a_converted_matrix(h5lift, tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    out = matrix(h5lift, tmp_path, "--dimension-scales")
    with xarray.open_dataset(out, engine="h5netcdf") as dataset:
        assert dataset["expr"].sel(gene_names="g2", sample_names="S2") == 4.5


# Names of fixed length

def fixed(h5lift, old, new):
    h5lift.migrate("--string-type", "fixed", old, "-o", new).must(tool.DONE)
    return new


def test_fixed_names_are_as_long_as_the_longest(h5lift, legacy, new):
    fixed(h5lift, legacy, new)
    verified(h5lift, legacy, new)
    assert contents(new)[1:] == (GENES, SAMPLES)
    with h5py.File(new) as file:
        for dataset, names in (("gene_names", GENES), ("sample_names", SAMPLES)):
            kind = file[dataset].id.get_type()
            assert not kind.is_variable_str()
            assert kind.get_size() == max(len(name.encode()) for name in names)
            assert (kind.get_cset(), kind.get_strpad()) == (h5py.h5t.CSET_UTF8, h5py.h5t.STR_NULLPAD)


def test_pytables_reads_fixed_names_and_values(h5lift, legacy, new):
    tables = pytest.importorskip("tables")
    values, genes, samples = contents(fixed(h5lift, legacy, new))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with tables.open_file(str(new)) as file:
            assert [name.decode() for name in file.root.gene_names[:]] == genes
            assert [name.decode() for name in file.root.sample_names[:]] == samples
            assert file.root.expr[:].tobytes() == values.tobytes()


@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("migrate")))
def test_pytables_reads_the_names_of_every_fixture(h5lift, row, new):
    tables = pytest.importorskip("tables")
    if row["file"].startswith("dimension-scales-names"):
        pytest.skip("PyTables cannot read datasets that are dimension scales")
    _, genes, samples = contents(fixed(h5lift, manifest.path(row), new))
    with warnings.catch_warnings():
        # About attributes of types that it does not know, which old files may hold.
        warnings.simplefilter("ignore")
        with tables.open_file(str(new)) as file:
            for dataset, names in (("gene_names", genes), ("sample_names", samples)):
                assert [bytes(name).decode() for name in file.get_node("/" + dataset)[:]] == names


def test_a_file_with_fixed_names_is_current(h5lift, old):
    file = old("hybrid.h5")
    in_place = ["--in-place", "--no-backup", file]
    h5lift.migrate(*in_place, "--string-type", "fixed").must(tool.DONE)
    first = manifest.sha256(file)
    record = h5lift.audit(file).must(tool.DONE).record
    assert (record["state"], record["genes"]["type"]) == ("current", "fixed-utf8-11")
    h5lift.run("audit", "--check", file).must(tool.DONE)
    for options in ([], ["--string-type", "fixed"], ["--recompress"]):
        assert h5lift.migrate(*in_place, *options).must(tool.DONE).record["outcome"] == "skipped"
    assert manifest.sha256(file) == first
    h5lift.migrate(*in_place, "--string-type", "variable").must(tool.DONE)
    with h5py.File(file) as reading:
        assert reading["gene_names"].id.get_type().is_variable_str()
    verified(h5lift, manifest.path("hybrid.h5"), file)


def test_fixed_names_of_another_program_are_still_legacy(h5lift, legacy, new):
    fixed(h5lift, legacy, new)
    with h5py.File(new, "r+") as file:
        del file.attrs["h5lift_digest"]
    assert h5lift.audit(new).record["state"] == "legacy"
    h5lift.verify(legacy, new).must(tool.FAILED)


def test_one_very_long_name_among_many_is_refused(h5lift, tmp_path, new):
    old = tmp_path / "old.h5"
    names = [f"g{index}" for index in range(3000)]
    names[7] = "x" * 60_000
    with legacy_file(old, values=np.ones((3000, 1), "f4"), gene_names=names):
        pass
    run = h5lift.migrate("--memory", "512M", "--string-type", "fixed", old, "-o", new).must(tool.FAILED)
    assert "one of 3000 names has 60000" in run.record["error"]["message"]
    assert "--string-type variable" in run.record["error"]["hint"]
    h5lift.migrate("--memory", "512M", old, "-o", new).must(tool.DONE)


# Both, converted and migrated

def matrix(h5lift, folder, *options, name="out.h5"):
    text = folder / "matrix.tsv"
    text.write_bytes(SMALL)
    converted(h5lift, text, folder / name, *options)
    return folder / name


@pytest.mark.parametrize("options", [["--dimension-scales"], ["--dimension-scales=own"], ["--string-type", "fixed"],
                                     ["--dimension-scales", "--string-type", "fixed"]], ids=" ".join)
def test_converted_and_migrated_files_are_the_same_twice(h5lift, options, legacy, tmp_path):
    runs = []
    for run in ("a.h5", "b.h5"):
        out = matrix(h5lift, tmp_path, *options, name=run)
        h5lift.verify(out).must(tool.DONE)
        h5lift.migrate(*options, "-j", str(len(runs) + 1), legacy, "-o", tmp_path / ("m" + run)).must(tool.DONE)
        runs.append([manifest.sha256(path) for path in (out, tmp_path / ("m" + run))])
    assert runs[0] == runs[1]
    assert contents(tmp_path / "a.h5")[1:] == (["g1", "g2"], ["S1", "S2"])


def test_a_conversion_is_finished_only_with_the_same_options(h5lift, tmp_path):
    (tmp_path / "matrix.tsv").write_bytes(SMALL)
    def outcome(*options):
        return convert(h5lift, tmp_path / "matrix.tsv", "--out-dir", tmp_path / "out", *options).record["outcome"]
    assert outcome("--dimension-scales") == "converted"
    assert outcome("--dimension-scales") == "skipped"
    for options in ([], ["--dimension-scales=own"], ["--dimension-scales", "--string-type", "fixed"]):
        assert outcome(*options) == "refused", options


def test_no_names_and_one_name(h5lift, new, tmp_path):
    for name in ("values-0xN.h5", "values-Nx0.h5", "names-one.h5"):
        out = tmp_path / name
        scaled(h5lift, manifest.path(name), out, "own", "--string-type", "fixed")
        verified(h5lift, manifest.path(name), out)
        with h5py.File(out) as file:
            assert file["expr"].shape == (len(file["gene_names"]), len(file["sample_names"]))
            assert [file["expr"].dims[axis][0].shape[0] for axis in (0, 1)] == list(file["expr"].shape)


# The tools of HDF5 1.10

@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("migrate")))
def test_h5dump_and_h5ls_read_every_migrated_fixture(h5lift, row, new):
    h5lift.migrate(manifest.path(row), "-o", new).must(tool.DONE)
    listed = h5ls("-r", new)
    assert all(f"/{name} " in listed for name in ("expr", "gene_names", "sample_names"))
    dumped = h5dump("-w", "0", "-d", "/expr", "-d", "/gene_names", "-d", "/sample_names", new)
    assert "DATASET \"/expr\"" in dumped


def test_h5dump_prints_values_and_names(h5lift, legacy, new):
    values, genes, _ = contents(scaled(h5lift, legacy, new, "dimnames", "--string-type", "fixed"))
    raw = new.parent / "expr.bin"
    h5dump("-d", "/expr", "-b", "LE", "-o", raw, new)
    assert raw.read_bytes() == values.tobytes()
    # It prints what is no ASCII as octal numbers.
    dumped = h5dump("-w", "0", "-d", "/gene_names", new)
    assert all(f'"{name}' in dumped for name in genes if name.isascii())
    assert '"/gene_names"' in h5dump("-a", "/expr/DIMENSION_LIST", new)


# R, which counts axes from the other end: samples are rows there

def read_in_r(library, expression):
    """Dimensions, values in R's order, and names of rows and columns."""
    lines = rscript(library, f"""
        x <- {expression}
        cat(dim(x), sep=" "); cat("\\n")
        cat(sprintf("%.17g", as.vector(as.matrix(x))), sep=" "); cat("\\n")
        for (names in dimnames(x)) {{ cat(enc2utf8(names), sep="\\t"); cat("\\n") }}
    """)
    shape, values, *names = lines
    return tuple(map(int, shape.split())), list(map(float, values.split())), [line.split("\t") for line in names]


@pytest.mark.parametrize("options", [[], ["--string-type", "fixed"], ["--dimension-scales=own"]], ids=" ".join)
def test_rhdf5_reads_values_and_names(h5lift, legacy, new, options):
    h5lift.migrate(*options, legacy, "-o", new).must(tool.DONE)
    values, genes, samples = contents(new)
    file = r_text(new)
    shape, found, names = read_in_r("rhdf5", f"""h5read({file}, "expr"); dimnames(x) <-
        list(as.vector(h5read({file}, "sample_names")), as.vector(h5read({file}, "gene_names")))""")
    assert (shape, found, names) == ((3, 7), values.ravel().tolist(), [samples, genes])


def test_hdf5array_finds_names_called_dimnames(h5lift, legacy, new):
    scaled(h5lift, legacy, new)
    lines = rscript("HDF5Array", f"""for (names in h5readDimnames({r_text(new)}, "expr"))
        {{ cat(enc2utf8(names), sep="\\t"); cat("\\n") }}""")
    assert [line.split("\t") for line in lines] == [GENES, SAMPLES]


def test_hdf5array_does_not_open_a_matrix_with_names_called_dimnames(h5lift, legacy, new):
    """Why there is --dimension-scales=own. When this fails, HDF5Array has learned to count: tell the docs."""
    scaled(h5lift, legacy, new)
    lines = rscript("HDF5Array", f"""cat(tryCatch({{ HDF5Array({r_text(new)}, "expr"); "opened" }},
        error = function(e) "refused"))""")
    assert lines == ["refused"]


def test_hdf5array_opens_a_matrix_with_names_of_their_own(h5lift, legacy, new):
    values, genes, samples = contents(scaled(h5lift, legacy, new, "own"))
    file = r_text(new)
    shape, found, names = read_in_r("HDF5Array", f"""t(HDF5Array({file}, "expr")); dimnames(x) <-
        list(as.vector(rhdf5::h5read({file}, "gene_names")), as.vector(rhdf5::h5read({file}, "sample_names")))""")
    assert (shape, found, names) == ((7, 3), values.T.ravel().tolist(), [genes, samples])
