"""How many events per second kit moves, from outbox to committed effect, on each transport.

    python tests/load/bench_bus.py

Ends with one line of JSON; figures are of this machine and this moment, to be compared within one run only.
"""

import asyncio
import json
import secrets
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers import postgres, rabbitmq
from support.service_harness import ServiceHarness, service_harness
from support.waiting import until

from pacewatch.kit import logs
from pacewatch.kit.db import Database

EVENTS = 3_000


async def main() -> None:
    logs.configure("json", "ERROR")
    async with AsyncExitStack() as stack:
        server_url, amqp_url = (await postgres.find(stack)).url, (await rabbitmq.find(stack)).url
        url = await postgres.create_database(server_url)
        stack.push_async_callback(postgres.drop_database, server_url, url)
        print(json.dumps({"bench": "bus", "events": EVENTS} | await compare(url, amqp_url)))  # noqa: T201


async def compare(url: str, amqp_url: str) -> dict[str, float]:
    """The figures of both transports."""
    database = Database(url)
    figures: dict[str, float] = {}
    try:
        for name, broker in (("memory", ""), ("rabbitmq", amqp_url)):
            async with service_harness(database, broker, f"b{secrets.token_hex(4)}.") as harness:
                figures |= {f"{name}_{key}": value for key, value in (await measured(harness, broker != "")).items()}
    finally:
        await database.close()
    return figures


async def measured(harness: ServiceHarness, separately: bool) -> dict[str, float]:
    """Publishes and handled events a second (each event has two handlers); the former only where they are apart."""
    figures = {}
    harness.run(harness.wakeups.listen)
    if separately:
        await harness.emit(*range(EVENTS))
        figures["published_per_s"] = await rate(harness, lambda: harness.run(harness.relay().run), drained(harness))
        figures["handled_per_s"] = await rate(harness, harness.consume, handled(harness, EVENTS))
    else:
        harness.consume()
        await harness.emit(*range(EVENTS))
        figures["handled_per_s"] = await rate(
            harness, lambda: harness.run(harness.relay().run), handled(harness, EVENTS)
        )
    figures["latency_p50_ms"] = await latency_ms(harness)
    return figures


async def rate(harness: ServiceHarness, start, done) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    start()
    await until(done, 120, every_s=0.05)
    return round(EVENTS / (time.perf_counter() - began))


def drained(harness: ServiceHarness):  # type: ignore[no-untyped-def]
    async def done() -> bool:
        return await harness.waiting() == 0

    return done


def handled(harness: ServiceHarness, count: int):  # type: ignore[no-untyped-def]
    async def done() -> bool:
        return len(await harness.effects()) >= count

    return done


async def latency_ms(harness: ServiceHarness, rounds: int = 30) -> float:
    took = []
    for n in range(EVENTS, EVENTS + rounds):
        began = time.perf_counter()
        await harness.emit(n)
        await until(handled(harness, n + 1), 10, every_s=0.001)
        took.append(time.perf_counter() - began)
    return round(sorted(took)[rounds // 2] * 1_000, 1)


if __name__ == "__main__":
    asyncio.run(main())
