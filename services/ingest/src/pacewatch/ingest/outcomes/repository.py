"""Queries on outcomes. Rows with the same `origin` correct one another in turn; the last one is valid."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from pacewatch.contracts.base import Paging
from pacewatch.ingest.outcomes.checking import Outcome
from pacewatch.kit.db import Session, driver

# Transactions that record share the lock; one that corrects has it alone, else the two could deadlock on keys.
_LOCK_SHARED = sa.text("SELECT pg_advisory_xact_lock_shared(hashtext('ingest.outcomes'))")
_LOCK_EXCLUSIVE = sa.text("SELECT pg_advisory_xact_lock(hashtext('ingest.outcomes'))")

# The key of a report stays taken: sent again, the report does not undo a correction.
_INSERT = """
    INSERT INTO ingest.outcomes
        (id, origin, device_id, kind, mode, occurred_at_s, learnt_at_s, recorded_at, actor, correlation_id)
    SELECT id, id, device_id, kind, mode, occurred_at_s, learnt_at_s, $7, $8, $9
    FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
        AS given (id, device_id, kind, mode, occurred_at_s, learnt_at_s)
    ORDER BY device_id, kind, occurred_at_s, mode
    ON CONFLICT DO NOTHING
    RETURNING id
"""
_CORRECTED_SINCE = """
    SELECT given.place - 1 AS place
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[])
        WITH ORDINALITY AS given (device_id, kind, mode, occurred_at_s, place)
    JOIN ingest.outcomes AS reported USING (device_id, kind, mode, occurred_at_s)
    WHERE reported.revision = 0 AND reported.superseded_at IS NOT NULL
    ORDER BY place
"""

_ROW = """
    SELECT outcome.id AS outcome_id, outcome.device_id, outcome.kind, outcome.mode,
        outcome.occurred_at_s AS occurred_at, outcome.learnt_at_s AS learnt_at, outcome.recorded_at, outcome.actor,
        outcome.withdrawn, outcome.reason, outcome.superseded_at, older.id AS corrects, newer.id AS superseded_by
    FROM ingest.outcomes AS outcome
    LEFT JOIN ingest.outcomes AS older ON older.origin = outcome.origin AND older.revision = outcome.revision - 1
    LEFT JOIN ingest.outcomes AS newer ON newer.origin = outcome.origin AND newer.revision = outcome.revision + 1
"""
_FILTERED = """
    WHERE (CAST(:device_id AS bigint) IS NULL OR outcome.device_id = :device_id)
        AND (CAST(:kind AS text) IS NULL OR outcome.kind = :kind)
        AND (:history OR (outcome.superseded_at IS NULL AND NOT outcome.withdrawn))
"""
_PAGE = sa.text(f"{_ROW} {_FILTERED} ORDER BY outcome.occurred_at_s DESC, outcome.id LIMIT :size OFFSET :offset")
_COUNT = sa.text(f"SELECT count(*) FROM ingest.outcomes AS outcome {_FILTERED}")  # noqa: S608 - a constant
_SAME_ORIGIN = "WHERE outcome.origin = (SELECT origin FROM ingest.outcomes WHERE id = :id)"
_HISTORY = sa.text(f"{_ROW} {_SAME_ORIGIN} ORDER BY outcome.revision")

_CORRECT = sa.text("""
    WITH wrong AS (
        UPDATE ingest.outcomes SET superseded_at = :now WHERE id = :wrong RETURNING origin, revision, device_id
    ), marked AS (
        INSERT INTO ingest.to_rejudge (device_id) SELECT device_id FROM wrong
    )
    INSERT INTO ingest.outcomes (id, origin, revision, device_id, kind, mode, occurred_at_s, learnt_at_s, recorded_at,
        actor, correlation_id, withdrawn, reason)
    SELECT :id, origin, revision + 1, :device_id, :kind, :mode, :occurred_at_s, :learnt_at_s, :now, :actor,
        :correlation_id, :withdrawn, :reason
    FROM wrong
""")
_EXISTS_VALID = sa.text("""
    SELECT EXISTS (
        SELECT FROM ingest.standing_outcomes
        WHERE device_id = :device_id AND kind = :kind AND mode = :mode AND occurred_at_s = :occurred_at_s
            AND id <> :wrong
    )
""")


async def lock(session: Session, *, exclusive: bool = False) -> None:
    """Wait for the lock to record outcomes, or, `exclusive`, to correct one."""
    await session.execute(_LOCK_EXCLUSIVE if exclusive else _LOCK_SHARED)


async def insert(session: Session, columns: Sequence[Sequence[Any]], *common: object) -> set[UUID]:
    """Store new outcomes; returns their ids.

    `columns` are id, device, kind, mode, occurred_at_s, learnt_at_s; `common` are recorded_at, actor, correlation_id.
    """
    records = await (await driver(session)).fetch(_INSERT, *columns, *common)
    return {UUID(bytes=record["id"].bytes) for record in records}


async def corrected_since(session: Session, outcomes: Sequence[Outcome]) -> list[int]:
    """Positions of outcomes that were reported and corrected before."""
    names = ("device_id", "kind", "mode", "occurred_at_s")
    columns = [[getattr(one, name) for one in outcomes] for name in names]
    return [record["place"] for record in await (await driver(session)).fetch(_CORRECTED_SINCE, *columns)]


async def page(
    session: Session, device_id: int | None, kind: str | None, history: bool, paging: Paging
) -> tuple[list[Mapping[str, Any]], int]:
    """One page of valid outcomes, or of all with `history`, the latest to occur first; and their number."""
    filters = {"device_id": device_id, "kind": kind, "history": history}
    rows = (await session.execute(_PAGE, {**filters, "size": paging.size, "offset": paging.offset})).mappings()
    return [dict(row) for row in rows], int(await session.scalar(_COUNT, filters) or 0)


async def history(session: Session, outcome_id: UUID) -> list[Mapping[str, Any]]:
    """The outcome, those it corrects and those that correct it, oldest first; empty if the id is unknown."""
    return [dict(row) for row in (await session.execute(_HISTORY, {"id": outcome_id})).mappings()]


async def exists_valid(session: Session, right: Outcome, wrong: UUID) -> bool:
    """Whether a valid outcome other than `wrong` has the key of `right`."""
    return bool(await session.scalar(_EXISTS_VALID, {**_values(right), "wrong": wrong}))


async def correct(session: Session, wrong: UUID, right: Outcome, **correction: object) -> None:
    """Replace `wrong` by `right`; `correction` has now, actor, correlation_id, withdrawn and reason."""
    await session.execute(_CORRECT, {**_values(right), "wrong": wrong, **correction})


def _values(outcome: Outcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in Outcome.__slots__}
