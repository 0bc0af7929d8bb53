"""Ways of a whole file: most have a matrix called /expr, some have it elsewhere, turned, or not at all."""

from dataclasses import dataclass

import h5py
import numpy as np

from . import extras, matrix, places, texts
from .truth import AXES, Truth, judge

LIBRARIES = [None, None, None, "v108", "v110", "latest"]


@dataclass
class Plan:
    random: object
    recipe: dict


def usual(plan, file):
    """/expr, and each axis in its own way."""
    random = plan.random
    drawn = matrix.draw(random)
    track = {"track_order": True} if random.random() < 0.1 and drawn.storage not in ("compact", "nbit") and drawn.dtype != "references" else {}
    plan.recipe.update(matrix=drawn, **track)
    expr = matrix.put(random, file, "expr", drawn, matrix.values(random, drawn) if drawn.dtype != "references" else None, **track)
    counts_agree = put_counts(plan, expr, drawn.shape)
    axes = {}
    for axis, name in AXES.items():
        length, other = drawn.shape if axis == "genes" else drawn.shape[::-1]
        way = places.draw(random, length)
        plan.recipe[axis] = way.__name__
        axes[axis] = way(places.Scene(random, file, expr, axis, length, other, plan.recipe))
    plan.recipe["extras"] = chosen = extras.draw(random)
    extras.put(chosen, file, expr)
    if drawn.dtype in matrix.NO_NUMBERS:
        return Truth.of("unsupported")
    return judge(axes, counts_agree, not drawn.missing)


def pipeline(plan, file):
    """The commonest old file: what the pipeline wrote, or left when it crashed at the limit."""
    random = plan.random
    rows, columns = random.randrange(2, 60), random.randrange(2, 20)
    drawn = matrix.Matrix((rows, columns), "<f4", random.choice(["gzip", "contiguous", "lzf"]), False)
    plan.recipe["matrix"] = drawn
    expr = matrix.put(random, file, "expr", drawn, matrix.values(random, drawn))
    expr.attrs["n_genes"], expr.attrs["n_samples"] = rows, columns
    axes = {}
    crashed = random.random() < 0.2
    for axis, name in AXES.items():
        length, other = (rows, columns) if axis == "genes" else (columns, rows)
        way = places.nowhere if crashed else places.both_equal
        axes[axis] = way(places.Scene(random, file, expr, axis, length, other, plan.recipe))
    plan.recipe["crashed"] = crashed
    return judge(axes, True, True)


def put_counts(plan, expr, shape):
    """Whether they agree with the matrix. Missing ones do."""
    kind = plan.random.choices(["int64", "int32", "missing", "one-missing", "wrong"], [20, 3, 3, 1, 0.5])[0]
    plan.recipe["counts"] = kind
    if kind == "missing":
        return True
    store = np.int32 if kind == "int32" else np.int64
    expr.attrs["n_genes"] = store(shape[0] + (kind == "wrong"))
    if kind != "one-missing":
        expr.attrs["n_samples"] = store(shape[1])
    return kind != "wrong"


def oblong(random):
    rows = random.randrange(3, 30)
    return rows, random.choice([n for n in range(2, 20) if n != rows])


def small(plan, file, path="expr", shape=None):
    """A plain float matrix somewhere, whose values are of no interest."""
    shape = shape or oblong(plan.random)
    drawn = matrix.Matrix(shape, "<f4", plan.random.choice(["contiguous", "gzip", "lzf"]), False)
    folder, _, name = path.rpartition("/")
    group = file.require_group(folder) if folder else file
    return matrix.put(plan.random, group, name, drawn, matrix.values(plan.random, drawn))


def transposed(plan, file):
    """R writes the columns first: every list fits the other axis."""
    expr = small(plan, file)
    rows, columns = expr.shape
    lists = {"genes": texts.plain(plan.random, "FBgn", columns), "samples": texts.plain(plan.random, "DGRP_", rows)}
    way = plan.random.choice(["attributes", "datasets", "fixed-datasets", "rownames"])
    plan.recipe["names"] = way
    for axis, names in lists.items():
        if way == "attributes":
            texts.put_attribute(expr, AXES[axis], texts.encoding(plan.random, names)(names))
        elif way == "rownames":
            texts.put_attribute(expr, {"genes": "rownames", "samples": "colnames"}[axis], texts.fixed_null_padded(names))
        else:
            stored = texts.fixed_null_padded(names) if way == "fixed-datasets" else texts.vlen_utf8(names)
            texts.put_dataset(file, AXES[axis], stored)
    if plan.random.random() < 0.5 and way != "rownames":
        expr.attrs["n_genes"], expr.attrs["n_samples"] = columns, rows
    return Truth.of("transposed")


def square_by_r(plan, file):
    """Nothing shows whether R has transposed it."""
    size = plan.random.randrange(2, 20)
    expr = small(plan, file, shape=(size, size))
    for name in ("rownames", "colnames"):
        texts.put_attribute(expr, name, texts.vlen_utf8(texts.plain(plan.random, name[0].upper(), size)))
    # What it is called is a matter of taste; that it is refused is not.
    return Truth({"legacy", "transposed", "nameless"}, {"refused"})


def names_around(plan, file, expr):
    """Names of a matrix in a group: its own attributes, or datasets beside it."""
    as_attributes = plan.random.random() < 0.5
    for name, length in zip(AXES.values(), expr.shape):
        stored = texts.vlen_utf8(texts.plain(plan.random, name[0].upper(), length))
        if as_attributes:
            texts.put_attribute(expr, name, stored)
        else:
            texts.put_dataset(expr.parent, name, stored)


def matrix_in_a_group(plan, file):
    names_around(plan, file, small(plan, file, "tissue/expr"))
    return Truth.of("unsupported")


def several_matrices(plan, file):
    for tissue in plan.random.sample(["head", "gut", "ovary", "testis"], 3):
        names_around(plan, file, small(plan, file, f"{tissue}/expr"))
    return Truth.of("unsupported")


def matrix_by_another_name(plan, file):
    expr = small(plan, file, plan.random.choice(["expression", "counts", "tpm"]))
    for name, length in zip(AXES.values(), expr.shape):
        texts.put_attribute(expr, name, texts.vlen_utf8(texts.plain(plan.random, name[0].upper(), length)))
    return Truth.of("unsupported")


def matrix_without_names_elsewhere(plan, file):
    small(plan, file, "tissue/values")
    return Truth.of("not-expression")


def result(plan, file):
    names = texts.plain(plan.random, "FBgn", plan.random.randrange(2, 40))
    texts.put_dataset(file, "gene_names", texts.vlen_utf8(names))
    pairs = len(names) * (len(names) - 1) // 2
    file.create_dataset("corr_low", data=np.linspace(-1, 1, pairs, dtype="f4"))
    file.attrs["focus_gene"] = names[0]
    return Truth.of("not-expression")


def nothing(plan, file):
    return Truth.of("not-expression")


def expr_is_a_group(plan, file):
    file.create_group("expr").attrs["units"] = "TPM"
    return Truth.of("not-expression")


def wrong_dimensions(plan, file):
    shape = plan.random.choice([(), (12,), (12, 5, 2)])
    expr = file.create_dataset("expr", data=np.zeros(shape, "f4"))
    texts.put_attribute(expr, "gene_names", texts.vlen_utf8(texts.plain(plan.random, "FBgn", 12)))
    return Truth.of("inconsistent")


def anndata(plan, file):
    file.attrs["encoding-type"], file.attrs["encoding-version"] = "anndata", "0.1.0"
    small(plan, file, "X")
    small(plan, file, "layers/expr")
    for name in ("obs", "var"):
        texts.put_dataset(file.create_group(name), "_index", texts.vlen_utf8(texts.plain(plan.random, name, 5)))
    return Truth.of("foreign")


def loom(plan, file):
    rows, columns = small(plan, file, "matrix").shape
    texts.put_dataset(file.create_group("row_attrs"), "gene_names", texts.vlen_utf8(texts.plain(plan.random, "G", rows)))
    texts.put_dataset(file.create_group("col_attrs"), "sample_names", texts.vlen_utf8(texts.plain(plan.random, "S", columns)))
    return Truth.of("foreign")


WEIGHTS = {
    usual: 70, pipeline: 12, transposed: 3, square_by_r: 1, matrix_in_a_group: 1, several_matrices: 1,
    matrix_by_another_name: 1, matrix_without_names_elsewhere: 1, result: 3, nothing: 1, expr_is_a_group: 1,
    wrong_dimensions: 1, anndata: 1, loom: 1,
}


def draw(random):
    return random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]


def write(random, path, recipe):
    library = random.choice(LIBRARIES)
    block = random.choices([0, 512, 2048], [12, 1, 1])[0]
    way = draw(random)
    recipe.update(way=way.__name__, libver=library, user_block=block)
    with h5py.File(path, "w", libver=library, userblock_size=block) as file:
        truth = way(Plan(random, recipe), file)
    if block:
        with path.open("r+b") as raw:
            raw.write(b"#!label of a tape\n".ljust(block, b"\0"))
    return truth
