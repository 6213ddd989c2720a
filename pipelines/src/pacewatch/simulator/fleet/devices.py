"""What is drawn once for a device and stays: age, lead, battery, hour of its ping, vendor, lot.

Numbers from the implant studies (Kistler 2006: 12.0 +- 6.5 mV; Schuchert 1996: 661-725 ohm) unless marked `*`, which
means judgement.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pacewatch.simulator.fleet import regimes as regime
from pacewatch.simulator.fleet.chance import between
from pacewatch.simulator.sources.day import Flags, Floats, Ints

NEW_SHARE = 0.15
OLDEST_DAYS = 3_500.0
BATTERY_LIFE_DAYS = (3_850.0, 550.0)  # * mean and standard deviation
PREMATURE_SHARE = 0.02  # *
PREMATURE_LIFE = (0.4, 0.8)  # * of the life it would have had
NEARLY_SPENT = 0.95  # of its life: 2.63 V is reached at about 0.965


@dataclass(frozen=True, slots=True)
class Devices:
    """One row per slot. `implanted_s` is Unix time, `ping_s` seconds after midnight."""

    device_id: Ints
    implanted_s: Ints
    impedance_ohms: Floats
    threshold_v: Floats
    r_wave_mv: Floats
    battery_life_days: Floats
    premature: Flags
    ping_s: Floats
    night_gain: Floats
    high_impedance: Flags
    coarse: Flags
    recalled: Flags
    update_day: Floats


def draw_devices(
    rng: np.random.Generator, device_id: Ints, age_days: Floats, now_s: int, regimes: frozenset[str]
) -> Devices:
    """Devices of the given ages whose batteries still have something in them."""
    n = len(device_id)
    high = rng.random(n) < regime.share(regimes, regime.HIGH_IMPEDANCE, regime.HIGH_IMPEDANCE_SHARE)
    centre_ohms = np.where(high, 1_200.0, 680.0)
    impedance_ohms = np.clip(centre_ohms * np.exp(0.18 * rng.standard_normal(n)), np.where(high, 800.0, 0.0), 1_800.0)
    life_days, premature = _battery(rng, age_days)
    return Devices(
        device_id=device_id,
        implanted_s=now_s - (age_days * 86_400).astype(np.int64),
        impedance_ohms=impedance_ohms,
        threshold_v=0.7 * np.exp(0.33 * rng.standard_normal(n)),
        r_wave_mv=np.exp(np.log(12.0) - 0.5**2 / 2 + 0.5 * rng.standard_normal(n)),
        battery_life_days=life_days,
        premature=premature,
        ping_s=86_400 * rng.random(n),  # * any hour, each device its own
        night_gain=between(0.05, 0.10, rng.random(n)),  # *
        high_impedance=high,
        coarse=rng.random(n) < regime.share(regimes, regime.COARSE_STEPS, regime.COARSE_SHARE),
        recalled=rng.random(n) < regime.share(regimes, regime.RECALLED_LOT, regime.RECALLED_SHARE),
        update_day=regime.firmware_day(regimes) + regime.FIRMWARE_ROLLOUT_DAYS * rng.random(n),
    )


def registered(devices: Devices) -> dict[str, list[Any]]:
    """What a hospital's register says of them, column by column: nothing that is hidden."""
    return {
        "device_id": devices.device_id.tolist(),
        "implanted_at": devices.implanted_s.tolist(),
        "lead_model": np.where(devices.high_impedance, "high impedance", "standard").tolist(),
        "vendor": np.where(devices.coarse, "coarse steps", "fine steps").tolist(),
        "lot": np.where(devices.recalled, "recalled", "others").tolist(),
    }


def draw_ages(rng: np.random.Generator, devices: int) -> Floats:
    """Days since implant in a fleet that has been followed for years: 15 % are new today."""
    new = rng.random(devices) < NEW_SHARE
    return np.where(new, 0.0, OLDEST_DAYS * rng.random(devices))


def _battery(rng: np.random.Generator, age_days: Floats) -> tuple[Floats, Flags]:
    """Life in days, and whether it is cut short. A battery spent before today is not in the fleet: drawn again."""
    n = len(age_days)
    life_days, premature = np.zeros(n), np.zeros(n, np.bool_)
    while len(spent := np.flatnonzero(age_days >= NEARLY_SPENT * life_days)):
        k = len(spent)
        mean, sd = BATTERY_LIFE_DAYS
        premature[spent] = rng.random(k) < PREMATURE_SHARE
        left = np.where(premature[spent], between(*PREMATURE_LIFE, rng.random(k)), 1.0)
        life_days[spent] = left * rng.normal(mean, sd, k).clip(1.0)
    return life_days, premature
