"""Which readings the model may give a level: after the least history, and when the device has settled."""

import numpy as np
import pytest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.history import may_have_level

DAY = 86_400


def judged(history_days: int, implanted_days: float) -> bool:
    """Whether the last of daily readings may have a level."""
    readings = Readings(np.ones(history_days + 1, dtype=np.int64), np.arange(history_days + 1) * DAY)
    predictors = np.zeros((1, len(PACEMAKER.predictors)))
    predictors[0, PACEMAKER.predictors.index("days_since_implanted_at")] = implanted_days
    return bool(may_have_level(PACEMAKER, readings, np.array([history_days]), predictors)[0])


@pytest.mark.parametrize(("days", "level"), [(0.0, False), (27.9, False), (28.0, True), (np.nan, True)])
def test_a_new_implant_has_no_level_by_the_model_for_four_weeks(days: float, level: bool) -> None:
    assert judged(40, days) is level


@pytest.mark.parametrize(("history_days", "level"), [(2, False), (3, True)])
def test_no_reading_has_a_level_before_the_least_history(history_days: int, level: bool) -> None:
    assert judged(history_days, 1_000.0) is level
