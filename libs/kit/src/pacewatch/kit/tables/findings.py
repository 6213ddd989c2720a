"""What was found in a table: for each column and kind of fault how often, and the first row with its value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from pacewatch.contracts.tables.columns import Column, TableColumns
from pacewatch.kit.tables.table import TypedTable
from pacewatch.kit.tables.values.faults import WORDS, Fault

NOTE: Final = "note"
"""The code of a finding that is no fault."""

MAX_FINDINGS: Final = 100
_MAX_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """So many rows with the same fault in the same column; `line` is the first one's, in its file, from 1.

    `code` is that of the fault, or NOTE.
    """

    column: str
    code: str
    message: str
    count: int
    line: int
    value: str = ""

    def words(self) -> str:
        """One line for people."""
        where = f"{self.column}: " if self.column else ""
        value = f' "{self.value}"' if self.value else ""
        first = f" (first in line {self.line}{value})" if self.line else ""
        rows = f"{self.count:,} row{'s' if self.count != 1 else ''}: " if self.count else ""
        return f"{where}{rows}{self.message}{first}"


def message_of(fault: Fault, column: Column | None = None) -> str:
    """The words for a fault, with the bounds of its column."""
    text = WORDS[fault][1]
    if column is None:
        return text
    if fault is Fault.OUT_OF_RANGE:
        return f"{text} {column.low:g} and {column.high:g} {column.unit}".rstrip()
    if fault is Fault.NO_NUMBER and column.unit:
        return f"{text}, in {column.unit}"
    if fault is Fault.TOO_OLD:
        return f"{text} {datetime.fromtimestamp(column.low, UTC):%Y-%m-%d}, when no such device existed"
    if fault is Fault.UNKNOWN_VALUE:
        return f"{text} {', '.join(column.values)}"
    return text


def shown(value: Any) -> str:
    """A cell for people, shortened and without what cannot be printed."""
    text = "" if value is None else str(value)
    printable = "".join(char if char.isprintable() else "?" for char in text[:_MAX_SHOWN])
    return printable + "..." * (len(text) > _MAX_SHOWN)


class Sent:
    """The cells of a table as they were sent: columns of Arrow by name, or objects."""

    def __init__(self, content: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        self._content = content

    def cell(self, name: str, row: int) -> Any:
        """One cell; None if it is not there."""
        if not isinstance(self._content, Mapping):
            return self._content[row].get(name)
        return self._content[name][row].as_py() if name in self._content else None


def findings_of(typed: TypedTable, spec: TableColumns, lines: Any, sent: Sent) -> list[Finding]:
    """One finding for each column and fault, and for each note. `lines` are the rows' lines in their file."""
    found = list[Finding]()
    for name, faults in typed.faults.items():
        for fault in np.unique(faults[faults != 0]).tolist():
            rows = np.flatnonzero(faults == fault)
            first = int(rows[0])
            text = message_of(Fault(fault), spec[name])
            value = shown(sent.cell(name, first))
            found.append(Finding(name, WORDS[Fault(fault)][0], text, len(rows), int(lines[first]), value))
    found += [Finding(name, NOTE, note, count, 0) for (name, note), count in typed.notes.items()]
    return found


def row_findings(
    bad: Sequence[tuple[int, Fault]], others: Sequence[tuple[int, str, str, str]], lines: Any
) -> list[Finding]:
    """Findings on rows that could not be parsed, by line, and on fields that are not declared, by row."""
    parsed = [[Finding("", *WORDS[fault], 1, line)] for line, fault in bad]
    return merged([*parsed, *([Finding(name, code, text, 1, int(lines[row]))] for row, name, code, text in others)])


def merged(parts: Iterable[Iterable[Finding]]) -> list[Finding]:
    """The same findings of several parts of a file summed; of each the first line."""
    result = dict[tuple[str, str, str], Finding]()
    for finding in (one for part in parts for one in part):
        key = (finding.column, finding.code, finding.message)
        if (first := result.get(key)) is not None:
            result[key] = replace(first, count=first.count + finding.count)
        elif len(result) < MAX_FINDINGS:
            result[key] = finding
    return list(result.values())
