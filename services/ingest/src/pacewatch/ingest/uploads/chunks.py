"""The parts in which an uploaded file is read and stored."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from pacewatch.ingest.telemetry.checking import CheckedRows
from pacewatch.kit.tables.files.chunks import Format
from pacewatch.kit.tables.table import PLAIN, Dialect


class ReaderEnded(Exception):
    """Reading the file stopped for a reason that may have nothing to do with the file."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file, how it is written, and how much of it was read: so many rows (lines), and bytes."""

    path: Path
    format: Format
    dialect: Dialect = PLAIN
    rows_done: int = 0
    bytes_done: int = 0


NextChunk = Callable[[], Awaitable[CheckedRows | None]]
"""The next chunk of a file, None at its end."""
OpenFile = Callable[[Source], AbstractAsyncContextManager[NextChunk]]
"""Opens a file behind what was read of it, until the block ends."""
