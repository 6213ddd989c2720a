"""How long a revoked right still works: every way of ending an account, for everything an account can have.

The services are processes of their own over RabbitMQ. `measure` gives the seconds; as a program, the last line is JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))

from load.deployment import deploy
from support.platform.processes import Platform, create_platform

TARGETS = ("gateway", "ingest", "inference")
SUPERUSER = ("ada@example.org", "correct horse battery")
PASSWORD, NEW_PASSWORD = "bobs password", "another password"
CHANGES = ("disable", "demote", "delete", "password", "own password")
RIGHTS = ("token at ingest", "token at inference", "token at gateway", "stream", "refresh", "key at ingest", "upload")
KEY_SCOPES = ["fleet:read", "telemetry:write"]
POLL_S, GIVE_UP_S = 0.02, 30.0


@dataclass
class Person:
    """An account with a token, a login, a stream that is open, a key, and an upload that the key has begun."""

    id: str
    token: str
    cookie: str
    key: str
    stream: httpx.Response
    upload: tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def measure() -> dict[str, dict[str, float]]:
    """Seconds from the answer to the change until each right was refused, by change."""
    async with _platform() as platform, AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=60))
        ada, _ = await _log_in(client, platform, *SUPERUSER)
        return {change: await _measure_one(platform, client, ada, change, stack) for change in CHANGES}


async def measure_restart() -> bool:
    """Whether a process that is restarted after the change refuses the token in its first answer."""
    async with _platform() as platform, AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=60))
        ada, _ = await _log_in(client, platform, *SUPERUSER)
        bob = await _create(platform, client, ada, stack)
        await platform.processes["ingest"].kill()
        await _change(platform, client, ada, bob, "delete")
        await platform.processes["ingest"].start()
        await platform.processes["ingest"].ready()
        return await _is_refused(client, platform.url("telemetry/summary"), bob.token)


async def _measure_one(
    platform: Platform, client: httpx.AsyncClient, ada: str, change: str, stack: AsyncExitStack
) -> dict[str, float]:
    bob = await _create(platform, client, ada, stack)
    await _change(platform, client, ada, bob, change)
    began_s = time.monotonic()

    async def until(is_over: Callable[[], Awaitable[bool]]) -> float:
        while not await is_over():
            if time.monotonic() - began_s > GIVE_UP_S:
                return float("inf")
            await asyncio.sleep(POLL_S)
        return time.monotonic() - began_s

    async def refused(path: str, token: str) -> bool:
        return await _is_refused(client, platform.url(path), token)

    async def stream_ended() -> bool:
        async for _ in bob.stream.aiter_bytes():
            pass
        return True

    async def refresh_refused() -> bool:
        cookies = {"Cookie": f"pacewatch_refresh={bob.cookie}"}
        return (await client.post(platform.url("auth/refresh"), headers=cookies)).status_code == 401

    seconds = await asyncio.gather(
        until(lambda: refused("telemetry/summary", bob.token)),
        until(lambda: refused("risk", bob.token)),
        until(lambda: refused("clock", bob.token)),
        until(stream_ended),
        until(refresh_refused),
        until(lambda: refused("telemetry/summary", bob.key)),
        until(lambda: _has_ended(*bob.upload)),
    )
    return dict(zip(RIGHTS, seconds, strict=True))


async def _create(platform: Platform, client: httpx.AsyncClient, ada: str, stack: AsyncExitStack) -> Person:
    email = f"{uuid4().hex}@example.org"
    new = {"email": email, "password": PASSWORD, "role": "superuser"}
    user = (await client.post(platform.url("users"), json=new, headers=_bearer(ada))).json()
    token, cookie = await _log_in(client, platform, email, PASSWORD)
    key = await client.post(
        platform.url("api-keys"), json={"name": email, "scopes": KEY_SCOPES}, headers=_bearer(token)
    )
    request = client.stream("GET", platform.url("live"), headers=_bearer(token), timeout=GIVE_UP_S)
    stream = await stack.enter_async_context(request)
    upload = await _begin_upload(platform, key.json()["token"])
    person = Person(user["id"], token, cookie, key.json()["token"], stream, upload)
    for path in ("telemetry/summary", "risk", "clock"):
        for right in (person.token, person.key):
            answer = await client.get(platform.url(path), headers=_bearer(right))
            assert answer.is_success, answer.text
    assert stream.is_success
    return person


async def _begin_upload(platform: Platform, key: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection over which the first byte of a file has come."""
    connection = await asyncio.open_connection("127.0.0.1", platform.processes["ingest"].port)
    head = "POST /api/v1/telemetry/uploads?format=csv HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
    connection[1].write(f"{head}Authorization: Bearer {key}\r\n\r\nx".encode())
    return connection


async def _has_ended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Whether the upload is refused, with one byte more."""
    writer.write(b"x")
    with suppress(TimeoutError):
        return (await asyncio.wait_for(reader.readline(), POLL_S)).startswith(b"HTTP/1.1 401 ")
    return False


async def _change(platform: Platform, client: httpx.AsyncClient, ada: str, person: Person, change: str) -> None:
    path, body = platform.url(f"users/{person.id}"), {"disable": {"disabled": True}, "demote": {"role": "viewer"}}
    if change == "delete":
        answer = await client.delete(path, headers=_bearer(ada))
    elif change == "own password":
        passwords = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
        answer = await client.post(platform.url("auth/password"), json=passwords, headers=_bearer(person.token))
    else:
        answer = await client.patch(path, json=body.get(change, {"password": NEW_PASSWORD}), headers=_bearer(ada))
    assert answer.is_success, answer.text


async def _log_in(client: httpx.AsyncClient, platform: Platform, email: str, password: str) -> tuple[str, str]:
    answer = await client.post(platform.url("auth/login"), data={"username": email, "password": password})
    assert answer.is_success, answer.text
    client.cookies.clear()
    return answer.json()["access_token"], answer.cookies["pacewatch_refresh"]


async def _is_refused(client: httpx.AsyncClient, url: str, token: str) -> bool:
    return (await client.get(url, headers=_bearer(token))).status_code == 401


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def _platform() -> AsyncIterator[Platform]:
    """The services of TARGETS with a first superuser."""
    email, password = SUPERUSER
    async with AsyncExitStack() as stack:
        own = await deploy(
            stack,
            PACEWATCH_SUPERUSER_EMAIL=email,
            PACEWATCH_SUPERUSER_PASSWORD=password,
            PACEWATCH_DATABASE_POOL_SIZE="5",
        )
        platform = create_platform(own.settings, own.folder, TARGETS)
        stack.push_async_callback(platform.stop)
        await platform.start()
        yield platform


async def _main() -> None:
    seconds, restarted = await measure(), await measure_restart()
    for change, rights in seconds.items():
        print(change, " ".join(f"{right}: {value:.2f} s" for right, value in rights.items()))  # noqa: T201
    worst_s = max(value for rights in seconds.values() for value in rights.values())
    print(json.dumps({"revoked_within_s": round(worst_s, 2), "restarted_process_refuses": restarted}))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_main())
