"""Everything that happens is seen, once and in order, by whoever watches, for as long as their token lasts."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.alerts import raised
from support.inside import Inside
from support.waiting import until

from pacewatch.contracts.accounts import Scope
from pacewatch.gateway.live import repository as live_events
from pacewatch.gateway.live import tailer
from pacewatch.gateway.live.tailer import Tailer
from pacewatch.kit.messaging import relay

from .conftest import Start

pytestmark = pytest.mark.servers

Seen = tuple[int, str, dict[str, Any]]
Stream = AsyncIterator[Seen]


@asynccontextmanager
async def watching(process: Inside, **arguments: Any) -> AsyncIterator[Stream]:
    """Events as (id, type, data), as they come."""
    async with (
        process.client() as client,
        client.stream("GET", "/live", timeout=None, **arguments) as answer,
    ):
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["X-Accel-Buffering"] == "no"
        yield events(answer)


async def events(answer: httpx.Response) -> Stream:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name in ("id", "event", "data"):
            fields[name] = value
        elif not line and "data" in fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {}


async def take(stream: Stream, count: int) -> list[Seen]:
    return [await anext(stream) for _ in range(count)]


async def happened(process: Inside, count: int) -> None:
    """Tell `count` alerts, and return when all are in the table."""
    async with process.database.transaction("gateway") as session:
        before = await live_events.newest(session)
    await process.tell(*(raised(device_id=n) for n in range(count)), service="gateway")

    async def stored() -> bool:
        async with process.database.transaction("gateway") as session:
            return await live_events.newest(session) >= before + count

    await until(stored)


async def test_what_happens_is_seen_at_once(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """NOTIFY wakes whoever has to know: no poll comes in time."""
    monkeypatch.setattr(relay, "POLL_S", 3_600)
    monkeypatch.setattr(tailer, "POLL_S", 3_600)
    async with start() as gateway, watching(gateway) as stream:
        alert = raised(device_id=99)
        await gateway.tell(alert, service="gateway")
        [(seq, kind, data)] = await take(stream, 1)
        assert (kind, data["type"], data["subject"]) == ("alert.raised", "alert.raised", "99")
        assert data["seq"] == seq
        assert data["summary"]["alert_id"] == str(alert.alert_id)


@pytest.mark.parametrize("how", ["header", "query"])
async def test_a_watcher_goes_on_where_it_left_off(gateway: Inside, how: str) -> None:
    await happened(gateway, 5)
    async with gateway.client() as client:
        recent = (await client.get("/live/recent", params={"limit": 3})).json()
    numbers = [item["seq"] for item in recent["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert recent["last_seq"] == numbers[0]
    last = str(numbers[-1])
    by_header, by_query = {"headers": {"Last-Event-ID": last}}, {"params": {"last_event_id": last}}
    async with watching(gateway, **(by_header if how == "header" else by_query)) as stream:
        assert [seq for seq, _, _ in await take(stream, 2)] == sorted(numbers[:-1])


async def test_watchers_of_two_processes_see_the_same(start: Start) -> None:
    async with start() as one, start() as two, watching(one) as first, watching(two) as second:
        await happened(one, 20)
        await happened(two, 20)
        assert await take(first, 40) == await take(second, 40)


async def test_a_watcher_far_behind_reads_on_from_the_table_and_skips_nothing(start: Start) -> None:
    async with start() as process:
        await happened(process, 30)
        follower = Tailer(remembered=5)
        await follower.follow(process.database)
        first = follower.newest - 30
        await happened(process, 30)
        while await follower.follow(process.database):
            pass
        seen: list[int] = []
        while missed := await follower.after(seen[-1] if seen else first, process.database):
            seen += [event.seq for event in missed]
        assert seen == list(range(first + 1, first + 61))


async def test_a_transaction_that_commits_late_is_not_skipped(gateway: Inside) -> None:
    """A sequence alone would give it the lower number, and a follower at the higher one would never look back."""
    async with watching(gateway) as stream:

        async def append(name: str, then_wait_s: float) -> None:
            async with gateway.database.transaction("gateway") as session:
                await live_events.append(session, type_="t", subject=name, correlation_id="", summary={})
                await asyncio.sleep(then_wait_s)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(append("slow", 1.0))
            await asyncio.sleep(0.2)
            tasks.create_task(append("fast", 0.0))
        assert [data["subject"] for _, _, data in await take(stream, 2)] == ["slow", "fast"]


async def test_watchers_hold_no_connection(gateway: Inside) -> None:
    streams = [watching(gateway) for _ in range(30)]
    opened = [await stream.__aenter__() for stream in streams]

    async def idle() -> bool:
        return gateway.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]

    await until(idle, every_s=0.01)
    await happened(gateway, 1)
    assert all([await take(stream, 1) for stream in opened])
    for stream in streams:
        await stream.__aexit__(None, None, None)


async def test_a_number_from_another_life_of_the_database_begins_now(gateway: Inside) -> None:
    async with watching(gateway, params={"last_event_id": 2**53 - 1}) as stream:
        await happened(gateway, 1)
        assert len(await take(stream, 1)) == 1


async def test_the_stream_ends_with_its_token(gateway: Inside) -> None:
    token = gateway.signer.sign("x", role="viewer", scopes=[Scope.FLEET_READ], lifetime=timedelta(seconds=3))
    async with (
        gateway.client(None) as client,
        client.stream("GET", "/live", headers={"Authorization": f"Bearer {token}"}) as answer,
    ):
        body = [line async for line in answer.aiter_lines()]
        assert body[0] == "retry: 2000"


async def test_the_stream_ends_when_the_process_stops(start: Start) -> None:
    async with start() as process, watching(process) as stream:
        process.server.should_exit = True
        assert [event async for event in stream] == []


async def test_only_the_newest_are_kept(gateway: Inside) -> None:
    await happened(gateway, 10)
    async with gateway.database.transaction("gateway") as session:
        await live_events.prune(session, kept=3)
        newest = await live_events.newest(session)
        assert [event.seq for event in await live_events.recent(session, 10)] == [newest, newest - 1, newest - 2]


async def test_profile_and_clock_are_told(gateway: Inside) -> None:
    async with gateway.client() as client:
        profile = (await client.get("/profile")).json()
        assert (profile["device_noun"], profile["device_field"]) == ("patient", "patient_id")
        assert profile["signals"][0].keys() == {"name", "label", "unit", "decimals", "normal", "plausible"}
        assert profile["label"]["horizon_days"] == 7
        clock = (await client.get("/clock")).json()
        assert clock.keys() == {"fleet_time", "fleet_time_s", "speed", "wall_time"}
        assert abs(clock["fleet_time_s"] - time.time()) < 5
