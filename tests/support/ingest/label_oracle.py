"""A slow, simple implementation of the label rules, to compare the SQL with."""

from dataclasses import dataclass, field

HORIZON_S = 7 * 86_400
GRACE_S = 30 * 86_400


@dataclass(frozen=True)
class Outcome:
    """An outcome of a device, and its time, Unix seconds."""

    device: int
    kind: str
    at_s: int


@dataclass
class Fleet:
    """Readings by device and time, and every reported outcome with its corrections; None is a withdrawal."""

    readings: set[tuple[int, int]] = field(default_factory=set)
    chains: list[list[Outcome | None]] = field(default_factory=list)

    def report(self, outcome: Outcome) -> None:
        """Record a report, unless it was reported before or equals a valid correction."""
        if outcome not in self.valid() and all(chain[0] != outcome for chain in self.chains):
            self.chains.append([outcome])

    def correct(self, number: int, right: Outcome | None) -> bool:
        """Correct a report; False if it is withdrawn already, or `right` equals another valid outcome."""
        chain = self.chains[number]
        others = [other[-1] for other in self.chains if other is not chain]
        if chain[-1] is right is None or (right is not None and right in others):
            return False
        chain.append(right)
        return True

    def valid(self) -> set[Outcome]:
        """The last outcome of every chain, without withdrawn ones."""
        return {chain[-1] for chain in self.chains if chain[-1] is not None}


def label(fleet: Fleet, device: int, timestamp_s: int, now_s: int) -> str:
    """The label of the reading of `device` at `timestamp_s`, as of `now_s`."""
    end_s = timestamp_s + HORIZON_S
    outcomes = [(one.kind, one.at_s) for one in fleet.valid() if one.device == device]
    if any(kind == "failure" and timestamp_s < at <= end_s for kind, at in outcomes):
        return "positive"
    if now_s < end_s:
        return "unresolved"
    has_sent = any(other == device and at >= end_s for other, at in fleet.readings)
    seen_healthy = any(kind == "seen_healthy" and at >= end_s for kind, at in outcomes)
    if has_sent or seen_healthy:
        return "negative"
    gone = any(kind in ("explant", "lost") and at <= end_s for kind, at in outcomes)
    silent = now_s >= end_s + GRACE_S
    return "censored" if gone or silent else "unresolved"
