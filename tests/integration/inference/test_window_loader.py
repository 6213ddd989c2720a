"""Cached windows have the bits of the table, after stores, rollbacks, pruning and late readings of two processes."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from support.inference.harness import TABLES, Harness, Row, batch, noisy
from support.inference.models import HEALTHY

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.inference import service
from pacewatch.inference.jobs import prune
from pacewatch.inference.scoring import repository
from pacewatch.inference.scoring.scorer import Scores
from pacewatch.inference.windows import loader as window_loader
from pacewatch.inference.windows import readings as readings_table
from pacewatch.kit.columns.readings import Readings

pytestmark = pytest.mark.servers

DEVICES = 3


class RolledBack(Exception):
    """Fails a transaction after all its statements, before the commit."""


@dataclass(frozen=True)
class Step:
    """Time passes, and one of two processes does something."""

    days: int
    process: int
    action: str
    readings: list[tuple[int, int]]
    """Device, and how many days before the day of the step."""


ACTIONS = ["live"] * 6 + ["backfill", "rolled back", "rolled back", "concurrent", "rescored", "pruned"]
steps = st.builds(
    Step,
    days=st.integers(0, 3),
    process=st.integers(0, 1),
    action=st.sampled_from(ACTIONS),
    readings=st.lists(
        st.tuples(st.integers(1, DEVICES), st.sampled_from([0, 0, 0, 0, 1, 2, 9, 36, 37])), min_size=1, max_size=4
    ),
)


def windows_from(source: str) -> float:
    return REGISTRY.get_sample_value("pacewatch_windows_total", {"source": source}) or 0.0


def bits(readings: Readings) -> list[bytes]:
    columns = (readings.device_ids, readings.timestamps_s, *readings.signals.values())
    return [column.tobytes() for column in columns]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compares all readings that scores are computed from with the table, when the transaction has stored its own."""
    load, add_predictions = window_loader.load, repository.add_predictions
    loaded: dict[Any, Readings] = {}

    async def load_and_remember(connection: Any, *arguments: Any, **options: Any) -> Readings:
        loaded[connection] = await load(connection, *arguments, **options)
        return loaded[connection]

    async def compare_and_add(connection: Any, scores: Scores, *arguments: Any, **options: Any) -> None:
        in_table = await readings_table.load(connection, PACEMAKER, scores.readings)
        assert bits(loaded.pop(connection)) == bits(in_table)
        await add_predictions(connection, scores, *arguments, **options)

    monkeypatch.setattr(window_loader, "load", load_and_remember)
    monkeypatch.setattr(repository, "add_predictions", compare_and_add)


@pytest.mark.usefixtures("compared")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, min_size=4, max_size=14))
async def test_windows_are_those_of_the_table_for_any_history_of_two_processes(
    scoring: Harness, history: list[Step]
) -> None:
    cleared = ", ".join(f"inference.{table}" for table in TABLES if table != "models")
    await scoring.fetch(f"TRUNCATE {cleared}")
    first = scoring.with_settings(late_days=1 if len(history) % 2 else 30)
    processes, day = [first, first.new_process()], 40
    for number, step in enumerate(history):
        day += step.days
        rows = {(device, day - ago): noisy(1_000 * number + ago) for device, ago in step.readings}
        await run_step(processes, step, [(*key, values) for key, values in rows.items()])


async def run_step(processes: list[Harness], step: Step, rows: list[Row]) -> None:
    harness = processes[step.process]
    if step.action == "rolled back":
        with pytest.raises(RolledBack):
            async with harness.database.transaction("inference") as session:
                await service.process_batch(session, harness.inference, batch(*rows))
                raise RolledBack
    elif step.action == "concurrent":
        await asyncio.gather(
            *(harness.process(*part) for harness, part in zip(processes, (rows, rows[::2]), strict=True))
        )
    elif step.action == "rescored":
        await harness.fetch("UPDATE inference.devices SET considered_sequence = 0")
        await harness.rescore()
    elif step.action == "pruned":
        await prune.prune_fleet(harness.database, harness.inference)
    else:
        await harness.process(*rows, mode=Mode.BACKFILL if step.action == "backfill" else Mode.LIVE)


def rows_of(day: int, devices: int = 5) -> list[Row]:
    return [(device, day, noisy(100 * device + day, HEALTHY)) for device in range(devices)]


@pytest.mark.usefixtures("compared")
async def test_the_second_day_is_scored_from_cached_windows(scoring: Harness) -> None:
    await scoring.process(*rows_of(40))
    before = windows_from("memory"), windows_from("table")
    await scoring.process(*rows_of(41))
    assert (windows_from("memory") - before[0], windows_from("table") - before[1]) == (5, 0)


@pytest.mark.usefixtures("compared")
@pytest.mark.parametrize("mode", list(Mode))
async def test_readings_stored_by_another_process_are_used(scoring: Harness, mode: Mode) -> None:
    other = scoring.new_process()
    await scoring.process(*rows_of(40))
    await other.process((2, 39, noisy(7)), mode=mode)
    before = windows_from("memory"), windows_from("table")
    await scoring.process(*rows_of(41))
    assert (windows_from("memory") - before[0], windows_from("table") - before[1]) == (4, 1)


@pytest.mark.usefixtures("compared")
async def test_rolled_back_readings_are_not_used(scoring: Harness) -> None:
    await scoring.process(*rows_of(40))
    with pytest.raises(RolledBack):
        async with scoring.database.transaction("inference") as session:
            await service.process_batch(session, scoring.inference, batch(*rows_of(41)))
            raise RolledBack
    await scoring.process(*((device, 41, noisy(device)) for device in range(5)))
    await scoring.process(*rows_of(42))


@pytest.mark.usefixtures("compared")
async def test_a_repeated_reading_beside_a_new_one_is_used_once(scoring: Harness) -> None:
    await scoring.process(*rows_of(40))
    await scoring.process((2, 40, noisy(7)), (2, 41, noisy(8)))
    await scoring.process(*rows_of(42))


@pytest.mark.usefixtures("compared")
async def test_a_cache_too_small_for_a_batch_changes_no_score(scoring: Harness) -> None:
    small = scoring.new_process(cache_bytes=3_200)
    for day in range(40, 46):
        await small.process(*rows_of(day))
    assert small.inference.cache.size_bytes() <= 3_200
