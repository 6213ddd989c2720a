"""How many events a second the chassis moves, from outbox to committed effect, on either transport.

    python tests/load/bench_bus.py [postgresql://...] [amqp://...]

Ends with one line of JSON; figures are of this machine and this moment, to be compared within one run only.
"""

import asyncio
import json
import secrets
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers.postgres import create_database, drop_database
from support.chassis import Chassis, chassis
from support.waiting import until

from pacewatch.kit import logs
from pacewatch.kit.db import Database

EVENTS = 3_000
POSTGRES = "postgresql+asyncpg://root@127.0.0.1:5432/postgres"
AMQP = "amqp://guest:guest@127.0.0.1:5672/"


async def main(postgres_url: str, amqp_url: str) -> None:
    logs.configure("json", "ERROR")
    url = await create_database(postgres_url)
    database = Database(url)
    figures: dict[str, object] = {"bench": "bus", "events": EVENTS}
    try:
        for name, broker in (("memory", ""), ("rabbitmq", amqp_url)):
            async with chassis(database, broker, f"b{secrets.token_hex(4)}.") as it:
                figures |= {f"{name}_{key}": value for key, value in (await measured(it, broker != "")).items()}
    finally:
        await database.close()
        await drop_database(postgres_url, url)
    print(json.dumps(figures))  # noqa: T201


async def measured(it: Chassis, separately: bool) -> dict[str, float]:
    """Publishes and handled events a second (each event has two handlers); the former only where they are apart."""
    figures = {}
    it.run(it.wakeups.listen)
    if separately:
        await it.emit(*range(EVENTS))
        figures["published_per_s"] = await rate(it, lambda: it.run(it.relay().run), drained(it))
        figures["handled_per_s"] = await rate(it, it.consume, handled(it, EVENTS))
    else:
        it.consume()
        await it.emit(*range(EVENTS))
        figures["handled_per_s"] = await rate(it, lambda: it.run(it.relay().run), handled(it, EVENTS))
    figures["latency_p50_ms"] = await latency_ms(it)
    return figures


async def rate(it: Chassis, start, done) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    start()
    await until(done, 120, every_s=0.05)
    return round(EVENTS / (time.perf_counter() - began))


def drained(it: Chassis):  # type: ignore[no-untyped-def]
    async def done() -> bool:
        return await it.waiting() == 0

    return done


def handled(it: Chassis, count: int):  # type: ignore[no-untyped-def]
    async def done() -> bool:
        return len(await it.effects()) >= count

    return done


async def latency_ms(it: Chassis, rounds: int = 30) -> float:
    took = []
    for n in range(EVENTS, EVENTS + rounds):
        began = time.perf_counter()
        await it.emit(n)
        await until(handled(it, n + 1), 10, every_s=0.001)
        took.append(time.perf_counter() - began)
    return round(sorted(took)[rounds // 2] * 1_000, 1)


if __name__ == "__main__":
    asyncio.run(main(*(sys.argv[1:3] + [POSTGRES, AMQP][len(sys.argv) - 1 :])))
