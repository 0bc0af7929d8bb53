"""`convert --transpose`: tables with samples in rows, read as the same table the right way round."""

import gzip

import h5py
import numpy as np
import pytest

import tool
from text_matrices import contents, convert, converted, told

GENES = [f"ENSG{n:011d}" for n in range(70)]
CELLS = [f"AAACCTGAGG{n:04d}-1" for n in range(90)]
VALUES = np.random.default_rng(3).normal(2, 3, (len(CELLS), len(GENES))).astype("f4")


def table(columns, rows, values, separator="\t", corner="", end="\n"):
    lines = [separator.join([corner, *columns])]
    lines += [separator.join([name, *(repr(float(value)) for value in row)]) for name, row in zip(rows, values)]
    return end.join([*lines, ""]).encode()


def same(new, straight):
    """Whether two new files have the same bytes but for how they say that they were made."""
    with h5py.File(new) as a, h5py.File(straight) as b:
        assert a["expr"].chunks == b["expr"].chunks and a["expr"].dtype == b["expr"].dtype
        assert a["expr"][:].tobytes() == b["expr"][:].tobytes()
        assert a["gene_names"][:].tolist() == b["gene_names"][:].tolist()
        assert a["sample_names"][:].tolist() == b["sample_names"][:].tolist()
        digests = [next(value for name, value in f.attrs.items() if "digest" in name) for f in (a, b)]
        assert digests[0] == digests[1]


@pytest.mark.parametrize("options", [[], ["--dtype", "f64"], ["--compression", "none"], ["--compression", "lzf"], ["--chunks", "7x11"]])
@pytest.mark.parametrize("separator, corner, end", [("\t", "", "\n"), (",", "cell", "\r\n"), (";", "DepMap_ID", "\n")])
def test_the_same_as_the_table_the_right_way_round(h5lift, text, new, separator, corner, end, options):
    turned = text(table(GENES, CELLS, VALUES, separator, corner, end), "turned.csv")
    straight = text(table(CELLS, GENES, VALUES.T, separator, corner or "gene", end), "straight.csv")
    record = converted(h5lift, turned, new, "--transpose", *options)
    assert record["expr"]["shape"] == [70, 90] and record["verified"] == "full"
    assert "turned round" in record["reason"]
    converted(h5lift, straight, new.with_name("straight.h5"), *options)
    same(new, new.with_name("straight.h5"))
    h5lift.verify(new).must(tool.DONE)


def test_slabs_wait_in_a_file_when_memory_is_small(h5lift, text, new):
    values = np.random.default_rng(4).integers(0, 500, (600, 6000)).astype("f4")
    genes, cells = [f"g{n}" for n in range(6000)], [f"c{n}" for n in range(600)]
    rows = ["\t".join(["", *genes]), *("\t".join([cell, *map(str, row.astype(int))]) for cell, row in zip(cells, values))]
    turned = text(gzip.compress("\n".join(rows).encode(), 1), "turned.tsv.gz")
    converted(h5lift, turned, new, "--transpose", "--memory", "512M")
    read_genes, read_cells, read = contents(new)
    assert (read_genes, read_cells) == (genes, cells) and (read == values.T).all()
    assert sorted(path.name for path in new.parent.iterdir()) == [new.name]


def test_through_a_pipe_and_again(h5lift, text, new):
    data = table(GENES, CELLS, VALUES)
    convert(h5lift, "--transpose", "-o", new, "-", stdin=data).must(tool.DONE)
    assert contents(new)[1] == CELLS
    again = convert(h5lift, "--transpose", "-o", new, text(data)).must(tool.DONE)
    assert again.record["outcome"] == "skipped"
    other = text(table(GENES, CELLS, VALUES + 1), "other.tsv")
    run = convert(h5lift, "--transpose", "-o", new, other).must(tool.FAILED)
    assert run.record["error"]["kind"] == "exists"


def test_a_dry_run_says_the_same_shape(h5lift, text):
    run = convert(h5lift, "--dry-run", "--transpose", text(table(GENES, CELLS, VALUES))).must(tool.DONE)
    assert run.record["expr"]["shape"] == [70, 90]
    assert run.record["genes"]["first"][0] == GENES[0] and run.record["samples"]["first"][0] == CELLS[0]


def test_samples_that_share_a_name(h5lift, text, new):
    rows = text(table(["A", "B"], ["S1", "S2", "S1"], np.ones((3, 2))))
    run = convert(h5lift, "--transpose", "-o", new, rows).must(tool.FAILED)
    assert "rows 1 and 3" in run.record["error"]["message"] and "--duplicates" in run.record["error"]["hint"]
    converted(h5lift, rows, new, "--transpose", "--duplicates", "suffix")
    assert contents(new)[1] == ["S1", "S2", "S1.1"]
    # Genes may share a name.
    twice = text(table(["A", "B", "A"], ["S1", "S2"], np.ones((2, 3))), "genes.tsv")
    record = converted(h5lift, twice, new, "--transpose", "--overwrite")
    assert contents(new)[0] == ["A", "B", "A"] and "duplicate-gene-names" in told(record)


def test_samples_without_genes_in_between(h5lift, text, new):
    rows = text(b"cell\tA\tB\nc1\t1\tx\nc2\t2\t3\n")
    run = convert(h5lift, "--transpose", "-o", new, rows).must(tool.FAILED)
    assert "(gene `B`)" in run.record["error"]["message"] + str(run.record["error"].get("places"))


@pytest.mark.parametrize("columns", [
    ["TSPAN6 (7105)", "TNMD (64102)", "DPM1 (8813)"],
    ["ENSG00000000003.15", "ENSG00000000005.6", "S"],
    ["ENSMUSG00000000001", "ENSMUSG00000000003"],
])
def test_samples_named_like_genes_are_told(h5lift, text, new, columns):
    rows = text(table(columns, ["ACH-000001", "ACH-000002"], np.ones((2, len(columns)))))
    run = convert(h5lift, "-o", new, rows)
    assert "--transpose" in run.stdout
    record = converted(h5lift, rows, new, "--transpose", "--overwrite")
    assert contents(new)[0] == columns and "gene-like-sample-names" not in told(record)


def test_what_has_genes_in_rows_is_not_turned(h5lift, text, new):
    gct = text(b"#1.2\n1\t2\nName\tDescription\tS1\tS2\nA\tx\t1\t2\n", "m.gct")
    run = convert(h5lift, "--transpose", "-o", new, gct).must(tool.FAILED)
    assert "--transpose" in run.record["error"]["hint"]
    convert(h5lift, "--transpose", "--value-column", "A", "-o", new, gct).must(tool.USAGE)
