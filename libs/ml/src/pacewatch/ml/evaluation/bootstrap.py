"""95 % bootstrap intervals. Devices are resampled, not rows: rows of one device are not independent."""

import math
from collections.abc import Callable

import numpy as np

from pacewatch.kit.columns.arrays import Floats, Ints
from pacewatch.ml.evaluation.events import Events
from pacewatch.ml.json_numbers import number

REPLICATES = 300
SEED = 20_260_101

Interval = dict[str, float | None]


def draws(devices: int) -> Ints:
    """How often each device was drawn, the same draws whenever there are as many devices: (REPLICATES, devices)."""
    return np.random.default_rng(SEED).multinomial(devices, np.full(devices, 1 / devices), REPLICATES)


def interval(point: float, statistic: Callable[[Ints], float], devices: int) -> Interval:
    """{"value", "low", "high"} of a statistic, None where it is undefined.

    `statistic` gets how often each of the `devices` was drawn, and returns NaN if it is undefined for that draw.
    """
    return interval_of(point, np.array([statistic(drawn) for drawn in draws(devices)]))


def interval_of(point: float, values: Floats) -> Interval:
    """The same from the statistic's value of each draw, shape (REPLICATES,), NaN where it is undefined."""
    defined = values[np.isfinite(values)]
    if len(defined) < REPLICATES // 2:
        return {"value": number(point), "low": None, "high": None}
    low, high = np.percentile(defined, [2.5, 97.5])
    return {"value": number(point), "low": number(low), "high": number(high)}


def wilson(share: float, count: int) -> Interval:
    """The interval of a share of `count` independent cases (Wilson 1927): it has a width even for a share of 0 or 1."""
    low, high = _bounds(share, count)
    return {"value": share, "low": low, "high": high}


def _bounds(share: float, count: int) -> tuple[float, float]:
    z2 = 1.96**2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = math.sqrt(z2 * share * (1 - share) / count + z2**2 / (4 * count**2)) / (1 + z2 / count)
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def event_intervals(events: Events) -> dict[str, Interval]:
    """Intervals of the share of failures caught, the median lead in days, and the alerts per 100 device-months."""
    devices = len(events.months)
    once = np.ones(devices, dtype=np.int64)
    statistics: dict[str, Callable[[Ints], float]] = {
        "failures_caught": lambda drawn: _caught(events, drawn),
        "lead_days": lambda drawn: _lead(events, drawn),
        "alerts_per_100_device_months": lambda drawn: _burden(events, drawn),
    }
    intervals = {name: interval(statistic(once), statistic, devices) for name, statistic in statistics.items()}
    if (share := intervals["failures_caught"]["value"]) in (0.0, 1.0):  # all draws are equal
        intervals["failures_caught"] = wilson(share, len(np.unique(events.device)))
    return intervals


def caught_more(events: Events, other: Events) -> Interval:
    """The share of failures that `events` caught minus that of `other`, on the same failures and the same draws."""

    def difference(drawn: Ints) -> float:
        return _caught(events, drawn) - _caught(other, drawn)

    devices = len(events.months)
    drawn = interval(difference(np.ones(devices, dtype=np.int64)), difference, devices)
    return _newcombe(events, other) if drawn["low"] is not None and drawn["low"] == drawn["high"] else drawn


def _newcombe(events: Events, other: Events) -> Interval:
    """The difference of two shares from their Wilson intervals (Newcombe 1998), for draws that all give the same."""
    count = len(np.unique(events.device))
    p, q = (float((~np.isnan(one.lead_days)).mean()) for one in (events, other))
    (low, high), (other_low, other_high) = _bounds(p, count), _bounds(q, count)
    below, above = math.hypot(p - low, other_high - q), math.hypot(high - p, q - other_low)
    return {"value": p - q, "low": p - q - below, "high": p - q + above}


def _caught(events: Events, drawn: Ints) -> float:
    weight = drawn[events.device]
    return float(weight[~np.isnan(events.lead_days)].sum() / weight.sum()) if weight.sum() else np.nan


def _lead(events: Events, drawn: Ints) -> float:
    leads = np.repeat(events.lead_days, drawn[events.device])
    caught = leads[~np.isnan(leads)]
    return float(np.median(caught)) if len(caught) else np.nan


def _burden(events: Events, drawn: Ints) -> float:
    months = float((drawn * events.months).sum())
    return float(100 * (drawn * events.episodes).sum() / months) if months else np.nan
