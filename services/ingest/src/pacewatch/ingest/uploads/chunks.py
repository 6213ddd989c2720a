"""The parts in which an uploaded file is read and stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pyarrow as pa

from pacewatch.contracts.telemetry import RowError
from pacewatch.ingest.telemetry.checking import ValidRows
from pacewatch.ingest.telemetry.columns import check_content
from pacewatch.ingest.telemetry.rules import Rules

CHUNK_ROWS: Final = 20_000


class Format(StrEnum):
    """The formats of an uploaded file."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows of a file, the position behind them, and the number of rows in the file, if known."""

    rows: int
    bytes_done: int
    rows_total: int | None
    ignored_columns: Sequence[str]
    content: "pa.Table | list[Any]"

    def check(self, rules: Rules, latest_s: float) -> tuple[ValidRows, list[RowError]]:
        """The valid rows, and the errors of the others, numbered within the chunk."""
        return check_content(self.content, rules, latest_s)
