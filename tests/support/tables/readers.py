"""What both readers make of a table: the fleet of a report, and the rows that an upload would store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.telemetry.checking import CheckedRows, check_chunk
from pacewatch.ingest.telemetry.rules import rules_of
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.tables.files.readers import read_chunks
from pacewatch.kit.tables.files.whole import format_of
from pacewatch.kit.tables.table import PLAIN, Dialect
from pacewatch.kit.tables.values.devices import NAME_BASE
from pacewatch.ml.report import fleet_folder

LATEST_S = 1_790_000_000


@dataclass(frozen=True)
class Read:
    """What a reader took, by device as it is written; or why it refused."""

    rows: list[Any]
    refused: str = ""


def report(folder: Path, dialect: Dialect = PLAIN) -> Read:
    """The readings and failures of a report."""
    try:
        fleet = fleet_folder.read(folder, PACEMAKER, dialect)
    except (PacewatchError, ValueError, OSError) as error:
        return Read([], str(error))
    keys, signals = fleet.readings.pairs(), zip(*fleet.readings.signals.values(), strict=True)
    readings = [(str(fleet.names.get(one, one)), second, *map(float, own))
                for (one, second), own in zip(keys, signals, strict=True)]  # fmt: skip
    failures = [(str(fleet.names.get(one, one)), second) for one, second in fleet.failures.keys.pairs()]
    return Read([*sorted(readings), *sorted(failures)])


def upload(path: Path, dialect: Dialect = PLAIN) -> Read:
    """The rows that an upload would store."""
    rules, rows, faults = rules_of(PACEMAKER), list[Any](), list[str]()
    try:
        for chunk in read_chunks(path, format_of(path), rules.columns(), dialect):
            checked = check_chunk(chunk, rules, LATEST_S, dialect)
            rows += stored(checked)
            faults += [one.words() for one in checked.findings]
    except PacewatchError as error:
        return Read([], error.message)
    return Read(sorted(rows), "" if rows else "; ".join(faults))


def stored(checked: CheckedRows) -> list[Any]:
    """Valid rows by device as it is written."""
    readings = checked.valid.readings
    names = [checked.names[one - NAME_BASE] if one >= NAME_BASE else str(one) for one in readings.device_ids.tolist()]
    return list(
        zip(names, readings.timestamps_s.tolist(), *(own.tolist() for own in readings.signals.values()), strict=True)
    )
