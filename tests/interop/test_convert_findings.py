"""What is reported about a text: wrong places, values that do not fit, suspicious names."""

import io

import numpy as np
import pandas as pd
import pytest

import tool
from text_matrices import SMALL, contents, convert, converted, places, told


@pytest.mark.parametrize("limit", [1, 3])
def test_as_many_places_are_reported_as_were_asked_for(h5lift, text, new, limit):
    lines = b"gene\tS1\n" + b"g\tx\n" * 9
    record = convert(h5lift, "--max-errors", str(limit), "-o", new, text(lines)).must(tool.FAILED).record
    assert places(record) == [(line, 3) for line in range(2, 2 + limit)]


def test_the_field_of_a_long_row_is_the_last_one(h5lift, text, new):
    record = convert(h5lift, "-o", new, text(SMALL + b"g3\t1\t2\t3\n")).must(tool.FAILED).record
    assert [(place["column"], place["field"]) for place in record["error"]["places"]] == [(8, 4)]


@pytest.mark.parametrize("data, codes", {
    b"gene\tS1\ng1\t1e39\n": ["overflowed-values"],
    b"gene\tS1\ng1\t16777217\n": ["rounded-counts"],
    b"gene\tS1\ng1\t1e-50\n": ["vanished-values"],
    b"gene\tS1\ng1\t16777216\ng2\t-16777216\ng3\t1e-40\n": [],
    b"gene\tS1\ng1\tinf\n": ["infinite-values"],
}.items())
def test_what_float32_does_not_hold_is_reported_and_float64_holds_it(h5lift, text, new, data, codes):
    # Of counts and values only: what a lint says of these names is another matter.
    values = {"overflowed-values", "rounded-counts", "vanished-values", "infinite-values"}
    assert sorted(told(converted(h5lift, text(data), new)).keys() & values) == codes
    double = converted(h5lift, text(data), new, "--dtype", "f64", "--overwrite")
    assert sorted(told(double).keys() & values) == [code for code in codes if code == "infinite-values"]
    expected = pd.read_csv(io.BytesIO(data), sep="\t", index_col=0).to_numpy(dtype=float)
    assert contents(new)[2].dtype == np.float64
    np.testing.assert_array_equal(contents(new)[2], expected)


NAMED_ODDLY = {
    "heading-sample-names": b"gene\tLength\tUnnamed: 3\ng1\t1\t2\n",
    "renamed-sample-names": b"gene\tX\tX.1\tY\tY.1\ng1\t1\t2\t3\t4\n",
    "path-sample-names": b"gene\tbam/a.bam\tb.bam\ng1\t1\t2\n",
    "padded-sample-names": b"gene\t S1\tS2\ng1\t1\t2\n",
    "missing-gene-names": b"gene\tS1\nnan\t1\ng2\t2\n",
    "float-gene-names": b"gene\tS1\n7157.0\t1\n2.3e+19\t2\n",
    "date-gene-names": b"gene\tS1\n1-Mar\t1\n2-Sep\t2\n",
}


@pytest.mark.parametrize("code", NAMED_ODDLY)
def test_odd_names_of_texts_are_reported_as_those_of_files_are(h5lift, text, new, code):
    record = converted(h5lift, text(NAMED_ODDLY[code]), new)
    said = {name: detail for name, detail in told(record).items() if name.endswith("-names")}
    assert code in said
    audited = told(h5lift.audit("--lint", new).must(tool.DONE).record)
    assert said == {name: detail for name, detail in audited.items() if name.endswith("-names")}


@pytest.mark.parametrize("heading, column", [("Hugo_Symbol", "Entrez_Gene_Id"), ("Geneid", "Length")])
def test_a_column_about_genes_is_no_sample_without_a_word(h5lift, text, new, heading, column):
    """As cBioPortal's tables have it, and counts from which most of featureCounts' columns were cut."""
    table = f"{heading}\t{column}\tS1\tS2\nTP53\t7157\t1\t2\nCDK2\t1017\t3\t4\n".encode()
    record = converted(h5lift, text(table), new)
    assert column not in contents(new)[1] or any(column in detail for detail in told(record).values())
