"""How many uploads one sender may have open at a time: being received, queued or stored."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pacewatch.ingest.errors import TooManyUploads
from pacewatch.ingest.uploads import repository
from pacewatch.kit.db import Database


class OpenUploads:
    """Counts the uploads that this process receives; the others are in the table."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._received_now = Counter[str]()

    @asynccontextmanager
    async def one_more(self, database: Database, sender: str) -> AsyncIterator[None]:
        """Receive an upload until the block ends; TooManyUploads.

        The count has a transaction of its own: the request's would hold a connection while the body arrives.
        """
        self._received_now[sender] += 1
        try:
            async with database.transaction("ingest") as session:
                unfinished = await repository.count_unfinished(session, sender)
            if unfinished + self._received_now[sender] > self._most:
                raise TooManyUploads(f"you have {self._most} uploads that have not ended; wait until one has")
            yield
        finally:
            self._received_now[sender] -= 1
            if not self._received_now[sender]:
                del self._received_now[sender]
