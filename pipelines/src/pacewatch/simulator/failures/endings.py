"""Which devices end today, and why: the failure that was drawn, a spent battery, a death or a transfer."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.simulator.failures.failures import FAULTS, Fates
from pacewatch.simulator.fleet.devices import Devices
from pacewatch.simulator.sources.day import Flags, Floats, Ints

REPLACEMENT_V = 2.63  # elective replacement time (Azure data sheet)
REPLACEMENT_PINGS = 3  # in a row


@dataclass(frozen=True, slots=True)
class Ending:
    """The last thing that happened to a device. `signature` tells what could be seen before."""

    device_id: int
    kind: OutcomeKind
    mode: str
    signature: str
    occurred_at_s: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Today, one row per slot: did it live to send its ping, and from when on is it no more (Unix seconds)."""

    pinged: Flags
    spent: Flags
    ends_s: Ints


def judge(present: Flags, fates: Fates, low_pings: Ints, ping_s: Ints, battery_v: Floats) -> Verdict:
    """Count the low pings on, and find who is spent: the third one in a row is sent, and is the last.

    A device measures its battery on every day, whether the ping reaches home or not. A failure is never stamped at
    the second of a ping: a row and a failure within the seven days after it cannot be confused.
    """
    due_s = np.minimum(fates.fails_s, fates.leaves_s)
    pinged = present & (ping_s < due_s)
    low_pings[:] = np.where(pinged & (battery_v <= REPLACEMENT_V), low_pings + 1, 0)
    spent = pinged & (low_pings >= REPLACEMENT_PINGS)
    return Verdict(pinged, spent, np.where(spent, ping_s + 1, due_s))


def endings(slots: Ints, devices: Devices, fates: Fates, verdict: Verdict) -> Iterator[Ending]:
    """The endings of `slots`, in their order."""
    for slot in slots:
        kind, mode, signature = _cause(slot, devices, fates, bool(verdict.spent[slot]))
        yield Ending(int(devices.device_id[slot]), kind, mode, signature, int(verdict.ends_s[slot]))


def _cause(slot: int, devices: Devices, fates: Fates, spent: bool) -> tuple[OutcomeKind, str, str]:
    if spent:
        return OutcomeKind.FAILURE, "premature_depletion" if devices.premature[slot] else "battery", "low_voltage"
    if fates.fails_s[slot] <= fates.leaves_s[slot]:
        fault = FAULTS[fates.fault[slot]]
        return OutcomeKind.FAILURE, fault.mode, fault.signature
    return (OutcomeKind.EXPLANT if fates.explanted[slot] else OutcomeKind.LOST), "", "none"
