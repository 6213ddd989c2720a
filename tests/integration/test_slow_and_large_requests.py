"""Requests that send too slowly or too much, over a plain connection, directly and through a real nginx."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from servers.nginx import SERVICES, OwnNginx
from support.platform.bounded_service import PATH, TOKEN, bounded_service

from pacewatch.kit.http import middleware
from pacewatch.launcher.runtime import protocol

StartNginx = Callable[..., Awaitable[OwnNginx]]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(scope="module")
async def service() -> AsyncIterator[int]:
    async with bounded_service() as port:
        yield port


@pytest.fixture(scope="module", params=["direct", "nginx"])
async def port(
    request: pytest.FixtureRequest, service: int, own_nginx: StartNginx, tmp_path_factory: pytest.TempPathFactory
) -> int:
    if request.param == "direct":
        return service
    upstreams = dict.fromkeys(SERVICES, f"127.0.0.1:{service}")
    return (await own_nginx(upstreams, tmp_path_factory.mktemp("dashboard"))).port


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


def head(length: int, token: str = TOKEN) -> bytes:
    lines = [f"POST {PATH} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"]
    lines += ["Content-Type: application/json", f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


async def trickle(writer: asyncio.StreamWriter, every_s: float) -> None:
    while True:
        writer.write(b" ")
        await asyncio.sleep(every_s)


@asynccontextmanager
async def trickling(writer: asyncio.StreamWriter, every_s: float = 0.1) -> AsyncIterator[None]:
    task = asyncio.create_task(trickle(writer, every_s))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_body_that_comes_byte_by_byte_gets_a_408(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "BODY_STEP_S", 1.0)
    async with connected(port) as (reader, writer), asyncio.timeout(10):
        writer.write(head(1_000))
        async with trickling(writer):
            answer = await reader.read(4_096)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"body_too_slow" in answer


async def test_a_body_that_makes_progress_may_take_longer(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "BODY_STEP_S", 1.0)
    monkeypatch.setattr(middleware, "BODY_STEP_BYTES", 3)
    body = b'{"text": "some words"}'
    async with connected(port) as (reader, writer), asyncio.timeout(20):
        writer.write(head(len(body)))
        for byte in body:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.1)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")


async def test_who_may_not_send_is_answered_before_the_body_is_read(port: int) -> None:
    async with connected(port) as (reader, writer), asyncio.timeout(10):
        writer.write(head(900_000, token="wrong"))
        assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("lines", [1, 500])
async def test_a_large_head_is_refused(service: int, lines: int) -> None:
    async with connected(service) as (reader, writer), asyncio.timeout(10):
        header = b"X-Filler: " + b"x" * (50_000 // lines) + b"\r\n"
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + header * lines + (b"\r\n" if lines > 1 else b""))
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"head_too_large" in answer


@pytest.mark.parametrize("start", [b"", b"GET / HTTP/1.1\r\nX-Filler: "])
async def test_a_head_that_does_not_end_gets_a_408(service: int, start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT_S", 0.5)
    async with connected(service) as (reader, writer), asyncio.timeout(10):
        writer.write(start)
        async with trickling(writer) if start else connected(service):
            answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"head_too_slow" in answer


async def test_a_connection_whose_body_goes_on_after_the_answer_is_closed(
    service: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "LINGER_S", 0.5)
    async with connected(service) as (reader, writer), asyncio.timeout(10):
        writer.write(head(900_000, token="wrong"))
        async with trickling(writer):
            assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
            with suppress(ConnectionError):  # a byte that arrives after the close is answered with a reset
                await reader.read()


async def test_a_connection_serves_further_requests(service: int) -> None:
    body = b'{"text": "x"}'
    async with connected(service) as (reader, writer), asyncio.timeout(10):
        for _ in range(3):
            writer.write(head(len(body)) + body)
            answer = await reader.readuntil(b'{"length":1}')
            assert answer.startswith(b"HTTP/1.1 200 ")
