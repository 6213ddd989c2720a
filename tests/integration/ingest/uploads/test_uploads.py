"""Uploads: every row is counted once, also after interruptions, and hostile files fail with an error code."""

import asyncio
import csv
import io
import json
from collections import Counter
from typing import Any

import pytest
from support.ingest import NOW_S, Ingest, reading
from support.ingest.uploads import columns, encoded, send, wait_until_ended, worker
from support.waiting import until

from pacewatch.contracts.accounts import Role
from pacewatch.contracts.http.times import iso
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import ignored_columns
from pacewatch.kit.tables.files import chunks

DEVICE, SIGNALS = PACEMAKER.device_field, PACEMAKER.signal_names
FIELDS = (DEVICE, "timestamp", *SIGNALS)
FORMATS = ("csv", "ndjson", "parquet")


async def rejects(ingest: Ingest, upload: Any, kind: str = "ndjson") -> str:
    path = f"/api/v1/telemetry/uploads/{upload['upload_id']}/rejects"
    answer = await ingest.client.get(path, params={"format": kind}, headers=ingest.bearer())
    assert answer.status_code == 200, answer.text
    return answer.text


async def stored(ingest: Ingest) -> list[Any]:
    names = ", ".join(f'"{name}"' for name in SIGNALS)
    return await ingest.sql(f"SELECT device_id, timestamp_s, {names} FROM ingest.readings ORDER BY 1, 2")


async def test_every_format_stores_the_same_rows_and_has_the_same_counts(ingest: Ingest) -> None:
    rows = columns(1_000) | {name: [0.5] * 1_000 for name in ignored_columns(PACEMAKER)[:2]}
    rows[SIGNALS[0]][3], rows["timestamp"][4] = 1e9, NOW_S + 9_999
    rows[DEVICE][5], rows["timestamp"][5] = rows[DEVICE][6], rows["timestamp"][6]
    outcomes, contents = [], []
    async with worker(ingest):
        for kind in FORMATS:
            await ingest.sql("DELETE FROM ingest.readings")
            upload = await wait_until_ended(ingest, await send(ingest, encoded(rows, kind), kind))
            names = {"status", "rows_done", "rows_total", "accepted", "duplicates", "rejected", "codes"}
            outcomes.append({key: upload[key] for key in names | {"ignored_columns"}})
            outcomes[-1]["rejects"] = await rejects(ingest, upload)
            contents.append(await stored(ingest))
        await until(lambda: spool_is_empty(ingest))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert contents[0] == contents[1] == contents[2]
    assert (len(contents[0]), outcomes[0]["accepted"], outcomes[0]["duplicates"]) == (997, 997, 1)
    assert outcomes[0]["codes"] == {"out_of_range": 1, "timestamp_in_future": 1, "duplicate_in_batch": 1}
    assert outcomes[0]["ignored_columns"] == sorted(ignored_columns(PACEMAKER)[:2])


async def spool_is_empty(ingest: Ingest) -> bool:
    return not list(ingest.spool.iterdir())


async def test_a_large_file_with_invalid_rows_is_counted_exactly(ingest: Ingest) -> None:
    count = 200_000
    lines = encoded(columns(count), "csv").split(b"\r\n")
    invalid: dict[int, tuple[str, str]] = {}
    for row in range(7, count, 997):
        fields = lines[row + 1].split(b",")
        kind = row % 4
        if kind == 0:
            fields[2], invalid[row] = b"abc", (SIGNALS[0], "wrong_type")
        elif kind == 1:
            fields[0], invalid[row] = b"1.5E+12", (DEVICE, "rounded_id")
        elif kind == 2:
            fields[1], invalid[row] = b"", ("timestamp", "missing")
        else:
            fields, invalid[row] = fields[:-1], ("", "wrong_width")
        lines[row + 1] = b",".join(fields)
    async with worker(ingest):
        upload = await wait_until_ended(ingest, await send(ingest, b"\r\n".join(lines), "csv"))
        assert upload["status"] == "done", upload
    assert (upload["rows_done"], upload["rejected"], upload["duplicates"]) == (count, len(invalid), 0)
    assert upload["accepted"] == count - len(invalid)
    assert upload["codes"] == Counter(code for _, code in invalid.values())
    reported = [json.loads(line) for line in (await rejects(ingest, upload)).splitlines()]
    assert {one["row"]: (one["field"], one["code"]) for one in reported} == invalid
    assert [one["row"] for one in reported] == sorted(invalid)
    assert all(one["message"] for one in reported)
    assert (await rejects(ingest, upload, "csv")).splitlines()[0] == "row,field,code,message"
    assert (await ingest.get("telemetry/summary"))["rows"] == upload["accepted"]
    (events,) = await ingest.sql(
        """SELECT count(*) AS count, sum(json_array_length(body->'readings'->'device_ids')) AS rows,
            max(json_array_length(body->'readings'->'device_ids')) AS most
        FROM (SELECT convert_from(data, 'UTF8')::json AS body FROM ingest.outbox) AS emitted"""
    )
    assert (events.rows, events.most) == (upload["accepted"], 2_000)


async def test_a_csv_of_rejects_has_no_formulas(ingest: Ingest) -> None:
    names = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "a=1")
    rows = [reading(1, NOW_S - n, **{name: 1.0}) for n, name in enumerate(names)]
    async with worker(ingest):
        body = b"\n".join(json.dumps(row).encode() for row in rows)
        upload = await wait_until_ended(ingest, await send(ingest, body, "ndjson"))
    rejected = list(csv.reader(io.StringIO(await rejects(ingest, upload, "csv"), newline="")))[1:]
    assert len(rejected) == len(names)
    assert not [cell for row in rejected for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert rejected[0][1].startswith("'=")


@pytest.mark.parametrize("kind", FORMATS)
async def test_an_interrupted_upload_continues_exactly_where_it_stopped(
    ingest: Ingest, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 200)
    rows = columns(20_000)
    rows[SIGNALS[0]][::100] = 1e9
    upload = await send(ingest, encoded(rows, kind), kind)
    path, seen = f"telemetry/uploads/{upload['upload_id']}", [0]
    for _ in range(3):
        async with worker(ingest):

            async def moved() -> bool:
                now = await ingest.get(path)
                return now["rows_done"] > seen[-1] or now["status"] == "done"

            await until(moved, every_s=0)
        seen.append((await ingest.get(path))["rows_done"])
    assert 0 < seen[1] < 20_000, "it was never interrupted"
    async with worker(ingest):
        upload = await wait_until_ended(ingest, upload)
    assert (upload["rows_done"], upload["accepted"], upload["rejected"], upload["duplicates"]) == (
        20_000,
        19_800,
        200,
        0,
    )
    assert len((await rejects(ingest, upload)).splitlines()) == 200
    times_s = [row.timestamp_s for row in await stored(ingest)]
    assert len(times_s) == 19_800
    assert (upload["first_reading_at"], upload["last_reading_at"]) == (iso(min(times_s)), iso(max(times_s)))
    emitted = sum(len(event["readings"]["device_ids"]) for event in await ingest.events("telemetry.accepted"))
    assert emitted == 19_800


async def test_another_worker_continues_when_the_lease_has_expired(ingest: Ingest) -> None:
    upload = await send(ingest, encoded(columns(10), "csv"), "csv")
    await ingest.sql(
        "UPDATE ingest.uploads SET status = 'running', lease_owner = gen_random_uuid(), "
        "lease_until = clock_timestamp() + interval '30 seconds'"
    )
    async with worker(ingest):
        await asyncio.sleep(0.3)
        assert (await ingest.get(f"telemetry/uploads/{upload['upload_id']}"))["rows_done"] == 0
    await ingest.sql("UPDATE ingest.uploads SET lease_until = clock_timestamp()")
    async with worker(ingest):
        assert (await wait_until_ended(ingest, upload))["accepted"] == 10


async def test_a_cancelled_upload_ends_and_keeps_its_stored_rows(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 500)
    upload = await send(ingest, encoded(columns(50_000), "csv"), "csv")
    path = f"telemetry/uploads/{upload['upload_id']}"
    async with worker(ingest):

        async def began() -> bool:
            return (await ingest.get(path))["rows_done"] > 0

        await until(began, every_s=0.01)
        for _ in range(2):
            assert (await ingest.post(b"", f"{path}/cancel")).json()["status"] == "cancelled"
        await until(lambda: spool_is_empty(ingest))
        after = await ingest.get(path)
    assert 0 < after["rows_done"] < 50_000
    assert len(await stored(ingest)) == after["accepted"] == after["rows_done"]


async def test_an_ended_upload_cannot_be_cancelled_and_an_unknown_one_is_a_404(ingest: Ingest) -> None:
    async with worker(ingest):
        upload = await wait_until_ended(ingest, await send(ingest, encoded(columns(3), "ndjson"), "ndjson", "live"))
    answer = await ingest.post(b"", f"telemetry/uploads/{upload['upload_id']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_finished")
    unknown = "telemetry/uploads/00000000-0000-0000-0000-000000000000"
    assert (await ingest.post(b"", f"{unknown}/cancel")).status_code == 404
    for path in (unknown, f"{unknown}/rejects"):
        assert (await ingest.client.get(f"/api/v1/{path}", headers=ingest.bearer())).status_code == 404
    listed = await ingest.get("telemetry/uploads")
    assert (listed["total"], listed["items"][0]["mode"], listed["items"][0]["late"]) == (1, "live", 2)
    assert (await ingest.get("telemetry/uploads", actor="superuser", mode="live"))["items"] == listed["items"]
    assert (await ingest.get("telemetry/uploads", with_rejects="true"))["total"] == 0
    assert [event["mode"] for event in await ingest.events("telemetry.accepted")] == ["live"]


async def test_the_file_size_is_limited_and_only_a_superuser_uploads(ingest: Ingest) -> None:
    path = "telemetry/uploads?format=csv"
    answer = await ingest.post(b"x" * (64 * 2**20 + 1), path)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
    assert (await ingest.post(b"", path)).json()["code"] == "upload_empty"
    assert (await ingest.post(b"x", path, **ingest.bearer(Role.OPERATOR))).status_code == 403
    assert (await ingest.post(b"x", "telemetry/uploads?format=xml")).status_code == 422
    assert not list(ingest.spool.iterdir())
    assert (await ingest.get("telemetry/uploads"))["total"] == 0
