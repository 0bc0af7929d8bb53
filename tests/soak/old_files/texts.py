"""Names, and the ways in which text is stored."""

import h5py
import numpy as np
from h5py import h5a, h5d, h5p, h5s, h5t

VLEN = h5py.string_dtype("utf-8")
ODD = ["", " ", "  both ends  ", "café", "cafe\u0301", "日本", "\U0001f9ec", "nan", "1-Mar", "2.3e+19", "=1+1", "a b",
       "tab\there", "two\nlines", "a,b", '"quoted"', "x" * 300, "\u202eevil", "<b>", "[1]", "\x1b[31m", "7157"]
# Nothing in them that a separator or a rule of padding would change.
ACCENTED = ["café", "naïve", "Ångström", "señal", "Müller"]


def plain(random, stem, count):
    first = random.randrange(10_000, 90_000)
    return [f"{stem}{first + 7 * index:07d}" for index in range(count)]


def draw(random, stem, count):
    """Mostly identifiers; sometimes accents, duplicates, or anything at all."""
    names = plain(random, stem, count)
    way = random.choices(["plain", "accents", "duplicates", "odd"], [6, 2, 1, 2])[0]
    for index in range(count):
        if random.random() < 0.3:
            if way == "accents":
                names[index] = random.choice(ACCENTED) + str(index)
            elif way == "duplicates":
                names[index] = names[random.randrange(count)]
            elif way == "odd":
                names[index] = random.choice(ODD)
    return names


def differing(random, names):
    """A list of the same length that is not the same."""
    other = list(names)
    other[random.randrange(len(other))] += "~"
    return other


# Each takes text and gives (elements, h5py's type or the library's).


def vlen_utf8(names):
    return objects(names), VLEN


def vlen_ascii(names):
    return objects([name.encode() for name in names]), h5py.string_dtype("ascii")


def fixed_null_padded(names):
    return fixed([name.encode() for name in names], h5t.STR_NULLPAD, h5t.CSET_ASCII)


def fixed_utf8(names):
    return fixed([name.encode() for name in names], h5t.STR_NULLPAD, h5t.CSET_UTF8)


def fixed_null_terminated(names):
    return fixed([name.encode() + b"\0" for name in names], h5t.STR_NULLTERM, h5t.CSET_ASCII)


def space_padded(names):
    return fixed([name.encode() for name in names], h5t.STR_SPACEPAD, h5t.CSET_ASCII)


def vlen_latin1(names):
    return objects([name.encode("latin-1") for name in names]), h5py.string_dtype("ascii")


def fixed_latin1(names):
    return fixed([name.encode("latin-1") for name in names], h5t.STR_NULLPAD, h5t.CSET_ASCII)


def integers(names):
    return np.array([int(name) for name in names], dtype="i8"), np.dtype("i8")


ENCODINGS = [vlen_utf8, vlen_ascii, fixed_null_padded, fixed_utf8, fixed_null_terminated, space_padded]


def encoding(random, names):
    """One that brings these names back as they are; the pipeline's own as often as not."""
    if random.random() < 0.4:
        return vlen_utf8
    chosen = random.choice(ENCODINGS)
    blanks = any(name != name.rstrip(" ") for name in names)
    # An attribute has 64 KB, and two of fixed length may be in one object header.
    size = len(names) * max((len(name.encode()) for name in names), default=0)
    fits = chosen in (vlen_utf8, vlen_ascii) or (size < 20_000 and not (blanks and chosen is space_padded))
    return chosen if fits else vlen_utf8


def objects(elements):
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    return array


def fixed(elements, padding, charset):
    size = max(1, *map(len, elements))
    kind = h5t.C_S1.copy()
    kind.set_size(size)
    kind.set_strpad(padding)
    kind.set_cset(charset)
    fill = b" " if padding == h5t.STR_SPACEPAD else b"\0"
    return np.array([element.ljust(size, fill) for element in elements], dtype=f"V{size}"), kind


def put_attribute(item, name, stored, shape=None):
    elements, kind = stored
    elements = elements.reshape(shape or elements.shape)
    if isinstance(kind, h5t.TypeID):
        h5a.create(item.id, name.encode(), kind, h5s.create_simple(elements.shape)).write(elements, mtype=kind)
    else:
        item.attrs.create(name, elements, dtype=kind)


def put_dataset(group, name, stored, shape=None, **storage):
    elements, kind = stored
    elements = elements.reshape(shape or elements.shape)
    if isinstance(kind, h5t.TypeID):
        creation = h5p.create(h5p.DATASET_CREATE)
        creation.set_obj_track_times(False)
        dataset = h5d.create(group.id, name.encode(), kind, h5s.create_simple(elements.shape), dcpl=creation)
        dataset.write(h5s.ALL, h5s.ALL, elements, mtype=kind)
    else:
        group.create_dataset(name, data=elements, dtype=kind, **storage)
