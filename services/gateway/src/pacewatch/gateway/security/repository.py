"""Queries over security events. One that is counted has an hour; any other has a row of its own."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from pacewatch.gateway.accounts.managers import Actor
from pacewatch.gateway.security.kinds import Kind
from pacewatch.kit import logs
from pacewatch.kit.db import Session
from pacewatch.kit.http.security import SecurityNote, network_of

_ADD = sa.text("""
    INSERT INTO gateway.security_events (kind, actor, address, detail, correlation_id)
    VALUES (:kind, :actor, :address, :detail, :correlation_id)
""")
_COUNT = sa.text("""
    SELECT gateway.count_security_events(CAST(:kinds AS text[]), CAST(:actors AS text[]), CAST(:addresses AS text[]),
        CAST(:details AS text[]), CAST(:counts AS bigint[]))
""")
_COUNT_FAILURE = sa.text("""
    INSERT INTO gateway.security_events AS known (kind, actor, address, detail, hour, correlation_id)
    VALUES (:kind, :actor, :address, :detail, date_trunc('hour', clock_timestamp(), 'UTC'), '')
    ON CONFLICT (hour, kind, actor, address, detail) WHERE hour IS NOT NULL
    DO UPDATE SET count = known.count + 1, last_at = clock_timestamp()
""")
_TABLE_EXISTS = sa.text("SELECT to_regclass('gateway.security_events') IS NOT NULL")
_PRUNE = sa.text("""
    DELETE FROM gateway.security_events WHERE last_at < clock_timestamp() - make_interval(days => :days)
""")
_COLUMNS: Final = "number, kind, actor, address, detail, count, first_at, last_at, correlation_id"
MAX_COUNTED: Final = 10_000
MAX_TEXT_CHARS: Final = 300


async def add(session: Session, kind: Kind, *, actor: str, address: str, detail: str = "") -> None:
    """Record one event in this transaction."""
    values = {"kind": kind, "actor": actor[:MAX_TEXT_CHARS], "address": address, "detail": detail[:MAX_TEXT_CHARS]}
    await session.execute(_ADD, values | {"correlation_id": logs.correlation_id()})


async def record(session: Session, kind: Kind, by: Actor, detail: str) -> None:
    """Record in this transaction what an account did."""
    await add(session, kind, actor=by.name, address=by.address, detail=detail)


async def count_failure(session: Session, kind: Kind, *, actor: str, address: str, detail: str) -> None:
    """Count a failed login with those of this hour, kind, address (of IPv6: its /64) and reason."""
    values = {"kind": kind, "actor": actor[:MAX_TEXT_CHARS], "address": network_of(address), "detail": detail}
    await session.execute(_COUNT_FAILURE, values)


async def add_counts(session: Session, counts: Mapping[SecurityNote, int]) -> bool:
    """Add counts of refusals and uses of keys to those of this hour; False while there are no tables yet."""
    if not await session.scalar(_TABLE_EXISTS):
        return False
    kinds, actors, addresses, details = zip(*counts, strict=True)
    values = {"kinds": kinds, "actors": actors, "addresses": addresses, "details": details}
    await session.execute(
        _COUNT, {name: list(texts) for name, texts in values.items()} | {"counts": [*counts.values()]}
    )
    return True


async def list_events(
    session: Session, *, kind: Kind | None, actor: str | None, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    """Events, newest first, and how many there are, counted up to MAX_COUNTED."""
    given = {name: value for name, value in {"kind": kind, "actor": actor}.items() if value is not None}
    source = "FROM gateway.security_events WHERE " + " AND ".join(["true", *(f"{name} = :{name}" for name in given)])
    page = sa.text(f"SELECT {_COLUMNS} {source} ORDER BY number DESC LIMIT :limit OFFSET :offset")
    count = sa.text(f"SELECT count(*) FROM (SELECT {source} LIMIT {MAX_COUNTED}) AS found")  # noqa: S608 - constants
    rows = await session.execute(page, given | {"limit": limit, "offset": offset})
    return [dict(row) for row in rows.mappings()], int(await session.scalar(count, given) or 0)


async def prune(session: Session, days: int) -> None:
    """Delete events that are older."""
    await session.execute(_PRUNE, {"days": days})
