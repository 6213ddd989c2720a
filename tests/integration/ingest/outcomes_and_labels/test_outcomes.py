"""Outcomes: each is recorded and emitted once; invalid ones are reported by row."""

import csv
import io
from typing import Any

from support.ingest import NOW_S, Ingest, outcome

from pacewatch.contracts.http.times import iso
from pacewatch.contracts.profiles.pacemaker import PACEMAKER

FIELD = PACEMAKER.device_field


async def test_new_outcomes_are_recorded_and_emitted_once(ingest: Ingest) -> None:
    sent = [outcome("failure", NOW_S - 5, mode="fracture"), outcome("lost", NOW_S - 9, 2, learnt_at=NOW_S - 1)]
    report = (await ingest.post([*sent, sent[0]], "outcomes")).json()
    assert report == {"received": 3, "recorded": 2, "duplicates": 1, "rejected": 0, "errors": [], "warnings": []}
    again = await ingest.post(sent, "outcomes")
    assert (again.status_code, again.json()["duplicates"]) == (200, 2)
    emitted = [(e["device_id"], e["kind"], e["mode"]) for e in await ingest.events("outcome.recorded")]
    assert sorted(emitted) == [(1, "failure", "fracture"), (2, "lost", "")]
    items = (await ingest.get("outcomes"))["items"]
    assert [(item[FIELD], item["occurred_at"], item["learnt_at"]) for item in items] == [
        (1, iso(NOW_S - 5), iso(NOW_S)),
        (2, iso(NOW_S - 9), iso(NOW_S - 1)),
    ]


async def test_one_device_can_fail_in_several_modes_and_repeatedly(ingest: Ingest) -> None:
    await ingest.record(*(outcome("failure", NOW_S - ago, mode=mode) for ago in (5, 90) for mode in ("a", "b")))
    assert (await ingest.get("outcomes", kind="failure", device_id=1))["total"] == 4
    assert [row.mode for row in await ingest.sql("SELECT mode FROM ingest.failures ORDER BY 1")] == list("aabb")


async def test_invalid_outcomes_are_reported_by_row_and_the_rest_is_recorded(ingest: Ingest) -> None:
    rows: list[Any] = [
        outcome("failure", NOW_S),
        outcome("exploded", NOW_S),
        outcome("failure", NOW_S + 601),
        outcome("failure", NOW_S, learnt_at=NOW_S - 1),
        outcome("failure", NOW_S - 9, learnt_at=NOW_S + 601),
        outcome("failure", True),
        outcome("failure", NOW_S, "7E+15"),
        outcome("failure", NOW_S, 2**53),
        outcome("failure", NOW_S, mode="a\0b"),
        outcome("failure", NOW_S, mode="x" * 2_001),
        outcome("failure", NOW_S, surprise=1),
        {"kind": "failure", "occurred_at": NOW_S},
        7,
    ]
    report = (await ingest.post(rows, "outcomes")).json()
    assert (report["recorded"], report["rejected"]) == (1, 12)
    assert [(error["field"], error["code"]) for error in report["errors"]] == [
        ("kind", "unknown_kind"),
        ("occurred_at", "timestamp_in_future"),
        ("learnt_at", "learnt_before_occurred"),
        ("learnt_at", "timestamp_in_future"),
        ("occurred_at", "wrong_type"),
        (FIELD, "rounded_id"),
        (FIELD, "out_of_range"),
        ("mode", "not_allowed"),
        ("mode", "too_long"),
        ("surprise", "unknown_field"),
        (FIELD, "missing"),
        ("", "not_an_object"),
    ]


async def test_a_request_without_a_valid_outcome_is_a_422_with_the_report(ingest: Ingest) -> None:
    answer = await ingest.post([{"\ud83d\ude00" * 50: 1}] * 2_000, "outcomes")
    assert (answer.status_code, answer.json()["code"], answer.json()["rejected"]) == (422, "no_valid_row", 2_000)
    assert len(answer.content) < 16_384


async def test_outcomes_are_listed_latest_first_and_can_be_filtered(ingest: Ingest) -> None:
    await ingest.record(*(outcome("seen_healthy", NOW_S - ago, ago % 2) for ago in range(5)))
    page = await ingest.get("outcomes", page=2, size=2)
    assert (page["total"], [item["occurred_at"] for item in page["items"]]) == (5, [iso(NOW_S - 2), iso(NOW_S - 3)])
    assert (await ingest.get("outcomes", device_id=1))["total"] == 2
    assert (await ingest.get("outcomes", kind="failure"))["total"] == 0


async def test_outcomes_that_look_like_labels_are_recorded_with_a_warning(ingest: Ingest) -> None:
    rows = [outcome("Failure", NOW_S - 86_400 * day, "A7") for day in range(5)]
    (warning,) = (await ingest.post(rows, "outcomes")).json()["warnings"]
    assert "A7 has 5 in a row" in warning
    report = (
        await ingest.post([outcome("failure", NOW_S - 86_400 * 20 * day, 3) for day in range(5)], "outcomes")
    ).json()
    assert (report["recorded"], report["warnings"]) == (5, [])


async def test_times_may_be_sent_as_iso_8601_and_a_text_of_digits_is_none(ingest: Ingest) -> None:
    sent = [outcome("failure", iso(NOW_S - 5)), outcome("failure", str(NOW_S - 5), 2)]
    report = (await ingest.post(sent, "outcomes")).json()
    assert [(one["row"], one["field"], one["code"]) for one in report["errors"]] == [(1, "occurred_at", "wrong_type")]
    (item,) = (await ingest.get("outcomes"))["items"]
    assert item["occurred_at"] == iso(NOW_S - 5)


async def test_outcomes_are_exported_as_a_table_without_pages(ingest: Ingest) -> None:
    await ingest.record(*(outcome("seen_healthy", NOW_S - ago) for ago in range(30)))
    answer = await ingest.client.get("/api/v1/outcomes?format=csv&size=5", headers=ingest.bearer())
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["occurred_at"] for row in rows] == [iso(NOW_S - ago) for ago in range(30)]
