"""A deployment of one's own to measure: a database, a topology and a folder, removed when the stack is closed."""

import secrets
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from servers import postgres, rabbitmq
from support.platform.processes import environment, migrate

from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.launcher.runtime.modules import queues


@dataclass(frozen=True)
class Deployment:
    """Migrated, and nothing runs yet. `settings` are the environment of its processes."""

    folder: Path
    database_url: str  # SQLAlchemy's
    amqp_url: str
    prefix: str
    settings: dict[str, str]

    @property
    def dsn(self) -> str:
        """The database's address for asyncpg."""
        return self.database_url.replace("+asyncpg", "")


async def deploy(stack: AsyncExitStack, mail_port: int = 1, **variables: str) -> Deployment:
    """A new deployment. `variables` are set in addition; the spool of uploads is in its folder."""
    server_url, amqp_url = (await postgres.find(stack)).url, (await rabbitmq.find(stack)).url
    database_url = await postgres.create_database(server_url)
    stack.push_async_callback(postgres.drop_database, server_url, database_url)
    prefix = f"b{secrets.token_hex(4)}."
    bus = RabbitBus(amqp_url, queues(), prefix=prefix)
    stack.push_async_callback(bus.close)
    stack.push_async_callback(bus.delete_topology)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pacewatch-measured-")))
    settings = environment(folder, database_url, mail_port, amqp_url=amqp_url, prefix=prefix)
    settings |= {"PACEWATCH_INGEST_SPOOL_DIR": str(folder / "spool"), "PACEWATCH_LOG_FORMAT": "json"} | variables
    await migrate(settings, folder)
    return Deployment(folder, database_url, amqp_url, prefix, settings)
