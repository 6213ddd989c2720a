"""The live stream sends every event once and in order, until its token expires."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from support.alerts import alert_raised
from support.platform.in_process import InProcess
from support.waiting import until

from pacewatch.contracts.accounts import Scope
from pacewatch.gateway.live import repository as live_events
from pacewatch.gateway.live import tailer
from pacewatch.gateway.live.tailer import Tailer
from pacewatch.kit.messaging import relay, restore

from .conftest import Start

pytestmark = pytest.mark.servers

Frame = tuple[int, str, dict[str, Any]]
Stream = AsyncIterator[Frame]


@asynccontextmanager
async def open_stream(process: InProcess, **arguments: Any) -> AsyncIterator[Stream]:
    """Frames as (id, type, data)."""
    async with (
        process.client() as client,
        client.stream("GET", "/live", timeout=None, **arguments) as response,
    ):
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["X-Accel-Buffering"] == "no"
        yield parse_frames(response)


async def parse_frames(response: httpx.Response) -> Stream:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        if name in ("id", "event", "data"):
            fields[name] = value
        elif not line and "data" in fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {}


async def read(stream: Stream, count: int) -> list[Frame]:
    return [await anext(stream) for _ in range(count)]


async def emit_alerts(process: InProcess, count: int) -> None:
    """Emit `count` alerts, and return when all are in the table."""
    async with process.database.transaction("gateway") as session:
        before = await live_events.newest_seq(session)
    await process.publish(*(alert_raised(device_id=n) for n in range(count)), service="gateway")

    async def stored() -> bool:
        async with process.database.transaction("gateway") as session:
            return await live_events.newest_seq(session) >= before + count

    await until(stored)


async def test_event_is_streamed_without_waiting_for_a_poll(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "POLL_S", 3_600)
    monkeypatch.setattr(tailer, "POLL_S", 3_600)
    async with start() as gateway, open_stream(gateway) as stream:
        alert = alert_raised(device_id=99)
        await gateway.publish(alert, service="gateway")
        [(seq, type_, data)] = await read(stream, 1)
        assert (type_, data["type"], data["subject"]) == ("alert.raised", "alert.raised", "99")
        assert data["seq"] == seq
        assert data["summary"]["alert_id"] == str(alert.alert_id)


@pytest.mark.parametrize("how", ["header", "query"])
async def test_stream_resumes_after_the_last_event_id(gateway: InProcess, how: str) -> None:
    await emit_alerts(gateway, 5)
    async with gateway.client() as client:
        recent = (await client.get("/live/recent", params={"limit": 3})).json()
    numbers = [item["seq"] for item in recent["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert recent["last_seq"] == numbers[0]
    last = str(numbers[-1])
    by_header, by_query = {"headers": {"Last-Event-ID": last}}, {"params": {"last_event_id": last}}
    async with open_stream(gateway, **(by_header if how == "header" else by_query)) as stream:
        assert [seq for seq, _, _ in await read(stream, 2)] == sorted(numbers[:-1])


async def test_streams_of_two_processes_send_the_same_events(start: Start) -> None:
    async with start() as one, start() as two, open_stream(one) as first, open_stream(two) as second:
        await emit_alerts(one, 20)
        await emit_alerts(two, 20)
        assert await read(first, 40) == await read(second, 40)


async def test_stream_that_is_far_behind_reads_from_the_table_and_skips_nothing(start: Start) -> None:
    async with start() as process:
        await emit_alerts(process, 30)
        reader = Tailer(cached_events=5)
        await reader.read_new(process.database)
        first = reader.newest_seq - 30
        await emit_alerts(process, 30)
        while await reader.read_new(process.database):
            pass
        seen: list[int] = []
        while events := await reader.read_after(seen[-1] if seen else first, process.database):
            seen += [event.seq for event in events]
        assert seen == list(range(first + 1, first + 61))


async def test_transaction_that_commits_late_is_not_skipped(gateway: InProcess) -> None:
    """With a plain sequence it would get the lower number, and a reader already past that number would skip it."""
    async with open_stream(gateway) as stream:

        async def append(name: str, seconds_before_commit: float) -> None:
            async with gateway.database.transaction("gateway") as session:
                await live_events.append(session, type_="t", subject=name, correlation_id="", summary={})
                await asyncio.sleep(seconds_before_commit)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(append("slow", 1.0))
            await asyncio.sleep(0.2)
            tasks.create_task(append("fast", 0.0))
        assert [data["subject"] for _, _, data in await read(stream, 2)] == ["slow", "fast"]


async def test_streams_hold_no_connection(gateway: InProcess) -> None:
    streams = [open_stream(gateway) for _ in range(30)]
    opened = [await stream.__aenter__() for stream in streams]

    async def idle() -> bool:
        return gateway.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]

    await until(idle, every_s=0.01)
    await emit_alerts(gateway, 1)
    assert all([await read(stream, 1) for stream in opened])
    for stream in streams:
        await stream.__aexit__(None, None, None)


async def test_an_account_with_too_many_streams_gets_a_429_until_one_ends(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACEWATCH_STREAMS_PER_ACCOUNT", "2")
    async with start() as process:
        async with open_stream(process), open_stream(process), process.client() as client:
            refused = await client.get("/live")
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_streams")
            assert refused.headers["Retry-After"] == "10"
            async with process.client(name="other@example.org") as other, other.stream("GET", "/live") as response:
                assert response.status_code == 200

        async def is_let_in() -> bool:
            async with process.client() as client, client.stream("GET", "/live") as response:
                return response.status_code == 200

        await until(is_let_in)


async def test_of_a_burst_of_streams_no_more_are_let_in_than_may_be_open(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACEWATCH_STREAMS_PER_ACCOUNT", "2")
    async with start() as process, AsyncExitStack() as stack:
        client = await stack.enter_async_context(process.client())
        opening = (stack.enter_async_context(client.stream("GET", "/live")) for _ in range(8))
        answers = await asyncio.gather(*opening)
    assert sorted(answer.status_code for answer in answers) == [200] * 2 + [429] * 6


async def test_event_id_from_an_earlier_database_starts_with_the_next_event(gateway: InProcess) -> None:
    async with open_stream(gateway, params={"last_event_id": 2**53 - 1}) as stream:
        await emit_alerts(gateway, 1)
        assert len(await read(stream, 1)) == 1


async def test_stream_ends_when_its_token_expires(gateway: InProcess) -> None:
    token = gateway.signer.sign("x", role="viewer", scopes=[Scope.FLEET_READ], lifetime=timedelta(seconds=3))
    async with (
        gateway.client(None) as client,
        client.stream("GET", "/live", headers={"Authorization": f"Bearer {token}"}) as response,
    ):
        body = [line async for line in response.aiter_lines()]
        assert body[0] == "retry: 2000"


async def test_stream_ends_when_the_process_stops(start: Start) -> None:
    async with start() as process, open_stream(process) as stream:
        process.server.should_exit = True
        assert [event async for event in stream] == []


async def test_pruning_keeps_only_the_newest_events(gateway: InProcess) -> None:
    await emit_alerts(gateway, 10)
    async with gateway.database.transaction("gateway") as session:
        await live_events.prune(session, kept=3)
        newest = await live_events.newest_seq(session)
        assert [event.seq for event in await live_events.list_recent(session, 10)] == [newest, newest - 1, newest - 2]


async def test_a_restore_under_an_open_stream_ends_it_and_changes_the_epoch(
    gateway: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await emit_alerts(gateway, 3)

    async def position() -> tuple[str, int]:
        async with gateway.client() as client:
            recent = (await client.get("/live/recent")).json()
            async with client.stream("GET", "/live", headers={"Last-Event-ID": "1000000"}) as response:
                headers = response.headers
        assert (headers["Stream-Epoch"], int(headers["Stream-After"])) == (recent["epoch"], recent["last_seq"])
        return recent["epoch"], recent["last_seq"]

    epoch, newest = await position()
    async with open_stream(gateway) as stream:
        await emit_alerts(gateway, 1)
        await read(stream, 1)
        assert (await position())[0] == epoch
        async with gateway.database.transaction("gateway") as session:
            await session.execute(sa.text("DELETE FROM gateway.live_events"))
            await session.execute(sa.text("SELECT setval('gateway.live_events_seq_seq', 1, false)"))

        async def other(_session: object) -> str:
            return "the identity of a database that was restored"

        monkeypatch.setattr(restore, "identity_of", other)
        async with asyncio.timeout(30):
            assert [frame async for frame in stream] == []
    restored, last = await position()
    assert restored != epoch
    assert last < newest
    async with open_stream(gateway, headers={"Last-Event-ID": str(newest)}) as stream:
        await gateway.publish(alert_raised(device_id=5), service="gateway")
        [(seq, _, _)] = await read(stream, 1)
        assert seq <= newest
