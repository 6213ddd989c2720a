"""The label rules once more, slowly, straight from the design: what the ledger's SQL is held to."""

from dataclasses import dataclass, field

HORIZON_S = 7 * 86_400
GRACE_S = 30 * 86_400


@dataclass
class Device:
    """Everything known about one device: Unix seconds."""

    readings: set[int] = field(default_factory=set)
    outcomes: set[tuple[str, int]] = field(default_factory=set)


def label(device: Device, timestamp_s: int, now_s: int) -> str:
    """What the reading at `timestamp_s` is, to whoever knows `device` at `now_s`."""
    end_s = timestamp_s + HORIZON_S
    if any(kind == "failure" and timestamp_s < at <= end_s for kind, at in device.outcomes):
        return "positive"
    if now_s < end_s:
        return "unresolved"
    heard = any(at >= end_s for at in device.readings)
    seen_healthy = any(kind == "seen_healthy" and at >= end_s for kind, at in device.outcomes)
    if heard or seen_healthy:
        return "negative"
    gone = any(kind in ("explant", "lost") and at <= end_s for kind, at in device.outcomes)
    silent = now_s >= end_s + GRACE_S
    return "censored" if gone or silent else "unresolved"
