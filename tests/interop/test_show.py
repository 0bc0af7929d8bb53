"""`show FILE` answers what one asks h5py first: datasets, attributes of /expr, how many genes, which is first."""

import re

import pytest

import manifest
import tool


def line_about(run, label):
    """The line that begins with a label, whatever else is laid out around it."""
    found = [line for line in run.stdout.splitlines() if re.match(rf"\s*{label}\b", line, re.IGNORECASE)]
    assert found, f"no line about {label!r}\n{run}"
    return " ".join(found)


@pytest.fixture
def shown(h5lift, new):
    h5lift.migrate(manifest.path("hybrid-40x8.h5"), "-o", new).must(tool.DONE)
    return h5lift.run("show", new).must(tool.DONE)


def test_datasets(shown):
    line = line_about(shown, "datasets")
    assert all(name in line for name in ("expr", "gene_names", "sample_names"))


def test_attributes_of_expr(shown):
    line = line_about(shown, "expression attrs")
    assert "n_genes" in line and "n_samples" in line and "gene_names" not in line


def test_number_of_genes(shown):
    assert re.search(r"\b40\b", line_about(shown, "genes"))


def test_first_gene(shown):
    assert "FBgn0031208" in line_about(shown, "first gene")


def test_an_old_file_shows_its_attributes(h5lift):
    run = h5lift.run("show", manifest.path("names-vlen-utf8.h5")).must(tool.DONE)
    assert "gene_names" in line_about(run, "expression attrs")
    assert "Malpighi" in run.stdout


def test_control_characters_in_names_are_escaped(h5lift):
    run = h5lift.run("show", "--color", "never", manifest.path("text-control-characters.h5")).must(tool.DONE)
    assert "red" in run.stdout, "the name that holds an escape sequence is not shown"
    assert "\x1b" not in run.stdout and "\x07" not in run.stdout


@pytest.mark.parametrize("name", ["truncated-half.h5", "heap-zeroed-sector.h5", "not-text.h5"])
def test_what_cannot_be_shown_fails_with_words(h5lift, name):
    run = h5lift.run("show", "--timeout", "5", manifest.path(name)).must(tool.FAILED)
    assert run.stderr.strip()
