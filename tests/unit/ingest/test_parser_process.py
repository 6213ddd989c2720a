"""The parser's process is bounded in processor time, memory and wall time, and is replaced when it ends."""

import asyncio
import os
import pickle
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.errors import BodyUnreadable
from pacewatch.ingest.parser import wire
from pacewatch.ingest.parser.process import KillableProcess, Killed, TooCostly
from pacewatch.ingest.telemetry.bodies import MediaType

MEMORY_MIB = 200


@pytest.fixture(scope="module")
async def bad() -> AsyncIterator[KillableProcess]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        process = KillableProcess("support.ingest.bad_parser", pickle.dumps(PACEMAKER), MEMORY_MIB)
        yield process
        process.close()


async def ask(process: KillableProcess, what: str, cpu_s: float = 20, wall_s: float = 60) -> object:
    return wire.unpacked((await process.ask(pickle.dumps((what,)), cpu_s, wall_s))[0])


@pytest.mark.parametrize(("what", "is_costly"), [("spin", True), ("swell", True), ("crash", False), ("fail", False)])
async def test_a_parser_that_misbehaves_ends_and_the_next_request_gets_another(
    bad: KillableProcess, what: str, is_costly: bool
) -> None:
    await ask(bad, "nothing")
    first = bad.pid
    with pytest.raises(Killed) as killed:
        await ask(bad, what, cpu_s=0.2 if what == "spin" else 20)
    assert isinstance(killed.value, TooCostly) is is_costly
    assert await ask(bad, "nothing") is None
    assert bad.pid not in {first, None}


async def test_a_parser_that_does_not_reply_is_killed(bad: KillableProcess) -> None:
    await ask(bad, "nothing")
    began_s = time.monotonic()
    with pytest.raises(Killed, match="no reply within"):
        await ask(bad, "sleep", wall_s=0.3)
    assert time.monotonic() - began_s < 10
    assert await ask(bad, "nothing") is None


async def test_a_cancelled_request_ends_the_parser_and_not_the_next_request(bad: KillableProcess) -> None:
    await ask(bad, "nothing")
    task = asyncio.create_task(ask(bad, "sleep"))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await ask(bad, "nothing") is None


async def test_what_a_library_prints_is_no_reply(bad: KillableProcess) -> None:
    assert await ask(bad, "print") is None


async def test_an_idle_parser_that_was_killed_is_replaced(bad: KillableProcess) -> None:
    await ask(bad, "nothing")
    assert bad.pid is not None
    os.kill(bad.pid, 9)
    while bad.pid is not None:
        await asyncio.sleep(0.01)
    assert await ask(bad, "nothing") is None


async def test_signals_that_stop_a_service_end_no_parser(bad: KillableProcess) -> None:
    await ask(bad, "nothing")
    before = bad.pid
    assert before is not None
    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(before, one)
    assert await ask(bad, "nothing") is None
    assert bad.pid == before


async def test_a_reply_says_what_it_took(bad: KillableProcess) -> None:
    _, took_s = await bad.ask(pickle.dumps(("work",)), 20, 60)
    assert 0.05 < took_s < 10


@pytest.mark.parametrize("reply", [b"", b"{}", b'\x07\0\0\0{"a":1}'])
def test_a_damaged_reply_is_known_as_such(reply: bytes) -> None:
    with pytest.raises(wire.Damaged):
        wire.unpacked(reply)


async def test_an_error_of_the_parser_is_raised_with_its_message() -> None:
    process = KillableProcess("pacewatch.ingest.parser.child", pickle.dumps(PACEMAKER), MEMORY_MIB)
    try:
        request = pickle.dumps(("body", b"no table", MediaType.PARQUET, 0.0))
        with pytest.raises(BodyUnreadable, match="is not readable as application/vnd"):
            wire.unpacked((await process.ask(request, 10, 60))[0])
    finally:
        process.close()


async def test_the_parser_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACEWATCH_DATABASE_URL", "postgresql://secret")
    process = KillableProcess("pacewatch.ingest.parser.child", pickle.dumps(PACEMAKER), MEMORY_MIB)
    try:
        await process.ask(pickle.dumps(("close",)), 10, 60)
        assert b"secret" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    finally:
        process.close()
