"""The servers under the tests are real, are this run's own where that matters, and come back after a kill."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from email.message import EmailMessage
from pathlib import Path

import aio_pika
import aiosmtplib
import asyncpg
import pytest
from servers import containers, postgres, rabbitmq
from servers.found import Server, ServerMissing, first_found
from servers.mail import MailServer
from servers.own import OwnPostgres, OwnRabbitMQ
from servers.rabbitmq import AmqpCleanup
from servers.shared import shared

NOWHERE = "127.0.0.1:1"  # the port of a service that nobody runs


async def connected(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url.replace("+asyncpg", ""))


def a_mail(to: str = "ada@example.org") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "pacewatch@example.org", to, "High risk"
    mail.set_content("Look at device 7.")
    return mail


async def sent(server: MailServer, mail: EmailMessage, timeout_s: float = 60) -> object:
    return await aiosmtplib.send(mail, hostname="127.0.0.1", port=server.port, timeout=timeout_s)


async def nothing(_: AsyncExitStack) -> None:
    return None


async def something(_: AsyncExitStack) -> Server:
    return Server("somewhere", "test")


async def test_the_run_has_an_empty_database_of_its_own(database_url: str) -> None:
    connection = await connected(database_url)
    try:
        assert (await connection.fetchval("SELECT current_database()")).startswith("pacewatch_test_")
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    finally:
        await connection.close()


async def test_a_dropped_database_is_gone_even_if_somebody_is_still_connected(postgres_server: Server) -> None:
    url = await postgres.create_database(postgres_server.url)
    forgotten = await connected(url)
    await postgres.drop_database(postgres_server.url, url)
    assert not await postgres.answers(url)
    await forgotten.close()


async def test_what_a_run_declared_is_deleted_and_what_was_never_declared_is_no_error(
    amqp_url: str, amqp_prefix: str
) -> None:
    declared, never, exchange = (f"{amqp_prefix}servers.{name}" for name in ("q", "never", "x"))
    cleanup, called = AmqpCleanup(queues={declared, never}, exchanges={exchange}), []

    async def callback() -> None:
        called.append(True)

    cleanup.callbacks.append(callback)
    connection = await aio_pika.connect(amqp_url)
    async with connection, connection.channel() as channel:
        await channel.declare_queue(declared, durable=True)
        await channel.declare_exchange(exchange, aio_pika.ExchangeType.TOPIC, durable=True)
        await cleanup.run(amqp_url)
        assert called
        with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
            await channel.declare_queue(declared, passive=True)


def test_the_prefix_is_this_runs_own(amqp_prefix: str) -> None:
    assert amqp_prefix.startswith("t")
    assert amqp_prefix.endswith(".")


async def test_the_first_finder_that_answers_wins_and_none_at_all_is_one_clear_line() -> None:
    async with AsyncExitStack() as stack:
        assert (await first_found([nothing, something, nothing], stack, "start one")).origin == "test"
        with pytest.raises(ServerMissing, match="start one"):
            await first_found([nothing], stack, "start one")


async def test_workers_share_a_server_and_who_started_it_ends_it_after_the_last_of_them(tmp_path: Path) -> None:
    searches, ended, first_ends = [], [], asyncio.Event()

    async def started(stack: AsyncExitStack) -> Server:
        searches.append(True)
        stack.callback(ended.append, True)
        return await something(stack)

    async def first() -> None:
        async with shared("kind", started, tmp_path):
            await first_ends.wait()

    owner = asyncio.create_task(first())
    while not searches:
        await asyncio.sleep(0)
    async with shared("kind", started, tmp_path) as server:
        first_ends.set()
        assert not (await asyncio.wait([owner], timeout=0.2))[0]
        assert (server, len(searches), ended) == (await something(AsyncExitStack()), 1, [])
    await owner
    assert ended
    async with shared("kind", started, tmp_path):
        assert len(searches) == 2


@pytest.mark.parametrize(
    ("find", "variable", "url"),
    [
        (postgres.find, postgres.VARIABLE, f"postgresql://nobody@{NOWHERE}/none"),
        (rabbitmq.find, rabbitmq.VARIABLE, f"amqp://guest:guest@{NOWHERE}/"),
    ],
)
async def test_a_variable_that_leads_nowhere_is_an_error_and_not_passed_over(
    find: Callable[[AsyncExitStack], Awaitable[Server]], variable: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, url)
    async with AsyncExitStack() as stack:
        with pytest.raises(ServerMissing, match=variable):
            await find(stack)


async def test_a_docker_client_without_an_engine_is_not_asked_for_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"tcp://{NOWHERE}")
    async with AsyncExitStack() as stack:
        assert await containers.started(stack, "postgres:16", 5432, {}) is None


async def test_an_own_postgres_keeps_what_was_committed_over_kill_and_restart(
    own_postgres: Callable[[], Awaitable[OwnPostgres]],
) -> None:
    server = await own_postgres()
    connection = await connected(server.url)
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    await server.kill()
    await server.start()
    connection = await connected(server.url)
    assert await connection.fetchval("SELECT n FROM kept") == 42
    await connection.close()


async def test_an_own_rabbitmq_keeps_confirmed_messages_over_kill_and_restart(
    own_rabbitmq: Callable[[], Awaitable[OwnRabbitMQ]],
) -> None:
    server = await own_rabbitmq()
    connection = await aio_pika.connect(server.url)
    channel = await connection.channel()
    queue = await channel.declare_queue("kept", durable=True, arguments={"x-queue-type": "quorum"})
    message = aio_pika.Message(b"42", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, routing_key=queue.name)
    await asyncio.sleep(server.SETTLED_S)
    await server.kill()
    await server.start()
    connection = await aio_pika.connect(server.url)
    async with connection, connection.channel() as channel:
        queue = await channel.declare_queue("kept", passive=True)
        assert (await queue.get(no_ack=True, timeout=10)).body == b"42"


async def test_mail_arrives_with_its_envelope(smtp_server: MailServer) -> None:
    await sent(smtp_server, a_mail())
    (received,) = smtp_server.messages
    assert received.sender == "pacewatch@example.org"
    assert received.recipients == ["ada@example.org"]
    assert b"Look at device 7." in received.content


async def test_a_refusal_reaches_the_client_until_the_server_accepts_again(smtp_server: MailServer) -> None:
    smtp_server.refuse("451 4.3.0 later")
    with pytest.raises(aiosmtplib.SMTPDataError) as refusal:
        await sent(smtp_server, a_mail())
    assert refusal.value.code == 451
    assert smtp_server.messages == []
    smtp_server.accept()
    await sent(smtp_server, a_mail())
    assert (len(smtp_server.messages), smtp_server.offered) == (1, 2)


async def test_one_recipient_alone_can_be_refused(smtp_server: MailServer) -> None:
    smtp_server.refuse("550 5.1.1 unknown", recipient="eve@example.org")
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await sent(smtp_server, a_mail("eve@example.org"))
    await sent(smtp_server, a_mail("ada@example.org"))
    assert [mail.recipients for mail in smtp_server.messages] == [["ada@example.org"]]


async def test_a_server_that_hangs_lets_the_client_time_out(smtp_server: MailServer) -> None:
    smtp_server.hang()
    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await sent(smtp_server, a_mail(), timeout_s=0.3)
    assert smtp_server.messages == []


async def test_a_dropped_connection_leaves_a_mail_the_client_does_not_know_of(smtp_server: MailServer) -> None:
    smtp_server.drop_after_accepting()
    with pytest.raises(aiosmtplib.SMTPException):
        await sent(smtp_server, a_mail())
    assert len(smtp_server.messages) == 1


async def test_a_stopped_server_comes_back_on_the_same_port(smtp_server: MailServer) -> None:
    port = smtp_server.port
    await smtp_server.stop()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await sent(smtp_server, a_mail())
    await smtp_server.start()
    await sent(smtp_server, a_mail())
    assert (smtp_server.port, len(smtp_server.messages)) == (port, 1)
