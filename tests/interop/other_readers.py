"""Readers other than h5py, each started as its users start it, or None where it is not installed."""

import json
import shutil
import subprocess

import pytest

import tool

PACKAGES = {"rhdf5": "r-bioc-rhdf5", "HDF5Array": "r-bioc-hdf5array"}


def command(name, package):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed (Debian: {package})")
    return name


def output(*arguments):
    done = subprocess.run(list(map(str, arguments)), capture_output=True, timeout=tool.PATIENCE, encoding="utf-8",
                          env={"LC_ALL": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"})
    assert done.returncode == 0, f"{arguments}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def h5dump(*arguments):
    return output(command("h5dump", "hdf5-tools"), *arguments)


def h5ls(*arguments):
    return output(command("h5ls", "hdf5-tools"), *arguments)


def rscript(library, lines):
    """What R prints, one JSON string a line."""
    command("Rscript", PACKAGES[library])
    found = subprocess.run(["Rscript", "-e", f'cat(requireNamespace("{library}", quietly=TRUE))'],
                           capture_output=True, timeout=tool.PATIENCE, encoding="utf-8")
    if not found.stdout.endswith("TRUE"):
        pytest.skip(f"R has no {library} (Debian: {PACKAGES[library]})")
    return output("Rscript", "-e", f"suppressMessages(library({library})); {lines}").splitlines()


def r_text(path):
    """A path as R has text."""
    return json.dumps(str(path))
