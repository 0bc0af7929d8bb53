"""What docs/object-header-message-is-too-large.md says about HDF5 and its readers, beside its code."""

import functools
import shutil
import subprocess
import warnings

import h5py
import numpy
import pytest

import page as pages

TOO_LARGE = "object header message is too large"
NAMES = [f"FBgn{number:07d}" for number in range(20_000)]
PAGE = (pages.DOCS / "object-header-message-is-too-large.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def message_bytes():
    """The function of the page."""
    block = next(block for block in pages.blocks(PAGE) if "def message_bytes" in block.text)
    variables = {}
    exec(block.text.partition("\nfor kind")[0], variables)
    return variables["message_bytes"]


def written(path, attribute, data, dtype=None):
    """Writes one attribute with h5py's defaults. `ok`, `refused`, or `lost` if the object cannot be opened afterwards."""
    with h5py.File(path, "w") as h5:
        h5["expr"] = [[0.0, 1.0]]
        try:
            h5["expr"].attrs.create(attribute, data, dtype=dtype)
        except OSError as error:
            assert TOO_LARGE in str(error)
            return "refused"
    with h5py.File(path) as h5:
        try:
            return "ok" if len(h5["expr"].attrs[attribute]) == len(data) else "short"
        except KeyError as error:
            assert "message not aligned" in str(error)
            return "lost"


@pytest.mark.parametrize("attribute", ["x", "names", "gene_names", "sample_names", "an_attribute_with_a_rather_long_name"])
def test_lists_of_variable_length_follow_the_formula(tmp_path, message_bytes, attribute):
    largest = max(count for count in range(10_000) if message_bytes(attribute, count, 16, variable=True) <= 65_528)
    for count, expected in (largest, "ok"), (largest + 1, "refused"):
        assert written(tmp_path / "a.h5", attribute, ["a" * (count % 3)] * count, h5py.string_dtype()) == expected


@pytest.mark.parametrize("width", [1, 11, 15, 18, 28])
@pytest.mark.parametrize("attribute", ["x", "gene_names", "an_attribute_with_a_rather_long_name"])
def test_lists_of_fixed_length_follow_the_formula(tmp_path, message_bytes, attribute, width):
    largest = max(count for count in range(70_000) if message_bytes(attribute, count, width) <= 65_528)
    rounded_to_zero = message_bytes(attribute, 0, width) + (largest + 1) * width <= 65_535
    for count, expected in (largest, "ok"), (largest + 1, "lost" if rounded_to_zero else "refused"):
        assert written(tmp_path / "a.h5", attribute, numpy.array(["x" * width] * count, dtype=f"S{width}")) == expected


def test_the_numbers_in_sentences(tmp_path):
    path = tmp_path / "a.h5"
    for count, expected in (65_472, "ok"), (65_473, "lost"), (65_479, "lost"), (65_480, "refused"):
        assert written(path, "gene_names", numpy.array(["x"] * count, dtype="S1")) == expected
    assert written(path, "gene_names", numpy.array(["x" * 15] * 4_365, dtype="S15")) == "lost"
    assert written(path, "gene_names", numpy.zeros(8_182)) == "ok"
    assert written(path, "gene_names", numpy.zeros(8_183)) == "refused"
    with h5py.File(path, "w") as h5:
        h5["expr"] = [[0.0, 1.0]]
        h5["expr"].attrs["gene_names"] = h5["expr"].attrs["sample_names"] = NAMES[:4_091]
        h5["expr"].attrs["text"] = "x" * 10_000_000
    with h5py.File(path) as h5:
        assert (len(h5["expr"].attrs["sample_names"]), len(h5["expr"].attrs["text"])) == (4_091, 10_000_000)


def test_what_lifts_the_limit_and_what_does_not(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", track_order=True) as h5:
        h5.attrs["names"] = NAMES
        h5["expr"] = [1.0]
        with pytest.raises(OSError, match=TOO_LARGE):
            h5["expr"].attrs["names"] = NAMES
    with h5py.File(path, "w") as h5:
        assert h5.libver[0] == "earliest"
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_attr_phase_change(0, 0)
        h5py.h5d.create(h5.id, b"expr", h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple((1,)), properties)
        with pytest.raises(OSError, match=TOO_LARGE):
            h5["expr"].attrs["names"] = NAMES
    with h5py.File(path, "r+", libver=("v108", "v108")) as h5:
        with pytest.raises(OSError, match=TOO_LARGE):
            h5["expr"].attrs["names"] = NAMES


def test_tables_of_many_columns_have_the_limit_too(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as h5:
        with pytest.raises(ValueError, match=f"create dataset .{TOO_LARGE}"):
            h5.create_dataset("table", shape=(1,), dtype=numpy.dtype([(name, "f4") for name in NAMES[:5_000]]))


def test_errors_of_pytables_and_pandas(tmp_path):
    tables, pandas = pytest.importorskip("tables"), pytest.importorskip("pandas")
    with tables.open_file(str(tmp_path / "a.h5"), "w") as h5:
        array = h5.create_array("/", "expr", numpy.zeros((2, 2)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(tables.HDF5ExtError, match=f"(?s){TOO_LARGE}.*Can't set attribute 'gene_names' in node"):
                array.attrs.gene_names = NAMES
            with pytest.raises(tables.HDF5ExtError, match="(?s)not the correct type of ID.*Can't set attribute 'gene_names' in node") as raised:
                array.attrs.gene_names = numpy.array(NAMES, dtype="S")
            assert TOO_LARGE not in str(raised.value)
    wide = pandas.DataFrame(numpy.zeros((2, len(NAMES))), columns=NAMES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wide.to_hdf(tmp_path / "fixed.h5", key="expr", format="fixed")
        with pytest.raises(tables.HDF5ExtError, match="Can't set attribute 'non_index_axes' in node"):
            wide.to_hdf(tmp_path / "table.h5", key="expr", format="table")


def test_netcdf_does_not_know_the_error(tmp_path):
    netCDF4 = pytest.importorskip("netCDF4")
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as file:
        file.createDimension("gene", 2)
        file.createVariable("expr", "f4", ("gene",)).gene_names = NAMES
    with netCDF4.Dataset(tmp_path / "a.nc") as file:
        assert file["expr"].getncattr("gene_names") == NAMES


@pytest.mark.parametrize(("library", "lines", "says"), [
    ("rhdf5", ['h5createFile(path)', 'h5write(matrix(0, 2, 2), path, "expr")', 'expr <- H5Dopen(H5Fopen(path), "expr")',
               'h5writeAttribute(names, expr, "gene_names")'], "HDF5. Attribute. Unable to initialize object."),
    ("hdf5r", ['h5 <- H5File$new(path, mode = "w")', 'h5[["expr"]] <- matrix(0, 2, 2)', 'h5attr(h5[["expr"]], "gene_names") <- names'],
     "unable to create attribute"),
])
def test_errors_of_r(tmp_path, library, lines, says):
    reason = pages.missing_in_r([library])
    if reason:
        pytest.skip(reason)
    script = [f"library({library})", f"path <- '{tmp_path / 'a.h5'}'", "names <- sprintf('FBgn%07d', 0:19999)",
              "tryCatch({", *lines, "}, error = function(problem) cat('ERROR', conditionMessage(problem), '\\n'))"]
    done = subprocess.run(["Rscript", "-e", "\n".join(script)], capture_output=True, text=True, timeout=pages.PATIENCE)
    assert "ERROR" in done.stdout and says in done.stdout, done.stdout + done.stderr


WAYS = {
    "dataset, variable length": {}, "dataset, fixed length": {}, "attribute, `track_order`": {},
    "attribute, `v108`": {"libver": ("v108", "v108")}, "attribute, `latest`": {"libver": "latest"},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A file for each way that the table of readers has: its path, and whether the names are a dataset."""
    folder = tmp_path_factory.mktemp("ways")
    made = {}
    for number, (way, options) in enumerate(WAYS.items()):
        made[way] = path = folder / f"{number}.h5"
        with h5py.File(path, "w", **options) as h5:
            expr = h5.create_dataset("expr", data=numpy.ones((2, 2)), track_order="track_order" in way)
            if "variable" in way:
                h5["gene_names"] = NAMES
            elif "fixed" in way:
                h5["gene_names"] = numpy.array(NAMES, dtype="S")
            else:
                expr.attrs["gene_names"] = NAMES
    return made


def by_h5py(path):
    with h5py.File(path) as h5:
        return h5["gene_names"].asstr()[:] if "gene_names" in h5 else h5["expr"].attrs["gene_names"]


def by_pytables(path):
    tables = pytest.importorskip("tables")
    with tables.open_file(str(path)) as h5:
        return h5.root.gene_names[:] if "gene_names" in h5.root else h5.root.expr.attrs.gene_names


def by_netcdf(path):
    netCDF4 = pytest.importorskip("netCDF4")
    with netCDF4.Dataset(path) as file:
        return file["gene_names"][:] if "gene_names" in file.variables else file["expr"].getncattr("gene_names")


def program(name):
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed (Debian: hdf5-tools)")
    return name


def by_h5dump(path):
    done = subprocess.run([program("h5dump"), path], capture_output=True, text=True, timeout=pages.PATIENCE)
    return [word for word in done.stdout.split('"') if word.startswith("FBgn")]


def by_h5repack(path):
    other = path.with_suffix(".repacked")
    done = subprocess.run([program("h5repack"), "-f", "GZIP=4", path, other], capture_output=True, text=True, timeout=pages.PATIENCE)
    if done.returncode:
        raise OSError(done.stderr)
    return by_h5py(other)


def by_r(path, library, function):
    """All files are read by one process: R takes seconds to start."""
    reason = pages.missing_in_r([library])
    if reason:
        pytest.skip(reason)
    return all_by_r(path.parent, library, function)[path.name]


@functools.cache
def all_by_r(folder, library, function):
    script = [f"library({library})", f"read <- {function}",
              f"for (path in Sys.glob('{folder}/*.h5')) cat(basename(path), read(path), sep = '\\n')"]
    done = subprocess.run(["Rscript", "-e", "\n".join(script)], capture_output=True, text=True, timeout=pages.PATIENCE)
    assert done.returncode == 0, done.stderr
    found = {}
    for line in done.stdout.splitlines():
        if line.endswith(".h5"):
            found[line] = names = []
        else:
            names.append(line)
    return found


def by_rhdf5(path):
    return by_r(path, "rhdf5", """function(path)
        if ("gene_names" %in% h5ls(path)$name) h5read(path, "gene_names") else h5readAttributes(path, "expr")$gene_names""")


def by_hdf5r(path):
    return by_r(path, "hdf5r", """function(path) {
        h5 <- H5File$new(path, "r")
        if ("gene_names" %in% names(h5)) h5[["gene_names"]][] else h5attr(h5[["expr"]], "gene_names")
    }""")


READERS = {"h5py": by_h5py, "PyTables": by_pytables, "netCDF4": by_netcdf, "R, rhdf5": by_rhdf5, "R, hdf5r": by_hdf5r,
           "`h5dump`": by_h5dump, "`h5repack -f GZIP=4`": by_h5repack}


def table_of_readers():
    """What the page says: yes or no for each reader and way."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
    head = next(number for number, row in enumerate(rows) if row[1:] == list(WAYS))
    found = {}
    for row in rows[head + 1:head + 9]:
        found.update({(row[0], way): "yes" in cell for way, cell in zip(WAYS, row[1:], strict=True)})
    return found


@pytest.mark.parametrize("reader", READERS)
def test_readers_read_what_the_table_says(files, reader):
    said = {way: can for (name, way), can in table_of_readers().items() if name.startswith(reader)}
    assert list(said) == list(WAYS), f"the table has no row for {reader}"
    for way, can in said.items():
        try:
            names = [name.decode() if isinstance(name, bytes) else str(name) for name in READERS[reader](files[way])]
        except (OSError, TypeError):  # TypeError: PyTables has no way to read such a dataset
            names = None
        if reader == "`h5repack -f GZIP=4`" and not can and names == NAMES:
            pytest.skip("this h5repack is newer than the one of the table")
        assert (names == NAMES) == can, f"{reader}, {way}"
