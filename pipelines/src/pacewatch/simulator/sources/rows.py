"""Readings, outcomes and devices as rows of the platform's API, with the profile's field names."""

from collections.abc import Iterable, Mapping
from typing import Any

from pacewatch.contracts.profile import Profile
from pacewatch.simulator.day import Outcome, ReadingLog

Row = dict[str, Any]


def reading_rows(profile: Profile, readings: ReadingLog) -> list[Row]:
    """One row per reading in the order of arrival, without `received_s`: the platform records its own time."""
    names = (profile.device_field, "timestamp", *profile.signal_names)
    return [dict(zip(names, reading[:-1], strict=True)) for reading in readings.tolist()]


def outcome_rows(profile: Profile, outcomes: Iterable[Outcome]) -> list[Row]:
    """One row per report; `occurred_at` and `learnt_at` are Unix seconds."""
    return [
        {
            profile.device_field: outcome.device_id,
            "kind": outcome.kind.value,
            "occurred_at": outcome.occurred_at_s,
            "learnt_at": outcome.learnt_at_s,
            "mode": outcome.mode,
        }
        for outcome in outcomes
    ]


def device_rows(profile: Profile, devices: Iterable[Mapping[str, Any]]) -> list[Row]:
    """One row per device for the register; dates are Unix seconds."""
    return [
        {profile.device_field if name == "device_id" else name: value for name, value in device.items()}
        for device in devices
    ]
