"""Corrections of outcomes: the wrong row stays, the correction is emitted, and labels follow."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from support.ingest import NOW_S, Ingest, outcome, reading, stand_at

from pacewatch.contracts.http.times import iso
from pacewatch.contracts.profiles.pacemaker import PACEMAKER

FIELD = PACEMAKER.device_field
DAY_S = 86_400
KEY = (1, NOW_S)


async def recorded(ingest: Ingest, *outcomes: dict[str, Any]) -> str:
    """Record outcomes; the id of the only valid one."""
    await ingest.record(*outcomes)
    (item,) = (await ingest.get("outcomes"))["items"]
    return str(item["outcome_id"])


async def test_a_correction_replaces_the_wrong_outcome_which_stays_on_record(ingest: Ingest) -> None:
    wrong = await recorded(ingest, outcome("failure", NOW_S - 9, mode="fracture"))
    stand_at(1)
    answer = await ingest.correct(wrong, "wrong device", outcome=outcome("failure", NOW_S - 7, 2))
    assert answer.status_code == 201
    right = answer.json()
    assert (right[FIELD], right["occurred_at"], right["mode"]) == (2, iso(NOW_S - 7), "")
    assert (right["corrects"], right["reason"], right["actor"]) == (wrong, "wrong device", "superuser")
    assert (await ingest.get("outcomes"))["items"] == [right]
    with_history = await ingest.get("outcomes", history="true")
    assert (with_history["total"], with_history["items"][0]) == (2, right)
    (old, new) = (await ingest.get(f"outcomes/{wrong}"))["history"]
    assert new == right
    assert (old[FIELD], old["mode"], old["superseded_by"]) == (1, "fracture", right["outcome_id"])
    assert old["superseded_at"] == right["recorded_at"] > old["recorded_at"]
    assert (await ingest.get(f"outcomes/{right['outcome_id']}"))["history"] == [old, new]


async def test_a_correction_is_emitted_with_the_outcome_it_corrects(ingest: Ingest) -> None:
    wrong = await recorded(ingest, outcome("failure", NOW_S - 9))
    right = (await ingest.correct(wrong, outcome=outcome("explant", NOW_S - 9))).json()
    await ingest.correct(right["outcome_id"], "mixed up", withdrawn=True)
    emitted = await ingest.events("outcome.recorded")
    assert [(one["kind"], one["corrects"], one["withdrawn"], one["reason"]) for one in emitted] == [
        ("failure", None, False, ""),
        ("explant", wrong, False, "a slip"),
        ("explant", right["outcome_id"], True, "mixed up"),
    ]


async def test_correcting_a_corrected_outcome_is_a_409_that_names_its_successor(ingest: Ingest) -> None:
    wrong = await recorded(ingest, outcome("failure", NOW_S - 9))
    answers = await asyncio.gather(*(ingest.correct(wrong, outcome=outcome("lost", NOW_S - n)) for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (right,) = (answer.json()["outcome_id"] for answer in answers if answer.status_code == 201)
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {one["code"] for one in refused} == {"outcome_superseded"}
    assert all(right in one["detail"] for one in refused)
    assert (await ingest.correct(str(uuid4()), withdrawn=True)).json()["code"] == "outcome_not_found"


async def test_a_withdrawn_outcome_is_not_listed_and_can_be_restored(ingest: Ingest) -> None:
    wrong = await recorded(ingest, outcome("failure", NOW_S - 9))
    withdrawal = (await ingest.correct(wrong, withdrawn=True)).json()
    assert (await ingest.get("outcomes"))["items"] == await ingest.sql("SELECT * FROM ingest.failures") == []
    again = await ingest.correct(withdrawal["outcome_id"], withdrawn=True)
    assert (again.status_code, again.json()["code"]) == (409, "outcome_withdrawn")
    back = await ingest.correct(withdrawal["outcome_id"], outcome=outcome("failure", NOW_S - 9))
    assert back.status_code == 201
    assert [row.occurred_at_s for row in await ingest.sql("SELECT * FROM ingest.failures")] == [NOW_S - 9]


async def test_a_repeated_report_does_not_undo_its_correction(ingest: Ingest) -> None:
    """A client that reports every night does not see the correction; the answer says that there is one."""
    sent = [outcome("failure", NOW_S - 9), outcome("failure", NOW_S - 8), outcome("failure", NOW_S - 7)]
    await ingest.correct(await recorded(ingest, sent[1]), withdrawn=True)
    report = (await ingest.post([{}, *sent], "outcomes")).json()
    assert (report["recorded"], report["duplicates"], report["rejected"]) == (2, 1, 1)
    assert [(error["row"], error["code"]) for error in report["errors"] if error["row"]] == [(2, "corrected_since")]
    assert (await ingest.get("outcomes"))["total"] == 2


async def test_a_correction_to_an_outcome_that_is_valid_already_is_a_409(ingest: Ingest) -> None:
    wrong = await recorded(ingest, outcome("failure", NOW_S - 9))
    await ingest.record(outcome("failure", NOW_S - 8))
    answer = await ingest.correct(wrong, outcome=outcome("failure", NOW_S - 8))
    assert (answer.status_code, answer.json()["code"]) == (409, "outcome_known")
    assert (await ingest.correct(wrong, outcome=outcome("failure", NOW_S - 9, learnt_at=NOW_S))).status_code == 201


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "validation_failed"),
    ({"withdrawn": True, "reason": ""}, "validation_failed"),
    ({"withdrawn": True, "reason": "a\0b"}, "validation_failed"),
    ({"withdrawn": True, "outcome": outcome("failure", NOW_S)}, "validation_failed"),
    ({"outcome": outcome("exploded", NOW_S)}, "validation_failed"),
    ({"outcome": outcome("failure", str(NOW_S))}, "validation_failed"),
    ({"outcome": outcome("failure", NOW_S, surprise=1)}, "validation_failed"),
    ({"outcome": outcome("failure", NOW_S + 601)}, "outcome_invalid"),
    ({"outcome": outcome("failure", NOW_S, learnt_at=NOW_S - 1)}, "outcome_invalid"),
]


@pytest.mark.parametrize(("correction", "code"), BAD)
async def test_an_invalid_correction_is_a_422_and_changes_nothing(
    ingest: Ingest, correction: dict[str, Any], code: str
) -> None:
    wrong = await recorded(ingest, outcome("failure", NOW_S - 9))
    answer = await ingest.correct(wrong, **correction)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"]
    assert (await ingest.get("outcomes", history="true"))["total"] == 1


FLIPS = [
    (("failure", 3 * DAY_S), 8, None, {"positive>unresolved": 1}),
    (("failure", 3 * DAY_S), 8, 9 * DAY_S, {"positive>negative": 1}),
    (("failure", 3 * DAY_S), 37, None, {"positive>censored": 1}),
    (("explant", 3 * DAY_S), 8, None, {"censored>unresolved": 1}),
    (("lost", 3 * DAY_S), 37, None, {}),
    (("seen_healthy", 7 * DAY_S), 8, None, {"negative>unresolved": 1}),
    (("seen_healthy", 7 * DAY_S), 37, None, {"negative>censored": 1}),
    (("seen_healthy", 7 * DAY_S), 8, 8 * DAY_S, {}),
]


@pytest.mark.parametrize(("wrong", "days", "sent_at_s", "moves"), FLIPS)
async def test_labels_settled_by_a_withdrawn_outcome_follow_from_the_remaining_evidence(
    ingest: Ingest, wrong: tuple[str, int], days: int, sent_at_s: int | None, moves: dict[str, int]
) -> None:
    await ingest.accepted([reading(1)])
    stand_at(days)
    outcome_id = await recorded(ingest, outcome(wrong[0], NOW_S + wrong[1]))
    await ingest.mature()
    stamp = "SELECT changed_xid FROM ingest.labelled_readings WHERE device_id = 1 AND timestamp_s = :at"
    (before,) = await ingest.sql(stamp, at=NOW_S)
    if sent_at_s:
        stand_at(sent_at_s / DAY_S)
        await ingest.accepted([reading(1, NOW_S + sent_at_s)])
    await ingest.correct(outcome_id, withdrawn=True)
    moved = await ingest.mature()
    assert moved["moves"] == moves
    (after,) = await ingest.sql(stamp, at=NOW_S)
    assert (after.changed_xid > before.changed_xid) is bool(moves)


async def test_a_failure_corrected_to_another_device_changes_labels_of_both(ingest: Ingest) -> None:
    await ingest.accepted([reading(1), reading(2)])
    stand_at(8)
    await ingest.accepted([reading(1, NOW_S + 8 * DAY_S), reading(2, NOW_S + 8 * DAY_S)])
    outcome_id = await recorded(ingest, outcome("failure", NOW_S + DAY_S))
    await ingest.mature()
    await ingest.correct(outcome_id, outcome=outcome("failure", NOW_S + DAY_S, 2))
    assert (await ingest.mature())["moves"] == {"negative>positive": 1, "positive>negative": 1}
    labels = await ingest.labels()
    assert (labels[1, NOW_S], labels[2, NOW_S]) == ("negative", "positive")
