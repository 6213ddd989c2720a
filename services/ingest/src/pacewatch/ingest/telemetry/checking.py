"""Which rows of a batch are good: by whole columns where that is enough, row by row only to explain what is wrong.

A batch of 1,000 good rows costs about a millisecond; building and validating a model object per row would cost thirty.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pacewatch.contracts.telemetry import RowError
from pacewatch.ingest.parsing import NOT_JSON, REPEATED_FIELD, WRONG_WIDTH
from pacewatch.ingest.telemetry.rules import Rules
from pacewatch.kit.columns.arrays import Floats, Ints, Rows
from pacewatch.kit.columns.readings import Readings

Explain = Callable[[Sequence[int]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class ValidRows:
    """Rows worth storing, by device and time, each key once; `places` are their positions in the request."""

    places: Ints
    readings: Readings

    def __len__(self) -> int:
        return len(self.places)

    def where(self, rows: Rows) -> "ValidRows":
        """The chosen rows."""
        return ValidRows(self.places[rows], self.readings.where(rows))


def check_values(values: Floats, explain: Explain, rules: Rules, latest_s: float) -> tuple[ValidRows, list[RowError]]:
    """The same for rows whose fields and types are right: `values` holds device, timestamp and signals, NaN for null.

    `explain` gives rows by their places, as JSON would have brought them.
    """
    low, high = rules.bounds(latest_s)
    within = ((values >= low) & (values <= high)).all(axis=1)
    valid, repeated = _each_key_once(np.flatnonzero(within), values[within], rules)
    bad = np.flatnonzero(~within).tolist()
    errors = list(_explained(bad, explain(bad), rules, latest_s)) if bad else []
    return valid, errors + [RowError(row=row, **rules.repeated) for row in repeated]


def check(rows: Sequence[Any], rules: Rules, latest_s: float) -> tuple[ValidRows, list[RowError]]:
    """The good rows of a request, and why the others are not good; `latest_s` bounds the timestamps."""
    values = _values(rows, rules)
    if values is not None:
        return check_values(values, lambda places: [rows[place] for place in places], rules, latest_s)
    errors = list(_explained(range(len(rows)), rows, rules, latest_s))
    bad = {error.row for error in errors}
    places = np.array([number for number in range(len(rows)) if number not in bad], dtype=np.int64)
    values = _values([rows[number] for number in places], rules) if len(places) else rules.no_values()
    assert values is not None  # noqa: S101 - what explains nothing wrong and what finds all well must agree
    valid, repeated = _each_key_once(places, values, rules)
    return valid, errors + [RowError(row=row, **rules.repeated) for row in repeated]


def _values(rows: Sequence[Any], rules: Rules) -> Floats | None:
    """Device, timestamp and signals of every row; None when some row's fields or types are wrong.

    Device ids and timestamps are whole numbers below 2^53, or out of range: doubles hold them exactly.
    """
    try:
        columns = list(zip(*map(rules.pick, rows), strict=True))
    except (KeyError, TypeError):
        return None
    kinds = [set(map(type, column)) for column in columns]
    if not all(kind <= {int} for kind in kinds[:2]) or not all(kind <= {int, float} for kind in kinds[2:]):
        return None
    if sum(map(len, rows)) != len(rows) * rules.width and not _extras_are_fine(rows, rules):
        return None
    return np.array(columns, dtype=np.float64).T


def _extras_are_fine(rows: Sequence[dict[str, Any]], rules: Rules) -> bool:
    extras = set().union(*rows) - rules.required
    if not extras <= rules.ignored:
        return False
    kinds = {type(row.get(name)) for name in extras for row in rows}
    return kinds <= {int, float, type(None)}


def _each_key_once(places: Ints, values: Floats, rules: Rules) -> tuple[ValidRows, list[int]]:
    """Sorted by key; of rows with the same key the first one sent stays. Also the places of the others."""
    device_ids, timestamps_s = values[:, 0].astype(np.int64), values[:, 1].astype(np.int64)
    readings = Readings(device_ids, timestamps_s, dict(zip(rules.signal_names, values.T[2:], strict=True)))
    rows = ValidRows(places, readings)
    if (order := readings.order()) is not None:
        rows = rows.where(order)
    first = np.ones(len(rows), dtype=np.bool_)
    keys = rows.readings
    first[1:] = (keys.device_ids[1:] != keys.device_ids[:-1]) | (keys.timestamps_s[1:] != keys.timestamps_s[:-1])
    return rows.where(first), rows.places[~first].tolist()


def _explained(numbers: Sequence[int], rows: Sequence[Any], rules: Rules, latest_s: float) -> Iterator[RowError]:
    for number, row in zip(numbers, rows, strict=True):
        if row is REPEATED_FIELD:
            yield RowError(row=number, field="", code="repeated_field", message="a field comes more than once")
        elif row is NOT_JSON:
            yield RowError(row=number, field="", code="json_invalid", message="the line is not JSON")
        elif row is WRONG_WIDTH:
            yield RowError(row=number, field="", code="wrong_width", message="has more or fewer fields than the header")
        elif type(row) is not dict:
            yield RowError(row=number, field="", code="not_an_object", message="must be an object of named fields")
        else:
            for field, code, message in rules.complaints(row, latest_s):
                yield RowError(row=number, field=field, code=code, message=message)
