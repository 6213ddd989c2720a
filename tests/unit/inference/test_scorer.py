"""Levels of risk, newest readings, and the history that a score needs."""

import pytest

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.scoring.scorer import level_of, newest_of, with_history
from pacewatch.kit.columns.readings import Readings

START_S = 1_600_000_000


def at_days(*pairs: tuple[int, float]) -> Readings:
    """Sorted keys of devices and days."""
    return Readings.of_pairs((device, int(START_S + day * SECONDS_PER_DAY)) for device, day in pairs)


@pytest.mark.parametrize(
    ("risk", "level"), [(0.4, "high"), (0.39, "elevated"), (0.2, "elevated"), (0.19, "normal"), (1, "high")]
)
def test_levels_follow_the_threshold(risk: float, level: str) -> None:
    assert level_of(risk, 0.4) == level


def test_the_newest_reading_of_each_device_is_found() -> None:
    readings = at_days((1, 0), (1, 1), (5, 0), (9, 2), (9, 4))
    assert newest_of(readings).pairs() == at_days((1, 1), (5, 0), (9, 4)).pairs()


@pytest.mark.parametrize(
    ("earlier_days", "enough"), [([], False), ([-0.5], False), ([-1], True), ([-36], True), ([-37], False)]
)
def test_history_is_an_earlier_reading_within_the_longest_window(earlier_days: list[float], enough: bool) -> None:
    assert PACEMAKER.longest_window_days == 37
    readings = at_days((1, -5), (3, -5), (2, 0), *((2, day) for day in earlier_days))
    assert len(with_history(readings, at_days((2, 0)), PACEMAKER, least_s=SECONDS_PER_DAY)) == enough
