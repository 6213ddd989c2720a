"""The trainer pulls what `make bench-train` stores in the tables of ingest, through its views."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from support.ingest.long_history import distinct, fleet_until_today, store, update_labels, without
from support.training import settings_for

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.module import create_module
from pacewatch.kit import migrate
from pacewatch.kit.db import Database
from pacewatch.trainer_agent.data.pull import pull

pytestmark = pytest.mark.servers


async def test_a_long_history_and_then_a_further_day_are_pulled_with_labels(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    database = Database(url := await new_database())
    ingest = create_module(settings_for(url, tmp_path))
    await migrate.upgrade(database, ingest.name, ingest.migrations, profile=PACEMAKER)
    fleet, days = fleet_until_today(rows=6_000, devices=100)
    past = distinct(days)
    await store(database, past, [outcome for day in days for outcome in day.outcomes])
    await update_labels(database, days[-1].end_s)
    first = await pull(database, PACEMAKER, tmp_path)
    assert len(first.labels) == len(past) > 5_000
    assert (first.labels == 0).sum() > 4_000
    assert (first.labels == 1).sum() > 0 < len(first.failures.device_ids)
    day = fleet.step()
    arrived = without(distinct([day]), past)
    await store(database, arrived, day.outcomes)
    await update_labels(database, day.end_s)
    second = await pull(database, PACEMAKER, tmp_path)
    assert len(second.labels) == len(past) + len(arrived)
    assert (second.labels == 0).sum() > (first.labels == 0).sum()
    assert not second.rebuilt
    assert len(np.unique(second.readings.device_ids)) >= 100
    await database.close()
