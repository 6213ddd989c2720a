"""Alert episodes: opened once when a device's newest risk crosses the threshold, closed when it is well below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from pacewatch.contracts.alerts import AlertKind

KIND = AlertKind.FAILURE_RISK


@dataclass(frozen=True, slots=True)
class Episode:
    """The latest episode of a device; `closed_at` is fleet time, None while it is open."""

    id: UUID
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rules:
    """When an episode opens and closes: risks in [0, 1], `hysteresis` a share of the threshold."""

    threshold: float
    hysteresis: float
    cooldown: timedelta

    def opens(self, risk: float, latest: Episode | None, now: datetime) -> bool:
        """Whether this risk of the newest reading begins an episode."""
        rested = latest is None or (latest.closed_at is not None and now - latest.closed_at >= self.cooldown)
        return risk >= self.threshold and rested

    def closes(self, risk: float, latest: Episode | None) -> bool:
        """Whether this risk of the newest reading ends the episode that is open."""
        return latest is not None and latest.closed_at is None and risk < self.hysteresis * self.threshold


@dataclass(frozen=True, slots=True)
class Opening:
    """An episode to open: the score that crossed the threshold."""

    device_id: int
    timestamp_s: int
    risk: float


@dataclass(frozen=True, slots=True)
class Closing:
    """An episode to close: the risk that fell below the hysteresis."""

    id: UUID
    device_id: int
    risk: float


async def latest(connection: asyncpg.Connection, device_ids: Sequence[int]) -> Mapping[int, Episode]:
    """The latest episode of each of these devices that ever had one."""
    query = """
        SELECT DISTINCT ON (device_id) device_id, id, closed_at FROM inference.episodes
        WHERE device_id = ANY($1::bigint[]) AND kind = $2 ORDER BY device_id, closed_at DESC NULLS FIRST"""
    return {row[0]: Episode(row[1], row[2]) for row in await connection.fetch(query, device_ids, KIND)}


async def open_new(
    connection: asyncpg.Connection, openings: Sequence[Opening], *, threshold: float, version: str, now: datetime
) -> dict[int, UUID]:
    """Open episodes; device -> id of those that were opened: a device with an open one keeps that."""
    query = """
        INSERT INTO inference.episodes (id, device_id, kind, risk, threshold, model_version, timestamp_s, opened_at)
        SELECT o.id, o.device_id, $5, o.risk, $6, $7, o.timestamp_s, $8
        FROM unnest($1::uuid[], $2::bigint[], $3::float8[], $4::bigint[]) AS o (id, device_id, risk, timestamp_s)
        ORDER BY o.device_id
        ON CONFLICT (device_id, kind) WHERE closed_at IS NULL DO NOTHING RETURNING device_id, id"""
    columns = zip(*((uuid4(), o.device_id, o.risk, o.timestamp_s) for o in openings), strict=True)
    return dict(await connection.fetch(query, *map(list, columns), KIND, threshold, version, now))


async def close(connection: asyncpg.Connection, closing: Sequence[Closing], now: datetime) -> set[UUID]:
    """Close episodes; the ids of those that were open."""
    query = """
        UPDATE inference.episodes AS e SET closed_at = $3, closing_risk = c.risk
        FROM unnest($1::uuid[], $2::float8[]) AS c (id, risk)
        WHERE e.id = c.id AND e.closed_at IS NULL RETURNING e.id"""
    columns = ([one.id for one in closing], [one.risk for one in closing])
    return {row[0] for row in await connection.fetch(query, *columns, now)}
