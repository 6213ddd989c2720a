"""Finds the valid rows of a batch or of a chunk of a file, by whole columns, and says what is wrong with the others.

A batch of 1,000 valid rows takes about a millisecond; building and validating a model object per row would take thirty.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pacewatch.contracts.tables.columns import Column, TableColumns
from pacewatch.ingest.telemetry.rules import Rules, Violation
from pacewatch.kit.columns.arrays import Ints, Rows
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.tables.files.chunks import Chunk
from pacewatch.kit.tables.findings import Finding, Sent, findings_of, message_of, row_findings, shown
from pacewatch.kit.tables.json_rows import Other, others, row_fault, type_rows
from pacewatch.kit.tables.table import PLAIN, Dialect, TypedTable, type_table
from pacewatch.kit.tables.values.devices import NAME_BASE
from pacewatch.kit.tables.values.faults import WORDS, Fault

# Errors that are kept with their rows, of one body or chunk; the others are only counted. A file of 26 KB can have
# twelve million.
MAX_KEPT: Final = 10_000


class FoundError(NamedTuple):
    """Why one row was not stored; as a `RowError`, in a third of the time, because a file may have many."""

    row: int
    field: str
    code: str
    message: str


@dataclass(slots=True)
class RowErrors:
    """The first errors with their rows, and how many of each code there are in all."""

    kept: list[FoundError] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def with_duplicates(self, duplicates: Sequence[FoundError]) -> "RowErrors":
        """These and errors of duplicates or foreign devices, all of which are kept: there is at most one a row."""
        counts = self.counts + Counter(error.code for error in duplicates)
        return RowErrors([*self.kept, *duplicates], counts)


@dataclass(frozen=True, slots=True)
class ValidRows:
    """Valid readings by device and time, each key once; `places` are their positions in the request."""

    places: Ints
    readings: Readings

    def __len__(self) -> int:
        return len(self.places)

    def where(self, rows: Rows) -> "ValidRows":
        """The chosen rows."""
        return ValidRows(self.places[rows], self.readings.where(rows))


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """A body, or a chunk of a file, of `received` rows; of a chunk also the position behind it in its file.

    Until `names` are resolved, an id of NAME_BASE + n in `valid` stands for the name at place n. `blank` rows have
    nothing in them and are not among the received. `findings` are all errors of a chunk, by column and kind.
    """

    received: int
    valid: ValidRows
    errors: RowErrors
    ignored_columns: Sequence[str]
    bytes_done: int = 0
    rows_total: int | None = None
    blank: int = 0
    names: Sequence[str] = ()
    findings: Sequence[Finding] = ()

    def with_devices(self, device_ids: Ints) -> "CheckedRows":
        """With other ids for the devices of the valid rows, put in the order of device and time again."""
        if device_ids is self.valid.readings.device_ids:
            return self
        valid = replace(self.valid, readings=replace(self.valid.readings, device_ids=device_ids))
        order = valid.readings.order()
        return replace(self, valid=valid if order is None else valid.where(order))


def check(rows: Sequence[Any], rules: Rules, latest_s: float, ignored: Sequence[str] = ()) -> CheckedRows:
    """The valid ones of some values of JSON, and the errors of the others; times after `latest_s` are invalid."""
    if set(map(type, rows)) == {dict}:
        return _checked(_Table(rows, np.arange(len(rows)), (), len(rows)), rules, latest_s, ignored)
    objects = [place for place, row in enumerate(rows) if type(row) is dict]
    bad = [(place, row_fault(row)) for place, row in enumerate(rows) if type(row) is not dict]
    table = _Table([rows[place] for place in objects], np.array(objects, dtype=np.int64), bad, len(rows))
    return _checked(table, rules, latest_s, ignored)


def check_table(
    content: Mapping[str, Any], rows: int, rules: Rules, latest_s: float, ignored: Sequence[str] = ()
) -> CheckedRows:
    """As `check`, for the columns of a table, by name."""
    return _checked(_Table(content, np.arange(rows), (), rows), rules, latest_s, ignored)


def check_chunk(chunk: Chunk, rules: Rules, latest_s: float, dialect: Dialect = PLAIN) -> CheckedRows:
    """As `check`, for a chunk of a file: errors show values, and lines are counted as in the file."""
    content, bad = chunk.content, [*chunk.bad]
    places, ignored = chunk.places, chunk.ignored
    if isinstance(content, list):
        is_object = np.array([type(row) is dict for row in content], dtype=np.bool_)
        bad += [(int(places[n]), row_fault(content[n])) for n in np.flatnonzero(~is_object)]
        content, places = [row for row in content if type(row) is dict], places[is_object]
        ignored = sorted(set().union(*content) & rules.columns().ignored)
    table = _Table(content, places, sorted(bad), chunk.rows, chunk.line, dialect)
    checked = _checked(table, rules, latest_s, ignored)
    received = chunk.rows - chunk.blank
    return replace(
        checked, received=received, blank=chunk.blank, bytes_done=chunk.bytes_done, rows_total=chunk.rows_total
    )


def only_own(rows: CheckedRows, is_own: NDArray[np.bool_], rules: Rules) -> CheckedRows:
    """The rows with an error for each valid reading that is not the sender's: a key may be bound to devices."""
    foreign = [FoundError(row, *rules.device_not_allowed) for row in rows.valid.places[~is_own].tolist()]
    return replace(rows, valid=rows.valid.where(is_own), errors=rows.errors.with_duplicates(foreign))


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows that could be parsed, as columns or objects, with their places among `rows`; and what is wrong with others.

    `line` is the line of place 0 in its file; 0 if there is none, and then errors do not show values.
    """

    content: Any
    places: Ints
    bad: Sequence[tuple[int, Fault]]
    rows: int
    line: int = 0
    dialect: Dialect = PLAIN

    def typed(self, spec: TableColumns) -> TypedTable:
        if isinstance(self.content, Mapping):
            return type_table(self.content, len(self.places), spec, self.dialect)
        return type_rows(self.content, spec, self.dialect)

    def others(self, spec: TableColumns) -> list[Other]:
        return [] if isinstance(self.content, Mapping) else list(others(self.content, spec))


def _checked(table: _Table, rules: Rules, latest_s: float, ignored: Sequence[str]) -> CheckedRows:
    spec = rules.columns(latest_s)
    typed, other_errors = table.typed(spec), table.others(spec)
    is_bad = typed.is_faulty
    is_bad[[row for row, *_ in other_errors]] = True
    values = [typed.columns[name][~is_bad] for name in spec.names]
    readings = Readings(values[0], values[1], dict(zip(rules.signal_names, values[2:], strict=True)))
    valid, repeated = _each_key_once(table.places[~is_bad], readings)
    errors = _errors(table, typed, spec, other_errors) if is_bad.any() or table.bad else RowErrors()
    errors = errors.with_duplicates([FoundError(place, *rules.duplicate_in_batch) for place in repeated])
    findings = list[Finding]()
    if table.line:
        lines = table.places + table.line
        findings = findings_of(typed, spec, lines, Sent(table.content))
        findings += row_findings([(place + table.line, fault) for place, fault in table.bad], other_errors, lines)
        findings += [Finding(*rules.duplicate_in_batch, len(repeated), min(repeated) + table.line)] if repeated else []
    names = typed.names if (valid.readings.device_ids >= NAME_BASE).any() else ()
    return CheckedRows(table.rows, valid, errors, ignored, names=names, findings=findings)


def _each_key_once(places: Ints, readings: Readings) -> tuple[ValidRows, list[int]]:
    """The rows by key; of rows with the same key the first one sent. Also the places of the repeated ones."""
    rows = ValidRows(places, readings)
    if (order := readings.order()) is not None:
        rows = rows.where(order)
    is_first = np.ones(len(rows), dtype=np.bool_)
    keys = rows.readings
    is_first[1:] = (keys.device_ids[1:] != keys.device_ids[:-1]) | (keys.timestamps_s[1:] != keys.timestamps_s[:-1])
    return rows.where(is_first), rows.places[~is_first].tolist()


def _errors(table: _Table, typed: TypedTable, spec: TableColumns, other_errors: Sequence[Other]) -> RowErrors:
    """The errors of all rows: counted by whole columns, and the first MAX_KEPT with their rows, by row."""
    counts = Counter[str](WORDS[fault][0] for _, fault in table.bad) + Counter(code for _, _, code, _ in other_errors)
    faulty = np.column_stack([faults != 0 for faults in typed.faults.values()])
    last = int(np.searchsorted(np.cumsum(faulty.sum(axis=1)), MAX_KEPT)) + 1
    found: list[tuple[int, int, Violation]]
    found = [(place, -1, ("", *WORDS[fault])) for place, fault in table.bad[:MAX_KEPT]]
    found += [(int(table.places[row]), len(spec.columns), (*what,)) for row, *what in other_errors[:MAX_KEPT]]  # type: ignore[misc]
    for number, (name, faults) in enumerate(typed.faults.items()):
        for fault, count in zip(*np.unique(faults[faults != 0], return_counts=True), strict=True):
            counts[WORDS[Fault(fault)][0]] += int(count)
        for row in np.flatnonzero(faults[:last]).tolist():
            found.append((int(table.places[row]), number, _violation(table, spec[name], Fault(faults[row]), row)))
    found.sort(key=lambda one: one[:2])
    return RowErrors([FoundError(place, *violation) for place, _, violation in found[:MAX_KEPT]], counts)


def _violation(table: _Table, column: Column, fault: Fault, row: int) -> Violation:
    text = message_of(fault, column)
    if table.line and fault is not Fault.GAP:
        text = f'{text}; it is "{shown(Sent(table.content).cell(column.name, row))}"'
    return column.name, WORDS[fault][0], text
