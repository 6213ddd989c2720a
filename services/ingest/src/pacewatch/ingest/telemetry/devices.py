"""Every device that was ever heard from, noted once; a batch asks the database only about those new to this process."""

from collections.abc import MutableMapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.db import Session, driver

# A set of so many ids takes some 8 MB.
MOST_REMEMBERED: Final = 100_000

_NOTE = """
    INSERT INTO ingest.devices SELECT device_id FROM unnest($1::bigint[]) AS given (device_id) ORDER BY device_id
    ON CONFLICT DO NOTHING RETURNING device_id
"""

# By database: a test has several.
_remembered: MutableMapping[Any, set[int]] = WeakKeyDictionary()


async def note(session: Session, device_ids: Ints) -> None:
    """Note those devices that are not yet.

    Remembered is only what was there before: what this transaction writes may still be rolled back.
    """
    remembered = _remembered.setdefault(session.bind, set())
    unsure = set(device_ids.tolist()) - remembered
    if not unsure:
        return
    written = {record["device_id"] for record in await (await driver(session)).fetch(_NOTE, sorted(unsure))}
    if len(remembered) + len(unsure) > MOST_REMEMBERED:
        remembered.clear()
    remembered |= unsure - written


def forget() -> None:
    """Ask the database about every device again: for whoever has removed some."""
    _remembered.clear()
