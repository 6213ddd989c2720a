"""Reads a whole file as one typed table: what a report or a check needs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow.parquet as pq

from pacewatch.contracts.tables.columns import ColumnKind, TableColumns
from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.tables.errors import FileUnreadable
from pacewatch.kit.tables.files.chunks import Chunk, Format
from pacewatch.kit.tables.files.csv_file import read_head
from pacewatch.kit.tables.files.readers import read_chunks
from pacewatch.kit.tables.findings import NOTE, Finding, Sent, findings_of, merged, row_findings
from pacewatch.kit.tables.json_rows import row_fault, type_rows
from pacewatch.kit.tables.table import PLAIN, Dialect, TypedTable, type_table
from pacewatch.kit.tables.values.devices import NAME_BASE

FORMATS: Final[Mapping[str, Format]] = {
    ".csv": Format.CSV,
    ".txt": Format.CSV,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".parquet": Format.PARQUET,
}


@dataclass(frozen=True, slots=True)
class WholeTable:
    """The rows of a file without a fault, in its order; of all `rows`, `blank` ones had nothing in them.

    An id from NAME_BASE on is that of the name at this place in `names`. `findings` are all faults and notes; `lines`
    are the rows' lines in the file.
    """

    path: Path
    columns: Mapping[str, Any]
    lines: Ints
    names: tuple[str, ...]
    findings: tuple[Finding, ...]
    ignored: tuple[str, ...]
    rows: int
    blank: int

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that cost rows."""
        return tuple(one for one in self.findings if one.code != NOTE)

    def texts_of(self, ids: Ints) -> list[str]:
        """Devices as they are written."""
        return [self.names[one - NAME_BASE] if one >= NAME_BASE else str(one) for one in ids.tolist()]


def format_of(path: Path) -> Format:
    """By the ending of the name; FileUnreadable."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise FileUnreadable(f"the name of {path.name} must end in {', '.join(FORMATS)}") from None


def column_names(path: Path, dialect: Dialect = PLAIN) -> list[str]:
    """The names in the header; of NDJSON none."""
    kind = format_of(path)
    if kind is Format.NDJSON:
        return []
    with path.open("rb") as file:
        return list(pq.read_schema(path).names) if kind is Format.PARQUET else _csv_names(file, dialect)


def _csv_names(file: BinaryIO, dialect: Dialect) -> list[str]:
    return read_head(file, dialect)[0]


def read_whole(path: Path, spec: TableColumns, dialect: Dialect = PLAIN) -> WholeTable:
    """The whole file; Unprocessable if it cannot be read. Columns that are not declared are ignored."""
    parts = list[tuple[Mapping[str, Any], Ints]]()
    findings, names = list[list[Finding]](), dict[str, int]()
    rows, blank, ignored = 0, 0, Counter[str]()
    for chunk in read_chunks(path, format_of(path), spec, dialect, others_ignored=True):
        typed, places, found = _typed(chunk, spec, dialect)
        findings.append(found)
        is_good = ~typed.is_faulty
        columns = {name: values[is_good] for name, values in typed.columns.items()}
        for column in spec.columns:
            if column.kind is ColumnKind.DEVICE:
                columns[column.name] = _renamed(columns[column.name], typed.names, names)
        parts.append((columns, places[is_good] + chunk.line))
        rows, blank = rows + chunk.rows, blank + chunk.blank
        ignored.update(dict.fromkeys(chunk.ignored, 1))
    columns = {name: np.concatenate([part[name] for part, _ in parts]) if parts else np.empty(0) for name in spec.names}
    lines = np.concatenate([own for _, own in parts]) if parts else np.empty(0, dtype=np.int64)
    return WholeTable(path, columns, lines, tuple(names), tuple(merged(findings)), tuple(ignored), rows, blank)


def _typed(chunk: Chunk, spec: TableColumns, dialect: Dialect) -> tuple[TypedTable, Ints, list[Finding]]:
    content, places, bad = chunk.content, chunk.places, [*chunk.bad]
    if isinstance(content, list):
        is_object = np.array([type(row) is dict for row in content], dtype=np.bool_)
        bad += [(int(places[n]), row_fault(content[n])) for n in np.flatnonzero(~is_object)]
        content, places = [row for row in content if type(row) is dict], places[is_object]
        lower = {name: name.lower() for row in content for name in row}
        content = [{_declared(lower[name], spec): value for name, value in row.items()} for row in content]
        typed = type_rows(content, spec, dialect)
    else:
        typed = type_table(content, len(places), spec, dialect)
    lines = places + chunk.line
    found = findings_of(typed, spec, lines, Sent(content))
    return typed, places, found + row_findings([(place + chunk.line, fault) for place, fault in bad], (), lines)


def _declared(name: str, spec: TableColumns) -> str:
    return next((one.name for one in spec.columns if name in (one.name.lower(), *one.aliases)), name)


def _renamed(ids: Ints, own: tuple[str, ...], names: dict[str, int]) -> Ints:
    """With the places of names in one chunk replaced by those in `names`, which is filled."""
    if not own or not (ids >= NAME_BASE).any():
        return ids
    used = np.unique(ids[ids >= NAME_BASE]) - NAME_BASE
    place_of = np.zeros(len(own), dtype=np.int64)
    place_of[used] = [names.setdefault(own[place], len(names)) for place in used.tolist()]
    result = ids.copy()
    result[ids >= NAME_BASE] = NAME_BASE + place_of[ids[ids >= NAME_BASE] - NAME_BASE]
    return result


def with_numbers(ids: Ints, names: tuple[str, ...], known: Mapping[str, int]) -> Ints:
    """The ids with those of names replaced by the numbers that several files agree on."""
    if not names:
        return ids
    own = np.array([known[name] for name in names], dtype=np.int64)
    return np.where(ids >= NAME_BASE, own[np.maximum(ids - NAME_BASE, 0)], ids)
