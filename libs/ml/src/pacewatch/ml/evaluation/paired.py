"""Two rankings on the same rows: differences with 95 % intervals, in which both see the same draws of devices."""

from typing import Any

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Bools, Floats
from pacewatch.ml.evaluation.areas import areas
from pacewatch.ml.evaluation.bootstrap import Interval, caught_more, draws, interval_of
from pacewatch.ml.evaluation.budget import top_per_day
from pacewatch.ml.evaluation.events import events_of
from pacewatch.ml.evaluation.holdout import Failures, Holdout
from pacewatch.ml.json_numbers import number


def f1_more(holdout: Holdout, alerted: Bools, other: Bools) -> Interval:
    """The F1 of the rows `alerted` on minus that of `other`."""
    (one, one_drawn), (two, two_drawn) = (_f1(holdout, rows) for rows in (alerted, other))
    return interval_of(one - two, one_drawn - two_drawn)


def beside(profile: Profile, holdout: Holdout, risk: Floats, other: Floats, failures: Failures) -> dict[str, Any]:
    """Figures of two rankings at the same alert budget, JSON-serialisable.

    {"rows", "failures", "candidate": {...}, "champion": {...}, "more": {name: interval of the difference}}, where
    `risk` is the candidate's and `other` the champion's. Without a row there are no figures.
    """
    if not len(holdout.labels):
        return {"rows": 0, "failures": 0, "candidate": {}, "champion": {}, "more": {}}
    budget, horizon_s = profile.daily_alert_budget, profile.label.horizon_s
    events = [events_of(holdout, top_per_day(holdout, one, budget), failures, horizon_s) for one in (risk, other)]
    both = [areas(holdout.labels, one, holdout.keys.device_ids) for one in (risk, other)]
    sides = [
        {"failures_caught": _share(~np.isnan(one.lead_days))} | {n: i["value"] for n, i in of.intervals().items()}
        for one, of in zip(events, both, strict=True)
    ]
    more = both[0].minus(both[1]).intervals() | {"failures_caught": caught_more(*events)}
    counts = {"rows": len(holdout.labels), "failures": len(events[0].device)}
    return counts | {"candidate": sides[0], "champion": sides[1], "more": more}


def _f1(holdout: Holdout, alerted: Bools) -> tuple[float, Floats]:
    """F1 = 2 tp / (alerts + positives), of all rows and of each draw."""
    devices, device = np.unique(holdout.keys.device_ids, return_inverse=True)
    positive = holdout.labels == 1
    hits, alerts, positives = (
        np.bincount(device[rows], minlength=len(devices)) for rows in (positive & alerted, alerted, positive)
    )
    drawn = draws(len(devices))
    with np.errstate(invalid="ignore"):  # a draw without an alert and without a positive row
        f1 = 2 * (drawn @ hits) / (drawn @ (alerts + positives))
    total = int(alerts.sum() + positives.sum())
    return (2 * int(hits.sum()) / total if total else np.nan), f1


def _share(caught: Bools) -> float | None:
    return number(caught.mean()) if len(caught) else None
