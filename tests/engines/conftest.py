import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tree import BINARY

SLOTS = 2
SYSTEM = os.defpath + ":/usr/sbin:/sbin"


def started(script, state, *programs):
    """Starts a cluster of one node, or skips the test."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    if missing := [name for name in programs if not shutil.which(name, path=SYSTEM)]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    assert BINARY.exists(), f"{BINARY} is not there: set H5LIFT, or run make build"
    done = subprocess.run(
        [Path(__file__).parent / script, state, str(SLOTS)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        pytest.skip(f"{script} does not start here: {done.stdout[-3000:]}")


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    state = tmp_path_factory.mktemp("slurm")
    started("start_slurm.sh", state, "slurmctld", "slurmd", "munged", "sbatch")
    os.environ["SLURM_CONF"] = str(state / "slurm.conf")
    yield state
    for name in ["slurmctld", "slurmd"]:
        number = int((state / f"{name}.pid").read_text())
        os.kill(number, signal.SIGTERM)


@pytest.fixture(scope="session")
def sge(tmp_path_factory):
    state = tmp_path_factory.mktemp("sge")
    started("start_sge.sh", state, "sge_qmaster", "sge_execd", "qsub")
    for line in (state / "environment").read_text().removeprefix("export ").split():
        name, _, value = line.partition("=")
        os.environ[name] = value
    yield state
    for pid in [*state.glob("spool/execd/*/execd.pid"), state / "spool/qmaster/qmaster.pid"]:
        os.kill(int(pid.read_text()), signal.SIGTERM)
