"""Two million readings, as stored by a fleet of 2,000 devices in 1,000 days, inserted fast by SQL."""

from typing import Final

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest import day_sums
from support.ingest import NOW_S, Ingest

DEVICES: Final = 2_000
DAYS: Final = 1_000
READINGS: Final = DEVICES * DAYS
BATCH_ROWS: Final = 10  # divides DEVICES: no batch spans two days
BATCHES: Final = READINGS // BATCH_ROWS
OUTCOMES: Final = 4_000
UPLOADS: Final = 500

_INTERVAL_S = SECONDS_PER_DAY // DEVICES
_SIGNALS = ", ".join(f'"{name}"' for name in PACEMAKER.signal_names)
_VALUES = ", ".join(
    f"{signal.normal.low} + random() * {signal.normal.high - signal.normal.low}" for signal in PACEMAKER.signals
)
# In the order of arrival, each device at its own second of the day: the table is ordered by time, its key is not.
_STATEMENTS = (
    "ALTER TABLE ingest.readings DROP CONSTRAINT readings_pkey",
    f"""
    INSERT INTO ingest.readings (device_id, timestamp_s, {_SIGNALS}, batch_number)
    SELECT device, {NOW_S} - (day + 1) * {SECONDS_PER_DAY} + device * {_INTERVAL_S}, {_VALUES},
        (({DAYS - 1} - day) * {DEVICES} + device) / {BATCH_ROWS} + 1
    FROM generate_series({DAYS - 1}, 0, -1) AS day, generate_series(0, {DEVICES - 1}) AS device
    """,
    "ALTER TABLE ingest.readings ADD PRIMARY KEY (device_id, timestamp_s)",
    f"""
    INSERT INTO ingest.batches (id, mode, received_at, actor, address, correlation_id, received, accepted, first_s,
        last_s)
    SELECT gen_random_uuid(), 'live', to_timestamp(last_s), 'fleet', '127.0.0.1', '', {BATCH_ROWS}, {BATCH_ROWS},
        last_s - {(BATCH_ROWS - 1) * _INTERVAL_S}, last_s
    FROM generate_series({BATCH_ROWS - 1}, {READINGS - 1}, {BATCH_ROWS}) AS row
    CROSS JOIN LATERAL (
        SELECT {NOW_S} - ({DAYS} - row / {DEVICES}) * {SECONDS_PER_DAY} + row % {DEVICES} * {_INTERVAL_S} AS last_s
    ) AS batch
    """,
    f"INSERT INTO ingest.devices SELECT generate_series(0, {DEVICES - 1})",
    f"""
    INSERT INTO ingest.connectivity (device_id, newest_s, heard_s)
    SELECT device_id, heard_s, heard_s FROM ingest.devices
    CROSS JOIN LATERAL (VALUES ({NOW_S - SECONDS_PER_DAY} + device_id * {_INTERVAL_S})) AS at (heard_s)
    """,
    f"""
    INSERT INTO ingest.outcomes (id, origin, device_id, kind, mode, occurred_at_s, learnt_at_s, recorded_at, actor,
        correlation_id)
    SELECT id, id, number % {DEVICES}, (ARRAY['failure', 'seen_healthy'])[number % 2 + 1], '', {NOW_S} - number * 9999,
        {NOW_S}, now(), 'fleet', ''
    FROM (SELECT gen_random_uuid() AS id, number FROM generate_series(1, {OUTCOMES}) AS number) AS numbered
    """,
    f"""
    INSERT INTO ingest.uploads (id, format, mode, status, received_at, actor, address, correlation_id, bytes_total)
    SELECT gen_random_uuid(), 'parquet', 'backfill', 'done', now(), 'fleet', '127.0.0.1', '', 1
    FROM generate_series(1, {UPLOADS})
    """,
)


async def fill_with_large_fleet(ingest: Ingest) -> None:
    """Fill an empty database; indexes the keys at the end, and vacuums, so that statistics are up to date."""
    async with ingest.database.transaction("ingest") as session:
        connection = await session.connection()
        for statement in _STATEMENTS:
            await connection.exec_driver_sql(statement)
        await day_sums.add_new_batches(session)
    connection = await ingest.database.dedicated_connection()
    try:
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()
