"""Windows from memory are those of the table to the last bit, whoever stored, failed, pruned or came late meanwhile."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.inference.conftest import TABLES, World, batch
from integration.inference.test_scoring import noisy
from prometheus_client import REGISTRY
from support.models import HEALTHY

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.inference import service
from pacewatch.inference.jobs import prune
from pacewatch.inference.scoring import repository
from pacewatch.inference.scoring.scorer import Scores
from pacewatch.inference.windows import loader as window_loader
from pacewatch.inference.windows import readings as window_readings
from pacewatch.inference.windows.readings import Rows

pytestmark = pytest.mark.servers

DEVICES = 3


class Abandoned(Exception):
    """What goes wrong after everything was done, and before it is committed."""


@dataclass(frozen=True)
class Step:
    """Time passes, and something happens in one of two processes."""

    days: int
    process: int
    act: str
    readings: list[tuple[int, int]]
    """Device, and how many days ago."""


ACTS = ["live"] * 6 + ["backfill", "rolled back", "rolled back", "together", "rescored", "pruned"]
steps = st.builds(
    Step,
    days=st.integers(0, 3),
    process=st.integers(0, 1),
    act=st.sampled_from(ACTS),
    readings=st.lists(
        st.tuples(st.integers(1, DEVICES), st.sampled_from([0, 0, 0, 0, 1, 2, 9, 36, 37])), min_size=1, max_size=4
    ),
)


def taken(source: str) -> float:
    return REGISTRY.get_sample_value("pacewatch_windows_total", {"source": source}) or 0.0


def content(rows: Rows) -> list[bytes]:
    return [
        rows.keys.device_ids.tobytes(),
        rows.keys.timestamps_s.tobytes(),
        *map(np.ndarray.tobytes, rows.signals.values()),
    ]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All that scores were computed from is held against the table, once the transaction has stored what it brings."""
    load, add = window_loader.load, repository.add_predictions
    loaded: dict[Any, Rows] = {}

    async def remembered(connection: Any, *arguments: Any, **options: Any) -> Rows:
        rows = loaded[connection] = await load(connection, *arguments, **options)
        return rows

    async def compared(connection: Any, scores: Scores, *arguments: Any, **options: Any) -> None:
        rows = loaded.pop(connection)
        assert content(rows) == content(await window_readings.load(connection, PACEMAKER, scores.keys))
        await add(connection, scores, *arguments, **options)

    monkeypatch.setattr(window_loader, "load", remembered)
    monkeypatch.setattr(repository, "add_predictions", compared)
    yield


@pytest.mark.usefixtures("compared")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, min_size=4, max_size=14))
async def test_any_history_of_two_processes_gives_the_rows_of_the_table(
    scoring_world: World, history: list[Step]
) -> None:
    emptied = ", ".join(f"inference.{table}" for table in TABLES if table != "models")
    await scoring_world.fetch(f"TRUNCATE {emptied}")
    first = scoring_world.set(late_days=1 if len(history) % 2 else 30, least_history_hours=0)
    processes, day = [first, first.again()], 40
    for number, step in enumerate(history):
        day += step.days
        rows = {(device, day - ago): noisy(1_000 * number + ago) for device, ago in step.readings}
        await happened(processes, step, [(*key, values) for key, values in rows.items()])


async def happened(processes: list[World], step: Step, rows: list[Any]) -> None:
    world = processes[step.process]
    if step.act == "rolled back":
        with pytest.raises(Abandoned):
            async with world.database.transaction("inference") as session:
                await service.take(session, world.inference, batch(*rows))
                raise Abandoned
    elif step.act == "together":
        await asyncio.gather(*(world.take(*part) for world, part in zip(processes, (rows, rows[::2]), strict=True)))
    elif step.act == "rescored":
        await world.fetch("UPDATE inference.devices SET considered_sequence = 0")
        await world.rescore()
    elif step.act == "pruned":
        await prune.sweep(world.database, world.inference)
    else:
        await world.take(*rows, mode=Mode.BACKFILL if step.act == "backfill" else Mode.LIVE)


def day_of(day: int, devices: int = 5) -> list[tuple[int, float, list[float]]]:
    return [(device, day, noisy(100 * device + day, HEALTHY)) for device in range(devices)]


@pytest.mark.usefixtures("compared")
async def test_a_day_after_the_other_is_scored_from_memory(scoring_world: World) -> None:
    await scoring_world.take(*day_of(40))
    before = taken("memory"), taken("table")
    await scoring_world.take(*day_of(41))
    assert (taken("memory") - before[0], taken("table") - before[1]) == (5, 0)


@pytest.mark.usefixtures("compared")
@pytest.mark.parametrize("mode", list(Mode))
async def test_what_another_process_stored_is_seen(scoring_world: World, mode: Mode) -> None:
    other = scoring_world.again()
    await scoring_world.take(*day_of(40))
    await other.take((2, 39, noisy(7)), mode=mode)
    before = taken("memory"), taken("table")
    await scoring_world.take(*day_of(41))
    assert (taken("memory") - before[0], taken("table") - before[1]) == (4, 1)


@pytest.mark.usefixtures("compared")
async def test_what_was_rolled_back_is_not_remembered(scoring_world: World) -> None:
    await scoring_world.take(*day_of(40))
    with pytest.raises(Abandoned):
        async with scoring_world.database.transaction("inference") as session:
            await service.take(session, scoring_world.inference, batch(*day_of(41)))
            raise Abandoned
    await scoring_world.take(*((device, 41, noisy(device)) for device in range(5)))
    await scoring_world.take(*day_of(42))


@pytest.mark.usefixtures("compared")
async def test_a_reading_sent_again_beside_a_new_one_is_not_counted_twice(scoring_world: World) -> None:
    await scoring_world.take(*day_of(40))
    await scoring_world.take((2, 40, noisy(7)), (2, 41, noisy(8)))
    await scoring_world.take(*day_of(42))


@pytest.mark.usefixtures("compared")
async def test_a_memory_too_small_for_a_batch_changes_no_score(scoring_world: World) -> None:
    small = scoring_world.again(cached_readings=12)
    for day in range(40, 46):
        await small.take(*day_of(day))
    assert len(small.inference.cache) <= 12
