"""Types rows of JSON: column by column, as every other table. JSON has types, so a number in a text is no number."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from math import isnan
from operator import itemgetter
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa

from pacewatch.contracts.tables.columns import Column, ColumnKind, TableColumns
from pacewatch.kit.columns.arrays import Bools
from pacewatch.kit.tables.hints import printable
from pacewatch.kit.tables.table import PLAIN, Dialect, TypedTable, type_column, type_table
from pacewatch.kit.tables.values import cells
from pacewatch.kit.tables.values.devices import NAME_BASE
from pacewatch.kit.tables.values.faults import Fault, Faults

# Stands in for a row that has a field twice: JSON parsers disagree about which one counts.
REPEATED_FIELD = object()
# Stands in for a line that is not JSON.
NOT_JSON = object()

_MARKERS: Final = ((REPEATED_FIELD, Fault.REPEATED_FIELD), (NOT_JSON, Fault.NOT_JSON))
# Reported fields that are not declared: a client may send any number of them.
_MAX_OTHERS: Final = 4

Other = tuple[int, str, str, str]
"""Row, field, code and message of a field that is not declared."""


def json_row(line: bytes) -> Any:
    """The value in one line of NDJSON; NOT_JSON if it is not JSON."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return NOT_JSON
    if type(row) is dict and line.count(b'"') != 2 * len(row):
        try:
            return json.loads(line, object_pairs_hook=json_object)
        except (ValueError, RecursionError):
            return NOT_JSON
    return row


def json_object(pairs: list[tuple[str, Any]]) -> object:
    """The object, REPEATED_FIELD if it has a field twice."""
    row = dict(pairs)
    return row if len(row) == len(pairs) else REPEATED_FIELD


def row_fault(row: Any) -> Fault:
    """What is wrong with a value that is no object."""
    if isinstance(row, Faulty):
        return row.fault
    return next((fault for marker, fault in _MARKERS if row is marker), Fault.NOT_AN_OBJECT)


def type_rows(rows: Sequence[Mapping[str, Any]], spec: TableColumns, dialect: Dialect = PLAIN) -> TypedTable:
    """Type the fields of objects that `spec` declares; a field that is null or not there is a gap."""
    typed, faults = dict[str, Any](), dict[str, Faults]()
    names: tuple[str, ...] = ()
    notes = dict[tuple[str, str], int]()
    for column, values in zip(spec.columns, _columns(rows, spec.names), strict=True):
        typed[column.name], faults[column.name], own_names, own_notes = _type_values(values, column, dialect)
        names = names or own_names
        notes |= {(column.name, note): count for note, count in own_notes.items() if count}
    return TypedTable(typed, faults, names, notes)


def others(rows: Sequence[Mapping[str, Any]], spec: TableColumns) -> Iterator[Other]:
    """What is wrong with fields that `spec` does not declare: at most four of each row."""
    declared = frozenset(spec.names)
    if sum(map(len, rows)) == len(rows) * len(declared) and not set().union(*rows) - declared:
        return
    for place, row in enumerate(rows):
        wrong = (name for name in row if name not in declared and not _may_be_ignored(name, row[name], spec))
        for name in islice(wrong, _MAX_OTHERS):
            if name in spec.ignored:
                yield place, name, "wrong_type", "must be a number or null; it is not used"
            else:
                yield place, printable(name), "unknown_field", f"is not a field of a {spec.noun}"


def _may_be_ignored(name: str, value: Any, spec: TableColumns) -> bool:
    return name in spec.ignored and type(value) in (int, float, type(None))


def _columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[Sequence[Any]]:
    try:  # a tenth of the time, and nearly all rows have every field
        return list(zip(*map(itemgetter(*names), rows), strict=True)) or [()] * len(names)
    except KeyError:
        return [[row.get(name) for row in rows] for name in names]


def _type_values(
    values: Sequence[Any], column: Column, dialect: Dialect
) -> tuple[Any, Faults, tuple[str, ...], dict[str, int]]:
    """Numbers and texts apart, and anything else as what no cell may be; the results put together by row."""
    kinds = set(map(type, values))
    if kinds <= {int, float, type(None)}:
        return type_column(_doubles(values), column, dialect, is_json=True)
    if kinds <= {str, type(None)}:
        return type_column(_texts(values), column, dialect, is_json=True)
    is_text = np.array([type(value) is str for value in values])
    is_number = np.array([value is None or type(value) in (int, float) for value in values])
    parts: list[tuple[Bools, pa.Array]] = [
        (is_number, _doubles([value for value, chosen in zip(values, is_number, strict=True) if chosen])),
        (is_text, _texts([value for value, chosen in zip(values, is_text, strict=True) if chosen])),
        (~is_number & ~is_text, pa.array([True] * int((~is_number & ~is_text).sum()), pa.bool_())),
    ]
    return _together([(rows, *type_column(part, column, dialect, is_json=True)) for rows, part in parts if rows.any()])


def _together(
    parts: Sequence[tuple[Bools, Any, Faults, tuple[str, ...], dict[str, int]]],
) -> tuple[Any, Faults, tuple[str, ...], dict[str, int]]:
    rows = len(parts[0][0])
    values = np.zeros(rows, dtype=parts[-1][1].dtype if parts else np.float64)
    faults = np.zeros(rows, dtype=np.uint8)
    names: tuple[str, ...] = ()
    notes = dict[str, int]()
    for chosen, own, own_faults, own_names, own_notes in parts:
        values[chosen], faults[chosen] = own, own_faults
        names, notes = names or own_names, notes | own_notes
    return values, faults, names, notes


def _doubles(values: Sequence[Any]) -> pa.Array:
    """None as NaN, which is a gap; JSON has no NaN."""
    return pa.array(np.array(values, dtype=np.float64))


def _texts(values: Sequence[Any]) -> pa.Array:
    """Texts; a lone surrogate, which no column can hold, becomes what is refused as no text."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        marked = [value and value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for value in values]
        return pa.array(marked, pa.string())


class Faulty:
    """Stands in for a cell without a value, or for a row that could not be parsed; `fault` says why."""

    __slots__ = ("fault",)

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def typed_objects(rows: Sequence[Any], spec: TableColumns) -> list[Any]:
    """Objects with devices and times typed: a device is a number or its name, a cell without a value is Faulty.

    Other fields stay as they are, and so do values that are no objects.
    """
    kinds = {ColumnKind.DEVICE, ColumnKind.TIME}
    spec = replace(spec, columns=tuple(one for one in spec.columns if one.kind in kinds))
    objects = [row for row in rows if type(row) is dict]
    result = iter(_objects(objects, type_rows(objects, spec), spec))
    return [next(result) if type(row) is dict else row for row in rows]


def table_objects(table: Mapping[str, Any], rows: int, spec: TableColumns, dialect: Dialect = PLAIN) -> list[Any]:
    """The rows of a table as objects, with all columns typed; a gap is not there, or Faulty if it is required."""
    gaps = {name: cells.gaps(cells.plain(column)) for name, column in table.items()}
    required = {one.name for one in spec.columns if one.is_required}
    given = [{name: True for name, own in gaps.items() if name in required or not own[row]} for row in range(rows)]
    return _objects(given, type_table(table, rows, spec, dialect), spec)


def _objects(rows: Sequence[dict[str, Any]], typed: TypedTable, spec: TableColumns) -> list[dict[str, Any]]:
    columns = {one.name: (one.is_required, _cells(typed, one)) for one in spec.columns}

    def cell(name: str, value: Any, place: int) -> Any:
        is_required, own = columns.get(name, (False, ()))
        is_typed = isinstance(value, Faulty) or not own or not (is_required or value is not None)
        return value if is_typed else own[place]

    return [{name: cell(name, value, place) for name, value in row.items()} for place, row in enumerate(rows)]


def _cells(typed: TypedTable, column: Column) -> list[Any]:
    values, faults = typed.columns[column.name].tolist(), typed.faults[column.name].tolist()
    if column.kind is ColumnKind.DEVICE:
        values = [typed.names[value - NAME_BASE] if value >= NAME_BASE else value for value in values]
    elif column.kind is ColumnKind.TIME:
        values = [None if isnan(value) else int(value) for value in values]
    return [Faulty(Fault(fault)) if fault else value for value, fault in zip(values, faults, strict=True)]
