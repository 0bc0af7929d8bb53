"""How often one more small file asks the file system for something other than bytes."""

import re
import shutil
import subprocess

import pytest

from manifest import REPOSITORY
from tool import PATIENCE, binary

CALLS = "stat,fstat,lstat,statx,newfstatat,statfs,fstatfs,readlink,readlinkat,access,faccessat,faccessat2,open,openat,openat2"
CALLS += ",getdents64,flock,listxattr,flistxattr,getxattr,fgetxattr"
MOST = {"--out-dir": 42, "--in-place": 45}
"""A third of what the program of 2026-11-28 made, which was 128 and 136."""
FEW, MANY = 20, 60


def archive(folder, files):
    (folder / "a").mkdir(parents=True)
    for number in range(files):
        shutil.copy(REPOSITORY / "testdata" / "legacy" / "square.h5", folder / "a" / f"{number}.h5")
    return folder


def calls(folder, wanted, *arguments):
    strace = ["strace", "-f", "-qq", "-c", "-S", "calls", "-U", "calls,name", "-o", "counts", "-e", f"trace=?{wanted.replace(',', ',?')}"]
    command = [*strace, binary(), "migrate", "a", *arguments, "--jobs", "1", "-q"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    if "ptrace" in done.stderr and "Operation not permitted" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    counts = re.findall(r"^\s*(\d+)\s+(\w+)$", (folder / "counts").read_text(), re.MULTILINE)
    return {name: int(count) for count, name in counts if name != "total"}


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("destination", MOST)
def test_one_more_file_costs_few_calls(tmp_path, destination):
    arguments = [destination, "out"] if destination == "--out-dir" else [destination]
    few, many = (calls(archive(tmp_path / str(files), files), CALLS, *arguments) for files in (FEW, MANY))
    each = {name: (many[name] - few.get(name, 0)) / (MANY - FEW) for name in many}
    assert sum(each.values()) <= MOST[destination], each


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_a_second_run_asks_no_worker_for_a_small_file(tmp_path):
    folder = archive(tmp_path / "tree", FEW)
    first, second = (calls(folder, "sendmsg", "--out-dir", "out").get("sendmsg", 0) for _ in range(2))
    assert first > FEW > 2 >= second, (first, second)
