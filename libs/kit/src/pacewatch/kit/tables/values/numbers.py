"""Types a column of numbers."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pacewatch.kit.columns.arrays import Floats
from pacewatch.kit.tables.values import cells
from pacewatch.kit.tables.values.faults import Fault, Faults, no_faults

_NUMBER: Final = r"^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,4})?$|^(?i)[+-]?inf(inity)?$"
_COMMA: Final = r"^[+-]?[0-9]+,[0-9]+$"


def numbers_of(array: pa.Array, decimal: str = ".", *, texts_allowed: bool = True) -> tuple[Floats, Faults]:
    """The values as doubles, NaN where there is none, and why. `decimal` is the decimal sign of texts."""
    kind = array.type
    if cells.is_number(kind):
        values, faults = cells.doubles(array), no_faults(len(array))
        faults[np.isnan(values)] = Fault.GAP
        return values, faults
    if cells.is_text(kind) and texts_allowed:
        return _of_texts(array, decimal)
    faults = np.where(cells.nulls(array), Fault.GAP, Fault.NO_NUMBER).astype(np.uint8)
    return np.full(len(array), np.nan), faults


def _of_texts(texts: pa.Array, decimal: str) -> tuple[Floats, Faults]:
    if decimal == ".":
        try:  # most files have nothing but numbers
            values = np.array(pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
            if np.isfinite(values).all():
                return values, no_faults(len(texts))
        except pa.ArrowInvalid:
            pass
    bare, is_gap = cells.trimmed(texts)
    faults = no_faults(len(texts))
    if decimal != ".":
        faults[cells.matches(bare, r"[.]")] = Fault.DECIMAL_POINT
        bare = pc.replace_substring(bare, decimal, ".", max_replacements=1)
    fits = cells.matches(bare, _NUMBER)
    faults[~fits & (faults == Fault.NONE)] = Fault.NO_NUMBER
    faults[~fits & cells.matches(bare, _COMMA)] = Fault.DECIMAL_COMMA
    faults[is_gap] = Fault.GAP
    usable = pc.if_else(pa.array(faults == Fault.NONE), bare, None)
    values = np.array(pc.cast(usable, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    return values, faults
