"""Properties drawn once per device: age, lead, battery, hour of its ping, vendor, lot.

Numbers from the implant studies (Kistler 2006: 12.0 +- 6.5 mV; Schuchert 1996: 661-725 ohm) unless marked `*`, which
means judgement.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.simulator.devices import regimes as regime
from pacewatch.simulator.devices.random_streams import interpolate

NEW_SHARE = 0.15
OLDEST_DAYS = 3_500.0
BATTERY_LIFE_DAYS = (3_850.0, 550.0)  # * mean and standard deviation
PREMATURE_SHARE = 0.02  # *
PREMATURE_LIFE = (0.4, 0.8)  # * of the normal battery life
NEARLY_DEPLETED = 0.95  # of the battery life: 2.63 V is reached at about 0.965


@dataclass(frozen=True, slots=True)
class Devices:
    """One row per slot. `implanted_s` is Unix time, `ping_s` seconds after midnight."""

    device_id: Ints
    implanted_s: Ints
    impedance_ohms: Floats
    threshold_v: Floats
    r_wave_mv: Floats
    battery_life_days: Floats
    premature: Bools
    ping_s: Floats
    night_gain: Floats
    high_impedance: Bools
    coarse: Bools
    recalled: Bools
    update_day: Floats


def draw_devices(
    rng: np.random.Generator, device_id: Ints, age_days: Floats, now_s: int, regimes: frozenset[str]
) -> Devices:
    """Devices of the given ages, none with a depleted battery."""
    n = len(device_id)
    high = rng.random(n) < regime.affected_share(regimes, regime.HIGH_IMPEDANCE, regime.HIGH_IMPEDANCE_SHARE)
    centre_ohms = np.where(high, 1_200.0, 680.0)
    impedance_ohms = np.clip(centre_ohms * np.exp(0.18 * rng.standard_normal(n)), np.where(high, 800.0, 0.0), 1_800.0)
    life_days, premature = _draw_batteries(rng, age_days)
    return Devices(
        device_id=device_id,
        implanted_s=now_s - (age_days * 86_400).astype(np.int64),
        impedance_ohms=impedance_ohms,
        threshold_v=0.7 * np.exp(0.33 * rng.standard_normal(n)),
        r_wave_mv=np.exp(np.log(12.0) - 0.5**2 / 2 + 0.5 * rng.standard_normal(n)),
        battery_life_days=life_days,
        premature=premature,
        ping_s=86_400 * rng.random(n),  # * uniform over the day, fixed per device
        night_gain=interpolate(0.05, 0.10, rng.random(n)),  # *
        high_impedance=high,
        coarse=rng.random(n) < regime.affected_share(regimes, regime.COARSE_STEPS, regime.COARSE_SHARE),
        recalled=rng.random(n) < regime.affected_share(regimes, regime.RECALLED_LOT, regime.RECALLED_SHARE),
        update_day=regime.firmware_start_day(regimes) + regime.FIRMWARE_ROLLOUT_DAYS * rng.random(n),
    )


def register_columns(devices: Devices) -> dict[str, list[Any]]:
    """The hospital's device register, column by column: nothing that is hidden from it."""
    return {
        "device_id": devices.device_id.tolist(),
        "implanted_at": devices.implanted_s.tolist(),
        "lead_model": np.where(devices.high_impedance, "high impedance", "standard").tolist(),
        "vendor": np.where(devices.coarse, "coarse steps", "fine steps").tolist(),
        "lot": np.where(devices.recalled, "recalled", "others").tolist(),
    }


def draw_ages_days(rng: np.random.Generator, devices: int) -> Floats:
    """Days since implant in a fleet that has existed for years: 15 % are new today."""
    new = rng.random(devices) < NEW_SHARE
    return np.where(new, 0.0, OLDEST_DAYS * rng.random(devices))


def _draw_batteries(rng: np.random.Generator, age_days: Floats) -> tuple[Floats, Bools]:
    """Battery life in days, and whether depletion is premature. Batteries depleted before today are drawn again."""
    n = len(age_days)
    life_days, premature = np.zeros(n), np.zeros(n, np.bool_)
    while len(depleted := np.flatnonzero(age_days >= NEARLY_DEPLETED * life_days)):
        k = len(depleted)
        mean, sd = BATTERY_LIFE_DAYS
        premature[depleted] = rng.random(k) < PREMATURE_SHARE
        life_share = np.where(premature[depleted], interpolate(*PREMATURE_LIFE, rng.random(k)), 1.0)
        life_days[depleted] = life_share * rng.normal(mean, sd, k).clip(1.0)
    return life_days, premature
