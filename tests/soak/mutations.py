"""Ways in which disks, copies and careless programs damage a file."""

from collections.abc import Callable
from random import Random

from bases import Base

SECTOR = 512
# Lengths, addresses and counts turn dangerous at their ends, not in between.
TELLING_BYTES = (0x00, 0x01, 0x7F, 0x80, 0xFF)


def place(base: Base, random: Random) -> int:
    """A byte of the values, an index, a heap, a header, or of anything: of each as often as of the others."""
    ranges = random.choice(base.places())
    return random.choice(random.choices(ranges, weights=list(map(len, ranges)))[0])


def change(data: bytearray, at: int, random: Random) -> None:
    old = data[at]
    kind = random.randrange(3)
    if kind == 0:
        data[at] ^= 1 << random.randrange(8)
    elif kind == 1:
        data[at] = random.choice(TELLING_BYTES)
    if data[at] == old:
        data[at] ^= random.randrange(1, 256)


def sector(at: int) -> slice:
    return slice(at // SECTOR * SECTOR, at // SECTOR * SECTOR + SECTOR)


def one_byte(base: Base, data: bytearray, random: Random) -> None:
    change(data, place(base, random), random)


def several_bytes(base: Base, data: bytearray, random: Random) -> None:
    for _ in range(random.randint(2, 12)):
        change(data, place(base, random), random)


def zeroed_sector(base: Base, data: bytearray, random: Random) -> None:
    lost = sector(place(base, random))
    data[lost] = bytes(len(data[lost]))


def random_sector(base: Base, data: bytearray, random: Random) -> None:
    lost = sector(place(base, random))
    data[lost] = random.randbytes(len(data[lost]))


def swapped_sectors(base: Base, data: bytearray, random: Random) -> None:
    whole = len(data) // SECTOR * SECTOR
    one, other = sector(place(base, random) % whole), sector(place(base, random) % whole)
    data[one], data[other] = data[other], data[one]


def truncated(base: Base, data: bytearray, random: Random) -> None:
    del data[place(base, random):]


KINDS: dict[str, tuple[int, Callable[[Base, bytearray, Random], None]]] = {
    "one-byte": (35, one_byte),
    "several-bytes": (20, several_bytes),
    "zeroed-sector": (15, zeroed_sector),
    "random-sector": (10, random_sector),
    "swapped-sectors": (10, swapped_sectors),
    "truncated": (10, truncated),
}


def mutant(bases: list[Base], seed: int, number: int) -> tuple[str, bytes]:
    """A mutant of one base and its name; the same for the same seed and number, whatever came before."""
    random = Random(f"{seed} {number}")
    base = random.choice(bases)
    kind = random.choices(list(KINDS), weights=[weight for weight, _ in KINDS.values()])[0]
    data = bytearray(base.data)
    KINDS[kind][1](base, data, random)
    return f"{number:05d}-{base.name}-{kind}.h5", bytes(data)
