"""A batch: every row is counted, stored once, and emitted if it is new."""

import asyncio
import json
import random
from typing import Any

import pytest
from support.ingest import NOW_S, Ingest, codes, reading

from pacewatch.contracts.accounts import Role
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import TelemetryAccepted, ignored_columns
from pacewatch.ingest.telemetry import repository

SIGNAL = PACEMAKER.signal_names[0]


async def test_valid_rows_are_stored_and_emitted_by_device_and_time(ingest: Ingest) -> None:
    rows = [reading(device, NOW_S - day) for device in (3, 1, 2) for day in (0, 5)]
    report = (await ingest.post(rows)).json()
    assert {key: report[key] for key in ("received", "accepted", "duplicates", "rejected", "errors")} == {
        "received": 6, "accepted": 6, "duplicates": 0, "rejected": 0, "errors": []
    }  # fmt: skip
    (event,) = await ingest.events("telemetry.accepted")
    emitted = TelemetryAccepted.model_validate_json(json.dumps(event))
    keys = list(zip(emitted.readings.device_ids, emitted.readings.timestamps_s, strict=True))
    assert keys == sorted(keys) == [(d, NOW_S - day) for d in (1, 2, 3) for day in (5, 0)]
    assert str(emitted.batch_id) == report["batch_id"]
    stored = await ingest.sql(f'SELECT device_id, timestamp_s, "{SIGNAL}" AS value FROM ingest.readings ORDER BY 1, 2')
    assert [(row.device_id, row.timestamp_s) for row in stored] == keys
    assert [row.value for row in stored] == emitted.readings.signals[SIGNAL]


async def test_a_batch_of_new_rows_is_stored_in_one_statement(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "open_batch", None)
    answer = await ingest.post([reading(1), reading(1, NOW_S + 601), reading(2), reading(2)])
    (batch,) = (await ingest.get("telemetry/batches"))["items"]
    for counts in (answer.json(), batch):
        assert (counts["accepted"], counts["duplicates"], counts["rejected"], counts["late"]) == (2, 1, 1, 0)
    assert batch["codes"] == {"duplicate_in_batch": 1, "timestamp_in_future": 1}


INVALID_ROWS: list[tuple[Any, str, str]] = [
    ({name: value for name, value in reading(10).items() if name != SIGNAL}, SIGNAL, "missing"),
    (reading(11, surprise=1), "surprise", "unknown_field"),
    (reading(12, **{SIGNAL: "500"}), SIGNAL, "wrong_type"),
    (reading(13, **{SIGNAL: True}), SIGNAL, "wrong_type"),
    (reading(14, **{SIGNAL: 1e6}), SIGNAL, "out_of_range"),
    (reading(15, **{SIGNAL: None}), SIGNAL, "missing"),
    (reading(True), PACEMAKER.device_field, "wrong_type"),
    (reading(2**52), PACEMAKER.device_field, "out_of_range"),
    (reading(-1), PACEMAKER.device_field, "out_of_range"),
    (reading(16, NOW_S + 601), "timestamp", "timestamp_in_future"),
    (reading(17, PACEMAKER.epoch_s - 1), "timestamp", "timestamp_too_old"),
    (reading(18, NOW_S - 0.5), "timestamp", "wrong_type"),
    ([reading(19)], "", "not_an_object"),
    (None, "", "not_an_object"),
    (reading(1, **{SIGNAL: 300.0}), "timestamp", "duplicate_in_batch"),
]


async def test_each_kind_of_invalid_row_is_reported_and_the_rest_is_accepted(ingest: Ingest) -> None:
    rows = [reading(1), *(row for row, _, _ in INVALID_ROWS), reading(20, NOW_S + 600)]
    report = (await ingest.post(rows)).json()
    assert (report["accepted"], report["duplicates"], report["rejected"]) == (2, 1, 14)
    reported = {(error["row"], error["field"], error["code"]) for error in report["errors"]}
    assert reported == {(row, field, code) for row, (_, field, code) in enumerate(INVALID_ROWS, start=1)}
    assert len(await ingest.labels()) == 2


async def test_stored_keys_are_duplicates_or_conflicts_and_do_not_change(ingest: Ingest) -> None:
    await ingest.accepted([reading(1), reading(2)])
    answer = await ingest.post([reading(2, **{SIGNAL: 700}), reading(3), reading(1), reading(3, **{SIGNAL: 1})])
    report = answer.json()
    assert (report["accepted"], report["duplicates"], report["rejected"]) == (1, 2, 1)
    assert [(error["row"], error["code"]) for error in report["errors"]] == [
        (0, "conflict"), (2, "duplicate"), (3, "out_of_range")
    ]  # fmt: skip
    values = await ingest.sql(f'SELECT DISTINCT "{SIGNAL}" AS value FROM ingest.readings')
    assert [row.value for row in values] == [reading()[SIGNAL]]
    assert [event["readings"]["device_ids"] for event in await ingest.events("telemetry.accepted")] == [[1, 2], [3]]


async def test_a_repeated_batch_is_no_error_and_emits_nothing(ingest: Ingest) -> None:
    rows = [reading(device) for device in range(2_000)]
    assert await ingest.accepted(rows) == 2_000
    answer = await ingest.post(rows)
    assert (answer.status_code, answer.json()["accepted"], answer.json()["duplicates"]) == (200, 0, 2_000)
    assert codes(answer) == {"duplicate": 2_000}
    assert len(await ingest.events("telemetry.accepted")) == 1
    assert (await ingest.get("telemetry/batches"))["total"] == 2


async def test_columns_of_the_published_data_set_are_ignored(ingest: Ingest) -> None:
    extras = dict.fromkeys(ignored_columns(PACEMAKER), 0.5)
    assert await ingest.accepted([reading(1, **extras), reading(2, **dict.fromkeys(extras)), reading(3)]) == 3
    answer = await ingest.post([reading(4), reading(5, **dict.fromkeys(extras, "x"))])
    assert codes(answer)["wrong_type"] == 4  # of nine: the limit for one row
    assert set((await ingest.labels()).values()) == {"unresolved"}


async def test_a_batch_without_a_valid_row_is_a_422_with_the_report_under_16_kb(ingest: Ingest) -> None:
    answer = await ingest.post([{f"{number}\0\ud83d\ude00{'ä' * 99}": 1} for number in range(2_000)])
    body = answer.json()
    assert answer.status_code == 422
    assert len(answer.content) < 16_384
    assert (body["code"], body["received"], body["rejected"]) == ("no_valid_row", 2_000, 2_000)
    (batch,) = (await ingest.get("telemetry/batches"))["items"]
    assert (batch["batch_id"], batch["rejected"]) == (body["batch_id"], 2_000)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json_invalid"),
        (b"[NaN]", "json_invalid"),
        (b"[1e400]", "json_invalid"),
        (b'["\\ud800"]', "json_invalid"),
        (b"\xff", "json_invalid"),
        (b"[" * 100_000, "json_invalid"),
        (b"{}", "not_an_array"),
        (b"1", "not_an_array"),
        (b"[]", "too_few_rows"),
        (b"[" + b"0," * 2_000 + b"0]", "too_many_rows"),
    ],
)
async def test_a_body_that_is_not_a_batch_is_refused_and_not_audited(ingest: Ingest, body: bytes, code: str) -> None:
    for path in ("telemetry/ingest", "outcomes"):
        answer = await ingest.post(body, path)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await ingest.get("telemetry/batches"))["total"] == 0


async def test_a_repeated_field_rejects_only_its_row(ingest: Ingest) -> None:
    one, two = (str(reading(device)).replace("'", '"') for device in (1, 2))
    answer = await ingest.post(f'[{one}, {two[:-1]}, "timestamp": {NOW_S - 5}}}]'.encode())
    assert (answer.json()["accepted"], codes(answer)) == (1, {"repeated_field": 1})


async def test_a_body_over_the_limit_is_413(ingest: Ingest) -> None:
    answer = await ingest.post(b" " * (2 * 2**20 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_only_a_superuser_writes(ingest: Ingest) -> None:
    for path in ("telemetry/ingest", "outcomes", "labels/mature"):
        assert (await ingest.post([], path, Authorization="")).status_code == 401
        for role in (Role.VIEWER, Role.OPERATOR):
            assert (await ingest.post([reading()], path, **ingest.bearer(role))).status_code == 403
    assert await ingest.labels() == {}


async def test_a_repeat_under_its_idempotency_key_gets_the_first_answer(ingest: Ingest) -> None:
    rows = [reading(1), {"x": 1}]
    first = await ingest.post(rows, **{"Idempotency-Key": "a"})
    again = await ingest.post(rows, **{"Idempotency-Key": "a"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert (await ingest.get("telemetry/batches"))["total"] == 1
    other = await ingest.post([reading(2)], **{"Idempotency-Key": "a"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    refused = await ingest.post([{}], **{"Idempotency-Key": "b"})
    again = await ingest.post([{}], **{"Idempotency-Key": "b"})
    assert (again.status_code, again.content) == (422, refused.content)
    assert (await ingest.post(rows, **{"Idempotency-Key": "two words"})).status_code == 422


async def test_concurrent_repeats_store_once_and_get_the_same_answer(ingest: Ingest) -> None:
    rows = [reading(device) for device in range(500)]
    answers = await asyncio.gather(*(ingest.post(rows, **{"Idempotency-Key": "k"}) for _ in range(8)))
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["accepted"] == 500
    assert len(await ingest.events("telemetry.accepted")) == 1


async def test_concurrent_writers_of_shared_keys_never_deadlock_and_count_each_row_once(ingest: Ingest) -> None:
    keys = [(device, NOW_S - day * 86_400) for device in range(40) for day in range(20)]
    rng = random.Random(7)

    async def writer() -> int:
        accepted = 0
        for _ in range(4):
            accepted += await ingest.accepted([reading(*key) for key in rng.sample(keys, 500)])
        return accepted

    accepted = await asyncio.gather(*(writer() for _ in range(8)))
    stored = set(await ingest.labels())
    events = await ingest.events("telemetry.accepted")
    emitted = [
        key for e in events for key in zip(e["readings"]["device_ids"], e["readings"]["timestamps_s"], strict=True)
    ]
    assert sum(accepted) == len(stored) == len(emitted)
    assert set(emitted) == stored
