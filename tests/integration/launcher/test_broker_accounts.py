"""Each service has an account in RabbitMQ with the rights that `rights` declares, and no others."""

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aio_pika
import asyncpg
import pytest
from aio_pika.exceptions import ProbableAuthenticationError
from aiormq.exceptions import ChannelAccessRefused
from servers import rabbitmq
from servers.own import OwnRabbitMQ
from support.fleets import healthy, new_device
from support.platform.accounts import drop_accounts
from support.platform.in_process import environment_variables
from support.platform.processes import SERVICES, Platform, create_platform, environment, migrate
from support.waiting import until

from pacewatch.contracts import topology
from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit import clock
from pacewatch.kit.accounts import Accounts
from pacewatch.kit.errors import PublishError
from pacewatch.kit.messaging.envelope import Envelope
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.kit.settings import KitSettings, load
from pacewatch.launcher.runtime import broker_accounts
from pacewatch.launcher.runtime.modules import queues
from pacewatch.launcher.runtime.rights import rights

pytestmark = pytest.mark.servers

PREFIX = "t."
EVENTS = [event.type for event in topology.EVENTS]


@dataclass(frozen=True)
class Deployment:
    """A broker and a database that are migrated, and the settings of a process."""

    broker: OwnRabbitMQ
    owner: asyncpg.Connection
    settings: KitSettings
    variables: dict[str, str]
    folder: Path

    @asynccontextmanager
    async def connected_as(self, service: str) -> AsyncIterator[aio_pika.abc.AbstractConnection]:
        async with await aio_pika.connect(self.settings.amqp_url_of(service)) as connection:
            yield connection


@pytest.fixture(scope="module")
async def deployment(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    if not await rabbitmq.program_installed():
        pytest.skip("install the package rabbitmq-server")
    folder, database_url = tmp_path_factory.mktemp("accounts"), await new_database()
    owner = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    if not await owner.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        pytest.skip("the PostgreSQL user of the tests must be a superuser")
    broker = OwnRabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    await broker.start(with_api=True)
    variables = environment(folder, database_url, 1, amqp_url=broker.url, prefix=PREFIX) | {
        "PACEWATCH_ACCOUNTS": f"t{secrets.token_hex(4)}_",
        "PACEWATCH_AMQP_API_URL": broker.api_url,
        "PACEWATCH_INGEST_SPOOL_DIR": str(folder / "spool"),
    }
    await migrate(variables, folder)
    with environment_variables(variables):
        settings = load(KitSettings)
    yield Deployment(broker, owner, settings, variables, folder)
    await drop_accounts(database_url, variables["PACEWATCH_ACCOUNTS"])
    await owner.close()
    await broker.stop()


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(ChannelAccessRefused):
        yield


async def may_send(connection: aio_pika.abc.AbstractConnection, exchange: str, key: str) -> bool:
    try:
        async with connection.channel(publisher_confirms=True, on_return_raises=True) as channel:
            target = await channel.get_exchange(exchange, ensure=False)
            await target.publish(aio_pika.Message(b"{}"), routing_key=key, mandatory=True)
            return True
    except ChannelAccessRefused:
        return False


async def may_receive(connection: aio_pika.abc.AbstractConnection, queue: str) -> bool:
    try:
        async with connection.channel() as channel:
            await (await channel.get_queue(queue, ensure=False)).get(fail=False)
            return True
    except ChannelAccessRefused:
        return False


async def test_each_account_sends_exactly_the_events_of_its_service(deployment: Deployment) -> None:
    for one in rights():
        async with deployment.connected_as(one.service) as connection:
            sent = [event for event in EVENTS if await may_send(connection, f"{PREFIX}pacewatch", event)]
        assert (one.service, set(sent)) == (one.service, set(one.sends))


async def test_each_account_receives_exactly_from_the_queues_of_its_service(deployment: Deployment) -> None:
    names = [name for queue in queues() for name in (queue.name, queue.dead)]
    for one in rights():
        async with deployment.connected_as(one.service) as connection:
            readable = {name for name in names if await may_receive(connection, PREFIX + name)}
        assert (one.service, readable) == (one.service, set(one.receives))


async def test_the_notifier_cannot_activate_a_model(deployment: Deployment) -> None:
    async with deployment.connected_as("notifier") as connection:
        with refused():
            async with connection.channel() as channel:
                exchange = await channel.get_exchange(f"{PREFIX}pacewatch", ensure=False)
                await exchange.publish(aio_pika.Message(b"{}"), routing_key="model.activated")


async def test_an_account_cannot_go_round_the_exchange_of_events(deployment: Deployment) -> None:
    async with deployment.connected_as("registry") as connection:
        for exchange, key in (
            ("", f"{PREFIX}inference.on_model_activated"),
            (f"{PREFIX}pacewatch.dead", f"{PREFIX}inference.on_model_activated"),
            ("amq.topic", "model.activated"),
            ("amq.direct", "model.activated"),
        ):
            if exchange:
                assert not await may_send(connection, exchange, key), exchange
            else:
                async with connection.channel() as channel:
                    with refused():
                        await channel.default_exchange.publish(aio_pika.Message(b"{}"), routing_key=key)


async def test_an_account_cannot_change_the_topology(deployment: Deployment) -> None:
    own = f"{PREFIX}notifier.on_alert_raised"
    async with deployment.connected_as("notifier") as connection:
        async with connection.channel() as channel:
            with refused():
                await channel.queue_delete(own)
        async with connection.channel() as channel:
            with refused():
                await channel.exchange_delete(f"{PREFIX}pacewatch")
        async with connection.channel() as channel:
            with refused():
                await channel.declare_queue(f"{PREFIX}mine")
        async with connection.channel() as channel:
            with refused():
                await (await channel.get_queue(own, ensure=False)).bind(
                    f"{PREFIX}pacewatch", routing_key="model.activated"
                )


async def test_a_wrong_password_is_refused(deployment: Deployment) -> None:
    accounts = deployment.settings.service_accounts()
    assert accounts is not None
    wrong = Accounts(accounts.prefix, {"notifier": "wrong"}, deployment.folder)
    with pytest.raises(ProbableAuthenticationError):
        await aio_pika.connect(wrong.url(deployment.broker.url, "notifier"))


async def test_without_the_management_api_rabbitmqctl_imports_the_accounts(deployment: Deployment) -> None:
    accounts = Accounts("by_ctl_", {}, deployment.folder)
    imported = broker_accounts.definitions(rights(), accounts, deployment.broker.url, PREFIX)
    file = deployment.folder / "accounts.json"
    file.write_text(json.dumps(imported))
    await deployment.broker.ctl("import_definitions", str(file))
    async with await aio_pika.connect(accounts.url(deployment.broker.url, "notifier")) as connection:
        assert await may_send(connection, f"{PREFIX}pacewatch", "notification.sent")
        assert not await may_send(connection, f"{PREFIX}pacewatch", "model.activated")


async def test_a_bus_that_may_not_declare_names_what_is_missing(deployment: Deployment) -> None:
    url = deployment.settings.amqp_url_of("notifier")
    bus = RabbitBus(url, queues(), prefix="elsewhere.", declares=False)
    envelope = Envelope(uuid4(), "notification.sent", "", "", datetime.now(UTC), "", "", 1, b"")
    with pytest.raises(PublishError, match=r"run `pacewatch migrate`.*elsewhere\.pacewatch"):
        await bus.publish([envelope])


@pytest.fixture(scope="module")
async def platform(deployment: Deployment) -> AsyncIterator[Platform]:
    platform = create_platform(deployment.variables, deployment.folder, SERVICES)
    await platform.start()
    yield platform
    await platform.stop()


async def test_every_service_works_with_its_own_accounts(deployment: Deployment, platform: Platform) -> None:
    device, now_s = new_device(), int(clock.now_s())
    past = [healthy(device, now_s - day * SECONDS_PER_DAY) for day in range(10, 0, -1)]
    (await platform.post("telemetry/ingest", past)).raise_for_status()
    (await platform.post("training-runs", {"reason": "test"})).raise_for_status()

    async def arrived_everywhere() -> bool:
        return await deployment.owner.fetchval(
            "SELECT (SELECT count(*) FROM inference.readings WHERE device_id = $1) = 10 "
            "AND EXISTS (SELECT FROM trainer_agent.runs) AND EXISTS (SELECT FROM gateway.live_events) "
            "AND EXISTS (SELECT FROM registry.training_runs WHERE status <> 'requested')",
            device,
        )

    await until(arrived_everywhere)
    users = await deployment.owner.fetch(
        "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    prefix = deployment.settings.accounts
    connected = await deployment.broker.ctl("--quiet", "list_connections", "user")
    services = {f"{prefix}{one.service}" for one in rights()}
    assert {user for (user,) in users} == services
    assert set(connected.split()) - {"user"} == services
