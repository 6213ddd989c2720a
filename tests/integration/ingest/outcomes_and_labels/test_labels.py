"""Labels: when they change, which events they emit, and how changes reach the trainer."""

import asyncio

import pytest
from support.ingest import NOW_S, Ingest, outcome, reading, stand_at
from support.ingest.batches import store_batch

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.labels import service
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock

DAY_S = 86_400
KEY = (1, NOW_S)

BORDERS = [
    (8 * DAY_S, ("failure", 0), "unresolved"),
    (8 * DAY_S, ("failure", 1), "positive"),
    (8 * DAY_S, ("failure", 7 * DAY_S), "positive"),
    (8 * DAY_S, ("failure", 7 * DAY_S + 1), "unresolved"),
    (8 * DAY_S, ("explant", 7 * DAY_S), "censored"),
    (8 * DAY_S, ("explant", 7 * DAY_S + 1), "unresolved"),
    (8 * DAY_S, ("lost", -DAY_S), "censored"),
    (7 * DAY_S - 1, ("lost", DAY_S), "unresolved"),
    (8 * DAY_S, ("seen_healthy", 7 * DAY_S), "negative"),
    (8 * DAY_S, ("seen_healthy", 7 * DAY_S - 1), "unresolved"),
    (37 * DAY_S - 1, None, "unresolved"),
    (37 * DAY_S, None, "censored"),
]


@pytest.mark.parametrize(("now_s", "outcome_at", "expected"), BORDERS)
async def test_a_window_opens_after_the_timestamp_and_includes_its_last_second(
    ingest: Ingest, now_s: int, outcome_at: tuple[str, int] | None, expected: str
) -> None:
    await ingest.accepted([reading(1)])
    stand_at(now_s / DAY_S)
    if outcome_at:
        await ingest.record(outcome(outcome_at[0], NOW_S + outcome_at[1]))
    await ingest.mature()
    assert await ingest.labels() == {KEY: expected}


async def test_a_failure_reported_late_turns_a_negative_positive_and_stamps_the_row(ingest: Ingest) -> None:
    await ingest.accepted([reading(1)])
    stand_at(8)
    await ingest.accepted([reading(1, NOW_S + 8 * DAY_S)])
    assert (await ingest.mature())["moves"] == {"unresolved>negative": 1}
    stamp = "SELECT changed_xid FROM ingest.labelled_readings WHERE device_id = 1 AND timestamp_s = :at"
    (before,) = await ingest.sql(stamp, at=NOW_S)
    await ingest.record(outcome("failure", NOW_S + 7 * DAY_S))
    assert (await ingest.mature())["moves"] == {"negative>positive": 1}
    assert (await ingest.labels())[KEY] == "positive"
    (after,) = await ingest.sql(stamp, at=NOW_S)
    assert after.changed_xid > before.changed_xid


async def test_an_event_is_emitted_only_when_labels_changed(ingest: Ingest) -> None:
    await ingest.accepted([reading(1), reading(2)])
    await ingest.mature()
    assert await ingest.events("labels.matured") == []
    stand_at(50)
    await ingest.mature()
    (event,) = await ingest.events("labels.matured")
    assert (event["moved"], event["counts"]["censored"]) == (2, 2)
    summary = await ingest.get("labels/summary")
    assert (summary["counts"], summary["as_of"]) == (event["counts"], event["as_of"])


async def test_a_censored_reading_becomes_negative_when_its_device_sends_again(ingest: Ingest) -> None:
    await ingest.accepted([reading(1)])
    stand_at(40)
    assert (await ingest.mature())["moves"] == {"unresolved>censored": 1}
    await ingest.accepted([reading(1, NOW_S + 39 * DAY_S)])
    assert (await ingest.mature())["moves"] == {"censored>negative": 1}


async def test_timestamps_of_readings_do_not_advance_the_clock(ingest: Ingest) -> None:
    """Readings of a device whose clock is days ahead are rejected; within the tolerance no label matures early."""
    stand_at(6.999)
    await ingest.accepted([reading(1), reading(1, NOW_S + 7 * DAY_S)])
    assert (await ingest.mature())["moved"] == 0
    stand_at(7)
    assert (await ingest.mature())["moves"] == {"unresolved>negative": 1}


async def test_labels_are_updated_once_per_fleet_day_by_any_number_of_processes(ingest: Ingest) -> None:
    settings = IngestSettings()

    async def ask() -> bool:
        async with ingest.database.transaction("ingest") as session:
            return await service.mature_if_due(session, PACEMAKER, settings)

    assert sum(await asyncio.gather(*(ask() for _ in range(4)))) == 1
    assert not await ask()
    stand_at(0.99)
    assert not await ask()
    stand_at(1)
    assert await ask()
    stand_at(0)
    assert await ask(), "labels must be updated after the clock was set back"
    assert (await ingest.get("labels/summary"))["as_of"] == clock.now().isoformat().replace("+00:00", "Z")


async def test_a_pull_from_a_watermark_gets_changes_that_commit_late(ingest: Ingest) -> None:
    """Two batches overlap; the one with the smaller transaction id commits last, after a pull read the other."""
    pull = (
        "SELECT device_id, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS mark FROM ingest.labelled_readings"
    )
    async with ingest.database.transaction("ingest") as slow:
        await store_batch(slow, reading(1))
        await ingest.accepted([reading(2)])
        first = await ingest.sql(pull)
    assert [row.device_id for row in first] == [2]
    second = await ingest.sql(f"{pull} WHERE changed_xid >= :mark ORDER BY 1", mark=first[0].mark)
    assert [row.device_id for row in second] == [1, 2]
