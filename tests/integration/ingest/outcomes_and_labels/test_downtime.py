"""A downtime of ingest itself is nobody's silence: it makes no device late and censors no label; one event names it."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from support.ingest import NOW_S, Ingest, reading, stand_at

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest import downtime
from pacewatch.ingest.connectivity.service import SilenceLimits, update_connectivity
from pacewatch.ingest.downtime import Downtime
from pacewatch.ingest.settings import IngestSettings

DAY_S = 86_400
LIMITS = SilenceLimits.of(PACEMAKER, IngestSettings())
DOWN_S = int(3.6 * DAY_S)


async def run_loops(ingest: Ingest) -> None:
    """One pass of each loop that leaves a heartbeat, in their order."""
    async with ingest.database.transaction("ingest") as session:
        await downtime.beat(session)
    async with ingest.database.transaction("ingest") as session:
        await update_connectivity(session, LIMITS)


async def no_process_runs(ingest: Ingest, wall_s: float) -> None:
    aged = sa.text("UPDATE ingest.heartbeat SET alive_at = alive_at - make_interval(secs => :wall_s)")
    async with ingest.database.transaction("ingest") as session:
        await session.execute(aged, {"wall_s": wall_s})


async def send(ingest: Ingest, day: float, *devices: int) -> None:
    stand_at(day)
    await ingest.accepted([reading(device, NOW_S + int(day * DAY_S)) for device in devices])
    await run_loops(ingest)


def at(day: float) -> str:
    return datetime.fromtimestamp(NOW_S + int(day * DAY_S), UTC).isoformat().replace("+00:00", "Z")


async def test_a_downtime_makes_no_device_late_and_one_event_names_it(ingest: Ingest) -> None:
    await send(ingest, 0, *range(300))
    await no_process_runs(ingest, DOWN_S)
    stand_at(3.6)
    for _ in range(2):
        await run_loops(ingest)
    fleet = await ingest.get("connectivity", size=1)
    assert fleet["counts"] == {"connected": 300, "late": 0, "disconnected": 0}
    assert (fleet["downtime_began_at"], fleet["downtime_ended_at"]) == (at(0), at(3.6))
    assert fleet["items"][0]["silent_s"] == 0
    (event,) = await ingest.events("connectivity.changed")
    assert (event["changed"], event["fleet_wide"]) == (0, False)
    assert (event["downtime_began_at"], event["downtime_ended_at"]) == (at(0), at(3.6))


async def test_who_stays_silent_after_a_downtime_becomes_late_by_the_time_that_we_listened(ingest: Ingest) -> None:
    await send(ingest, 0, 1, 2, 3, 4, 5)
    await no_process_runs(ingest, DOWN_S)
    await send(ingest, 3.6, 1)
    await send(ingest, 3.6 + 1.4, 1)
    assert (await ingest.get("connectivity"))["counts"]["late"] == 0
    await send(ingest, 3.6 + 1.6, 1)
    fleet = await ingest.get("connectivity", state="late")
    assert (fleet["total"], fleet["fleet_wide"]) == (4, True)
    assert {item["silent_s"] for item in fleet["items"]} == {int(1.6 * DAY_S)}


async def test_fleet_time_that_jumps_while_we_run_is_no_downtime(ingest: Ingest) -> None:
    await send(ingest, 0, 1, 2, 3)
    stand_at(3.6)
    await run_loops(ingest)
    fleet = await ingest.get("connectivity")
    assert (fleet["counts"]["late"], fleet["fleet_wide"], fleet["downtime_began_at"]) == (3, False, None)


async def test_fleet_time_that_stands_while_nothing_runs_is_no_downtime(ingest: Ingest) -> None:
    await send(ingest, 0, 1)
    await no_process_runs(ingest, 30 * DAY_S)
    await run_loops(ingest)
    assert (await ingest.get("connectivity"))["downtime_began_at"] is None


async def test_no_label_is_censored_by_a_downtime(ingest: Ingest) -> None:
    await send(ingest, 0, 1, 2)
    await no_process_runs(ingest, 60 * DAY_S)
    stand_at(60)
    await run_loops(ingest)
    assert (await ingest.mature())["counts"]["censored"] == 0
    await send(ingest, 61, 1)
    assert (await ingest.mature())["moves"] == {"unresolved>negative": 1}
    stand_at(60 + 29)
    assert (await ingest.mature())["counts"]["censored"] == 0
    # The next reading of 2 was due from day 7 on. We were up for 30 days since then.
    stand_at(60 + 30.1)
    assert (await ingest.mature())["moves"]["unresolved>censored"] == 1


@pytest.mark.parametrize(
    ("up_s", "since_s"), [(5, 95), (10, 90), (11, 79), (30, 60), (31, 49), (39, 41), (40, 40), (41, 29), (60, 10)]
)
def test_time_up_leaves_downtimes_out(up_s: int, since_s: int) -> None:
    downtimes = [Downtime(80, 90), Downtime(50, 60), Downtime(30, 40)]
    found = downtime.up_for(up_s, 100, downtimes)
    assert downtime.up_since(found, 100, downtimes) == up_s
    assert found == since_s
