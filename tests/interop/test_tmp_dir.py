"""New files that are written on a local disk first, and copied to their destination."""

import shutil
import subprocess

import pytest

from manifest import REPOSITORY
from tool import PATIENCE, binary

LEGACY = REPOSITORY / "testdata" / "legacy"
NAMES = ["hybrid.h5", "square.h5", "storage-lzf.h5"]
TEXT = "gene\ts1\ts2\ng1\t1.5\t2\ng2\t0\t-3\n"
needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "local"):
        (tmp_path / name).mkdir()
    for name in NAMES:
        shutil.copy(LEGACY / name, tmp_path / "a" / name)
    (tmp_path / "m.tsv").write_text(TEXT)
    return tmp_path


def run(folder, *arguments, under=()):
    done = subprocess.run([*under, binary(), *arguments], cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    if "ptrace" in done.stderr and "Operation not permitted" in done.stderr:
        pytest.skip("strace may not trace here")
    return done


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def strace(*injected):
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=" + ":".join(injected)]


@pytest.mark.parametrize("jobs", ["1", "3"])
@pytest.mark.parametrize("level", ["full", "fast", "none"])
def test_new_files_are_the_same_with_and_without(folder, jobs, level):
    for out, option in [("with", ["--tmp-dir", "local"]), ("without", [])]:
        arguments = ["a", "--out-dir", out, "--verify", level, "--jobs", jobs, "-q"]
        done = run(folder, "migrate", *arguments, *option)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        done = run(folder, "convert", "m.tsv", "-o", f"{out}/m.h5", "--jobs", jobs, "--verify", level, "-q", *option)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert len(content(folder / "with")) == len(NAMES) + 1
    assert content(folder / "with") == content(folder / "without")
    assert content(folder / "local") == {}


def test_in_place_with_a_ledger_that_can_be_undone_and_needs_no_folder_to_go_on(folder):
    before = content(folder / "a")
    arguments = ["migrate", "a", "--in-place", "--ledger", "lift.jsonl", "-q"]
    done = run(folder, *arguments, "--tmp-dir", "local")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert set(content(folder / "a")) == {*NAMES, *(f"{name}.h5lift-orig" for name in NAMES)}
    done = run(folder, *arguments)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    done = run(folder, "undo", "lift.jsonl")
    assert done.returncode == 0, done.stderr
    assert content(folder / "a") == before


@pytest.mark.parametrize("wrong", ["nowhere", "m.tsv"])
def test_what_is_no_folder_is_a_usage_error(folder, wrong):
    done = run(folder, "migrate", "a", "--out-dir", "out", "--tmp-dir", wrong)
    assert done.returncode == 2 and f"--tmp-dir {wrong}: this is not a folder" in done.stderr, done.stderr
    assert not (folder / "out").exists()


@needs_strace
def test_a_full_disk_is_named(folder):
    under = strace("pwrite64", "error=ENOSPC")
    done = run(folder, "migrate", "a", "--out-dir", "out", "--tmp-dir", "local", "-q", under=under)
    assert done.returncode == 1 and done.stderr.count("[--tmp-dir local]") == len(NAMES), done.stderr
    assert "check local: is it full?" in done.stderr
    assert not (folder / "out").exists() or content(folder / "out") == {}
    assert content(folder / "local") == {}


@needs_strace
def test_a_kill_while_the_copy_is_synced_leaves_what_the_next_run_removes(folder):
    under = strace("fsync", "signal=SIGKILL")
    (folder / "out").mkdir()
    arguments = ["migrate", "a", "--out-dir", "out", "--tmp-dir", "local", "-q", "--jobs", "1"]
    run(folder, *arguments, under=under)
    left = content(folder / "out")
    assert left and all(name.startswith(".h5lift-") and name.endswith(".tmp") for name in left)
    assert content(folder / "local") == {}, "it had no name"
    done = run(folder, *arguments)
    assert done.returncode == 0, done.stderr
    assert set(content(folder / "out")) == set(NAMES)
