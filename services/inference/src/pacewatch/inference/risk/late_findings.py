"""What late readings tell afterwards: risks that would have raised an alert, had the readings come in time.

Nothing is kept for it: scores are superseded and never deleted, and episodes say when alerts were raised. A finding is
a standing score at or above its threshold which nobody knew when it could have been acted on, because

- an earlier score of the same reading, by the same model, was below: only readings that came late can have raised it.
  It could have been known when the reading was first scored;
- or the reading itself came late, behind newer ones. It could have been known when it was measured.

A finding during an episode, or in the rest after one, would have raised nothing. Of several before one alert the first
counts. An alert that came more than `late_days` after is of another danger: later than that no reading is scored.
"""

# ruff: noqa: S608 - every value is a parameter

from datetime import timedelta
from typing import Any, Final

import asyncpg

from pacewatch.contracts.profile import Profile
from pacewatch.inference.settings import InferenceSettings

Row = dict[str, Any]

# `{whose}` and `{late}` are words of their own and no parameters, so that the planner sees which index they fit.
_FINDINGS: Final = """
    WITH found AS (
        SELECT high.device_id, high.timestamp_s, high.risk, high.threshold, high.model_version, told.known_at,
            CASE WHEN told.was_low THEN told.first_at ELSE to_timestamp(high.timestamp_s) END AS possible_at
        FROM inference.predictions AS high
        CROSS JOIN LATERAL (
            SELECT bool_or(risk < threshold) AS was_low, min(scored_at) AS first_at, min(revision) AS first_revision,
                min(scored_at) FILTER (WHERE risk >= threshold) AS known_at
            FROM inference.predictions AS same
            WHERE same.device_id = high.device_id AND same.timestamp_s = high.timestamp_s
                AND same.model_version = high.model_version AND same.threshold = high.threshold
        ) AS told
        WHERE high.risk >= high.threshold AND high.superseded_at IS NULL
            AND {whose}
            -- Spares most of them the looking up: what follows finds nothing else. The index `late_high_predictions`.
            AND (high.revision > 0 OR high.scored_at - to_timestamp(high.timestamp_s) >= {late})
            AND (told.was_low OR (
                told.first_revision = 0 AND told.known_at >= to_timestamp(high.timestamp_s) + $2::interval
                AND EXISTS (
                    SELECT FROM inference.predictions AS newer
                    WHERE newer.device_id = high.device_id AND newer.timestamp_s > high.timestamp_s
                        AND newer.scored_at <= told.known_at
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


async def page(
    connection: asyncpg.Connection,
    profile: Profile,
    settings: InferenceSettings,
    device_id: int | None,
    *,
    limit: int,
    offset: int,
) -> tuple[list[Row], int]:
    """Findings of one device or of all, the last to become known first, and how many there are."""
    spans = (timedelta(seconds=profile.late_after_s), timedelta(days=settings.cooldown_days))
    arguments = (device_id, *spans, timedelta(days=settings.late_days))
    whose = "$1::bigint IS NULL" if device_id is None else "high.device_id = $1"
    findings = _FINDINGS.format(whose=whose, late=f"interval '{profile.late_after_s} s'")
    query = f"""{findings}
        SELECT missed.*, extract(epoch FROM alerted_at - possible_at)::float8 / 3600 AS hours_earlier,
            count(*) OVER () AS total
        FROM missed ORDER BY known_at DESC, device_id, timestamp_s LIMIT $5 OFFSET $6"""
    rows = await connection.fetch(query, *arguments, limit, offset)
    behind_the_last = not rows and offset
    counted = f"{findings} SELECT count(*) FROM missed"
    total = await connection.fetchval(counted, *arguments) if behind_the_last else sum(row["total"] for row in rows[:1])
    return [
        dict(row) | {profile.device_field: row["device_id"], "timestamp": row["timestamp_s"]} for row in rows
    ], total
