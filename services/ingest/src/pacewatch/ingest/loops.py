"""What ingest does without being asked: judge labels, watch who is heard from, make partitions, add the audit up."""

import asyncio
from typing import Final

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.ingest import partitions, sums
from pacewatch.ingest.connectivity.service import Patience, watch
from pacewatch.ingest.labels import service
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock
from pacewatch.kit.module import Loop, Resources

# Between two looks at the clock, wall seconds: short, because a demo's or a replay's clock may jump.
LONGEST_PAUSE_S: Final = 30.0
SHORTEST_PAUSE_S: Final = 0.5


def mature_daily(profile: Profile, settings: IngestSettings) -> Loop:
    """A loop that judges the ledger every `mature_every_h` of fleet time, in one process at a time."""

    async def loop(resources: Resources) -> None:
        while True:
            async with resources.database.transaction("ingest") as session:
                await service.mature_if_due(session, profile, settings)
            await asyncio.sleep(_pause_s())

    return loop


def watch_connectivity(profile: Profile, settings: IngestSettings) -> Loop:
    """A loop that takes in which devices were heard from, and tells when they fall silent or are heard again."""
    patience = Patience.of(profile, settings)

    async def loop(resources: Resources) -> None:
        while True:
            async with resources.database.transaction("ingest") as session:
                await watch(session, patience)
            await asyncio.sleep(_pause_s(min(profile.cadence_s, SECONDS_PER_DAY)))

    return loop


async def keep_partitions(resources: Resources) -> None:
    """A loop that creates the partitions of coming years."""
    while True:
        async with resources.database.transaction("ingest") as session:
            await partitions.ensure_ahead(session)
        await asyncio.sleep(_pause_s())


async def add_up(resources: Resources) -> None:
    """A loop that keeps the sums of the audit close behind it."""
    while True:
        async with resources.database.transaction("ingest") as session:
            await sums.add_up(session)
        await asyncio.sleep(LONGEST_PAUSE_S)


def _pause_s(of_s: float = SECONDS_PER_DAY) -> float:
    """A quarter of `of_s` of fleet time, in wall time."""
    speed = clock.speed()
    quarter_s = of_s / 4 / speed if speed > 0 else SHORTEST_PAUSE_S
    return min(max(quarter_s, SHORTEST_PAUSE_S), LONGEST_PAUSE_S)
