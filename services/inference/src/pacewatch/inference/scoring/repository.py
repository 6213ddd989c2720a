"""Queries on scores and on the current risk of devices: arrays in, one statement for a whole batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import numpy as np

from pacewatch.contracts.risk import RiskLevel
from pacewatch.inference.models.repository import Activation
from pacewatch.inference.scoring import facts
from pacewatch.inference.scoring.scorer import Scores
from pacewatch.inference.windows.devices import LockedDevices
from pacewatch.kit.columns import binary_copy
from pacewatch.kit.columns.arrays import Bools
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.models.facts import Facts


@dataclass(frozen=True, slots=True)
class Origin:
    """What the scores of one batch share; they are based on the readings of batches up to `known_batch`."""

    activation: Activation
    feature_hash: str
    batch_id: UUID
    known_batch: int
    scored_at: datetime


async def depending_on(connection: asyncpg.Connection, earlier: Readings, window_s: int) -> Readings:
    """Keys of readings to score, or with a current score, whose window of `window_s` contains an `earlier` reading."""
    query = """
        SELECT r.device_id, r.timestamp_s
        FROM unnest($1::bigint[], $2::bigint[]) AS e (device_id, timestamp_s)
        JOIN inference.readings AS r
          ON r.device_id = e.device_id AND r.timestamp_s > e.timestamp_s AND r.timestamp_s < e.timestamp_s + $3
        WHERE r.live OR EXISTS (
            SELECT FROM inference.predictions AS p
            WHERE p.device_id = r.device_id AND p.timestamp_s = r.timestamp_s AND p.superseded_at IS NULL
        )"""
    rows = await connection.fetch(query, earlier.device_ids.tolist(), earlier.timestamps_s.tolist(), window_s)
    return Readings.of_pairs(rows)


async def unscored(
    connection: asyncpg.Connection, device_ids: Sequence[int], sequence: int, after_s: int, window_s: int
) -> tuple[Readings, Readings]:
    """Keys of readings to score of devices locked by `lock_to_score`, and those among them that may raise an alert.

    These are the newest reading of a device without any score, if it was last considered under an activation before
    `sequence`. Of a device with unscored readings also the newest one and those later than `after_s` that have no
    score, or a score that is older than a reading in their window. A reading may raise an alert if it was the newest of
    its device when it arrived.
    """
    query = """
        SELECT device_id, newest_s, true FROM inference.devices
        WHERE device_id = ANY($1::bigint[]) AND considered_sequence < $2 AND risk IS NULL
        UNION
        SELECT r.device_id, r.timestamp_s, r.live AND NOT EXISTS (
            SELECT FROM inference.readings AS earlier WHERE earlier.device_id = r.device_id
                AND earlier.timestamp_s > r.timestamp_s AND earlier.batch_number <= r.batch_number
        )
        FROM inference.devices AS d
        JOIN inference.readings AS r ON r.device_id = d.device_id AND r.timestamp_s >= d.unscored_since_s
            AND (r.timestamp_s > $3 OR r.timestamp_s = d.newest_s)
        LEFT JOIN inference.predictions AS p
            ON p.device_id = r.device_id AND p.timestamp_s = r.timestamp_s AND p.superseded_at IS NULL
        WHERE d.device_id = ANY($1::bigint[]) AND CASE WHEN p.device_id IS NULL THEN r.live ELSE EXISTS (
            SELECT FROM inference.readings AS unknown WHERE unknown.device_id = r.device_id
                AND unknown.timestamp_s > r.timestamp_s - $4 AND unknown.timestamp_s <= r.timestamp_s
                AND unknown.batch_number > p.known_batch
        ) END"""
    rows = await connection.fetch(query, device_ids, sequence, after_s, window_s)
    return Readings.of_pairs(row[:2] for row in rows), Readings.of_pairs(row[:2] for row in rows if row[2])


async def scored_before(
    connection: asyncpg.Connection, device_ids: Sequence[int], sequence: int
) -> tuple[Readings, list[RiskLevel | None]]:
    """The readings that the current risks of devices are about, and their levels, if considered before `sequence`.

    Sorted by device; only readings that are still stored.
    """
    query = """
        SELECT d.device_id, d.scored_s, d.level FROM inference.devices AS d
        JOIN inference.readings AS r ON r.device_id = d.device_id AND r.timestamp_s = d.scored_s
        WHERE d.device_id = ANY($1::bigint[]) AND d.considered_sequence < $2 AND d.risk IS NOT NULL
        ORDER BY d.device_id"""
    rows = await connection.fetch(query, device_ids, sequence)
    return Readings.of_pairs(row[:2] for row in rows), [row[2] and RiskLevel(row[2]) for row in rows]


async def add_predictions(
    connection: asyncpg.Connection, scores: Scores, about: Facts, origin: Origin, first: Bools
) -> None:
    """Store scores with the facts about them; an earlier score of the same reading stays, superseded.

    `first` marks scores of readings that this transaction stores: they have no earlier score to look for.
    """
    revisions = np.zeros(len(scores), dtype=np.int32)
    if not first.all():
        revisions[~first] = await _supersede(connection, scores.readings.where(~first), origin.scored_at)
    columns: dict[str, binary_copy.Column] = {
        "device_id": scores.readings.device_ids,
        "timestamp_s": scores.readings.timestamps_s,
        "revision": revisions,
        "risk": scores.risks,
        "threshold": binary_copy.double(scores.threshold),
        "verdict": scores.verdicts,
        "model_version": origin.activation.version.encode(),
        "feature_hash": origin.feature_hash.encode(),
        "facts": facts.to_stored(about),
        "batch_id": origin.batch_id.bytes,
        "scored_at": binary_copy.moment(origin.scored_at),
        "known_batch": binary_copy.bigint(origin.known_batch),
    }
    await binary_copy.into(connection, "inference", "predictions", len(scores), columns)


async def _supersede(connection: asyncpg.Connection, readings: Readings, at: datetime) -> list[int]:
    """Mark the current scores of these readings as superseded. Returns the revision of each reading's next score."""
    query = """
        UPDATE inference.predictions AS p SET superseded_at = $3
        FROM unnest($1::bigint[], $2::bigint[]) AS s (device_id, timestamp_s)
        WHERE p.device_id = s.device_id AND p.timestamp_s = s.timestamp_s AND p.superseded_at IS NULL
        RETURNING p.device_id, p.timestamp_s, p.revision + 1"""
    rows = await connection.fetch(query, readings.device_ids.tolist(), readings.timestamps_s.tolist(), at)
    next_revisions = {(device_id, second): revision for device_id, second, revision in rows}
    return [next_revisions.get(pair, 0) for pair in readings.pairs()]


async def set_current(connection: asyncpg.Connection, locked: LockedDevices, scores: Scores, origin: Origin) -> None:
    """Make these scores the risks of their devices, and store the devices' newest seconds and tokens."""
    if not len(scores):
        return
    query = """
        UPDATE inference.devices AS d
        SET newest_s = s.newest_s, window_token = s.token, risk = s.risk, level = s.level, decided_by = s.decided_by,
            scored_s = s.timestamp_s, threshold = $8, model_version = $9, scored_at = $10,
            considered_sequence = greatest(considered_sequence, $11)
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::float8[], $5::text[], $6::text[], $7::bigint[])
          AS s (device_id, newest_s, token, risk, level, decided_by, timestamp_s)
        WHERE d.device_id = s.device_id"""
    devices = locked.where(locked.positions(scores.readings.device_ids))
    of_devices = (devices.device_ids.tolist(), devices.newest_s.tolist(), devices.tokens.tolist())
    verdicts = scores.each_verdict()
    levels, deciders = [one.level for one in verdicts], [one.decided_by for one in verdicts]
    of_scores = (scores.risks.tolist(), levels, deciders, scores.readings.timestamps_s.tolist())
    activation = origin.activation
    shared = (activation.threshold, activation.version, origin.scored_at, activation.sequence)
    await connection.execute(query, *of_devices, *of_scores, *shared)


async def count_unverifiable(connection: asyncpg.Connection, as_of: datetime, late_s: int) -> tuple[int, int]:
    """Scores up to `as_of` that cannot be computed again: with pruned windows, and without a `known_batch`."""
    query = """
        SELECT count(*) FILTER (WHERE p.timestamp_s <= d.newest_s - $2),
               count(*) FILTER (WHERE p.timestamp_s > d.newest_s - $2 AND p.known_batch IS NULL)
        FROM inference.predictions AS p JOIN inference.devices AS d USING (device_id) WHERE p.scored_at <= $1"""
    pruned, unnumbered = await connection.fetchrow(query, as_of, late_s)
    return pruned, unnumbered


async def list_verifiable(connection: asyncpg.Connection, as_of: datetime, late_s: int) -> list[asyncpg.Record]:
    """All other scores up to `as_of`, superseded ones included, sorted by model, `known_batch` and threshold."""
    query = """
        SELECT p.device_id, p.timestamp_s, p.revision, p.risk, p.model_version, p.known_batch, p.threshold, p.verdict,
            p.facts, p.superseded_at
        FROM inference.predictions AS p JOIN inference.devices AS d USING (device_id)
        WHERE p.scored_at <= $1 AND p.timestamp_s > d.newest_s - $2 AND p.known_batch IS NOT NULL
        ORDER BY p.model_version, p.known_batch, p.threshold, p.device_id, p.timestamp_s"""
    rows: list[asyncpg.Record] = await connection.fetch(query, as_of, late_s)
    return rows
