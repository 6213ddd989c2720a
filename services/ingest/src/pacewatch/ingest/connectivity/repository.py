"""Queries on when live readings of each device last arrived. Batches do not write it: a loop reads what they stored.

Any live reading shows that the link works, however old it is. Backfilled history does not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pacewatch.contracts.base import Paging
from pacewatch.kit.db import Session

_TRY_LOCK = sa.text("SELECT pg_try_advisory_xact_lock(hashtext('ingest.connectivity'))")
_WATCH = sa.text("SELECT seen_xid, judged_s FROM ingest.connectivity_watch")

# This statement sees every transaction below the new `seen_xid`; one that commits later is read by the next pass. The
# old `seen_xid` is a parameter, so that the planner sees how few rows are newer and uses the index.
_RECORD_ARRIVALS = sa.text("""
    WITH arrived AS (
        SELECT reading.device_id, max(reading.timestamp_s) AS newest_s,
            extract(epoch FROM max(batch.received_at))::bigint AS heard_s
        FROM ingest.readings AS reading JOIN ingest.batches AS batch ON batch.number = reading.batch_number
        WHERE reading.changed_xid >= :seen_xid AND batch.mode = 'live'
        GROUP BY reading.device_id
    ), recorded AS (
        INSERT INTO ingest.connectivity AS device (device_id, newest_s, heard_s)
        SELECT device_id, newest_s, heard_s FROM arrived
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
# The first state of a device is not a change. The column `told` has the last state that was emitted.
_UPDATE_STATES = sa.text(f"""
    WITH device_states AS (
        SELECT device_id, heard_s, told AS before, {_STATE} AS state FROM ingest.watched_devices
    ), moved AS (
        UPDATE ingest.connectivity AS device SET told = device_states.state FROM device_states
        WHERE device.device_id = device_states.device_id AND before IS DISTINCT FROM state
        RETURNING device_states.*
    )
    SELECT count(*) OVER () AS changed, device_id, state, heard_s FROM moved WHERE before IS NOT NULL
    ORDER BY state = 'connected', heard_s, device_id LIMIT :most
""")  # noqa: S608 - a constant
_SET_UPDATED = sa.text("UPDATE ingest.connectivity_watch SET judged_s = :now_s")
_COUNTS = sa.text("""
    SELECT count(*) FILTER (WHERE heard_s >= :late_s) AS connected,
        count(*) FILTER (WHERE heard_s < :late_s AND heard_s >= :disconnected_s) AS late,
        count(*) FILTER (WHERE heard_s < :disconnected_s) AS disconnected,
        count(*) FILTER (WHERE heard_s < :late_s AND heard_s >= :newly_late_s) AS newly_silent
    FROM ingest.watched_devices
""")
_PAGE = sa.text(f"""
    SELECT device_id, to_timestamp(heard_s) AS last_heard_at, {_STATE} AS state FROM ingest.watched_devices
    WHERE heard_s >= :from_s AND heard_s < :to_s ORDER BY heard_s, device_id LIMIT :size OFFSET :offset
""")  # noqa: S608 - a constant


async def try_lock(session: Session) -> bool:
    """Take the lock that allows one update at a time; False if it is taken."""
    return bool(await session.scalar(_TRY_LOCK))


async def record_arrivals(session: Session) -> int | None:
    """Record readings that were stored since the last pass; returns when states were last updated, Unix seconds."""
    watch = (await session.execute(_WATCH)).one()
    await session.execute(_RECORD_ARRIVALS, {"seen_xid": watch.seen_xid})
    updated_s: int | None = watch.judged_s
    return updated_s


async def update_states(session: Session, bounds: Mapping[str, int], now_s: int, most: int) -> Sequence[sa.Row[Any]]:
    """Update the state of each device; at most `most` of the changed devices, each with the number of all changed."""
    await session.execute(_SET_UPDATED, {"now_s": now_s})
    return (await session.execute(_UPDATE_STATES, {"most": most, **bounds})).all()


async def counts(session: Session, bounds: Mapping[str, int]) -> sa.Row[Any]:
    """Devices by state, and how many fell silent within the last cadence."""
    return (await session.execute(_COUNTS, bounds)).one()


async def page(session: Session, span: Mapping[str, int], bounds: Mapping[str, int], paging: Paging) -> list[Any]:
    """One page of the devices whose live readings last arrived within `span`, the longest silent first."""
    place = {"size": paging.size, "offset": paging.offset}
    return list((await session.execute(_PAGE, {**span, **bounds, **place})).mappings())
