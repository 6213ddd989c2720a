"""The published data set: signals, label and required features; beside it the truth, the outcomes and the register."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Bools, Floats
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.compute import compute_features
from pacewatch.simulator.day import Day, Outcome, ReadingLog, days
from pacewatch.simulator.failures.reports import TrueOutcome
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.history import distinct_readings, true_labels
from pacewatch.simulator.sources.rows import outcome_rows

TrackProgress = Callable[[Iterable[Day]], Iterable[Day]]
"""Yields the days that it is given, and may show progress while doing so."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """The published rows, every true outcome, every reported outcome, every device."""

    rows: pl.DataFrame
    truth: pl.DataFrame
    outcomes: pl.DataFrame
    devices: pl.DataFrame


def make_dataset(fleet: Fleet, count: int, track: TrackProgress = iter) -> DataSet:
    """Simulate `count` days of a new fleet; the data set is what has arrived by the end of the last one.

    The fleet is then simulated for the label's horizon, without publishing, so that the last rows get true labels, too.
    """
    simulated = list(track(days(fleet, count)))
    for _ in days(fleet, fleet.profile.label.horizon_days):
        pass
    readings = distinct_readings(simulated)
    return DataSet(
        rows=_rows(fleet.profile, readings, true_labels(readings, fleet.truth, fleet.profile.label)),
        truth=_truth_table(fleet.profile, fleet.truth),
        outcomes=_outcome_table(fleet.profile, [outcome for day in simulated for outcome in day.outcomes]),
        devices=pl.DataFrame(fleet.register).rename({"device_id": fleet.profile.device_field}),
    )


def write_dataset(dataset: DataSet, out: Path) -> tuple[Path, ...]:
    """Write FILE and beside it FILE.truth, .outcomes and .devices, in the format of FILE's suffix, one of `FORMATS`."""
    beside = {"truth": dataset.truth, "outcomes": dataset.outcomes, "devices": dataset.devices}
    tables = {out: dataset.rows} | {out.with_suffix(f".{name}{out.suffix}"): table for name, table in beside.items()}
    for path, table in tables.items():
        FORMATS[out.suffix](table, path)
    return tuple(tables)


def _rows(profile: Profile, readings: ReadingLog, label: Bools) -> pl.DataFrame:
    """The columns in their published order: device, timestamp, signals, label, required features."""
    columns: dict[str, Any] = {profile.device_field: readings["device_id"], "timestamp": readings["timestamp_s"]}
    columns |= {name: readings[name] for name in profile.signal_names}
    columns[profile.label.name] = label.astype(np.int8)
    features = _required_features(profile, readings)
    columns |= {feature.name: features[:, number] for number, feature in enumerate(profile.required_features)}
    return pl.DataFrame(columns, nan_to_null=True)


def _required_features(profile: Profile, readings: ReadingLog) -> Floats:
    """The required features (rows, features), computed by the code that training and scoring use."""
    device_id, timestamp_s = (np.ascontiguousarray(readings[name]) for name in ("device_id", "timestamp_s"))
    signals = {name: np.ascontiguousarray(readings[name]) for name in profile.signal_names}
    return compute_features(profile.required_features, Readings(device_id, timestamp_s, signals))


def _truth_table(profile: Profile, truth: Sequence[TrueOutcome]) -> pl.DataFrame:
    columns = {
        profile.device_field: [outcome.device_id for outcome in truth],
        "kind": [outcome.kind.value for outcome in truth],
        "mode": [outcome.mode for outcome in truth],
        "signature": [outcome.signature for outcome in truth],
        "occurred_at": [outcome.occurred_at_s for outcome in truth],
        "reported_at": [outcome.reported_at_s for outcome in truth],
    }
    return pl.DataFrame(columns, schema_overrides={"reported_at": pl.Int64})


def _outcome_table(profile: Profile, outcomes: Sequence[Outcome]) -> pl.DataFrame:
    integers = {profile.device_field: pl.Int64, "occurred_at": pl.Int64, "learnt_at": pl.Int64}
    schema = {profile.device_field: pl.Int64, "kind": pl.String, **integers, "mode": pl.String}
    return pl.DataFrame(outcome_rows(profile, outcomes), schema=schema)


FORMATS: dict[str, Callable[[pl.DataFrame, Path], Any]] = {
    ".parquet": lambda table, path: table.write_parquet(path),
    ".csv": lambda table, path: table.write_csv(path),
}
