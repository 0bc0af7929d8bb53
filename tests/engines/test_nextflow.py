"""The script of the Nextflow module, run by a shell as Nextflow would, on an input that is a symbolic link."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("H5LIFT", REPOSITORY / "target/release/h5lift")).resolve()
MODULE = REPOSITORY / "contrib/nextflow/h5lift/migrate/main.nf"
VALUES = {"h5": "old/in.h5", "prefix": "test", "task.cpus": "1", "args": "", "task.process": "H5LIFT_MIGRATE"}


def script(section):
    """The lines of a section, with Groovy's interpolation and escapes done."""
    text = re.search(section + r':.*?"""\n(.*?)"""', MODULE.read_text(), re.DOTALL).group(1)
    text = re.sub(r"(?<!\\)\$\{([^}]*)\}", lambda match: VALUES[match.group(1)], text)
    return re.sub(r"^    ", "", text.replace("\\\\", "\\").replace("\\$", "$"), flags=re.MULTILINE)


@pytest.mark.parametrize(
    "section, name, outcome",
    [("script", "square.h5", "migrated"), ("script", "current.h5", "skipped"), ("stub", "square.h5", None)],
)
def test_outputs_are_there(tmp_path, section, name, outcome):
    (tmp_path / "old").mkdir()
    (tmp_path / "old/in.h5").symlink_to(REPOSITORY / "testdata/legacy" / name)
    path = f"{BINARY.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script(section)],
        cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "test.h5").exists() and "h5lift:" in (tmp_path / "versions.yml").read_text()
    if outcome:
        report = json.loads((tmp_path / "test.h5lift.json").read_text())
        assert report["files"][0]["outcome"] == outcome
