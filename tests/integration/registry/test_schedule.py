"""The training schedule: it runs by fleet time, needs enough labels, and requests one run for all processes."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.registry import Registry

from pacewatch.contracts.labels import LabelCounts, LabelsMatured
from pacewatch.contracts.training import RunStatus
from pacewatch.kit import clock
from pacewatch.registry.handlers import on_labels_matured
from pacewatch.registry.runs import repository as runs
from pacewatch.registry.runs.schedule import request_if_due
from pacewatch.registry.settings import RegistrySettings

NOW_S = 1_790_000_000


@pytest.fixture(autouse=True)
def fleet_clock() -> Iterator[None]:
    clock.start_at(NOW_S, 0)
    yield
    clock.set_pace(None)


def advance_clock(hours: float) -> None:
    clock.start_at(NOW_S + hours * 3_600, 0)


async def receive_label_counts(registry: Registry, positive: int = 100, as_of: datetime | None = None) -> None:
    counts = LabelCounts(unresolved=0, positive=positive, negative=1_000, censored=0)
    async with registry.database.transaction("registry") as session:
        await on_labels_matured(LabelsMatured(as_of=as_of or clock.now(), moved=1, counts=counts), session)


async def request_due_run(registry: Registry, **settings: Any) -> bool:
    async with registry.database.transaction("registry") as session:
        return await request_if_due(session, RegistrySettings(**settings))


async def end_open_run(registry: Registry) -> None:
    async with registry.database.transaction("registry") as session:
        run_id = await runs.open_run(session)
        assert run_id is not None
        await runs.end(session, run_id, RunStatus.FAILED, clock.now())


async def test_first_run_is_requested_one_interval_after_the_first_label_counts(registry: Registry) -> None:
    await receive_label_counts(registry)
    advance_clock(23.9)
    assert not await request_due_run(registry)
    advance_clock(24)
    assert await request_due_run(registry)
    assert await registry.emitted_types() == ["training.requested"]


async def test_next_run_is_requested_one_interval_after_the_last_request(registry: Registry) -> None:
    await receive_label_counts(registry)
    advance_clock(24)
    assert await request_due_run(registry)
    await end_open_run(registry)
    advance_clock(47)
    assert not await request_due_run(registry)
    advance_clock(48)
    assert await request_due_run(registry)


async def test_no_run_is_requested_while_one_is_open(registry: Registry) -> None:
    await receive_label_counts(registry)
    advance_clock(24)
    assert await request_due_run(registry)
    advance_clock(100)
    assert not await request_due_run(registry)


async def test_too_few_positive_labels_request_no_run(registry: Registry) -> None:
    await receive_label_counts(registry, positive=49)
    advance_clock(1_000)
    assert not await request_due_run(registry, min_training_positives=50)
    await receive_label_counts(registry, positive=50)
    assert await request_due_run(registry, min_training_positives=50)


async def test_interval_of_zero_turns_the_schedule_off(registry: Registry) -> None:
    await receive_label_counts(registry)
    advance_clock(1_000)
    assert not await request_due_run(registry, training_interval_h=0)


async def test_older_label_counts_do_not_replace_newer_ones(registry: Registry) -> None:
    await receive_label_counts(registry, positive=100)
    await receive_label_counts(registry, positive=0, as_of=clock.now() - timedelta(days=1))
    advance_clock(24)
    assert await request_due_run(registry)


async def test_of_many_processes_one_requests_the_run(registry: Registry) -> None:
    await receive_label_counts(registry)
    advance_clock(24)
    requested = await asyncio.gather(*(request_due_run(registry) for _ in range(8)))
    assert sorted(requested) == [False] * 7 + [True]
    assert (await registry.call("GET", "training-runs")).json()["total"] == 1


async def test_the_schedule_says_when_it_requests_the_next_run_and_what_it_needs(registry: Registry) -> None:
    async def shown() -> dict[str, Any]:
        return dict((await registry.call("GET", "training-runs/schedule")).json())

    needs = {"interval_h": 24, "least_positive_labels": 50}
    assert await shown() == {"next_at": None, "positive_labels": 0, **needs}
    await receive_label_counts(registry, positive=49)
    first = await shown()
    assert (first["positive_labels"], first["next_at"]) == (49, "2026-09-22T14:13:20Z")
    await receive_label_counts(registry, positive=50, as_of=clock.now() + timedelta(hours=1))
    advance_clock(24)
    assert await request_due_run(registry)
    assert datetime.fromisoformat((await shown())["next_at"]) == clock.now() + timedelta(hours=24)
