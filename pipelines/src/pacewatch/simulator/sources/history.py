"""From the days of a fleet to a history: every reading once, in order, and its true label."""

from collections.abc import Iterable, Sequence

import numpy as np

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import Label
from pacewatch.kit.columns.arrays import Bools
from pacewatch.simulator.day import Day, ReadingLog
from pacewatch.simulator.failures.reports import TrueOutcome

NEVER_S = np.iinfo(np.int64).max


def distinct_readings(days: Iterable[Day]) -> ReadingLog:
    """Every reading that arrived, without its repeats, ordered by timestamp and then device."""
    arrived = np.concatenate([day.readings for day in days])
    order = np.lexsort((arrived["received_s"], arrived["device_id"], arrived["timestamp_s"]))
    arrived = arrived[order]
    keys = arrived[["device_id", "timestamp_s"]]
    first = np.ones(len(arrived), np.bool_)
    first[1:] = keys[1:] != keys[:-1]
    return arrived[first]


def true_labels(readings: ReadingLog, truth: Sequence[TrueOutcome], label: Label) -> Bools:
    """True where the device fails within (t, t + horizon]; needs the truth up to the last t + horizon.

    A device never reports again after its failure, so it has at most one.
    """
    fails_s = np.full(readings["device_id"].max(initial=0) + 1, NEVER_S)
    for outcome in truth:
        if outcome.kind is OutcomeKind.FAILURE and outcome.device_id < len(fails_s):
            fails_s[outcome.device_id] = outcome.occurred_at_s
    fails_s = fails_s[readings["device_id"]]
    timestamp_s = readings["timestamp_s"]
    within: Bools = (timestamp_s < fails_s) & (fails_s <= timestamp_s + label.horizon_s)
    return within
