"""Finds the valid rows of a batch: by whole columns where possible, row by row only to explain what is invalid.

A batch of 1,000 valid rows takes about a millisecond; building and validating a model object per row would take thirty.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pacewatch.ingest.parsing import NOT_JSON, REPEATED_FIELD, WRONG_WIDTH
from pacewatch.ingest.telemetry.rules import Rules, Violation
from pacewatch.kit.columns.arrays import Floats, Ints, Rows
from pacewatch.kit.columns.readings import Readings

RowsAt = Callable[[Sequence[int]], Sequence[Any]]
"""Gives the rows at some positions as JSON would have brought them."""

# Error code and message of values that stand in for a row that could not be parsed.
_UNPARSED: Final = (
    (REPEATED_FIELD, "repeated_field", "a field comes more than once"),
    (NOT_JSON, "json_invalid", "the line is not JSON"),
    (WRONG_WIDTH, "wrong_width", "has more or fewer fields than the header"),
)


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

    def add(self, row: int, violations: Iterable[Violation]) -> bool:
        """Add what is wrong with a row; whether anything is."""
        is_invalid = False
        for violation in violations:
            is_invalid = True
            self.counts[violation[1]] += 1
            if len(self.kept) < MAX_KEPT:
                self.kept.append(FoundError(row, *violation))
        return is_invalid

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
    """A body, or a chunk of a file, of `received` rows; of a chunk also the position behind it in its file."""

    received: int
    valid: ValidRows
    errors: RowErrors
    ignored_columns: Sequence[str]
    bytes_done: int = 0
    rows_total: int | None = None


def check(rows: Sequence[Any], rules: Rules, latest_s: float) -> tuple[ValidRows, RowErrors]:
    """The valid rows of a request, and the errors of the others; timestamps after `latest_s` are invalid."""
    values = _values(rows, rules)
    if values is not None:
        return check_values(values, lambda places: [rows[place] for place in places], rules, latest_s)
    errors, invalid = _errors(range(len(rows)), rows, rules, latest_s)
    places = np.array([place for place in range(len(rows)) if place not in invalid], dtype=np.int64)
    values = _values([rows[place] for place in places], rules) if len(places) else rules.empty_values()
    assert values is not None  # noqa: S101 - rows without errors have values
    valid, repeated = _each_key_once(places, values, rules)
    return valid, errors.with_duplicates(_repeated_errors(repeated, rules))


def check_values(values: Floats, rows_at: RowsAt, rules: Rules, latest_s: float) -> tuple[ValidRows, RowErrors]:
    """As `check`, for rows of right fields and types: `values` holds device, timestamp and signals, NaN for null."""
    low, high = rules.bounds(latest_s)
    is_within = ((values >= low) & (values <= high)).all(axis=1)
    valid, repeated = _each_key_once(np.flatnonzero(is_within), values[is_within], rules)
    invalid = np.flatnonzero(~is_within).tolist()
    errors = _errors(invalid, rows_at(invalid), rules, latest_s)[0] if invalid else RowErrors()
    return valid, errors.with_duplicates(_repeated_errors(repeated, rules))


def only_own(rows: CheckedRows, is_own: NDArray[np.bool_], rules: Rules) -> CheckedRows:
    """The rows with an error for each valid reading that is not the sender's: a key may be bound to devices."""
    foreign = [FoundError(row, *rules.device_not_allowed) for row in rows.valid.places[~is_own].tolist()]
    return replace(rows, valid=rows.valid.where(is_own), errors=rows.errors.with_duplicates(foreign))


def _values(rows: Sequence[Any], rules: Rules) -> Floats | None:
    """Device, timestamp and signals of every row; None if any row has wrong fields or types.

    Device ids and timestamps are whole numbers below 2^53, or out of range: doubles hold them exactly.
    """
    try:
        columns = list(zip(*map(rules.pick, rows), strict=True))
    except (KeyError, TypeError):
        return None
    types = [set(map(type, column)) for column in columns]
    if not all(kinds <= {int} for kinds in types[:2]) or not all(kinds <= {int, float} for kinds in types[2:]):
        return None
    if sum(map(len, rows)) != len(rows) * rules.width and not _extras_are_valid(rows, rules):
        return None
    return np.array(columns, dtype=np.float64).T


def _extras_are_valid(rows: Sequence[dict[str, Any]], rules: Rules) -> bool:
    extras = set().union(*rows) - rules.required
    if not extras <= rules.ignored:
        return False
    types = {type(row.get(name)) for name in extras for row in rows}
    return types <= {int, float, type(None)}


def _each_key_once(places: Ints, values: Floats, rules: Rules) -> tuple[ValidRows, list[int]]:
    """The rows by key; of rows with the same key the first one sent. Also the places of the repeated ones."""
    device_ids, timestamps_s = values[:, 0].astype(np.int64), values[:, 1].astype(np.int64)
    readings = Readings(device_ids, timestamps_s, dict(zip(rules.signal_names, values.T[2:], strict=True)))
    rows = ValidRows(places, readings)
    if (order := readings.order()) is not None:
        rows = rows.where(order)
    is_first = np.ones(len(rows), dtype=np.bool_)
    keys = rows.readings
    is_first[1:] = (keys.device_ids[1:] != keys.device_ids[:-1]) | (keys.timestamps_s[1:] != keys.timestamps_s[:-1])
    return rows.where(is_first), rows.places[~is_first].tolist()


def _repeated_errors(rows: Sequence[int], rules: Rules) -> list[FoundError]:
    return [FoundError(row, *rules.duplicate_in_batch) for row in rows]


def _errors(places: Sequence[int], rows: Sequence[Any], rules: Rules, latest_s: float) -> tuple[RowErrors, set[int]]:
    """The errors of the rows, and the places of those that have any."""
    errors = RowErrors()
    pairs = zip(places, rows, strict=True)
    invalid = {place for place, row in pairs if errors.add(place, _violations(row, rules, latest_s))}
    return errors, invalid


def _violations(row: Any, rules: Rules, latest_s: float) -> Iterator[tuple[str, str, str]]:
    if type(row) is dict:
        yield from rules.violations(row, latest_s)
        return
    for marker, code, message in _UNPARSED:
        if row is marker:
            yield "", code, message
            return
    yield "", "not_an_object", "must be an object of named fields"
