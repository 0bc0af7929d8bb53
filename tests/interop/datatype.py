"""A datatype as plain values, to compare across files.

H5Tequal cannot do it: variable-length and reference types of two files never compare equal.
"""

from h5py import h5t


def describe(kind):
    """Everything that two equal types share; the caller distinguishes `committed` types."""
    common = (type(kind).__name__, kind.get_size())
    if isinstance(kind, h5t.TypeCompoundID):
        members = [(kind.get_member_name(index), kind.get_member_offset(index), describe(kind.get_member_type(index)))
                   for index in range(kind.get_nmembers())]
        return (*common, tuple(members))
    if isinstance(kind, h5t.TypeEnumID):
        members = [(kind.get_member_name(index), kind.get_member_value(index)) for index in range(kind.get_nmembers())]
        return (*common, describe(kind.get_super()), tuple(members))
    if isinstance(kind, h5t.TypeArrayID):
        return (*common, kind.get_array_dims(), describe(kind.get_super()))
    if isinstance(kind, h5t.TypeVlenID):
        return (*common, describe(kind.get_super()))
    if isinstance(kind, h5t.TypeStringID):
        return (*common, kind.is_variable_str(), kind.get_cset(), kind.get_strpad())
    if isinstance(kind, h5t.TypeOpaqueID):
        return (*common, kind.get_tag())
    if isinstance(kind, h5t.TypeReferenceID):
        return (*common, kind.equal(h5t.STD_REF_OBJ))
    return (*common, *number(kind))


def number(kind):
    """Integers, floats, bit fields and times: where the bits are and what they mean."""
    if isinstance(kind, h5t.TypeBitfieldID):
        # No way to ask h5py for these but the encoded form, less its three bytes of versions.
        return [kind.copy().encode()[3:]]
    bits = [kind.get_order(), kind.get_precision(), kind.get_offset(), kind.get_pad()]
    if isinstance(kind, h5t.TypeIntegerID):
        bits.append(kind.get_sign())
    if isinstance(kind, h5t.TypeFloatID):
        bits += [kind.get_fields(), kind.get_ebias(), kind.get_norm(), kind.get_inpad()]
    return bits


def moves_with_the_file(kind):
    """Whether stored bytes are addresses of the file: variable lengths and references."""
    if isinstance(kind, h5t.TypeCompoundID):
        return any(moves_with_the_file(kind.get_member_type(index)) for index in range(kind.get_nmembers()))
    if isinstance(kind, h5t.TypeArrayID):
        return moves_with_the_file(kind.get_super())
    if isinstance(kind, h5t.TypeStringID):
        return kind.is_variable_str()
    return isinstance(kind, (h5t.TypeVlenID, h5t.TypeReferenceID))
