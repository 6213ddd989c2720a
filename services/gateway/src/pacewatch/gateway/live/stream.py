"""The live stream as server-sent events: it resumes by number, sends keep-alives, and ends with its token."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from pacewatch.gateway.errors import TooManyStreams
from pacewatch.gateway.live.schemas import LiveEvent
from pacewatch.gateway.live.tailer import Tailer
from pacewatch.kit.db import Database
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.http.auth import Principal, Verifier
from pacewatch.kit.http.masking import masker

KEEP_ALIVE_S: Final = 15.0
# How long a stream may take to notice that the process is stopping, or that its token was revoked.
STOP_CHECK_S: Final = 1.0
OPENING: Final = b"retry: 2000\n: welcome\n\n"
KEEP_ALIVE: Final = b": still here\n\n"


class OpenStreams:
    """Counts the streams of each account or key in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = Counter[str]()

    @contextmanager
    def one_more(self, name: str) -> Iterator[None]:
        """A stream of `name` is open until the block ends; TooManyStreams."""
        if self._open[name] >= self._most:
            raise TooManyStreams()
        self._open[name] += 1
        try:
            yield
        finally:
            self._open -= Counter({name: 1})


class CountedStream(StreamingResponse):
    """A stream that counts from when it is sent to when it ends, however it ends; or it is not sent at all."""

    def __init__(
        self, streams: OpenStreams, name: str, frames: AsyncIterator[bytes], headers: Mapping[str, str]
    ) -> None:
        super().__init__(frames, media_type="text/event-stream", headers=headers)
        self._streams, self._name = streams, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.one_more(self._name):
            await super().__call__(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads a stream, and what ends it."""

    verifier: Verifier
    principal: Principal
    stopping: asyncio.Event

    def may_go_on(self) -> bool:
        """Whether the process runs, and the token is still valid as far as this process knows."""
        try:
            self.verifier.check(self.principal)
        except PacewatchError:
            return False
        return not self.stopping.is_set()


async def stream(tailer: Tailer, database: Database, after: int, reading: Reading) -> AsyncIterator[bytes]:
    """Frames of the events after number `after`. Between two reads it holds no connection and queues nothing.

    It ends when a backup is restored: its numbers mean nothing then, and the reader starts over.
    """
    yield OPENING
    hide = masker(reading.principal)
    last_sent_s, restarts = time.monotonic(), tailer.restarts
    while reading.may_go_on() and tailer.restarts == restarts:
        new_events = tailer.new_events
        events = await tailer.read_after(after, database)
        if events:
            yield hide(b"".join(map(to_frame, events)))
            after = events[-1].seq
        elif time.monotonic() - last_sent_s >= KEEP_ALIVE_S:
            yield KEEP_ALIVE
        else:
            await _wait(new_events, STOP_CHECK_S)
            continue
        last_sent_s = time.monotonic()


def to_frame(event: LiveEvent) -> bytes:
    """One event as a frame. JSON has no line breaks outside its strings, and escapes those inside them."""
    return f"id: {event.seq}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n".encode()


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass
