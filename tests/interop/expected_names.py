"""The names that an old file means, read without h5lift: what the new file has to hold."""

import json

import h5py
from h5py import h5a, h5t

import content

ATTRIBUTE = {"genes": "gene_names", "samples": "sample_names"}


OTHERS = {
    "genes": ["genes", "rownames", "row_names", "gene_ids"],
    "samples": ["samples", "colnames", "column_names", "sample_ids"],
}


def names(file, axis, prefer="attributes", encoding="utf-8"):
    """The names of one axis as text, from the place that is preferred when both hold some."""
    name = ATTRIBUTE[axis]
    places = {"attributes": lambda: attribute(file, name, encoding), "datasets": lambda: dataset(file, name, encoding)}
    order = [prefer] + [place for place in places if place != prefer]
    for place in order:
        found = places[place]()
        if found is not None:
            return found
    found = hidden(file, axis, encoding)
    if found is None:
        raise LookupError(f"{file.filename} has no {name}")
    return found[0]


def hidden(file, axis, encoding="utf-8"):
    """Names that are in no place of the two layouts, and the attributes that held them."""
    own = ATTRIBUTE[axis]
    if attribute(file, own, encoding) is not None or dataset(file, own, encoding) is not None:
        return None
    length = file["expr"].shape[list(ATTRIBUTE).index(axis)]
    found = {}
    for name in [ATTRIBUTE[axis], *OTHERS[axis]]:
        for holder in holders(file):
            parts = sorted(
                (int(part.removeprefix(name).removeprefix("_")), part)
                for part in holder.attrs
                if part.startswith(name) and part.removeprefix(name).removeprefix("_").isdigit()
            )
            if name in holder.attrs:
                parts = [(0, name)]
            if parts:
                texts = [text for _, part in parts for text in decoded(attribute_of(holder, part), encoding)]
                found.setdefault((holder.name, *[part for _, part in parts]), split(texts, length))
        for group in holders(file)[1:]:
            if isinstance(group.get(name), h5py.Dataset) and group[name].name.strip("/") not in ATTRIBUTE.values():
                found.setdefault((None, group[name].name), decoded(group[name].id, encoding))
    for (holder, *parts), texts in found.items():
        if len(texts) == length:
            return texts, [(holder, part) for part in parts if holder is not None]
    return None


def holders(file):
    groups = []
    file.visititems(lambda name, item: groups.append(item) if isinstance(item, h5py.Group) else None)
    return [file["expr"], file, *groups]


def split(texts, length):
    """One string that holds a list, as the list."""
    if len(texts) != 1 or length == 1:
        return texts
    if texts[0].startswith("["):
        return [str(item) for item in json.loads(texts[0])]
    return next((texts[0].split(mark) for mark in "\n\t," if mark in texts[0]), texts)


def attribute(file, name, encoding):
    expr = h5py.h5d.open(file.id, b"expr")
    if not h5a.exists(expr, name.encode()):
        return None
    return unless_one_string(file, name, decoded(h5a.open(expr, name.encode()), encoding))


def unless_one_string(file, name, texts):
    """A joined string is no list of names yet."""
    axis = next(axis for axis, own in ATTRIBUTE.items() if own == name)
    length = file["expr"].shape[list(ATTRIBUTE).index(axis)]
    return None if len(texts) == 1 and length > 1 else texts


def attribute_of(holder, name):
    return h5a.open(holder.id, name.encode())


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
