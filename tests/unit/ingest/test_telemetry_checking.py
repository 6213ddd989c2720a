"""Checking by columns accepts exactly the rows that the published row model accepts."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pacewatch.contracts.profiles import PROFILES
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import ignored_columns, reading_model
from pacewatch.ingest.telemetry.checking import RowErrors, check
from pacewatch.ingest.telemetry.rules import rules_of

LATEST_S = 1_790_000_600
FIELDS = (PACEMAKER.device_field, "timestamp", *PACEMAKER.signal_names)

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([2**53 - 1, 2**53, 0, -1, LATEST_S, LATEST_S + 1, PACEMAKER.epoch_s, PACEMAKER.epoch_s - 1, -0.0]),
    st.sampled_from([bound for s in PACEMAKER.signals for bound in (s.plausible.low, s.plausible.high)]),
    st.lists(st.integers(), max_size=2),
)


@st.composite
def rows(draw: st.DrawFn) -> Any:
    """A valid row, or one with some invalid fields."""
    row: dict[str, Any] = {name: draw(st.integers(50, 60)) for name in FIELDS}
    row |= dict(zip(PACEMAKER.signal_names, (500, 1.5, 12.0, 2.8), strict=True))
    row["timestamp"] = draw(st.integers(LATEST_S - 3, LATEST_S))
    for name in draw(st.lists(st.sampled_from([*FIELDS, *ignored_columns(PACEMAKER), "surprise"]), max_size=2)):
        row[name] = draw(odd)
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=1)) if draw(st.booleans()) else []:
        del row[name]
    return draw(st.one_of(st.just(row), st.just(row), st.just(row), odd))


def is_valid(row: Any) -> bool:
    try:
        reading_model(PACEMAKER).model_validate(row)
    except ValidationError:
        return False
    return bool(PACEMAKER.epoch_s <= row["timestamp"] <= LATEST_S)


@given(st.lists(rows(), min_size=1, max_size=6))
def test_valid_rows_are_those_the_model_accepts_each_key_once(batch: list[Any]) -> None:
    checked = check(batch, rules_of(PACEMAKER), LATEST_S)
    valid, errors = checked.valid, checked.errors
    first: dict[tuple[int, int], int] = {}
    for number, row in enumerate(batch):
        if is_valid(row):
            first.setdefault((row[FIELDS[0]], row["timestamp"]), number)
    keys = list(zip(valid.readings.device_ids.tolist(), valid.readings.timestamps_s.tolist(), strict=True))
    assert keys == sorted(first)
    assert valid.places.tolist() == [first[key] for key in keys]
    for name, values in valid.readings.signals.items():
        assert values.tolist() == [float(batch[n][name]) for n in valid.places]
    assert {error.row for error in errors.kept} == set(range(len(batch))) - set(first.values())
    repeated = {error.row for error in errors.kept if error.code == "duplicate_in_batch"}
    assert repeated == {n for n, row in enumerate(batch) if is_valid(row) and n not in first.values()}


def test_every_profile_has_rules() -> None:
    for profile in PROFILES.values():
        row = {profile.device_field: 1, "timestamp": profile.epoch_s}
        row |= {signal.name: signal.plausible.high for signal in profile.signals}
        checked = check([row], rules_of(profile), profile.epoch_s)
        assert (len(checked.valid), checked.errors) == (1, RowErrors())
