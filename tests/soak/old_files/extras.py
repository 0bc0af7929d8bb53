"""What else lies in an old file, all of which is carried over. None of it can be taken for names."""

import h5py
import numpy as np

KINDS = ["attributes", "root-attributes", "group", "tables", "soft-link", "hard-link", "external-link", "types", "references", "empty-group"]


def draw(random):
    return random.sample(KINDS, random.choices([0, 1, 2, 4], [5, 2, 2, 1])[0])


def put(kinds, file, expr):
    for kind in kinds:
        WAYS[kind](file, expr)


def attributes(file, expr):
    expr.attrs["units"] = "log2(TPM + 1)"
    expr.attrs["scale"] = np.float32(0.1)
    expr.attrs["odd"] = np.array([np.nan, -0.0, np.inf])
    expr.attrs["nothing"] = h5py.Empty("f4")
    expr.attrs.create("steps", ["align", "count", ""], dtype=h5py.string_dtype())


def root_attributes(file, expr):
    file.attrs["source"] = "GSE117217"
    file.attrs["release"] = np.int64(657)
    file.attrs["plate"] = np.array([(1, 2.5, b"A1")], dtype=[("row", "i4"), ("od", "f8"), ("well", "S4")])


def group(file, expr):
    quality = file.require_group("quality")
    quality.attrs["threshold"] = 0.8
    quality.create_dataset("rin", data=np.linspace(6, 9, expr.shape[-1]), chunks=True, compression="gzip")
    quality.create_dataset("passed", data=np.ones(expr.shape[0], bool))
    quality.create_dataset("log", data="first line\nsecond line")


def tables(file, expr):
    table = np.array([(b"FBgn0031208", 2, 7529)], dtype=[("id", "S11"), ("chromosome", "u1"), ("start", "<u4")])
    file.create_dataset("annotation_table", data=table, maxshape=(None,))
    file.create_dataset("weights/by_plate", data=np.arange(6, dtype=">u2").reshape(2, 3), chunks=(1, 2), shuffle=True)


def soft_link(file, expr):
    file["matrix_link"] = h5py.SoftLink(expr.name)
    file["nowhere"] = h5py.SoftLink("/not/there")


def hard_link(file, expr):
    file["links/again"] = expr
    file["links/up"] = file["links"]


def external_link(file, expr):
    file["elsewhere"] = h5py.ExternalLink("missing.h5", "/expr")


def types(file, expr):
    file["types/position"] = np.dtype([("chromosome", "S2"), ("start", "<i4")])
    file.create_dataset("positions", shape=(3,), dtype=file["types/position"])


def references(file, expr):
    file.require_group("pointers")["of"] = expr.ref
    expr.attrs["self"] = expr.ref


def empty_group(file, expr):
    file.create_group("empty")


WAYS = {
    "attributes": attributes, "root-attributes": root_attributes, "group": group, "tables": tables, "soft-link": soft_link,
    "hard-link": hard_link, "external-link": external_link, "types": types, "references": references, "empty-group": empty_group,
}
