"""What users meet in files, as `tests/cmd/files/` shows it: each case with its command, its exit code and what it prints.

`H5LIFT_UPDATE=1` writes what was printed into these files instead; the difference is what a reviewer has to read.
"""

import os

import pytest

import manifest
from accounts import AS_ROOT
from messages import changes, found, ledgers, verification
from messages.scene import Scene

SNAPSHOTS = manifest.REPOSITORY / "tests" / "cmd" / "files"
UPDATE = os.environ.get("H5LIFT_UPDATE") == "1"
FAMILIES = [
    found.not_hdf5, found.in_use, found.pieces, found.damaged, found.paths, found.contents,
    changes.plans, changes.names, changes.salvage, changes.texts, changes.destinations,
    ledgers.undo, ledgers.purge, ledgers.forged, ledgers.interrupted, ledgers.reports,
    verification.pairs, verification.alone,
]


def compare(family, scene):
    family(scene)
    snapshot = SNAPSHOTS / f"{family.__name__.replace('_', '-')}.txt"
    if UPDATE:
        snapshot.write_text(scene.text, encoding="utf-8")
    assert scene.text == snapshot.read_text(encoding="utf-8"), f"{snapshot} shows something else; H5LIFT_UPDATE=1 writes it again"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_what_users_meet(family, h5lift, tmp_path):
    compare(family, Scene(tmp_path, h5lift))


@pytest.mark.skipif(not AS_ROOT, reason="needs root")
def test_what_root_meets(h5lift, tmp_path):
    compare(ledgers.as_root, Scene(tmp_path, h5lift))
