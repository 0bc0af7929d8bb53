"""The names that an old file means, read without h5lift: what the new file has to hold."""

import h5py
from h5py import h5a, h5t

import content

ATTRIBUTE = {"genes": "gene_names", "samples": "sample_names"}


def names(file, axis, prefer="attributes", encoding="utf-8"):
    """The names of one axis as text, from the place that is preferred when both hold some."""
    name = ATTRIBUTE[axis]
    places = {"attributes": lambda: attribute(file, name, encoding), "datasets": lambda: dataset(file, name, encoding)}
    order = [prefer] + [place for place in places if place != prefer]
    for place in order:
        found = places[place]()
        if found is not None:
            return found
    raise LookupError(f"{file.filename} has no {name}")


def attribute(file, name, encoding):
    expr = h5py.h5d.open(file.id, b"expr")
    if not h5a.exists(expr, name.encode()):
        return None
    return decoded(h5a.open(expr, name.encode()), encoding)


def dataset(file, name, encoding):
    if name not in file:
        return None
    return decoded(h5py.h5d.open(file.id, name.encode()), encoding)


def decoded(item, encoding):
    kind, shape = item.get_type(), item.get_space().shape
    if 0 in shape:
        return []
    if isinstance(kind, h5t.TypeStringID) and not kind.is_variable_str():
        return [unpadded(bytes(value), kind.get_strpad()).decode(encoding) for value in content.raw(item, kind, shape).ravel()]
    values = content.converted(item, kind, shape).ravel()
    if isinstance(kind, h5t.TypeStringID):
        return [as_bytes(value).decode(encoding) for value in values]
    if isinstance(kind, h5t.TypeIntegerID):
        return [str(int(value)) for value in values]
    raise TypeError(f"names of type {type(kind).__name__}")


def as_bytes(value):
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value


def unpadded(value, padding):
    """The text of a fixed-length string by the rule that its type declares."""
    if padding == h5t.STR_SPACEPAD:
        return value.rstrip(b" ")
    if padding == h5t.STR_NULLTERM:
        return value.split(b"\0", 1)[0]
    return value.rstrip(b"\0")
