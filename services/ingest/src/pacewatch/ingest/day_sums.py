"""The audit summed by day, so that totals need not scan all of it. A loop adds new batches: batches do not pay for it.

`summed.up_to` is the number of the last batch in the sums; readers add the batches with higher numbers.
"""

import asyncio
from typing import Final

import sqlalchemy as sa

from pacewatch.kit.db import Session

_POLL_S: Final = 0.1

_BY_DAY: Final = """
    SELECT (received_at AT TIME ZONE 'UTC')::date AS day, count(*) AS batches, sum(accepted) AS accepted,
        sum(accepted - removed) AS stored,
        min(coalesce(left_first_s, first_s)) FILTER (WHERE accepted > removed) AS first_s,
        max(coalesce(left_last_s, last_s)) FILTER (WHERE accepted > removed) AS last_s,
        max(received_at) FILTER (WHERE accepted > 0) AS last_received_at
    FROM ingest.batches
"""
# Counts each batch once, also while the loop runs: one statement sees the sums and `up_to` of the same moment.
DAYS: Final = f"""
    SELECT * FROM ingest.day_sums
    UNION ALL {_BY_DAY} WHERE number > (SELECT up_to FROM ingest.summed) GROUP BY 1
"""  # noqa: S608 - a constant

# A transaction that may still commit a number below the newest visible one took it before, and holds this lock now.
_WRITERS: Final = """
    SELECT virtualtransaction FROM pg_locks
    WHERE relation = 'ingest.batches'::regclass AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_NEWEST: Final = sa.text(f"SELECT max(number) AS number, ARRAY({_WRITERS}) AS writers FROM ingest.batches")  # noqa: S608
_STILL_WRITING: Final = sa.text(f"SELECT EXISTS ({_WRITERS} AND virtualtransaction = ANY(:writers))")
_LOCK: Final = sa.text("SELECT up_to FROM ingest.summed FOR UPDATE")
_ADD: Final = sa.text(f"""
    WITH added AS (
        INSERT INTO ingest.day_sums AS day {_BY_DAY} WHERE number > :up_to AND number <= :newest GROUP BY 1
        ON CONFLICT (day) DO UPDATE SET batches = day.batches + excluded.batches,
            accepted = day.accepted + excluded.accepted, stored = day.stored + excluded.stored,
            first_s = least(day.first_s, excluded.first_s), last_s = greatest(day.last_s, excluded.last_s),
            last_received_at = greatest(day.last_received_at, excluded.last_received_at)
    )
    UPDATE ingest.summed SET up_to = :newest
""")  # noqa: S608 - a constant


async def add_new_batches(session: Session) -> None:
    """Add all batches to the sums, after all transactions that are writing one: a lower number may commit last."""
    newest = (await session.execute(_NEWEST)).one()
    while await session.scalar(_STILL_WRITING, {"writers": newest.writers}):  # noqa: ASYNC110 - nothing signals the end
        await asyncio.sleep(_POLL_S)
    up_to = await session.scalar(_LOCK)
    if newest.number is not None and newest.number > up_to:
        await session.execute(_ADD, {"up_to": up_to, "newest": newest.number})


async def reset(session: Session) -> None:
    """Delete the sums, in the transaction that changes batches in them; the loop sums all batches again."""
    await session.execute(sa.text("UPDATE ingest.summed SET up_to = 0"))
    await session.execute(sa.text("DELETE FROM ingest.day_sums"))
