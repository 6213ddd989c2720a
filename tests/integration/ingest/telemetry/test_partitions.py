"""Readings are stored by year, and partitions of coming years are created in advance."""

import time
from collections.abc import AsyncIterator

import pytest
from support.ingest import NOW_S, Ingest, reading, stand_at

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest import partitions

YEAR_DAYS = 365.25
THIS_YEAR = partitions.year_of(NOW_S)


@pytest.fixture
async def later(ingest: Ingest) -> AsyncIterator[Ingest]:
    """The service; partitions that a test adds are dropped after it."""
    yield ingest
    for year in range(THIS_YEAR + 1, THIS_YEAR + 40):
        if year > partitions.year_of(time.time()) + partitions.YEARS_AHEAD:
            await ingest.sql(f"DROP TABLE IF EXISTS ingest.readings_{year}")


async def years_of(ingest: Ingest) -> set[str]:
    rows = await ingest.sql("SELECT DISTINCT tableoid::regclass::text AS name FROM ingest.readings")
    return {row.name.rpartition("_")[2] for row in rows}


async def test_every_reading_is_stored_in_the_partition_of_its_year(ingest: Ingest) -> None:
    first, last = partitions.bounds_s(THIS_YEAR - 1)
    await ingest.accepted([reading(1, at) for at in (PACEMAKER.epoch_s, first, last - 1, last)])
    assert await years_of(ingest) == {"2005", str(THIS_YEAR - 1), str(THIS_YEAR)}


async def test_partitions_of_coming_years_are_created_once(later: Ingest) -> None:
    stand_at(20 * YEAR_DAYS)
    assert await ensure(later) == [THIS_YEAR + 20, THIS_YEAR + 21, THIS_YEAR + 22]
    assert await ensure(later) == []
    await later.accepted([reading(1, int(NOW_S + 20 * YEAR_DAYS * 86_400))])
    assert await years_of(later) == {str(THIS_YEAR + 20)}


async def test_a_year_without_partition_is_stored_in_the_default_partition(later: Ingest) -> None:
    stand_at(30 * YEAR_DAYS)
    await later.accepted([reading(1, int(NOW_S + 30 * YEAR_DAYS * 86_400))])
    assert await years_of(later) == {"beyond"}
    assert await ensure(later) == [THIS_YEAR + 31, THIS_YEAR + 32]


async def ensure(ingest: Ingest) -> list[int]:
    async with ingest.database.transaction("ingest") as session:
        return await partitions.create_upcoming(session)
