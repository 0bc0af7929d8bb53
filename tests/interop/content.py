"""What a dataset or an attribute holds, as values that are equal only when every bit is."""

import numpy as np
from h5py import h5a, h5r, h5s, h5t

from datatype import moves_with_the_file


def of(item, inventory):
    """The content of a dataset or attribute identifier; `inventory` is that of its own file."""
    kind, space = item.get_type(), item.get_space()
    if space.get_simple_extent_type() == h5s.NULL:
        return "no data"
    if not moves_with_the_file(kind):
        return raw(item, kind, space.shape).tobytes()
    return elements(converted(item, kind, space.shape), kind, inventory)


def raw(item, kind, shape):
    """The stored bytes, in the file's own type and byte order: no conversion can touch a NaN."""
    data = np.zeros(shape, dtype=f"V{kind.get_size()}")
    if data.size:
        if isinstance(item, h5a.AttrID):
            item.read(data, mtype=kind)
        else:
            item.read(h5s.ALL, h5s.ALL, data, mtype=kind)
    return data


def converted(item, kind, shape):
    data = np.zeros(shape, dtype=kind.dtype)
    if data.size:
        if isinstance(item, h5a.AttrID):
            item.read(data)
        else:
            item.read(h5s.ALL, h5s.ALL, data)
    return data


def element(value, kind, inventory):
    """One value that holds variable lengths or references, as nested tuples of bytes and paths."""
    if isinstance(kind, h5t.TypeCompoundID):
        return tuple(element(value[index], kind.get_member_type(index), inventory) for index in range(kind.get_nmembers()))
    if isinstance(kind, h5t.TypeArrayID):
        return elements(value, kind, inventory)
    if isinstance(kind, h5t.TypeVlenID):
        return variable_length(value, kind.get_super(), inventory)
    if isinstance(value, h5r.RegionReference):
        return region(value, inventory)
    if isinstance(value, h5r.Reference):
        return inventory.path_of(h5r.dereference(value, inventory.file.id)) if value else "null reference"
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return value.tobytes() if isinstance(value, np.generic) else value


def elements(array, kind, inventory):
    """All values of an array. An array type adds its dimensions to those of the numpy array."""
    while isinstance(kind, h5t.TypeArrayID):
        kind = kind.get_super()
    return tuple(element(value, kind, inventory) for value in np.asarray(array).reshape(-1))


def variable_length(value, inner, inventory):
    if not isinstance(value, np.ndarray):
        return ()
    if moves_with_the_file(inner):
        return elements(value, inner, inventory)
    return value.tobytes()


def region(reference, inventory):
    if not reference:
        return "null region"
    path = inventory.path_of(h5r.dereference(reference, inventory.file.id))
    selection = h5r.get_region(reference, inventory.file.id)
    if selection.get_select_type() == h5s.SEL_POINTS:
        return path, "points", selection.get_select_elem_pointlist().tobytes()
    return path, "blocks", selection.get_select_hyper_blocklist().tobytes()


def text(value):
    """A difference has to be printed: the beginning of whatever it is."""
    shown = repr(value)
    return shown if len(shown) <= 120 else shown[:117] + "..."
