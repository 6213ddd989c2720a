"""The register of devices: what a value is, from when it holds, who recorded it and why."""

import asyncio
from typing import Any

import httpx
import pytest
from support.ingest import NOW_S, Ingest, stand_at

from pacewatch.contracts.accounts import Role
from pacewatch.contracts.http.times import iso
from pacewatch.contracts.profiles.pacemaker import PACEMAKER

FIELD = PACEMAKER.device_field
DAY_S = 86_400
IMPLANTED_S = NOW_S - 900 * DAY_S


def entry(device: Any = 1, **values: Any) -> dict[str, Any]:
    return {FIELD: device, **values}


async def attributes(ingest: Ingest, device: int = 1, **parameters: int) -> Any:
    return (await ingest.get(f"devices/{device}", **parameters))["attributes"]


async def put(ingest: Ingest, device: int = 1, **body: Any) -> httpx.Response:
    return await ingest.client.put(f"/api/v1/devices/{device}", json=body, headers=ingest.bearer())


async def test_registered_attributes_are_read_back_by_device(ingest: Ingest) -> None:
    rows = [entry(2, implanted_at=IMPLANTED_S, lead_model="A"), entry(1, vendor="Ø & Sons", site="Østerbro")]
    report = (await ingest.post(rows, "devices?reason=go-live")).json()
    assert (report["received"], report["changed"], report["unchanged"], report["rejected"]) == (2, 2, 0, 0)
    page = await ingest.get("devices")
    assert page["total"] == 2
    assert [item["attributes"] for item in page["items"]] == [
        {"vendor": "Ø & Sons", "site": "Østerbro"},
        {"implanted_at": iso(IMPLANTED_S), "lead_model": "A"},
    ]
    assert (await ingest.get("devices", page=2, size=1))["items"] == page["items"][1:]


async def test_an_entry_says_who_recorded_it_when_and_why(ingest: Ingest) -> None:
    report = (await ingest.post([entry(lot="L1")], "devices?reason=go-live")).json()
    stand_at(1)
    await put(ingest, reason="typed wrongly", attributes={"lot": "L2"})
    history = (await ingest.get("devices/1/history"))["items"]
    assert [(one["value"], one["reason"], one["actor"], one["valid_from"]) for one in history] == [
        ("L2", "typed wrongly", "superuser", None),
        ("L1", "go-live", "superuser", None),
    ]
    assert history[1]["registration_id"] == report["registration_id"] != history[0]["registration_id"]
    assert history[0]["recorded_at"] > history[1]["recorded_at"]
    assert (await ingest.get("devices/1"))["changed_at"] == history[0]["recorded_at"]


async def test_saying_the_same_again_changes_nothing(ingest: Ingest) -> None:
    rows = [entry(implanted_at=IMPLANTED_S, lead_model="A")]
    await ingest.post(rows, "devices")
    again = (await ingest.post(rows, "devices")).json()
    assert (again["registration_id"], again["changed"], again["unchanged"]) == (None, 0, 1)
    partly = (await ingest.post([entry(lead_model="A", lot="L1"), entry(7)], "devices")).json()
    assert (partly["changed"], partly["unchanged"]) == (1, 1)
    assert (await ingest.get("devices/1/history"))["total"] == 3
    assert (await ingest.sql("SELECT count(*) FROM ingest.registrations"))[0][0] == 2


async def test_a_replaced_device_has_another_date_from_then_on(ingest: Ingest) -> None:
    await ingest.post([entry(implanted_at=IMPLANTED_S, lead_model="A")], "devices")
    changed_s = NOW_S - 30 * DAY_S
    answer = await put(
        ingest, reason="new implant", valid_from=changed_s, attributes={"implanted_at": changed_s, "lot": "L9"}
    )
    assert answer.json()["attributes"] == {"implanted_at": iso(changed_s), "lead_model": "A", "lot": "L9"}
    assert await attributes(ingest, as_of=changed_s - 1) == {"implanted_at": iso(IMPLANTED_S), "lead_model": "A"}
    listed = await ingest.get("devices", as_of=changed_s - 1)
    assert listed["items"][0]["attributes"] == {"implanted_at": iso(IMPLANTED_S), "lead_model": "A"}


async def test_null_withdraws_a_value_and_the_earlier_one_holds_again(ingest: Ingest) -> None:
    await ingest.post([entry(site="north")], "devices")
    await put(ingest, reason="moved", valid_from=NOW_S - 5, attributes={"site": "south"})
    assert await attributes(ingest) == {"site": "south"}
    await put(ingest, reason="did not move", valid_from=NOW_S - 5, attributes={"site": None})
    assert await attributes(ingest) == {"site": "north"}
    await put(ingest, reason="unknown", attributes={"site": None})
    assert await attributes(ingest) == {}
    assert (await ingest.get("devices/1/history"))["items"][0]["value"] is None


async def test_invalid_rows_are_reported_by_row_and_all_others_recorded(ingest: Ingest) -> None:
    rows: list[Any] = [
        entry(1, lead_model="A"),
        entry(2, lead_model=""),
        entry(3, lead_model="x" * 201),
        entry(4, lead_model="a\0b"),
        entry(5, lead_model=5),
        entry(6, implanted_at="01/02/2020"),
        entry(7, implanted_at=-1),
        entry(8, implanted_at=1.5),
        entry(9, colour="red"),
        entry(10, valid_from=NOW_S + 601, lot="L"),
        entry(1, valid_from=0, lead_model="B"),
        entry("1.5E+12"),
        {"lot": "L"},
        7,
        entry(12, valid_from=NOW_S + 599, lot="L"),
    ]
    report = (await ingest.post(rows, "devices")).json()
    assert (report["changed"], report["rejected"]) == (2, 13)
    assert [(error["row"], error["field"], error["code"]) for error in report["errors"]] == [
        (1, "lead_model", "too_short"),
        (2, "lead_model", "too_long"),
        (3, "lead_model", "not_allowed"),
        (4, "lead_model", "wrong_type"),
        (5, "implanted_at", "ambiguous_time"),
        (6, "implanted_at", "out_of_range"),
        (7, "implanted_at", "wrong_type"),
        (8, "colour", "unknown_field"),
        (9, "valid_from", "timestamp_in_future"),
        (10, "", "repeated_device"),
        (11, FIELD, "rounded_id"),
        (12, FIELD, "missing"),
        (13, "", "not_an_object"),
    ]
    assert all(error["message"] for error in report["errors"])
    assert await attributes(ingest) == {"lead_model": "A"}


async def test_a_request_without_a_valid_row_is_a_422_with_the_report(ingest: Ingest) -> None:
    answer = await ingest.post([{"\ud83d\ude00" * 50: 1}] * 2_000, "devices")
    assert (answer.status_code, answer.json()["code"], answer.json()["rejected"]) == (422, "no_valid_row", 2_000)
    assert len(answer.content) < 16_384


async def test_a_change_from_a_moment_in_the_future_is_refused(ingest: Ingest) -> None:
    answer = await put(ingest, reason="planned", valid_from=NOW_S + 601, attributes={"lot": "L"})
    assert (answer.status_code, answer.json()["code"]) == (422, "attributes_invalid")
    assert answer.json()["errors"][0]["code"] == "timestamp_in_future"
    assert (await put(ingest, reason="", attributes={"lot": "L"})).status_code == 422


async def test_devices_are_found_by_a_value_as_it_was_at_the_moment(ingest: Ingest) -> None:
    await ingest.post([entry(device, lot="recalled" if device % 2 else "fine") for device in range(6)], "devices")
    await put(ingest, 1, reason="replaced", valid_from=NOW_S - 5, attributes={"lot": "fine"})

    async def found(**parameters: Any) -> list[int]:
        page = await ingest.get("devices", attribute="lot", value="recalled", **parameters)
        assert page["total"] == len(page["items"])
        return [item[FIELD] for item in page["items"]]

    assert await found() == [3, 5]
    assert await found(as_of=NOW_S - 6) == [1, 3, 5]
    answer = await ingest.client.get("/api/v1/devices", params={"attribute": "lot"}, headers=ingest.bearer())
    assert (answer.status_code, answer.json()["code"]) == (422, "attributes_invalid")


@pytest.mark.parametrize("path", ["devices/1", "devices/1/history"])
async def test_a_device_that_is_not_registered_is_a_404(ingest: Ingest, path: str) -> None:
    answer = await ingest.client.get(f"/api/v1/{path}", headers=ingest.bearer())
    assert (answer.status_code, answer.json()["code"]) == (404, "device_not_registered")


async def test_who_may_only_read_cannot_change_the_register(ingest: Ingest) -> None:
    for role, status in ((Role.VIEWER, 403), (Role.OPERATOR, 403), (Role.ENGINEER, 200)):
        answer = await ingest.client.post("/api/v1/devices", json=[entry(lot=role)], headers=ingest.bearer(role))
        assert answer.status_code == status
        assert (await ingest.client.get("/api/v1/devices", headers=ingest.bearer(role))).status_code == 200


async def test_the_same_change_sent_several_times_at_once_is_recorded_once(ingest: Ingest) -> None:
    for number in range(3):
        rows = [entry(device, lot=f"L{number}") for device in range(100)]
        reports = await asyncio.gather(*(ingest.post(rows, "devices") for _ in range(5)))
        assert sorted(report.json()["changed"] for report in reports) == [0, 0, 0, 0, 100]
    assert (await ingest.get("devices/7/history"))["total"] == 3


async def test_concurrent_changes_of_one_value_leave_the_last_recorded_one(ingest: Ingest) -> None:
    await asyncio.gather(*(put(ingest, reason="race", attributes={"lot": f"L{n}"}) for n in range(8)))
    history = (await ingest.get("devices/1/history"))["items"]
    assert len(history) == 8
    assert await attributes(ingest) == {"lot": history[0]["value"]}
