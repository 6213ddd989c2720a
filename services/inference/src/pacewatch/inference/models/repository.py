"""Activations, as the registry announced them: the one with the highest sequence is the active model."""

# ruff: noqa: S608 - constants; every value is a parameter

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from pacewatch.contracts.models import ArtifactReference, ModelActivated

# A fallback further than this, from models that cannot be loaded to an earlier one, would hide a fault for weeks.
FALLBACKS = 3
_BASE_RATE = "((artifact ->> 'manifest_json')::jsonb #>> '{metrics,base_rate}')::float8"
_SELECT = f"SELECT sequence, version, threshold, artifact::text, {_BASE_RATE} FROM inference.models"


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation of a model, with its operating threshold and the reference to its artifact.

    `base_rate` is the share of readings of the fleet that a failure follows, as its figures say; None if they do not.
    """

    sequence: int
    version: str
    threshold: float
    artifact: ArtifactReference
    base_rate: float | None = None

    def relative(self, risk: float) -> float | None:
        """The risk as a multiple of the base rate."""
        return risk / self.base_rate if self.base_rate else None


async def add_activation(connection: asyncpg.Connection, event: ModelActivated) -> bool:
    """Store an activation; False if it is stored already."""
    query = """
        INSERT INTO inference.models (sequence, version, threshold, artifact, activated_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING sequence"""
    artifact = event.artifact.model_dump_json()
    row = (event.sequence, event.version, event.threshold, artifact, event.activated_at)
    return await connection.fetchrow(query, *row) is not None


async def activations(connection: asyncpg.Connection, cached: dict[str, Activation]) -> list[Activation]:
    """The active model's activation and those before it, newest first; empty before the first activation.

    `cached` maps sequence and version to activations of earlier calls, and gets those that this call reads: an
    activation never changes, and its manifest is long.
    """
    query = "SELECT sequence, version FROM inference.models ORDER BY sequence DESC LIMIT $1"
    sequences = {f"{row[0]} {row[1]}": row[0] for row in await connection.fetch(query, FALLBACKS)}
    if missing := [sequence for name, sequence in sequences.items() if name not in cached]:
        query = f"{_SELECT} WHERE sequence = ANY($1)"
        cached |= {f"{row[0]} {row[1]}": _activation(row) for row in await connection.fetch(query, missing)}
    return [cached[name] for name in sequences]


async def activations_by_version(connection: asyncpg.Connection) -> dict[str, Activation]:
    """One activation of every version that was ever active."""
    return {row[1]: _activation(row) for row in await connection.fetch(_SELECT)}


async def base_rates(connection: asyncpg.Connection, versions: Sequence[str]) -> dict[str, float | None]:
    """The base rates of these versions, as `Activation` has them."""
    query = f"SELECT DISTINCT ON (version) version, {_BASE_RATE} FROM inference.models WHERE version = ANY($1)"
    return dict(await connection.fetch(query, versions))


async def add_moves(connection: asyncpg.Connection, sequence: int, up: int, down: int) -> None:
    """Add to the number of devices whose level this activation will move with their next reading."""
    query = """
        UPDATE inference.models SET moves_up = coalesce(moves_up, 0) + $2, moves_down = coalesce(moves_down, 0) + $3
        WHERE sequence = $1"""
    await connection.execute(query, sequence, up, down)


def _activation(row: asyncpg.Record) -> Activation:
    return Activation(row[0], row[1], row[2], ArtifactReference.model_validate_json(row[3]), row[4])
