"""The latest events as server-sent events: resumable by number, alive while nothing happens, over with its token."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from pacewatch.gateway.live.tailer import Tailer
from pacewatch.gateway.schemas import LiveEvent
from pacewatch.kit.db import Database

KEEP_ALIVE_S: Final = 15.0
# How soon a stream notices that the process is stopping.
NOTICE_S: Final = 1.0
OPENING: Final = b"retry: 2000\n: welcome\n\n"
KEEP_ALIVE: Final = b": still here\n\n"


async def stream(
    tailer: Tailer, database: Database, *, after: int, expires_at: datetime, stopping: asyncio.Event
) -> AsyncIterator[bytes]:
    """Frames of what comes after number `after`. No connection is held between two looks, and nothing is queued."""
    yield OPENING
    spoke_s = time.monotonic()
    while not stopping.is_set() and time.time() < expires_at.timestamp():
        news = tailer.news
        events = await tailer.after(after, database)
        if events:
            yield b"".join(map(frame, events))
            after = events[-1].seq
        elif time.monotonic() - spoke_s >= KEEP_ALIVE_S:
            yield KEEP_ALIVE
        else:
            await _rung(news, NOTICE_S)
            continue
        spoke_s = time.monotonic()


def frame(event: LiveEvent) -> bytes:
    """One event; JSON has no line breaks outside its strings and escapes those within."""
    return f"id: {event.seq}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n".encode()


async def _rung(news: asyncio.Event, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await news.wait()
    except TimeoutError:
        pass
