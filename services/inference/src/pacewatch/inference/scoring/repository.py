"""Queries on devices, scores and activations: arrays in, one statement for a whole batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import numpy as np

from pacewatch.contracts.models import ArtifactReference, ModelActivated
from pacewatch.inference.scoring.contributions import packed
from pacewatch.inference.scoring.scorer import Scores
from pacewatch.inference.windows.loader import Locked
from pacewatch.inference.windows.readings import Keys, keys_of
from pacewatch.kit.columns import binary_copy
from pacewatch.kit.columns.arrays import Bools
from pacewatch.ml.models.factors import TopContributions

# Locks nothing unless every device has a row.
_LOCK = """
    SELECT device_id, newest_s, window_token FROM inference.devices
    WHERE device_id = ANY($1::bigint[])
      AND (SELECT count(*) FROM inference.devices WHERE device_id = ANY($1::bigint[])) = $2
    ORDER BY device_id FOR UPDATE"""
_LOCK_OR_ADD = """
    INSERT INTO inference.devices (device_id, newest_s, considered_sequence)
    SELECT device_id, max(timestamp_s), (SELECT coalesce(max(sequence), 0) FROM inference.models)
    FROM unnest($1::bigint[], $2::bigint[]) AS batch (device_id, timestamp_s)
    GROUP BY device_id ORDER BY device_id
    ON CONFLICT (device_id) DO UPDATE SET newest_s = greatest(devices.newest_s, excluded.newest_s)
    RETURNING device_id, newest_s, window_token"""

_COLUMNS = """
    WITH locked AS ({}) SELECT array_agg(device_id), array_agg(newest_s), array_agg(window_token) FROM locked"""

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
    """What the scores of one batch share; they know the readings of batches up to `known_batch`."""

    activation: Activation
    feature_hash: str
    batch_id: UUID
    known_batch: int
    scored_at: datetime


async def add_activation(connection: asyncpg.Connection, event: ModelActivated) -> bool:
    """Remember an activation; False if it was known."""
    query = """
        INSERT INTO inference.models (sequence, version, threshold, artifact, activated_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING sequence"""
    artifact = event.artifact.model_dump_json()
    row = (event.sequence, event.version, event.threshold, artifact, event.activated_at)
    return await connection.fetchrow(query, *row) is not None


async def activations(connection: asyncpg.Connection, known: dict[str, Activation]) -> list[Activation]:
    """The active model's activation and those before it, newest first; empty before the first.

    `known` are those that were read before, by sequence and version: an activation never changes, and its manifest is
    long.
    """
    query = "SELECT sequence, version FROM inference.models ORDER BY sequence DESC LIMIT $1"
    names = {f"{row[0]} {row[1]}": row[0] for row in await connection.fetch(query, FALLBACKS)}
    if unread := [sequence for name, sequence in names.items() if name not in known]:
        query = "SELECT sequence, version, threshold, artifact::text FROM inference.models WHERE sequence = ANY($1)"
        known |= {f"{row[0]} {row[1]}": _activation(row) for row in await connection.fetch(query, unread)}
    return [known[name] for name in names]


async def activations_by_version(connection: asyncpg.Connection) -> dict[str, Activation]:
    """An activation of every version that ever was active."""
    rows = await connection.fetch("SELECT sequence, version, threshold, artifact::text FROM inference.models")
    return {row[1]: _activation(row) for row in rows}


def _activation(row: asyncpg.Record) -> Activation:
    return Activation(row[0], row[1], row[2], ArtifactReference.model_validate_json(row[3]))


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


async def lock_devices(connection: asyncpg.Connection, readings: Keys) -> Locked:
    """Lock the devices of these readings until the transaction ends; their tokens are as found.

    In the order of their ids: two batches that share devices wait for each other, and never both. Devices that were
    never heard of get their row on the way, and then all rows are written, because locks are taken in one order only.
    """
    device_ids = np.unique(readings.device_ids)
    known = device_ids.tolist()
    locked = await _locked(connection, _LOCK, known, len(known))
    if not len(locked.device_ids):
        columns = (readings.device_ids.tolist(), readings.timestamps_s.tolist())
        locked = await _locked(connection, _LOCK_OR_ADD, *columns)
    return locked


async def lock_unconsidered(connection: asyncpg.Connection, sequence: int, limit: int) -> Locked:
    """Lock devices whose newest reading was last judged under an older activation."""
    query = """
        SELECT device_id, newest_s, window_token FROM inference.devices WHERE considered_sequence < $1
        ORDER BY device_id LIMIT $2 FOR UPDATE SKIP LOCKED"""
    return await _locked(connection, query, sequence, limit)


async def _locked(connection: asyncpg.Connection, query: str, *arguments: object) -> Locked:
    """Devices that a query locks, by id; their columns in one row, because a thousand rows cost as many objects."""
    columns = await connection.fetchrow(_COLUMNS.format(query), *arguments)
    table = np.array([column or [] for column in columns], dtype=np.int64)
    device_ids, newest_s, tokens = table[:, np.argsort(table[0])]
    return Locked(device_ids, newest_s, tokens, tokens)


async def next_batch(connection: asyncpg.Connection) -> int:
    """The number of a batch whose devices are locked: higher than that of any with a reading of these."""
    number: int = await connection.fetchval("SELECT nextval('inference.batch_numbers')")
    return number


async def last_batch(connection: asyncpg.Connection) -> int:
    """The highest number so far."""
    number: int = await connection.fetchval("SELECT last_value FROM inference.batch_numbers")
    return number


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


async def add_predictions(
    connection: asyncpg.Connection, scores: Scores, reasons: TopContributions, origin: Origin, first: Bools
) -> None:
    """Store scores with their reasons; an earlier score of the same reading stays, superseded.

    `first` marks the scores of readings that were stored just now: there is no earlier one to be looked for.
    """
    revisions = np.zeros(len(scores), dtype=np.int32)
    if not first.all():
        revisions[~first] = await _supersede(connection, scores.keys.where(~first), origin.scored_at)
    columns: dict[str, binary_copy.Column] = {
        "device_id": scores.keys.device_ids,
        "timestamp_s": scores.keys.timestamps_s,
        "revision": revisions,
        "risk": scores.risks,
        "threshold": binary_copy.double(scores.threshold),
        "model_version": origin.activation.version.encode(),
        "feature_hash": origin.feature_hash.encode(),
        "reasons": packed(reasons),
        "batch_id": origin.batch_id.bytes,
        "scored_at": binary_copy.moment(origin.scored_at),
        "known_batch": binary_copy.bigint(origin.known_batch),
    }
    await binary_copy.into(connection, "inference", "predictions", len(scores), columns)


async def _supersede(connection: asyncpg.Connection, keys: Keys, at: datetime) -> list[int]:
    """Mark the standing scores of these readings; the revision that each reading's next score has."""
    query = """
        UPDATE inference.predictions AS p SET superseded_at = $3
        FROM unnest($1::bigint[], $2::bigint[]) AS s (device_id, timestamp_s)
        WHERE p.device_id = s.device_id AND p.timestamp_s = s.timestamp_s AND p.superseded_at IS NULL
        RETURNING p.device_id, p.timestamp_s, p.revision + 1"""
    rows = await connection.fetch(query, keys.device_ids.tolist(), keys.timestamps_s.tolist(), at)
    following = {(device_id, second): revision for device_id, second, revision in rows}
    return [following.get(key, 0) for key in keys.pairs()]


async def set_current(connection: asyncpg.Connection, locked: Locked, scores: Scores, origin: Origin) -> None:
    """Make these the risks of their devices, and note what is known of those; none, when all readings were old."""
    if not len(scores):
        return
    query = """
        UPDATE inference.devices AS d
        SET newest_s = s.newest_s, window_token = s.token, risk = s.risk, level = s.level, scored_s = s.timestamp_s,
            threshold = $7, model_version = $8, scored_at = $9, considered_sequence = greatest(considered_sequence, $10)
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::float8[], $5::text[], $6::bigint[])
          AS s (device_id, newest_s, token, risk, level, timestamp_s)
        WHERE d.device_id = s.device_id"""
    own = locked.where(locked.places(scores.keys.device_ids))
    noted = (own.device_ids.tolist(), own.newest_s.tolist(), own.tokens.tolist())
    scored = (scores.risks.tolist(), scores.levels, scores.keys.timestamps_s.tolist())
    activation = origin.activation
    shared = (activation.threshold, activation.version, origin.scored_at, activation.sequence)
    await connection.execute(query, *noted, *scored, *shared)


async def note(connection: asyncpg.Connection, locked: Locked) -> None:
    """Note the newest readings and the tokens of devices."""
    if not len(locked.device_ids):
        return
    query = """
        UPDATE inference.devices AS d SET newest_s = s.newest_s, window_token = s.token
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS s (device_id, newest_s, token)
        WHERE d.device_id = s.device_id AND (d.newest_s, d.window_token) <> (s.newest_s, s.token)"""
    columns = (locked.device_ids, locked.newest_s, locked.tokens)
    await connection.execute(query, *(column.tolist() for column in columns))


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
