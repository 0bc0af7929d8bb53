"""The committed fixtures and what is expected of each."""

import csv
import hashlib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TESTDATA = REPOSITORY / "testdata"
LEGACY = TESTDATA / "legacy"

with open(TESTDATA / "fixtures.tsv", encoding="utf-8", newline="") as table:
    ROWS = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))

# Damage among the values: only reading them detects it, and an audit does not. Until then
# the file is what its names say.
UNREAD_STATE = {"chunk-flipped-gzip.h5": "hybrid", "chunk-flipped-fletcher32.h5": "legacy",
                "chunk-flipped-twice.h5": "hybrid", "chunk-flipped-int32.h5": "hybrid"}


def with_action(action):
    return [row for row in ROWS if row["action"] == action]


def named(rows):
    """Arguments for pytest.mark.parametrize: one case for each file, called like it."""
    return {"argvalues": rows, "ids": [row["file"] for row in rows]}


def path(row_or_name):
    name = row_or_name if isinstance(row_or_name, str) else row_or_name["file"]
    return LEGACY / name


def sha256(file):
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
