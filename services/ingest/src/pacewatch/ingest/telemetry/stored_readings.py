"""Stored readings as JSON, written by PostgreSQL: for 5,000 readings it needs 10 ms of processor time, Python 20.

Python would also block all other requests meanwhile, and make objects for its garbage collector to scan.
"""

from functools import cache
from typing import Final

from pacewatch.contracts.profile import Profile
from pacewatch.kit.db import Session, driver

# A bound: of the batches with the newest readings that together hold at least $1 rows, the first timestamp. The newest
# $1 readings are not older.
_SINCE: Final = """
    WITH newest AS (
        SELECT first_s, accepted - removed AS stored, last_s, number FROM ingest.batches
        WHERE accepted > 0 AND accepted > removed
        ORDER BY last_s DESC, number DESC LIMIT $1
    ), spans AS (
        SELECT first_s, sum(stored) OVER (ORDER BY last_s DESC, number DESC) - stored AS rows_before FROM newest
    )
    SELECT min(first_s) FROM spans WHERE rows_before < $1
"""
_OF_DEVICE: Final = "WHERE device_id = $1 AND timestamp_s BETWEEN $2 AND $3 ORDER BY timestamp_s DESC LIMIT $4"
_RECENT: Final = "WHERE timestamp_s >= $1 ORDER BY timestamp_s DESC, device_id LIMIT $2"


async def of_device(session: Session, profile: Profile, device_id: int, from_s: int, to_s: int, limit: int) -> bytes:
    """The newest `limit` readings of one device within [from_s, to_s], oldest first."""
    query = _query(profile, _OF_DEVICE, "timestamp_s")
    text: str = await (await driver(session)).fetchval(query, device_id, from_s, to_s, limit)
    return text.encode()


async def recent(session: Session, profile: Profile, limit: int) -> bytes:
    """The fleet's newest `limit` readings, newest first.

    The bound is a query of its own: the planner must know its value to see that few rows are newer.
    """
    connection = await driver(session)
    since_s = await connection.fetchval(_SINCE, limit)
    if since_s is None:
        return b'{"items":[]}'
    text: str = await connection.fetchval(_query(profile, _RECENT, "timestamp_s DESC, device_id"), since_s, limit)
    return text.encode()


@cache
def _query(profile: Profile, which: str, order: str) -> str:
    """SQL for the readings `which`, as one text in the shape of `stored_readings_model`.

    Whether a reading is late is computed from its batch: a column of its own would cost every row eight bytes. OFFSET 0
    makes PostgreSQL look the batches up one by one: a join with many readings would scan the whole audit.
    """
    signals = ",".join(f'"{name}":%s' for name in profile.signal_names)
    times = '"timestamp":%s,"measured_at":"%s"'
    row = f'{{"{profile.device_field}":%s,{times},"signals":{{{signals}}},"label":"%s","late":%s}}'
    late = f"batch.mode = 'live' AND batch.received_at >= to_timestamp(timestamp_s + {profile.late_after_s})"
    times_of = """timestamp_s, to_char(to_timestamp(timestamp_s) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
    values = ", ".join(f'newest."{name}"' for name in profile.signal_names)
    return f"""
        SELECT '{{"items":[' || coalesce(string_agg(item, ','), '') || ']}}' FROM (
            SELECT format('{row}', device_id, {times_of}, {values}, newest.label, ({late})::text) AS item
            FROM (SELECT * FROM ingest.readings {which}) AS newest
            CROSS JOIN LATERAL (
                SELECT mode, received_at FROM ingest.batches WHERE number = newest.batch_number OFFSET 0
            ) AS batch
            ORDER BY {order}
        ) AS in_order
    """  # noqa: S608 - names come from the profile
