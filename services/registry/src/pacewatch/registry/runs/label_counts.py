"""The newest label counts, one row: the schedule needs them to know whether there is enough to train on."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from pacewatch.kit.db import Session
from pacewatch.registry.runs.models import label_ledger


async def store(session: Session, as_of: datetime, counts: dict[str, int]) -> None:
    """Store the counts if they are newer than the stored ones; events may arrive in any order."""
    row = insert(label_ledger).values(only_row=True, as_of=as_of, first_as_of=as_of, counts=counts)
    is_newer = label_ledger.c.as_of < row.excluded.as_of
    changes = {"as_of": row.excluded.as_of, "counts": row.excluded.counts}
    await session.execute(row.on_conflict_do_update(index_elements=["only_row"], set_=changes, where=is_newer))


async def newest(session: Session) -> RowMapping | None:
    """The newest counts and when counts first arrived; None if there are no counts yet."""
    return (await session.execute(sa.select(label_ledger))).mappings().first()


async def lock(session: Session) -> RowMapping | None:
    """The newest counts and when counts first arrived, locked: one process schedules at a time.

    None if there are no counts yet, or if another process holds the lock.
    """
    query = sa.select(label_ledger).with_for_update(skip_locked=True)
    return (await session.execute(query)).mappings().first()
