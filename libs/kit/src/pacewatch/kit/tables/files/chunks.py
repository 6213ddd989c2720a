"""The parts in which a file is read: memory does not grow with the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.tables.values.faults import Fault

CHUNK_ROWS: Final = 20_000


class Format(StrEnum):
    """The formats of a file."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows of a file. A row is a line, also one that is blank or cannot be parsed.

    `content` has the rows that could be parsed, as columns of Arrow by name, or as values of JSON; `places` are their
    places in the chunk, and `bad` has the places of rows that could not be parsed. `rows` counts all of them,
    `rows_before` those before the chunk; `line` is the first row's in the file. `bytes_done` is the position behind the
    chunk: with the number of rows it is all that a later reader needs to continue.
    """

    content: Mapping[str, Any] | list[Any]
    places: Ints
    rows: int
    bad: Sequence[tuple[int, Fault]]
    rows_before: int
    line: int
    bytes_done: int
    rows_total: int | None
    ignored: Sequence[str]

    @property
    def blank(self) -> int:
        """How many rows have nothing in them."""
        return self.rows - len(self.places) - len(self.bad)
