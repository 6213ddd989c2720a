"""A battery is spent at 2.63 V on three pings in a row, and nothing is sent by a device that is no more."""

import numpy as np
import pytest
from unit.simulator.history import History

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.failures.endings import Verdict, judge
from pacewatch.simulator.failures.failures import Fates
from pacewatch.simulator.fleet.signals import BATTERY

FAR_S = 10**12


def fates(fails_s: int = FAR_S, leaves_s: int = FAR_S) -> Fates:
    one = np.ones(1, np.int64)
    return Fates(0 * one, fails_s * one, fails_s * one, np.zeros((1, 3)), leaves_s * one, one.astype(np.bool_))


def live(volts: list[float]) -> list[Verdict]:
    low_pings, present = np.zeros(1, np.int64), np.ones(1, np.bool_)
    return [
        judge(present, fates(), low_pings, np.array([86_400 * day]), np.array([volt])) for day, volt in enumerate(volts)
    ]


@pytest.mark.parametrize(
    ("volts", "spent_on"),
    [
        ([2.63, 2.63, 2.63], 2),
        ([2.64, 2.63, 2.62, 2.63], 3),
        ([2.63, 2.63, 2.64, 2.63, 2.63], None),
        ([2.64] * 10, None),
    ],
)
def test_the_third_low_ping_in_a_row_is_the_last(volts: list[float], spent_on: int | None) -> None:
    verdicts = live(volts)
    assert [bool(verdict.spent[0]) for verdict in verdicts] == [day == spent_on for day in range(len(volts))]
    if spent_on is not None:
        assert verdicts[spent_on].pinged[0]
        assert verdicts[spent_on].ends_s[0] == spent_on * 86_400 + 1


def test_a_device_does_not_ping_from_the_second_of_its_failure_on() -> None:
    for ping_s, pinged in ((99, True), (100, False), (101, False)):
        verdict = judge(np.ones(1, np.bool_), fates(fails_s=100), np.zeros(1, np.int64), np.array([ping_s]), np.ones(1))
        assert verdict.pinged[0] == pinged


def test_in_a_history_three_low_pings_in_a_row_are_always_the_end_and_the_only_end_of_a_battery(
    history: History,
) -> None:
    pings = np.unique(history.arrived[["device_id", "timestamp_s", PACEMAKER.signal_names[BATTERY]]])
    device_id, date = pings["device_id"], pings["timestamp_s"] // 86_400
    low = pings[PACEMAKER.signal_names[BATTERY]] <= 2.63
    in_a_row = (device_id[2:] == device_id[:-2]) & (date[2:] - date[:-2] == 2)
    third = np.flatnonzero(in_a_row & low[2:] & low[1:-1] & low[:-2]) + 2
    spent_s = {t.device_id: t.occurred_at_s for t in history.fleet.truth if t.signature == "low_voltage"}
    assert len(third) > 30
    for row in third:
        assert spent_s[device_id[row]] == pings["timestamp_s"][row] + 1
    for device, at_s in spent_s.items():
        before = pings[(device_id == device) & (pings["timestamp_s"] > at_s - 2.5 * 86_400)]
        assert np.all(before[PACEMAKER.signal_names[BATTERY]] <= 2.63)
