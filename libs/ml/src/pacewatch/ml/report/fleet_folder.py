"""A recorded fleet as a folder: `readings`, `outcomes` and optionally `devices`, each as Parquet or CSV.

readings: the profile's device field (or device_id), timestamp (Unix seconds or a date), one column per signal. Devices
are whole numbers or names.
outcomes (or failures): the device, occurred_at or timestamp (Unix seconds or a date), and optionally kind (failure if
absent) and mode or component. Capitals in the names of columns do not matter.
devices: the device, the attributes of the profile (a date as Unix seconds or a date), and any text column, such as
lead_model; with a column valid_from a device may have several rows. The report has figures for each age and each text,
and the model sees what the profile declares a predictor.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.features.register import Register, Timeline

OUTCOMES = ("outcomes", "failures", "readings.outcomes")
OUTCOME_NAMES = {"timestamp": "occurred_at", "component": "mode"}
"""What published tables call the columns of outcomes."""

DEVICES = ("devices", "readings.devices")
VALID_FROM = "valid_from"
LATEST_S = 10**10  # the year 2286


@dataclass(frozen=True, slots=True)
class Fleet:
    """Usable readings, recorded failures, the time of the last reading, and how many readings were left out, by reason.

    `unmatched` has the devices of outcomes that have no readings, with how many outcomes each has. `register` has what
    the `devices` file says.
    """

    readings: Readings
    failures: Failures
    now_s: int
    left_out: dict[str, int]
    unmatched: dict[str, int]
    register: Register


def read(folder: Path, profile: Profile) -> Fleet:
    """The fleet in `folder`; FileNotFoundError or ValueError says which file or column is missing."""
    readings = _normalised(_table(folder, ("readings",)), profile, ["timestamp", *profile.signal_names])
    outcomes = _normalised(_outcomes(folder), profile, ["occurred_at"])
    if "kind" in outcomes.columns:
        outcomes = outcomes.filter(pl.col("kind") == "failure")
    usable = readings.unique(["device", "timestamp"], keep="first", maintain_order=True)
    duplicates = len(readings) - len(usable)
    plausible = [pl.col(s.name).is_between(s.plausible.low, s.plausible.high) for s in profile.signals]
    rows = usable.filter(*plausible)
    modes = tuple(outcomes["mode"].fill_null("")) if "mode" in outcomes.columns else ()
    device_ids, failed_ids = _device_numbers(rows["device"], outcomes["device"])
    numbers = pl.DataFrame({"device": rows["device"], "number": device_ids}).unique("device")
    return Fleet(
        readings=Readings(
            device_ids,
            rows["timestamp"].to_numpy(),
            {name: rows[name].cast(pl.Float64).to_numpy() for name in profile.signal_names},
        ),
        failures=Failures(failed_ids, outcomes["occurred_at"].to_numpy(), modes),
        now_s=int(rows["timestamp"].to_numpy().max(initial=0)),
        left_out={"duplicates": duplicates, "implausible": len(usable) - len(rows)},
        unmatched=_unmatched(rows["device"], outcomes["device"]),
        register=_register(folder, profile, numbers),
    )


def _outcomes(folder: Path) -> pl.DataFrame:
    table = _table(folder, OUTCOMES)
    lower = {name.lower(): name for name in table.columns}
    return table.rename({lower[old]: new for old, new in OUTCOME_NAMES.items() if old in lower and new not in lower})


def _unmatched(devices: pl.Series, failed: pl.Series) -> dict[str, int]:
    """How many outcomes each device has that has no readings."""
    names = failed.cast(pl.String)
    alone = names.filter(~names.is_in(devices.cast(pl.String).unique().implode()))
    return {str(name): int(count) for name, count in alone.value_counts(sort=True).iter_rows()}


def _device_numbers(devices: pl.Series, failed: pl.Series) -> tuple[Ints, Ints]:
    """Whole numbers stay; a name becomes its position among all sorted names. ValueError if no failure has readings."""
    if len(failed) and not failed.cast(pl.String).is_in(devices.cast(pl.String).unique().implode()).any():
        raise ValueError(f"no device of outcomes has readings: {failed[0]} is none of {devices[0]}, ...")
    if devices.dtype == failed.dtype == pl.Int64:
        return devices.to_numpy(), failed.to_numpy()
    names = pl.concat([devices.cast(pl.String), failed.cast(pl.String)]).unique().sort()
    device_ids, failed_ids = (
        names.search_sorted(column.cast(pl.String)).cast(pl.Int64).to_numpy() for column in (devices, failed)
    )
    return device_ids, failed_ids


def _register(folder: Path, profile: Profile, numbers: pl.DataFrame) -> Register:
    """What the `devices` file says of each device with readings; nothing without such a file."""
    try:
        path = _file(folder, DEVICES)
    except FileNotFoundError:
        return {}
    table = _normalised(_read(path), profile, [])
    if VALID_FROM not in table.columns:
        table = table.with_columns(pl.lit(0, pl.Int64).alias(VALID_FROM))
    kinds = {one.name: one.kind for one in profile.attributes if one.name in table.columns}
    kinds[VALID_FROM] = AttributeKind.DATE
    texts = [pl.col(name).cast(pl.String) for name, kind in kinds.items() if kind is AttributeKind.TEXT]
    dates = [_seconds(table, name) for name, kind in kinds.items() if kind is AttributeKind.DATE]
    table = table.with_columns(*texts, *dates).unique(["device", VALID_FROM], keep="first").join(numbers, on="device")
    names = [name for name in table.columns if name in kinds or table.schema[name] == pl.String]
    return {name: _timeline(table, name) for name in names if name not in ("device", VALID_FROM)}


def _timeline(table: pl.DataFrame, name: str) -> Timeline:
    given = table.filter(pl.col(name).is_not_null())
    is_text = given.schema[name] == pl.String
    values = given[name].to_numpy().astype(np.str_ if is_text else np.float64)
    return Timeline.of(given["number"].to_numpy(), given[VALID_FROM].to_numpy(), values)


def _table(folder: Path, stems: tuple[str, ...]) -> pl.DataFrame:
    return _read(_file(folder, stems))


def _file(folder: Path, stems: tuple[str, ...]) -> Path:
    for path in (folder / f"{stem}{suffix}" for stem in stems for suffix in (".parquet", ".csv")):
        if path.exists():
            return path
    raise FileNotFoundError(f"{folder} has no {stems[0]}.parquet and no {stems[0]}.csv")


def _read(path: Path) -> pl.DataFrame:
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    return pl.read_csv(path, try_parse_dates=True, infer_schema_length=10_000)


def _normalised(table: pl.DataFrame, profile: Profile, needed: list[str]) -> pl.DataFrame:
    """With the column names `device`, `timestamp` and `occurred_at`, and times as whole Unix seconds."""
    names = {profile.device_field: "device", "device_id": "device", "occurred_at_s": "occurred_at"}
    attributes = (one.name for one in profile.attributes)
    names |= {"timestamp_s": "timestamp"} | {name: name for name in (*needed, "mode", "kind", VALID_FROM, *attributes)}
    wanted = {old.lower(): new for old, new in names.items()}
    table = table.rename({name: wanted[name.lower()] for name in table.columns if name.lower() in wanted})
    if missing := {"device", *needed} - set(table.columns):
        raise ValueError(f"a column is missing: {', '.join(sorted(missing))}; there are {', '.join(table.columns)}")
    named = table.schema["device"] == pl.String
    device = pl.col("device") if named else pl.col("device").cast(pl.Int64)
    return table.with_columns(device, *(_seconds(table, name) for name in needed[:1]))


def _seconds(table: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    if table.schema[name] == pl.String:
        column = column.str.to_datetime(time_zone="UTC")
    if table.schema[name] == pl.String or table.schema[name].is_temporal():
        return column.cast(pl.Datetime("us")).dt.epoch("s").alias(name)
    if (table[name].cast(pl.Int64) > LATEST_S).any():
        raise ValueError(f"{name} must be Unix seconds or a date; this looks like milliseconds")
    return column.cast(pl.Int64)
