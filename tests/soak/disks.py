"""Small disks that are made, filled and taken away."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MIB = 1 << 20


class CannotMount(Exception):
    """Not root, or in a container that may not."""


@contextmanager
def tmpfs(at: Path, mib: int) -> Iterator[Path]:
    at.mkdir(exist_ok=True)
    with mounted(["-t", "tmpfs", "-o", f"size={mib}m", "tmpfs"], at):
        yield at


@contextmanager
def image(path: Path, at: Path) -> Iterator[Path]:
    """Mounts an ext4 image; one that was cut off is repaired from its journal by that."""
    at.mkdir(exist_ok=True)
    # Without ext4's own remedy for programs that rename before they sync.
    with mounted(["-o", "loop,noauto_da_alloc", str(path)], at):
        yield at


@contextmanager
def mounted(what: list[str], at: Path) -> Iterator[None]:
    if os.geteuid() != 0:
        raise CannotMount("needs root")
    mount = subprocess.run(["mount", *what, str(at)], capture_output=True, text=True)
    if mount.returncode:
        raise CannotMount(f"needs mounts: {mount.stderr.strip()}")
    try:
        yield
    finally:
        # A worker that has just been killed may hold it for a moment: lazily, then.
        if subprocess.run(["umount", str(at)], capture_output=True).returncode:
            subprocess.run(["umount", "--lazy", str(at)], check=True)


def make_image(path: Path, mib: int) -> None:
    if not shutil.which("mkfs.ext4"):
        raise CannotMount("needs mkfs.ext4")
    path.unlink(missing_ok=True)
    with path.open("wb") as file:
        file.truncate(mib * MIB)
    # Nothing that a kernel thread would write later on.
    options = ["-q", "-F", "-m", "0", "-E", "lazy_itable_init=0"]
    subprocess.run(["mkfs.ext4", *options, str(path)], check=True)


def free_bytes(at: Path) -> int:
    disk = os.statvfs(at)
    return disk.f_bavail * disk.f_frsize


def writes(at: Path) -> list[str]:
    """Counters of the block device below a mount that change with each write."""
    device = at.stat().st_dev
    fields = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat").read_text().split()
    requests, sectors, in_flight = fields[4], fields[6], fields[8]
    return [requests, sectors, in_flight]
