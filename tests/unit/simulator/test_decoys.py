"""Decoys are as frequent as stated, and the reversible ones end."""

import numpy as np
import pytest

from pacewatch.simulator.devices.decoys import REVERSIBLE_CHANGES, apply_decoys, no_decoys
from pacewatch.simulator.devices.signals import IMPEDANCE


def test_decoys_are_as_frequent_as_stated_and_reversible_changes_end() -> None:
    rng, n, years = np.random.default_rng(1), 4_000, 2
    decoys, started, spikes = no_decoys(n), np.zeros(len(REVERSIBLE_CHANGES)), 0
    for _ in range(int(365.25 * years)):
        values = np.ones((n, 4))
        apply_decoys(rng, decoys, values)
        started += (decoys.elapsed_days == 0).sum(axis=0)
        spikes += (values[:, IMPEDANCE] / decoys.impedance_level > 1.2).sum()
    for number, change in enumerate(REVERSIBLE_CHANGES):
        assert started[number] / n / years == pytest.approx(change.per_year, rel=0.08)
        over = decoys.elapsed_days[:, number] >= decoys.length_days[:, number]
        assert np.allclose(values[over, change.column], 1.0)
    assert spikes / n / years / 365.25 == pytest.approx(0.0015, rel=0.08)
    assert (decoys.impedance_level != 1).mean() == pytest.approx(1 - np.exp(-0.06 * years), rel=0.15)
