"""Processor time of the benchmark's processes by part, read from /proc; nothing where there is no /proc.

PostgreSQL counts with the connections of the benchmark's database and the server's own background processes, so that
other databases of a shared server stay out. RabbitMQ counts as a whole.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

EVERY_S = 1.0
_TICK_MS = 1_000 / os.sysconf("SC_CLK_TCK")
_BACKGROUND = ("checkpointer", "background writer", "walwriter", "autovacuum launcher")
Process = tuple[int, int]  # id, and when it started: ids come again


class ProcessorTime:
    """What each part used between `start` and the last `sample`.

    A process that ended between two samples is counted up to the one before.
    """

    def __init__(self, services: Mapping[str, int], database: str) -> None:
        self._services = {pid: name for name, pid in services.items()}
        self._database = database
        self._before: dict[Process, float] = {}
        self._used: dict[Process, float] = {}
        self._part_of: dict[Process, str] = {}

    def start(self) -> None:
        """What was used before now does not count."""
        self._used = {}
        self.sample()
        self._before = dict(self._used)

    def sample(self) -> None:
        """Read the processes that there are now."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                self._read(entry)
            except OSError:  # it has ended meanwhile
                continue

    def by_part(self) -> dict[str, float]:
        """Milliseconds of processor time by part, the largest first."""
        totals: dict[str, float] = defaultdict(float)
        for process, used_ms in self._used.items():
            totals[self._part_of[process]] += used_ms - self._before.get(process, 0.0)
        return dict(sorted(totals.items(), key=lambda one: -one[1]))

    def _read(self, entry: Path) -> None:
        name, fields = _stat(entry)
        process = (int(entry.name), int(fields[19]))
        part = self._part_of.get(process) or self._part(entry, name, parent=int(fields[1]))
        if part:
            self._part_of[process] = part
            self._used[process] = (int(fields[11]) + int(fields[12])) * _TICK_MS

    def _part(self, entry: Path, name: str, parent: int) -> str:
        if own := self._services.get(int(entry.name)) or self._services.get(parent):
            return own
        if name == "beam.smp":
            return "broker"
        if name == "postgres":
            title = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if f" {self._database} " in title or title.rstrip().endswith((self._database, *_BACKGROUND)):
                return "postgres"
        return ""


def _stat(entry: Path) -> tuple[str, list[str]]:
    """The name of a process, and the fields of its `stat` from the third on."""
    head, _, tail = (entry / "stat").read_text().rpartition(")")
    return head.partition("(")[2], tail.split()


@asynccontextmanager
async def measured(services: Mapping[str, int], database: str) -> AsyncIterator[ProcessorTime]:
    """Processor time from here to the end of the block."""
    used = ProcessorTime(services, database)
    used.start()

    async def keep_reading() -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            used.sample()

    reading = asyncio.create_task(keep_reading())
    try:
        yield used
        used.sample()
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
