"""The alert budget: how many devices may be alerted on per day, and the threshold that keeps to it."""

import numpy as np

from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.ml.evaluation.events import events_of
from pacewatch.ml.evaluation.holdout import Failures, Holdout
from pacewatch.ml.json_numbers import number

BUDGETS_SHOWN = (0.5, 1, 2, 4)
"""Other alert budgets beside the profile's, in multiples of it, to choose one."""

ELEVATED_BUDGETS = 4
"""The most that may be elevated or high, in alert budgets: what a person can look through beside the alerts."""


def top_per_day(holdout: Holdout, risk: Floats, budget: float) -> Bools:
    """The rows that a ranking alerts on when it spends `budget` alerts per device and day; shape (rows,).

    Only rows that may alert are; devices of the others count for the budget. A device counts once a day, with its
    highest risk. Fractions of an alert are carried over to the next day, so a fleet of 30 spends 1 % as one alert in
    about three days.
    """
    risk = np.where(holdout.may_alert, risk, -np.inf)
    rows = _highest_of_device_days(holdout, risk)
    days = holdout.days[rows]
    order = np.lexsort((-risk[rows], days))
    _, first, counts = np.unique(days[order], return_index=True, return_counts=True)
    spent = np.floor(np.cumsum(counts) * budget + 1e-9)
    allowed = np.diff(spent, prepend=0.0)
    rank = np.arange(len(order)) - np.repeat(first, counts)
    alerted = np.zeros(len(risk), dtype=bool)
    alerted[rows[order[rank < np.repeat(allowed, counts)]]] = True
    return alerted & holdout.may_alert


def threshold_for(holdout: Holdout, risk: Floats, budget: float) -> float:
    """The operating threshold: the lowest risk at which at most `budget` of all device-days are alerted on.

    1 where no row may alert.
    """
    risk = np.where(holdout.may_alert, risk, -np.inf)
    highest = risk[_highest_of_device_days(holdout, risk)]
    affordable = int(np.floor(len(highest) * budget + 1e-9))
    distinct, counts = np.unique(-highest[np.isfinite(highest)], return_counts=True)
    if not len(distinct):
        return 1.0
    within = np.flatnonzero(np.cumsum(counts) <= affordable)
    return float(-distinct[within[-1] if len(within) else 0])


def elevated_threshold_for(holdout: Holdout, risk: Floats, budget: float) -> float:
    """The lowest elevated risk: at most `ELEVATED_BUDGETS` budgets of device-days reach it, and it is above the usual.

    The usual is the base rate. Where the budget is large, as for machines, it is what bounds the level.
    """
    usual = float((holdout.labels == 1).mean())
    lowest = max(threshold_for(holdout, risk, min(ELEVATED_BUDGETS * budget, 1.0)), usual)
    return min(lowest, threshold_for(holdout, risk, budget))


def trade_off(
    holdout: Holdout, risk: Floats, budget: float, failures: Failures, horizon_s: int
) -> list[dict[str, float | None]]:
    """What other alert budgets would catch, and how often they would alert; JSON-serialisable, one entry a budget."""
    entries: list[dict[str, float | None]] = []
    for one in (min(times * budget, 1.0) for times in BUDGETS_SHOWN):
        events = events_of(holdout, top_per_day(holdout, risk, one), failures, horizon_s)
        caught = (~np.isnan(events.lead_days)).mean() if len(events.lead_days) else np.nan
        alerts = 100 * events.episodes.sum() / events.months.sum() if events.months.sum() else np.nan
        figures = {"failures_caught": number(caught), "alerts_per_100_device_months": number(alerts)}
        entries.append({"budget": one, "threshold": threshold_for(holdout, risk, one), **figures})
    return entries


def _highest_of_device_days(holdout: Holdout, risk: Floats) -> Ints:
    """For each device and day, the row with the highest risk."""
    device_ids = holdout.keys.device_ids
    order = np.lexsort((-risk, holdout.days, device_ids))
    device, day = device_ids[order], holdout.days[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (device[1:] != device[:-1]) | (day[1:] != day[:-1])
    return order[first]
