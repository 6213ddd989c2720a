"""Queries that find old readings and remove them, a whole year at once or in steps in the order of keys.

Each statement also subtracts what it removes from the counts by batch and by label, so totals are right at any time.
"""

# ruff: noqa: S608 - table names come from the catalogue; every value is a parameter

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from pacewatch.kit.db import Session

REJECTS: Final = "upload_rejects"

_PARTITIONS: Final = sa.text("""
    SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'ingest.readings'::regclass ORDER BY relname
""")

_SUBTRACT: Final = """
    audit AS (
        UPDATE ingest.batches AS batch SET removed = batch.removed + gone.rows
        FROM (SELECT batch_number, sum(rows) AS rows FROM removed GROUP BY batch_number) AS gone
        WHERE batch.number = gone.batch_number
    ), label_counts AS (
        UPDATE ingest.ledger AS ledger SET positive = ledger.positive - gone.positive,
            negative = ledger.negative - gone.negative, censored = ledger.censored - gone.censored
        FROM (
            SELECT coalesce(sum(rows) FILTER (WHERE label = 'positive'), 0) AS positive,
                coalesce(sum(rows) FILTER (WHERE label = 'negative'), 0) AS negative,
                coalesce(sum(rows) FILTER (WHERE label = 'censored'), 0) AS censored
            FROM removed
        ) AS gone
    )"""

# The span of the remaining rows does not follow from the removed ones: a batch that lost some rows is read again.
_UPDATE_SPANS: Final = sa.text("""
    WITH shrunk AS MATERIALIZED (
        SELECT number, first_s, last_s FROM ingest.batches WHERE removed > 0 AND removed < accepted
    ), remaining AS (
        SELECT batch_number, min(timestamp_s) AS first_s, max(timestamp_s) AS last_s FROM ingest.readings
        WHERE batch_number IN (SELECT number FROM shrunk)
            AND timestamp_s BETWEEN (SELECT min(first_s) FROM shrunk) AND (SELECT max(last_s) FROM shrunk)
        GROUP BY batch_number
    )
    UPDATE ingest.batches AS batch SET left_first_s = remaining.first_s, left_last_s = remaining.last_s
    FROM remaining WHERE batch.number = remaining.batch_number
""")

_OLD_REJECTS: Final = """
    FROM ingest.upload_rejects AS reject JOIN ingest.uploads AS upload ON upload.number = reject.upload_number
    WHERE upload.finished_at < :cutoff
"""


@dataclass(frozen=True, slots=True)
class OldRows:
    """Old rows of one table: `rows` can be removed, which frees `size_bytes`; `unresolved` ones are old but stay.

    `is_whole_table`: the table has no other rows. `first_s` and `last_s`: Unix seconds of the removable rows.
    """

    table: str
    rows: int
    unresolved: int
    is_whole_table: bool
    first_s: int | None
    last_s: int | None
    size_bytes: int


Key = tuple[int, int]
"""Device and Unix second of a reading."""


async def partitions(session: Session) -> list[str]:
    """The tables of readings, oldest year first, the default partition last."""
    return list(await session.scalars(_PARTITIONS))


async def count_old(session: Session, table: str, cutoff_s: int) -> OldRows:
    """Readings in `table` before `cutoff_s`; if others stay, `size_bytes` is in proportion to the rows."""
    query = sa.text(f"""
        SELECT count(*) FILTER (WHERE old AND label <> 'unresolved') AS rows,
            count(*) FILTER (WHERE old AND label = 'unresolved') AS unresolved, count(*) AS stored,
            min(timestamp_s) FILTER (WHERE old AND label <> 'unresolved') AS first_s,
            max(timestamp_s) FILTER (WHERE old AND label <> 'unresolved') AS last_s,
            pg_total_relation_size('ingest.{table}') AS size
        FROM (SELECT timestamp_s, label, timestamp_s < :cutoff_s AS old FROM ingest.{table}) AS reading
    """)
    found = (await session.execute(query, {"cutoff_s": cutoff_s})).one()
    size = found.size * found.rows // found.stored if found.stored else 0
    is_whole = 0 < found.rows == found.stored
    return OldRows(table, found.rows, found.unresolved, is_whole, found.first_s, found.last_s, size)


async def count_old_rejects(session: Session, cutoff: datetime) -> OldRows:
    """Rejects of uploads that ended before `cutoff`."""
    query = sa.text(f"""
        SELECT count(*) AS rows, (SELECT count(*) FROM ingest.upload_rejects) AS stored,
            extract(epoch FROM min(upload.finished_at))::bigint AS first_s,
            extract(epoch FROM max(upload.finished_at))::bigint AS last_s,
            pg_total_relation_size('ingest.upload_rejects') AS size
        {_OLD_REJECTS}
    """)
    found = (await session.execute(query, {"cutoff": cutoff})).one()
    size = found.size * found.rows // found.stored if found.stored else 0
    return OldRows(REJECTS, found.rows, 0, 0 < found.rows == found.stored, found.first_s, found.last_s, size)


async def truncate(session: Session, table: str, cutoff_s: int) -> int | None:
    """Remove all rows of `table` at once, with their files; the number of rows. None if any row must stay.

    The table itself stays, for history of its year that may still arrive. It locks out all other transactions, so it
    waits for the lock for at most 2 s.
    """
    await session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
    await session.execute(sa.text(f"LOCK TABLE ingest.{table} IN ACCESS EXCLUSIVE MODE"))
    must_stay = sa.text(f"SELECT EXISTS (SELECT FROM ingest.{table} WHERE timestamp_s >= :s OR label = 'unresolved')")
    if await session.scalar(must_stay, {"s": cutoff_s}):
        return None
    removed = f"SELECT batch_number, label, count(*) AS rows FROM ingest.{table} GROUP BY batch_number, label"
    query = sa.text(f"WITH removed AS MATERIALIZED ({removed}), {_SUBTRACT} SELECT coalesce(sum(rows), 0) FROM removed")
    rows = int(await session.scalar(query) or 0)
    await session.execute(sa.text(f"TRUNCATE ingest.{table}"))
    return rows


async def remove_step(session: Session, table: str, cutoff_s: int, after: Key, limit: int) -> tuple[int, Key | None]:
    """Delete at most `limit` old rows after a key, in the order of keys; their number, and the last key."""
    query = sa.text(f"""
        WITH chosen AS MATERIALIZED (
            SELECT device_id, timestamp_s FROM ingest.{table}
            WHERE (device_id, timestamp_s) > (:device_id, :after_s) AND timestamp_s < :cutoff_s
                AND label <> 'unresolved'
            ORDER BY device_id, timestamp_s LIMIT :limit
        ), removed AS (
            DELETE FROM ingest.{table} AS reading USING chosen
            WHERE reading.device_id = chosen.device_id AND reading.timestamp_s = chosen.timestamp_s
            RETURNING reading.batch_number, reading.label, 1 AS rows
        ), {_SUBTRACT}
        SELECT (SELECT count(*) FROM removed) AS rows, device_id, timestamp_s FROM chosen
        ORDER BY device_id DESC, timestamp_s DESC LIMIT 1
    """)
    key = {"device_id": after[0], "after_s": after[1]}
    last = (await session.execute(query, {**key, "cutoff_s": cutoff_s, "limit": limit})).first()
    return (0, None) if last is None else (last.rows, (last.device_id, last.timestamp_s))


async def remove_rejects(session: Session, cutoff: datetime, limit: int) -> int:
    """Delete at most `limit` rejects of uploads that ended before `cutoff`; their number."""
    query = sa.text(f"""
        WITH removed AS (
            DELETE FROM ingest.upload_rejects WHERE (upload_number, place) IN (
                SELECT reject.upload_number, reject.place {_OLD_REJECTS} LIMIT :limit
            ) RETURNING 1
        ) SELECT count(*) FROM removed
    """)
    return int(await session.scalar(query, {"cutoff": cutoff, "limit": limit}) or 0)


async def update_spans(session: Session) -> None:
    """Update the first and last timestamp of the remaining rows of each batch that lost some."""
    await session.execute(_UPDATE_SPANS)
