"""The parts of scoring that need no database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.alerts.repository import Episode, Rules
from pacewatch.inference.scoring.scorer import level_of, newest_of, with_history
from pacewatch.inference.windows.readings import Keys, Rows, keys_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = Rules(threshold=0.4, hysteresis=0.5, cooldown=timedelta(days=7))
DAY = SECONDS_PER_DAY
START_S = 1_600_000_000


def rows_of(*pairs: tuple[int, float]) -> Rows:
    keys = keys_of((device, int(START_S + day * DAY)) for device, day in pairs)
    return Rows(keys, {})


@pytest.mark.parametrize(
    ("risk", "level"), [(0.4, "high"), (0.39, "elevated"), (0.2, "elevated"), (0.19, "normal"), (1, "high")]
)
def test_levels_follow_the_threshold(risk: float, level: str) -> None:
    assert level_of(risk, 0.4) == level


@pytest.mark.parametrize(
    ("risk", "closed_days_ago", "opens"),
    [(0.4, None, True), (0.39, None, False), (0.9, 0, False), (0.9, 6.9, False), (0.9, 7, True)],
)
def test_an_episode_opens_at_the_threshold_after_a_rest(
    risk: float, closed_days_ago: float | None, opens: bool
) -> None:
    latest = None if closed_days_ago is None else Episode(uuid4(), NOW - timedelta(days=closed_days_ago))
    assert RULES.opens(risk, latest, NOW) is opens


def test_an_open_episode_stays_the_only_one_and_ends_below_the_hysteresis() -> None:
    latest = Episode(uuid4(), None)
    assert not RULES.opens(0.9, latest, NOW)
    assert not RULES.closes(0.2, latest)
    assert RULES.closes(0.19, latest)
    assert not RULES.closes(0.19, None)
    assert not RULES.closes(0.19, Episode(uuid4(), NOW))


def test_keys_are_found_among_rows_of_several_devices() -> None:
    rows = rows_of((1, 0), (1, 1), (5, 0), (5, 3), (9, 2))
    assert rows.positions(keys_of([(5, START_S + 3 * DAY), (9, START_S + 2 * DAY)])).tolist() == [3, 4]


def test_the_newest_reading_of_each_device() -> None:
    assert newest_of(rows_of((1, 0), (1, 1), (5, 0), (9, 2), (9, 4)).keys).pairs() == [
        (1, START_S + DAY),
        (5, START_S),
        (9, START_S + 4 * DAY),
    ]


@pytest.mark.parametrize(
    ("earlier_days", "known"), [([], False), ([-0.5], False), ([-1], True), ([-36], True), ([-37], False)]
)
def test_history_is_a_reading_long_enough_ago_and_within_the_longest_window(
    earlier_days: list[float], known: bool
) -> None:
    assert PACEMAKER.longest_window_days == 37
    others = [(1, -5.0), (3, -5.0)]
    rows = rows_of(*others, (2, 0), *((2, day) for day in earlier_days))
    wanted = Keys(np.array([2]), np.array([START_S]))
    assert len(with_history(rows, wanted, PACEMAKER, least_s=DAY)) == known
