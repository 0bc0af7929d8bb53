"""Damage that carries its own right checksum, as careless programs and attackers leave it."""

from collections.abc import Iterator
from random import Random

from bases import Base
from mutations import change

WORD = 0xFFFFFFFF
MIX = ((0, 2, 4, 1), (1, 0, 6, 2), (2, 1, 8, 0), (0, 2, 16, 1), (1, 0, 19, 2), (2, 1, 4, 0))
FINISH = ((2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24))


def rotated(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & WORD


def lookup3(data: bytes) -> bytes:
    """The checksum of HDF5's metadata."""
    state = [(0xDEADBEEF + len(data)) & WORD] * 3
    for start in range(0, len(data), 12):
        for index in range(3):
            part = data[start + 4 * index:start + min(4 * index + 4, 12)]
            state[index] = (state[index] + int.from_bytes(part, "little")) & WORD
        if start + 12 < len(data):
            for one, other, by, more in MIX:
                state[one] = ((state[one] - state[other]) & WORD) ^ rotated(state[other], by)
                state[other] = (state[other] + state[more]) & WORD
        else:
            for one, other, by in FINISH:
                state[one] = ((state[one] ^ state[other]) - rotated(state[other], by)) & WORD
    return state[2].to_bytes(4, "little")


def blocks(data: bytes) -> Iterator[range]:
    """Object headers and superblocks of the new format: those whose checksum is right."""
    if data[8] in (2, 3):
        yield range(44)
    at = data.find(b"OHDR\x02")
    while at >= 0:
        flags = data[at + 5]
        start = at + 6 + (16 if flags & 32 else 0) + (4 if flags & 16 else 0)
        width = 1 << (flags & 3)
        end = start + width + int.from_bytes(data[start:start + width], "little")
        if lookup3(data[at:end]) == data[end:end + 4]:
            yield range(at, end)
        at = data.find(b"OHDR\x02", at + 1)


def repaired_mutant(base: Base, summed: list[range], random: Random) -> bytes:
    data = bytearray(base.data)
    block = random.choice(summed)
    for _ in range(random.choice((1, 1, 1, 2))):
        change(data, random.choice(block), random)
    data[block.stop:block.stop + 4] = lookup3(data[block.start:block.stop])
    return bytes(data)
