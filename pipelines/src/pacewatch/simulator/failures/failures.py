"""When and how each device fails: drawn when it joins the fleet, hidden, visible only in its signals.

Hazards are shares per year at a realistic scale (lead survival 97.4 % at 5 years, Helguera 1994; 4.6 generator
malfunctions per 1,000 implants, Maisel 2006); `enrich` multiplies them. `*` means judgement.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.simulator.devices import regimes as regime
from pacewatch.simulator.devices.devices import Devices
from pacewatch.simulator.devices.random_streams import DAYS_PER_YEAR, NEVER_DAYS, interpolate, whole_seconds
from pacewatch.simulator.failures import signatures

DrawLeadTime = Callable[[np.random.Generator, int], Floats]
"""Days from the first sign to the failure, for the given number of devices."""


def _exponential(mean_days: float) -> DrawLeadTime:
    return lambda rng, n: mean_days * rng.standard_exponential(n)


def _uniform(low_days: float, high_days: float) -> DrawLeadTime:
    return lambda rng, n: interpolate(low_days, high_days, rng.random(n))


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail: the reported mode, the signature in the signals, its hazard and its lead time."""

    mode: str
    signature: str
    hazard_per_year: float
    draw_lead_time_days: DrawLeadTime
    effect: signatures.Effect


FAULTS = (
    Fault("fracture", "step", 0.30 * 0.0025, _exponential(4), signatures.fracture_step),
    Fault("fracture", "spikes", 0.40 * 0.0025, _uniform(6, 45), signatures.fracture_spikes),
    Fault("fracture", "silent", 0.30 * 0.0025, _uniform(0, 0), signatures.no_effect),
    Fault("insulation", "ramp", 0.50 * 0.0012, _uniform(20, 90), signatures.insulation_ramp),
    Fault("insulation", "step", 0.50 * 0.0012, _exponential(4), signatures.insulation_step),  # * as for a fracture
    Fault("exit_block", "ramp", 0.0012, _uniform(10, 60), signatures.exit_block_ramp),
    Fault("sudden", "silent", 0.0020, _uniform(0, 0), signatures.no_effect),
    Fault("dislodgement", "step", 0.0, _uniform(0, 3), signatures.dislodgement_step),
)
HAZARDS = np.array([fault.hazard_per_year for fault in FAULTS])
DISLODGEMENT = next(number for number, fault in enumerate(FAULTS) if fault.mode == "dislodgement")
DISLODGED_SHARE = 0.015  # of new implants, within the 0.5-2.5 % of the literature; `enrich` multiplies it
DISLODGED_AT_DAYS = (30.0, 0.95)  # median age and log-sd*: day 4-280 (HRS 2020)
LEAVING_PER_YEAR = 0.07  # * death or transfer
EXPLANTED_SHARE = 0.5  # * of those; the others are lost to follow-up


@dataclass(frozen=True, slots=True)
class FailureSchedule:
    """The hidden future of each device, one row per slot, times in Unix seconds.

    `fault` is an index into FAULTS; it shows from `onset_s` until `fails_s`, with `strength` in 0-1 per signal. The
    patient dies or moves away at `leaves_s`, with an explant if `explanted`.
    """

    fault: Ints
    onset_s: Ints
    fails_s: Ints
    strength: Floats
    leaves_s: Ints
    explanted: Bools


def draw_failure_schedule(
    rng: np.random.Generator, devices: Devices, start_s: int, now_s: int, enrich: float
) -> FailureSchedule:
    """The first fault of each device; a depleted battery or the patient's leaving may come before it."""
    n = len(devices.device_id)
    today = (now_s - start_s) / 86_400
    fault = rng.choice(len(FAULTS), size=n, p=HAZARDS / HAZARDS.sum())
    fails_day = today + _days_to_first_fault(rng, devices, today, enrich)
    dislodged_day = today + _days_to_dislodgement(rng, devices, now_s, enrich)
    fault = np.where(dislodged_day < fails_day, DISLODGEMENT, fault)
    fails_day = np.minimum(fails_day, dislodged_day)
    fails_s = start_s + whole_seconds(fails_day)
    return FailureSchedule(
        fault=fault,
        onset_s=fails_s - whole_seconds(_lead_time_days(rng, fault)),
        fails_s=fails_s,
        strength=rng.random((n, 3)),
        leaves_s=now_s + whole_seconds(rng.standard_exponential(n) * DAYS_PER_YEAR / LEAVING_PER_YEAR),
        explanted=rng.random(n) < EXPLANTED_SHARE,
    )


def apply_faults(rng: np.random.Generator, schedule: FailureSchedule, ping_s: Ints, values: Floats) -> None:
    """Change `values` (devices, signals) of the devices that are between their first sign and their failure."""
    draws = rng.random((len(ping_s), 2))
    showing = (schedule.onset_s <= ping_s) & (ping_s < schedule.fails_s)
    progress = (ping_s - schedule.onset_s) / np.maximum(schedule.fails_s - schedule.onset_s, 1)
    for number, fault in enumerate(FAULTS):
        rows = np.flatnonzero(showing & (schedule.fault == number))
        if len(rows):
            values[rows] = fault.effect(values[rows], progress[rows], schedule.strength[rows], draws[rows])


def _days_to_first_fault(rng: np.random.Generator, devices: Devices, today: float, enrich: float) -> Floats:
    """Days until the first fault at a constant hazard, which for a recalled lot rises on the day of the recall."""
    hazard = max(enrich * float(HAZARDS.sum()) / DAYS_PER_YEAR, 1 / NEVER_DAYS**2)
    days = rng.standard_exponential(len(devices.device_id)) / hazard
    days_to_recall = max(regime.RECALL_DAY - today, 0.0)
    shortened = days_to_recall + (days - days_to_recall) / regime.RECALL_FACTOR
    return np.where(devices.recalled & (days > days_to_recall), shortened, days)


def _days_to_dislodgement(rng: np.random.Generator, devices: Devices, now_s: int, enrich: float) -> Floats:
    """Days until the lead moves; NEVER_DAYS for most, and for those whose lead would have moved before today."""
    n = len(devices.device_id)
    loose = rng.random(n) < min(enrich * DISLODGED_SHARE, 1.0)
    median_days, log_sd = DISLODGED_AT_DAYS
    at_age_days = median_days * np.exp(log_sd * rng.standard_normal(n))
    days = at_age_days - (now_s - devices.implanted_s) / 86_400
    return np.where(loose & (days > 0), days, NEVER_DAYS)


def _lead_time_days(rng: np.random.Generator, fault: Ints) -> Floats:
    lead_time_days = np.zeros(len(fault))
    for number, kind in enumerate(FAULTS):
        rows = fault == number
        lead_time_days[rows] = kind.draw_lead_time_days(rng, int(rows.sum()))
    return lead_time_days
