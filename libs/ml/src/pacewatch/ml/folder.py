"""An old fleet as a folder: `readings` and `outcomes`, each as Parquet or CSV.

readings: the profile's device field (or device_id), timestamp (Unix seconds or a date), one column per signal.
outcomes: the device, occurred_at (Unix seconds or a date), and, if there are, kind (failure if absent) and mode.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pacewatch.contracts.profile import Profile
from pacewatch.ml.holdout import Failures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OUTCOMES = ("outcomes", "readings.outcomes")


@dataclass(frozen=True, slots=True)
class Fleet:
    """Usable readings, recorded failures, the last instant anything is known of, and what was left out."""

    device_ids: Ints
    timestamps_s: Ints
    signals: dict[str, Floats]
    failures: Failures
    now_s: int
    left_out: dict[str, int]


def read(folder: Path, profile: Profile) -> Fleet:
    """The fleet in `folder`; FileNotFoundError or ValueError says which file or column is missing."""
    readings = _renamed(_table(folder, ("readings",)), profile, ["timestamp", *profile.signal_names])
    outcomes = _renamed(_table(folder, OUTCOMES), profile, ["occurred_at"])
    if "kind" in outcomes.columns:
        outcomes = outcomes.filter(pl.col("kind") == "failure")
    usable = readings.unique(["device", "timestamp"], keep="first", maintain_order=True)
    duplicates = len(readings) - len(usable)
    plausible = [pl.col(s.name).is_between(s.plausible.low, s.plausible.high) for s in profile.signals]
    rows = usable.filter(*plausible)
    modes = tuple(outcomes["mode"].fill_null("")) if "mode" in outcomes.columns else ()
    return Fleet(
        device_ids=rows["device"].to_numpy(),
        timestamps_s=rows["timestamp"].to_numpy(),
        signals={name: rows[name].cast(pl.Float64).to_numpy() for name in profile.signal_names},
        failures=Failures(outcomes["device"].to_numpy(), outcomes["occurred_at"].to_numpy(), modes),
        now_s=int(rows["timestamp"].to_numpy().max(initial=0)),
        left_out={"duplicates": duplicates, "implausible": len(usable) - len(rows)},
    )


def _table(folder: Path, stems: tuple[str, ...]) -> pl.DataFrame:
    for stem in stems:
        if (parquet := folder / f"{stem}.parquet").exists():
            return pl.read_parquet(parquet)
        if (csv := folder / f"{stem}.csv").exists():
            return pl.read_csv(csv, try_parse_dates=True, infer_schema_length=10_000)
    raise FileNotFoundError(f"{folder} holds no {stems[0]}.parquet and no {stems[0]}.csv")


def _renamed(table: pl.DataFrame, profile: Profile, needed: list[str]) -> pl.DataFrame:
    """With the columns `device` and whole Unix seconds, whatever the file calls and counts them."""
    names = {profile.device_field: "device", "device_id": "device", "occurred_at_s": "occurred_at"}
    table = table.rename(names | {"timestamp_s": "timestamp"}, strict=False)
    if missing := {"device", *needed} - set(table.columns):
        raise ValueError(f"a column is missing: {', '.join(sorted(missing))}; there are {', '.join(table.columns)}")
    return table.with_columns(pl.col("device").cast(pl.Int64), _seconds(table, needed[0]))


def _seconds(table: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    if table.schema[name].is_temporal():
        return column.cast(pl.Datetime("us")).dt.epoch("s").alias(name)
    return column.cast(pl.Int64)
