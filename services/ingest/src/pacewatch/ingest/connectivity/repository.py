"""Queries on when devices were last heard from. Batches do not write it: a loop reads what they stored meanwhile.

A device is heard when a live batch brings something of it, however old: the link works. A history that is loaded says
nothing of the link.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pacewatch.contracts.base import Paging
from pacewatch.kit.db import Session

_TRY_LOCK = sa.text("SELECT pg_try_advisory_xact_lock(hashtext('ingest.connectivity'))")
_WATCH = sa.text("SELECT seen_xid, judged_s FROM ingest.connectivity_watch")

# All below the new mark was visible to this very statement: what commits late is seen the next time. The old mark comes
# as a parameter, so that the planner sees how few rows there are since and takes the index.
_CATCH_UP = sa.text("""
    WITH heard AS (
        SELECT reading.device_id, max(reading.timestamp_s) AS newest_s,
            extract(epoch FROM max(batch.received_at))::bigint AS heard_s
        FROM ingest.readings AS reading JOIN ingest.batches AS batch ON batch.number = reading.batch_number
        WHERE reading.changed_xid >= :seen_xid AND batch.mode = 'live'
        GROUP BY reading.device_id
    ), kept AS (
        INSERT INTO ingest.connectivity AS device (device_id, newest_s, heard_s)
        SELECT device_id, newest_s, heard_s FROM heard
        ON CONFLICT (device_id) DO UPDATE
        SET newest_s = greatest(device.newest_s, excluded.newest_s),
            heard_s = greatest(device.heard_s, excluded.heard_s)
        WHERE device.newest_s < excluded.newest_s OR device.heard_s < excluded.heard_s
    )
    UPDATE ingest.connectivity_watch SET seen_xid = pg_snapshot_xmin(pg_current_snapshot())::text::bigint
""")

_STATE = """
    CASE WHEN heard_s >= :late_s THEN 'connected' WHEN heard_s >= :disconnected_s THEN 'late' ELSE 'disconnected' END
"""
# What a device is when it is first heard from is no change.
_JUDGE = sa.text(f"""
    WITH judged AS (
        SELECT device_id, heard_s, told AS before, {_STATE} AS state FROM ingest.watched_devices
    ), moved AS (
        UPDATE ingest.connectivity AS device SET told = judged.state FROM judged
        WHERE device.device_id = judged.device_id AND judged.before IS DISTINCT FROM judged.state
        RETURNING judged.*
    )
    SELECT count(*) OVER () AS changed, device_id, state, heard_s FROM moved WHERE before IS NOT NULL
    ORDER BY state = 'connected', heard_s, device_id LIMIT :most
""")  # noqa: S608 - a constant
_JUDGED = sa.text("UPDATE ingest.connectivity_watch SET judged_s = :now_s")
_COUNTS = sa.text("""
    SELECT count(*) FILTER (WHERE heard_s >= :late_s) AS connected,
        count(*) FILTER (WHERE heard_s < :late_s AND heard_s >= :disconnected_s) AS late,
        count(*) FILTER (WHERE heard_s < :disconnected_s) AS disconnected,
        count(*) FILTER (WHERE heard_s < :late_s AND heard_s >= :late_s - :cadence_s) AS newly_silent
    FROM ingest.watched_devices
""")
_PAGE = sa.text(f"""
    SELECT device_id, to_timestamp(heard_s) AS last_heard_at, {_STATE} AS state FROM ingest.watched_devices
    WHERE heard_s >= :from_s AND heard_s < :to_s ORDER BY heard_s, device_id LIMIT :size OFFSET :offset
""")  # noqa: S608 - a constant


async def try_lock(session: Session) -> bool:
    """One watcher at a time; False if somebody else is at it."""
    return bool(await session.scalar(_TRY_LOCK))


async def catch_up(session: Session) -> int | None:
    """Take in what was stored since the last time; when the fleet was last judged, Unix seconds."""
    watch = (await session.execute(_WATCH)).one()
    await session.execute(_CATCH_UP, {"seen_xid": watch.seen_xid})
    judged_s: int | None = watch.judged_s
    return judged_s


async def judge(session: Session, bounds: Mapping[str, int], now_s: int, most: int) -> Sequence[sa.Row[Any]]:
    """Bring what was told to what is so; at most `most` of the devices that changed, each with how many did."""
    await session.execute(_JUDGED, {"now_s": now_s})
    return (await session.execute(_JUDGE, {"most": most, **bounds})).all()


async def counts(session: Session, bounds: Mapping[str, int]) -> sa.Row[Any]:
    """Devices by state, and how many turned silent within the last cadence."""
    return (await session.execute(_COUNTS, bounds)).one()


async def page(session: Session, span: Mapping[str, int], bounds: Mapping[str, int], paging: Paging) -> list[Any]:
    """One page of the devices last heard from within `span`, the longest silent first."""
    place = {"size": paging.size, "offset": paging.offset}
    return list((await session.execute(_PAGE, {**span, **bounds, **place})).mappings())
