"""Readings and outcomes as the platform's API takes them: plain rows, named by the profile."""

from collections.abc import Iterable
from typing import Any

from pacewatch.contracts.profile import Profile
from pacewatch.simulator.sources.day import Outcome, Readings

Row = dict[str, Any]


def reading_rows(profile: Profile, readings: Readings) -> list[Row]:
    """One row per ping, in the order of arrival; when it arrived is for the platform to say."""
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
