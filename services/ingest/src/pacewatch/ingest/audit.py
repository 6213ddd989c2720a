"""Who sent what, and when: batches and uploads have these columns in common, and are narrowed and paged alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import Depends, Query

from pacewatch.contracts.base import Name, Paging
from pacewatch.contracts.telemetry import Mode
from pacewatch.kit.db import Session

# To count more would cost more than the page: a fleet that sends row by row has millions of batches.
MOST_COUNTED: Final = 10_000
_LAST_S: Final = 253_402_300_799  # the end of the year 9999

_Moment = Annotated[int | None, Query(ge=0, le=_LAST_S)]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The query parameters of a list: each given one leaves out what differs."""

    actor: Annotated[Name | None, Query(description="only what this user or key sent")] = None
    mode: Annotated[Mode | None, Query(description="only of this mode")] = None
    correlation_id: Annotated[Name | None, Query(description="only with this correlation id")] = None
    received_from_s: Annotated[_Moment, Query(description="received at or after, Unix seconds of fleet time")] = None
    received_before_s: Annotated[_Moment, Query(description="received before, Unix seconds of fleet time")] = None
    with_rejects: Annotated[bool, Query(description="only where rows were rejected")] = False

    def where(self) -> tuple[str, dict[str, Any]]:
        """As SQL and its values. Only what is given: the planner sees which index it can take."""
        given: dict[str, Any] = {
            "actor = :actor": self.actor,
            "mode = :mode": self.mode and self.mode.value,
            "correlation_id = :correlation_id": self.correlation_id,
            "received_at >= :received_from": _moment(self.received_from_s),
            "received_at < :received_before": _moment(self.received_before_s),
        }
        wanted = {condition: value for condition, value in given.items() if value is not None}
        conditions = [*wanted, *(["rejected > 0"] if self.with_rejects else [])]
        values = {condition.rpartition(":")[2]: value for condition, value in wanted.items()}
        return " AND ".join(conditions) or "true", values


NarrowingDep = Annotated[Narrowing, Depends()]


async def page(
    session: Session, table: str, columns: str, narrowing: Narrowing, paging: Paging
) -> tuple[Sequence[sa.RowMapping], int]:
    """One page of `table`, newest first, and how many there are, counted up to MOST_COUNTED."""
    where, values = narrowing.where()
    rows = sa.text(f"""
        SELECT {columns} FROM {table} WHERE {where} ORDER BY received_at DESC, number DESC LIMIT :size OFFSET :offset
    """)  # noqa: S608 - our own words
    count = sa.text(f"SELECT count(*) FROM (SELECT FROM {table} WHERE {where} LIMIT {MOST_COUNTED}) AS found")  # noqa: S608
    found = (await session.execute(rows, {**values, "size": paging.size, "offset": paging.offset})).mappings().all()
    return found, int(await session.scalar(count, values) or 0)


def _moment(timestamp_s: int | None) -> datetime | None:
    return None if timestamp_s is None else datetime.fromtimestamp(timestamp_s, UTC)
