"""Processor time and memory of a process and its children, read from /proc."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_EVERY_S: Final = 0.02


class Usage:
    """Of one process; its memory now is what growth counts from."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before = self._peak = self._resident()

    def cpu_s(self) -> float:
        """Seconds used so far by the process, its children, and those of them that have ended."""
        ticks = sum(self._ticks(self._pid))
        for child in self._children():
            with suppress(OSError):
                ticks += sum(self._ticks(child)[:2])
        return ticks / _TICKS_PER_S

    def growth(self) -> tuple[int, int]:
        """By how many bytes the resident memory had grown at most: with children, and without."""
        return self._peak[0] - self._before[0], self._peak[1] - self._before[1]

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Look at the memory until the block ends."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            with_children, alone = self._resident()
            self._peak = max(self._peak[0], with_children), max(self._peak[1], alone)
            await asyncio.sleep(_EVERY_S)

    def _resident(self) -> tuple[int, int]:
        own = self._pages(self._pid)
        total = own
        for child in self._children():
            with suppress(OSError):
                total += self._pages(child)
        return total * _PAGE_BYTES, own * _PAGE_BYTES

    def _children(self) -> list[int]:
        text = "".join(task.read_text() for task in Path(f"/proc/{self._pid}/task").glob("*/children"))
        return [int(child) for child in text.split()]

    @staticmethod
    def _pages(pid: int) -> int:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])

    @staticmethod
    def _ticks(pid: int) -> list[int]:
        """Of the process in user and kernel mode, then of its children that have ended."""
        return [int(field) for field in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]]
