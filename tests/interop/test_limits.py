"""What a run lacks, what the environment says, and who is slow: none of it is damage of a file."""

import json
import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

import tool

NAME = "hybrid-40x8.h5"
TEXT = b"gene\ta\tb\nx\t1\t2\ny\t3\t4\n"


@pytest.fixture
def run(h5lift, tmp_path):
    """Starts h5lift with a limit or another environment; its exit code, report and messages."""

    def start(*arguments, limits=(), environment=None):
        def limit():
            for which, most in limits:
                resource.setrlimit(which, (most, most))

        command = [h5lift.binary, *map(os.fspath, arguments), "--format", "json"]
        done = subprocess.run(command, capture_output=True, timeout=tool.PATIENCE, cwd=tmp_path, preexec_fn=limit,
                              env={**os.environ, **(environment or {})})
        return tool.Run(done.returncode, done.stdout.decode(), done.stderr.decode())

    return start


@pytest.mark.parametrize("command", [["audit"], ["migrate", "--in-place"]])
def test_too_few_open_files_stop_the_run_once(run, old, command):
    before = old(NAME)
    ran = run(*command, before.parent, "-j", "16", limits=[(resource.RLIMIT_NOFILE, 32)]).must(tool.FAILED)
    assert "ulimit -n" in ran.stderr and "damaged" not in ran.stdout + ran.stderr
    assert ran.stderr.count("error:") == 1


def test_the_soft_limit_on_open_files_is_raised(h5lift, old, tmp_path):
    before = old(NAME)
    command = f"ulimit -S -n 32; exec {h5lift.binary} audit {before} -j 16 --format json"
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=tool.PATIENCE)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"][0]["state"] == "hybrid"


@pytest.mark.parametrize("bytes_allowed", [0, 4096])
def test_a_limit_on_the_size_of_files_is_named(run, old, new, bytes_allowed):
    before = old(NAME)
    limits = [(resource.RLIMIT_FSIZE, bytes_allowed)]
    ran = run("migrate", before, "-o", new, limits=limits).must(tool.FAILED)
    record = ran.record
    assert record["outcome"] == "failed" and record["state"] == "hybrid", record
    assert "ulimit -f" in record["error"]["hint"], record["error"]
    assert not list(new.parent.iterdir())


@pytest.mark.parametrize("most", [300 << 20, 1 << 30])
def test_a_lower_limit_on_address_space_is_the_memory_of_workers(run, old, new, most):
    ran = run("migrate", old(NAME), "-o", new, limits=[(resource.RLIMIT_AS, most)]).must(tool.DONE)
    assert ran.record["outcome"] == "migrated"
    assert f"a worker gets {most >> 20} MiB of memory instead of the 2048 MiB of --memory" in ran.stderr


@pytest.mark.parametrize("environment", [
    {"HDF5_DRIVER": "core"},
    {"HDF5_DRIVER": "no-such-driver"},
    {"HDF5_VOL_CONNECTOR": "no-such-connector"},
    {"HDF5_PLUGIN_PATH": "/nowhere", "HDF5_USE_FILE_LOCKING": "BEST_EFFORT", "HDF5_DEBUG": "all"},
])
def test_variables_for_other_programs_change_nothing(run, old, new, environment):
    before = old(NAME)
    assert run("migrate", before, "-o", new, environment=environment).must(tool.DONE).record["outcome"] == "migrated"


def test_a_pause_in_a_pipe_is_waited_for(h5lift, tmp_path):
    new = tmp_path / "new.h5"
    command = [h5lift.binary, "convert", "-", "-o", new, "--timeout", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(TEXT)
        process.stdin.flush()
        time.sleep(3.5)
        process.stdin.write(b"z\t5\t6\n")
        process.stdin.close()
        assert process.wait(tool.PATIENCE) == 0, process.stderr.read()
    with h5py.File(new) as file:
        assert np.array_equal(file["expr"], [[1, 2], [3, 4], [5, 6]])


@pytest.mark.parametrize("paused", ["stdin", "a pipe with a name"])
def test_the_first_signal_ends_the_wait_for_a_pipe(h5lift, tmp_path, paused):
    source, stdin = "-", subprocess.PIPE
    if paused != "stdin":
        source, stdin = tmp_path / "pipe", subprocess.DEVNULL
        os.mkfifo(source)
    command = [h5lift.binary, "convert", source, "-o", tmp_path / "new.h5", "--timeout", "1000"]
    with subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(tool.PATIENCE) == 130, process.stderr.read()
        if process.stdin:
            process.stdin.close()
    assert not (tmp_path / "new.h5").exists()


def test_a_pipe_that_nobody_writes_ends_at_the_time_limit(run, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    record = run("convert", pipe, "-o", tmp_path / "new.h5", "--timeout", "1").must(tool.FAILED).record
    assert record["outcome"] == "failed" and record["error"]["kind"] == "timeout", record
    assert record["state"] == "text" and "--timeout" in record["error"]["message"]


def test_a_pipe_with_a_name_is_read(run, tmp_path):
    pipe, new = tmp_path / "pipe", tmp_path / "new.h5"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(TEXT))
    writer.start()
    run("convert", pipe, "-o", new).must(tool.DONE)
    writer.join()


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_names_from_a_device_are_refused(h5lift, old, new, device):
    before = old(NAME)
    ran = h5lift.migrate(before, "-o", new, "--names-from", device).must(tool.USAGE)
    assert device in ran.stderr and "damaged" not in ran.stdout


@pytest.mark.skipif(not Path("/proc/self/exe").exists(), reason="the program is found by its path")
@pytest.mark.parametrize("what", ["deleted", "replaced"])
def test_a_program_that_is_gone_still_works(h5lift, old, new, tmp_path, what):
    program, names = tmp_path / "h5lift", tmp_path / "names"
    shutil.copy(h5lift.binary, program)
    os.mkfifo(names)
    command = [program, "migrate", old(NAME), "-o", new, "--names-from", names]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        # Nothing has started a worker as long as the pipe has no writer.
        time.sleep(0.5)
        program.unlink()
        if what == "replaced":
            program.write_text("#!/bin/sh\nexit 7\n")
            program.chmod(0o755)
        names.write_bytes(b"a\nb\n")
        assert process.wait(tool.PATIENCE) == 0, process.stderr.read()
    assert new.exists()


def test_threads_that_a_worker_has_no_memory_for_are_left_out(run, old, new):
    run("migrate", old(NAME), "-o", new, "--memory", "256M", "-j", "200").must(tool.DONE)
