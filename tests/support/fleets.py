"""A simulated history to post to a platform, and readings of healthy and failing devices."""

import time
from itertools import count
from typing import Any

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.day import days
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.rows import outcome_rows, reading_rows
from support.platform.processes import Platform

HISTORY_DAYS = 100
Row = dict[str, Any]


def simulated_history(devices: int = 250, enrich: float = 100.0, seed: int = 3) -> tuple[list[Row], list[Row]]:
    """Readings and outcomes up to today's midnight UTC, enriched so that the holdout has failures."""
    today_s = int(time.time()) // SECONDS_PER_DAY * SECONDS_PER_DAY
    fleet = Fleet(devices, today_s - HISTORY_DAYS * SECONDS_PER_DAY, enrich, seed, refill=True)
    readings: list[Row] = []
    outcomes: list[Row] = []
    for day in days(fleet, HISTORY_DAYS):
        readings += reading_rows(PACEMAKER, day.readings)
        outcomes += outcome_rows(PACEMAKER, day.outcomes)
    return readings, outcomes


def healthy(device: int, timestamp_s: int) -> Row:
    """A reading with normal values."""
    return dict(zip(PACEMAKER.required_predictors[:4], (650.0, 0.75, 11.0, 2.78), strict=True)) | {
        PACEMAKER.device_field: device,
        "timestamp": timestamp_s,
    }


def dying(device: int, timestamp_s: int) -> Row:
    """A reading with a depleted battery and a lead that no longer captures."""
    return dict(zip(PACEMAKER.required_predictors[:4], (650.0, 4.5, 3.0, 2.45), strict=True)) | {
        PACEMAKER.device_field: device,
        "timestamp": timestamp_s,
    }


async def give_history(platform: Platform) -> None:
    """Post the history as backfill, with its outcomes."""
    readings, outcomes = simulated_history()
    for start in range(0, len(readings), 2_000):
        (await platform.post("telemetry/ingest", readings[start : start + 2_000], mode="backfill")).raise_for_status()
    for start in range(0, len(outcomes), 2_000):
        (await platform.post("outcomes", outcomes[start : start + 2_000])).raise_for_status()


new_device = count(1_000_000).__next__
"""Returns the next device id that no simulated fleet uses."""
