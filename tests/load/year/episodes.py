"""Episodes that other thresholds would have opened, for the trade-off and the hand rule.

By the platform's rules, but for two that need signals: one that a limit opened closes without them being normal again,
and a reading at a limit too short for an alert is no danger. That changes counts by some hundredths.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
from load.year.record import Raised, Scored

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.alerts.rules import Episode, Rules
from pacewatch.inference.settings import InferenceSettings
from pacewatch.kit.columns.arrays import Bools, Floats, Ints

Threshold = Callable[[Scored], Floats]
"""The threshold in force at each score."""

_ID = UUID(int=0)
_NONE: tuple[int, Episode | None] = (-1, None)
SEARCH_STEPS = 30


def episodes(scored: Scored, threshold: Floats, *, limits: bool = True) -> Raised:
    """The episodes of these scores at these thresholds, one entry a score each. Every episode is one mail."""
    settings = InferenceSettings()
    cooldown = timedelta(days=settings.cooldown_days)
    high = (scored.risk >= threshold) | (scored.by_limit & limits)
    closing = settings.hysteresis * threshold
    rows: list[list[float]] = []
    latest: dict[int, tuple[int, Episode]] = {}  # of each device its last row, and the episode
    for number in np.flatnonzero(_ever_high(scored.device, high)).tolist():
        device, at = int(scored.device[number]), datetime.fromtimestamp(scored.at_s[number], UTC)
        row, episode = latest.get(device, _NONE)
        rules = Rules(float(closing[number]), cooldown, PACEMAKER.label.horizon_s)
        if high[number] and rules.opens(episode, at):
            by_limit = bool(scored.by_limit[number] and scored.risk[number] < threshold[number])
            latest[device] = len(rows), Episode(_ID, None, int(scored.at_s[number]), by_limit)
            rows.append([device, scored.at_s[number], np.inf, by_limit])
        elif not episode or not episode.is_open:
            continue
        elif high[number] or not rules.is_calm(float(scored.risk[number]), episode, recovered=True):
            latest[device] = row, replace(episode, danger_s=int(scored.at_s[number]))
        elif rules.closes(int(scored.at_s[number]), episode):
            rows[row][2] = scored.at_s[number]
            latest[device] = row, replace(episode, closed_at=at)
    columns = np.array(rows).reshape(-1, 4).T
    device, by_limit = columns[0].astype(np.int64), columns[3].astype(np.bool_)
    return Raised(device, columns[1], columns[2], by_limit, np.ones(len(device), np.int64))


def _ever_high(device: Ints, high: Bools) -> Bools:
    """The scores of devices of which one is high: the others open nothing, and are most."""
    found: Bools = np.isin(device, np.unique(device[high]))
    return found


def with_as_many(scored: Scored, mails: int) -> Raised:
    """The episodes of one threshold for all scores, the lowest that raises at most so many."""
    low, high = float(scored.risk.min()), float(scored.risk.max())
    found = episodes(scored, np.full(len(scored.risk), np.inf), limits=False)
    for _ in range(SEARCH_STEPS):
        middle = (low + high) / 2
        tried = episodes(scored, np.full(len(scored.risk), middle), limits=False)
        if len(tried.device) <= mails:
            found, high = tried, middle
        else:
            low = middle
    return found
