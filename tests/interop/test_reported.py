"""Inputs after public reports, which earlier versions got wrong, and controls beside them: testdata/reported.tsv.

Lines of the same input and command are alternatives, of which one has to fit. In a column, `-` is not looked at, `*`
stands for any end; `says` is a pattern of all output, and `!` in front of it means that it must not be there.
"""

import csv
import json
import re
import shlex
import subprocess
import sys
from itertools import groupby

import h5py
import pytest

from manifest import TESTDATA

COLUMNS = ("exit", "state", "outcome", "shape", "first_gene", "first_sample", "first_value")


def cases():
    with open(TESTDATA / "reported.tsv", encoding="utf-8") as table:
        lines = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    for (path, command), alternatives in groupby(lines, key=lambda line: (line["input"], line["command"])):
        yield pytest.param(path, command, list(alternatives), id=f"{path}-{command}")


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reported")
    subprocess.run([sys.executable, TESTDATA / "reported.py", folder], check=True)
    return folder


@pytest.mark.parametrize("path, command, alternatives", list(cases()))
def test_the_answer_is_right(h5lift, reported, tmp_path, path, command, alternatives):
    output = tmp_path / "new.h5"
    command = command.replace("{IN}", shlex.quote(path)).replace("{OUT}", shlex.quote(str(output)))
    command = f"{shlex.quote(h5lift.binary)} {command} --format json --progress never"
    ended = subprocess.run(["bash", "-c", command], cwd=reported, capture_output=True, text=True, timeout=120)
    said = (ended.stdout + ended.stderr).replace(path, "")
    seen = dict(zip(COLUMNS, (str(ended.returncode), *row(ended.stdout), *made(output))))
    complaints = [differences(wanted, seen, said) for wanted in alternatives]
    assert [] in complaints, f"{complaints}\n{seen}\n{said}"


def row(stdout):
    """State and outcome of the first file."""
    try:
        record = json.loads(stdout)["files"][0]
    except (ValueError, LookupError):
        return None, None
    return record.get("state"), record.get("outcome")


def made(output):
    """Shape, first gene, first sample and first value of what was written; of a folder, those of one file in it."""
    path = output / "deep/other.h5" if output.is_dir() else output
    if not path.exists():
        return ("",) * 4
    with h5py.File(path) as file:
        genes, samples = (file[name][0].decode() for name in ("gene_names", "sample_names"))
        return "x".join(map(str, file["expr"].shape)), genes, samples, f"{file['expr'][0, 0]:g}"


def differences(wanted, seen, said):
    found = [f"{name} is {seen[name]}" for name in COLUMNS if not fits(wanted[name], str(seen[name]))]
    if wanted["exit"] == "1" and wanted["shape"] == "-" and seen["shape"]:
        found.append("there is an output")
    pattern = wanted["says"]
    if pattern != "-" and bool(re.search(pattern.lstrip("!"), said, re.IGNORECASE)) == pattern.startswith("!"):
        found.append(f"says: {pattern}")
    return found


def fits(wanted, value):
    return wanted in ("-", value) or (wanted.endswith("*") and value.startswith(wanted[:-1]))
