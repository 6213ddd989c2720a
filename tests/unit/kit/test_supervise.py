"""A loop that ends or fails is restarted; a loop that is cancelled ends."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from pacewatch.kit import supervise
from pacewatch.kit.supervise import restart_forever


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "PAUSES_S", (0.0, 0.0))


async def starts_of(loop: Callable[[], Awaitable[None]]) -> int:
    """How often `loop` was started, at least 4; also checks that it ends when cancelled."""
    starts = 0

    async def counted() -> None:
        nonlocal starts
        starts += 1
        await loop()

    task = asyncio.create_task(restart_forever("test", counted))
    while starts < 4:
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return starts


@pytest.mark.parametrize(
    "error", [ValueError("x"), asyncio.CancelledError(), ExceptionGroup("g", [OSError("y")]), TimeoutError()]
)
async def test_a_loop_that_raises_is_restarted(error: BaseException) -> None:
    async def fail() -> None:
        raise error

    assert await starts_of(fail) >= 4


async def test_a_loop_that_ends_is_restarted() -> None:
    async def end() -> None:
        pass

    assert await starts_of(end) >= 4


async def test_a_cancelled_loop_cleans_up_and_is_not_restarted() -> None:
    events = []

    async def run() -> None:
        events.append("started")
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            events.append("cleaned up")

    task = asyncio.create_task(restart_forever("test", run))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert events == ["started", "cleaned up"]
    assert task.cancelled()


async def test_pauses_grow_while_a_loop_keeps_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "PAUSES_S", (0.2, 0.5, 1.0, 2.0))
    pauses = []

    async def record_pause(pause_s: float) -> None:
        pauses.append(pause_s)
        if len(pauses) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(asyncio, "sleep", record_pause)

    async def fail() -> None:
        raise OSError

    with pytest.raises(KeyboardInterrupt):
        coroutine = restart_forever("test", fail)
        coroutine.send(None)
    assert pauses == [0.5, 1.0, 2.0, 2.0, 2.0]


@pytest.mark.parametrize("closing", [ConnectionError("the consumer was cancelled"), None])
async def test_a_cancelled_loop_ends_even_if_it_closes_with_another_error(closing: Exception | None) -> None:
    async def closes_badly() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if closing:
                raise closing from None

    task = asyncio.create_task(restart_forever("test", closes_badly))
    await asyncio.sleep(0.01)
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([task])
    assert task.cancelled()
