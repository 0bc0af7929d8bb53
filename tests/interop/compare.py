#!/usr/bin/env python3
"""Compare two HDF5 files object by object and bit by bit, reading with h5py.

    python tests/interop/compare.py OLD NEW      differences that a migration may not make
    python tests/interop/compare.py --all A B    every difference

What a migration is meant to change is taken out: the names leave the attributes of /expr and
are vlen UTF-8 datasets of the root, /expr is chunked and gzip, the root may carry h5lift_ marks.
"""

import sys
from functools import cached_property

import h5py
import numpy as np
from h5py import h5a, h5d, h5t, h5z

import content
from datatype import describe
from expected_names import ATTRIBUTE, hidden, names
from inventory import Inventory

EXPR = "/expr"
NAME_DATASETS = {"/" + name: axis for axis, name in ATTRIBUTE.items()}
NAME_ATTRIBUTES = set(ATTRIBUTE.values())
COUNTS = {"n_genes": 0, "n_samples": 1}
MARK = "h5lift_"


class Comparison:
    def __init__(self, old, new, migration, prefer, encoding):
        self.old, self.new = Inventory(old), Inventory(new)
        self.migration, self.prefer, self.encoding = migration, prefer, encoding
        self.found = []

    def say(self, path, what, old, new):
        self.found.append(f"{path}: {what}: {content.text(old)} became {content.text(new)}")

    def equal(self, path, what, old, new):
        if old != new:
            self.say(path, what, old, new)

    def run(self):
        self.user_blocks()
        self.links()
        for path in sorted(self.old.objects.keys() & self.new.objects.keys()):
            self.object(path)
        if self.migration:
            for path, axis in NAME_DATASETS.items():
                self.name_dataset(path, axis)
            self.expr_storage()
        return self.found

    def user_blocks(self):
        blocks = []
        for inventory in (self.old, self.new):
            with open(inventory.file.filename, "rb") as raw:
                blocks.append(raw.read(inventory.file.userblock_size))
        self.equal("file", "user block", *blocks)

    def links(self):
        for path in sorted(self.old.links.keys() | self.new.links.keys()):
            added = self.migration and path in NAME_DATASETS and path not in self.old.links
            if not added:
                self.equal(path, "link", self.old.links.get(path), self.new.links.get(path))

    def object(self, path):
        kinds = self.old.kind(path), self.new.kind(path)
        self.equal(path, "kind", *kinds)
        if kinds[0] != kinds[1]:
            return
        self.equal(path, "comment", self.old.comment(path), self.new.comment(path))
        self.attributes(path)
        old, new = self.old.objects[path], self.new.objects[path]
        if kinds[0] == "dataset":
            self.dataset(path, old, new)
        elif kinds[0] == "datatype":
            self.equal(path, "type", describe(old), describe(new))
        elif path != "/":
            self.order(path, old, new)

    def attributes(self, path):
        items = [attributes_of(inventory.objects[path]) for inventory in (self.old, self.new)]
        if self.migration:
            self.expected_attributes(path, *items)
        old, new = items
        self.equal(path, "attributes", sorted(old), sorted(new))
        for name in sorted(old.keys() & new.keys()):
            where = f"{path}@{name.decode(errors='replace')}"
            self.item(where, old[name], new[name])

    def expected_attributes(self, path, old, new):
        """Take out of both lists what the migration adds and removes."""
        if path == EXPR:
            for name in NAME_ATTRIBUTES:
                old.pop(name.encode(), None)
        for holder, name in self.lifted_from_elsewhere:
            if holder == path:
                old.pop(name.encode(), None)
        if path == EXPR:
            shape = self.old.objects[EXPR].shape
            for name, axis in COUNTS.items():
                if name.encode() not in old and name.encode() in new:
                    added = new.pop(name.encode())
                    self.equal(f"{path}@{name}", "added count", np.int64(shape[axis]).tobytes(), content.of(added, self.new))
        if path == "/":
            for name in [name for name in new if name.decode().startswith(MARK) and name not in old]:
                del new[name]

    @cached_property
    def lifted_from_elsewhere(self):
        """Attributes that held names which are in no place of the two layouts."""
        if not isinstance(self.old.file.get(EXPR), h5py.Dataset):
            return []
        lists = [hidden(self.old.file, axis, self.encoding) for axis in ATTRIBUTE]
        return [place for found in lists if found for place in found[1]]

    def item(self, where, old, new):
        """Type, shape and content of a dataset or an attribute."""
        types = old.get_type(), new.get_type()
        self.equal(where, "type", *(describe(kind) for kind in types))
        committed = [inventory.path_of(kind) if kind.committed() else None
                     for inventory, kind in zip((self.old, self.new), types)]
        self.equal(where, "committed type", *committed)
        self.equal(where, "shape", extent(old), extent(new))
        if describe(types[0]) == describe(types[1]) and extent(old) == extent(new):
            self.equal(where, "content", content.of(old, self.old), content.of(new, self.new))

    def dataset(self, path, old, new):
        if self.migration and path in NAME_DATASETS:
            return
        self.item(path, old, new)
        plists = old.get_create_plist(), new.get_create_plist()
        self.equal(path, "maximum shape", *(item.get_space().get_simple_extent_dims(True) for item in (old, new)))
        self.equal(path, "fill value", *(fill_value(item, plist) for item, plist in zip((old, new), plists)))
        if not (self.migration and path == EXPR):
            self.equal(path, "storage", *(storage(plist) for plist in plists))
            self.equal(path, "order of attributes", *(plist.get_attr_creation_order() for plist in plists))

    def order(self, path, old, new):
        tracked = [identifier.get_create_plist().get_link_creation_order() for identifier in (old, new)]
        self.equal(path, "order of creation kept", *tracked)
        if tracked[0] == tracked[1] and tracked[0]:
            self.equal(path, "order of creation", *(by_creation(identifier) for identifier in (old, new)))

    def name_dataset(self, path, axis):
        identifier = self.new.objects.get(path)
        if identifier is None:
            self.found.append(f"{path}: is missing")
            return
        wanted = names(self.old.file, axis, self.prefer, self.encoding)
        kind = identifier.get_type()
        if not (isinstance(kind, h5t.TypeStringID) and kind.is_variable_str() and kind.get_cset() == h5t.CSET_UTF8):
            self.found.append(f"{path}: type: not variable-length UTF-8")
            return
        self.equal(path, "shape", (len(wanted),), identifier.shape)
        held = content.of(identifier, self.new)
        for place, (old, new) in enumerate(zip([name.encode() for name in wanted], held)):
            if old != new:
                self.say(path, f"name {place}", old, new)

    def expr_storage(self):
        expr = self.new.objects.get(EXPR)
        # A dimension of no length that may not grow cannot be chunked: the library refuses it.
        if expr is None or 0 in expr.shape:
            return
        plist = expr.get_create_plist()
        filters = [plist.get_filter(index)[0] for index in range(plist.get_nfilters())]
        if plist.get_layout() != h5d.CHUNKED or h5z.FILTER_DEFLATE not in filters:
            self.found.append(f"{EXPR}: storage: not chunked and gzip")


def attributes_of(identifier):
    count = h5a.get_num_attrs(identifier)
    items = [h5a.open(identifier, index=index) for index in range(count)]
    return {item.name: item for item in items}


def extent(item):
    space = item.get_space()
    return space.get_simple_extent_type(), space.shape


def fill_value(item, plist):
    defined = plist.fill_value_defined()
    kind = item.get_type()
    if defined != h5d.FILL_VALUE_USER_DEFINED or kind.get_class() in (h5t.VLEN, h5t.REFERENCE) or kind.get_class() == h5t.STRING:
        return defined
    value = np.zeros((), dtype=kind.dtype)
    plist.get_fill_value(value)
    return defined, value.tobytes()


def storage(plist):
    layout = plist.get_layout()
    filters = tuple(filter_of(plist, index) for index in range(plist.get_nfilters()))
    return layout, plist.get_chunk() if layout == h5d.CHUNKED else None, filters


def filter_of(plist, index):
    number, flags, values, name = plist.get_filter(index)
    # lzf's first two values are the revisions of filter and codec in the library that wrote the file.
    return number, flags, values[2:] if number == 32000 else values, name


def by_creation(group):
    """Names of a group's links in the order of their creation."""
    found = []
    group.links.iterate(found.append, idx_type=h5py.h5.INDEX_CRT_ORDER)
    return found


def differences(old_path, new_path, *, migration=True, prefer="attributes", encoding="utf-8"):
    """Sentences about what differs; an empty list when nothing does."""
    with h5py.File(old_path, "r", locking=False) as old, h5py.File(new_path, "r", locking=False) as new:
        return Comparison(old, new, migration, prefer, encoding).run()


def main():
    arguments = sys.argv[1:]
    everything = "--all" in arguments
    paths = [argument for argument in arguments if argument != "--all"]
    if len(paths) != 2:
        sys.exit(__doc__)
    found = differences(*paths, migration=not everything)
    print("\n".join(found) if found else "no difference")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
