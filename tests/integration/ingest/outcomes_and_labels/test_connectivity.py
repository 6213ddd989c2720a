"""Connectivity: states by silence against the cadence, one fact per judgement, and no alarm from a loaded history."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from support.ingest import NOW_S, Ingest, Row, outcome, reading, stand_at

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.connectivity.service import Patience, watch
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.telemetry.service import Delivery
from pacewatch.ingest.telemetry.service import ingest as take_in

FIELD = PACEMAKER.device_field
DAY_S = 86_400
NOW = datetime.fromtimestamp(NOW_S, UTC).isoformat().replace("+00:00", "Z")
PATIENCE = Patience.of(PACEMAKER, IngestSettings())


async def watched(ingest: Ingest) -> bool:
    async with ingest.database.transaction("ingest") as session:
        return await watch(session, PATIENCE)


async def states(ingest: Ingest, **narrowed: Any) -> dict[int, str]:
    return {item[FIELD]: item["state"] for item in (await ingest.get("connectivity", **narrowed))["items"]}


async def heard(ingest: Ingest, *devices: int, days_ago: float = 0, now: float = 0) -> None:
    """Each sends a reading of that moment; `now` is where the clock stands afterwards, in days."""
    stand_at(now - days_ago)
    await ingest.accepted([reading(device, NOW_S + int((now - days_ago) * DAY_S)) for device in devices])
    stand_at(now)
    await watched(ingest)


@pytest.mark.parametrize(
    ("silent_s", "state"),
    [
        (0, "connected"),
        (1.5 * DAY_S, "connected"),
        (1.5 * DAY_S + 1, "late"),
        (7 * DAY_S, "late"),
        (7 * DAY_S + 1, "disconnected"),
    ],
)
async def test_a_state_is_how_long_a_device_is_silent_against_its_cadence(
    ingest: Ingest, silent_s: float, state: str
) -> None:
    await heard(ingest, 1)
    stand_at(silent_s / DAY_S)
    told = await ingest.get("connectivity")
    assert told["items"] == [{FIELD: 1, "state": state, "last_heard_at": NOW, "silent_s": silent_s}]
    assert told["counts"] == {"connected": 0, "late": 0, "disconnected": 0} | {state: 1}
    for other in ("connected", "late", "disconnected"):
        assert await states(ingest, state=other) == ({1: state} if other == state else {})


async def test_devices_are_paged_the_longest_silent_first(ingest: Ingest) -> None:
    await heard(ingest, 1, 2, days_ago=3)
    await heard(ingest, 3, days_ago=9)
    await heard(ingest, 4)
    assert await states(ingest) == {3: "disconnected", 1: "late", 2: "late", 4: "connected"}
    page = await ingest.get("connectivity", page=2, size=1, state="late")
    assert (page["total"], page["page"], [item[FIELD] for item in page["items"]]) == (2, 2, [2])
    assert (await ingest.get("connectivity"))["total"] == 4


async def test_only_changes_are_told_and_each_once(ingest: Ingest) -> None:
    await heard(ingest, 1, 2)
    await heard(ingest, 3, days_ago=9)
    assert await ingest.events("connectivity.changed") == [], "first heard from is no change"
    stand_at(2)
    await heard(ingest, 2, now=2)
    stand_at(2.3)
    await watched(ingest)
    stand_at(8)
    await heard(ingest, 1, 2, now=8)
    told = [
        [(one["device_id"], one["state"]) for one in event["devices"]]
        for event in await ingest.events("connectivity.changed")
    ]
    assert told == [[(1, "late")], [(1, "connected")]]


async def test_a_fleet_that_falls_silent_is_one_fact_with_few_names(ingest: Ingest) -> None:
    await heard(ingest, *range(50))
    stand_at(1.6)
    await watched(ingest)
    await watched(ingest)
    (event,) = await ingest.events("connectivity.changed")
    assert (event["changed"], len(event["devices"]), event["fleet_wide"]) == (50, 20, True)
    assert event["counts"] == {"connected": 0, "late": 50, "disconnected": 0}
    assert (await ingest.get("connectivity"))["fleet_wide"] is True
    stand_at(3)
    assert (await ingest.get("connectivity"))["fleet_wide"] is False, "silent for longer than a cadence is no news"


async def test_one_in_five_silent_at_once_is_no_failure_of_the_gateway(ingest: Ingest) -> None:
    await heard(ingest, *range(50))
    stand_at(1.6)
    await heard(ingest, *range(10, 50), now=1.6)
    (event,) = await ingest.events("connectivity.changed")
    assert (event["changed"], event["fleet_wide"]) == (10, False)


async def test_a_loaded_history_makes_no_device_connected_and_no_alarm(ingest: Ingest) -> None:
    rows: list[Row] = [reading(device, NOW_S - day * DAY_S) for device in range(5) for day in range(1, 20)]
    await ingest.post(rows, "telemetry/ingest?mode=backfill")
    await watched(ingest)
    stand_at(9)
    await watched(ingest)
    assert await states(ingest) == {}
    assert await ingest.events("connectivity.changed") == []


async def test_a_device_whose_old_readings_arrive_is_connected(ingest: Ingest) -> None:
    """A home monitor that was away sends what it kept: the link works again, whatever the readings say."""
    await heard(ingest, 1, days_ago=3)
    assert await states(ingest) == {1: "late"}
    await ingest.accepted([reading(1, NOW_S - 2 * DAY_S)])
    await watched(ingest)
    assert await states(ingest) == {1: "connected"}


async def test_batches_that_are_read_again_take_nothing_back(ingest: Ingest) -> None:
    await heard(ingest, 1)
    # Whatever else runs on the server: what came so far is not looked at again.
    await ingest.sql(
        "UPDATE ingest.connectivity_watch SET seen_xid = pg_snapshot_xmax(pg_current_snapshot())::text::int8"
    )
    await heard(ingest, 1, days_ago=4)
    assert (await ingest.get("connectivity"))["items"][0]["last_heard_at"] == NOW


async def test_what_failed_or_was_explanted_or_lost_is_missed_no_more_until_it_measures_again(ingest: Ingest) -> None:
    await heard(ingest, 1, 2, 3, 4)
    stand_at(2)
    ends = zip(("explant", "lost", "failure"), (1, 2, 4), strict=True)
    await ingest.record(*(outcome(kind, NOW_S + DAY_S, device) for kind, device in ends))
    await watched(ingest)
    assert await states(ingest) == {3: "late"}
    (event,) = await ingest.events("connectivity.changed")
    assert event["changed"] == 1
    await heard(ingest, 1, now=2)
    assert await states(ingest) == {1: "connected", 3: "late"}
    (wrong,) = (await ingest.get("outcomes", device=2))["items"]
    await ingest.correct(wrong["outcome_id"], withdrawn=True)
    assert await states(ingest) == {1: "connected", 2: "late", 3: "late"}


async def test_a_batch_that_commits_late_is_heard_all_the_same(ingest: Ingest) -> None:
    """Its transaction began first and ends last, after the watcher saw a younger one."""
    body = json.dumps([reading(1)]).encode()
    async with ingest.database.transaction("ingest") as slow:
        await take_in(slow, PACEMAKER, 0, Delivery(body, Mode.LIVE, "test", "", None))
        await heard(ingest, 2)
        assert await states(ingest) == {2: "connected"}
    await watched(ingest)
    assert await states(ingest) == {1: "connected", 2: "connected"}


async def test_the_fleet_is_judged_a_few_times_a_cadence_however_many_processes_ask(ingest: Ingest) -> None:
    assert sum(await asyncio.gather(*(watched(ingest) for _ in range(4)))) == 1
    stand_at(0.24)
    assert not await watched(ingest)
    stand_at(0.25)
    assert await watched(ingest)
    stand_at(0)
    assert await watched(ingest), "a clock that was set back is judged anew"
