"""Late findings: scores that would have raised an alert, or an earlier one, if late readings had arrived in time.

They need no table of their own: superseded scores are never deleted, and episodes say when alerts were raised. A late
finding is a current score at or above its threshold that was not available when it could have been acted on, because

- an earlier score of the same reading by the same model is below the threshold: only late readings can have raised it.
  It was possible when the reading was first scored;
- or the reading itself arrived late, after newer readings. It was possible when the reading was measured.

A crossing of a hard limit alone is none: such a value lasts, and the newest reading has it as well.

A late finding during an episode, or in the cooldown after one, would have raised nothing. Of several before one alert
only the first counts. An alert more than `late_days` after is about another danger: no reading is scored that late.
"""

# ruff: noqa: S608 - every value is a parameter

from datetime import timedelta
from typing import Any, Final

import asyncpg

from pacewatch.contracts.profile import Profile
from pacewatch.inference.scoring.levels import Verdict
from pacewatch.inference.settings import InferenceSettings

Row = dict[str, Any]

# `{of_device}` and `{late}` are part of the text and not parameters, so that the planner sees which index fits.
_FINDINGS: Final = """
    WITH found AS (
        SELECT high.device_id, high.timestamp_s, high.risk, high.threshold, high.model_version, scored.known_at,
            CASE WHEN scored.was_low THEN scored.first_at ELSE to_timestamp(high.timestamp_s) END AS possible_at
        FROM inference.predictions AS high
        CROSS JOIN LATERAL (
            SELECT bool_or(risk < threshold OR verdict < {high}) AS was_low, min(scored_at) AS first_at,
                min(revision) AS first_revision,
                min(scored_at) FILTER (WHERE risk >= threshold AND coalesce(verdict, {high}) >= {high}) AS known_at
            FROM inference.predictions AS same
            WHERE same.device_id = high.device_id AND same.timestamp_s = high.timestamp_s
                AND same.model_version = high.model_version AND same.threshold = high.threshold
        ) AS scored
        WHERE high.risk >= high.threshold AND coalesce(high.verdict, {high}) >= {high} AND high.superseded_at IS NULL
            AND {of_device}
            -- Changes no result and excludes most scores before the lookups below: the index `late_high_predictions`.
            AND (high.revision > 0 OR high.scored_at - to_timestamp(high.timestamp_s) >= {late})
            AND (scored.was_low OR (
                scored.first_revision = 0 AND scored.known_at >= to_timestamp(high.timestamp_s) + $2::interval
                AND EXISTS (
                    SELECT FROM inference.predictions AS newer
                    WHERE newer.device_id = high.device_id AND newer.timestamp_s > high.timestamp_s
                        AND newer.scored_at <= scored.known_at
                )
            ))
    ), missed AS (
        SELECT DISTINCT ON (device_id, alert_id) found.*, alert.alert_id, alert.alerted_at
        FROM found
        LEFT JOIN LATERAL (
            SELECT id AS alert_id, opened_at AS alerted_at FROM inference.episodes AS episode
            WHERE episode.device_id = found.device_id AND opened_at > possible_at
                AND opened_at <= possible_at + $4::interval
            ORDER BY opened_at LIMIT 1
        ) AS alert ON true
        WHERE NOT EXISTS (
            SELECT FROM inference.episodes AS episode
            WHERE episode.device_id = found.device_id AND opened_at <= possible_at
                AND (closed_at IS NULL OR closed_at + $3::interval > possible_at)
        )
        ORDER BY device_id, alert_id, possible_at, timestamp_s
    )"""


async def list_late_findings(
    connection: asyncpg.Connection,
    profile: Profile,
    settings: InferenceSettings,
    device_id: int | None,
    *,
    limit: int,
    offset: int,
) -> tuple[list[Row], int]:
    """Late findings of one device or of all, the latest to become known first, and how many there are."""
    intervals = (timedelta(seconds=profile.late_after_s), timedelta(days=settings.cooldown_days))
    arguments = (device_id, *intervals, timedelta(days=settings.late_days))
    of_device = "$1::bigint IS NULL" if device_id is None else "high.device_id = $1"
    late = f"interval '{profile.late_after_s} s'"
    findings = _FINDINGS.format(of_device=of_device, late=late, high=int(Verdict.HIGH))
    query = f"""{findings}
        SELECT missed.*, extract(epoch FROM alerted_at - possible_at)::float8 / 3600 AS hours_earlier,
            count(*) OVER () AS total
        FROM missed ORDER BY known_at DESC, device_id, timestamp_s LIMIT $5 OFFSET $6"""
    rows = await connection.fetch(query, *arguments, limit, offset)
    if rows:
        total = rows[0]["total"]
    else:  # perhaps a page after the last
        total = await connection.fetchval(f"{findings} SELECT count(*) FROM missed", *arguments) if offset else 0
    return [
        dict(row)
        | {profile.device_field: row["device_id"], "timestamp": row["timestamp_s"], "measured_at": row["timestamp_s"]}
        for row in rows
    ], total
