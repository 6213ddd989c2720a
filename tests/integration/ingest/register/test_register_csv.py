"""A CSV of devices is recorded as the same rows in JSON are."""

from typing import Any

import httpx
import pytest
from support.ingest import NOW_S, Ingest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER

FIELD = PACEMAKER.device_field


async def send(ingest: Ingest, text: str | bytes) -> httpx.Response:
    body = text if isinstance(text, bytes) else text.encode()
    return await ingest.post(body, "devices", **{"Content-Type": "text/csv; charset=utf-8"})


async def attributes(ingest: Ingest) -> dict[int, Any]:
    return {item[FIELD]: item["attributes"] for item in (await ingest.get("devices"))["items"]}


async def test_moments_are_seconds_or_dates_and_empty_fields_say_nothing(ingest: Ingest) -> None:
    text = (
        f"\ufeff{FIELD},lead_model,implanted_at\r\n"
        '1,"A, the ""first""",1577836800\r\n'
        "2,,2020-01-01\r\n"
        "3,B,2020-01-01T02:00:00+02:00\r\n"
        "\r\n"
        "4,0012,\r\n"
    )
    report = (await send(ingest, text)).json()
    assert (report["changed"], report["unchanged"], report["rejected"]) == (4, 0, 0)
    assert await attributes(ingest) == {
        1: {"lead_model": 'A, the "first"', "implanted_at": "2020-01-01T00:00:00Z"},
        2: {"implanted_at": "2020-01-01T00:00:00Z"},
        3: {"lead_model": "B", "implanted_at": "2020-01-01T00:00:00Z"},
        4: {"lead_model": "0012"},
    }
    again = (await send(ingest, f"{FIELD},lead_model\n1,\n2,C\n")).json()
    assert (again["changed"], again["unchanged"]) == (1, 1)


async def test_a_bad_row_is_reported_and_nothing_around_it_is_lost(ingest: Ingest) -> None:
    rows = ["1,A,2020-02-30,", "2,B,2020-02-28,", "3,C", "1.5E+12,D,,", f"5,E,,{NOW_S + 700}", "6,F,,2021"]
    text = "\n".join([f"{FIELD},lead_model,implanted_at,valid_from", *rows])
    report = (await send(ingest, text)).json()
    assert [(error["row"], error["field"], error["code"]) for error in report["errors"]] == [
        (0, "implanted_at", "wrong_type"),
        (2, "", "wrong_width"),
        (3, FIELD, "rounded_id"),
        (4, "valid_from", "timestamp_in_future"),
    ]
    assert list(await attributes(ingest)) == [2, 6]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "body_unreadable"),
        ("lead_model\nA\n", "columns_invalid"),
        (f"{FIELD},lead_model,lead_model\n1,A,B\n", "columns_invalid"),
        (f"{FIELD},colour\n1,red\n", "columns_invalid"),
        (f"{FIELD},lot\n", "too_few_rows"),
        (f"{FIELD}\n" + "1\n" * 2_001, "too_many_rows"),
        (f'{FIELD},lot\n1,"open\n2,"open\n', "no_valid_row"),
        (b"\xff\xfe\x00", "body_unreadable"),
    ],
)
async def test_a_table_that_is_none_of_devices_is_refused_with_the_reason(
    ingest: Ingest, text: str | bytes, code: str
) -> None:
    answer = await send(ingest, text)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await ingest.get("devices"))["total"] == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\x1f\x8b\x08", "this looks like gzip; send it unpacked"),
        (f"{FIELD};site\n1;North\n".encode(), "the columns are separated by semicolons"),
        ("K\xf6ln,site\n1,A\n".encode("latin-1"), "the first line is not text in UTF-8"),
        (b"site,site\nA,B\n", f"{FIELD} is required; site comes more than once"),
        (f"{FIELD},a,b,\n".encode(), "a and b are not columns of a device"),
    ],
)
async def test_a_table_that_is_none_of_ours_is_refused_in_words(ingest: Ingest, body: bytes, words: str) -> None:
    refused = await ingest.post(body, "devices", **{"Content-Type": "text/csv"})
    assert refused.status_code == 422
    assert words in refused.json()["detail"]
    assert "codec" not in refused.text
