"""Partitions of readings by calendar year of the timestamp: old years can be emptied at once, indexes stay small."""

from datetime import UTC, datetime
from typing import Final

import numpy as np
import sqlalchemy as sa

from pacewatch.kit import clock, logs
from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.db import Session

YEARS_AHEAD: Final = 2

log = logs.get(__name__)


def year_of(timestamp_s: float) -> int:
    """The UTC calendar year of a Unix second."""
    return datetime.fromtimestamp(timestamp_s, UTC).year


def bounds_s(year: int) -> tuple[int, int]:
    """The first second of `year` and of the next year: Unix seconds, UTC."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()), int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp())


def create_statement(schema: str, year: int) -> str:
    """DDL for the partition of `year`."""
    low, high = bounds_s(year)
    table = f"{schema}.readings"
    return f"CREATE TABLE {table}_{year} PARTITION OF {table} FOR VALUES FROM ({low}) TO ({high})"


def storage_order(readings: Readings) -> Ints:
    """Positions in the order in which every transaction must store readings: by year, then by device and time.

    COPY fills the partitions one after another; by device and time alone, a COPY and an INSERT could deadlock.
    """
    years = readings.timestamps_s.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int16)
    order = readings.order()
    if order is None:
        return np.argsort(years, kind="stable")
    by_year: Ints = order[np.argsort(years[order], kind="stable")]
    return by_year


async def create_upcoming(session: Session) -> list[int]:
    """Create missing partitions up to `YEARS_AHEAD` of fleet time; returns their years.

    By a function of the database, because the account of the service may not create tables.

    A year whose readings are in the default partition already, because its partition was missing, stays there.
    """
    # A new partition locks the whole table for a moment; a later retry is better than ingest behind a long query.
    await session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
    created = []
    this_year = year_of(clock.now_s())
    for year in range(this_year, this_year + YEARS_AHEAD + 1):
        if await session.scalar(sa.text("SELECT to_regclass(:name)"), {"name": f"ingest.readings_{year}"}):
            continue
        low, high = bounds_s(year)
        in_default = sa.text(
            "SELECT EXISTS (SELECT FROM ingest.readings_beyond WHERE timestamp_s >= :a AND timestamp_s < :b)"
        )
        if await session.scalar(in_default, {"a": low, "b": high}):
            log.warning("partition_missed", year=year)
            continue
        await session.execute(sa.text("SELECT ingest.create_partition(:year)"), {"year": year})
        created.append(year)
    return created
