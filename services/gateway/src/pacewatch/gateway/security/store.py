"""Stores what a process has counted for security. Every process of the platform runs this loop."""

import asyncio
from contextlib import suppress
from typing import Final

from pacewatch.gateway.security import repository
from pacewatch.kit.http.security import SecurityNotes
from pacewatch.kit.module import Resources

# What a process can lose when it is killed.
PERIOD_S: Final = 1.0
LAST_TIMEOUT_S: Final = 2.0


async def store_security_notes(resources: Resources, notes: SecurityNotes) -> None:
    """Store the counts every second, and once more when cancelled."""
    try:
        while True:
            await asyncio.sleep(PERIOD_S)
            await _store(resources, notes)
    except asyncio.CancelledError:
        # This loop must end now, even while PostgreSQL is away.
        with suppress(Exception):
            await asyncio.wait_for(_store(resources, notes), LAST_TIMEOUT_S)
        raise


async def _store(resources: Resources, notes: SecurityNotes) -> None:
    counts = notes.take()
    if not counts:
        return
    is_stored = False
    try:
        async with resources.database.transaction("gateway") as session:
            is_stored = await repository.add_counts(session, counts)
    finally:
        if not is_stored:
            for note, count in counts.items():
                notes.add(note, count)
