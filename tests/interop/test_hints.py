"""Options that a message proposes work when they are typed as they stand."""

import re
import shlex

import h5py
import numpy as np
import pytest

import tool
from text_matrices import contents, convert

ROWS = "".join(f"SYM{n}\t{n}.5\t{n + 1}\n" for n in range(12))


def said(run):
    """What a run says to do, in all places."""
    error = run.record["error"]
    return " ; ".join(filter(None, [error.get("hint"), *(place["help"] for place in error.get("places", []))]))


def proposed(text):
    """Options with the word behind them, as a shell reads the message."""
    # A comma behind a word belongs to the sentence.
    bare = re.sub(r"(?<=[^\s,]),(?=\s)", " ", text)
    return [shlex.split(found) for found in re.findall(r"--[a-z][a-z-]*(?:[ =](?:'(?:[^']|'\\'')*'|\"[^\"]*\"|[^\s;:()]+))?", bare)]


@pytest.mark.parametrize("word", ["-", "--", ".", "?", "*", "-nan(ind)", "1.#SNAN", "n.d.", "not found", "it's", "#DIV/0!", "<LOD", "-- --", "$x", "a\\b"])
def test_the_word_for_a_missing_value(h5lift, text, new, word):
    table = text(f"gene\tS1\tS2\n{ROWS}A\t{word}\t2\n".encode())
    run = convert(h5lift, "-o", new, table).must(tool.FAILED)
    options = [option for option in proposed(said(run)) if option[0] == "--na"]
    assert options, said(run)
    convert(h5lift, "-o", new, *options[0], table).must(tool.DONE)
    assert np.isnan(contents(new)[2][-1, 0])


@pytest.mark.parametrize("kinds", [("protein_coding", "lncRNA"), ("T", "B"), ("I", "II"), ("a-1", "b-2")])
@pytest.mark.parametrize("columns", [1, 2])
def test_a_column_of_text_is_no_column_of_missing_values(h5lift, text, new, kinds, columns):
    rows = "".join(f"SYM{n}\t{(kinds[n % 2] + chr(9)) * columns}{n}.5\t{n + 1}\n" for n in range(12))
    table = text(f"gene\t{'kind' + chr(9)}{'class' + chr(9) if columns == 2 else ''}S1\tS2\n{rows}".encode())
    run = convert(h5lift, "-o", new, table).must(tool.FAILED)
    assert "--na" not in said(run), said(run)
    options = [option for option in proposed(said(run)) if option[0] == "--text-columns"]
    convert(h5lift, "-o", new, *options[0], table).must(tool.DONE)
    assert contents(new)[1] == ["S1", "S2"]


@pytest.mark.parametrize("word", ["-666", "-1e9", "9999"])
def test_a_number_for_a_missing_value(h5lift, text, new, word):
    convert(h5lift, "-o", new, "--na", word, text(f"gene\tS1\tS2\n{ROWS}A\t{word}\t2\n".encode())).must(tool.DONE)
    assert np.isnan(contents(new)[2][-1, 0])


def test_a_decimal_comma(h5lift, text, new):
    table = text(f"gene\tS1\tS2\n{ROWS.replace('.', ',')}".encode())
    run = convert(h5lift, "-o", new, table).must(tool.FAILED)
    assert ["--decimal", ","] in proposed(said(run)), said(run)
    convert(h5lift, "-o", new, "--decimal", ",", table).must(tool.DONE)
    assert contents(new)[2][1, 0] == 1.5


def test_a_comma_between_thousands_is_no_decimal_mark(h5lift, text, new):
    table = text(("gene,S1,S2\n" + "".join(f'A{n},"{1000 + n:,}","{7000 + n:,}"\n' for n in range(60))).encode(), "m.csv")
    run = convert(h5lift, "-o", new, table)
    if run.code != tool.DONE:
        assert "--decimal ," not in run.stdout
        options = [option for option in proposed(said(run)) if option[0] == "--thousands"]
        if options:
            convert(h5lift, "-o", new, *options[0], table).must(tool.DONE)
    if new.exists():
        assert contents(new)[2][0].tolist() == [1000, 7000]


@pytest.mark.parametrize("wanted", ["keep", "suffix"])
def test_samples_of_one_name(h5lift, text, new, wanted):
    table = text(f"gene\tS\tS\n{ROWS}".encode())
    run = convert(h5lift, "-o", new, table).must(tool.FAILED)
    assert ["--duplicates", wanted] in proposed(said(run)), said(run)
    convert(h5lift, "-o", new, "--duplicates", wanted, table).must(tool.DONE)


@pytest.mark.parametrize("wanted", ["yes", "no"])
def test_a_first_line_that_may_be_a_row(h5lift, text, new, wanted):
    table = text(f"TP53\t0.5\t0.75\n{ROWS}".encode())
    run = convert(h5lift, "-o", new, table).must(tool.FAILED)
    assert ["--header", wanted] in proposed(said(run)), said(run)
    convert(h5lift, "-o", new, "--header", wanted, table).must(tool.DONE)
    assert len(contents(new)[0]) == 12 + (wanted == "no")


@pytest.mark.parametrize("data, wanted", [
    (b"gene\tS1\tS2\n", "--allow-empty"),
    (b"gene\tS\xfc\n" + ROWS.replace("\t2\n", "\n").encode(), "--encoding"),
    (b"gene\tS1\tS2\n" + ROWS.encode() + b'A\t"1\t2\n', "--quote"),
])
def test_other_options(h5lift, text, new, data, wanted):
    table = text(data)
    run = convert(h5lift, "-o", new, table).must(tool.FAILED)
    options = [option for option in proposed(said(run)) if option[0] == wanted]
    assert options, said(run)
    option = options[0][:1] if wanted == "--allow-empty" else options[0]
    run = h5lift.run("convert", "-o", new, *option, table)
    assert run.code != tool.USAGE, run


def test_a_table_of_quantities(h5lift, text, new):
    table = text(b"Name\tLength\tEffectiveLength\tTPM\tNumReads\nA\t10\t9\t0.5\t3\nB\t11\t9\t1.5\t4\n")
    run = convert(h5lift, "-o", new, table).must(tool.FAILED)
    assert "--value-column" in said(run)
    convert(h5lift, "-o", new, "--value-column", "TPM", table).must(tool.DONE)
    assert contents(new)[2][:, 0].tolist() == [0.5, 1.5]


def test_options_of_migrate(h5lift, tmp_path):
    square, new = tmp_path / "old.h5", tmp_path / "new.h5"
    with h5py.File(square, "w") as file:
        expr = file.create_dataset("expr", data=np.ones((3, 2), "f4"))
        expr.attrs["gene_names"], expr.attrs["sample_names"] = ["a", "b", "c"], ["x", "y"]
        file["gene_names"] = ["a", "b", "d"]
    run = h5lift.migrate(square, "-o", new).must(tool.FAILED)
    for option in (["--prefer", "attributes"], ["--prefer", "datasets"]):
        assert option[0] in said(run)
        h5lift.migrate(square, "-o", new, "--overwrite", *option).must(tool.DONE)
