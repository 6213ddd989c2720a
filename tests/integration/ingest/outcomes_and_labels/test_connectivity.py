"""Connectivity: states by silence in cadences, one event per update, and no event for backfilled history."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from support.ingest import NOW_S, Ingest, Row, outcome, reading, stand_at
from support.ingest.batches import store_batch

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.connectivity.service import SilenceLimits, update_connectivity
from pacewatch.ingest.settings import IngestSettings

FIELD = PACEMAKER.device_field
DAY_S = 86_400
NOW = datetime.fromtimestamp(NOW_S, UTC).isoformat().replace("+00:00", "Z")
LIMITS = SilenceLimits.of(PACEMAKER, IngestSettings())


async def updated(ingest: Ingest) -> bool:
    async with ingest.database.transaction("ingest") as session:
        return await update_connectivity(session, LIMITS)


async def states(ingest: Ingest, **filters: Any) -> dict[int, str]:
    return {item[FIELD]: item["state"] for item in (await ingest.get("connectivity", **filters))["items"]}


async def send_readings(ingest: Ingest, *devices: int, days_ago: float = 0, now: float = 0) -> None:
    """Each device sends a reading of that time; fleet time is then set to `now`, in days."""
    stand_at(now - days_ago)
    await ingest.accepted([reading(device, NOW_S + int((now - days_ago) * DAY_S)) for device in devices])
    stand_at(now)
    await updated(ingest)


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
async def test_the_state_follows_from_silence_in_cadences(ingest: Ingest, silent_s: float, state: str) -> None:
    await send_readings(ingest, 1)
    stand_at(silent_s / DAY_S)
    overview = await ingest.get("connectivity")
    assert overview["items"] == [{FIELD: 1, "device": "1", "state": state, "last_heard_at": NOW, "silent_s": silent_s}]
    assert overview["counts"] == {"connected": 0, "late": 0, "disconnected": 0} | {state: 1}
    for other in ("connected", "late", "disconnected"):
        assert await states(ingest, state=other) == ({1: state} if other == state else {})


async def test_devices_are_listed_longest_silent_first(ingest: Ingest) -> None:
    await send_readings(ingest, 1, 2, days_ago=3)
    await send_readings(ingest, 3, days_ago=9)
    await send_readings(ingest, 4)
    assert await states(ingest) == {3: "disconnected", 1: "late", 2: "late", 4: "connected"}
    page = await ingest.get("connectivity", page=2, size=1, state="late")
    assert (page["total"], page["page"], [item[FIELD] for item in page["items"]]) == (2, 2, [2])
    assert (await ingest.get("connectivity"))["total"] == 4


async def test_only_changes_are_emitted_each_once(ingest: Ingest) -> None:
    await send_readings(ingest, 1, 2)
    await send_readings(ingest, 3, days_ago=9)
    assert await ingest.events("connectivity.changed") == [], "the first state is not a change"
    stand_at(2)
    await send_readings(ingest, 2, now=2)
    stand_at(2.3)
    await updated(ingest)
    stand_at(8)
    await send_readings(ingest, 1, 2, now=8)
    emitted = [
        [(one["device_id"], one["state"]) for one in event["devices"]]
        for event in await ingest.events("connectivity.changed")
    ]
    assert emitted == [[(1, "late")], [(1, "connected")]]


async def test_a_fleet_that_falls_silent_is_one_event_that_lists_few_devices(ingest: Ingest) -> None:
    await send_readings(ingest, *range(50))
    stand_at(1.6)
    await updated(ingest)
    await updated(ingest)
    (event,) = await ingest.events("connectivity.changed")
    assert (event["changed"], len(event["devices"]), event["fleet_wide"]) == (50, 20, True)
    assert event["counts"] == {"connected": 0, "late": 50, "disconnected": 0}
    assert (await ingest.get("connectivity"))["fleet_wide"] is True
    stand_at(3)
    assert (await ingest.get("connectivity"))["fleet_wide"] is False, "not within the last cadence"


async def test_one_in_five_silent_at_once_is_not_fleet_wide(ingest: Ingest) -> None:
    await send_readings(ingest, *range(50))
    stand_at(1.6)
    await send_readings(ingest, *range(10, 50), now=1.6)
    (event,) = await ingest.events("connectivity.changed")
    assert (event["changed"], event["fleet_wide"]) == (10, False)


async def test_backfilled_history_connects_no_device_and_emits_nothing(ingest: Ingest) -> None:
    rows: list[Row] = [reading(device, NOW_S - day * DAY_S) for device in range(5) for day in range(1, 20)]
    await ingest.post(rows, "telemetry/ingest?mode=backfill")
    await updated(ingest)
    stand_at(9)
    await updated(ingest)
    assert await states(ingest) == {}
    assert await ingest.events("connectivity.changed") == []


async def test_a_device_is_connected_when_its_old_readings_arrive(ingest: Ingest) -> None:
    """A home monitor that was offline sends stored readings: the link works again, however old they are."""
    await send_readings(ingest, 1, days_ago=3)
    assert await states(ingest) == {1: "late"}
    await ingest.accepted([reading(1, NOW_S - 2 * DAY_S)])
    await updated(ingest)
    assert await states(ingest) == {1: "connected"}


async def test_arrivals_recorded_again_never_move_back(ingest: Ingest) -> None:
    await send_readings(ingest, 1)
    # Also if other transactions run on the server: readings stored so far are not read again.
    await ingest.sql(
        "UPDATE ingest.connectivity_watch SET seen_xid = pg_snapshot_xmax(pg_current_snapshot())::text::int8"
    )
    await send_readings(ingest, 1, days_ago=4)
    assert (await ingest.get("connectivity"))["items"][0]["last_heard_at"] == NOW


async def test_failed_explanted_and_lost_devices_are_left_out_until_they_measure_again(ingest: Ingest) -> None:
    await send_readings(ingest, 1, 2, 3, 4)
    stand_at(2)
    ends = zip(("explant", "lost", "failure"), (1, 2, 4), strict=True)
    await ingest.record(*(outcome(kind, NOW_S + DAY_S, device) for kind, device in ends))
    await updated(ingest)
    assert await states(ingest) == {3: "late"}
    (event,) = await ingest.events("connectivity.changed")
    assert event["changed"] == 1
    await send_readings(ingest, 1, now=2)
    assert await states(ingest) == {1: "connected", 3: "late"}
    (wrong,) = (await ingest.get("outcomes", device_id=2))["items"]
    await ingest.correct(wrong["outcome_id"], withdrawn=True)
    assert await states(ingest) == {1: "connected", 2: "late", 3: "late"}


async def test_a_batch_that_commits_late_is_recorded(ingest: Ingest) -> None:
    """Its transaction begins first and ends last, after an update read a later one."""
    async with ingest.database.transaction("ingest") as slow:
        await store_batch(slow, reading(1))
        await send_readings(ingest, 2)
        assert await states(ingest) == {2: "connected"}
    await updated(ingest)
    assert await states(ingest) == {1: "connected", 2: "connected"}


async def test_states_are_updated_four_times_a_cadence_by_any_number_of_processes(ingest: Ingest) -> None:
    assert sum(await asyncio.gather(*(updated(ingest) for _ in range(4)))) == 1
    stand_at(0.24)
    assert not await updated(ingest)
    stand_at(0.25)
    assert await updated(ingest)
    stand_at(0)
    assert await updated(ingest), "states must be updated after the clock was set back"
