"""What happens to a file after it was written, and what that does to its truth."""

import zlib

import h5py

from .truth import Truth

SIGNATURE = b"\x89HDF\r\n\x1a\n"


def none(random, path, truth):
    return truth


def truncated(random, path, truth):
    """Always an error, wherever the cut is; before the end of the signature it would be no HDF5 file."""
    data = path.read_bytes()
    first = data.index(SIGNATURE) + len(SIGNATURE)
    path.write_bytes(data[: random.choice([random.randrange(first, len(data)), len(data) - 1])])
    return Truth.of("damaged")


def trailing(random, path, truth):
    with path.open("ab") as file:
        file.write(bytes(random.randrange(256) for _ in range(random.randrange(1, 600))))
    return truth


def chunk_flipped(random, path, truth):
    """Detected when the values are read: `audit` does not read them, and a file that is skipped or refused is not read."""
    where = gzip_chunk(random, path)
    if where is None or truth.outcomes != {"migrated"}:
        return truth
    offset, size = where
    data = bytearray(path.read_bytes())
    while readable(data[offset : offset + size]):
        data[offset + random.randrange(size)] ^= 1 << random.randrange(8)
    path.write_bytes(data)
    truth.outcomes, truth.migrated_states = {"failed", "refused"}, {"damaged"}
    return truth


def gzip_chunk(random, path):
    with h5py.File(path) as file:
        expr = file.get("expr")
        if not isinstance(expr, h5py.Dataset) or expr.compression != "gzip" or expr.fletcher32 or not expr.id.get_num_chunks():
            return None
        chunk = expr.id.get_chunk_info(random.randrange(expr.id.get_num_chunks()))
        base = file.userblock_size
        return (chunk.byte_offset + offset_of_the_file(file, base, chunk), chunk.size) if chunk.filter_mask == 0 else None


def offset_of_the_file(file, base, chunk):
    """Whether this library counts from the start of the file or of the HDF5 part of it."""
    with open(file.filename, "rb") as raw:
        for start in (0, base):
            raw.seek(start + chunk.byte_offset)
            if readable(raw.read(chunk.size)):
                return start
    raise RuntimeError(f"{file.filename}: no gzip chunk where the library says")


def readable(chunk):
    try:
        zlib.decompress(bytes(chunk))
    except zlib.error:
        return False
    return True


def not_hdf5(random, path, truth):
    path.write_bytes(random.choice([b"gene\tS1\nA\t1\n", b"<html>log in</html>", b"\0" * 3000, b"\x1f\x8b\x08rest"]))
    return Truth.of("not-hdf5")


def empty(random, path, truth):
    path.write_bytes(b"")
    return Truth.of("not-hdf5")


WEIGHTS = {none: 84, truncated: 4, trailing: 4, chunk_flipped: 5, not_hdf5: 2, empty: 1}


def draw(random):
    return random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
