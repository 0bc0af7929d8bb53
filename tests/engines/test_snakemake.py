"""The Snakefile of contrib/: each of its ways migrates an archive, and a dry run afterwards plans nothing.

SNAKEMAKE names the command (default: from PATH), H5LIFT the binary (default: target/release/h5lift). With the plugin for Slurm
beside it, jobs of a cluster do the same.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("H5LIFT", REPOSITORY / "target/release/h5lift")).resolve()
SNAKEMAKE = os.environ.get("SNAKEMAKE", "snakemake")
FIXTURES = REPOSITORY / "testdata/legacy"

pytestmark = pytest.mark.skipif(not shutil.which(SNAKEMAKE), reason="Snakemake is not installed")


def snakemake(folder, *arguments, path=""):
    command = [SNAKEMAKE, "-s", REPOSITORY / "contrib/snakemake/Snakefile", "--cores", "2"]
    command += [*arguments[:-1], "--config", f"h5lift={BINARY}", "shards=2", "--", arguments[-1]]
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, timeout=300,
        env={**os.environ, "PATH": path + os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("way", ["per_file", "sharded", "needed"])
def test_each_way_does_all_and_then_nothing(tmp_path, way):
    archive = tmp_path / "archive"
    (archive / "sub").mkdir(parents=True)
    for number in range(6):
        shutil.copy(FIXTURES / "square.h5", archive / f"{number}.h5")
        shutil.copy(FIXTURES / "hybrid.h5", archive / "sub" / f"{number}.h5")
    shutil.copy(FIXTURES / "current.h5", archive)
    snakemake(tmp_path, way)
    assert "Nothing to be done" in snakemake(tmp_path, "-n", way)
    made = len(list((tmp_path / "new").rglob("*.h5"))) if (tmp_path / "new").exists() else 0
    assert made == {"per_file": 13, "sharded": 0, "needed": 12}[way]
    if way == "sharded":
        assert len(list(archive.rglob("*.h5lift-orig"))) == 12
        assert (tmp_path / "lift.json").exists()


def has_plugin():
    done = subprocess.run([SNAKEMAKE, "--help"], capture_output=True, text=True)
    return "--slurm-status-command" in done.stdout


@pytest.mark.parametrize("way", ["sharded", "needed"])
def test_jobs_of_slurm_do_all_and_then_nothing(slurm, tmp_path, way):
    if not has_plugin():
        pytest.skip("snakemake-executor-plugin-slurm is not installed")
    archive = tmp_path / "archive"
    archive.mkdir()
    for number in range(4):
        shutil.copy(FIXTURES / "square.h5", archive / f"{number}.h5")
    shutil.copy(FIXTURES / "current.h5", archive)
    # The plugin removes SLURM_CONF before it calls srun, and this cluster has its configuration in no usual place.
    (tmp_path / "bin").mkdir()
    srun = tmp_path / "bin/srun"
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={slurm}/slurm.conf exec {shutil.which("srun")} "$@"\n')
    srun.chmod(0o755)

    options = ["--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1"]
    log = snakemake(tmp_path, "--executor", "slurm", "--jobs", "4", *options, way, path=f"{srun.parent}:")
    assert log.count("has been submitted with SLURM jobid") == {"sharded": 3, "needed": 5}[way]
    assert "Nothing to be done" in snakemake(tmp_path, "-n", way)
    if way == "sharded":
        assert len(list(archive.rglob("*.h5lift-orig"))) == 4
        assert len(json.loads((tmp_path / "lift.json").read_text())["files"]) == 5
    else:
        assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [f"{number}.h5" for number in range(4)]
