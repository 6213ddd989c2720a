"""Baselines: what a device's signals were at the start of the last month."""

import numpy as np
import pytest

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import MACHINE, PACEMAKER
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.baseline import baselines_of

START_S = 1_600_000_000


def daily(days: int, profile=PACEMAKER) -> Readings:
    """Two devices; every signal counts the days."""
    count = np.tile(np.arange(days, dtype=np.float64), 2)
    seconds = START_S + (count * SECONDS_PER_DAY).astype(np.int64)
    return Readings(np.repeat([1, 2], days), seconds, dict.fromkeys(profile.signal_names, count))


def test_a_baseline_is_the_median_of_the_five_oldest_readings_of_the_month() -> None:
    values, days = baselines_of(PACEMAKER, daily(60), np.array([59, 119]))
    assert values.shape == (2, 4)
    assert values[:, 0].tolist() == [32, 32]  # of days 30 to 34
    assert days.tolist() == [29, 29]


def test_of_a_short_history_no_more_than_the_older_half_is_used() -> None:
    values, days = baselines_of(PACEMAKER, daily(5), np.array([4]))
    assert (values[0, 0], days[0]) == (1, 4)  # of days 0 to 2


@pytest.mark.parametrize(("days", "known"), [(1, False), (2, False), (3, True)])
def test_without_days_of_history_there_is_no_baseline(days: int, known: bool) -> None:
    values, _ = baselines_of(PACEMAKER, daily(days), np.array([days - 1]))
    assert np.isnan(values).all() == (not known)


def test_a_baseline_looks_no_further_back_than_a_score() -> None:
    assert MACHINE.longest_window_days == 14
    readings = daily(60, MACHINE)
    recent = readings.where((readings.device_ids == 1) & (readings.timestamps_s > START_S + 45 * SECONDS_PER_DAY))
    whole, part = (baselines_of(MACHINE, some, np.array([last])) for some, last in ((readings, 59), (recent, 13)))
    assert whole[0].tobytes() == part[0].tobytes()
    assert whole[1] == part[1] == 13


def test_an_outlier_among_the_oldest_readings_is_not_the_baseline() -> None:
    readings = daily(31)
    readings.signals["capture_threshold_v"][2] = 900
    assert baselines_of(PACEMAKER, readings, np.array([30]))[0][0, 1] == 4  # of 1, 900, 3, 4, 5
