"""The parser's process is bounded in processor time, memory and wall time, and is replaced when it ends."""

import asyncio
import os
import pickle
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.errors import BodyUnreadable
from pacewatch.ingest.parser import wire
from pacewatch.ingest.parser.process import KillableProcess, Killed
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
    return wire.unpacked(await process.ask(pickle.dumps((what,)), cpu_s, wall_s))


@pytest.mark.parametrize("what", ["spin", "swell", "crash", "fail"])
async def test_a_parser_that_misbehaves_ends_and_the_next_request_gets_another(bad: KillableProcess, what: str) -> None:
    await ask(bad, "nothing")
    first = bad.pid
    with pytest.raises(Killed):
        await ask(bad, what, cpu_s=0.2 if what == "spin" else 20)
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


async def test_an_error_of_the_parser_is_raised_with_its_message() -> None:
    process = KillableProcess("pacewatch.ingest.parser.child", pickle.dumps(PACEMAKER), MEMORY_MIB)
    try:
        request = pickle.dumps(("body", b"no table", MediaType.PARQUET, 0.0))
        with pytest.raises(BodyUnreadable, match="is not readable as application/vnd"):
            wire.unpacked(await process.ask(request, 10, 60))
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
