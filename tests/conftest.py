"""Fixtures that every test may use. Servers are found once a run, on first use: see `servers`.

Every worker of a parallel run is a process of its own: a session's fixture is made once in each, under other names.
"""

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings
from servers import nginx, postgres, rabbitmq
from servers.found import Search, Server, ServerMissing
from servers.mail import MailServer
from servers.nginx import OwnNginx
from servers.own import OwnPostgres, OwnRabbitMQ
from servers.rabbitmq import AmqpCleanup
from servers.shared import shared
from support.scheduling import FilesAndGroups
from xdist.remote import Producer
from xdist.workermanage import WorkerController

NOTES = pytest.StashKey[dict[str, str]]()

# Workers that compute in several threads each spend the cores on waiting for one another.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# Nothing is timed in a test: how long an example takes is a matter of what else the machine does.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NOTES] = {}
    if hasattr(config, "workerinput"):
        os.environ |= ONE_THREAD


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesAndGroups | None:
    return FilesAndGroups(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("early") is None)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["noted"] = session.config.stash[NOTES]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    """A worker hands over what it noted; one that crashed cannot."""
    node.config.stash[NOTES].update(getattr(node, "workeroutput", {}).get("noted", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for kind, origin in config.stash[NOTES].items():
        terminalreporter.write_line(f"{kind}: {origin}")


@pytest.fixture
def note(pytestconfig: pytest.Config) -> Callable[[str, str], None]:
    """`note(what, figures)` says at the end of the run what a test measured, whether or not it passed."""
    return pytestconfig.stash[NOTES].__setitem__


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run have in common."""
    mine = tmp_path_factory.getbasetemp()
    return mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine


@asynccontextmanager
async def found(kind: str, search: Search, folder: Path, config: pytest.Config) -> AsyncIterator[Server]:
    """The server, noted for the summary; without one the tests that need it fail in CI and are skipped elsewhere."""
    async with AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(shared(kind, search, folder))
        except ServerMissing as missing:
            skip_or_fail(kind, str(missing), config)
        config.stash[NOTES][kind] = server.origin
        yield server


def skip_or_fail(kind: str, missing: str, config: pytest.Config) -> NoReturn:
    config.stash[NOTES][kind] = f"MISSING, {missing}"
    if os.environ.get("CI"):
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


@pytest.fixture(scope="session")
async def postgres_server(run_folder: Path, pytestconfig: pytest.Config) -> AsyncIterator[Server]:
    async with found("PostgreSQL", postgres.find, run_folder, pytestconfig) as server:
        yield server


@pytest.fixture(scope="session")
async def new_database(postgres_server: Server) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """`await new_database()` creates an empty database and gives its SQLAlchemy address; dropped when the run ends."""
    async with AsyncExitStack() as stack:

        async def create() -> str:
            url = await postgres.create_database(postgres_server.url, durable=False)
            stack.push_async_callback(postgres.drop_database, postgres_server.url, url)
            return url

        yield create


@pytest.fixture(scope="session")
async def database_url(new_database: Callable[[], Awaitable[str]]) -> str:
    """This worker's own database."""
    return await new_database()


@pytest.fixture(scope="session")
async def amqp_url(run_folder: Path, pytestconfig: pytest.Config) -> AsyncIterator[str]:
    async with found("RabbitMQ", rabbitmq.find, run_folder, pytestconfig) as server:
        yield server.url


@pytest.fixture(scope="session")
def amqp_prefix() -> str:
    """What this worker's exchanges and queues are called by, so that workers and runs can share a broker."""
    return f"t{secrets.token_hex(4)}."


@pytest.fixture(scope="session")
async def amqp_cleanup(amqp_url: str) -> AsyncIterator[AmqpCleanup]:
    """Add the names of what you declare to `.queues` and `.exchanges`, or a coroutine function to `.callbacks`."""
    cleanup = AmqpCleanup()
    yield cleanup
    await cleanup.run(amqp_url)


@pytest.fixture
async def smtp_server() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def own_postgres() -> AsyncIterator[Callable[[], Awaitable[OwnPostgres]]]:
    """`await own_postgres()` starts a private server that the test may kill and start again."""
    async with AsyncExitStack() as stack:

        async def start() -> OwnPostgres:
            server = OwnPostgres(postgres.open_folder(stack), postgres.debian_binaries())
            stack.push_async_callback(server.stop)
            await server.start()
            return server

        yield start


@pytest.fixture
async def own_rabbitmq(
    tmp_path: Path, pytestconfig: pytest.Config
) -> AsyncIterator[Callable[[], Awaitable[OwnRabbitMQ]]]:
    """`await own_rabbitmq()` starts a private node that the test may kill, freeze and start again."""
    if not await rabbitmq.program_installed():
        skip_or_fail(
            "own RabbitMQ", f"{OwnRabbitMQ.PROGRAM} is missing: install the package rabbitmq-server", pytestconfig
        )
    async with AsyncExitStack() as stack:

        async def start() -> OwnRabbitMQ:
            server = OwnRabbitMQ(tmp_path / f"rabbitmq-{secrets.token_hex(4)}")
            stack.push_async_callback(server.stop)
            await server.start()
            return server

        yield start


@pytest.fixture(scope="session")
async def own_nginx(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> AsyncIterator[Callable[..., Awaitable[OwnNginx]]]:
    """`await own_nginx(upstreams, web_root)` starts the gateway of a deployment in front of these services."""
    if not await nginx.program_installed():
        skip_or_fail("nginx", "nginx is missing: install the package nginx", pytestconfig)
    async with AsyncExitStack() as stack:

        async def start(upstreams: Mapping[str, str], web_root: Path, **settings: int) -> OwnNginx:
            server = OwnNginx(tmp_path_factory.mktemp("nginx"), upstreams, web_root, **settings)
            stack.push_async_callback(server.stop)
            await server.start()
            return server

        yield start
