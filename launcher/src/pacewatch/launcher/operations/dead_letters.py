"""`pacewatch dead-letters`: list the events that no handler could process, and redeliver them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.table import Table

from pacewatch.kit.db import Database
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.messaging import inbox
from pacewatch.kit.messaging.bus import Bus, Queue
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.app import open_operators_bus
from pacewatch.launcher.runtime.modules import queues


async def print_dead_letters(settings: KitSettings, queue_name: str, console: Console) -> None:
    """Print every dead letter of the queue, or of all queues if `queue_name` is empty."""
    table = Table("queue", "event", "type", "subject", "time", box=None)
    async with _database_and_bus(settings) as (_, bus):
        for queue in _find_queues(queue_name):
            for letter in await bus.dead_letters(queue):
                table.add_row(queue.name, str(letter.id), letter.type, letter.subject, letter.time.isoformat())
    console.print(table if table.row_count else "There are no dead letters.")


async def redeliver(settings: KitSettings, queue_name: str) -> int:
    """Send the dead letters of the queue to its handler again, with their failures reset. Returns how many."""
    async with _database_and_bus(settings) as (database, bus):
        (queue,) = _find_queues(queue_name)
        letters = await bus.dead_letters(queue)
        async with database.transaction(queue.service) as session:
            for letter in letters:
                await inbox.reset_failures(session, queue.handler, letter.id)
        return len(await bus.redeliver(queue, limit=len(letters)))


@asynccontextmanager
async def _database_and_bus(settings: KitSettings) -> AsyncIterator[tuple[Database, Bus]]:
    database = Database(settings.database_url.get_secret_value())
    bus = open_operators_bus(settings, database)
    try:
        yield database, bus
    finally:
        await bus.close()
        await database.close()


def _find_queues(name: str) -> list[Queue]:
    found = [queue for queue in queues() if name in ("", queue.name)]
    if not found:
        raise ConfigurationError(f"no queue is called {name!r}; there are: {', '.join(q.name for q in queues())}")
    return found
