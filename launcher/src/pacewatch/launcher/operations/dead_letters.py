"""Dead letters for people: which queue has them, what they say, and how to send them again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.table import Table

from pacewatch.kit.db import Database
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.messaging import inbox
from pacewatch.kit.messaging.bus import Bus, Queue
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.app import open_bus
from pacewatch.launcher.runtime.modules import queues


async def show(settings: KitSettings, name: str, console: Console) -> None:
    """Print every dead letter of the queue called `name`, or of all queues."""
    table = Table("queue", "event", "type", "subject", "time", box=None)
    async with _opened(settings) as (_, bus):
        for queue in _named(name):
            for letter in await bus.dead_letters(queue):
                table.add_row(queue.name, str(letter.id), letter.type, letter.subject, letter.time.isoformat())
    console.print(table if table.row_count else "There are no dead letters.")


async def replay(settings: KitSettings, name: str) -> int:
    """Send the dead letters of the queue called `name` again; returns how many."""
    async with _opened(settings) as (database, bus):
        (queue,) = _named(name)
        letters = await bus.dead_letters(queue)
        async with database.transaction(queue.service) as session:
            for letter in letters:
                await inbox.reset_failures(session, queue.handler, letter.id)
        return len(await bus.redeliver(queue, limit=len(letters)))


@asynccontextmanager
async def _opened(settings: KitSettings) -> AsyncIterator[tuple[Database, Bus]]:
    database = Database(settings.database_url.get_secret_value())
    bus = open_bus("all", settings, database)
    try:
        yield database, bus
    finally:
        await bus.close()
        await database.close()


def _named(name: str) -> list[Queue]:
    found = [queue for queue in queues() if name in ("", queue.name)]
    if not found:
        raise ConfigurationError(f"no queue is called {name!r}; there are: {', '.join(q.name for q in queues())}")
    return found
