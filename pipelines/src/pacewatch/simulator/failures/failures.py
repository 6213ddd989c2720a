"""How a device will fail: drawn when it joins, kept hidden, seen only through what it does to the signals.

Hazards are shares a year at a realistic scale (lead survival 97.4 % at 5 years, Helguera 1994; 4.6 generator
malfunctions per 1,000 implants, Maisel 2006); `enrich` multiplies them. `*` means judgement.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pacewatch.simulator.failures import signatures
from pacewatch.simulator.fleet import regimes as regime
from pacewatch.simulator.fleet.chance import DAYS_PER_YEAR, FOREVER_DAYS, between, seconds
from pacewatch.simulator.fleet.devices import Devices
from pacewatch.simulator.sources.day import Flags, Floats, Ints

LeadTime = Callable[[np.random.Generator, int], Floats]
"""Days from the first sign to the failure, for so many devices."""


def _exponential(mean_days: float) -> LeadTime:
    return lambda rng, n: mean_days * rng.standard_exponential(n)


def _uniform(low_days: float, high_days: float) -> LeadTime:
    return lambda rng, n: between(low_days, high_days, rng.random(n))


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail: the mode that is reported, the signature it leaves, how often and how long before."""

    mode: str
    signature: str
    hazard_per_year: float
    lead_time: LeadTime
    effect: signatures.Effect


FAULTS = (
    Fault("fracture", "step", 0.30 * 0.0025, _exponential(4), signatures.fracture_step),
    Fault("fracture", "spikes", 0.40 * 0.0025, _uniform(6, 45), signatures.fracture_spikes),
    Fault("fracture", "silent", 0.30 * 0.0025, _uniform(0, 0), signatures.nothing),
    Fault("insulation", "ramp", 0.50 * 0.0012, _uniform(20, 90), signatures.insulation_ramp),
    Fault("insulation", "step", 0.50 * 0.0012, _exponential(4), signatures.insulation_step),  # * as for a fracture
    Fault("exit_block", "ramp", 0.0012, _uniform(10, 60), signatures.exit_block_ramp),
    Fault("sudden", "silent", 0.0020, _uniform(0, 0), signatures.nothing),
    Fault("dislodgement", "step", 0.0, _uniform(0, 3), signatures.dislodgement_step),
)
HAZARDS = np.array([fault.hazard_per_year for fault in FAULTS])
DISLODGEMENT = len(FAULTS) - 1
DISLODGED_SHARE = 0.015  # of new implants, within the 0.5-2.5 % of the literature; `enrich` multiplies it
DISLODGED_AT_DAYS = (30.0, 0.95)  # median age and log-sd*: day 4-280 (HRS 2020)
LEAVING_PER_YEAR = 0.07  # * death or transfer
EXPLANTED_SHARE = 0.5  # * of those; the others are lost to follow-up


@dataclass(frozen=True, slots=True)
class Fates:
    """One row per slot, instants in Unix seconds: which fault, from its first sign until the failure, how strongly
    (0-1 per signal); and when the patient dies or moves away, with or without an explant."""

    fault: Ints
    onset_s: Ints
    fails_s: Ints
    strength: Floats
    leaves_s: Ints
    explanted: Flags


def draw_fates(rng: np.random.Generator, devices: Devices, start_s: int, now_s: int, enrich: float) -> Fates:
    """The first fault that will befall each device, unless its battery or its patient comes before."""
    n = len(devices.device_id)
    today = (now_s - start_s) / 86_400
    fault = rng.choice(len(FAULTS), size=n, p=HAZARDS / HAZARDS.sum())
    fails_day = today + _waiting_days(rng, devices, today, enrich)
    dislodged_day = today + _dislodged_days(rng, devices, now_s, enrich)
    fault = np.where(dislodged_day < fails_day, DISLODGEMENT, fault)
    fails_day = np.minimum(fails_day, dislodged_day)
    fails_s = start_s + seconds(fails_day)
    return Fates(
        fault=fault,
        onset_s=fails_s - seconds(_lead_days(rng, fault)),
        fails_s=fails_s,
        strength=rng.random((n, 3)),
        leaves_s=now_s + seconds(rng.standard_exponential(n) * DAYS_PER_YEAR / LEAVING_PER_YEAR),
        explanted=rng.random(n) < EXPLANTED_SHARE,
    )


def apply_faults(rng: np.random.Generator, fates: Fates, ping_s: Ints, values: Floats) -> None:
    """Change `values` (devices, signals) of the devices that are between their first sign and their failure."""
    luck = rng.random((len(ping_s), 2))
    showing = (fates.onset_s <= ping_s) & (ping_s < fates.fails_s)
    progress = (ping_s - fates.onset_s) / np.maximum(fates.fails_s - fates.onset_s, 1)
    for number, fault in enumerate(FAULTS):
        rows = np.flatnonzero(showing & (fates.fault == number))
        if len(rows):
            values[rows] = fault.effect(values[rows], progress[rows], fates.strength[rows], luck[rows])


def _waiting_days(rng: np.random.Generator, devices: Devices, today: float, enrich: float) -> Floats:
    """Days until the first fault at a constant hazard, which for a recalled lot rises on the day of the recall."""
    hazard = max(enrich * float(HAZARDS.sum()) / DAYS_PER_YEAR, 1 / FOREVER_DAYS**2)
    days = rng.standard_exponential(len(devices.device_id)) / hazard
    before_days = max(regime.RECALL_DAY - today, 0.0)
    hastened = before_days + (days - before_days) / regime.RECALL_FACTOR
    return np.where(devices.recalled & (days > before_days), hastened, days)


def _dislodged_days(rng: np.random.Generator, devices: Devices, now_s: int, enrich: float) -> Floats:
    """Days until the lead moves; "never" for most, and for those whose lead would have moved before today."""
    n = len(devices.device_id)
    loose = rng.random(n) < min(enrich * DISLODGED_SHARE, 1.0)
    median_days, log_sd = DISLODGED_AT_DAYS
    at_age_days = median_days * np.exp(log_sd * rng.standard_normal(n))
    days = at_age_days - (now_s - devices.implanted_s) / 86_400
    return np.where(loose & (days > 0), days, FOREVER_DAYS)


def _lead_days(rng: np.random.Generator, fault: Ints) -> Floats:
    lead = np.zeros(len(fault))
    for number, kind in enumerate(FAULTS):
        rows = fault == number
        lead[rows] = kind.lead_time(rng, int(rows.sum()))
    return lead
