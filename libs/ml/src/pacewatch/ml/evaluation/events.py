"""What a clinic feels of an alerting: failures caught, days of warning, and how often it is called for nothing.

All is kept per device, because devices are what the bootstrap draws again.
"""

from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.arrays import Bools, Floats, Ints, Words
from pacewatch.ml.evaluation.holdout import Failures, Holdout

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Events:
    """Per failure (`device`, `lead_days`, `mode`) and per device (`episodes`, `months`) what an alerting did.

    `device` is an index into the per-device arrays; `lead_days` is NaN for a failure that was not caught.
    """

    device: Ints
    lead_days: Floats
    mode: Words
    episodes: Ints
    months: Floats


def events_of(holdout: Holdout, alerted: Bools, failures: Failures, horizon_s: int) -> Events:
    """Judge the alerted rows of a holdout.

    A failure counts if the device was heard from in the horizon before it, inside the holdout; it is caught if one of
    those readings was alerted on, and the lead runs from the first of them. Alerts of one device less than a horizon
    apart are one episode.
    """
    devices, device_of_row = np.unique(holdout.device_ids, return_inverse=True)
    mode = np.array(failures.modes or [""] * len(failures.device_ids), dtype=np.str_)
    known = np.isin(failures.device_ids, devices)
    device = np.searchsorted(devices, failures.device_ids[known])
    failed_s = failures.occurred_at_s[known]
    heard_s = _first_in_horizon(holdout, np.ones_like(alerted), devices[device], failed_s, horizon_s)
    alert_s = _first_in_horizon(holdout, alerted, devices[device], failed_s, horizon_s)
    heard = ~np.isnan(heard_s)
    lead_days = (failed_s - alert_s)[heard] / SECONDS_PER_DAY
    months = np.bincount(device_of_row, weights=_new_days(holdout), minlength=len(devices)) / DAYS_PER_MONTH
    return Events(device[heard], lead_days, mode[known][heard], _episodes(holdout, alerted, devices, horizon_s), months)


def _first_in_horizon(holdout: Holdout, rows: Bools, devices: Ints, failed_s: Ints, horizon_s: int) -> Floats:
    """For each failure the time of the first marked reading in [failure - horizon, failure), NaN if there is none."""
    ids, times = holdout.device_ids[rows], holdout.timestamps_s[rows]
    if len(ids) == 0:
        return np.full(len(devices), np.nan)
    stride = 2 * (int(max(times.max(), failed_s.max(initial=0))) + horizon_s)
    position = np.searchsorted(ids * stride + times, devices * stride + failed_s - horizon_s)
    position = np.minimum(position, len(ids) - 1)
    found = (ids[position] == devices) & (times[position] < failed_s) & (times[position] >= failed_s - horizon_s)
    return np.where(found, times[position], np.nan)


def _new_days(holdout: Holdout) -> Bools:
    """Marks the first reading of each device and day."""
    new = np.ones(len(holdout.days), dtype=bool)
    new[1:] = (np.diff(holdout.days) != 0) | (np.diff(holdout.device_ids) != 0)
    return new


def _episodes(holdout: Holdout, alerted: Bools, devices: Ints, horizon_s: int) -> Ints:
    """How many alert episodes each device had."""
    ids, times = holdout.device_ids[alerted], holdout.timestamps_s[alerted]
    opens = np.ones(len(ids), dtype=bool)
    opens[1:] = (np.diff(ids) != 0) | (np.diff(times) >= horizon_s)
    return np.bincount(np.searchsorted(devices, ids[opens]), minlength=len(devices))
