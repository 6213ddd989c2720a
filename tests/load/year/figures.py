"""The figures of the exam, each by its definition, with intervals over devices.

A failure is *caught* if an alert of its device was open when it failed and was raised at most 90 days before. A mail is
*right* if its device fails within 30 days of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from load.year.record import Raised, Year

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.arrays import Bools, Floats
from pacewatch.ml.evaluation.bootstrap import wilson
from pacewatch.simulator.failures.reports import TrueOutcome

CAUGHT_WITHIN_DAYS, RIGHT_WITHIN_DAYS, HORIZON_DAYS, NEW_DAYS = 90, 30, 7, 90
DRAWS, SEED = 1_000, 1

Interval = tuple[float, float, float]
"""A share and its 95 % interval."""


def lead_days(raised: Raised, failures: Sequence[TrueOutcome]) -> Floats:
    """Of each failure the days from the first alert that caught it, NaN if none did."""
    found = np.full(len(failures), np.nan)
    for number, failure in enumerate(failures):
        failed_s = failure.occurred_at_s
        ours = (raised.device == failure.device_id) & (raised.at_s <= failed_s) & (raised.closed_s > failed_s)
        within = ours & (raised.at_s >= failed_s - CAUGHT_WITHIN_DAYS * SECONDS_PER_DAY)
        if within.any():
            found[number] = (failed_s - raised.at_s[within].min()) / SECONDS_PER_DAY
    return found


def right(raised: Raised, failed_s: Mapping[int, int], days: int = RIGHT_WITHIN_DAYS) -> Bools:
    """The alerts whose device fails within so many days of them."""
    until_s = np.array([failed_s.get(device, np.inf) for device in raised.device.tolist()]) - raised.at_s
    found: Bools = (until_s >= 0) & (until_s <= days * SECONDS_PER_DAY)
    return found


def caught(raised: Raised, failures: Sequence[TrueOutcome]) -> Interval:
    """The share of failures caught."""
    return share_of(~np.isnan(lead_days(raised, failures)))


def share_of(cases: Bools) -> Interval:
    """A share of independent cases, with Wilson's interval."""
    if not len(cases):
        return 0.0, 0.0, 1.0
    interval = wilson(float(cases.mean()), len(cases))
    return float(interval["value"] or 0), float(interval["low"] or 0), float(interval["high"] or 0)


def share_by_device(cases: Bools, raised: Raised) -> Interval:
    """A share of mails, with an interval over devices: mails of one device are not independent."""
    devices, of = np.unique(raised.device, return_inverse=True)
    if not len(devices):
        return 0.0, 0.0, 1.0
    hits, all_of_device = np.bincount(of, weights=cases), np.bincount(of)
    drawn = np.random.default_rng(SEED).multinomial(len(devices), np.full(len(devices), 1 / len(devices)), DRAWS)
    low, high = np.percentile((drawn @ hits) / (drawn @ all_of_device), [2.5, 97.5])
    return float(cases.mean()), float(low), float(high)


def is_new(year: Year) -> Bools:
    """The alerts about devices under 90 days old."""
    implanted_s = np.array([year.implanted_s[device] for device in year.raised.device.tolist()])
    found: Bools = year.raised.at_s - implanted_s < NEW_DAYS * SECONDS_PER_DAY
    return found


def mails_of_new(year: Year) -> float:
    """The share of mails about devices under 90 days old."""
    return float(is_new(year).mean()) if len(year.raised.device) else 0.0


def readings_of_new(year: Year) -> float:
    """The share of the year's readings that come from devices under 90 days old."""
    implanted_s = np.array([year.implanted_s[device] for device in year.readings["device_id"].tolist()])
    return float((year.readings["timestamp_s"] - implanted_s < NEW_DAYS * SECONDS_PER_DAY).mean())


def is_after_end(year: Year) -> Bools:
    """Alerts raised after the platform had received the report that their device has ended."""
    reported_s = np.array([year.reported_s.get(device, np.inf) for device in year.raised.device.tolist()])
    found: Bools = year.raised.at_s >= reported_s
    return found


def mailed_again(raised: Raised) -> float:
    """The share of the devices with a mail that have more than one."""
    _, mails = np.unique(raised.device, return_counts=True)
    return float((mails > 1).mean()) if len(mails) else 0.0


def median_lead_days(raised: Raised, failures: Sequence[TrueOutcome]) -> float | None:
    leads = lead_days(raised, failures)
    return round(float(np.nanmedian(leads)), 1) if (~np.isnan(leads)).any() else None


def promoted(year: Year) -> list[Mapping[str, Any]]:
    """The models that became active."""
    return [model for model in year.models if model["activated_at"] is not None]


def below_hand_rule(year: Year) -> list[str]:
    """The promoted models that caught fewer failures out of time than the hand rule at the same budget."""
    more = {model["version"]: model["metrics"]["caught_more_than_hand_rule"]["value"] for model in promoted(year)}
    return [version for version, value in more.items() if value is not None and value < 0]
