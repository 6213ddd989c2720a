"""Origins roll through the settled time; nothing is judged that was learned from."""

from collections.abc import Iterable

import numpy as np
import pytest

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.training.splits import ORIGINS, rolling_origins

DAY = SECONDS_PER_DAY
HORIZON_S = 7 * DAY


def daily(days: Iterable[int], devices: int = 40) -> Readings:
    """One row per device and day."""
    times_s = np.fromiter(days, dtype=np.int64) * DAY
    return Readings(np.repeat(np.arange(devices), len(times_s)), np.tile(times_s, devices))


def test_every_origin_learns_from_all_that_is_older_less_the_embargo() -> None:
    rolling = rolling_origins(daily(range(200)), HORIZON_S, now_s=400 * DAY)
    assert len(rolling.origins) == ORIGINS
    for origin in rolling.origins:
        assert origin.fit.from_s == 0
        assert origin.judged.from_s - origin.fit.to_s == HORIZON_S + 1


def test_the_spans_of_the_origins_follow_one_another_to_the_end_of_settled_time() -> None:
    rolling = rolling_origins(daily(range(200)), HORIZON_S, now_s=400 * DAY)
    times_s = np.arange(200) * DAY
    counts = np.sum([origin.judged.of(times_s) for origin in rolling.origins], axis=0)
    assert counts.tolist() == [0] * 60 + [1] * 140  # the oldest 30 % are only learned from
    judged = times_s[rolling.judged.of(times_s)]
    for number, origin in enumerate(rolling.origins):
        assert (rolling.origin_of(judged) == number).tolist() == origin.judged.of(judged).tolist()
    assert rolling.settled.to_s == rolling.origins[-1].judged.to_s == 199 * DAY


def test_the_last_horizon_before_now_is_left_out() -> None:
    assert rolling_origins(daily(range(100)), HORIZON_S, now_s=100 * DAY).settled.to_s == 93 * DAY


@pytest.mark.parametrize(("days", "origins"), [(25, 1), (32, 2), (40, 3), (70, ORIGINS)])
def test_a_short_time_has_fewer_origins_at_least_a_horizon_apart(days: int, origins: int) -> None:
    rolling = rolling_origins(daily(range(days)), HORIZON_S, now_s=400 * DAY)
    assert len(rolling.origins) == origins
    spans = [origin.judged.to_s + 1 - origin.judged.from_s for origin in rolling.origins]
    assert min(spans) >= HORIZON_S
    assert rolling.origins[0].fit.to_s >= 10 * DAY - 1


def test_a_history_that_is_too_short_is_refused_with_the_days_needed() -> None:
    with pytest.raises(TrainingImpossibleError, match=r"cover 20 days.* needs 24") as refused:
        rolling_origins(daily(range(21)), HORIZON_S, now_s=200 * DAY)
    assert refused.value.code == "span_too_short"


def test_a_history_without_rows_is_refused() -> None:
    with pytest.raises(TrainingImpossibleError):
        rolling_origins(daily(()), HORIZON_S, now_s=200 * DAY)


def test_a_device_with_a_clock_years_behind_moves_no_border() -> None:
    keys, early = daily(range(5_000, 5_100)), daily(range(5_000), devices=1)
    expected = rolling_origins(keys, HORIZON_S, now_s=6_000 * DAY)
    rolling = rolling_origins(Readings.concatenated([keys, early]), HORIZON_S, now_s=6_000 * DAY)
    assert [one.judged for one in rolling.origins] == [one.judged for one in expected.origins]
    assert rolling.settled.from_s == 0


def test_years_without_readings_count_as_no_time() -> None:
    days = np.array([*range(100), *range(2_000, 2_100)])
    rolling = rolling_origins(daily(days), HORIZON_S, now_s=3_000 * DAY)
    assert [int(one.judged.of(days * DAY).sum()) for one in rolling.origins] == pytest.approx([28] * 5, abs=1)
    assert all(one.fit.of(days * DAY).sum() >= 50 for one in rolling.origins)
