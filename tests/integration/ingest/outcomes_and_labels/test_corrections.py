"""Corrections of outcomes: the wrong row stays, what stands in its place is told, and labels follow."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from support.ingest import NOW_S, Ingest, outcome, reading, stand_at

from pacewatch.contracts.profiles.pacemaker import PACEMAKER

FIELD = PACEMAKER.device_field
DAY_S = 86_400
KEY = (1, NOW_S)


async def recorded(ingest: Ingest, *outcomes: dict[str, Any]) -> str:
    """The id of the one outcome on record that stands, after recording these."""
    await ingest.record(*outcomes)
    (item,) = (await ingest.get("outcomes"))["items"]
    return str(item["outcome_id"])


async def test_a_correction_stands_in_the_place_of_the_wrong_row_which_stays(ingest: Ingest) -> None:
    wrong = await recorded(ingest, outcome("failure", NOW_S - 9, mode="fracture"))
    stand_at(1)
    answer = await ingest.correct(wrong, "wrong device", outcome=outcome("failure", NOW_S - 7, 2))
    assert answer.status_code == 201
    right = answer.json()
    assert (right[FIELD], right["occurred_at"], right["mode"]) == (2, NOW_S - 7, "")
    assert (right["corrects"], right["reason"], right["actor"]) == (wrong, "wrong device", "superuser")
    assert (await ingest.get("outcomes"))["items"] == [right]
    with_history = await ingest.get("outcomes", history="true")
    assert (with_history["total"], with_history["items"][0]) == (2, right)
    (old, new) = (await ingest.get(f"outcomes/{wrong}"))["history"]
    assert new == right
    assert (old[FIELD], old["mode"], old["superseded_by"]) == (1, "fracture", right["outcome_id"])
    assert old["superseded_at"] == right["recorded_at"] > old["recorded_at"]
    assert (await ingest.get(f"outcomes/{right['outcome_id']}"))["history"] == [old, new]


async def test_a_correction_is_told_with_what_it_corrects(ingest: Ingest) -> None:
    wrong = await recorded(ingest, outcome("failure", NOW_S - 9))
    right = (await ingest.correct(wrong, outcome=outcome("explant", NOW_S - 9))).json()
    await ingest.correct(right["outcome_id"], "mixed up", withdrawn=True)
    told = await ingest.events("outcome.recorded")
    assert [(one["kind"], one["corrects"], one["withdrawn"], one["reason"]) for one in told] == [
        ("failure", None, False, ""),
        ("explant", wrong, False, "a slip"),
        ("explant", right["outcome_id"], True, "mixed up"),
    ]


async def test_what_was_corrected_already_is_a_409_that_names_its_successor(ingest: Ingest) -> None:
    wrong = await recorded(ingest, outcome("failure", NOW_S - 9))
    answers = await asyncio.gather(*(ingest.correct(wrong, outcome=outcome("lost", NOW_S - n)) for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (right,) = (answer.json()["outcome_id"] for answer in answers if answer.status_code == 201)
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {one["code"] for one in refused} == {"outcome_superseded"}
    assert all(right in one["detail"] for one in refused)
    assert (await ingest.correct(str(uuid4()), withdrawn=True)).json()["code"] == "outcome_not_found"


async def test_a_withdrawn_outcome_is_gone_from_the_list_and_can_be_brought_back(ingest: Ingest) -> None:
    wrong = await recorded(ingest, outcome("failure", NOW_S - 9))
    withdrawal = (await ingest.correct(wrong, withdrawn=True)).json()
    assert (await ingest.get("outcomes"))["items"] == await ingest.sql("SELECT * FROM ingest.failures") == []
    again = await ingest.correct(withdrawal["outcome_id"], withdrawn=True)
    assert (again.status_code, again.json()["code"]) == (409, "outcome_withdrawn")
    back = await ingest.correct(withdrawal["outcome_id"], outcome=outcome("failure", NOW_S - 9))
    assert back.status_code == 201
    assert [row.occurred_at_s for row in await ingest.sql("SELECT * FROM ingest.failures")] == [NOW_S - 9]


async def test_a_report_sent_again_does_not_undo_its_correction(ingest: Ingest) -> None:
    """Whoever reports every night knows nothing of the correction; the answer says that there is one."""
    sent = [outcome("failure", NOW_S - 9), outcome("failure", NOW_S - 8), outcome("failure", NOW_S - 7)]
    await ingest.correct(await recorded(ingest, sent[1]), withdrawn=True)
    report = (await ingest.post([{}, *sent], "outcomes")).json()
    assert (report["recorded"], report["duplicates"], report["rejected"]) == (2, 1, 1)
    assert [(error["row"], error["code"]) for error in report["errors"] if error["row"]] == [(2, "corrected_since")]
    assert (await ingest.get("outcomes"))["total"] == 2


async def test_nothing_is_corrected_into_what_stands_already(ingest: Ingest) -> None:
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
async def test_a_bad_correction_is_a_422_and_changes_nothing(
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


@pytest.mark.parametrize(("wrong", "days", "heard_s", "moves"), FLIPS)
async def test_what_a_withdrawn_outcome_had_settled_is_judged_again_by_what_is_left(
    ingest: Ingest, wrong: tuple[str, int], days: int, heard_s: int | None, moves: dict[str, int]
) -> None:
    await ingest.accepted([reading(1)])
    stand_at(days)
    outcome_id = await recorded(ingest, outcome(wrong[0], NOW_S + wrong[1]))
    await ingest.mature()
    stamp = "SELECT changed_xid FROM ingest.labelled_readings WHERE device_id = 1 AND timestamp_s = :at"
    (before,) = await ingest.sql(stamp, at=NOW_S)
    if heard_s:
        stand_at(heard_s / DAY_S)
        await ingest.accepted([reading(1, NOW_S + heard_s)])
    await ingest.correct(outcome_id, withdrawn=True)
    moved = await ingest.mature()
    assert moved["moves"] == moves
    (after,) = await ingest.sql(stamp, at=NOW_S)
    assert (after.changed_xid > before.changed_xid) is bool(moves)


async def test_a_failure_moved_to_another_device_settles_both(ingest: Ingest) -> None:
    await ingest.accepted([reading(1), reading(2)])
    stand_at(8)
    await ingest.accepted([reading(1, NOW_S + 8 * DAY_S), reading(2, NOW_S + 8 * DAY_S)])
    outcome_id = await recorded(ingest, outcome("failure", NOW_S + DAY_S))
    await ingest.mature()
    await ingest.correct(outcome_id, outcome=outcome("failure", NOW_S + DAY_S, 2))
    assert (await ingest.mature())["moves"] == {"negative>positive": 1, "positive>negative": 1}
    labels = await ingest.labels()
    assert (labels[1, NOW_S], labels[2, NOW_S]) == ("negative", "positive")
