"""What the figures were measured on, and with. No name of the machine and no path is in it."""

import hashlib
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path

from contestants import CORES, repack


def machine(folder):
    return {
        "processor": processor(),
        "cores": CORES,
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "file_system": file_system(folder),
    }


def versions(binary):
    import h5py

    found = {"h5lift": said([binary, "--version"]), "binary": hashlib.sha256(binary.read_bytes()).hexdigest()[:16]}
    if commit := said(["git", "-C", Path(__file__).parent, "rev-parse", "--short=10", "HEAD"]):
        found["commit"] = commit
    found |= {"Python": platform.python_version(), "h5py": h5py.__version__, "HDF5 in h5py": h5py.version.hdf5_version}
    for package in ("numpy", "pandas", "polars"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    if repack():
        found["h5repack"] = said([repack(), "--version"])
    return found


def processor():
    try:
        named = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        named = None
    return named.group(1).strip() if named else platform.processor() or platform.machine()


def file_system(folder):
    """Of the mount that is nearest above the folder."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    above = [(len(point), kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(above)[1] if above else "unknown"


def said(command):
    try:
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    words = re.search(r"\S*\d[\S]*\s*$", ended.stdout.strip())
    return words.group().strip() if ended.returncode == 0 and words else ""
