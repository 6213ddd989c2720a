"""From days to a data set: the readings as a ledger holds them, each once, in order, with the hidden truth's label."""

from collections.abc import Iterable, Sequence

import numpy as np

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import Label
from pacewatch.simulator.failures.reports import Truth
from pacewatch.simulator.sources.day import Day, Flags, Readings

NEVER_S = np.iinfo(np.int64).max


def ledger(days: Iterable[Day]) -> Readings:
    """Every reading that arrived, without duplicates, ordered by timestamp and then device."""
    arrived = np.concatenate([day.readings for day in days])
    order = np.lexsort((arrived["received_s"], arrived["device_id"], arrived["timestamp_s"]))
    arrived = arrived[order]
    first = np.ones(len(arrived), np.bool_)
    for_the_same = arrived[["device_id", "timestamp_s"]]
    first[1:] = for_the_same[1:] != for_the_same[:-1]
    return arrived[first]


def target(readings: Readings, truth: Sequence[Truth], label: Label) -> Flags:
    """True where the device fails within (t, t + horizon]; needs the truth up to the last t + horizon.

    A device that fails stays silent afterwards, so it has one failure at most.
    """
    fails_s = np.full(readings["device_id"].max(initial=0) + 1, NEVER_S)
    for happened in truth:
        if happened.kind is OutcomeKind.FAILURE and happened.device_id < len(fails_s):
            fails_s[happened.device_id] = happened.occurred_at_s
    fails_s = fails_s[readings["device_id"]]
    stamp_s = readings["timestamp_s"]
    within: Flags = (stamp_s < fails_s) & (fails_s <= stamp_s + label.horizon_s)
    return within
