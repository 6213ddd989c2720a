"""When an episode opens and closes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from pacewatch.inference.alerts.rules import Episode, Rules

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DANGER_S = 1_700_000_000
RULES = Rules(closing_risk=0.2, cooldown=timedelta(days=7), horizon_s=7 * 86_400)
OPEN = Episode(uuid4(), None, DANGER_S)


@pytest.mark.parametrize(("closed_days_ago", "opens"), [(None, True), (0, False), (6.9, False), (7, True)])
def test_an_episode_opens_after_the_cooldown(closed_days_ago: float | None, opens: bool) -> None:
    latest = None if closed_days_ago is None else Episode(uuid4(), NOW - timedelta(days=closed_days_ago), DANGER_S)
    assert RULES.opens(latest, NOW) is opens


def test_no_second_episode_opens_beside_an_open_one() -> None:
    assert not RULES.opens(OPEN, NOW)


@pytest.mark.parametrize(("risk", "calm"), [(0.2, False), (0.19, True)])
def test_a_reading_is_calm_below_the_hysteresis(risk: float, calm: bool) -> None:
    assert RULES.is_calm(risk, OPEN, recovered=False) is calm


@pytest.mark.parametrize(("risk", "recovered", "calm"), [(0.1, False, False), (0.1, True, True), (0.2, True, False)])
def test_after_a_limit_a_reading_is_calm_when_the_device_has_recovered(
    risk: float, recovered: bool, calm: bool
) -> None:
    assert RULES.is_calm(risk, Episode(uuid4(), None, DANGER_S, by_limit=True), recovered=recovered) is calm


@pytest.mark.parametrize(("days", "closes"), [(1, False), (6.9, False), (7, True)])
def test_an_episode_closes_when_the_horizon_of_its_last_danger_is_over(days: float, closes: bool) -> None:
    assert RULES.closes(DANGER_S + int(days * 86_400), OPEN) is closes
