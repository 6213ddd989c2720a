"""uvicorn's HTTP with bounds that uvicorn lacks: on the head of a request, its size and its time, and on unread bodies.

nginx has the same bounds in front of separate services; these hold for direct connections.
"""

import asyncio
import json
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MAX_HEAD_BYTES: Final = 32_768
# From the connection, or from the first byte of a later request, to the end of the head.
HEAD_TIMEOUT_S: Final = 30.0
# A client that still sends its body gets so long to read the answer before the connection is closed.
LINGER_S: Final = 5.0


class HeadTooLarge(Exception):
    """Ends the parsing of a head."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    _head_bytes = 0
    _unfinished_bytes = 0
    _is_head_complete = False
    _is_body_complete = True
    _is_head_too_large = False
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer(HEAD_TIMEOUT_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._is_head_complete:
            # The parser keeps an unfinished line to itself, of any length.
            self._unfinished_bytes += len(data)
            if self._unfinished_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self._refuse(431, "head_too_large", _TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = self._unfinished_bytes = 0
        self._is_head_complete = self._is_body_complete = False
        self._start_timer(HEAD_TIMEOUT_S)

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_head_complete = True
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_body_complete = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_body_complete and not self.transport.is_closing():
            self._start_timer(LINGER_S)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the message is for people with a log
        if self._is_head_too_large:
            self._refuse(431, "head_too_large", _TOO_LARGE)
        else:
            self._refuse(400, "malformed_request", "this is not HTTP as we understand it")

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            self._is_head_too_large = True
            raise HeadTooLarge

    def _start_timer(self, timeout_s: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(timeout_s, self._on_timeout)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timeout(self) -> None:
        if self.transport.is_closing():
            return
        if self._is_head_complete:  # the answer was sent, and the body still arrives
            self.transport.close()
        else:
            self._refuse(408, "head_too_slow", f"the head of the request took longer than {HEAD_TIMEOUT_S:g} s")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer without the application, and close."""
        title = code.replace("_", " ")
        problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
        body = json.dumps(problem | {"code": code, "detail": detail}).encode()
        head = b"content-type: application/problem+json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()


_TOO_LARGE: Final = f"the address and headers of the request are larger than {MAX_HEAD_BYTES // 1024} KiB"
