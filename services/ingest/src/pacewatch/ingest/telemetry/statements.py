"""The SQL that stores readings and audit rows: built from column names once, and cached.

Parameters of statements on readings: the columns of `parameters_of` first, one array each, then the rest.
"""

# ruff: noqa: S608 - column names come from the profile and from our code; every value is a parameter

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.readings import Readings


def insert_audit_row(columns: Iterable[str], first: int = 1) -> str:
    """INSERT of an audit row; its values are the parameters from `first` on, in the order of `columns`."""
    names = tuple(columns)
    return f"INSERT INTO ingest.batches ({', '.join(names)}) VALUES ({_placeholders(names, first)})"


def update_audit_row(columns: Iterable[str]) -> str:
    """UPDATE of the audit row with number $1; its values are the parameters from $2 on, in the order of `columns`."""
    names = tuple(columns)
    return f"UPDATE ingest.batches SET ({', '.join(names)}) = ({_placeholders(names, 2)}) WHERE number = $1"


@cache
def insert_batch(profile: Profile, audit_columns: tuple[str, ...]) -> str:
    """INSERT of readings and their audit row in one statement; parameters: readings, then the audit row."""
    audit_row = insert_audit_row(audit_columns, first=_first_after_readings(profile))
    return f"WITH batch AS ({audit_row} RETURNING number) {_insert(profile, '(SELECT number FROM batch)')}"


@cache
def insert_new_readings(profile: Profile) -> str:
    """INSERT of readings whose keys are not stored; parameters: readings, then the batch's number."""
    return f"{_insert(profile, _batch_number(profile))} ON CONFLICT DO NOTHING"


@cache
def select_duplicates(profile: Profile) -> str:
    """Which readings were stored by other batches, and with the same values; parameters as `insert_new_readings`.

    It is a statement of its own: its snapshot sees rows that were committed while the insert waited for them. It looks
    up key by key: for a join the planner might scan all readings.
    """
    stored, sent = (", ".join(f'{table}."{name}"' for name in profile.signal_names) for table in ("stored", "given"))
    return f"""
        WITH looked_up AS MATERIALIZED (
            SELECT place, (
                SELECT ({stored}) IS NOT DISTINCT FROM ({sent}) FROM ingest.readings AS stored
                WHERE stored.device_id = given.device_id AND stored.timestamp_s = given.timestamp_s
                    AND stored.batch_number <> {_batch_number(profile)}
            ) AS has_same_values
            FROM {_given(profile)}
        )
        SELECT place - 1 AS place, has_same_values FROM looked_up WHERE has_same_values IS NOT NULL
    """


def parameters_of(readings: Readings) -> list[str]:
    """The readings as parameters, one array literal a column."""
    return [
        _array_literal(column) for column in (readings.device_ids, readings.timestamps_s, *readings.signals.values())
    ]


def _array_literal(column: npt.NDArray[Any]) -> str:
    """Exact, and in a third of the time that the driver takes to encode the array element by element."""
    digits = orjson.dumps(np.ascontiguousarray(column), option=orjson.OPT_SERIALIZE_NUMPY)
    return "{" + digits[1:-1].decode() + "}"


def _insert(profile: Profile, number: str) -> str:
    """INSERT in the given order, so that concurrent batches wait for each other and never deadlock."""
    signals = ", ".join(f'"{name}"' for name in profile.signal_names)
    return f"""
        INSERT INTO ingest.readings (device_id, timestamp_s, {signals}, batch_number, changed_xid)
        SELECT device_id, timestamp_s, {signals}, {number}, (SELECT pg_current_xact_id()::text::bigint)
        FROM {_given(profile)}
        ORDER BY place
    """


def _given(profile: Profile) -> str:
    """The readings in the parameters, as rows."""
    signals = ", ".join(f"${number}::text::float8[]" for number in range(3, _first_after_readings(profile)))
    names = ", ".join(f'"{name}"' for name in profile.signal_names)
    rows = f"unnest($1::text::bigint[], $2::text::bigint[], {signals}) WITH ORDINALITY"
    return f"{rows} AS given (device_id, timestamp_s, {names}, place)"


def _batch_number(profile: Profile) -> str:
    return f"${_first_after_readings(profile)}::bigint"


def _first_after_readings(profile: Profile) -> int:
    """The number of the first parameter behind the readings: device, timestamp and signals come first."""
    return 3 + len(profile.signal_names)


def _placeholders(columns: Iterable[str], first: int) -> str:
    return ", ".join(f"${number}" for number, _ in enumerate(columns, first))
