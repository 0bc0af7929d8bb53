#!/usr/bin/env python3
"""Migrates an archive of many studies, and leaves its page as FOLDER/run.html: the pictures of docs/ show it.

    python tests/browser/run.py PROGRAM FOLDER
"""

import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "testdata"))

import studies  # noqa: E402


def main(program, folder):
    work = folder / "run"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    studies.write(work / "archive")
    command = [program.resolve(), "migrate", "archive", "--out-dir", "migrated", "--report", "migration.html"]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True)
    # Some files of the archive are refused.
    if done.returncode != 1:
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stderr}")
    (work / "migration.html").replace(folder / "run.html")
    shutil.rmtree(work)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
