"""The hand rule."""

import numpy as np

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.evaluation.baselines import hand_rule


def test_the_hand_rule_is_the_distance_of_the_worst_signal_in_widths_of_its_range() -> None:
    normal = [(signal.normal.low + signal.normal.high) / 2 for signal in PACEMAKER.signals]
    high = [normal[0], PACEMAKER.signals[1].normal.high * 1.5, *normal[2:]]
    np.testing.assert_allclose(hand_rule(PACEMAKER, np.array([normal, high])), [-0.5, 0.5])
