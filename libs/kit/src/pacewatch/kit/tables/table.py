"""Types a whole table by its declaration: the same rules for every format and every reader."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pacewatch.contracts.tables.columns import Column, ColumnKind, TableColumns
from pacewatch.kit.columns.arrays import Bools
from pacewatch.kit.tables.values import cells
from pacewatch.kit.tables.values.devices import devices_of
from pacewatch.kit.tables.values.faults import Fault, Faults, no_faults
from pacewatch.kit.tables.values.numbers import numbers_of
from pacewatch.kit.tables.values.times import times_of

_DELIMITERS: Final = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is written, as its sender says: delimiter, decimal sign, format of times (as in strptime)."""

    delimiter: str = ","
    decimal: str = "."
    time_format: str = ""

    def __post_init__(self) -> None:
        if self.delimiter not in _DELIMITERS:
            raise ValueError("the delimiter must be a comma, a semicolon, a tab or |")
        if self.decimal not in {".", ","} or self.decimal == self.delimiter:
            raise ValueError("the decimal sign must be a point or a comma, and not the delimiter")


PLAIN: Final = Dialect()


@dataclass(frozen=True, slots=True)
class TypedTable:
    """Typed columns of shape (rows,): ids and seconds as integers, numbers as doubles, texts as objects.

    A gap in a column that is not required is NaN, of a text None; seconds in such a column are doubles.

    `faults` has one array a column. An id from NAME_BASE on is that of the name at this place in `names`. `notes` has
    what was read in a way that people should know, with how often, by column.
    """

    columns: Mapping[str, NDArray[Any]]
    faults: Mapping[str, Faults]
    names: tuple[str, ...] = ()
    notes: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def is_faulty(self) -> Bools:
        """Which rows have a fault."""
        return np.asarray(np.logical_or.reduce([one != 0 for one in self.faults.values()]), dtype=np.bool_)


def type_table(table: Mapping[str, Any], rows: int, spec: TableColumns, dialect: Dialect = PLAIN) -> TypedTable:
    """Type the columns of `table` (Arrow arrays by name) that `spec` declares; one that is not there is all gaps."""
    typed = dict[str, Any]()
    faults = dict[str, Faults]()
    names: tuple[str, ...] = ()
    notes = dict[tuple[str, str], int]()
    for column in spec.columns:
        array = cells.plain(table[column.name]) if column.name in table else pa.nulls(rows, pa.string())
        values, found, own_names, own_notes = type_column(array, column, dialect)
        typed[column.name], faults[column.name] = values, found
        names = names or own_names
        notes |= {(column.name, note): count for note, count in own_notes.items() if count}
    return TypedTable(typed, faults, names, notes)


def type_column(
    array: pa.Array, column: Column, dialect: Dialect, *, is_json: bool = False
) -> tuple[Any, Faults, tuple[str, ...], dict[str, int]]:
    """Values, faults, names and notes of one column. A gap is no fault of a column that is not required.

    Times in such a column are doubles, NaN where there is none.
    """
    values: Any
    names: tuple[str, ...] = ()
    notes = dict[str, int]()
    if column.kind is ColumnKind.DEVICE:
        values, faults, names = devices_of(array)
    elif column.kind is ColumnKind.TIME:
        values, faults, notes = times_of(array, dialect.time_format, digits_allowed=not is_json)
        refuse_outside(values, faults, column)
    elif column.kind is ColumnKind.NUMBER:
        values, faults = numbers_of(array, dialect.decimal, texts_allowed=not is_json)
        refuse_outside(values, faults, column)
    else:
        values, faults = _texts_of(array, column)
    if not column.is_required:
        is_gap = faults == Fault.GAP
        values = np.where(is_gap, np.nan, values) if column.kind is ColumnKind.TIME else values
        faults[is_gap] = Fault.NONE
    return values, faults, names, notes


def refuse_outside(values: Any, faults: Faults, column: Column) -> None:
    """Mark the values outside of the bounds of their column, if nothing else is wrong with them."""
    is_time = column.kind is ColumnKind.TIME
    fine = faults == Fault.NONE
    faults[fine & ~(values >= column.low)] = Fault.TOO_OLD if is_time else Fault.OUT_OF_RANGE
    faults[fine & ~(values <= column.high)] = Fault.IN_FUTURE if is_time else Fault.OUT_OF_RANGE


def _texts_of(array: pa.Array, column: Column) -> tuple[Any, Faults]:
    """Texts as objects, None for a gap; whole numbers as they are written."""
    if pa.types.is_floating(array.type):
        values = cells.doubles(array)
        whole = pa.array(values, from_pandas=True).cast(pa.int64(), safe=False).cast(pa.string())
        array = pc.if_else(pa.array(values == np.floor(values)), whole, array.cast(pa.string()))
    elif not cells.is_text(array.type):
        array = array.cast(pa.string())
    bare, is_gap = cells.trimmed(array)
    faults = no_faults(len(array))
    if column.values:
        lower = pc.utf8_lower(bare)
        known = cells.mask(pc.is_in(lower, pa.array(column.values, pa.string())))
        faults[~known] = Fault.UNKNOWN_VALUE
        bare = lower
    faults[cells.matches(bare, "\ufffd")] = Fault.NOT_TEXT
    faults[is_gap] = Fault.GAP
    texts = np.array(bare.to_pylist(), dtype=object)
    texts[is_gap] = None
    return texts, faults
