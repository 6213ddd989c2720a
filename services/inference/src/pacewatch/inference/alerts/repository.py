"""Queries on episodes: at most one of a device and kind is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from pacewatch.contracts.alerts import AlertCleared, AlertKind, AlertRaised
from pacewatch.contracts.risk import DecidedBy
from pacewatch.inference.alerts.rules import Episode

KIND = AlertKind.FAILURE_RISK


@dataclass(frozen=True, slots=True)
class Opening:
    """An episode to open, with the score that is high and what decided that."""

    device_id: int
    timestamp_s: int
    risk: float
    decided_by: DecidedBy


@dataclass(frozen=True, slots=True)
class Closing:
    """An episode to close, with the risk that fell below the hysteresis."""

    id: UUID
    device_id: int
    risk: float


async def latest_episodes(connection: asyncpg.Connection, device_ids: Sequence[int]) -> Mapping[int, Episode]:
    """The latest episode of each of these devices that has one."""
    query = """
        SELECT DISTINCT ON (device_id) device_id, id, closed_at, coalesce(danger_s, timestamp_s), decided_by
        FROM inference.episodes
        WHERE device_id = ANY($1::bigint[]) AND kind = $2 ORDER BY device_id, closed_at DESC NULLS FIRST"""
    rows = await connection.fetch(query, device_ids, KIND)
    return {row[0]: Episode(row[1], row[2], row[3], by_limit=row[4] == DecidedBy.LIMIT) for row in rows}


async def open_episodes(
    connection: asyncpg.Connection, openings: Sequence[Opening], *, threshold: float, version: str, now: datetime
) -> dict[int, UUID]:
    """Open episodes. Returns device -> id of those that were opened: a device with an open episode keeps that one."""
    query = """
        INSERT INTO inference.episodes
            (id, device_id, kind, risk, threshold, model_version, timestamp_s, opened_at, decided_by)
        SELECT o.id, o.device_id, $6, o.risk, $7, $8, o.timestamp_s, $9, o.decided_by
        FROM unnest($1::uuid[], $2::bigint[], $3::float8[], $4::bigint[], $5::text[])
            AS o (id, device_id, risk, timestamp_s, decided_by)
        ORDER BY o.device_id
        ON CONFLICT (device_id, kind) WHERE closed_at IS NULL DO NOTHING RETURNING device_id, id"""
    rows = ((uuid4(), one.device_id, one.risk, one.timestamp_s, one.decided_by) for one in openings)
    columns = zip(*rows, strict=True)
    return dict(await connection.fetch(query, *map(list, columns), KIND, threshold, version, now))


async def note_dangers(connection: asyncpg.Connection, dangers: Mapping[UUID, int]) -> None:
    """Store the time of the newest reading of open episodes that was a danger."""
    query = """
        UPDATE inference.episodes AS e SET danger_s = d.danger_s
        FROM unnest($1::uuid[], $2::bigint[]) AS d (id, danger_s)
        WHERE e.id = d.id AND e.closed_at IS NULL"""
    await connection.execute(query, list(dangers), list(dangers.values()))


async def keep_events(connection: asyncpg.Connection, events: Sequence[AlertRaised]) -> None:
    """Store the events of episodes that were opened, so that they can be published again."""
    query = """
        UPDATE inference.episodes AS e SET raised = r.event FROM unnest($1::uuid[], $2::jsonb[]) AS r (id, event)
        WHERE e.id = r.id"""
    await connection.execute(query, [one.alert_id for one in events], [one.model_dump_json() for one in events])


async def raised_since(connection: asyncpg.Connection, since: datetime) -> list[AlertRaised]:
    """The stored events of episodes opened since then, oldest first."""
    query = """
        SELECT raised::text FROM inference.episodes WHERE opened_at >= $1 AND raised IS NOT NULL ORDER BY opened_at"""
    return [AlertRaised.model_validate_json(row[0]) for row in await connection.fetch(query, since)]


async def cleared_since(connection: asyncpg.Connection, since: datetime) -> list[AlertCleared]:
    """The events of episodes closed since then whose opening is stored, oldest first."""
    query = """
        SELECT id AS alert_id, device_id, closing_risk AS risk, closed_at AS cleared_at FROM inference.episodes
        WHERE closed_at >= $1 AND raised IS NOT NULL ORDER BY closed_at"""
    return [AlertCleared(kind=KIND, **row) for row in await connection.fetch(query, since)]


async def close_episodes(connection: asyncpg.Connection, closings: Sequence[Closing], now: datetime) -> set[UUID]:
    """Close episodes. Returns the ids of those that were open."""
    query = """
        UPDATE inference.episodes AS e SET closed_at = $3, closing_risk = c.risk
        FROM unnest($1::uuid[], $2::float8[]) AS c (id, risk)
        WHERE e.id = c.id AND e.closed_at IS NULL RETURNING e.id"""
    columns = ([one.id for one in closings], [one.risk for one in closings])
    return {row[0] for row in await connection.fetch(query, *columns, now)}
