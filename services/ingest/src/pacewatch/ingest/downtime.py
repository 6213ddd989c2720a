"""Downtimes: spans of fleet time in which ingest itself could receive nothing. They are no silence of devices.

The loops of ingest leave a heartbeat in the database at least every 30 s of wall time. A gap shows that no process ran,
or that none could store; fleet time that merely jumps, as in a replay, does not.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session

LEAST_WALL_S: Final = 120.0

# Of processes that begin at once, the first takes the gap: the others wait for its row, and find it fresh.
_BEAT = sa.text("""
    WITH last AS (
        SELECT alive_at, alive_s FROM ingest.heartbeat FOR UPDATE
    ), beaten AS (
        UPDATE ingest.heartbeat SET alive_at = clock_timestamp(), alive_s = :now_s
    )
    INSERT INTO ingest.downtimes (from_s, to_s)
    SELECT alive_s, :now_s FROM last
    WHERE alive_at < clock_timestamp() - make_interval(secs => :least_s) AND alive_s < :now_s
    ON CONFLICT DO NOTHING RETURNING from_s, to_s
""")
_NEWEST = sa.text("SELECT from_s, to_s FROM ingest.downtimes ORDER BY from_s DESC LIMIT 1000")
_TELL = sa.text("UPDATE ingest.downtimes SET named = true WHERE NOT named RETURNING from_s, to_s")

log = logs.get(__name__)


class Downtime(NamedTuple):
    """From the last heartbeat before it to the first one after, Unix seconds of fleet time."""

    from_s: int
    to_s: int


async def beat(session: Session) -> Downtime | None:
    """Leave a heartbeat; the downtime that it ends, which is then recorded, or None."""
    row = (await session.execute(_BEAT, {"now_s": int(clock.now_s()), "least_s": LEAST_WALL_S})).first()
    if row is None:
        return None
    log.warning("platform_was_down", from_s=row.from_s, to_s=row.to_s, seconds=row.to_s - row.from_s)
    return Downtime(row.from_s, row.to_s)


async def newest(session: Session) -> Sequence[Downtime]:
    """The newest downtimes, the last one first."""
    return [Downtime(row.from_s, row.to_s) for row in await session.execute(_NEWEST)]


async def unnamed(session: Session) -> Sequence[Downtime]:
    """Those that no event has named, which are then marked as named."""
    return [Downtime(row.from_s, row.to_s) for row in await session.execute(_TELL)]


def up_for(up_s: int, now_s: int, downtimes: Sequence[Downtime]) -> int:
    """Since when we were up for `up_s` seconds in all; `downtimes`, the last one first, are left out."""
    end_s = now_s
    for down in downtimes:
        if end_s - down.to_s >= up_s:
            break
        up_s -= max(end_s - down.to_s, 0)
        end_s = min(end_s, down.from_s)
    return end_s - up_s


def up_since(since_s: int, now_s: int, downtimes: Sequence[Downtime]) -> int:
    """For how many seconds since `since_s` we were up."""
    down_s = sum(max(min(down.to_s, now_s) - max(down.from_s, since_s), 0) for down in downtimes)
    return max(now_s - since_s - down_s, 0)
