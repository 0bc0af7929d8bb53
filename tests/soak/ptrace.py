"""What Linux on x86-64 needs to stop another process at chosen system calls, and nothing about which.

A seccomp filter stops the chosen calls only, so a run is hardly slower than an undisturbed one. Both ways out
of such a stop are clean: a process that is killed there does not make the call (the kernel looks for a fatal
signal after the stop, and skips the call), and a call whose number the tracer replaces by -1 is not made, and
returns what the tracer put into the result register.
"""

import ctypes
import os
import struct
from collections.abc import Iterable

SEIZE, CONT, GET_EVENT_MESSAGE, PEEK_USER, POKE_USER = 0x4206, 7, 0x4201, 3, 6
# Children and threads as well, stops of the filter, and the end of all with the tracer.
OPTIONS = 0x2 | 0x4 | 0x8 | 0x80 | 0x100000
SECCOMP = 7
"""The event of a stop by the filter."""
EVERY_KIND_OF_CHILD = 0x40000000
"""For `waitpid`: threads as well."""

RESULT, FIRST_ARGUMENT, THIRD_ARGUMENT, NUMBER = 8 * 10, 8 * 14, 8 * 12, 8 * 15
"""Where the registers of a system call are."""

LIBC = ctypes.CDLL(None, use_errno=True)
POINTER = ctypes.c_void_p


def stop_myself_at(numbers: Iterable[int]) -> None:
    """And all processes that this one starts. Without a tracer, these calls fail from now on."""
    load, equal, give = 0x20, 0x15, 0x06
    allow, stop, x86_64 = 0x7FFF0000, 0x7FF00000, 0xC000003E

    def line(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    lines = [line(load, 0, 0, 4), line(equal, 1, 0, x86_64), line(give, 0, 0, allow), line(load, 0, 0, 0)]
    for number in numbers:
        lines += [line(equal, 0, 1, number), line(give, 0, 0, stop | number)]
    lines.append(line(give, 0, 0, allow))
    text = ctypes.create_string_buffer(b"".join(lines))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(lines), ctypes.addressof(text)))
    no_new_privileges, set_filter, filter_mode = 38, 22, 2
    if LIBC.prctl(no_new_privileges, 1, 0, 0, 0) or LIBC.prctl(set_filter, filter_mode, program, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def seize(process: int) -> None:
    ask(SEIZE, process, 0, OPTIONS)


def resume(thread: int, signal: int = 0) -> None:
    ask(CONT, thread, 0, signal)


def call_number(thread: int) -> int:
    """Of the call at which the filter has stopped it."""
    number = ctypes.c_ulong()
    ask(GET_EVENT_MESSAGE, thread, 0, ctypes.addressof(number))
    return number.value


def skip_call(thread: int, result: int) -> None:
    set_register(thread, NUMBER, -1)
    set_register(thread, RESULT, result)


def register(thread: int, which: int) -> int:
    # The value is what it returns, so -1 alone says nothing.
    ctypes.set_errno(0)
    return ask(PEEK_USER, thread, which, 0)


def set_register(thread: int, which: int, value: int) -> None:
    ask(POKE_USER, thread, which, value)


def ask(request: int, thread: int, address: int, data: int) -> int:
    LIBC.ptrace.restype = ctypes.c_long
    answer = LIBC.ptrace(ctypes.c_long(request), ctypes.c_long(thread), POINTER(address), POINTER(data))
    if answer == -1 and (error := ctypes.get_errno()):
        raise OSError(error, f"ptrace request {request:#x}: {os.strerror(error)}")
    return answer


def process_of(thread: int) -> int:
    try:
        with open(f"/proc/{thread}/status") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("Tgid:"))
    except FileNotFoundError as error:
        raise ProcessLookupError(thread) from error
