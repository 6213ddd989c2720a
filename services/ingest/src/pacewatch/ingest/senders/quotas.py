"""How many rows and bytes each sender may send in a day, by wall time and over all processes.

Batches must not wait for a counter in the database: each process counts in memory, and a loop adds the counts to the
table every few seconds and reads what other processes added. So a quota may be exceeded by a few seconds' worth.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from pacewatch.ingest.errors import QuotaExceeded
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit.db import Session
from pacewatch.kit.module import Resources

SHARE_EVERY_S: Final = 5.0
_KEPT_DAYS: Final = 7

_ADD = sa.text("""
    INSERT INTO ingest.sender_days AS stored (day, sender, rows, bytes)
    SELECT :day, sender, rows, bytes FROM unnest(
        CAST(:senders AS text[]), CAST(:rows AS bigint[]), CAST(:bytes AS bigint[])
    ) AS sent (sender, rows, bytes) ORDER BY sender
    ON CONFLICT (day, sender) DO UPDATE SET rows = stored.rows + excluded.rows, bytes = stored.bytes + excluded.bytes
""")
_ALL = sa.text("SELECT sender, rows, bytes FROM ingest.sender_days WHERE day = :day")
_PRUNE = sa.text("DELETE FROM ingest.sender_days WHERE day < :day")


class Quotas:
    """Counts what each sender sent today, and refuses more than the settings allow."""

    def __init__(self, settings: IngestSettings) -> None:
        self._max_rows = settings.quota_rows_per_day
        self._max_bytes = settings.quota_gib_per_day * 2**30
        self._day = _today()
        # What the table has, and what this process has to add to it.
        self._stored_rows, self._stored_bytes = Counter[str](), Counter[str]()
        self._new_rows, self._new_bytes = Counter[str](), Counter[str]()

    def check(self, sender: str) -> None:
        """QuotaExceeded, until midnight UTC, if the sender has sent a day's rows or bytes."""
        self._begin_day()
        for what, quota, stored, new in (
            ("rows", self._max_rows, self._stored_rows, self._new_rows),
            ("bytes", self._max_bytes, self._stored_bytes, self._new_bytes),
        ):
            if stored[sender] + new[sender] >= quota:
                error = QuotaExceeded(f"you have sent a day's {what}, {quota:,}; continue after midnight UTC")
                error.retry_after_s = _until_midnight_s()
                raise error

    def waiting(self) -> list[str]:
        """Senders that have sent a day's rows: what they have uploaded is stored from midnight UTC on."""
        self._begin_day()
        senders = {*self._stored_rows, *self._new_rows}
        return [one for one in senders if self._stored_rows[one] + self._new_rows[one] >= self._max_rows]

    def add(self, sender: str, rows: int = 0, size_bytes: int = 0) -> None:
        """Count what a sender sent, also if it is not accepted."""
        self._begin_day()
        self._new_rows[sender] += rows
        self._new_bytes[sender] += size_bytes

    async def counted(self, sender: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The pieces of a body; each counts as it comes, also if the body is never complete."""
        async for piece in pieces:
            self.add(sender, size_bytes=len(piece))
            yield piece

    async def share(self, resources: Resources) -> None:
        """A loop that brings table and memory together."""
        while True:
            async with resources.database.transaction("ingest") as session:
                await self.exchange(session)
            await asyncio.sleep(SHARE_EVERY_S)

    async def exchange(self, session: Session) -> None:
        """Add this process's counts to the table, and read everyone's."""
        self._begin_day()
        day, rows, sizes = self._day, +self._new_rows, +self._new_bytes
        if senders := sorted({*rows, *sizes}):
            values = {"rows": [rows[one] for one in senders], "bytes": [sizes[one] for one in senders]}
            await session.execute(_ADD, {"day": day, "senders": senders, **values})
            await session.execute(_PRUNE, {"day": day - timedelta(days=_KEPT_DAYS)})
        stored = (await session.execute(_ALL, {"day": day})).all()
        if day == self._day:
            self._new_rows.subtract(rows)
            self._new_bytes.subtract(sizes)
            self._stored_rows = Counter({row.sender: row.rows for row in stored})
            self._stored_bytes = Counter({row.sender: row.bytes for row in stored})

    def _begin_day(self) -> None:
        if self._day != (today := _today()):
            self._day = today
            for counter in (self._stored_rows, self._stored_bytes, self._new_rows, self._new_bytes):
                counter.clear()


def _today() -> date:
    return datetime.now(UTC).date()


def _until_midnight_s() -> int:
    now = datetime.now(UTC)
    return 86_400 - (now.hour * 3_600 + now.minute * 60 + now.second)
