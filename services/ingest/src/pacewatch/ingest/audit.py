"""The audit of batches and uploads: both have the same columns for who sent what and when, and the same filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import Depends, Query
from pydantic import Field

from pacewatch.contracts.base import Name, Paging
from pacewatch.contracts.http.times import LAST_S, QueryTime
from pacewatch.contracts.telemetry import Mode
from pacewatch.kit.db import Session

# Counting further would take longer than the page: a fleet that sends row by row has millions of batches.
MAX_COUNTED: Final = 10_000

_Moment = Annotated[QueryTime, Field(le=LAST_S)]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """The query parameters that filter a list; a parameter that is not given filters nothing."""

    actor: Annotated[Name | None, Query(description="only what this user or key sent")] = None
    mode: Annotated[Mode | None, Query(description="only of this mode")] = None
    correlation_id: Annotated[Name | None, Query(description="only with this correlation id")] = None
    received_from: Annotated[_Moment | None, Query(description="received at or after, fleet time")] = None
    received_before: Annotated[_Moment | None, Query(description="received before, fleet time")] = None
    with_rejects: Annotated[bool, Query(description="only where rows were rejected")] = False

    def where(self) -> tuple[str, dict[str, Any]]:
        """An SQL condition and its values. It has only given filters, so that the planner sees which index fits."""
        filters: dict[str, Any] = {
            "actor = :actor": self.actor,
            "mode = :mode": self.mode and self.mode.value,
            "correlation_id = :correlation_id": self.correlation_id,
            "received_at >= :received_from": _datetime(self.received_from),
            "received_at < :received_before": _datetime(self.received_before),
        }
        given = {condition: value for condition, value in filters.items() if value is not None}
        conditions = [*given, *(["rejected > 0"] if self.with_rejects else [])]
        values = {condition.rpartition(":")[2]: value for condition, value in given.items()}
        return " AND ".join(conditions) or "true", values


AuditFilterDep = Annotated[AuditFilter, Depends()]


async def page(
    session: Session, table: str, columns: str, filters: AuditFilter, paging: Paging
) -> tuple[Sequence[sa.RowMapping], int]:
    """One page of `table`, newest first, and the number of matching rows, counted up to MAX_COUNTED."""
    where, values = filters.where()
    rows = sa.text(f"""
        SELECT {columns} FROM {table} WHERE {where} ORDER BY received_at DESC, number DESC LIMIT :size OFFSET :offset
    """)  # noqa: S608 - constants
    count = sa.text(f"SELECT count(*) FROM (SELECT FROM {table} WHERE {where} LIMIT {MAX_COUNTED}) AS found")  # noqa: S608
    found = (await session.execute(rows, {**values, "size": paging.size, "offset": paging.offset})).mappings().all()
    return found, int(await session.scalar(count, values) or 0)


def _datetime(timestamp_s: int | None) -> datetime | None:
    return None if timestamp_s is None else datetime.fromtimestamp(timestamp_s, UTC)
