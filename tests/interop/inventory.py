"""Every object and every link of an open file, without following a link out of it."""

import h5py
from h5py import h5g, h5i, h5o


# The datasets of the layout keep these paths, whatever other names they have besides.
WELL_KNOWN = ("expr", "gene_names", "sample_names")


class Inventory:
    """Objects by their first path, and what each link leads to.

    The first path is the shortest, and the first of its length in sorted order, so that two
    files with the same links name the same object alike.
    """

    def __init__(self, file):
        self.file = file
        self.links = {}
        self.objects = {"/": file.id}
        self._first_path = {self._address(h5g.open(file.id, b"/")): "/"}
        level = ["/"]
        while level:
            level = [path for group in level for path in self._visit(group)]

    @staticmethod
    def _address(identifier):
        return h5o.get_info(identifier).addr

    def _visit(self, group_path):
        """Note the links of one group; returns the groups met for the first time."""
        group, fresh = self.file[group_path], []
        for name in sorted(group, key=lambda name: (name not in WELL_KNOWN, name)):
            path = group_path.rstrip("/") + "/" + name
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                self.links[path] = ("external", link.filename, link.path)
                continue
            if isinstance(link, h5py.SoftLink):
                self.links[path] = ("soft", link.path)
                continue
            identifier = h5o.open(group.id, name.encode("utf-8", "surrogateescape"))
            first = self._first_path.setdefault(self._address(identifier), path)
            self.links[path] = ("hard", first)
            if first == path:
                self.objects[path] = identifier
                if isinstance(identifier, h5g.GroupID):
                    fresh.append(path)
        return fresh

    def path_of(self, identifier):
        """The first path of an opened object, or a word that no path can be."""
        return self._first_path.get(self._address(identifier), "<no link leads here>")

    def comment(self, path):
        # h5o.get_comment returns whatever lies in memory; the group's method reads the comment.
        return h5g.open(self.file.id, b"/").get_comment(path.encode("utf-8", "surrogateescape"))

    def kind(self, path):
        names = {h5i.GROUP: "group", h5i.FILE: "group", h5i.DATASET: "dataset", h5i.DATATYPE: "datatype"}
        return names[h5i.get_type(self.objects[path])]
