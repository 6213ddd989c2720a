"""Names of devices: each gets an id once and for ever, so that everything behind this service knows numbers only."""

from collections.abc import MutableMapping, Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.db import Session, driver
from pacewatch.kit.tables.device_names import NOBODY
from pacewatch.kit.tables.values.devices import NAME_BASE

# A name and its id take some 200 bytes.
_MAX_CACHED: Final = 100_000

_KNOWN = "SELECT name, device_id FROM ingest.device_names WHERE name = ANY($1::text[])"
# In the order of names, so that concurrent requests wait for each other and never deadlock.
_REGISTER = """
    INSERT INTO ingest.device_names (name) SELECT name FROM unnest($1::text[]) AS given (name) ORDER BY name
    ON CONFLICT DO NOTHING
"""

# By database: a test has several. Only names that were stored before: this transaction may still be rolled back.
_cache: MutableMapping[Any, dict[str, int]] = WeakKeyDictionary()


async def ids_of(session: Session, names: Sequence[str], *, register: bool = True) -> list[int]:
    """The id of each name; a name that is not known gets one, or is NOBODY unless `register`.

    Must come before anything else that a transaction locks.
    """
    cached = _cache.setdefault(session.bind, {})
    missing = [name for name in names if name not in cached]
    if not missing:
        return [cached[name] for name in names]
    connection = await driver(session)
    known = {row["name"]: row["device_id"] for row in await connection.fetch(_KNOWN, missing)}
    if len(cached) + len(known) > _MAX_CACHED:
        cached.clear()
    cached |= known
    new = [name for name in missing if name not in known]
    if new and register:
        await connection.execute(_REGISTER, new)
        known |= {row["name"]: row["device_id"] for row in await connection.fetch(_KNOWN, new)}
    return [cached[name] if name in cached else known.get(name, NOBODY) for name in names]


async def numbers_of(session: Session, devices: Sequence[int | str], *, register: bool = True) -> list[int]:
    """The id of each device, which is a number already or a name."""
    names = sorted({one for one in devices if isinstance(one, str)})
    ids = dict(zip(names, await ids_of(session, names, register=register), strict=True))
    return [ids[one] if isinstance(one, str) else one for one in devices]


async def resolved(session: Session, ids: Ints, names: Sequence[str], *, register: bool = True) -> Ints:
    """The ids with NAME_BASE + n replaced by that of the name at place n; others stay."""
    is_named = ids >= NAME_BASE
    if not is_named.any():
        return ids
    used, places = np.unique(ids[is_named] - NAME_BASE, return_inverse=True)
    own = await ids_of(session, [names[place] for place in used.tolist()], register=register)
    result = ids.copy()
    result[is_named] = np.array(own, dtype=np.int64)[places]
    return result


def clear_cache() -> None:
    """Ask the database about every name again, after names were deleted."""
    _cache.clear()
