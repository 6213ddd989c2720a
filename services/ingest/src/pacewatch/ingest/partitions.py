"""Readings are kept by calendar year of their timestamp: old years are dropped whole, new ones stay small to index."""

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
    """First second of `year`, and of the next: Unix seconds, UTC."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()), int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp())


def create_statement(schema: str, year: int) -> str:
    """DDL for the partition of `year`."""
    low, high = bounds_s(year)
    table = f"{schema}.readings"
    return f"CREATE TABLE {table}_{year} PARTITION OF {table} FOR VALUES FROM ({low}) TO ({high})"


def storing_order(readings: Readings) -> Ints:
    """The places of rows in the order in which every transaction must store them: by year, then by key.

    COPY fills the partitions one after the other; in the order of keys alone, it and an INSERT could wait for each
    other.
    """
    years = readings.timestamps_s.astype("datetime64[s]").astype("datetime64[Y]")
    return np.lexsort((readings.timestamps_s, readings.device_ids, years)).astype(np.int64)


async def ensure_ahead(session: Session) -> list[int]:
    """Create the partitions up to `YEARS_AHEAD` of fleet time that do not exist yet; the years that were new.

    A year whose readings already lie in the default partition (nobody created it in time) stays there.
    """
    # A new partition locks the whole table for a moment; rather try again later than make ingest wait for a long query.
    await session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
    created = []
    this_year = year_of(clock.now_s())
    for year in range(this_year, this_year + YEARS_AHEAD + 1):
        if await session.scalar(sa.text("SELECT to_regclass(:name)"), {"name": f"ingest.readings_{year}"}):
            continue
        low, high = bounds_s(year)
        strays = sa.text(
            "SELECT EXISTS (SELECT FROM ingest.readings_beyond WHERE timestamp_s >= :a AND timestamp_s < :b)"
        )
        if await session.scalar(strays, {"a": low, "b": high}):
            log.warning("partition_missed", year=year)
            continue
        await session.execute(sa.text(create_statement("ingest", year)))
        created.append(year)
    return created
