#!/usr/bin/env python3
"""What h5lift does, shown on an archive of old files: each step is the command that you would type.

    python testdata/demo.py target/release/h5lift demo     (this is `make demo`)

Exits with 0 only when everything came out as it must: the states, the new files, the values as
h5py reads them, and not one changed byte in an original.
"""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import archive

WORK = {  # what audit has to say of each file of the archive that is migrated
    "dgrp/head/expression.h5": "hybrid",
    "dgrp/ovary/expression.h5": "hybrid",
    "dgrp/testis/expression.h5": "hybrid",
    "dgrp/whole_body/expression.h5": "hybrid",
    "dgrp/whole_body/expression_lzf.h5": "hybrid",
    "full/expression_20000x500.h5": "legacy",
    "modencode/development.h5": "legacy",
    "toy/expression.h5": "hybrid",
}
OTHERS = {
    "full/expression_8763.h5": "nameless",
    "full/expression_copy.h5": "damaged",
    "modencode/counts_table.h5": "not-hdf5",
    "results/base_correlations/gene_00001.h5": "not-expression",
    "results/base_correlations/gene_00002.h5": "not-expression",
}
LARGEST = "full/expression_20000x500.h5"
PYTHON = os.path.relpath(sys.executable)
READ_BACK = """\
import h5py
with h5py.File("{new}") as h5:
    expr = h5["expr"][:]
    gene_names = [x.decode() if isinstance(x, bytes) else x for x in h5["gene_names"][:]]
    print("datasets:  ", list(h5))
    print("attributes:", list(h5["expr"].attrs))
    print("matrix:    ", expr.shape, expr.dtype, "mean", expr.mean())
    print("genes:     ", len(gene_names), gene_names[0], "...", gene_names[-1])
with h5py.File("{old}") as h5:
    assert expr.tobytes() == h5["expr"][:].tobytes(), "the values differ"
    assert gene_names == list(h5["expr"].attrs["gene_names"]), "the gene names differ"
print("equal to the old file, value by value and name by name")
"""


def say(text):
    print(f"\n--- {text}\n", flush=True)


def run(*command, expected=0):
    """Shows a command as one would type it, runs it, and insists on its exit code."""
    print("$ " + shlex.join(map(str, command)), flush=True)
    code = subprocess.run([str(word) for word in command]).returncode
    insist(code == expected, f"exit code {code}, expected {expected}")


def insist(holds, otherwise):
    if not holds:
        sys.exit(f"\ndemo: this is not as it must be: {otherwise}")


def sums(folder):
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def rows(report, old, key):
    """One column of a JSON report, by path below the archive."""
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    return {Path(row["path"]).relative_to(old).as_posix(): row[key] for row in files}


def main(h5lift, folder):
    old, new = folder / "archive", folder / "migrated"
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(new, ignore_errors=True)
    folder.mkdir(exist_ok=True)

    say("h5py writes an archive of 13 files, as a project of some years leaves it")
    run(PYTHON, "testdata/archive.py", old)
    before = sums(old)
    insist(set(before) == set(WORK) | set(OTHERS), "the archive holds other files than the demo knows")

    say("What is there, and what would be done? Nothing is changed by asking.")
    run(h5lift, "audit", old, "--report", folder / "audit.json")
    insist(rows(folder / "audit.json", old, "state") == WORK | OTHERS, f"the states in {folder}/audit.json")

    say("Now migrate. Exit code 1 is right here: it says that some files were refused, and two must be.")
    run(h5lift, "migrate", old, "--out-dir", new, "--report", folder / "migrate.json", expected=1)
    outcomes = rows(folder / "migrate.json", old, "outcome")
    insist({path for path, outcome in outcomes.items() if outcome == "migrated"} == set(WORK),
           f"the outcomes in {folder}/migrate.json")
    insist(set(sums(new)) == set(WORK), f"{new} does not hold one new file for each that was migrated, and nothing else")

    say("Each new file was proved before it got its name. Prove it once more, from outside:")
    for path in WORK:
        run(h5lift, "verify", old / path, new / path, "--quiet")

    say("And h5py reads it as the pipeline's scripts do:")
    run(PYTHON, "-c", READ_BACK.format(new=new / LARGEST, old=old / LARGEST))

    insist(sums(old) == before, f"an original in {old} was changed")
    say("What happened")
    print(f"""\
{len(WORK)} old files now have new ones in {new}/, names in datasets, every value proved equal.
3 files needed nothing: two hold results without a matrix, and one is a table that is only called .h5.
2 files were refused, because something is missing in them: full/expression_8763.h5 never got its names,
for its writer stopped at the 64 KB limit, and full/expression_copy.h5 is cut short. Nothing was made up.
All {len(before)} originals have the SHA-256 sums that they had before.

Look at   {h5lift} show {new}/{LARGEST}
          {folder}/audit.json and {folder}/migrate.json, a record for each file""")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
