"""Queries on risks and predictions for the API; they change nothing."""

# ruff: noqa: S608 - column names come from the profile; every value is a parameter

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.risk import RiskLevel
from pacewatch.inference.models import repository as models
from pacewatch.inference.scoring.facts import FOREIGN_MANIFEST, factors_of, sums_of
from pacewatch.inference.scoring.levels import Verdict, stored_verdict
from pacewatch.ml.features.compute import feature_set_hash

Row = dict[str, Any]
HISTORY = 90
"""How many predictions are listed with a device."""

# A device's current risk, with its reading and its contributions. `{chosen}` is the query that chooses the devices.
_CURRENT = """
    SELECT d.device_id, d.risk, d.level, CASE WHEN d.level IS NOT NULL THEN coalesce(d.decided_by, 'model') END
           AS decided_by, d.scored_s AS timestamp, d.model_version, d.threshold, d.scored_at,
           p.verdict, p.facts, p.reasons, {foreign}, {columns}
    FROM ({chosen}) AS d
    LEFT JOIN inference.readings AS r ON r.device_id = d.device_id AND r.timestamp_s = d.scored_s
    LEFT JOIN inference.predictions AS p
      ON p.device_id = d.device_id AND p.timestamp_s = d.scored_s AND p.superseded_at IS NULL
    ORDER BY {order}"""
# By level first: a hard limit makes a device high at any risk.
_ORDER = "array_position(ARRAY['high', 'elevated', 'normal'], {0}level), {0}risk DESC, {0}device_id"

# A device is silent if its newest reading is older than the fleet's newest by more than the horizon: the time that its
# last score is about is over. Not by the clock, so that a history that is loaded years later has a risk list, too.
_SILENT = "newest_s < (SELECT max(newest_s) FROM inference.devices) - $1"
# The devices without a level whose newest score says that they settle.
_SETTLING = f"""
    SELECT count(*) FROM inference.devices AS d JOIN inference.predictions AS p
      ON p.device_id = d.device_id AND p.timestamp_s = d.scored_s AND p.superseded_at IS NULL
    WHERE d.level IS NULL AND d.risk IS NOT NULL AND p.verdict = $2 AND NOT d.{_SILENT}"""


async def list_risks(
    connection: asyncpg.Connection, profile: Profile, level: RiskLevel | None, *, silent: bool, limit: int, offset: int
) -> tuple[list[Row], int]:
    """Scored devices, the most urgent first, and how many there are; silent devices only on request."""
    having = f"risk IS NOT NULL AND ($2::text IS NULL OR level = $2) AND ($3 OR NOT {_SILENT})"
    chosen = f"""
        SELECT * FROM inference.devices WHERE {having} ORDER BY {_ORDER.format("")} LIMIT $4 OFFSET $5"""
    arguments = (profile.label.horizon_s, level, silent)
    rows = await connection.fetch(_current(profile, chosen), *arguments, limit, offset)
    total = await connection.fetchval(f"SELECT count(*) FROM inference.devices WHERE {having}", *arguments)
    return await _risks(connection, profile, rows), total


async def get_risk(connection: asyncpg.Connection, profile: Profile, device_id: int) -> Row | None:
    """One device's current risk; None if it has none."""
    chosen = "SELECT * FROM inference.devices WHERE device_id = $1 AND risk IS NOT NULL"
    risks = await _risks(connection, profile, await connection.fetch(_current(profile, chosen), device_id))
    return risks[0] if risks else None


async def has_readings(connection: asyncpg.Connection, device_id: int) -> bool:
    """Whether a reading of this device was ever stored."""
    query = "SELECT EXISTS (SELECT FROM inference.devices WHERE device_id = $1)"
    return bool(await connection.fetchval(query, device_id))


async def get_open_episode(connection: asyncpg.Connection, device_id: int) -> Row | None:
    """The open episode of this device; None if there is none."""
    query = """
        SELECT id, kind, risk, coalesce(decided_by, 'model') AS decided_by, opened_at FROM inference.episodes
        WHERE device_id = $1 AND closed_at IS NULL ORDER BY opened_at LIMIT 1"""
    row = await connection.fetchrow(query, device_id)
    return None if row is None else dict(row)


async def list_predictions(
    connection: asyncpg.Connection,
    profile: Profile,
    device_id: int,
    span_s: tuple[int, int],
    *,
    superseded: bool = False,
    limit: int = HISTORY,
    offset: int = 0,
) -> tuple[list[Row], int]:
    """Scores of one device's readings within `span_s` (both ends included), newest first, and how many there are."""
    having = "device_id = $1 AND timestamp_s BETWEEN $2 AND $3 AND ($4 OR superseded_at IS NULL)"
    query = f"""
        SELECT device_id, timestamp_s AS timestamp, revision, risk, verdict, threshold, model_version, feature_hash,
               facts, reasons, {FOREIGN_MANIFEST.format(hash="$7")}, batch_id, scored_at, superseded_at
        FROM inference.predictions AS p WHERE {having}
        ORDER BY timestamp_s DESC, revision DESC LIMIT $5 OFFSET $6"""
    arguments = (device_id, *span_s, superseded)
    rows = await connection.fetch(query, *arguments, limit, offset, feature_set_hash(profile))
    total = await connection.fetchval(f"SELECT count(*) FROM inference.predictions WHERE {having}", *arguments)
    return [_prediction(profile, row) for row in rows], total


async def summarize_risks(connection: asyncpg.Connection, profile: Profile) -> Row:
    """Counts over the fleet, and the active model."""
    groups = f"CASE WHEN {_SILENT} THEN 'silent' WHEN risk IS NULL THEN 'unscored' ELSE level END"
    query = f"SELECT {groups}, count(*) FROM inference.devices GROUP BY 1"
    counts: Mapping[str | None, int] = dict(await connection.fetch(query, profile.label.horizon_s))
    settling = await connection.fetchval(_SETTLING, profile.label.horizon_s, Verdict.SETTLING)
    query = "SELECT version, threshold, moves_up, moves_down FROM inference.models ORDER BY sequence DESC LIMIT 1"
    active = await connection.fetchrow(query)
    return {
        "model_version": active and active["version"],
        "threshold": active and active["threshold"],
        "levels": {level: counts.get(level, 0) for level in RiskLevel},
        "moves": None if active is None or active["moves_up"] is None else {"up": active[2], "down": active[3]},
        "unscored": counts.get("unscored", 0),
        "not_enough_history": counts.get(None, 0) - settling,
        "settling": settling,
        "silent": counts.get("silent", 0),
        "open_episodes": await connection.fetchval("SELECT count(*) FROM inference.episodes WHERE closed_at IS NULL"),
        "scored_at": await connection.fetchval("SELECT max(scored_at) FROM inference.devices"),
    }


def _current(profile: Profile, chosen: str) -> str:
    foreign = FOREIGN_MANIFEST.format(hash=f"'{feature_set_hash(profile)}'")
    columns = ", ".join(f'r."{name}"' for name in profile.signal_names)
    return _CURRENT.format(chosen=chosen, foreign=foreign, columns=columns, order=_ORDER.format("d."))


async def _risks(connection: asyncpg.Connection, profile: Profile, rows: Sequence[asyncpg.Record]) -> list[Row]:
    """Rows of `_CURRENT`, as the API names their columns."""
    rates = await models.base_rates(connection, list({row["model_version"] for row in rows}))
    return [_risk(profile, row, rates.get(row["model_version"])) for row in rows]


def _risk(profile: Profile, row: asyncpg.Record, base_rate: float | None) -> Row:
    names = profile.signal_names
    risk = {key: value for key, value in row.items() if key not in names}
    signals = {name: row[name] for name in names if row[name] is not None}
    return risk | {
        profile.device_field: row["device_id"],
        "measured_at": row["timestamp"],
        "relative_risk": row["risk"] / base_rate if base_rate else None,
        "no_level": None if row["level"] else stored_verdict(row["verdict"], row["risk"], row["threshold"]).no_level,
        "signals": signals,
        "factors": factors_of(profile, row),
        "contributions": sums_of(profile, row),
    }


def _prediction(profile: Profile, row: asyncpg.Record) -> Row:
    verdict = stored_verdict(row["verdict"], row["risk"], row["threshold"])
    return dict(row) | {
        profile.device_field: row["device_id"],
        "measured_at": row["timestamp"],
        "level": verdict.level,
        "no_level": verdict.no_level,
        "decided_by": verdict.decided_by,
        "factors": factors_of(profile, row),
    }
