"""Where the names of one axis are: each way writes them and says what follows.

The levels of the search, best first: gene_names and sample_names at the matrix and in the root; other
names there; anywhere else. What a better level has makes the others mere data, to be carried over.
"""

import json
import pickle
from dataclasses import dataclass

import h5py
import numpy as np

from . import texts
from .truth import AXES, Axis

OTHER_NAMES = {
    "genes": ["genes", "rownames", "row_names", "gene_ids"],
    "samples": ["samples", "colnames", "column_names", "col_names", "sample_ids"],
}
STEMS = {"genes": "FBgn", "samples": "DGRP_"}
SEPARATORS = {"newline": "\n", "tab": "\t", "comma": ","}


@dataclass
class Scene:
    """What a way of hiding names may use."""

    random: object
    file: h5py.File
    expr: h5py.Dataset
    axis: str
    length: int
    other_length: int
    recipe: dict

    @property
    def name(self):
        return AXES[self.axis]

    @property
    def expr_path(self):
        return self.expr.name

    def draw(self):
        return texts.draw(self.random, STEMS[self.axis], self.length)

    def plain(self):
        return texts.plain(self.random, STEMS[self.axis], self.length)

    def wrong_list(self):
        """As many names as neither axis has; more than one, which would be a joined string."""
        length = self.random.choice([n for n in range(2, self.length + 9) if n not in (self.length, self.other_length)])
        return texts.plain(self.random, STEMS[self.axis], length)

    def stored(self, names):
        """The names in a random encoding that gives them back, and a shape."""
        chosen = texts.encoding(self.random, names)
        shape = (len(names), 1) if self.random.random() < 0.1 else None
        self.recipe[f"{self.axis}-text"] = chosen.__name__ + (" (n, 1)" if shape else "")
        return chosen(names), shape

    def attribute(self, item, name, names):
        stored, shape = self.stored(names)
        texts.put_attribute(item, name, stored, shape)
        return {(item.name, name)}

    def dataset(self, group, name, names):
        stored, shape = self.stored(names)
        texts.put_dataset(group, name, stored, shape)

    def group(self):
        path = self.random.choice(["metadata", "annotation/names", f"meta_{self.axis}"])
        return self.file.require_group(path)

    def other_name(self):
        # On a square matrix R's pairs do not tell which is which: `whole.py` has that.
        square = self.length == self.other_length
        return self.random.choice([name for name in OTHER_NAMES[self.axis] if not (square and name.startswith(("row", "col")))])


def attribute(scene):
    names = scene.draw()
    return Axis("lifted", names, scene.attribute(scene.expr, scene.name, names))


def attribute_above_a_decoy(scene):
    """A worse level that fits and differs: data that is carried over."""
    found = attribute(scene)
    decoy = texts.vlen_utf8(texts.differing(scene.random, found.names))
    texts.put_attribute(scene.expr, scene.other_name(), decoy)
    texts.put_dataset(scene.group(), scene.name, decoy)
    return found


def both_equal(scene):
    names = scene.draw()
    gone = scene.attribute(scene.expr, scene.name, names)
    texts.put_dataset(scene.file, scene.name, texts.vlen_utf8(names))
    return Axis("both", names, gone)


def both_different(scene):
    names = scene.draw()
    scene.attribute(scene.expr, scene.name, names)
    texts.put_dataset(scene.file, scene.name, texts.vlen_utf8(texts.differing(scene.random, names)))
    return Axis("conflict")


def one_of_both_fits(scene):
    scene.attribute(scene.expr, scene.name, scene.draw())
    texts.put_dataset(scene.file, scene.name, texts.vlen_utf8(scene.wrong_list()))
    return Axis("conflict")


def dataset(scene):
    names = scene.draw()
    storage = scene.random.choice([{}, {}, {"chunks": (max(1, len(names) // 2),), "compression": "gzip"}])
    texts.put_dataset(scene.file, scene.name, texts.vlen_utf8(names), **storage)
    return Axis("dataset", names)


def odd_dataset(scene):
    names = scene.plain()
    way = scene.random.choice(["fixed", "column", "integers"])
    scene.recipe[f"{scene.axis}-odd"] = way
    if way == "integers":
        names = [str(scene.random.randrange(1, 10**6)) for _ in names]
        texts.put_dataset(scene.file, scene.name, texts.integers(names))
    elif way == "column":
        texts.put_dataset(scene.file, scene.name, texts.vlen_utf8(names), (len(names), 1))
    else:
        texts.put_dataset(scene.file, scene.name, texts.fixed_null_padded(names))
    return Axis("odd-dataset", names)


def integers(scene):
    names = [str(scene.random.randrange(-5, 10**6)) for _ in range(scene.length)]
    texts.put_attribute(scene.expr, scene.name, texts.integers(names))
    return Axis("lifted", names, {(scene.expr_path, scene.name)})


def latin1(scene):
    names = scene.plain()
    names[scene.random.randrange(len(names))] = "Ångström"
    stored = scene.random.choice([texts.vlen_latin1, texts.fixed_latin1])
    texts.put_attribute(scene.expr, scene.name, stored(names))
    return Axis("undecodable")


def root_attribute(scene):
    names = scene.draw()
    return Axis("lifted", names, scene.attribute(scene.file, scene.name, names))


def root_attribute_again(scene):
    names = scene.draw()
    gone = scene.attribute(scene.expr, scene.name, names)
    return Axis("lifted", names, gone, free=scene.attribute(scene.file, scene.name, names))


def root_attribute_different(scene):
    names = scene.draw()
    scene.attribute(scene.expr, scene.name, names)
    scene.attribute(scene.file, scene.name, texts.differing(scene.random, names))
    return Axis("conflict")


def group_attribute(scene):
    names = scene.draw()
    return Axis("lifted", names, scene.attribute(scene.group(), scene.name, names))


def group_attribute_by_another_name(scene):
    names = scene.draw()
    return Axis("lifted", names, scene.attribute(scene.group(), scene.other_name(), names))


def another_name(scene):
    names = scene.draw()
    return Axis("lifted", names, scene.attribute(scene.expr, scene.other_name(), names))


def another_dataset(scene):
    names = scene.draw()
    scene.dataset(scene.file, scene.other_name(), names)
    return Axis("lifted", names)


def dataset_in_a_group(scene):
    names = scene.draw()
    name = scene.random.choice([scene.name, scene.other_name()])
    scene.dataset(scene.group(), name, names)
    return Axis("lifted", names)


def numbered_parts(scene, names):
    parts = scene.random.randrange(1, min(4, len(names)) + 1)
    ends = sorted(scene.random.sample(range(1, len(names)), parts - 1)) if parts > 1 else []
    starts = [0, *ends]
    return [names[start:end] for start, end in zip(starts, [*ends, len(names)])]


def numbered(scene):
    names = scene.draw()
    joint = scene.random.choice(["", "", "_"])
    chosen = texts.encoding(scene.random, names)
    gone = set()
    for number, part in enumerate(numbered_parts(scene, names)):
        texts.put_attribute(scene.expr, f"{scene.name}{joint}{number}", chosen(part))
        gone.add((scene.expr_path, f"{scene.name}{joint}{number}"))
    return Axis("lifted", names, gone)


def numbered_with_a_gap(scene):
    names = scene.plain()
    for number, part in zip((0, 2), (names[:1], names[1:])):
        texts.put_attribute(scene.expr, f"{scene.name}{number}", texts.vlen_utf8(part))
    return Axis("nowhere")


def put_scalar(scene, text):
    """One string: variable or fixed length, in an array of one or not; at the matrix or in the root."""
    value = scene.random.choice([text, np.bytes_(text.encode())])
    if scene.random.random() < 0.2:
        value = np.array([text], dtype=object)
    item = scene.random.choice([scene.expr, scene.expr, scene.file])
    kind = texts.VLEN if isinstance(value, np.ndarray) else None
    item.attrs.create(scene.name, value, dtype=kind)
    return {(item.name, scene.name)}


def joined(scene):
    names = scene.plain()
    way = scene.random.choice(["json", *SEPARATORS])
    scene.recipe[f"{scene.axis}-joined"] = way
    if way == "json" or scene.random.random() < 0.3:
        # Accents are as good as letters to a separator.
        names[0] = "café"
    if way == "json":
        names[-1] = 'a, "quoted"\tname'
        return Axis("lifted", names, put_scalar(scene, json.dumps(names, ensure_ascii=scene.random.random() < 0.5)))
    return Axis("lifted", names, put_scalar(scene, SEPARATORS[way].join(names)))


def joined_with_a_separator_inside(scene):
    names = scene.plain()
    separator = scene.random.choice(list(SEPARATORS.values()))
    names[scene.random.randrange(len(names))] += f"{separator}b"
    put_scalar(scene, separator.join(names))
    return Axis("nowhere")


def joined_in_two_ways(scene):
    """As many parts by one separator as by another."""
    one, two = scene.random.sample(list(SEPARATORS.values()), 2)
    put_scalar(scene, one.join(f"{name}{two}x" if index else name for index, name in enumerate(scene.plain())))
    return Axis("nowhere")


def joined_of_another_length(scene):
    names = scene.wrong_list()
    text = json.dumps(names) if scene.random.random() < 0.3 else scene.random.choice(list(SEPARATORS.values())).join(names)
    put_scalar(scene, text)
    return Axis("nowhere")


def pickled(scene):
    scene.expr.attrs[scene.name] = np.bytes_(pickle.dumps(scene.plain(), protocol=0))
    return Axis("nowhere")


def nowhere(scene):
    return Axis("nowhere")


def lists_that_do_not_fit(scene):
    """Called as names are called, but something else."""
    for name in scene.random.sample(OTHER_NAMES[scene.axis], 2):
        texts.put_attribute(scene.expr, name, texts.vlen_utf8(scene.wrong_list()))
    texts.put_dataset(scene.group(), scene.name, texts.vlen_utf8(scene.wrong_list()))
    texts.put_attribute(scene.file, scene.name, texts.vlen_utf8(scene.wrong_list()))
    return Axis("nowhere")


def attribute_beside_lists_that_do_not_fit(scene):
    lists_that_do_not_fit(scene)
    return attribute(scene)


def wrong_length(scene):
    names = scene.wrong_list()
    if scene.random.random() < 0.5:
        scene.attribute(scene.expr, scene.name, names)
    else:
        texts.put_dataset(scene.file, scene.name, texts.vlen_utf8(names))
    return Axis("wrong-length")


WEIGHTS = {
    attribute: 14, attribute_above_a_decoy: 2, both_equal: 16, both_different: 2, one_of_both_fits: 1, dataset: 10,
    odd_dataset: 2, integers: 2, latin1: 1, root_attribute: 3, root_attribute_again: 1, root_attribute_different: 1,
    group_attribute: 2, group_attribute_by_another_name: 1, another_name: 3, another_dataset: 2, dataset_in_a_group: 2,
    numbered: 3, numbered_with_a_gap: 1, joined: 4, joined_with_a_separator_inside: 1, joined_in_two_ways: 1,
    joined_of_another_length: 1, pickled: 1, nowhere: 2, lists_that_do_not_fit: 1,
    attribute_beside_lists_that_do_not_fit: 2, wrong_length: 1,
}
# One string for one name is that name by every separator; a gap needs two parts.
NEEDS_TWO = {numbered_with_a_gap, joined, joined_with_a_separator_inside, joined_in_two_ways, joined_of_another_length, pickled}


def draw(random, length):
    ways = [way for way in WEIGHTS if length >= (3 if way in NEEDS_TWO else 1)]
    return random.choices(ways, [WEIGHTS[way] for way in ways])[0]
