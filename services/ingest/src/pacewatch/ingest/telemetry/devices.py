"""Registers every device that ever sent a reading, once; a batch asks the database only about devices not cached."""

from collections.abc import MutableMapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.db import Session, driver

# A set of so many ids takes about 8 MB.
MAX_CACHED: Final = 100_000

_REGISTER = """
    INSERT INTO ingest.devices SELECT device_id FROM unnest($1::bigint[]) AS given (device_id) ORDER BY device_id
    ON CONFLICT DO NOTHING RETURNING device_id
"""

# By database: a test has several.
_cache: MutableMapping[Any, set[int]] = WeakKeyDictionary()


async def register(session: Session, device_ids: Ints) -> None:
    """Register the devices that are not registered yet.

    Only devices that were registered before are cached: this transaction may still be rolled back.
    """
    cached = _cache.setdefault(session.bind, set())
    uncached = set(device_ids.tolist()) - cached
    if not uncached:
        return
    new = {record["device_id"] for record in await (await driver(session)).fetch(_REGISTER, sorted(uncached))}
    if len(cached) + len(uncached) > MAX_CACHED:
        cached.clear()
    cached |= uncached - new


def clear_cache() -> None:
    """Ask the database about every device again, after devices were deleted."""
    _cache.clear()
