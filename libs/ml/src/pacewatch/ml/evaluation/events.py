"""The effect of alerts on a clinic: failures caught, days of warning, and how many alerts there are.

All figures are per device, because the bootstrap resamples devices.
"""

from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.arrays import Bools, Floats, Ints, Words
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.evaluation.holdout import Failures, Holdout

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Events:
    """Results of alerting per failure (`device`, `lead_days`, `mode`) and per device (`episodes`, `months`).

    `device` is an index into the per-device arrays; `lead_days` is NaN for a failure that was not caught.
    """

    device: Ints
    lead_days: Floats
    mode: Words
    episodes: Ints
    months: Floats


def events_of(holdout: Holdout, alerted: Bools, failures: Failures, horizon_s: int) -> Events:
    """The results of alerting on the `alerted` rows of a holdout.

    A failure counts if the holdout has a reading of the device in the horizon before it. It is caught if one of these
    readings was alerted on, and the lead starts at the first of them. Alerts of one device less than a horizon apart
    are one episode.
    """
    devices, device_of_row = np.unique(holdout.keys.device_ids, return_inverse=True)
    mode = np.array(failures.modes or [""] * len(failures.device_ids), dtype=np.str_)
    known = np.isin(failures.device_ids, devices)
    failed = failures.keys.where(known)
    counted = ~np.isnan(_first_in_horizon(holdout.keys, failed, horizon_s))
    alert_s = _first_in_horizon(holdout.keys.where(alerted), failed, horizon_s)
    lead_days = (failed.timestamps_s - alert_s)[counted] / SECONDS_PER_DAY
    device = np.searchsorted(devices, failed.device_ids)[counted]
    months = np.bincount(device_of_row, weights=_new_days(holdout), minlength=len(devices)) / DAYS_PER_MONTH
    episodes = _episodes(holdout.keys.where(alerted), devices, horizon_s)
    return Events(device, lead_days, mode[known][counted], episodes, months)


def _first_in_horizon(keys: Readings, failed: Readings, horizon_s: int) -> Floats:
    """For each failure the time of the first reading in [failure - horizon, failure), NaN if there is none.

    `keys` are sorted; `failed` has device and time of each failure.
    """
    if not len(keys) or not len(failed):
        return np.full(len(failed), np.nan)
    opens = Readings(failed.device_ids, failed.timestamps_s - horizon_s)
    first = keys.where(np.minimum(keys.positions(opens), len(keys) - 1))
    found = first.device_ids == failed.device_ids
    found &= (first.timestamps_s < failed.timestamps_s) & (first.timestamps_s >= opens.timestamps_s)
    return np.where(found, first.timestamps_s, np.nan)


def _new_days(holdout: Holdout) -> Bools:
    """Which rows are the first of their device and day."""
    new = np.ones(len(holdout.days), dtype=bool)
    new[1:] = (np.diff(holdout.days) != 0) | (np.diff(holdout.keys.device_ids) != 0)
    return new


def _episodes(alerted: Readings, devices: Ints, horizon_s: int) -> Ints:
    """How many episodes each device had; `alerted` are the sorted keys of the rows alerted on."""
    opens = np.ones(len(alerted), dtype=bool)
    opens[1:] = (np.diff(alerted.device_ids) != 0) | (np.diff(alerted.timestamps_s) >= horizon_s)
    return np.bincount(np.searchsorted(devices, alerted.device_ids[opens]), minlength=len(devices))
