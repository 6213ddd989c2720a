"""Which devices end today, and why: a scheduled failure, a depleted battery, a death or a transfer."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.simulator.devices.devices import Devices
from pacewatch.simulator.failures.failures import FAULTS, FailureSchedule

REPLACEMENT_V = 2.63  # elective replacement time (Azure data sheet)
REPLACEMENT_PINGS = 3  # in a row


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of one device. `signature` names what its signals showed before."""

    device_id: int
    kind: OutcomeKind
    mode: str
    signature: str
    occurred_at_s: int


@dataclass(frozen=True, slots=True)
class EndingCheck:
    """The result of one day, one row per slot: whether it pinged, whether its battery is depleted, when it ends."""

    pinged: Bools
    depleted: Bools
    ends_s: Ints


def check_endings(
    present: Bools, schedule: FailureSchedule, low_pings: Ints, ping_s: Ints, battery_v: Floats
) -> EndingCheck:
    """Update `low_pings` in place and find the depleted batteries: the third low ping in a row is sent and is the last.

    A device measures its battery every day, whether the ping arrives or not. A failure never has the timestamp of a
    ping, so a reading and a failure in the seven days after it cannot be confused.
    """
    due_s = np.minimum(schedule.fails_s, schedule.leaves_s)
    pinged = present & (ping_s < due_s)
    low_pings[:] = np.where(pinged & (battery_v <= REPLACEMENT_V), low_pings + 1, 0)
    depleted = pinged & (low_pings >= REPLACEMENT_PINGS)
    return EndingCheck(pinged, depleted, np.where(depleted, ping_s + 1, due_s))


def list_endings(slots: Ints, devices: Devices, schedule: FailureSchedule, check: EndingCheck) -> Iterator[Ending]:
    """The endings of `slots`, in their order."""
    for slot in slots:
        kind, mode, signature = _cause(slot, devices, schedule, bool(check.depleted[slot]))
        yield Ending(int(devices.device_id[slot]), kind, mode, signature, int(check.ends_s[slot]))


def _cause(slot: int, devices: Devices, schedule: FailureSchedule, depleted: bool) -> tuple[OutcomeKind, str, str]:
    if depleted:
        return OutcomeKind.FAILURE, "premature_depletion" if devices.premature[slot] else "battery", "low_voltage"
    if schedule.fails_s[slot] <= schedule.leaves_s[slot]:
        fault = FAULTS[schedule.fault[slot]]
        return OutcomeKind.FAILURE, fault.mode, fault.signature
    return (OutcomeKind.EXPLANT if schedule.explanted[slot] else OutcomeKind.LOST), "", "none"
