"""A small made-up fleet with a trend before each failure, to train on in tests."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.evaluation.labels import labels_of
from pacewatch.ml.training.train import TrainedModel, train

START_S = 1_600_000_000
QUICK = {"n_estimators": 20, "max_depth": 6, "boosting_iterations": 30, "n_jobs": 1}


@dataclass(frozen=True)
class MadeUpFleet:
    readings: Readings
    labels: np.ndarray
    failures: Failures
    now_s: int

    @property
    def rows(self):
        return self.readings, self.labels, self.failures, self.now_s


@cache
def made_up_fleet(devices: int = 80, days: int = 120, seed: int = 5) -> MadeUpFleet:
    """Every second device fails on some day, its capture threshold rising for ten days before; then it is silent."""
    rng = np.random.default_rng(seed)
    fails_on = np.where(np.arange(devices) % 2 == 0, rng.integers(20, days + 40, devices), 10_000)
    device, day = (grid.ravel() for grid in np.meshgrid(np.arange(devices), np.arange(days), indexing="ij"))
    alive = (day < fails_on[device]) & (rng.random(len(day)) < 0.95)
    device, day = device[alive].astype(np.int64), day[alive].astype(np.int64)
    times = START_S + day * SECONDS_PER_DAY
    rise = np.clip(day - (fails_on[device] - 10), 0, None) * 0.15
    signals = {
        "lead_impedance_ohms": rng.normal(600, 30, len(day)),
        "capture_threshold_v": rng.normal(0.8, 0.05, len(day)) + rise,
        "r_wave_sensing_mv": rng.normal(12, 1, len(day)),
        "battery_voltage_v": rng.normal(2.8, 0.01, len(day)),
    }
    failed = np.flatnonzero(fails_on < days).astype(np.int64)
    occurred_at_s = START_S + fails_on[failed] * SECONDS_PER_DAY - 3_600
    failures = Failures(failed, occurred_at_s, ("exit_block",) * len(failed))
    now_s = START_S + days * SECONDS_PER_DAY
    readings = Readings(device, times, signals)
    labels = labels_of(PACEMAKER.label, readings, failures, now_s)
    return MadeUpFleet(readings, labels, failures, now_s)


@cache
def trained_model() -> TrainedModel:
    return train(PACEMAKER, *made_up_fleet().rows, QUICK)
