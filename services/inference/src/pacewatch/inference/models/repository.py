"""Activations, as the registry announced them: the one with the highest sequence is the active model."""

from dataclasses import dataclass

import asyncpg

from pacewatch.contracts.models import ArtifactReference, ModelActivated

# A fallback further than this, from models that cannot be loaded to an earlier one, would hide a fault for weeks.
FALLBACKS = 3


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation of a model, with its operating threshold and the reference to its artifact."""

    sequence: int
    version: str
    threshold: float
    artifact: ArtifactReference


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
        query = "SELECT sequence, version, threshold, artifact::text FROM inference.models WHERE sequence = ANY($1)"
        cached |= {f"{row[0]} {row[1]}": _activation(row) for row in await connection.fetch(query, missing)}
    return [cached[name] for name in sequences]


async def activations_by_version(connection: asyncpg.Connection) -> dict[str, Activation]:
    """One activation of every version that was ever active."""
    rows = await connection.fetch("SELECT sequence, version, threshold, artifact::text FROM inference.models")
    return {row[1]: _activation(row) for row in rows}


def _activation(row: asyncpg.Record) -> Activation:
    return Activation(row[0], row[1], row[2], ArtifactReference.model_validate_json(row[3]))
