"""Years of a simulated fleet, copied into ingest's tables and labelled by ingest, for tests of the trainer."""

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.labels import service as labels
from pacewatch.ingest.outcomes import repository as outcomes
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock
from pacewatch.kit.db import Database, driver
from pacewatch.simulator.day import Day, Outcome, ReadingLog
from pacewatch.simulator.fleet.fleet import Fleet

COLUMNS = ("device_id", "timestamp_s", *PACEMAKER.signal_names)
ENRICH = 8.0
SEED = 7


def fleet_until_today(rows: int, devices: int) -> tuple[Fleet, list[Day]]:
    """A fleet of constant size that sent about `rows` readings up to midnight, and its days."""
    today_s = int(clock.now_s()) // SECONDS_PER_DAY * SECONDS_PER_DAY
    count = max(60, round(rows / devices / 0.905))
    fleet = Fleet(devices, today_s - count * SECONDS_PER_DAY, ENRICH, SEED, refill=True)
    return fleet, [fleet.step() for _ in range(count)]


def distinct(days: Sequence[Day]) -> ReadingLog:
    """The readings of the days by time, each key once."""
    readings = np.concatenate([day.readings for day in days])
    order = np.lexsort((readings["device_id"], readings["timestamp_s"]))
    readings = readings[order]
    same = (np.diff(readings["device_id"]) == 0) & (np.diff(readings["timestamp_s"]) == 0)
    return readings[np.append(True, ~same)]


def without(readings: ReadingLog, stored: ReadingLog) -> ReadingLog:
    """The readings that are not in `stored`: devices repeat some."""
    one, other = (table["device_id"] * 2**40 + table["timestamp_s"] for table in (readings, stored))
    return readings[~np.isin(one, other)]


async def store(database: Database, readings: ReadingLog, reported: Sequence[Outcome]) -> None:
    """Store readings as one accepted batch in the service's tables, and record outcomes by its repository."""
    async with database.transaction("ingest") as session:
        connection = await driver(session)
        number = await connection.fetchval(
            """INSERT INTO ingest.batches (id, mode, received_at, actor, address, correlation_id, received, accepted)
            VALUES ($1, 'backfill', now(), 'bench', '', '', $2, $2) RETURNING number""",
            uuid4(),
            len(readings),
        )
        columns = [*COLUMNS, "batch_number"]
        await connection.copy_records_to_table(
            "readings", schema_name="ingest", columns=columns, records=_rows(readings, number)
        )
        devices = np.unique(readings["device_id"]).tolist()
        await connection.execute(
            "INSERT INTO ingest.devices SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING", devices
        )
        if reported:
            columns_of_outcomes = zip(*map(_outcome, reported), strict=True)
            await outcomes.insert(session, list(map(list, columns_of_outcomes)), clock.now(), "bench", "")


async def update_labels(database: Database, now_s: int) -> None:
    """Update every label as of `now_s`, by the service."""
    async with database.transaction("ingest") as session:
        await labels.mature(session, PACEMAKER, IngestSettings(), now_s)


def _rows(readings: ReadingLog, number: int) -> Iterator[tuple[float, ...]]:
    columns = [readings[name].tolist() for name in COLUMNS]
    return zip(*columns, [number] * len(readings), strict=True)


def _outcome(one: Outcome) -> tuple[UUID, int, str, str, int, int]:
    return uuid4(), one.device_id, one.kind, one.mode, one.occurred_at_s, one.learnt_at_s
