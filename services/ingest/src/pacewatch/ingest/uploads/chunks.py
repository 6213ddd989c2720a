"""The parts in which an uploaded file is read and stored."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from pacewatch.ingest.telemetry.checking import CheckedRows
from pacewatch.ingest.telemetry.columns import check_content
from pacewatch.ingest.telemetry.rules import Rules

CHUNK_ROWS: Final = 20_000


class Format(StrEnum):
    """The formats of an uploaded file."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


class ReaderEnded(Exception):
    """Reading the file stopped for a reason that may have nothing to do with the file."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows of a file, the position behind them, and the number of rows in the file, if known."""

    rows: int
    bytes_done: int
    rows_total: int | None
    ignored_columns: Sequence[str]
    content: "pa.Table | list[Any]"

    def check(self, rules: Rules, latest_s: float) -> CheckedRows:
        """The valid rows, and the errors of the others, numbered within the chunk."""
        checked = check_content(self.content, rules, latest_s)
        return CheckedRows(self.rows, *checked, self.ignored_columns, self.bytes_done, self.rows_total)


NextChunk = Callable[[], Awaitable[CheckedRows | None]]
"""The next chunk of a file, None at its end."""
OpenFile = Callable[[Path, Format, int, int], AbstractAsyncContextManager[NextChunk]]
"""Opens a file behind so many rows and bytes, until the block ends."""
