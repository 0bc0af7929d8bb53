"""A run whose system calls are stopped, one by one, right before they are made.

At each stop the caller decides: let it pass, let it fail, cut it short, or kill the process. So "kill -9
before the 17th step of a worker" is exactly that, and the same the next time.

strace can inject, too, but counts for each thread on its own and cannot tell the program from its workers.
h5lift has a thread for many an fsync, so most of them have no number of their own there.
"""

import os
import platform
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import ptrace

NUMBERS = {
    "write": 1, "pwrite64": 18, "fsync": 74, "fdatasync": 75, "ftruncate": 77, "rename": 82, "link": 86,
    "unlink": 87, "openat": 257, "unlinkat": 263, "renameat": 264, "linkat": 265, "fallocate": 285,
    "renameat2": 316,
}  # fmt: skip
"""All that changes a disk, and opening, which may."""
NAMES = {number: name for name, number in NUMBERS.items()}
SECONDS = 60
"""A run that takes longer hangs."""
PARENT, WORKER = "parent", "worker"


@dataclass(frozen=True)
class Call:
    """One that is about to be made."""

    by: str
    """The parent is the program that was started, workers are all processes below it."""
    name: str
    process: int
    thread: int

    def is_step(self) -> bool:
        """Whether it changes something, be it only what a pipe holds."""
        return self.name != "openat" or bool(ptrace.register(self.thread, ptrace.THIRD_ARGUMENT) & os.O_CREAT)

    def writes_a_file(self) -> bool:
        if self.name not in ("write", "pwrite64"):
            return False
        descriptor = ptrace.register(self.thread, ptrace.FIRST_ARGUMENT)
        return os.readlink(f"/proc/{self.process}/fd/{descriptor}").startswith("/")


@dataclass(frozen=True)
class Kill:
    """The process dies instead."""


@dataclass(frozen=True)
class Fail:
    """The call is not made and returns this."""

    errno: int


@dataclass(frozen=True)
class Half:
    """A write takes half of its bytes only."""


Decision = Callable[[Call], Kill | Fail | Half | None]


@dataclass(frozen=True)
class Ended:
    code: int
    """Negative for a signal."""
    stderr: str
    hung: bool


def unable() -> str | None:
    """Why it does not work here."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return "needs Linux on x86-64"
    try:
        ended = run(["true"], Path("/"), lambda call: None)
    except OSError as error:
        return f"needs ptrace: {error}"
    return None if ended.code == 0 else f"needs seccomp: {ended.stderr}"


def run(command: list[str], folder: Path, decide: Decision) -> Ended:
    ready, go = os.pipe()
    stderr = os.memfd_create("stderr")
    child = os.fork()
    if child == 0:
        become(command, folder, ready, stderr)
    os.close(ready)
    try:
        ptrace.seize(child)
        os.write(go, b"go")
        code, hung = watch(child, decide)
        return Ended(code, os.pread(stderr, 1 << 20, 0).decode(errors="replace"), hung)
    finally:
        os.close(go)
        os.close(stderr)


def become(command: list[str], folder: Path, ready: int, stderr: int) -> NoReturn:
    """In the child: waits until it is traced, then is the program."""
    try:
        if os.read(ready, 2) == b"go":
            os.chdir(folder)
            nothing = os.open(os.devnull, os.O_RDWR)
            for descriptor, file in enumerate([nothing, nothing, stderr]):
                os.dup2(file, descriptor)
            ptrace.stop_myself_at(NAMES)
            os.execvp(command[0], command)
    except OSError as error:
        os.write(2, str(error).encode())
    finally:
        os._exit(127)


def watch(root: int, decide: Decision) -> tuple[int, bool]:
    """Until the program and all its workers have ended."""
    hung, code = False, -signal.SIGKILL
    threads = {root}

    def give_up(*_: object) -> None:
        nonlocal hung
        hung = True
        for thread in threads:
            os.kill(thread, signal.SIGKILL)

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        while True:
            try:
                thread, status = os.waitpid(-1, ptrace.EVERY_KIND_OF_CHILD)
            except ChildProcessError:
                return code, hung
            if os.WIFSTOPPED(status):
                threads.add(thread)
                go_on(root, thread, status, decide)
            else:
                threads.discard(thread)
                if thread == root:
                    code = os.waitstatus_to_exitcode(status)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def go_on(root: int, thread: int, status: int, decide: Decision) -> None:
    event = status >> 16
    try:
        if event == ptrace.SECCOMP:
            stopped(root, thread, decide)
        # A signal is passed on; an event is none.
        ptrace.resume(thread, 0 if event else os.WSTOPSIG(status))
    except (ProcessLookupError, FileNotFoundError):
        pass  # It was killed while it stood here.


def stopped(root: int, thread: int, decide: Decision) -> None:
    process = ptrace.process_of(thread)
    by = PARENT if process == root else WORKER
    match decide(Call(by, NAMES[ptrace.call_number(thread)], process, thread)):
        case Kill():
            os.kill(process, signal.SIGKILL)
        case Fail(errno):
            ptrace.skip_call(thread, -errno)
        case Half():
            bytes_asked = ptrace.register(thread, ptrace.THIRD_ARGUMENT)
            ptrace.set_register(thread, ptrace.THIRD_ARGUMENT, bytes_asked // 2)
