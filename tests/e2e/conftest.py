"""A platform with history and an active model, once per transport: processes over RabbitMQ, and all in one process.

In one process every service works with a database role of its own.
"""

import email.message
import email.policy
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers.mail import MailServer
from support.fleets import give_history, healthy
from support.platform.accounts import drop_accounts
from support.platform.processes import SERVICES, Platform, create_platform, environment, migrate
from support.scheduling import SAME_WORKER
from support.waiting import until

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.launcher.runtime.modules import queues

# What a loop costs is paid once a run: all tests of one go to the same worker.
MEMORY, RABBITMQ = (
    pytest.param(transport, id=f"{SAME_WORKER}loop over {transport}") for transport in ("memory", "rabbitmq")
)
WEB_DIR = Path(__file__).parents[2] / "web" / "dist"


@dataclass
class Deployment:
    """A platform with an active model, and its mail server."""

    platform: Platform
    mail: MailServer
    database_url: str
    transport: str
    credentials: dict[str, str]

    def mails_about(self, device: int) -> list[email.message.EmailMessage]:
        parsed = [email.message_from_bytes(mail.content, policy=email.policy.default) for mail in self.mail.messages]
        return [mail for mail in parsed if f" {device}:" in mail["Subject"]]

    async def wait_for_mail_about(self, device: int) -> None:
        async def has_mail() -> bool:
            return bool(self.mails_about(device))

        await until(has_mail)

    async def post_readings(self, device: int, last: dict[str, object]) -> None:
        """Post ten healthy days as history, then the reading `last` live."""
        now_s = int(time.time())
        past = [healthy(device, now_s - day * SECONDS_PER_DAY) for day in range(10, 0, -1)]
        (await self.platform.post("telemetry/ingest", past, mode="backfill")).raise_for_status()
        report = (await self.platform.post("telemetry/ingest", [last])).raise_for_status().json()
        assert (report["received"], report["accepted"]) == (1, 1)


async def _deployment(transport: str, folder: Path, database_url: str, amqp_url: str) -> AsyncIterator[Deployment]:
    prefix = f"t{secrets.token_hex(4)}."
    credentials = {"email": "browser@example.org", "password": secrets.token_urlsafe(16)}
    async with AsyncExitStack() as stack:
        mail = MailServer()
        await mail.start()
        stack.push_async_callback(mail.stop)
        broker = {"amqp_url": amqp_url, "prefix": prefix} if transport == "rabbitmq" else {}
        settings = environment(folder, database_url, mail.port, **broker) | {
            "PACEWATCH_SUPERUSER_EMAIL": credentials["email"],
            "PACEWATCH_SUPERUSER_PASSWORD": credentials["password"],
            "PACEWATCH_WEB_DIR": str(WEB_DIR),
        }
        if transport == "memory":
            settings["PACEWATCH_ACCOUNTS"] = accounts = f"t{secrets.token_hex(4)}_"
            stack.push_async_callback(drop_accounts, database_url, accounts)
        else:
            stack.push_async_callback(RabbitBus(amqp_url, queues(), prefix=prefix).delete_topology)
        await migrate(settings, folder)
        platform = create_platform(settings, folder, SERVICES if transport == "rabbitmq" else ("all",))
        stack.push_async_callback(platform.stop)
        await platform.start()
        await give_history(platform)
        (await platform.post("labels/mature")).raise_for_status()
        await _train(platform)
        yield Deployment(platform, mail, database_url, transport, credentials)


async def _train(platform: Platform) -> None:
    run = (await platform.post("training-runs", {"reason": "test"})).raise_for_status().json()

    async def has_active_model() -> bool:
        state = (await platform.get(f"training-runs/{run['id']}")).raise_for_status().json()
        assert state["status"] != "failed", state["message"]
        return (await platform.get("models/active")).is_success

    await until(has_active_model, timeout_s=400)


@pytest.fixture(scope="package", params=[RABBITMQ, MEMORY])
async def deployment(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], Awaitable[str]],
    amqp_url: str,
) -> AsyncIterator[Deployment]:
    folder = tmp_path_factory.mktemp("platform")
    async for running in _deployment(request.param, folder, await new_database(), amqp_url):
        yield running
