"""Ingest, inference and notifier as processes with a model that needs no training, for tests that break the loop.

Devices have ten days of history, so every live reading can be scored, and a device in danger crosses at once.
"""

import asyncio
import email
import email.policy
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
from pydantic import SecretStr
from servers.mail import MailServer

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.inference.jobs import rescore
from pacewatch.kit.db import Database
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.modules import queues
from support.fleets import Row, healthy
from support.inference.models import activated, pack
from support.platform.processes import Platform, Process, environment, migrate
from support.waiting import until

PAST_DAYS = 10
UNSCORED = """
    SELECT count(*) FROM ingest.readings AS r JOIN ingest.batches AS b ON b.number = r.batch_number
    WHERE b.mode = 'live' AND NOT EXISTS (
        SELECT FROM inference.predictions AS p
        WHERE p.device_id = r.device_id AND p.timestamp_s = r.timestamp_s AND p.superseded_at IS NULL
    )
"""
_SUBJECT = re.compile(r" (\d+):")


@dataclass
class Scoring:
    """The running processes; `settings` are their environment."""

    platform: Platform
    mail: MailServer
    settings: dict[str, str]
    folder: Path
    _connection: asyncpg.Connection | None = None
    _connected_to: str = ""
    _mails: Counter[int] = field(default_factory=Counter)
    _parsed: int = 0

    @property
    def inference(self) -> Process:
        return self.platform.processes["inference"]

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def dsn(self) -> str:
        return self.settings["PACEWATCH_DATABASE_URL"].replace("+asyncpg", "")

    async def fetchval(self, query: str) -> int:
        """The number that a query gives."""
        return int((await self.fetch(query))[0][0] or 0)

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Rows, over one connection, which is replaced when the database is another one."""
        if self._connection is None or self._connected_to != self.dsn:
            await self.close()
            self._connection, self._connected_to = await asyncpg.connect(self.dsn), self.dsn
        rows: list[asyncpg.Record] = await self._connection.fetch(query, *arguments)
        return rows

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def unscored(self) -> int:
        """Live readings that ingest has accepted and that have no score."""
        return await self.fetchval(UNSCORED)

    async def until_scored(self, timeout_s: float = 120) -> int:
        """Wait until every accepted live reading is scored; how many still are not when the time is over."""

        async def all_scored() -> bool:
            return not await self.unscored()

        with suppress(TimeoutError):
            await until(all_scored, timeout_s, every_s=0.25)
        return await self.unscored()

    def mails(self) -> Counter[int]:
        """How many mails there are about each device. Each is parsed once: the mail server runs in this process."""
        for mail in self.mail.messages[self._parsed :]:
            subject = email.message_from_bytes(mail.content, policy=email.policy.default)["Subject"]
            if found := _SUBJECT.search(subject):
                self._mails[int(found[1])] += 1
            self._parsed += 1
        return Counter(self._mails)

    async def until_mails(self, devices: int, timeout_s: float = 120) -> Counter[int]:
        """Wait until there are mails about as many devices, and a little longer for one too many."""

        async def all_sent() -> bool:
            return len(self.mails()) >= devices

        try:
            await until(all_sent, timeout_s)
        except TimeoutError:
            return self.mails()
        await asyncio.sleep(1)
        return self.mails()

    async def ready(self) -> httpx.Response:
        """What `/readyz` of inference answers, as soon as it does."""
        async with asyncio.timeout(60):
            while True:
                try:
                    return await self.platform.client.get(f"http://127.0.0.1:{self.inference.port}/readyz")
                except httpx.TransportError:
                    await asyncio.sleep(0.1)

    async def post(self, rows: Sequence[Row], mode: str = "live") -> None:
        """Post rows that are all new, in requests of at most 2,000."""
        for start in range(0, len(rows), 2_000):
            part = rows[start : start + 2_000]
            report = (await self.platform.post("telemetry/ingest", list(part), mode=mode)).raise_for_status().json()
            assert report["accepted"] == len(part), report

    async def give_history(self, devices: Sequence[int], until_s: int) -> None:
        """Healthy days up to a day before `until_s`, and wait until inference has them."""
        days = range(PAST_DAYS, 0, -1)
        past = [healthy(device, until_s - day * SECONDS_PER_DAY) for device in devices for day in days]
        await self.post(past, mode="backfill")
        await until(self.is_everything_stored)

    async def is_everything_stored(self) -> bool:
        both = "SELECT (SELECT count(*) FROM ingest.readings) = (SELECT count(*) FROM inference.readings)"
        return bool(await self.fetchval(f"SELECT (({both})::int)"))


@asynccontextmanager
async def scoring_processes(
    database_url: str, amqp_url: str, folder: Path, *, ingests: int = 1, **variables: str
) -> AsyncIterator[Scoring]:
    """Run the processes until the block ends; their queues are removed. `variables` are further settings."""
    prefix = f"t{secrets.token_hex(4)}."
    async with AsyncExitStack() as stack:
        mail = MailServer()
        await mail.start()
        stack.push_async_callback(mail.stop)
        settings = environment(folder, database_url, mail.port, amqp_url=amqp_url, prefix=prefix)
        settings |= {
            "PACEWATCH_INGEST_SPOOL_DIR": str(folder / "spool"),
            "PACEWATCH_RECONCILE_EVERY_S": "5",
            "PACEWATCH_DATABASE_POOL_SIZE": "5",
            **variables,
        }
        await migrate(settings, folder)
        stack.push_async_callback(RabbitBus(amqp_url, queues(), prefix=prefix).delete_topology)
        names = ["ingest", *(f"ingest {number}" for number in range(2, ingests + 1)), "inference", "notifier"]
        processes = {name: Process(["serve", "--target", name.split()[0]], settings, folder, name) for name in names}
        platform = Platform(processes, folder / "secrets")
        stack.push_async_callback(platform.stop)
        await _activate_model(settings)
        await platform.start()
        scoring = Scoring(platform, mail, settings, folder)
        stack.push_async_callback(scoring.close)
        yield scoring


async def _activate_model(settings: dict[str, str]) -> None:
    """Store a signed model, and its activation as inference would have received it."""
    database_url = settings["PACEWATCH_DATABASE_URL"]
    kit = KitSettings(
        database_url=SecretStr(database_url),
        secrets_dir=Path(settings["PACEWATCH_SECRETS_DIR"]),
        artifact_url=settings["PACEWATCH_ARTIFACT_URL"],
    )
    model = await pack(kit, datetime.fromtimestamp(time.time(), UTC))
    database = Database(database_url)
    try:
        async with database.transaction("inference") as session:
            await rescore.store_activation(session, activated(model))
    finally:
        await database.close()
