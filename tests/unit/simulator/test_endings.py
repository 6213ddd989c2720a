"""A battery is depleted at 2.63 V on three pings in a row, and an ended device sends nothing."""

import numpy as np
import pytest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.day import ReadingLog
from pacewatch.simulator.devices.signals import BATTERY
from pacewatch.simulator.failures.endings import EndingCheck, check_endings
from pacewatch.simulator.failures.failures import FailureSchedule
from pacewatch.simulator.fleet.fleet import Fleet

FAR_S = 10**12


def schedule(fails_s: int = FAR_S, leaves_s: int = FAR_S) -> FailureSchedule:
    one = np.ones(1, np.int64)
    return FailureSchedule(
        0 * one, fails_s * one, fails_s * one, np.zeros((1, 3)), leaves_s * one, one.astype(np.bool_)
    )


def check_days(volts: list[float]) -> list[EndingCheck]:
    low_pings, present = np.zeros(1, np.int64), np.ones(1, np.bool_)
    return [
        check_endings(present, schedule(), low_pings, np.array([86_400 * day]), np.array([volt]))
        for day, volt in enumerate(volts)
    ]


@pytest.mark.parametrize(
    ("volts", "depleted_on"),
    [
        ([2.63, 2.63, 2.63], 2),
        ([2.64, 2.63, 2.62, 2.63], 3),
        ([2.63, 2.63, 2.64, 2.63, 2.63], None),
        ([2.64] * 10, None),
    ],
)
def test_the_third_low_ping_in_a_row_is_sent_and_is_the_last(volts: list[float], depleted_on: int | None) -> None:
    checks = check_days(volts)
    assert [bool(check.depleted[0]) for check in checks] == [day == depleted_on for day in range(len(volts))]
    if depleted_on is not None:
        assert checks[depleted_on].pinged[0]
        assert checks[depleted_on].ends_s[0] == depleted_on * 86_400 + 1


def test_a_device_does_not_ping_at_or_after_the_second_of_its_failure() -> None:
    for ping_s, pinged in ((99, True), (100, False), (101, False)):
        check = check_endings(
            np.ones(1, np.bool_), schedule(fails_s=100), np.zeros(1, np.int64), np.array([ping_s]), np.ones(1)
        )
        assert check.pinged[0] == pinged


def test_batteries_end_after_three_low_pings_in_a_row_and_in_no_other_way(
    simulated_fleet: Fleet, arrived: ReadingLog
) -> None:
    pings = np.unique(arrived[["device_id", "timestamp_s", PACEMAKER.signal_names[BATTERY]]])
    device_id, date = pings["device_id"], pings["timestamp_s"] // 86_400
    low = pings[PACEMAKER.signal_names[BATTERY]] <= 2.63
    in_a_row = (device_id[2:] == device_id[:-2]) & (date[2:] - date[:-2] == 2)
    third = np.flatnonzero(in_a_row & low[2:] & low[1:-1] & low[:-2]) + 2
    depleted_s = {t.device_id: t.occurred_at_s for t in simulated_fleet.truth if t.signature == "low_voltage"}
    assert len(third) > 30
    for row in third:
        assert depleted_s[device_id[row]] == pings["timestamp_s"][row] + 1
    for device, at_s in depleted_s.items():
        before = pings[(device_id == device) & (pings["timestamp_s"] > at_s - 2.5 * 86_400)]
        assert np.all(before[PACEMAKER.signal_names[BATTERY]] <= 2.63)
