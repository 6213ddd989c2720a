"""The ledger equals a slow reference over random histories of readings, silences, outcomes and clock moments."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.ingest import NOW_S, Ingest, outcome, reading, stand_at
from support.section7 import Device, label

from pacewatch.contracts.outcomes import LabelState, OutcomeKind

DAY_S = 86_400
KINDS = [kind.value for kind in OutcomeKind]

devices = st.integers(1, 3)
# Whole days and a second beside them: where windows open and close is where mistakes live.
ago_s = st.builds(lambda days, seconds: days * DAY_S + seconds, st.integers(0, 60), st.sampled_from([0, 0, 0, 1, -1]))


@dataclass(frozen=True)
class Step:
    """Time passes, things arrive, the ledger is judged."""

    days: int
    readings: list[tuple[int, int]]
    outcomes: list[tuple[int, str, int]]


steps = st.builds(
    Step,
    days=st.integers(0, 40),
    readings=st.lists(st.tuples(devices, ago_s), max_size=8),
    outcomes=st.lists(st.tuples(devices, st.sampled_from(KINDS), ago_s), max_size=3),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, min_size=1, max_size=5))
async def test_after_every_judgement_each_label_is_what_section_7_says(ingest: Ingest, history: list[Step]) -> None:
    await ingest.empty()
    fleet: defaultdict[int, Device] = defaultdict(Device)
    now_s = NOW_S
    for step in history:
        now_s += step.days * DAY_S
        stand_at((now_s - NOW_S) / DAY_S)
        await _arrive(ingest, step, now_s, fleet)
        before = await ingest.labels()
        moved = await ingest.mature()
        after = await ingest.labels()
        expected = {(number, at): label(fleet[number], at, now_s) for number in fleet for at in fleet[number].readings}
        assert after == expected
        assert moved["moved"] == sum(before[key] != after[key] for key in after)
        assert moved["counts"] == {state.value: 0 for state in LabelState} | Counter(after.values())
        assert (await ingest.mature())["moved"] == 0


async def _arrive(ingest: Ingest, step: Step, now_s: int, fleet: defaultdict[int, Device]) -> None:
    for number, ago in step.readings:
        fleet[number].readings.add(now_s - ago)
    for number, kind, ago in step.outcomes:
        fleet[number].outcomes.add((kind, now_s - ago))
    if step.readings:
        assert (await ingest.post([reading(number, now_s - ago) for number, ago in step.readings])).status_code == 200
    if step.outcomes:
        await ingest.record(*(outcome(kind, now_s - ago, number) for number, kind, ago in step.outcomes))
