"""Types a column of device ids: text, compared as written, except that a whole number is itself in every notation.

17, "17" and 17.0 are device 17. "0017", "A7", "1.10" and what is larger than MAX_NUMBER are names: each is a device of
its own, and never one of the numbers.
"""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.tables.values import cells
from pacewatch.kit.tables.values.faults import MAX_NAME_LENGTH, Fault, Faults, no_faults

NAME_BASE: Final = 2**52
"""Ids from here on stand for names. Half of what JSON carries exactly; people have no such numbers for devices."""

# At most 15 digits: all such numbers are below NAME_BASE, and longer ones are looked at one by one.
_NUMBER: Final = r"^(0|[1-9][0-9]{0,14})$"


def devices_of(array: pa.Array) -> tuple[Ints, Faults, tuple[str, ...]]:
    """The ids, faults, and the names: an id of NAME_BASE + n stands for the name at place n."""
    kind = array.type
    if pa.types.is_integer(kind):
        return (*_of_integers(array), ())
    if pa.types.is_floating(kind):
        return (*_of_doubles(array), ())
    if cells.is_text(kind):
        return _of_texts(array)
    faults = np.where(cells.nulls(array), Fault.GAP, Fault.NO_DEVICE).astype(np.uint8)
    return np.zeros(len(array), dtype=np.int64), faults, ()


def _of_integers(array: pa.Array) -> tuple[Ints, Faults]:
    faults = no_faults(len(array))
    is_null = cells.nulls(array)
    if pa.types.is_uint64(array.type):
        faults[cells.mask(pc.greater_equal(array, pa.scalar(NAME_BASE, pa.uint64())))] = Fault.DEVICE_RANGE
    ids = np.array(pc.fill_null(array.cast(pa.int64(), safe=False), 0).to_numpy(zero_copy_only=False), dtype=np.int64)
    faults[(ids < 0) | (ids >= NAME_BASE)] = Fault.DEVICE_RANGE
    faults[is_null] = Fault.GAP
    ids[faults != 0] = 0
    return ids, faults


def _of_doubles(array: pa.Array) -> tuple[Ints, Faults]:
    values, faults = cells.doubles(array), no_faults(len(array))
    faults[values != np.floor(values)] = Fault.DEVICE_FRACTION
    faults[(values < 0) | (values >= NAME_BASE)] = Fault.DEVICE_RANGE
    faults[np.isnan(values)] = Fault.GAP
    return np.where(faults == 0, values, 0).astype(np.int64), faults


def _of_texts(texts: pa.Array) -> tuple[Ints, Faults, tuple[str, ...]]:
    if not texts.null_count and cells.matches(texts, _NUMBER).all():
        return np.array(pc.cast(texts, pa.int64()), dtype=np.int64), no_faults(len(texts)), ()
    bare, is_gap = cells.trimmed(texts)
    coded = pc.fill_null(bare, "").dictionary_encode()
    ids, faults, names = list[int](), list[Fault](), list[str]()
    for text in coded.dictionary.to_pylist():
        number, fault = _of_text(text)
        if number is None and fault is Fault.NONE:
            number = NAME_BASE + len(names)
            names.append(text)
        ids.append(number or 0)
        faults.append(fault)
    places = np.asarray(coded.indices.to_numpy(zero_copy_only=False))
    found = np.array(faults, dtype=np.uint8)[places] if faults else no_faults(0)
    found[is_gap] = Fault.GAP
    return np.array(ids, dtype=np.int64)[places], found, tuple(names)


def number_of(text: str) -> tuple[int | None, Fault]:
    """The number that a person means, None for a name; and what is wrong."""
    bare = text.strip()
    return (None, Fault.GAP) if bare.lower() in cells.GAPS else _of_text(bare)


def _of_text(text: str) -> tuple[int | None, Fault]:
    """The number, or None for a name; or what is wrong."""
    whole = text.removesuffix(".0")  # as programs write a whole number that was a double
    if whole.isascii() and whole.isdigit() and (whole == "0" or whole[0] != "0") and len(whole) <= len(str(NAME_BASE)):
        number = int(whole)
        if number < NAME_BASE:
            return number, Fault.NONE
    if len(text) > MAX_NAME_LENGTH:
        return None, Fault.NAME_TOO_LONG
    if not text.isprintable() or "\ufffd" in text:
        return None, Fault.NOT_TEXT
    if text[:1] == "-" and text[1:].isdigit():
        return None, Fault.DEVICE_RANGE
    return None, Fault.DEVICE_ROUNDED if is_rounded(text) else Fault.NONE


def is_rounded(text: str) -> bool:
    """Whether a spreadsheet wrote a long number so: 1.23457E+12."""
    mantissa, letter, exponent = text.upper().partition("E")
    digits = mantissa.replace(".", "", 1).replace(",", "", 1)
    return bool(letter) and digits.isdigit() and exponent[:1] == "+" and exponent[1:].isdigit()
