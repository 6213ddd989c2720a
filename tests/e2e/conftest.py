"""The platform, fed and trained once per transport: as separate processes over RabbitMQ, and all in one process."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers.mail import MailServer
from support.fleets import give_history
from support.processes import SERVICES, Platform, create_platform, environment, migrate
from support.scheduling import SAME_WORKER
from support.waiting import until

from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.launcher.runtime.modules import queues

# What a loop costs is paid once a run: all tests of one go to the same worker.
MEMORY, RABBITMQ = (
    pytest.param(transport, id=f"{SAME_WORKER}loop over {transport}") for transport in ("memory", "rabbitmq")
)
WEB_DIR = Path(__file__).parents[2] / "web" / "dist"


@dataclass
class Loop:
    """A platform with an active model, and the mail server it talks to."""

    platform: Platform
    mail: MailServer
    database_url: str
    transport: str
    credentials: dict[str, str]


async def _loop(transport: str, folder: Path, database_url: str, amqp_url: str) -> AsyncIterator[Loop]:
    prefix = f"t{secrets.token_hex(4)}."
    credentials = {"email": "browser@example.org", "password": secrets.token_urlsafe(16)}
    mail = MailServer()
    await mail.start()
    broker = {"amqp_url": amqp_url, "prefix": prefix} if transport == "rabbitmq" else {}
    settings = environment(folder, database_url, mail.port, **broker) | {
        "PACEWATCH_SUPERUSER_EMAIL": credentials["email"],
        "PACEWATCH_SUPERUSER_PASSWORD": credentials["password"],
        "PACEWATCH_WEB_DIR": str(WEB_DIR),
    }
    await migrate(settings, folder)
    platform = create_platform(settings, folder, SERVICES if transport == "rabbitmq" else ("all",))
    try:
        await platform.start()
        await give_history(platform)
        (await platform.post("labels/mature")).raise_for_status()
        await _train(platform)
        yield Loop(platform, mail, database_url, transport, credentials)
    finally:
        await platform.stop()
        await mail.stop()
        if transport == "rabbitmq":
            await RabbitBus(amqp_url, queues(), prefix=prefix).delete_topology()


async def _train(platform: Platform) -> None:
    run = (await platform.post("training-runs", {"reason": "test"})).raise_for_status().json()

    async def promoted() -> bool:
        state = (await platform.get(f"training-runs/{run['id']}")).raise_for_status().json()
        assert state["status"] != "failed", state
        return (await platform.get("models/active")).is_success

    await until(promoted)


@pytest.fixture(scope="package", params=[RABBITMQ, MEMORY])
async def loop(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], Awaitable[str]],
    amqp_url: str,
) -> AsyncIterator[Loop]:
    async for running in _loop(request.param, tmp_path_factory.mktemp("platform"), await new_database(), amqp_url):
        yield running
