"""A recorded fleet as a folder: `readings`, `outcomes` and optionally `devices`, each as Parquet, CSV or NDJSON.

readings: the profile's device field (or device_id), timestamp, one column per signal.
outcomes (or failures): the device, occurred_at or timestamp, and optionally kind (failure if absent) and mode or
component.
devices: the device, the attributes of the profile, and any text column, such as lead_model; with a column valid_from a
device may have several rows. The report has figures for each age and each text, and the model sees what the profile
declares a predictor.
Devices are numbers or names, compared as written. Times are Unix seconds or ISO 8601, in UTC if they have no zone.
Capitals in the names of columns do not matter. Other columns are ignored.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.contracts.tables.columns import Column, ColumnKind, TableColumns
from pacewatch.contracts.tables.of_profile import VALID_FROM, device_columns, outcome_columns, reading_columns
from pacewatch.contracts.tables.patterns import label_pattern
from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.tables.errors import FileUnreadable
from pacewatch.kit.tables.files.whole import FORMATS, WholeTable, column_names, read_whole, with_numbers
from pacewatch.kit.tables.table import PLAIN, Dialect
from pacewatch.kit.tables.values.devices import NAME_BASE
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.features.register import Register, Timeline
from pacewatch.ml.report.devices_notes import notes_on

READINGS: Final = ("readings",)
OUTCOMES: Final = ("outcomes", "failures", "readings.outcomes")
DEVICES: Final = ("devices", "readings.devices")

# What a reading was left out for, by the code of its fault; any other fault is that of a value that cannot be read.
_REASONS: Final = {"out_of_range": "implausible", "missing": "with gaps"}


@dataclass(frozen=True, slots=True)
class Fleet:
    """Usable readings, recorded failures, the time of the last reading, and how many readings were left out, by reason.

    `unmatched` has the devices of outcomes that have no readings, with how many outcomes each has. `register` has what
    the `devices` file says. `findings` is everything that was found in the files, in words, by file. `names` are the
    names of devices, by their ids here.
    """

    readings: Readings
    failures: Failures
    now_s: int
    left_out: dict[str, int]
    unmatched: dict[str, int]
    register: Register
    findings: tuple[str, ...]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Files:
    """The tables of a folder, as they were read; `devices` are None if there is no such file."""

    readings: WholeTable
    outcomes: WholeTable
    devices: WholeTable | None

    def findings(self) -> list[str]:
        """What was found in each file, in words."""
        tables = [one for one in (self.readings, self.outcomes, self.devices) if one is not None]
        return [line for table in tables for line in findings_of(table)]


def findings_of(table: WholeTable) -> list[str]:
    """What was found in a file, in words."""
    lines = [one.words() for one in table.findings]
    if table.blank:
        lines.append(f"{table.blank:,} blank row{'s' * (table.blank != 1)} ignored")
    if table.ignored:
        lines.append(f"columns ignored: {', '.join(name or 'one without a name' for name in table.ignored)}")
    return [f"{table.path.name}: {line}" for line in lines]


def read(folder: Path, profile: Profile, dialect: Dialect = PLAIN) -> Fleet:
    """The fleet in `folder`; FileNotFoundError, ValueError or Unprocessable says what is missing or wrong."""
    return fleet_of(read_files(folder, profile, dialect), profile)


def read_files(folder: Path, profile: Profile, dialect: Dialect = PLAIN) -> Files:
    """The tables in `folder`, without the rows that cannot be used."""
    readings = read_whole(_file(folder, READINGS), reading_columns(profile), dialect)
    outcomes = read_whole(_file(folder, OUTCOMES), outcome_columns(profile), dialect)
    try:
        path = _file(folder, DEVICES)
    except FileNotFoundError:
        return Files(readings, outcomes, None)
    return Files(readings, outcomes, read_whole(path, _with_texts(path, profile, dialect), dialect))


def fleet_of(files: Files, profile: Profile) -> Fleet:
    """The fleet that some tables describe; ValueError if it has no usable readings, or outcomes of other devices."""
    device = profile.device_field
    refuse_empty(files.readings)
    refuse_unreadable(files.outcomes)
    known = _numbers(one.names for one in (files.readings, files.outcomes))
    names = {number: name for name, number in known.items()}
    readings, duplicates = _each_key_once(_readings(files.readings, profile, known))
    failed = _failed(files.outcomes, device, known)
    unmatched = _unmatched(readings.device_ids, failed.columns[device], names)
    _refuse_all_unmatched(unmatched, failed, readings, names)
    failures, repeated = _failures(failed, device)
    on_devices = notes_on(files.devices, profile) if files.devices else ()
    given = [(names.get(one, one), second) for one, second in failures.keys.pairs()]
    on_outcomes = _notes(files.outcomes, repeated, label_pattern(given, profile.cadence_s))
    return Fleet(
        readings=readings,
        failures=failures,
        now_s=int(readings.timestamps_s.max(initial=0)),
        left_out={"duplicates": duplicates, "implausible": 0} | _left_out(files.readings),
        unmatched=unmatched,
        register=_register(files.devices, profile, known, readings),
        findings=(*files.findings(), *on_devices, *on_outcomes),
        names=names,
    )


def refuse_empty(table: WholeTable) -> None:
    """FileUnreadable if no row of a file can be used, with what is wrong with most."""
    if len(table):
        return
    if not table.faults:
        raise FileUnreadable(f"{table.path.name} has no rows")
    worst = max(table.faults, key=lambda one: one.count)
    raise FileUnreadable(f"no row of {table.path.name} can be used. {worst.words()}")


def refuse_unreadable(outcomes: WholeTable) -> None:
    """FileUnreadable for an outcome that has a value which cannot be read: figures without a failure would be others.

    One without a value is left out, as a reading is.
    """
    for one in outcomes.faults:
        if one.code != "missing":
            raise FileUnreadable(f"{outcomes.path.name}: {one.words()}")


def _file(folder: Path, stems: tuple[str, ...]) -> Path:
    for path in (folder / f"{stem}{suffix}" for stem in stems for suffix in (".parquet", ".csv", *FORMATS)):
        if path.exists():
            return path
    raise FileNotFoundError(f"{folder} has no {stems[0]}.parquet and no {stems[0]}.csv")


def _numbers(names: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """A number for each name, in the order of names: the same in any order of rows."""
    return {name: NAME_BASE + place for place, name in enumerate(sorted({one for own in names for one in own}))}


def _readings(table: WholeTable, profile: Profile, known: Mapping[str, int]) -> Readings:
    columns = table.columns
    ids = with_numbers(columns[profile.device_field], table.names, known)
    return Readings(ids, columns["timestamp"], {name: columns[name] for name in profile.signal_names})


def _each_key_once(readings: Readings) -> tuple[Readings, int]:
    """The readings by device and time, of equal keys the first; and how many others there were."""
    ordered = readings.ordered()
    is_first = np.ones(len(ordered), dtype=np.bool_)
    is_first[1:] = (np.diff(ordered.device_ids) != 0) | (np.diff(ordered.timestamps_s) != 0)
    return ordered.where(is_first), int((~is_first).sum())


def _left_out(table: WholeTable) -> dict[str, int]:
    counts = Counter[str]()
    for one in table.faults:
        counts[_REASONS.get(one.code, "unreadable")] += one.count
    return dict(counts)


def _failed(outcomes: WholeTable, device: str, known: Mapping[str, int]) -> WholeTable:
    """The outcomes that are failures, with the numbers of their devices."""
    kinds = outcomes.columns["kind"]
    rows = np.array([kind in (None, OutcomeKind.FAILURE) for kind in kinds.tolist()], dtype=np.bool_)
    columns = {name: values[rows] for name, values in outcomes.columns.items()}
    columns[device] = with_numbers(columns[device], outcomes.names, known)
    return replace(outcomes, columns=columns, lines=outcomes.lines[rows])


def _failures(failed: WholeTable, device: str) -> tuple[Failures, int]:
    """Each failure once, by device and time; and how many rows repeat another. One may be given under two modes."""
    modes = [mode or "" for mode in failed.columns["mode"].tolist()]
    rows = sorted(set(zip(failed.columns[device].tolist(), failed.columns["occurred_at"].tolist(), modes, strict=True)))
    table = np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2)
    return Failures(table[:, 0], table[:, 1], tuple(mode for *_, mode in rows)), len(failed) - len(rows)


def _notes(outcomes: WholeTable, repeated: int, pattern: str) -> list[str]:
    notes = [pattern] if pattern else []
    if repeated:
        notes.append(f"{repeated:,} of {len(outcomes):,} rows repeat another and count once")
    return [f"{outcomes.path.name}: {note}" for note in notes]


def _unmatched(devices: Ints, failed: Ints, names: Mapping[int, str]) -> dict[str, int]:
    """How many outcomes each device has that has no readings, by the device as it is written."""
    alone = Counter(failed[~np.isin(failed, devices)].tolist())
    return {str(names.get(one, one)): count for one, count in alone.most_common()}


def _refuse_all_unmatched(
    unmatched: Mapping[str, int], failed: WholeTable, readings: Readings, names: Mapping[int, str]
) -> None:
    if len(failed) and sum(unmatched.values()) == len(failed):
        first = int(readings.device_ids[0])
        raise ValueError(
            f"no device of outcomes has readings: {next(iter(unmatched))} is none of {names.get(first, first)}, ...; "
            "ids are compared as they are written"
        )


def _with_texts(path: Path, profile: Profile, dialect: Dialect) -> TableColumns:
    """The columns of the register, and any other column as a text."""
    spec = device_columns(profile)
    known = {name.lower() for one in spec.columns for name in (one.name, *one.aliases)}
    others = [name for name in column_names(path, dialect) if name.strip() and name.strip().lower() not in known]
    texts = tuple(Column(name.strip(), ColumnKind.TEXT, is_required=False) for name in others)
    return replace(spec, columns=(*spec.columns, *texts))


def _register(table: WholeTable | None, profile: Profile, known: Mapping[str, int], readings: Readings) -> Register:
    """What the `devices` file says of each device with readings; nothing without such a file."""
    if table is None:
        return {}
    numbers = {name: known.get(name, -1) for name in table.names}
    ids = with_numbers(table.columns[profile.device_field], table.names, numbers)
    since = np.nan_to_num(table.columns[VALID_FROM]).astype(np.int64)
    _, first = np.unique(np.column_stack([ids, since]), axis=0, return_index=True)
    rows = first[np.isin(ids[first], readings.device_ids)]
    kinds = {one.name: one.kind for one in profile.attributes}
    result = dict[str, Timeline]()
    for name, values in table.columns.items():
        if name not in (profile.device_field, VALID_FROM):
            timeline = _timeline(ids[rows], since[rows], values[rows], kinds.get(name))
            if timeline is not None:
                result[name] = timeline
    return result


def _timeline(ids: Ints, since: Ints, values: Any, kind: AttributeKind | None) -> Timeline | None:
    """None for a column of numbers that the profile does not have: it would be a group for each."""
    is_text = kind in (None, AttributeKind.TEXT)
    is_given = np.array([one is not None for one in values.tolist()]) if is_text else ~np.isnan(values)
    if not is_given.any() or (kind is None and all(_is_number(one) for one in values[is_given].tolist())):
        return None
    return Timeline.of(ids[is_given], since[is_given], values[is_given].astype(np.str_ if is_text else np.float64))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
