"""Regimes: optional changes of the fleet, each of which breaks an assumption that a model may have made."""

from pacewatch.simulator.devices.random_streams import NEVER_DAYS

HIGH_IMPEDANCE = "high-impedance-lead"
COARSE_STEPS = "coarse-steps"
RECALLED_LOT = "recalled-lot"
FIRMWARE_SHIFT = "firmware-shift"

REGIMES: dict[str, str] = {
    HIGH_IMPEDANCE: "a quarter of the leads are a model that is healthy at 800-1800 ohm",
    COARSE_STEPS: "three devices in ten come from a vendor that reports in coarser steps",
    RECALLED_LOT: "one device in ten belongs to a lot whose hazard is five times as high from day 90",
    FIRMWARE_SHIFT: "from day 120 an update, installed everywhere within 30 days, reads impedance 15 % higher",
}

# Shares and days are judgement, except the factor 5 and 800-1800 ohm (clinical texts).
HIGH_IMPEDANCE_SHARE = 0.25
COARSE_SHARE = 0.30
RECALLED_SHARE = 0.10
RECALL_DAY = 90.0
RECALL_FACTOR = 5.0
FIRMWARE_DAY = 120.0
FIRMWARE_ROLLOUT_DAYS = 30.0
FIRMWARE_FACTOR = 1.15


def check_regimes(regimes: frozenset[str]) -> frozenset[str]:
    """`regimes`; raises ValueError with the list of known regimes if one is unknown."""
    if unknown := sorted(regimes - REGIMES.keys()):
        raise ValueError(f"unknown regime: {', '.join(unknown)}; known regimes: {', '.join(REGIMES)}")
    return regimes


def affected_share(regimes: frozenset[str], regime: str, share_when_on: float) -> float:
    """The share of devices that `regime` affects: 0 unless it is switched on."""
    return share_when_on if regime in regimes else 0.0


def firmware_start_day(regimes: frozenset[str]) -> float:
    """The first day of the firmware update, counted from the start of the fleet."""
    return FIRMWARE_DAY if FIRMWARE_SHIFT in regimes else NEVER_DAYS
