"""The label rules once more, slowly, straight from the design: what the ledger's SQL is held to."""

from dataclasses import dataclass, field

HORIZON_S = 7 * 86_400
GRACE_S = 30 * 86_400


@dataclass(frozen=True)
class Outcome:
    """What became of a device, and when, Unix seconds."""

    device: int
    kind: str
    at_s: int


@dataclass
class Fleet:
    """Everything known: readings by device and time, and every report with its corrections; None is a withdrawal."""

    readings: set[tuple[int, int]] = field(default_factory=set)
    chains: list[list[Outcome | None]] = field(default_factory=list)

    def report(self, outcome: Outcome) -> None:
        """A report counts once, whatever became of it; and not at all if it says what a correction says already."""
        if outcome not in self.standing() and all(chain[0] != outcome for chain in self.chains):
            self.chains.append([outcome])

    def correct(self, number: int, right: Outcome | None) -> bool:
        """Whether this changes anything on record: no second withdrawal, no second row that says the same."""
        chain = self.chains[number]
        others = [other[-1] for other in self.chains if other is not chain]
        if chain[-1] is right is None or (right is not None and right in others):
            return False
        chain.append(right)
        return True

    def standing(self) -> set[Outcome]:
        """What counts: the last word of every chain."""
        return {chain[-1] for chain in self.chains if chain[-1] is not None}


def label(fleet: Fleet, device: int, timestamp_s: int, now_s: int) -> str:
    """What the reading of `device` at `timestamp_s` is, to whoever knows the fleet at `now_s`."""
    end_s = timestamp_s + HORIZON_S
    known = [(one.kind, one.at_s) for one in fleet.standing() if one.device == device]
    if any(kind == "failure" and timestamp_s < at <= end_s for kind, at in known):
        return "positive"
    if now_s < end_s:
        return "unresolved"
    heard = any(other == device and at >= end_s for other, at in fleet.readings)
    seen_healthy = any(kind == "seen_healthy" and at >= end_s for kind, at in known)
    if heard or seen_healthy:
        return "negative"
    gone = any(kind in ("explant", "lost") and at <= end_s for kind, at in known)
    silent = now_s >= end_s + GRACE_S
    return "censored" if gone or silent else "unresolved"
