"""The background loops of ingest, except for uploads: labels, connectivity, partitions, and sums of the audit."""

import asyncio
from typing import Final

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.ingest import day_sums, downtime, partitions
from pacewatch.ingest.connectivity.service import SilenceLimits, update_connectivity
from pacewatch.ingest.labels import service as labels
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock
from pacewatch.kit.module import Loop, Resources

# Wall seconds between two passes: short, because the fleet time of a demo or a replay may jump.
MAX_PAUSE_S: Final = 30.0
MIN_PAUSE_S: Final = 0.5


def mature_daily(profile: Profile, settings: IngestSettings) -> Loop:
    """A loop that updates labels every `mature_every_h` of fleet time, in one process at a time."""

    async def loop(resources: Resources) -> None:
        while True:
            await _beat(resources)
            async with resources.database.transaction("ingest") as session:
                await labels.mature_if_due(session, profile, settings)
            await asyncio.sleep(_pause_s())

    return loop


def watch_connectivity(profile: Profile, settings: IngestSettings) -> Loop:
    """A loop that records when devices last sent, and emits which fell silent or reconnected."""
    limits = SilenceLimits.of(profile, settings)

    async def loop(resources: Resources) -> None:
        while True:
            await _beat(resources)
            async with resources.database.transaction("ingest") as session:
                await update_connectivity(session, limits)
            await asyncio.sleep(_pause_s(min(profile.cadence_s, SECONDS_PER_DAY)))

    return loop


async def keep_partitions(resources: Resources) -> None:
    """A loop that creates the partitions of coming years."""
    while True:
        async with resources.database.transaction("ingest") as session:
            await partitions.create_upcoming(session)
        await asyncio.sleep(_pause_s())


async def sum_audit(resources: Resources) -> None:
    """A loop that adds new batches to the daily sums of the audit."""
    while True:
        async with resources.database.transaction("ingest") as session:
            await day_sums.add_new_batches(session)
        await asyncio.sleep(MAX_PAUSE_S)


async def _beat(resources: Resources) -> None:
    """Before either loop judges silence, a downtime of ours is known. Alone: an update of labels may take long."""
    async with resources.database.transaction("ingest") as session:
        await downtime.beat(session)


def _pause_s(period_s: float = SECONDS_PER_DAY) -> float:
    """A quarter of `period_s` of fleet time, in wall seconds."""
    speed = clock.speed()
    quarter_s = period_s / 4 / speed if speed > 0 else MIN_PAUSE_S
    return min(max(quarter_s, MIN_PAUSE_S), MAX_PAUSE_S)
