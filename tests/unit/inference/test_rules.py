"""When an episode opens and closes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from pacewatch.inference.alerts.rules import Episode, Rules

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = Rules(threshold=0.4, hysteresis=0.5, cooldown=timedelta(days=7))


@pytest.mark.parametrize(
    ("risk", "closed_days_ago", "opens"),
    [(0.4, None, True), (0.39, None, False), (0.9, 0, False), (0.9, 6.9, False), (0.9, 7, True)],
)
def test_an_episode_opens_at_the_threshold_after_the_cooldown(
    risk: float, closed_days_ago: float | None, opens: bool
) -> None:
    latest = None if closed_days_ago is None else Episode(uuid4(), NOW - timedelta(days=closed_days_ago))
    assert RULES.opens(risk, latest, NOW) is opens


def test_no_second_episode_opens_beside_an_open_one() -> None:
    assert not RULES.opens(0.9, Episode(uuid4(), None), NOW)


@pytest.mark.parametrize(("risk", "closes"), [(0.2, False), (0.19, True)])
def test_an_open_episode_closes_below_the_hysteresis(risk: float, closes: bool) -> None:
    assert RULES.closes(risk, Episode(uuid4(), None)) is closes


@pytest.mark.parametrize("latest", [None, Episode(uuid4(), NOW)])
def test_without_an_open_episode_nothing_closes(latest: Episode | None) -> None:
    assert not RULES.closes(0.19, latest)
