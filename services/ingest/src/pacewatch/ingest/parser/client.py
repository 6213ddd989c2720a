"""Checks bodies and files: JSON here, everything that a C library decodes in the parser's process.

JSON stays because its parser is linear and its cost is bounded before; sending it to another process would cost more.
"""

import asyncio
import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from pacewatch.contracts.profile import Profile
from pacewatch.ingest.errors import BodyTooCostly, FileTooCostly, ParserBusy
from pacewatch.ingest.parser import wire
from pacewatch.ingest.parser.process import KillableProcess, Killed, TooCostly
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.telemetry.bodies import MediaType, check_body
from pacewatch.ingest.telemetry.checking import CheckedRows
from pacewatch.ingest.telemetry.rules import rules_of
from pacewatch.ingest.uploads.chunks import NextChunk, ReaderEnded, Source
from pacewatch.kit import clock, logs
from pacewatch.kit.errors import Unavailable
from pacewatch.kit.tables.files import chunks

# The process may have to start first, and on a busy machine processor time comes late.
_FILE_WALL_S: Final = 60.0
# Less for a body, for which all others wait: so long to start, and so many seconds for each of processor time.
_START_S: Final = 10.0
_BUSY: Final = 3
# Bodies that may wait for the parser: each takes a few milliseconds, unless it is hostile.
_MAX_WAITING: Final = 32
# A file may cost as much as a body for each part of so many bytes, and a little more for each row that is worth it.
_PART_BYTES: Final = 4 * 2**20
_VALID_ROW_S: Final = 1e-5

log = logs.get(__name__)


class Parser:
    """One process for bodies and one for files, so that a batch never waits for a file; each starts on first use."""

    def __init__(self, profile: Profile, settings: IngestSettings) -> None:
        self._rules = rules_of(profile)
        self._tolerance_s = settings.clock_tolerance_s
        self._cpu_s = settings.parser_cpu_s
        module, greeting = "pacewatch.ingest.parser.child", pickle.dumps(profile)
        self.bodies = KillableProcess(module, greeting, settings.parser_memory_mib)
        self.files = KillableProcess(module, greeting, settings.parser_memory_mib)
        self._waiting = 0

    def close(self) -> None:
        """End both processes."""
        self.bodies.close()
        self.files.close()

    async def check_body(self, body: bytes, media_type: MediaType) -> CheckedRows:
        """The rows of a batch; Unprocessable if it is none, ParserBusy if too many others wait."""
        if media_type is MediaType.JSON:
            return check_body(body, media_type, self._rules, self._latest_s())
        if self._waiting >= _MAX_WAITING:
            raise ParserBusy()
        self._waiting += 1
        try:
            rows = await self._check_body_twice(body, media_type)
        except Killed as killed:
            log.warning("body_refused", reason=str(killed), bytes=len(body))
            raise BodyTooCostly() from None
        except OSError as error:
            raise Unavailable("the parser cannot be started; try again in a moment") from error
        finally:
            self._waiting -= 1
        assert rows is not None  # noqa: S101 - a body has rows, or an error
        return rows

    async def _check_body_twice(self, body: bytes, media_type: MediaType) -> CheckedRows | None:
        """Again, if the parser ends for a reason that may have nothing to do with the body."""
        wall_s = _START_S + _BUSY * self._cpu_s
        ask = partial(self._ask, self.bodies, self._cpu_s, "body", body, media_type, self._latest_s(), wall_s=wall_s)
        try:
            return (await ask())[0]
        except TooCostly:
            raise
        except Killed as killed:
            log.warning("body_tried_again", reason=str(killed), bytes=len(body))
        return (await ask())[0]

    @asynccontextmanager
    async def open_file(self, source: Source) -> AsyncIterator[NextChunk]:
        """Gives the chunks behind what was read, one by one; the file is closed when the block ends.

        FileTooCostly if the whole file costs too much; ReaderEnded or OSError if the parser ends for another reason, or
        cannot be started.
        """
        parts = await asyncio.to_thread(_size, source.path) / _PART_BYTES
        left_s = self._cpu_s * max(1, parts) + source.rows_done * _VALID_ROW_S

        async def next_chunk() -> CheckedRows | None:
            nonlocal left_s
            try:
                # A timer of 0 would be none.
                rows, took_s = await self._ask(self.files, max(left_s, 0.001), "next", self._latest_s())
            except TooCostly as costly:
                log.warning("file_refused", reason=str(costly))
                raise FileTooCostly() from None
            except Killed as killed:
                raise ReaderEnded(str(killed)) from None
            left_s += (len(rows.valid) * _VALID_ROW_S if rows else 0) - took_s
            return rows

        try:
            try:
                await self._ask(self.files, left_s, "open", source, chunks.CHUNK_ROWS)
            except Killed as killed:
                raise ReaderEnded(str(killed)) from None
            yield next_chunk
        finally:
            with suppress(Killed, OSError):
                await self._ask(self.files, self._cpu_s, "close")

    async def _ask(
        self, process: KillableProcess, cpu_s: float, *request: Any, wall_s: float = _FILE_WALL_S
    ) -> tuple[CheckedRows | None, float]:
        """What the parser replies, and the seconds of processor time it took."""
        reply, took_s = await process.ask(pickle.dumps(request), cpu_s, wall_s)
        try:
            return wire.unpacked(reply), took_s
        except wire.Damaged as damaged:
            process.kill()
            raise Killed(f"the reply is damaged: {damaged}") from None

    def _latest_s(self) -> float:
        return clock.now_s() + self._tolerance_s


def _size(path: Path) -> int:
    """In bytes; 0 if the file is missing, which the parser reports."""
    return path.stat().st_size if path.exists() else 0
