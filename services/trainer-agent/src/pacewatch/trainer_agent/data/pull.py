"""Updates the cache with the platform's new and changed readings and labels, and compares the totals of both.

The watermark is a transaction id: the changes of every transaction below it were visible in the snapshot of the last
pull. So rows that committed late or out of order, late readings and changed labels all arrive; a timestamp or a
sequence would miss them.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import numpy as np
import polars as pl
import sqlalchemy as sa

from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.kit import logs
from pacewatch.kit.columns import binary_copy
from pacewatch.kit.columns.arrays import AnyArray, Labels
from pacewatch.kit.columns.binary_copy import BIGINT, DOUBLE, SMALLINT, NullInColumn
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.db import Database, driver
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.features.register import Register, Timeline
from pacewatch.trainer_agent.data import cache
from pacewatch.trainer_agent.data.explanation import explanation
from pacewatch.trainer_agent.data.source import ATTRIBUTES, FAILURES, READINGS
from pacewatch.trainer_agent.errors import CacheDamaged, SourceError

LABEL: Final = "CASE label WHEN 'positive' THEN 1 WHEN 'negative' THEN 0 WHEN 'censored' THEN -2 ELSE -1 END"
# A total that depends on which row has which label: it changes if two rows exchange their labels.
_KEY_HASH: Final = "((device_id & 1048575) * 1021 + (timestamp_s & 1073741823)) & 1048575"
_TOTALS: Final = f"""
SELECT count(*), coalesce(sum(timestamp_s), 0), coalesce(sum(device_id), 0),
    count(*) FILTER (WHERE label = 'positive'), count(*) FILTER (WHERE label = 'negative'),
    count(*) FILTER (WHERE label = 'censored'), coalesce(sum(({_KEY_HASH}) * ({LABEL} + 3)), 0)
FROM {READINGS}
"""  # noqa: S608 - our own name

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Pulled:
    """Every reading, by device and time; labels 1 positive, 0 negative, -1 neither. `fetched`: new and changed rows."""

    readings: Readings
    labels: Labels
    failures: Failures
    register: Register
    fetched: int
    rebuilt: bool


async def pull(source: Database, profile: Profile, root: Path) -> Pulled:
    """The platform's current readings, labels, failures and register of devices. SourceError if they cannot be used."""
    async with source.transaction("trainer_agent") as session:
        await session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        connection = await driver(session)
        try:
            folder = root / await _fingerprint(connection, profile)
            with cache.locked(folder):
                rows, fetched, rebuilt = await _refresh(connection, profile, folder)
            failures = await _failures(connection)
            register = await _register(connection, profile)
        except asyncpg.UndefinedTableError as error:
            raise SourceError(f"{error}; has the ingest service been migrated?") from error
    return _pulled(rows, profile, failures, register, fetched, rebuilt)


async def _refresh(connection: asyncpg.Connection, profile: Profile, folder: Path) -> tuple[pl.DataFrame, int, bool]:
    """All rows, how many were fetched, and whether the cache was rebuilt."""
    expected = tuple(int(value) for value in await connection.fetchrow(_TOTALS))
    state = cache.load_state(folder)
    try:
        rows, fetched = await _fetch_changes(connection, profile, folder, state)
        if _totals(rows) == expected:
            return rows, fetched, state == cache.EMPTY
        reason = "its totals differ from the database's"
    except CacheDamaged as error:
        reason = str(error)
    log.warning("trainer_cache_rebuilt", reason=reason)
    rows, fetched = await _fetch_changes(connection, profile, folder, cache.EMPTY)
    if _totals(rows) != expected:
        raise SourceError(f"{READINGS} has {expected[0]} rows but {len(rows)} distinct ones were fetched")
    return rows, fetched, True


async def _fetch_changes(
    connection: asyncpg.Connection, profile: Profile, folder: Path, state: cache.State
) -> tuple[pl.DataFrame, int]:
    watermark = int(await connection.fetchval("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
    columns = dict.fromkeys(cache.KEY, BIGINT) | dict.fromkeys(profile.signal_names, DOUBLE)
    selected = ", ".join([*(f'"{name}"' for name in columns), f"({LABEL})::smallint"])
    query = f"SELECT {selected} FROM {READINGS} WHERE changed_xid >= $1"  # noqa: S608 - names come from the profile
    try:
        fetched = await binary_copy.fetch(connection, query, columns | {"label": SMALLINT}, state.watermark)
    except NullInColumn as error:
        raise SourceError(f"{READINGS}: {error}") from error
    changed = pl.DataFrame(fetched)
    changed = changed.with_columns(pl.col("label").cast(pl.Int8))
    return cache.read(folder, cache.upsert(folder, state, changed, watermark, explanation(profile))), len(changed)


async def _fingerprint(connection: asyncpg.Connection, profile: Profile) -> str:
    """A folder name for this database and these columns: another fleet or a restored copy has its own cache."""
    database = await connection.fetchrow(
        "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "FROM pg_control_system()"
    )
    content = f"{cache.FORMAT} {database['system_identifier']} {database['oid']} {','.join(profile.signal_names)}"
    return f"{profile.name}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


async def _failures(connection: asyncpg.Connection) -> Failures:
    rows = await connection.fetch(
        f"SELECT device_id, occurred_at_s, mode FROM {FAILURES} ORDER BY device_id, occurred_at_s, mode"  # noqa: S608
    )
    device_ids, occurred_at_s, modes = zip(*rows, strict=True) if rows else ((), (), ())
    return Failures(np.array(device_ids, dtype=np.int64), np.array(occurred_at_s, dtype=np.int64), tuple(modes))


async def _register(connection: asyncpg.Connection, profile: Profile) -> Register:
    """The values of all attributes of the profile. They are far fewer than readings, so none is cached."""
    columns = ", ".join(f"array_agg({name})" for name in ("device_id", "valid_from_s", "as_text", "as_number"))
    query = f"""
        SELECT attribute, {columns} FROM {ATTRIBUTES}
        WHERE attribute = ANY($1::text[]) GROUP BY attribute ORDER BY attribute"""  # noqa: S608 - our own names
    kinds = {attribute.name: attribute.kind for attribute in profile.attributes}
    register = {}
    for name, device_ids, valid_from_s, texts, numbers in await connection.fetch(query, list(kinds)):
        values = np.array(texts, np.str_) if kinds[name] is AttributeKind.TEXT else np.array(numbers, np.float64)
        register[name] = Timeline.of(np.array(device_ids, np.int64), np.array(valid_from_s, np.int64), values)
    return register


def _totals(rows: pl.DataFrame) -> tuple[int, ...]:
    if rows.is_empty():
        return (0,) * 7
    labels, device_id, timestamp_s = (rows[name].to_numpy() for name in ("label", "device_id", "timestamp_s"))
    key_hash = ((device_id & 1_048_575) * 1_021 + (timestamp_s & 1_073_741_823)) & 1_048_575
    counts = (int((labels == value).sum()) for value in (1, 0, -2))
    by_row = int((key_hash * (labels.astype(np.int64) + 3)).sum())
    return (len(rows), int(timestamp_s.sum()), int(device_id.sum()), *counts, by_row)


def _pulled(
    rows: pl.DataFrame, profile: Profile, failures: Failures, register: Register, fetched: int, rebuilt: bool
) -> Pulled:
    if rows.is_empty():
        raise SourceError("there are no readings yet; send telemetry first")
    columns: dict[str, AnyArray] = {name: rows[name].to_numpy() for name in rows.columns}
    return Pulled(
        Readings(columns["device_id"], columns["timestamp_s"], {name: columns[name] for name in profile.signal_names}),
        np.maximum(columns["label"], np.int8(-1)),
        failures,
        register,
        fetched,
        rebuilt,
    )
