"""The training schedule goes by fleet time, needs enough to learn from, and asks once however many processes run."""

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
from pacewatch.registry.runs import repository as runs_repository
from pacewatch.registry.runs.schedule import request_if_due
from pacewatch.registry.settings import RegistrySettings

NOW_S = 1_790_000_000


@pytest.fixture(autouse=True)
def fleet_clock() -> Iterator[None]:
    clock.start_at(NOW_S, 0)
    yield
    clock.set_pace(None)


def later(hours: float) -> None:
    clock.start_at(NOW_S + hours * 3_600, 0)


async def matured(registry: Registry, positive: int = 100, as_of: datetime | None = None) -> None:
    counts = LabelCounts(unresolved=0, positive=positive, negative=1_000, censored=0)
    async with registry.database.transaction("registry") as session:
        await on_labels_matured(LabelsMatured(as_of=as_of or clock.now(), moved=1, counts=counts), session)


async def asked(registry: Registry, **settings: Any) -> bool:
    async with registry.database.transaction("registry") as session:
        return await request_if_due(session, RegistrySettings(**settings))


async def end_all(registry: Registry) -> None:
    async with registry.database.transaction("registry") as session:
        run_id = await runs_repository.open_run(session)
        assert run_id is not None
        await runs_repository.end(session, run_id, RunStatus.FAILED, clock.now())


async def test_first_run_comes_an_interval_after_the_first_labels(registry: Registry) -> None:
    await matured(registry)
    later(23.9)
    assert not await asked(registry)
    later(24)
    assert await asked(registry)
    assert [kind for kind, _ in await registry.told()] == ["training.requested"]


async def test_next_run_comes_an_interval_after_the_last(registry: Registry) -> None:
    await matured(registry)
    later(24)
    assert await asked(registry)
    await end_all(registry)
    later(47)
    assert not await asked(registry)
    later(48)
    assert await asked(registry)


async def test_nothing_is_asked_while_a_run_is_under_way(registry: Registry) -> None:
    await matured(registry)
    later(24)
    assert await asked(registry)
    later(100)
    assert not await asked(registry)


async def test_too_few_positives_wait(registry: Registry) -> None:
    await matured(registry, positive=49)
    later(1_000)
    assert not await asked(registry, min_training_positives=50)
    await matured(registry, positive=50)
    assert await asked(registry, min_training_positives=50)


async def test_interval_of_zero_is_never(registry: Registry) -> None:
    await matured(registry)
    later(1_000)
    assert not await asked(registry, training_interval_h=0)


async def test_older_counts_do_not_replace_newer_ones(registry: Registry) -> None:
    await matured(registry, positive=100)
    await matured(registry, positive=0, as_of=clock.now() - timedelta(days=1))
    later(24)
    assert await asked(registry)


async def test_of_many_processes_one_asks(registry: Registry) -> None:
    await matured(registry)
    later(24)
    answers = await asyncio.gather(*(asked(registry) for _ in range(8)))
    assert sorted(answers) == [False] * 7 + [True]
    assert (await registry.call("GET", "training-runs")).json()["total"] == 1
