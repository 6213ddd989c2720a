"""Many rows that are new go in by COPY: a third of the work of INSERT ... ON CONFLICT, and two thirds of its log.

COPY takes all or nothing. A failed one leaves dead rows behind, for vacuum: so a few keys are looked up first, and what
is sent a second time does not get that far.
"""

from typing import Final

import asyncpg
import numpy as np

from pacewatch.kit.columns import binary_copy
from pacewatch.kit.columns.readings import Readings

# Below, the trips to the server cost more than COPY saves.
FEWEST_ROWS: Final = 5_000
_LOOKED_UP: Final = 100

_ANY_KNOWN = """
    SELECT EXISTS (
        SELECT FROM unnest($1::bigint[], $2::bigint[]) AS given (device_id, timestamp_s)
        WHERE (
            SELECT true FROM ingest.readings AS stored
            WHERE stored.device_id = given.device_id AND stored.timestamp_s = given.timestamp_s
        )
    )
"""


async def copy(connection: asyncpg.Connection, number: int, readings: Readings) -> bool:
    """Store all readings, in the order given, as those of batch `number`; False if none was, because a key is known."""
    sample = readings.keys.where(np.s_[:: max(len(readings) // _LOOKED_UP, 1)])
    if await connection.fetchval(_ANY_KNOWN, sample.device_ids.tolist(), sample.timestamps_s.tolist()):
        return False
    columns: dict[str, binary_copy.Column] = {
        "device_id": readings.device_ids,
        "timestamp_s": readings.timestamps_s,
        **readings.signals,
        "batch_number": binary_copy.bigint(number),
    }
    try:
        async with connection.transaction():
            await binary_copy.into(connection, "ingest", "readings", len(readings), columns)
    except asyncpg.UniqueViolationError:
        return False
    return True
