"""Middleware of every request: hosts, limits of the body's size and time, correlation id, security headers, metrics."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pacewatch.kit import logs, metrics

CORRELATION_HEADER = b"x-correlation-id"
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_PORT = re.compile(r":\d+$", re.ASCII)
_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
_API_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
)
# What watches the processes asks them by other names.
_PROCESS_PATHS = frozenset({"/healthz", "/readyz"})


class AllowedHosts:
    """Refuses a request for a host name that is not ours: a page of a foreign name could reach a local server.

    `hosts` are names without ports; `*` allows all.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str], refuse: Callable[[str], ASGIApp]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_allowed(scope):
            await self._refuse("this server does not answer to that host name; see PACEWATCH_ALLOWED_HOSTS")(
                scope, receive, send
            )
            return
        await self._app(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        if "*" in self._hosts or scope["path"] in _PROCESS_PATHS:
            return True
        named = [str(value, "latin-1") for name, value in scope["headers"] if name == b"host"]
        return len(named) == 1 and _PORT.sub("", named[0]).lower() in self._hosts


# A body must make so much progress in so much time: 16 kB/s, less than any link that a fleet is sent over.
BODY_STEP_BYTES = 480_000
BODY_STEP_S = 30.0
# FastAPI parses a body on the event loop, key by key: 4 MiB of keys that no model has take it a second and 500 MiB.
SMALL_BODY_BYTES: Final = 64 * 1024
# The entry of the scope in which the router says what the route takes.
BODY: Final = "pacewatch.body"


class Body(NamedTuple):
    """What a route takes: so many bytes, None if it limits them itself; `on_part` is called for each part that came."""

    limit_bytes: int | None = SMALL_BODY_BYTES
    on_part: Callable[[], None] = lambda: None


class BodyLimit:
    """Refuses a body before it is parsed if it is slow, or larger than its route takes, with or without a length.

    Also one that is packed: nobody unpacks it, and it would be refused as damaged.

    No route takes more than `limit_bytes`, except those that limit their bodies themselves. FastAPI's own
    `max_body_size` would answer in plain text, and before the token is checked.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self._app = app
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        receive = _refuse_body(encoding) if (encoding := _encoding(scope)) else _receive_in_time(receive)
        content_length = _content_length(scope)
        received_bytes = 0

        async def receive_limited() -> Message:
            nonlocal received_bytes
            body: Body = scope.get(BODY, _SMALL)
            self._check(body, content_length)
            message = await receive()
            received_bytes += len(message.get("body", b""))
            self._check(body, received_bytes)
            body.on_part()
            return message

        await self._app(scope, receive_limited, send)

    def _check(self, body: Body, size_bytes: int) -> None:
        if body.limit_bytes is None or size_bytes <= (most := min(body.limit_bytes, self._limit_bytes)):
            return
        size = f"{most // 2**20} MiB" if most >= 2**20 else f"{most // 2**10} KiB"
        # HTTPException is the only error that FastAPI lets through while it reads a body.
        raise HTTPException(413, f"the body is larger than {size}, the most that this path takes; send less at once")


_SMALL: Final = Body()


def _receive_in_time(receive: Receive) -> Receive:
    """Raises a 408 when the body makes too little progress: a byte every few seconds is none."""
    now = asyncio.get_running_loop().time
    deadline_s, step_bytes, is_complete = now() + BODY_STEP_S, 0, False

    async def receive_in_time() -> Message:
        nonlocal deadline_s, step_bytes, is_complete
        if is_complete:  # what comes now is that the client has gone, at any time
            return await receive()
        try:
            async with asyncio.timeout_at(deadline_s):
                message = await receive()
        except TimeoutError:
            detail = f"less than {BODY_STEP_BYTES // 1_000} kB of the body came in {BODY_STEP_S:g} s; send it again"
            raise HTTPException(408, detail, {"Connection": "close"}) from None
        is_complete = not message.get("more_body", False)
        step_bytes += len(message.get("body", b""))
        if step_bytes >= BODY_STEP_BYTES:
            deadline_s, step_bytes = now() + BODY_STEP_S, 0
        return message

    return receive_in_time


def _refuse_body(encoding: str) -> Receive:
    async def refuse() -> Message:
        raise HTTPException(415, f"the body has the Content-Encoding {encoding}; send it unpacked")

    return refuse


def _encoding(scope: Scope) -> str:
    """What the body is packed with, by its header; empty if it is not."""
    for name, value in scope["headers"]:
        if name == b"content-encoding" and (text := str(value, "latin-1").strip().lower()) not in ("", "identity"):
            return text if _ID.fullmatch(text) else "of an unknown kind"
    return ""


def _content_length(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


class HeadAsGet:
    """Answers HEAD where GET is: the same status and headers, without the body.

    The server behind it still sees a HEAD, and writes no body. A response that streams ends where its body would begin.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        is_answered = False

        async def receive_until_answered() -> Message:
            return {"type": "http.disconnect"} if is_answered else await receive()

        async def send_head(message: Message) -> None:
            nonlocal is_answered
            if message["type"] == "http.response.start":
                is_answered = True
                await send(message)
                await send({"type": "http.response.body", "body": b""})

        await self._app({**scope, "method": "GET"}, receive_until_answered, send_head)


class ObserveRequest:
    """Binds the correlation id for logs and events, returns it in the response, and measures the request.

    `on_error` answers unexpected errors here, inside the correlation id; Starlette would answer them outside of it.
    """

    def __init__(self, app: ASGIApp, on_error: Callable[[Exception], ASGIApp]) -> None:
        self._app = app
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = _correlation_id_of(scope) or str(uuid4())
        api_headers = _API_HEADERS if scope["path"].startswith("/api/") else ()
        status = 0
        began_s = time.perf_counter()

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    (CORRELATION_HEADER, correlation_id.encode()),
                    *_SECURITY_HEADERS,
                    *(header for header in api_headers if header[0] not in given),
                ]
            await send(message)

        try:
            with logs.caused_by(correlation_id=correlation_id):
                try:
                    await self._app(scope, receive, send_observed)
                except Exception as error:
                    response = self._on_error(error)
                    if status:  # a part of the response was sent: the server can only close the connection
                        raise
                    await response(scope, receive, send_observed)
        finally:
            _measure(scope, status, time.perf_counter() - began_s)


def _measure(scope: Scope, status: int, elapsed_s: float) -> None:
    """Label by route and known method: clients must not be able to create labels."""
    route = getattr(scope.get("route"), "path", "unmatched")
    method = scope["method"] if scope["method"] in _METHODS else "other"
    metrics.HTTP_SECONDS.labels(method, route, status).observe(elapsed_s)


def _correlation_id_of(scope: Scope) -> str:
    for name, value in scope["headers"]:
        text = str(value, "latin-1")
        if name == CORRELATION_HEADER and _ID.fullmatch(text):
            return text
    return ""
