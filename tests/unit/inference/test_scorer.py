"""Scores in the order of urgency, predictors without a value, and newest readings."""

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.risk import NoLevel
from pacewatch.inference.scoring.levels import Verdict
from pacewatch.inference.scoring.scorer import Scores, lacks_of, newest_of
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.register import UNKNOWN, Timeline

START_S = 1_600_000_000


def at_days(*pairs: tuple[int, float]) -> Readings:
    """Sorted keys of devices and days."""
    return Readings.of_pairs((device, int(START_S + day * SECONDS_PER_DAY)) for device, day in pairs)


def test_the_newest_reading_of_each_device_is_found() -> None:
    readings = at_days((1, 0), (1, 1), (5, 0), (9, 2), (9, 4))
    assert newest_of(readings).pairs() == at_days((1, 1), (5, 0), (9, 4)).pairs()


def test_the_most_urgent_are_first_by_level_then_by_risk() -> None:
    verdicts = [Verdict.NO_HISTORY, Verdict.NORMAL, Verdict.LIMIT, Verdict.HIGH, Verdict.ELEVATED, Verdict.HIGH]
    risks = np.array([0.9, 0.1, 0.01, 0.4, 0.3, 0.5])
    readings = at_days(*((device, 0) for device in range(6)))
    scores = Scores(
        readings, risks, np.array(verdicts, dtype=np.int16), threshold=0.4, raises=np.zeros(len(risks), dtype=bool)
    )
    assert scores.by_urgency().tolist() == [5, 3, 2, 4, 1, 0]
    assert scores.high.tolist() == [False, False, True, True, False, True]


def test_predictors_without_a_value_are_named() -> None:
    keys = at_days((1, 0), (1, 1), (1, 2), (1, 3), (2, 3))
    readings = Readings(keys.device_ids, keys.timestamps_s, {name: np.ones(5) for name in PACEMAKER.signal_names})
    first, second = (one.missing for one in lacks_of(PACEMAKER, readings, at_days((1, 3), (2, 3)), UNKNOWN))
    assert "lead_impedance_ohms_rolling_mean_3d" not in first
    assert "lead_impedance_ohms_rolling_mean_7d" in first
    assert {"lead_impedance_ohms_rolling_mean_3d", "capture_threshold_v_delta_per_day_3d"} <= {*second}
    assert not {*PACEMAKER.signal_names} & {*first, *second}


def test_why_there_is_no_level_is_said_in_words() -> None:
    keys = at_days((1, 12))
    readings = Readings(keys.device_ids, keys.timestamps_s, {name: np.ones(1) for name in PACEMAKER.signal_names})
    implanted = Timeline.of(np.array([1]), np.array([0]), np.array([float(START_S)]))
    (new,) = lacks_of(PACEMAKER, readings, keys, {"implanted_at": implanted})
    assert new.text(PACEMAKER, NoLevel.SETTLING) == (
        "too new: implanted 12 days ago, levels by the model from day 28 on"
    )
    days = PACEMAKER.least_history_days
    assert new.text(PACEMAKER, NoLevel.NOT_ENOUGH_HISTORY) == (
        f"not enough history: levels by the model after {days} days of readings"
    )
    assert new.text(PACEMAKER, None) is None
    assert lacks_of(PACEMAKER, readings, keys, UNKNOWN)[0].settling == ""
