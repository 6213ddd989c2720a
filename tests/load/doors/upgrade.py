"""An upgrade under load: this release's processes stay at work while the schema becomes that of the next release.

Every table gets a column and an index, and for some seconds columns are missing that handlers need. No event may die,
and every accepted reading must be scored. `python tests/load/doors/upgrade.py --seconds 60` prints a JSON line.
PACEWATCH_TEST_PROGRAM names the program `pacewatch` of an installed earlier release, whose processes run instead.
"""

import argparse
import asyncio
import dataclasses
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import asyncpg
from load.deployment import deploy
from load.loop.bench import say
from pydantic import SecretStr
from servers.mail import MailServer
from support.fleets import Row, dying, healthy, new_device
from support.inference.messages import envelope_of
from support.inference.models import activated, pack
from support.platform.next_release import upgrade_to_next_release, without_columns
from support.platform.processes import Platform, create_platform
from support.waiting import until

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.db import Database
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.modules import queues

SERVICES = ("ingest", "inference", "notifier", "gateway")
DEVICES, IN_DANGER, PAST_DAYS = 40, 5, 10
EVERY_S = 0.2
MISSING = (
    ("ingest.batches", "codes"),
    ("inference.devices", "window_token"),
    ("inference.predictions", "known_batch"),
    ("notifier.deliveries", "recipient_name"),
    ("gateway.live_events", "summary"),
)
# Five failures within 3.1 s were enough to dead-letter an event.
MISSING_FOR_S = 6.0


@dataclass
class Upgrade:
    """`rows` were accepted live, and `scored` of them have a score; `refused` posts were answered 503 and repeated."""

    rows: int = 0
    scored: int = 0
    refused: int = 0
    dead_letters: int = 0
    alerts: int = 0
    mails: int = 0


async def measure(platform: Platform, mail: MailServer, seconds: float) -> Upgrade:
    """Upgrade under load; the load lasts `seconds` longer than the upgrade takes."""
    settings = platform.processes["ingest"].environment
    database = Database(settings["PACEWATCH_DATABASE_URL"])
    connection = await database.dedicated_connection()
    load = _Load(platform)
    try:
        await load.give_history()
        sending = asyncio.create_task(load.run())
        await asyncio.sleep(seconds / 3)
        with tempfile.TemporaryDirectory() as folder:
            await upgrade_to_next_release(database, _kit(settings), Path(folder))
        await _all_ready(platform)
        await asyncio.sleep(seconds / 3)
        async with without_columns(connection, MISSING):
            await asyncio.sleep(MISSING_FOR_S)
        await asyncio.sleep(seconds / 3)
        load.stopping.set()
        await sending
        return await _result(settings["PACEWATCH_AMQP_URL"], settings["PACEWATCH_AMQP_PREFIX"], connection, mail, load)
    finally:
        await connection.close()
        await database.close()


class _Load:
    """One reading of every device each EVERY_S, a second of fleet time apart; the last ones begin to die."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.devices = [new_device() for _ in range(DEVICES)]
        self.first_s = int(time.time()) - 3_600
        self.stopping = asyncio.Event()
        self.rows = 0
        self.refused = 0

    async def give_history(self) -> None:
        days = range(PAST_DAYS, 0, -1)
        rows = [healthy(one, self.first_s - day * SECONDS_PER_DAY) for one in self.devices for day in days]
        (await self._platform.post("telemetry/ingest", rows, mode="backfill")).raise_for_status()

    async def run(self) -> None:
        second = self.first_s
        while not self.stopping.is_set():
            await self._send([healthy(one, second) for one in self.devices])
            second += 1
            await asyncio.sleep(EVERY_S)
        await self._send([dying(one, second) for one in self.devices[:IN_DANGER]])

    async def _send(self, rows: Sequence[Row]) -> None:
        """As a gateway at a patient's bed does: what was not accepted is sent again."""
        while (answer := await self._platform.post("telemetry/ingest", list(rows))).status_code == 503:
            self.refused += 1
            await asyncio.sleep(EVERY_S)
        report = answer.raise_for_status().json()
        assert report["rejected"] == 0, report
        self.rows += len(rows)


async def _all_ready(platform: Platform) -> None:
    for process in platform.processes.values():
        (await platform.client.get(f"http://127.0.0.1:{process.port}/readyz")).raise_for_status()


async def _result(amqp_url: str, prefix: str, connection: asyncpg.Connection, mail: MailServer, load: _Load) -> Upgrade:
    """What became of the load, as soon as everything is done, or after the time that it may take."""
    found = Upgrade(rows=load.rows, refused=load.refused)
    bus = RabbitBus(amqp_url, queues(), prefix=prefix)

    async def done() -> bool:
        found.scored = await connection.fetchval(
            "SELECT count(DISTINCT (device_id, timestamp_s)) FROM inference.predictions"
            " WHERE device_id = ANY($1) AND timestamp_s >= $2",
            load.devices,
            load.first_s,
        )
        query = "SELECT count(*) FROM inference.episodes WHERE device_id = ANY($1)"
        found.alerts = await connection.fetchval(query, load.devices)
        found.mails = sum(f" {one}:".encode() in sent.content for one in load.devices for sent in mail.messages)
        return found.scored == found.rows and found.alerts == found.mails == IN_DANGER

    try:
        await until(done, timeout_s=60, every_s=0.5)
    except TimeoutError:
        say(f"not everything arrived: {found}")
    found.dead_letters = sum([len(await bus.dead_letters(queue, 1_000)) for queue in queues()])
    return found


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Platform, MailServer]]:
    """The services on the way from a reading to a mail as processes, with a small model."""
    async with AsyncExitStack() as stack:
        mail = MailServer()
        await mail.start()
        stack.push_async_callback(mail.stop)
        own = await deploy(stack, mail.port)
        platform = create_platform(own.settings, own.folder, SERVICES)
        stack.push_async_callback(platform.stop)
        await platform.start()
        model = await pack(_kit(own.settings), datetime(2026, 1, 1, tzinfo=UTC))
        bus = RabbitBus(own.amqp_url, queues(), prefix=own.prefix)
        stack.push_async_callback(bus.close)
        await bus.publish([envelope_of(activated(model))])
        yield platform, mail


def _kit(settings: Mapping[str, str]) -> KitSettings:
    """The settings of the processes, here."""
    return KitSettings(
        database_url=SecretStr(settings["PACEWATCH_DATABASE_URL"]),
        secrets_dir=Path(settings["PACEWATCH_SECRETS_DIR"]),
        artifact_url=settings["PACEWATCH_ARTIFACT_URL"],
    )


async def main(seconds: float) -> Upgrade:
    """`measure` on a platform of its own; make prove-doors calls it and reports `dead_letters`."""
    async with running() as (platform, mail):
        say("the services are ready")
        return await measure(platform, mail, seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    print(json.dumps({"bench": "upgrade", **dataclasses.asdict(asyncio.run(main(parser.parse_args().seconds)))}))  # noqa: T201
