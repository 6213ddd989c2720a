"""All figures of one model on one holdout, compared with the baselines on the same rows and alert budget."""

from typing import Any

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Bools, Floats
from pacewatch.ml.evaluation import baselines, metrics
from pacewatch.ml.evaluation.areas import areas
from pacewatch.ml.evaluation.bootstrap import caught_more, event_intervals, wilson
from pacewatch.ml.evaluation.budget import top_per_day
from pacewatch.ml.evaluation.events import Events, events_of
from pacewatch.ml.evaluation.holdout import Failures, Holdout
from pacewatch.ml.evaluation.labels import fails_within
from pacewatch.ml.evaluation.paired import f1_more
from pacewatch.ml.json_numbers import number

FEWEST_FAILURES = 5
"""With fewer failures no share of failures caught is given."""

INSUFFICIENT = "insufficient evidence"
UNKNOWN = "unknown"


def evaluate(
    profile: Profile, holdout: Holdout, risk: Floats, threshold: Floats | float, failures: Failures
) -> dict[str, Any]:
    """Figures of `risk` (rows,), JSON-serialisable; an undefined figure is None.

    Row figures (accuracy to the confusion matrix) are at `threshold` (one of all rows or one of each), as in service;
    event figures (`failures_caught`, `lead_days`, `alerts_per_100_device_months`) are at the profile's daily alert
    budget, which makes models and baselines comparable. `at_threshold` has the event figures at `threshold`,
    `intervals` 95 % bootstrap intervals.
    """
    at_budget = top_per_day(holdout, risk, profile.daily_alert_budget)
    events = events_of(holdout, at_budget, failures, profile.label.horizon_s)
    alerted = (risk >= threshold) & holdout.may_alert
    at_threshold = events_of(holdout, alerted, failures, profile.label.horizon_s)
    reliability = metrics.reliability(holdout.labels, risk)
    rule_at_budget, rule, rule_events = _hand_rule(profile, holdout, failures)
    calibration = metrics.expected_and_observed(holdout.labels, risk, holdout.keys.device_ids)
    return {
        **_figures(holdout, risk, alerted, events),
        "base_rate": base_rate(holdout),
        "expected_positives": calibration["expected"],
        "calibration": calibration,
        "budget": profile.daily_alert_budget,
        "calibration_error": reliability.pop("calibration_error"),
        "at_threshold": _values(event_intervals(at_threshold)) | {"alert_share": number(alerted.mean())},
        "by_mode": _by_mode(events, failures),
        "but_commonest_mode": _but_commonest_mode(profile, holdout, risk, events, failures),
        "subgroups": _subgroups(profile, holdout, at_budget, failures),
        "hand_rule": rule,
        "caught_more_than_hand_rule": caught_more(events, rule_events),
        "f1_more_than_hand_rule": f1_more(holdout, at_budget, rule_at_budget),
        "never": baselines.always_negative(base_rate(holdout)),
        "holdout": _describe(holdout, events),
        "failures_pooled": len(events.device),
        "reliability": reliability,
        "curve": metrics.curve(holdout.labels, risk, len(np.unique(holdout.days))),
    }


def base_rate(holdout: Holdout) -> float:
    """Share of rows that are followed by a failure."""
    return float((holdout.labels == 1).mean()) if len(holdout.labels) else 0.0


def _figures(holdout: Holdout, risk: Floats, alerted: Bools, events: Events) -> dict[str, Any]:
    """Row and event figures with intervals: those that a model and the hand rule share."""
    ranked = areas(holdout.labels, risk, holdout.keys.device_ids).intervals()
    intervals = ranked | event_intervals(events)
    return metrics.classification(holdout.labels, alerted) | _values(intervals) | {"intervals": intervals}


def _hand_rule(profile: Profile, holdout: Holdout, failures: Failures) -> tuple[Bools, dict[str, Any], Events]:
    """The rows that the hand rule alerts on at the budget, its figures and its events."""
    score = baselines.hand_rule(profile, holdout.x)
    alerted = top_per_day(holdout, score, profile.daily_alert_budget)
    events = events_of(holdout, alerted, failures, profile.label.horizon_s)
    figures = _figures(holdout, score, alerted, events) | {"by_mode": _by_mode(events, failures)}
    return alerted, figures, events


def _values(intervals: dict[str, Any]) -> dict[str, Any]:
    return {name: figure["value"] for name, figure in intervals.items()}


def _describe(holdout: Holdout, events: Events) -> dict[str, Any]:
    times = holdout.keys.timestamps_s
    return {
        "rows": len(times),
        "positives": int((holdout.labels == 1).sum()),
        "failures": len(events.device),
        "devices": len(events.months),
        "from_s": int(times.min()) if len(times) else None,
        "to_s": int(times.max()) if len(times) else None,
    }


def _by_mode(events: Events, failures: Failures) -> dict[str, Any]:
    """Failures caught at the budget, per recorded failure mode."""
    caught = ~np.isnan(events.lead_days)
    modes = np.unique([*failures.modes, *events.mode.tolist()]).astype(np.str_)
    return {str(mode) or UNKNOWN: _caught(caught[events.mode == mode]) for mode in modes}


def _but_commonest_mode(
    profile: Profile, holdout: Holdout, risk: Floats, events: Events, failures: Failures
) -> dict[str, Any] | None:
    """Figures without the commonest failure mode: a mode that is easy to find makes any model look good.

    None if modes are not recorded, or there is no failure.
    """
    modes, counts = np.unique(events.mode, return_counts=True)
    if not len(modes) or not any(failures.modes):
        return None
    commonest = modes[counts.argmax()]
    is_commonest = np.array(failures.modes, dtype=np.str_) == commonest
    of_commonest = Failures(failures.device_ids[is_commonest], failures.occurred_at_s[is_commonest])
    left = ~fails_within(holdout.keys, of_commonest, profile.label.horizon_s)
    ranked = areas(holdout.labels[left], risk[left], holdout.keys.device_ids[left]).intervals()
    caught = _caught(~np.isnan(events.lead_days[events.mode != commonest]))
    return {"mode": str(commonest) or UNKNOWN, "its_failures": int(counts.max())} | caught | {"intervals": ranked}


def _subgroups(profile: Profile, holdout: Holdout, alerted: Bools, failures: Failures) -> dict[str, Any]:
    """Failures caught at the budget, per group of each grouping."""
    result: dict[str, Any] = {}
    for name, words in holdout.groups.items():
        for word in np.unique(words):
            rows = words == word
            events = events_of(holdout.where(rows), alerted[rows], failures, profile.label.horizon_s)
            result.setdefault(name, {})[str(word)] = _caught(~np.isnan(events.lead_days)) | {"rows": int(rows.sum())}
    return result


def _caught(caught: Bools) -> dict[str, Any]:
    """A share with its Wilson 95 % interval, or `INSUFFICIENT` with too few failures."""
    n = len(caught)
    if n < FEWEST_FAILURES:
        return {"failures": n, "caught": None, "evidence": INSUFFICIENT}
    interval = wilson(float(caught.mean()), n)
    return {"failures": n, "caught": interval["value"], "low": interval["low"], "high": interval["high"]}
