"""The comparison itself: it accepts a right migration, and catches each thing a wrong one loses.

The right migration is made by hand with h5py, so this needs no binary.
"""

import shutil

import h5py
import numpy as np
import pytest
from h5py import h5o

import manifest
from compare import differences
from expected_names import names

TEXT = h5py.string_dtype()
GZIP_ALREADY = ["hybrid.h5", "hybrid-40x8.h5", "names-vlen-utf8.h5", "names-fixed-space-padded.h5", "names-integers.h5",
                "names-column.h5", "text-control-characters.h5", "extra-attributes.h5", "extra-groups.h5",
                "extra-committed-type.h5", "extra-creation-order.h5", "extra-comment.h5", "extra-opaque-and-enum.h5",
                "link-soft.h5", "link-hard.h5", "link-hard-names.h5", "link-external.h5", "reference-object.h5",
                "reference-in-compound.h5", "reference-region.h5", "dimension-scales.h5", "dimension-scales-names.h5",
                "user-block.h5", "values-nan-payloads.h5", "counts-missing.h5"]


def migrate_by_hand(name, target):
    """What h5lift has to do to a file whose /expr is gzip already."""
    shutil.copyfile(manifest.path(name), target)
    with h5py.File(target, "r+") as file:
        for axis, dataset in (("genes", "gene_names"), ("samples", "sample_names")):
            text = names(file, axis)
            file["expr"].attrs.pop(dataset, None)
            if dataset not in file:
                file.create_dataset(dataset, data=text, dtype=TEXT)
        for count, length in zip(("n_genes", "n_samples"), file["expr"].shape):
            if count not in file["expr"].attrs:
                file["expr"].attrs[count] = np.int64(length)
        file.attrs["h5lift_digest"] = "h5lift-digest/1 ..."
    return target


@pytest.mark.parametrize("name", GZIP_ALREADY)
def test_a_right_migration_has_no_difference(name, tmp_path):
    assert differences(manifest.path(name), migrate_by_hand(name, tmp_path / name)) == []


@pytest.mark.parametrize("name", GZIP_ALREADY)
def test_a_file_equals_itself(name):
    assert differences(manifest.path(name), manifest.path(name), migration=False) == []


def set_bits(file, path, place, bits):
    data = file[path][...]
    data.view(f"u{data.itemsize}").reshape(-1)[place] = bits
    file[path][...] = data


def replace_attribute(item, name, value):
    del item.attrs[name]
    item.attrs[name] = value


def relink(file, path, target):
    del file[path]
    file[path] = target


def drop_user_block(path):
    path.write_bytes(bytes(512) + path.read_bytes()[512:])


def reorder(file):
    del file["ordered"]
    group = file.create_group("ordered", track_order=True)
    for name in ("apple", "mango", "zebra"):
        group.create_dataset(name, data=len(name))
    for name in ("zebra", "apple", "mango"):
        group.attrs[name] = len(name)


def store_contiguous(file):
    expr, kept = file["expr"], dict(file["expr"].attrs)
    values = expr[...]
    del file["expr"]
    file["expr"] = values
    file["expr"].attrs.update(kept)


def retype(file):
    values, kept = file["expr"][...], dict(file["expr"].attrs)
    del file["expr"]
    file.create_dataset("expr", data=values.astype(">f4"), compression="gzip")
    file["expr"].attrs.update(kept)


CHANGES = {
    "the lowest bit of a value": ("hybrid.h5", "/expr: content", lambda file: set_bits(file, "expr", 0, 0x40000001)),
    "a NaN's payload": ("values-nan-payloads.h5", "/expr: content", lambda file: set_bits(file, "expr", 2, 0x7FC12344)),
    "a quiet NaN for a signalling one": ("values-nan-payloads.h5", "/expr: content", lambda file: set_bits(file, "expr", 3, 0x7FC00001)),
    "0.0 for -0.0": ("values-nan-payloads.h5", "/expr: content", lambda file: set_bits(file, "expr", 5, 0)),
    "-0.0 in an attribute": ("extra-attributes.h5", "/expr@odd: content",
                             lambda file: replace_attribute(file["expr"], "odd", np.array([np.nan, 0.0, np.inf]))),
    "another byte order": ("hybrid.h5", "/expr: type", retype),
    "/expr left uncompressed": ("hybrid.h5", "/expr: storage", store_contiguous),
    "a name": ("names-vlen-utf8.h5", "/gene_names: name 3", lambda file: file["gene_names"].__setitem__(3, "naive")),
    "a blank at the end of a name": ("hybrid.h5", "/gene_names: name 0", lambda file: file["gene_names"].__setitem__(0, "FBgn0031208 ")),
    "names as fixed strings": ("hybrid.h5", "/gene_names: type", lambda file: relink(file, "gene_names", file["gene_names"].asstr()[...].astype("S"))),
    "no sample names": ("hybrid.h5", "/sample_names: is missing", lambda file: file.pop("sample_names")),
    "names still in an attribute": ("hybrid.h5", "/expr: attributes", lambda file: file["expr"].attrs.update(gene_names=["a"])),
    "a lost attribute": ("extra-attributes.h5", "/expr: attributes", lambda file: file["expr"].attrs.pop("units")),
    "an attribute of another type": ("extra-attributes.h5", "/expr@scale: type",
                                     lambda file: replace_attribute(file["expr"], "scale", np.float64(np.float32(0.1)))),
    "a scalar attribute as an array": ("extra-attributes.h5", "/@release: shape", lambda file: replace_attribute(file, "release", np.array([657]))),
    "a foreign mark on /expr": ("hybrid.h5", "/expr: attributes", lambda file: file["expr"].attrs.update(h5lift_version="0")),
    "a wrong count": ("counts-missing.h5", "/expr@n_genes", lambda file: replace_attribute(file["expr"], "n_genes", np.int64(13))),
    "a lost root attribute": ("extra-attributes.h5", "/: attributes", lambda file: file.attrs.pop("source")),
    "a lost group": ("extra-groups.h5", "/empty: link", lambda file: file.pop("empty")),
    "a lost dataset": ("extra-groups.h5", "/quality/rin: link", lambda file: file["quality"].pop("rin")),
    "an added object": ("hybrid.h5", "/extra: link", lambda file: file.create_group("extra")),
    "another dataset's filter": ("extra-groups.h5", "/quality/rin: storage",
                                 lambda file: relink(file, "quality/rin", file["quality/rin"][...])),
    "a fixed maximum shape": ("extra-groups.h5", "/quality/annotation: maximum shape",
                              lambda file: relink(file, "quality/annotation", file["quality/annotation"][...])),
    "another fill value": ("extra-groups.h5", "/quality/unwritten: fill value",
                           lambda file: (file.pop("quality/unwritten"),
                                         file.create_dataset("quality/unwritten", (4, 4), "f8", chunks=(2, 2), fillvalue=0.0))),
    "a soft link's target": ("link-soft.h5", "/matrix: link", lambda file: relink(file, "matrix", h5py.SoftLink("/other"))),
    "a soft link made hard": ("link-soft.h5", "/matrix: link", lambda file: relink(file, "matrix", file["expr"])),
    "an external link's file": ("link-external.h5", "/raw: link", lambda file: relink(file, "raw", h5py.ExternalLink("other.h5", "/counts"))),
    "a hard link made a copy": ("link-hard.h5", "/group/weights: link", lambda file: relink(file, "group/weights", np.arange(3.0))),
    "an alias of /expr made a copy": ("link-hard.h5", "/alias: link", lambda file: (file.pop("alias"), file.copy("expr", "alias"))),
    "a reference to another object": ("reference-object.h5", "/analysis@input: content",
                                      lambda file: replace_attribute(file["analysis"], "input", file["gene_names"].ref)),
    "a reference made null": ("reference-object.h5", "/analysis/inputs: content",
                              lambda file: file["analysis/inputs"].__setitem__(0, h5py.Reference())),
    "a reference in a variable-length list": ("reference-in-compound.h5", "/lists: content",
                                              lambda file: file["lists"].__setitem__(0, np.array([file.ref, file.ref], dtype=h5py.ref_dtype))),
    "a region of other rows": ("reference-region.h5", "/regions: content",
                               lambda file: file["regions"].__setitem__(0, file["mask"].regionref[2:6, 1:3])),
    "a detached dimension scale": ("dimension-scales.h5", "/expr: attributes",
                                   lambda file: [file["expr"].dims[axis].detach_scale(file[name]) for axis, name in enumerate(("position", "age"))]),
    "a committed type made plain": ("extra-committed-type.h5", "/positions: committed type",
                                    lambda file: relink(file, "positions", file["positions"][...])),
    "an enumeration's word": ("extra-opaque-and-enum.h5", "/sex: type",
                              lambda file: (file.pop("sex"), file.create_dataset("sex", data=[0, 1, 0, 1, 0], dtype=h5py.enum_dtype({"F": 0, "X": 1}, "i1")))),
    "the order of creation": ("extra-creation-order.h5", "/ordered: order of creation", reorder),
    "a comment": ("extra-comment.h5", "/notes: comment", lambda file: h5o.set_comment(file["notes"].id, b"other")),
}


@pytest.mark.parametrize(("name", "phrase", "change"), CHANGES.values(), ids=CHANGES)
def test_a_wrong_migration_is_caught(name, phrase, change, tmp_path):
    target = migrate_by_hand(name, tmp_path / name)
    with h5py.File(target, "r+") as file:
        change(file)
    found = differences(manifest.path(name), target)
    assert any(sentence.startswith(phrase) for sentence in found), f"{phrase!r} is not among {found}"


def test_a_lost_user_block_is_caught(tmp_path):
    target = migrate_by_hand("user-block.h5", tmp_path / "out.h5")
    drop_user_block(target)
    assert any("user block" in sentence for sentence in differences(manifest.path("user-block.h5"), target))


def test_without_a_migration_in_mind_nothing_is_taken_out(tmp_path):
    target = migrate_by_hand("hybrid.h5", tmp_path / "out.h5")
    assert differences(manifest.path("hybrid.h5"), target, migration=False) != []
