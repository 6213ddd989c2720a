"""The label ledger: who may move it, what it tells, and how its changes reach the trainer."""

import asyncio
import json

import pytest
from support.ingest import NOW_S, Ingest, outcome, reading, stand_at

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.labels import service
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.telemetry.service import Delivery
from pacewatch.ingest.telemetry.service import ingest as take_in
from pacewatch.kit import clock
from pacewatch.kit.db import Session

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


@pytest.mark.parametrize(("now_s", "known", "expected"), BORDERS)
async def test_windows_open_after_t_and_close_with_the_last_second(
    ingest: Ingest, now_s: int, known: tuple[str, int] | None, expected: str
) -> None:
    await ingest.accepted([reading(1)])
    stand_at(now_s / DAY_S)
    if known:
        await ingest.record(outcome(known[0], NOW_S + known[1]))
    await ingest.mature()
    assert await ingest.labels() == {KEY: expected}


async def test_a_late_failure_flips_a_negative_and_the_flip_is_stamped(ingest: Ingest) -> None:
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


async def test_what_moved_is_told_to_the_platform_and_nothing_when_nothing_moved(ingest: Ingest) -> None:
    await ingest.accepted([reading(1), reading(2)])
    await ingest.mature()
    assert await ingest.events("labels.matured") == []
    stand_at(50)
    await ingest.mature()
    (event,) = await ingest.events("labels.matured")
    assert (event["moved"], event["counts"]["censored"]) == (2, 2)
    summary = await ingest.get("labels/summary")
    assert (summary["counts"], summary["as_of"]) == (event["counts"], event["as_of"])


async def test_a_censored_device_that_is_heard_again_becomes_negative(ingest: Ingest) -> None:
    await ingest.accepted([reading(1)])
    stand_at(40)
    assert (await ingest.mature())["moves"] == {"unresolved>censored": 1}
    await ingest.accepted([reading(1, NOW_S + 39 * DAY_S)])
    assert (await ingest.mature())["moves"] == {"censored>negative": 1}


async def test_the_newest_stamp_is_no_clock(ingest: Ingest) -> None:
    """A device whose clock runs days ahead is refused, and one within the tolerance matures nothing early."""
    stand_at(6.999)
    await ingest.accepted([reading(1), reading(1, NOW_S + 7 * DAY_S)])
    assert (await ingest.mature())["moved"] == 0
    stand_at(7)
    assert (await ingest.mature())["moves"] == {"unresolved>negative": 1}


async def test_the_schedule_judges_once_a_fleet_day_however_many_processes_ask(ingest: Ingest) -> None:
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
    assert await ask(), "a clock that was set back is judged anew"
    assert (await ingest.get("labels/summary"))["as_of"] == clock.now().isoformat().replace("+00:00", "Z")


async def test_a_watermark_pull_misses_no_change_that_commits_late(ingest: Ingest) -> None:
    """Two batches overlap; the one with the smaller transaction id commits last, after a pull saw the other."""
    pull = (
        "SELECT device_id, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS mark FROM ingest.labelled_readings"
    )
    async with ingest.database.transaction("ingest") as slow:
        await _store(slow, 1)
        await ingest.accepted([reading(2)])
        first = await ingest.sql(pull)
    assert [row.device_id for row in first] == [2]
    second = await ingest.sql(f"{pull} WHERE changed_xid >= :mark ORDER BY 1", mark=first[0].mark)
    assert [row.device_id for row in second] == [1, 2]


async def _store(session: Session, device: int) -> None:
    delivery = Delivery(json.dumps([reading(device)]).encode(), Mode.LIVE, "test", "", None)
    await take_in(session, PACEMAKER, 0, delivery)
