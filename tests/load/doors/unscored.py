"""Accepted live rows that are never scored: after an unreadable model, a missing queue, and the restore of a backup.

`await measure(database, amqp_url, folder)` gives the two figures; the tests of `tests/e2e/test_accepted_is_scored.py`
call the single measurements.
"""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aio_pika
from servers import postgres
from support.fleets import Row, dying, healthy
from support.platform.scoring import Scoring, scoring_processes

from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.launcher.runtime.modules import queues

QUEUE = "inference.on_telemetry_accepted"
FIRST_DEVICE, DEVICES = 5_000_000, 500
CROSSINGS = 20
UNREADABLE_S = 3.0
HOUR_S = 3_600
NewDatabase = Callable[[], Awaitable[str]]


@dataclass(frozen=True)
class Measured:
    """Accepted live rows; those of them that stayed unscored, and that were lost and came back."""

    rows: int
    unscored: int
    reconciled: int = 0


@contextmanager
def unreadable(artifacts: Path) -> Iterator[None]:
    """No artifact can be read until the block ends."""
    away = artifacts.rename(artifacts.with_name("away"))
    try:
        yield
    finally:
        away.rename(artifacts)


def devices(count: int, number: int) -> list[int]:
    """Devices of one measurement; `number` separates them from those of others on the same database."""
    first = FIRST_DEVICE + number * 100_000
    return list(range(first, first + count))


async def model_unreadable(scoring: Scoring, number: int = 0) -> tuple[Measured, dict[int, int]]:
    """The model is unreadable for three seconds at a restart. Also the mails about each crossing device."""
    ids, now_s = devices(DEVICES, number), int(time.time())
    await scoring.give_history(ids, now_s)
    await scoring.inference.stop()
    with unreadable(scoring.artifacts):
        await scoring.inference.start()
        answer = await scoring.ready()
        assert answer.status_code == 503, answer.text
        await scoring.post(
            [dying(one, now_s) for one in ids[:CROSSINGS]] + [healthy(one, now_s) for one in ids[CROSSINGS:]]
        )
        await asyncio.sleep(UNREADABLE_S)
        assert await scoring.unscored() >= DEVICES
        answer = await scoring.ready()
        assert (answer.status_code, "no model" in answer.text) == (503, True), answer.text
    unscored = await scoring.until_scored()
    mails = await scoring.until_mails(CROSSINGS)
    return Measured(DEVICES, unscored), {one: mails[one] for one in ids[:CROSSINGS]}


async def queue_missing(scoring: Scoring, number: int = 1, *, batches: int = 10) -> Measured:
    """Only the queue of inference is missing while ten batches are accepted: the gateway's still confirms them."""
    ids, now_s = devices(batches * 10, number), int(time.time())
    await scoring.give_history(ids, now_s)
    await scoring.inference.stop()
    await _on_queue(scoring, lambda queue: queue.delete(if_unused=False, if_empty=False))
    for start in range(0, len(ids), 10):
        await scoring.post([healthy(one, now_s) for one in ids[start : start + 10]])
    await scoring.inference.start()
    await scoring.inference.ready()
    return Measured(len(ids), await scoring.until_scored(60))


async def queue_emptied(scoring: Scoring, number: int = 2, *, batches: int = 10) -> Measured:
    """The queue of inference loses what it held, as with the disk of its broker; then one more batch comes."""
    ids, now_s = devices(batches * 10, number), int(time.time())
    await scoring.give_history(ids, now_s - HOUR_S)
    await scoring.inference.stop()
    for start in range(0, len(ids), 10):
        await scoring.post([healthy(one, now_s - HOUR_S) for one in ids[start : start + 10]])
    await _until_published(scoring)
    await _on_queue(scoring, lambda queue: queue.purge())
    await scoring.inference.start()
    await scoring.inference.ready()
    await scoring.post([healthy(ids[0], now_s)])
    lost = await scoring.unscored()
    unscored = await scoring.until_scored(60)
    return Measured(len(ids) + 1, unscored, lost - unscored)


async def restored(scoring: Scoring, new_database: NewDatabase, number: int = 3, *, hours: int = 30) -> Measured:
    """A dump under load, restored beside an empty broker: 500 devices, each with a reading an hour.

    Inference dies before the dump, so that events wait in the broker, as behind a slow one.
    """
    ids, now_s = devices(DEVICES, number), int(time.time())
    await scoring.give_history(ids, now_s - hours * HOUR_S)
    batches = list(_batches(ids, now_s, hours))
    third = len(batches) // 3
    await _send(scoring, batches[:third])
    await scoring.until_scored()
    sending = asyncio.create_task(_send(scoring, batches[third:]))
    await asyncio.sleep(1)
    await scoring.inference.kill()
    await asyncio.sleep(1.5)
    dump = scoring.folder / "dump"
    await _run("pg_dump", "--format=custom", f"--file={dump}", scoring.dsn)
    await sending
    for process in scoring.platform.processes.values():
        await process.kill()
    await _restore(scoring, dump, await new_database())
    rows = await scoring.fetchval("SELECT sum(accepted) FROM ingest.batches WHERE mode = 'live'")
    lost = await scoring.unscored()
    for process in scoring.platform.processes.values():
        await process.start()
    unscored = await scoring.until_scored()
    return Measured(rows, unscored, lost - unscored)


async def measure(new_database: NewDatabase, amqp_url: str, folder: Path) -> dict[str, int]:
    """All of them, one after another: rows that stayed unscored, and rows that were lost and came back."""
    async with scoring_processes(await new_database(), amqp_url, folder) as scoring:
        unreadable_model, _ = await model_unreadable(scoring)
        results = [unreadable_model, await queue_missing(scoring), await queue_emptied(scoring)]
        results.append(await restored(scoring, new_database))
    return {"unscored": sum(one.unscored for one in results), "reconciled": sum(one.reconciled for one in results)}


def _batches(ids: Sequence[int], now_s: int, hours: int) -> Iterator[list[Row]]:
    for hour in range(hours - 1, -1, -1):
        for start in range(0, len(ids), 100):
            yield [healthy(one, now_s - hour * HOUR_S) for one in ids[start : start + 100]]


async def _send(scoring: Scoring, batches: Sequence[list[Row]]) -> None:
    for batch in batches:
        await scoring.post(batch)


async def _restore(scoring: Scoring, dump: Path, database_url: str) -> None:
    """The dump in another database; the processes use it, with queues under another prefix, so with none."""
    await _run("pg_restore", "--no-owner", f"--dbname={database_url.replace('+asyncpg', '')}", str(dump))
    await RabbitBus(
        scoring.settings["PACEWATCH_AMQP_URL"], queues(), prefix=scoring.settings["PACEWATCH_AMQP_PREFIX"]
    ).delete_topology()
    scoring.settings |= {"PACEWATCH_DATABASE_URL": database_url}
    for process in scoring.platform.processes.values():
        process.environment |= scoring.settings


async def _until_published(scoring: Scoring) -> None:
    while await scoring.fetchval("SELECT count(*) FROM ingest.outbox"):
        await asyncio.sleep(0.05)


async def _on_queue(scoring: Scoring, act: Callable[[aio_pika.abc.AbstractQueue], Awaitable[object]]) -> None:
    """Do something to the queue of inference."""
    async with await aio_pika.connect(scoring.settings["PACEWATCH_AMQP_URL"]) as connection:
        channel = await connection.channel()
        await act(await channel.get_queue(scoring.settings["PACEWATCH_AMQP_PREFIX"] + QUEUE, ensure=False))


async def _run(program: str, *arguments: str) -> None:
    """A client program of PostgreSQL; AssertionError with its output if it fails."""
    binaries = postgres.debian_binaries()
    path = str(binaries / program) if binaries else shutil.which(program)
    assert path, f"{program} is missing: install the package postgresql-client"
    process = await asyncio.create_subprocess_exec(path, *arguments, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
