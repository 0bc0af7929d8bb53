"""What a conversion that cannot succeed leaves behind: a clear error, and nothing else."""

import gzip
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

import manifest
import tool
from text_matrices import SMALL, bgzf, contents, convert, stored_zstd

ROWS = b"".join(b"g%d\t%d\t%d\n" % (row, row, row * row) for row in range(20_000))
TABLE = b"gene\tS1\tS2\n" + ROWS


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:]


GZIP, BGZF, ZSTD = gzip.compress(TABLE, mtime=0), bgzf(TABLE, 30_000), stored_zstd(TABLE[:100_000])
DAMAGED = {
    "cut gzip": (GZIP[:len(GZIP) // 2], "cut"),
    "gzip, cut in its last bytes": (GZIP[:-3], "ends within"),
    "gzip, cut in its head": (GZIP[:7], "ends within"),
    "gzip, wrong checksum": (flipped(GZIP, len(GZIP) - 8), "checksum"),
    "gzip, wrong length": (flipped(GZIP, len(GZIP) - 4), "length"),
    "gzip, a byte changed": (flipped(GZIP, len(GZIP) // 2), "gzip"),
    "gzip, something behind it": (GZIP + b"something else", "gzip"),
    "cut bgzip": (BGZF[:len(BGZF) // 2], "cut"),
    "bgzip, wrong checksum of a block": (flipped(BGZF, BGZF.index(b"\x1f\x8b\x08\x04", 100) - 8), "checksum"),
    "cut zstd": (ZSTD[:50_000], "zstd"),
}


def left(folder):
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("data, word", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("stdin", [False, True], ids=["file", "stdin"])
def test_a_damaged_stream_makes_nothing(h5lift, new, tmp_path, data, word, stdin):
    path = tmp_path / "m.tsv.gz"
    path.write_bytes(data)
    run = convert(h5lift, "-o", new, *(["-", "-q"] if stdin else [path]), stdin=data if stdin else b"").must(tool.FAILED)
    assert word in run.record["error"]["message"]
    assert left(new.parent) == []


HOSTILE = {
    "NUL in the first lines": (b"gene\tS1\ng\x001\t1\n", "binary"),
    "NUL in a gene further on": (TABLE + b"g\x00x\t1\t2\n", "zero byte"),
    "NUL in a value further on": (TABLE + b"g\t1\x002\t2\n", "not a number"),
    "escapes in a sample and a value": (b"gene\tS\x1b[31m1\ng1\t\x1b]0;title\x07\n", "not a number"),
    "escapes in the lines of C1": ("gene\tS\u009b31m1\ng1\t\u009b2J\n".encode(), "not a number"),
    "writing turned around": ("gene\tS\u202e1\ng1\t\u202e5\n".encode(), "not a number"),
    "carriage returns only": (b"gene\tS1\rg1\t1\rg2\t2\r", ""),
    "one line of 10 MB": (b"x" * 10_000_000, "nothing separates"),
    "one field of 10 MB": (b"gene\tS1\ng1\t1\n" + b"y" * 10_000_000 + b"\tz\n", "not a number"),
    "one quote that is never closed": (b'gene\tS1\tS2\n"g1\t1\n' + ROWS * 5, "quote"),
    "a web page": (b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n", "web page"),
    "XML of a web page": (b"\n <?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>\n", "web page"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0", "binary"),
    "random bytes": (random.Random(1).randbytes(100_000), ""),
    "an HDF5 file": (manifest.path("hybrid.h5").read_bytes(), "HDF5"),
    "a packed HDF5 file": (gzip.compress(manifest.path("hybrid.h5").read_bytes()), "HDF5"),
    "packed twice": (gzip.compress(gzip.compress(SMALL)), "twice"),
    "an Excel file": (b"PK\x03\x04" + bytes(100), "Excel"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "LFS"),
    "a script": (b"#!/bin/sh\nset -e\necho done\n", ""),
    "prose": (b"Dear all,\nplease find the matrix attached.\n", ""),
}
# Spare ESC and the C1 controls, a terminal acts on these as well.
UNSAFE = {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - {ord("\n"), ord("\t")}


@pytest.mark.parametrize("data, word", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_has_a_clear_error_that_is_safe_to_print(h5lift, new, tmp_path, data, word):
    path = tmp_path / "m.tsv"
    path.write_bytes(data)
    record = convert(h5lift, "-o", new, path).must(tool.FAILED).record
    assert word in record["error"]["message"]
    shown = h5lift.run("convert", "--color", "never", "-o", new, path).must(tool.FAILED)
    for text in (shown.stdout, shown.stderr):
        assert not set(map(ord, text)) & UNSAFE
        assert len(text) < 10_000
    assert left(new.parent) == []


def test_names_are_kept_as_they_are_and_shown_safely(h5lift, new, tmp_path):
    path = tmp_path / "\x1b[31mm.tsv"
    path.write_bytes("gene\tS\x1b[31m1\ng\x1b]0;x\x07\u202e\t1\n".encode())
    for more in (["-v"], ["--overwrite", "--format", "tsv"], ["-n"]):
        shown = h5lift.run("convert", "--color", "never", *more, "-o", new, path).must(tool.DONE)
        assert not set(map(ord, shown.stdout + shown.stderr)) & UNSAFE, shown
    assert contents(new)[:2] == (["g\x1b]0;x\x07\u202e"], ["S\x1b[31m1"])


def test_a_text_that_may_not_be_read_is_an_error(user, ground):
    path = ground / "m.tsv"
    path.write_bytes(SMALL)
    path.chmod(0o000)
    new = ground / "new"
    new.mkdir()
    os.chown(new, user.uid, user.gid)
    run = user.run("convert", "--format", "json", "-o", new / "out.h5", path).must(tool.FAILED)
    assert "ermission denied" in run.record["error"]["message"]
    assert left(new) == []


@pytest.fixture
def full(tmp_path):
    """A folder on a disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk takes root and the right to mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("stdin, how", [
    (False, "gzip"), (False, "lzf"), (True, "gzip"), (True, "none"),
    (True, "lzf"),
])
def test_a_full_disk_is_an_error_and_is_empty_again(h5lift, full, tmp_path, stdin, how):
    chance = random.Random(2)
    data = b"gene\tS1\tS2\tS3\n" + b"".join(b"g%d\t%r\t%r\t%r\n" % (row, *(chance.random() for _ in range(3))) for row in range(200_000))
    path = tmp_path / "m.tsv"
    path.write_bytes(b"" if stdin else data)
    run = convert(h5lift, "--compression", how, "-o", full / "out.h5", "-" if stdin else path, stdin=data if stdin else b"").must(tool.FAILED)
    error = run.record["error"]
    if how == "lzf" and error["kind"] == "worker-died":
        # Its own filters write through its cache, and on a full disk the library crashes when it is closed.
        assert "disk has free space" in error["hint"]
    else:
        assert any(words in error["message"] for words in ("No space left", "are needed and")), run
        assert error["hint"]
    assert left(full) == []


def parents():
    """The parent of every process."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(true, what):
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.01)


@pytest.fixture
def halfway(h5lift, new, request):
    """A conversion that has read and spooled some megabytes and waits for more, and its workers."""
    process = subprocess.Popen(
        [h5lift.binary, "convert", "--format", "json", "--timeout", getattr(request, "param", "60"), "-o", new, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    process.stdin.write(b"gene\tS1\tS2\n" + ROWS * 20)
    process.stdin.flush()
    workers = [child for child, parent in parents().items() if parent == process.pid]
    assert workers, "no worker to kill"
    yield process, workers
    process.kill()
    process.communicate()


@pytest.mark.parametrize("deadly", [
    signal.SIGKILL,
    signal.SIGTERM, signal.SIGINT,
])
def test_a_conversion_that_is_killed_leaves_no_output_and_no_process_behind(h5lift, halfway, new, deadly):
    process, workers = halfway
    process.send_signal(deadly)
    stdout = process.communicate(timeout=30)[0]
    assert process.returncode == (-9 if deadly == signal.SIGKILL else 130), stdout
    until(lambda: not any(map(is_alive, workers)), "a worker outlives its run")
    assert not new.exists()
    convert(h5lift, "-o", new, "-", stdin=TABLE).must(tool.DONE)
    assert left(new.parent) == [new.name]
    assert len(contents(new)[0]) == 20_000


def test_a_worker_that_is_killed_is_an_error(halfway, new):
    process, workers = halfway
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    stdout = process.communicate(ROWS, timeout=30)[0].decode()
    run = tool.Run(process.returncode, stdout, "").must(tool.FAILED)
    assert "kill" in run.record["error"]["message"].lower(), run
    assert "free space" in run.record["error"]["hint"], run
    assert left(new.parent) == []


@pytest.mark.parametrize("halfway", ["2"], indirect=True)
def test_a_worker_that_makes_no_progress_is_a_matter_of_time(halfway, new):
    process, workers = halfway
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    stdout = process.communicate(ROWS, timeout=30)[0].decode()
    error = tool.Run(process.returncode, stdout, "").must(tool.FAILED).record["error"]
    assert error["kind"] == "timeout" and "--timeout" in error["hint"] and "free space" not in error["hint"], error
    assert left(new.parent) == []
