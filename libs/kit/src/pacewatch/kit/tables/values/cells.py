"""Turns any column of Arrow into one of few forms: texts, numbers, moments, or nothing that a cell may be.

Producers write the same values as dictionaries, large strings, decimals or half floats; all of it is the same to a
reader.
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pacewatch.kit.columns.arrays import Bools, Floats

# What people and programs write where they have no value, in lower case.
GAPS: Final = frozenset(
    ["", "-", "--", "na", "n/a", "#n/a", "#na", "<na>", "nan", "nat", "none", "null", "nil", "(null)", "\\n"]
)
_GAP_TEXTS: Final = pa.array(sorted(GAPS), pa.string())
_LONGEST_GAP: Final = max(map(len, GAPS))


def plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The same values as one array without a dictionary: strings as `string`, decimals and half floats as doubles."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # several chunks that do not fit into one, or none
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    kind = array.type
    if pa.types.is_dictionary(kind):
        return plain(array.dictionary_decode())
    if is_text(kind) and not pa.types.is_string(kind):
        return array.cast(pa.string())
    if pa.types.is_decimal(kind):
        return array.cast(pa.float64(), safe=False)
    if pa.types.is_float16(kind):
        return pa.array(array.to_numpy(zero_copy_only=False).astype(np.float64), from_pandas=True)
    return array


def is_text(kind: pa.DataType) -> bool:
    """Whether the cells are texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_number(kind: pa.DataType) -> bool:
    """Whether the cells are integers or doubles."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def doubles(array: pa.Array) -> Floats:
    """Integers or floats as doubles, null as NaN; integers that doubles cannot hold are rounded."""
    values = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64)


def trimmed(texts: pa.Array) -> tuple[pa.Array, Bools]:
    """The texts without spaces around them, and which of them are gaps."""
    bare = pc.utf8_trim_whitespace(texts)
    short = pc.if_else(pc.less_equal(pc.binary_length(bare), _LONGEST_GAP), bare, "?")
    return bare, mask(pc.is_in(pc.utf8_lower(short), _GAP_TEXTS)) | nulls(texts)


def gaps(array: pa.Array) -> Bools:
    """Which cells are gaps."""
    return trimmed(array)[1] if is_text(array.type) else nulls(array)


def mask(array: Any) -> Bools:
    """A boolean array of Arrow in NumPy; null is False."""
    values = pc.fill_null(array, False)
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.bool_)


def nulls(array: pa.Array) -> Bools:
    """Which cells are null."""
    if not array.null_count:
        return np.zeros(len(array), dtype=np.bool_)
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False), dtype=np.bool_)


def matches(texts: pa.Array, pattern: str) -> Bools:
    """Which texts match a pattern, found in linear time (RE2)."""
    return mask(pc.match_substring_regex(texts, pattern))
