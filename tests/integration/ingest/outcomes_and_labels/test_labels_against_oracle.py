"""Labels equal those of a slow oracle over random histories of readings, silences, outcomes, corrections and times."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.ingest import NOW_S, Ingest, outcome, reading, stand_at
from support.ingest.label_oracle import Fleet, Outcome, label

from pacewatch.contracts.http.times import iso
from pacewatch.contracts.labels import LabelState
from pacewatch.contracts.outcomes import OutcomeKind

DAY_S = 86_400
KINDS = [kind.value for kind in OutcomeKind]

devices = st.integers(1, 3)
# Whole days, and a second before and after: errors are likely where windows open and close.
ago_s = st.builds(lambda days, seconds: days * DAY_S + seconds, st.integers(0, 60), st.sampled_from([0, 0, 0, 1, -1]))
outcomes = st.builds(Outcome, devices, st.sampled_from(KINDS), ago_s)


@dataclass(frozen=True)
class Step:
    """Time passes, readings, outcomes and corrections arrive, labels are updated. Times: seconds before the step's end.

    A correction has the number of an outcome on record, and the right outcome, or None to withdraw it.
    """

    days: int
    readings: list[tuple[int, int]]
    outcomes: list[Outcome]
    corrections: list[tuple[int, Outcome | None]]


steps = st.builds(
    Step,
    days=st.integers(0, 40),
    readings=st.lists(st.tuples(devices, ago_s), max_size=8),
    outcomes=st.lists(outcomes, max_size=3),
    corrections=st.lists(st.tuples(st.integers(0, 9), st.none() | outcomes), max_size=3),
)
histories = st.lists(steps, min_size=1, max_size=5)
database = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@settings(database, max_examples=25)
@given(history=histories)
async def test_after_every_update_each_label_is_as_the_rules_say(ingest: Ingest, history: list[Step]) -> None:
    await ingest.empty()
    fleet = Fleet()
    now_s = NOW_S
    for step in history:
        now_s += step.days * DAY_S
        stand_at((now_s - NOW_S) / DAY_S)
        await _report(ingest, step, now_s, fleet)
        for number, right in step.corrections:
            await _correct(ingest, number, right, now_s, fleet)
        before = await ingest.labels()
        moved = await ingest.mature()
        after = await ingest.labels()
        assert after == _expected(fleet, now_s)
        assert moved["moved"] == sum(before[key] != after[key] for key in after)
        assert moved["counts"] == {state.value: 0 for state in LabelState} | Counter(after.values())
        assert (await ingest.get("labels/summary"))["counts"] == moved["counts"]
        assert (await ingest.mature())["moved"] == 0


@settings(database, max_examples=6)
@given(history=histories)
async def test_concurrent_updates_and_arrivals_leave_no_label_wrong(ingest: Ingest, history: list[Step]) -> None:
    """Reports, corrections and updates of each step run at once; then one update by itself must see all of it."""
    await ingest.empty()
    fleet = Fleet()
    now_s = NOW_S
    for step in history:
        now_s += step.days * DAY_S
        stand_at((now_s - NOW_S) / DAY_S)
        await _report(ingest, Step(0, [], step.outcomes, []), now_s, fleet)
        late = Step(0, step.readings, [], [])
        await asyncio.gather(ingest.mature(), _report(ingest, late, now_s, fleet), ingest.mature())
        for number, right in step.corrections:
            await asyncio.gather(ingest.mature(), _correct(ingest, number, right, now_s, fleet), ingest.mature())
        counts = (await ingest.mature())["counts"]
        after = await ingest.labels()
        assert after == _expected(fleet, now_s)
        assert counts == {state.value: 0 for state in LabelState} | Counter(after.values())


def _expected(fleet: Fleet, now_s: int) -> dict[tuple[int, int], str]:
    return {(device, at): label(fleet, device, at, now_s) for device, at in fleet.readings}


async def _report(ingest: Ingest, step: Step, now_s: int, fleet: Fleet) -> None:
    fleet.readings |= {(device, now_s - ago) for device, ago in step.readings}
    if step.readings:
        assert (await ingest.post([reading(device, now_s - ago) for device, ago in step.readings])).status_code == 200
    for one in step.outcomes:
        reported = Outcome(one.device, one.kind, now_s - one.at_s)
        await ingest.record(outcome(reported.kind, reported.at_s, reported.device))
        fleet.report(reported)


async def _correct(ingest: Ingest, number: int, right: Outcome | None, now_s: int, fleet: Fleet) -> None:
    """Correct the `number`-th outcome on record, or its last correction; the oracle says whether that is allowed."""
    if not fleet.chains:
        return
    number %= len(fleet.chains)
    corrected = right and Outcome(right.device, right.kind, now_s - right.at_s)
    first, last = fleet.chains[number][0], fleet.chains[number][-1]
    is_allowed = fleet.correct(number, corrected)
    assert first is not None
    items = (await ingest.get("outcomes", history="true", device_id=first.device, kind=first.kind, size=200))["items"]
    (report,) = (item for item in items if item["corrects"] is None and item["occurred_at"] == iso(first.at_s))
    newest = (await ingest.get(f"outcomes/{report['outcome_id']}"))["history"][-1]
    assert newest["withdrawn"] is (last is None)
    values: dict[str, Any] = {"withdrawn": True}
    if corrected is not None:
        values = {"outcome": outcome(corrected.kind, corrected.at_s, corrected.device)}
    answer = await ingest.correct(newest["outcome_id"], **values)
    assert (answer.status_code == 201) is is_allowed, answer.text
