"""Stores many new rows by COPY: a third of the work of INSERT ... ON CONFLICT, and two thirds of its write-ahead log.

COPY stores all rows or none. A failed one leaves dead rows for vacuum; so a sample of the keys is looked up first, and
a chunk that is sent again fails there, before anything is written.
"""

from typing import Final

import asyncpg
import numpy as np

from pacewatch.kit.columns import binary_copy
from pacewatch.kit.columns.readings import Readings

# With fewer rows, the round trips to the server cost more than COPY saves.
MIN_ROWS: Final = 5_000
_SAMPLE_SIZE: Final = 100

_ANY_STORED = """
    SELECT EXISTS (
        SELECT FROM unnest($1::bigint[], $2::bigint[]) AS given (device_id, timestamp_s)
        WHERE (
            SELECT true FROM ingest.readings AS stored
            WHERE stored.device_id = given.device_id AND stored.timestamp_s = given.timestamp_s
        )
    )
"""


async def copy(connection: asyncpg.Connection, number: int, readings: Readings) -> bool:
    """Store all readings in the given order as batch `number`; False, and none stored, if a key is stored already."""
    sample = readings.keys.where(np.s_[:: max(len(readings) // _SAMPLE_SIZE, 1)])
    if await connection.fetchval(_ANY_STORED, sample.device_ids.tolist(), sample.timestamps_s.tolist()):
        return False
    columns = readings.columns | {"batch_number": binary_copy.bigint(number)}
    try:
        async with connection.transaction():
            await binary_copy.into(connection, "ingest", "readings", len(readings), columns)
    except asyncpg.UniqueViolationError:
        return False
    return True
