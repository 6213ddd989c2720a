"""Devices have numbers or names, compared as they are written; a name has one id for ever, in every way to send it."""

import asyncio
from typing import Any

from support.ingest import NOW_S, Ingest, outcome, reading
from support.ingest.uploads import send, wait_until_ended, worker

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest import device_names

FIELD, BASE = PACEMAKER.device_field, 2**52


async def names(ingest: Ingest) -> dict[str, int]:
    return {row.name: row.device_id for row in await ingest.sql("SELECT name, device_id FROM ingest.device_names")}


async def stored(ingest: Ingest) -> list[Any]:
    return [tuple(row) for row in await ingest.sql("SELECT device_id, timestamp_s FROM ingest.readings ORDER BY 1, 2")]


async def test_names_and_numbers_are_different_devices_and_a_number_is_itself_in_any_notation(ingest: Ingest) -> None:
    sent = [reading("A7"), reading("0012"), reading(12), reading("12", NOW_S - 1), reading(12.0, NOW_S - 2)]
    report = (await ingest.post(sent)).json()
    assert (report["accepted"], report["errors"]) == (5, [])
    known = await names(ingest)
    assert set(known) == {"A7", "0012"}
    assert min(known.values()) >= BASE
    assert await stored(ingest) == sorted(
        [(12, NOW_S - 2), (12, NOW_S - 1), (12, NOW_S), (known["A7"], NOW_S), (known["0012"], NOW_S)]
    )


async def test_every_way_to_send_a_name_finds_the_same_device(ingest: Ingest) -> None:
    await ingest.accepted([reading("A7")])
    known = await names(ingest)
    device_names.clear_cache()
    assert (await ingest.post([outcome("failure", NOW_S, "A7")], "outcomes")).json()["recorded"] == 1
    csv = f"{FIELD},lead_model\nA7,X\n".encode()
    assert (await ingest.post(csv, "devices", **{"Content-Type": "text/csv"})).json()["changed"] == 1
    header = ",".join(reading())
    values = ",".join(map(str, list(reading().values())[2:]))
    async with worker(ingest):
        body = f"{header}\nA7,{NOW_S - 5},{values}\nA7,{NOW_S},{values}\n".encode()
        upload = await wait_until_ended(ingest, await send(ingest, body, "csv"))
    assert (upload["accepted"], upload["duplicates"]) == (1, 1)
    assert await names(ingest) == known
    assert {device for device, _ in await stored(ingest)} == {known["A7"]}
    (failure,) = await ingest.sql("SELECT device_id FROM ingest.outcomes")
    (entry,) = await ingest.sql("SELECT device_id FROM ingest.attributes")
    assert failure.device_id == entry.device_id == known["A7"]


async def test_a_name_of_a_batch_that_is_stored_already_keeps_its_id(ingest: Ingest) -> None:
    await ingest.accepted([reading("A7")])
    report = (await ingest.post([reading("A7"), reading("B8")])).json()
    assert (report["accepted"], report["duplicates"]) == (1, 1)
    known = await names(ingest)
    assert await stored(ingest) == sorted((one, NOW_S) for one in known.values())


async def test_many_senders_of_the_same_new_names_agree(ingest: Ingest) -> None:
    batches = [[reading(f"D{n}", NOW_S - place) for n in range(40)] for place in range(6)]
    answers = await asyncio.gather(*(ingest.post(batch[::-1] if n % 2 else batch) for n, batch in enumerate(batches)))
    assert [answer.json()["accepted"] for answer in answers] == [40] * 6
    assert len(await names(ingest)) == 40
    assert len({device for device, _ in await stored(ingest)}) == 40


async def test_a_row_that_is_refused_gives_no_name_an_id(ingest: Ingest) -> None:
    await ingest.post([reading("A7", NOW_S + 9_999), reading(1)])
    assert await names(ingest) == {}


async def test_lists_show_devices_as_people_write_them_and_are_filtered_by_that(ingest: Ingest) -> None:
    await ingest.post([outcome("failure", NOW_S, "0012"), outcome("failure", NOW_S, 12)], "outcomes")
    listed = (await ingest.get("outcomes"))["items"]
    assert {one["device"] for one in listed} == {"0012", "12"}
    for device in ("0012", "12"):
        (one,) = (await ingest.get("outcomes", device_id=device))["items"]
        assert one["device"] == device
        assert (await ingest.get("outcomes", device_id=one[FIELD]))["items"] == [one]
    assert (await ingest.get("outcomes", device_id="012"))["total"] == 0
