"""When an episode opens and closes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from pacewatch.inference.alerts.rules import Episode, Rules

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = Rules(closing_risk=0.2, cooldown=timedelta(days=7))
OPEN = Episode(uuid4(), None)


@pytest.mark.parametrize(("closed_days_ago", "opens"), [(None, True), (0, False), (6.9, False), (7, True)])
def test_an_episode_opens_after_the_cooldown(closed_days_ago: float | None, opens: bool) -> None:
    latest = None if closed_days_ago is None else Episode(uuid4(), NOW - timedelta(days=closed_days_ago))
    assert RULES.opens(latest, NOW) is opens


def test_no_second_episode_opens_beside_an_open_one() -> None:
    assert not RULES.opens(OPEN, NOW)


@pytest.mark.parametrize(("risk", "closes"), [(0.2, False), (0.19, True)])
def test_an_open_episode_closes_below_the_hysteresis(risk: float, closes: bool) -> None:
    assert RULES.closes(risk, OPEN, recovered=False) is closes


@pytest.mark.parametrize(("risk", "recovered", "closes"), [(0.1, False, False), (0.1, True, True), (0.2, True, False)])
def test_one_that_a_limit_opened_closes_when_the_device_has_recovered(
    risk: float, recovered: bool, closes: bool
) -> None:
    assert RULES.closes(risk, Episode(uuid4(), None, by_limit=True), recovered=recovered) is closes


@pytest.mark.parametrize("latest", [None, Episode(uuid4(), NOW)])
def test_without_an_open_episode_nothing_closes(latest: Episode | None) -> None:
    assert not RULES.closes(0.19, latest, recovered=True)
