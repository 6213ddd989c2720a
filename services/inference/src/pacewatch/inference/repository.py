"""Queries on devices, scores and activations: arrays in, one statement for a whole batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from pacewatch.contracts.models import ArtifactReference, ModelActivated
from pacewatch.inference.scoring import Score
from pacewatch.inference.windows import Keys, keys_of

# Falling back further than this, from a model that cannot be loaded to the one before, would hide a fault for weeks.
FALLBACKS = 3


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation as the registry told it; the highest sequence is the active model."""

    sequence: int
    version: str
    threshold: float
    artifact: ArtifactReference


@dataclass(frozen=True, slots=True)
class Origin:
    """What the scores of one batch share."""

    activation: Activation
    feature_hash: str
    batch_id: UUID
    scored_at: datetime


async def add_activation(connection: asyncpg.Connection, event: ModelActivated) -> bool:
    """Remember an activation; False if it was known."""
    query = """
        INSERT INTO inference.models (sequence, version, threshold, artifact, activated_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING sequence"""
    artifact = event.artifact.model_dump_json()
    row = (event.sequence, event.version, event.threshold, artifact, event.activated_at)
    return await connection.fetchrow(query, *row) is not None


async def activations(connection: asyncpg.Connection) -> list[Activation]:
    """The active model's activation and those before it, newest first; empty before the first."""
    query = "SELECT sequence, version, threshold, artifact::text FROM inference.models ORDER BY sequence DESC LIMIT $1"
    rows = await connection.fetch(query, FALLBACKS)
    return [Activation(row[0], row[1], row[2], ArtifactReference.model_validate_json(row[3])) for row in rows]


async def activations_by_version(connection: asyncpg.Connection) -> dict[str, Activation]:
    """An activation of every version that ever was active."""
    rows = await connection.fetch("SELECT sequence, version, threshold, artifact::text FROM inference.models")
    return {row[1]: Activation(row[0], row[1], row[2], ArtifactReference.model_validate_json(row[3])) for row in rows}


async def count_beyond_replay(connection: asyncpg.Connection, as_of: datetime, late_s: int) -> tuple[int, int]:
    """Scores up to `as_of` that cannot be computed again: with pruned windows, and without a `known_batch`."""
    query = """
        SELECT count(*) FILTER (WHERE p.timestamp_s <= d.newest_s - $2),
               count(*) FILTER (WHERE p.timestamp_s > d.newest_s - $2 AND p.known_batch IS NULL)
        FROM inference.predictions AS p JOIN inference.devices AS d USING (device_id) WHERE p.scored_at <= $1"""
    pruned, unnumbered = await connection.fetchrow(query, as_of, late_s)
    return pruned, unnumbered


async def replayable(connection: asyncpg.Connection, as_of: datetime, late_s: int) -> list[asyncpg.Record]:
    """The other scores up to `as_of`, superseded ones included, by model and by what they knew."""
    query = """
        SELECT p.device_id, p.timestamp_s, p.revision, p.risk, p.model_version, p.known_batch, p.superseded_at
        FROM inference.predictions AS p JOIN inference.devices AS d USING (device_id)
        WHERE p.scored_at <= $1 AND p.timestamp_s > d.newest_s - $2 AND p.known_batch IS NOT NULL
        ORDER BY p.model_version, p.known_batch, p.device_id, p.timestamp_s"""
    rows: list[asyncpg.Record] = await connection.fetch(query, as_of, late_s)
    return rows


async def lock_devices(
    connection: asyncpg.Connection, device_ids: Sequence[int], timestamps_s: Sequence[int]
) -> dict[int, int]:
    """Lock these devices until the transaction ends, and note their readings; device -> its newest Unix second.

    In the order of their ids: two batches that share devices wait for each other, and never both.
    """
    query = """
        INSERT INTO inference.devices (device_id, newest_s, considered_sequence)
        SELECT device_id, max(timestamp_s), (SELECT coalesce(max(sequence), 0) FROM inference.models)
        FROM unnest($1::bigint[], $2::bigint[]) AS batch (device_id, timestamp_s)
        GROUP BY device_id ORDER BY device_id
        ON CONFLICT (device_id) DO UPDATE SET newest_s = greatest(devices.newest_s, excluded.newest_s)
        RETURNING device_id, newest_s"""
    return dict(await connection.fetch(query, device_ids, timestamps_s))


async def lock_unconsidered(connection: asyncpg.Connection, sequence: int, limit: int) -> Keys:
    """Lock devices whose newest reading was last judged under an older activation; their newest readings, sorted."""
    query = """
        SELECT device_id, newest_s FROM inference.devices WHERE considered_sequence < $1
        ORDER BY device_id LIMIT $2 FOR UPDATE SKIP LOCKED"""
    return keys_of(await connection.fetch(query, sequence, limit))


async def depending_on(connection: asyncpg.Connection, earlier: Keys, span_s: int) -> Keys:
    """Readings to be scored, or that have a standing score, whose window of `span_s` holds one of the `earlier`."""
    query = """
        SELECT r.device_id, r.timestamp_s
        FROM unnest($1::bigint[], $2::bigint[]) AS e (device_id, timestamp_s)
        JOIN inference.readings AS r
          ON r.device_id = e.device_id AND r.timestamp_s > e.timestamp_s AND r.timestamp_s < e.timestamp_s + $3
        WHERE r.live OR EXISTS (
            SELECT FROM inference.predictions AS p
            WHERE p.device_id = r.device_id AND p.timestamp_s = r.timestamp_s AND p.superseded_at IS NULL
        )"""
    return keys_of(await connection.fetch(query, earlier.device_ids.tolist(), earlier.timestamps_s.tolist(), span_s))


async def add_predictions(connection: asyncpg.Connection, scores: Sequence[Score], origin: Origin) -> None:
    """Store scores; an earlier score of the same reading stays, superseded."""
    query = """
        WITH earlier AS (
            UPDATE inference.predictions AS p SET superseded_at = $7
            FROM unnest($1::bigint[], $2::bigint[]) AS s (device_id, timestamp_s)
            WHERE p.device_id = s.device_id AND p.timestamp_s = s.timestamp_s AND p.superseded_at IS NULL
            RETURNING p.device_id, p.timestamp_s, p.revision
        )
        INSERT INTO inference.predictions (
            device_id, timestamp_s, revision, risk, threshold, model_version, feature_hash, factors, batch_id,
            scored_at, known_batch
        )
        SELECT s.device_id, s.timestamp_s, coalesce(earlier.revision + 1, 0), s.risk, $5, $6, $8, s.factors, $9, $7,
               (SELECT last_value FROM inference.batch_numbers)
        FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::jsonb[])
          AS s (device_id, timestamp_s, risk, factors)
        LEFT JOIN earlier USING (device_id, timestamp_s)"""
    columns = zip(*((s.device_id, s.timestamp_s, s.risk, _json(s.factors)) for s in scores), strict=True)
    shared = (origin.activation.threshold, origin.activation.version, origin.scored_at, origin.feature_hash)
    await connection.execute(query, *map(list, columns), *shared, origin.batch_id)


async def set_current(connection: asyncpg.Connection, scores: Sequence[Score], origin: Origin) -> None:
    """Make these the risks of their devices; none, when a batch brought nothing but old readings."""
    if not scores:
        return
    query = """
        UPDATE inference.devices AS d
        SET risk = s.risk, level = s.level, scored_s = s.timestamp_s, threshold = $5, model_version = $6,
            scored_at = $7, considered_sequence = greatest(considered_sequence, $8)
        FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::text[]) AS s (device_id, timestamp_s, risk, level)
        WHERE d.device_id = s.device_id"""
    columns = zip(*((s.device_id, s.timestamp_s, s.risk, s.level) for s in scores), strict=True)
    activation = origin.activation
    shared = (activation.threshold, activation.version, origin.scored_at, activation.sequence)
    await connection.execute(query, *map(list, columns), *shared)


async def set_considered(connection: asyncpg.Connection, device_ids: Sequence[int], sequence: int) -> None:
    """Note that the newest readings of these devices were judged under this activation."""
    query = """
        UPDATE inference.devices SET considered_sequence = $2
        WHERE device_id = ANY($1::bigint[]) AND considered_sequence < $2"""
    await connection.execute(query, device_ids, sequence)


async def prune_readings(connection: asyncpg.Connection, keep_s: int, after: int, limit: int) -> int | None:
    """Forget what is `keep_s` older than its device's newest reading, for `limit` devices with ids over `after`.

    Returns the last of their ids, None when there are no more. By the device's own time and not the clock: a replay
    of old years keeps what it needs.
    """
    query = """
        WITH chosen AS (
            SELECT device_id, newest_s FROM inference.devices WHERE device_id > $2 ORDER BY device_id LIMIT $3
        ), pruned AS (
            DELETE FROM inference.readings AS r USING chosen
            WHERE r.device_id = chosen.device_id AND r.timestamp_s <= chosen.newest_s - $1
        )
        SELECT max(device_id) FROM chosen"""
    last: int | None = await connection.fetchval(query, keep_s, after, limit)
    return last


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
