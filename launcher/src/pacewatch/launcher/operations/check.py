"""Says what would be taken of a file or a folder, what would be left out, and what would be refused; stores nothing."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.tables.of_profile import device_columns, outcome_columns
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.uploads.check_file import check_file
from pacewatch.kit import clock
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.tables.files.whole import WholeTable, read_whole
from pacewatch.kit.tables.table import Dialect
from pacewatch.launcher.client.upload import result_lines
from pacewatch.ml.report import fleet_folder
from pacewatch.ml.report.profile_file import profile_of


def check(path: Path, profile_name: str, dialect: Dialect) -> bool:
    """Print what was found. Returns whether everything would be taken."""
    try:
        profile = profile_of(profile_name)
    except (LookupError, ValueError, OSError) as error:
        return _end([f"the profile: {error}"], good=False)
    try:
        return _check_folder(path, profile, dialect) if path.is_dir() else _check_one(path, profile, dialect)
    except (PacewatchError, ValueError, OSError) as error:
        return _end([f"refused: {error}"], good=False)


def _check_one(path: Path, profile: Profile, dialect: Dialect) -> bool:
    stem = path.stem.lower()
    if stem in fleet_folder.OUTCOMES:
        table = read_whole(path, outcome_columns(profile), dialect)
        fleet_folder.refuse_unreadable(table)
        return _end(_table_lines(table, "outcomes"), good=not table.faults)
    if stem in fleet_folder.DEVICES:
        table = read_whole(path, device_columns(profile), dialect)
        return _end(_table_lines(table, "devices"), good=not table.faults)
    latest_s = clock.now_s() + IngestSettings.model_fields["clock_tolerance_s"].default
    found = check_file(path, profile, latest_s, dialect)
    return _end(
        [f"{path.name}: {line}" for line in result_lines(asdict(found))], good=not found.rejected + bool(found.error)
    )


def _check_folder(folder: Path, profile: Profile, dialect: Dialect) -> bool:
    files = fleet_folder.read_files(folder, profile, dialect)
    tables = {"readings": files.readings, "outcomes": files.outcomes, "devices": files.devices}
    lines = [line for noun, table in tables.items() if table is not None for line in _table_lines(table, noun)]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    fleet = fleet_folder.fleet_of(files, profile)
    notes = [*fleet.findings[len(files.findings()) :]]
    if fleet.unmatched:
        named = ", ".join(f"{device} ({count})" for device, count in [*fleet.unmatched.items()][:10])
        notes.append(
            f"{sum(fleet.unmatched.values())} failures are of devices without readings and count nowhere: {named}"
        )
    if fleet.left_out["duplicates"]:
        notes.append(
            f"{fleet.left_out['duplicates']:,} readings repeat the device and time of another and are left out"
        )
    lost = any(table.faults for table in tables.values() if table is not None)
    return _end(notes, good=not lost and not fleet.unmatched)


def _table_lines(table: WholeTable, noun: str) -> Iterator[str]:
    given = table.rows - table.blank
    yield f"{table.path.name}: {len(table):,} of {given:,} {noun} would be taken, {given - len(table):,} left out"
    yield from fleet_folder.findings_of(table)


def _end(lines: Iterator[str] | list[str], *, good: bool) -> bool:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return good
