"""Many rows that are new go in by COPY: a third of the work of INSERT ... ON CONFLICT, and two thirds of its log.

COPY takes all or nothing. A failed one leaves dead rows behind, for vacuum: so a few keys are looked up first, and what
is sent a second time does not get that far.
"""

from typing import Final

import asyncpg
import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.ingest.telemetry.checking import Good
from pacewatch.kit.columns import binary_copy

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


async def copy(connection: asyncpg.Connection, profile: Profile, number: int, good: Good) -> bool:
    """Store all rows, in the order given, as those of batch `number`; False if none was, because a key is known."""
    looked_up = good.where(np.s_[:: max(len(good) // _LOOKED_UP, 1)])
    if await connection.fetchval(_ANY_KNOWN, looked_up.device_ids.tolist(), looked_up.timestamps_s.tolist()):
        return False
    names = ("device_id", "timestamp_s", *profile.signal_names, "batch_number")
    columns = (good.device_ids, good.timestamps_s, *good.signals.T, number.to_bytes(8))
    # asyncpg would read a file in another thread, and take bytes for the name of one.
    rows = memoryview(binary_copy.encode(len(good), columns))
    try:
        async with connection.transaction():
            await connection.copy_to_table(
                "readings", schema_name="ingest", columns=names, source=rows, format="binary"
            )
    except asyncpg.UniqueViolationError:
        return False
    return True
