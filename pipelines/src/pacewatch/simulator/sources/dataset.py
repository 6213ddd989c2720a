"""The published data set: raw signals, the label, the engineered columns; beside it what happened and what was told."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.readings import Readings as Columns
from pacewatch.ml.features.compute import compute_features
from pacewatch.simulator.failures.reports import Truth
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.day import Day, Flags, Floats, Outcome, Readings, days
from pacewatch.simulator.sources.ledger import ledger, target
from pacewatch.simulator.sources.rows import outcome_rows

Watch = Callable[[Iterable[Day]], Iterable[Day]]
"""Passes days on, showing that time goes by."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """Rows as published, every ending that really happened, every outcome as it was reported, every device."""

    rows: pl.DataFrame
    truth: pl.DataFrame
    outcomes: pl.DataFrame
    devices: pl.DataFrame


def make_dataset(fleet: Fleet, count: int, watch: Watch = iter) -> DataSet:
    """Live through `count` days of a new fleet; the data set is what has come home by the end of the last one.

    The fleet then lives on for the label's horizon, unseen, so that the last rows are labelled with the truth as well.
    """
    lived = list(watch(days(fleet, count)))
    for _ in days(fleet, fleet.profile.label.horizon_days):
        pass
    readings = ledger(lived)
    return DataSet(
        rows=_rows(fleet.profile, readings, target(readings, fleet.truth, fleet.profile.label)),
        truth=_truth_table(fleet.profile, fleet.truth),
        outcomes=_outcome_table(fleet.profile, [outcome for day in lived for outcome in day.outcomes]),
        devices=pl.DataFrame(fleet.register).rename({"device_id": fleet.profile.device_field}),
    )


def write(dataset: DataSet, out: Path) -> tuple[Path, ...]:
    """Write FILE and beside it FILE.truth, .outcomes and .devices, in the format of FILE's suffix, one of `FORMATS`."""
    beside = {"truth": dataset.truth, "outcomes": dataset.outcomes, "devices": dataset.devices}
    tables = {out: dataset.rows} | {out.with_suffix(f".{name}{out.suffix}"): table for name, table in beside.items()}
    for path, table in tables.items():
        FORMATS[out.suffix](table, path)
    return tuple(tables)


def _rows(profile: Profile, readings: Readings, label: Flags) -> pl.DataFrame:
    """The columns in their published order: device, timestamp, signals, label, required features."""
    columns: dict[str, Any] = {profile.device_field: readings["device_id"], "timestamp": readings["timestamp_s"]}
    columns |= {name: readings[name] for name in profile.signal_names}
    columns[profile.label.name] = label.astype(np.int8)
    engineered = _engineered(profile, readings)
    columns |= {feature.name: engineered[:, number] for number, feature in enumerate(profile.required_features)}
    return pl.DataFrame(columns, nan_to_null=True)


def _engineered(profile: Profile, readings: Readings) -> Floats:
    """The required features (rows, features), by the one feature code."""
    device_id, stamp_s = (np.ascontiguousarray(readings[name]) for name in ("device_id", "timestamp_s"))
    signals = {name: np.ascontiguousarray(readings[name]) for name in profile.signal_names}
    return compute_features(profile.required_features, Columns(device_id, stamp_s, signals))


def _truth_table(profile: Profile, truth: Sequence[Truth]) -> pl.DataFrame:
    columns = {
        profile.device_field: [happened.device_id for happened in truth],
        "kind": [happened.kind.value for happened in truth],
        "mode": [happened.mode for happened in truth],
        "signature": [happened.signature for happened in truth],
        "occurred_at": [happened.occurred_at_s for happened in truth],
        "reported_at": [happened.reported_at_s for happened in truth],
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
