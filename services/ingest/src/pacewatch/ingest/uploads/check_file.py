"""What an upload would do with a file, without a platform: the same as the dry run of the upload."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pacewatch.contracts.profile import Profile
from pacewatch.ingest.telemetry.checking import check_chunk
from pacewatch.ingest.telemetry.rules import rules_of
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.tables.files.readers import read_chunks
from pacewatch.kit.tables.files.whole import format_of
from pacewatch.kit.tables.findings import Finding, merged
from pacewatch.kit.tables.table import PLAIN, Dialect

REPEATED = "duplicate_in_batch"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The counts of an upload; `error` is why the file is refused, or empty. `rows_done` are accepted, duplicates and
    rejected together; blank rows are beside them.
    """

    rows_done: int
    accepted: int
    duplicates: int
    rejected: int
    blank_rows: int
    ignored_columns: Sequence[str]
    findings: Sequence[Finding]
    error_code: str
    error: str


def check_file(path: Path, profile: Profile, latest_s: float, dialect: Dialect = PLAIN) -> CheckedFile:
    """Read a file to its end; times after `latest_s` are in the future. Readings stored already are not looked up."""
    counts, findings, ignored = Counter[str](), list[Finding](), set[str]()
    code = why = ""
    rules = rules_of(profile)
    try:
        for chunk in read_chunks(path, format_of(path), rules.columns(), dialect):
            checked = check_chunk(chunk, rules, latest_s, dialect)
            repeated = checked.errors.counts[REPEATED]
            counts["rows_done"] += checked.received
            counts["accepted"] += len(checked.valid)
            counts["duplicates"] += repeated
            counts["rejected"] += checked.received - len(checked.valid) - repeated
            counts["blank_rows"] += checked.blank
            ignored.update(checked.ignored_columns)
            findings = merged([findings, checked.findings])
    except PacewatchError as error:
        code, why = error.code, error.message
    numbers = {name: counts[name] for name in ("rows_done", "accepted", "duplicates", "rejected", "blank_rows")}
    return CheckedFile(**numbers, ignored_columns=sorted(ignored), findings=findings, error_code=code, error=why)
