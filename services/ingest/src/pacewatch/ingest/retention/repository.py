"""Queries that look for old readings and take them away, a year at once or in steps along the key.

What goes is booked in the same statement: by batch in the audit, by label in the ledger. Totals stay right in between.
"""

# ruff: noqa: S608 - names of tables come from the catalogue; every value is a parameter

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

_BOOKED: Final = """
    booked AS (
        UPDATE ingest.batches AS batch SET removed = batch.removed + gone.rows
        FROM (SELECT batch_number, sum(rows) AS rows FROM removed GROUP BY batch_number) AS gone
        WHERE batch.number = gone.batch_number
    ), judged AS (
        UPDATE ingest.ledger AS ledger SET positive = ledger.positive - gone.positive,
            negative = ledger.negative - gone.negative, censored = ledger.censored - gone.censored
        FROM (
            SELECT coalesce(sum(rows) FILTER (WHERE label = 'positive'), 0) AS positive,
                coalesce(sum(rows) FILTER (WHERE label = 'negative'), 0) AS negative,
                coalesce(sum(rows) FILTER (WHERE label = 'censored'), 0) AS censored
            FROM removed
        ) AS gone
    )"""

# The span of what is left of a batch is not known from what went; a batch that lost rows is looked at again.
_SPANS: Final = sa.text("""
    WITH torn AS MATERIALIZED (
        SELECT number, first_s, last_s FROM ingest.batches WHERE removed > 0 AND removed < accepted
    ), remaining AS (
        SELECT batch_number, min(timestamp_s) AS first_s, max(timestamp_s) AS last_s FROM ingest.readings
        WHERE batch_number IN (SELECT number FROM torn)
            AND timestamp_s BETWEEN (SELECT min(first_s) FROM torn) AND (SELECT max(last_s) FROM torn)
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
class Share:
    """What is old in one table: `rows` would go, `unresolved` are old and stay, `size` bytes are given back.

    `whole`: nothing else is in it. `first_s` and `last_s` (Unix seconds) are of what would go.
    """

    table: str
    rows: int
    unresolved: int
    whole: bool
    first_s: int | None
    last_s: int | None
    size: int


Place = tuple[int, int]
"""A key: device and Unix second."""


async def partitions(session: Session) -> list[str]:
    """The tables that hold readings, oldest year first, the one for years without a table last."""
    return list(await session.scalars(_PARTITIONS))


async def share(session: Session, table: str, cutoff_s: int) -> Share:
    """What of `table` is older than `cutoff_s`; where not all of it goes, `size` is in proportion."""
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
    whole = 0 < found.rows == found.stored
    return Share(table, found.rows, found.unresolved, whole, found.first_s, found.last_s, size)


async def rejects_share(session: Session, cutoff: datetime) -> Share:
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
    return Share(REJECTS, found.rows, 0, 0 < found.rows == found.stored, found.first_s, found.last_s, size)


async def empty(session: Session, table: str, cutoff_s: int) -> int | None:
    """Take all of `table` at once, its files with it; how many rows. None if something in it must stay.

    The table itself stays, for history of its year that may still come. Nobody uses it meanwhile; others wait 2 s for
    that at most, and so does this.
    """
    await session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
    await session.execute(sa.text(f"LOCK TABLE ingest.{table} IN ACCESS EXCLUSIVE MODE"))
    keeps = sa.text(f"SELECT EXISTS (SELECT FROM ingest.{table} WHERE timestamp_s >= :s OR label = 'unresolved')")
    if await session.scalar(keeps, {"s": cutoff_s}):
        return None
    removed = f"SELECT batch_number, label, count(*) AS rows FROM ingest.{table} GROUP BY batch_number, label"
    query = sa.text(f"WITH removed AS MATERIALIZED ({removed}), {_BOOKED} SELECT coalesce(sum(rows), 0) FROM removed")
    rows = int(await session.scalar(query) or 0)
    await session.execute(sa.text(f"TRUNCATE ingest.{table}"))
    return rows


async def remove(session: Session, table: str, cutoff_s: int, behind: Place, limit: int) -> tuple[int, Place | None]:
    """Delete at most `limit` old rows behind a key, in the order of keys; how many, and the last of their keys."""
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
        ), {_BOOKED}
        SELECT (SELECT count(*) FROM removed) AS rows, device_id, timestamp_s FROM chosen
        ORDER BY device_id DESC, timestamp_s DESC LIMIT 1
    """)
    place = {"device_id": behind[0], "after_s": behind[1]}
    last = (await session.execute(query, {**place, "cutoff_s": cutoff_s, "limit": limit})).first()
    return (0, None) if last is None else (last.rows, (last.device_id, last.timestamp_s))


async def remove_rejects(session: Session, cutoff: datetime, limit: int) -> int:
    """Delete at most `limit` rejects of uploads that ended before `cutoff`; how many."""
    query = sa.text(f"""
        WITH removed AS (
            DELETE FROM ingest.upload_rejects WHERE (upload_number, place) IN (
                SELECT reject.upload_number, reject.place {_OLD_REJECTS} LIMIT :limit
            ) RETURNING 1
        ) SELECT count(*) FROM removed
    """)
    return int(await session.scalar(query, {"cutoff": cutoff, "limit": limit}) or 0)


async def find_spans(session: Session) -> None:
    """Note for each batch that lost some of its rows from when to when the others are."""
    await session.execute(_SPANS)
