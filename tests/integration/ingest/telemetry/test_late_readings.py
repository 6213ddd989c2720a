"""A live row that arrives a day or more after its timestamp is accepted as late; history is never late."""

from support.ingest import NOW_S, Ingest, reading, stand_at

DAY_S = 86_400


async def late_by_timestamp(ingest: Ingest, device: int = 1) -> dict[int, bool]:
    items = (await ingest.get(f"telemetry/devices/{device}/readings"))["items"]
    return {item["timestamp"]: item["late"] for item in items}


async def test_a_row_is_late_from_one_day_after_its_timestamp(ingest: Ingest) -> None:
    answer = await ingest.post([reading(1, NOW_S - ago) for ago in (0, 600, DAY_S - 1, DAY_S, 9 * DAY_S)])
    report = answer.json()
    assert (answer.status_code, report["accepted"], report["late"], report["errors"]) == (200, 5, 2, [])
    assert await late_by_timestamp(ingest) == {
        NOW_S - ago: ago >= DAY_S for ago in (9 * DAY_S, DAY_S, DAY_S - 1, 600, 0)
    }
    assert (await ingest.get(f"telemetry/batches/{report['batch_id']}"))["late"] == 2


async def test_late_depends_on_the_time_of_arrival_and_never_changes(ingest: Ingest) -> None:
    await ingest.post([reading(1)])
    stand_at(3)
    assert (await ingest.post([reading(1, NOW_S + DAY_S)])).json()["late"] == 1
    assert await late_by_timestamp(ingest) == {NOW_S: False, NOW_S + DAY_S: True}
    recent = (await ingest.get("telemetry/recent"))["items"]
    assert [(item["timestamp"], item["late"]) for item in recent] == [(NOW_S + DAY_S, True), (NOW_S, False)]


async def test_a_stored_late_row_is_not_counted_again(ingest: Ingest) -> None:
    rows = [reading(1, NOW_S - DAY_S), reading(1, NOW_S - 2 * DAY_S)]
    await ingest.post(rows[:1])
    assert (await ingest.post(rows)).json()["late"] == 1


async def test_backfilled_history_is_not_late(ingest: Ingest) -> None:
    answer = await ingest.post([reading(1, NOW_S - 400 * DAY_S)], "telemetry/ingest?mode=backfill")
    assert (answer.json()["accepted"], answer.json()["late"]) == (1, 0)
    assert await late_by_timestamp(ingest) == {NOW_S - 400 * DAY_S: False}
