"""The worker: one run at a time, by lease, in a process of its own; a killed run is claimed again, a few times."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from support.waiting import until

from pacewatch.contracts.training import TrainingCancelled, TrainingRequested
from pacewatch.kit import clock
from pacewatch.kit.module import Resources
from pacewatch.kit.wakeup import Wakeups
from pacewatch.trainer_agent.handlers import on_training_cancelled, on_training_requested
from pacewatch.trainer_agent.runs import repository, subprocess, worker
from pacewatch.trainer_agent.runs.worker import claim_run, work
from pacewatch.trainer_agent.settings import TrainerSettings

from .conftest import QUICK, Trainer, history

pytestmark = pytest.mark.early

SLOW = {"algorithm": "random_forest", "n_estimators": 2_000}


async def requested(trainer: Trainer, parameters: dict[str, Any] | None = None) -> UUID:
    event = TrainingRequested(
        run_id=uuid4(), reason="test", as_of=clock.now(), parameters=parameters or QUICK, actor="tester"
    )
    async with trainer.database.transaction("trainer_agent") as session:
        await on_training_requested(event, session)
        await on_training_requested(event, session)  # a second delivery changes nothing
    return event.run_id


async def cancelled(trainer: Trainer, run_id: UUID) -> None:
    async with trainer.database.transaction("trainer_agent") as session:
        await on_training_cancelled(TrainingCancelled(run_id=run_id, actor="tester"), session)


@asynccontextmanager
async def working(trainer: Trainer, own: TrainerSettings | None = None) -> AsyncIterator[list[int]]:
    """A worker; gives the ids of the processes it starts."""
    started: list[int] = []
    original = subprocess.start

    async def start(*args: Any) -> Any:
        process = await original(*args)
        started.append(process.pid)
        return process

    wakeups = Wakeups(trainer.database)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(subprocess, "start", start)
        loop = work(Resources(trainer.database, wakeups), trainer.kit, own or trainer.own)
        tasks = [asyncio.create_task(wakeups.listen()), asyncio.create_task(loop)]
        try:
            yield started
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def ended(trainer: Trainer, run_id: UUID) -> Any:
    async def is_over() -> bool:
        return (await trainer.run_row(run_id))["ended_at"] is not None

    await until(is_over)
    return await trainer.run_row(run_id)


async def at_work(trainer: Trainer, run_id: UUID, attempt: int = 1) -> None:
    async def has_begun() -> bool:
        row = await trainer.run_row(run_id)
        return row["attempts"] == attempt and row["percent"] > 0

    await until(has_begun)


async def is_started(started: list[int], attempt: int) -> bool:
    return len(started) == attempt


def alive(process_id: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process_id, 0)
        return True
    return False


async def test_requested_run_is_carried_out_in_another_process(loaded: Trainer) -> None:
    run_id = await requested(loaded)
    async with working(loaded) as started:
        row = await ended(loaded, run_id)
    assert (row["status"], row["attempts"]) == ("succeeded", 1)
    assert len(started) == 1
    assert row["model_version"].startswith("2026")  # fleet time, passed to the process
    assert (await loaded.event_types())[-1] == "model.candidate"


SLOW_MLFLOW = """
import time
from pathlib import Path
from unittest.mock import MagicMock

entities, exceptions = MagicMock(), MagicMock()

class MlflowClient(MagicMock):
    def create_run(self, *_):
        time.sleep(6)
        return MagicMock()

    def set_terminated(self, run_id, status, end_time):
        Path(__file__).with_name("copied").write_text(status)
"""


async def test_process_of_an_ended_run_has_time_to_copy_it_to_mlflow(
    loaded: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mlflow.py").write_text(SLOW_MLFLOW)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking.example")
    run_id = await requested(loaded)
    async with working(loaded) as started:
        await ended(loaded, run_id)

        async def is_gone() -> bool:
            return not alive(started[0])

        await until(is_gone)
    assert (tmp_path / "copied").read_text() == "FINISHED"
    assert list((loaded.own.cache_dir / "runs").iterdir()) == []


async def test_killed_run_is_claimed_again(loaded: Trainer) -> None:
    run_id = await requested(loaded, SLOW)
    async with working(loaded) as started:
        await at_work(loaded, run_id)
        await loaded.platform.execute(
            "UPDATE trainer_agent.runs SET parameters = $1", '{"algorithm": "logistic_regression"}'
        )
        os.kill(started[0], signal.SIGKILL)
        row = await ended(loaded, run_id)
    assert (row["status"], row["attempts"], len(started)) == ("succeeded", 2, 2)
    types = await loaded.event_types()
    assert (types.count("model.candidate"), types.count("training.failed")) == (1, 0)


async def test_killed_run_continues_from_its_last_checkpoint(loaded: Trainer) -> None:
    """With the readings of the first attempt: later changes are for the next run."""
    run_id = await requested(loaded, SLOW | {"n_estimators": 150})
    async with working(loaded) as started:

        async def is_in_kfold() -> bool:
            return (await loaded.run_row(run_id))["stage"] == "kfold"

        await until(is_in_kfold)
        os.kill(started[0], signal.SIGKILL)
        await loaded.platform.execute("DELETE FROM ingest.readings WHERE device_id < 10")
        row = await ended(loaded, run_id)
    assert (row["status"], row["attempts"]) == ("succeeded", 2)
    assert json.loads(row["dataset"])["rows"] == len(history().labels)
    rows = await loaded.platform.fetch(
        "SELECT convert_from(data, 'UTF8') FROM trainer_agent.outbox ORDER BY emitted_at"
    )
    events = [json.loads(data) for (data,) in rows]
    continued = [event for event in events if "from the checkpoint" in event.get("message", "")]
    fits = [f"fit {number} random_forest" for number, _ in enumerate(json.loads(row["metrics"])["origins"], 1)]
    assert [event["stage"] for event in continued] == ["pull", *fits, "fit final"]
    assert list((loaded.own.cache_dir / "runs").iterdir()) == []


async def test_run_that_gets_no_connection_is_tried_again(
    loaded: Trainer, monkeypatch: pytest.MonkeyPatch, new_role: Callable[[str], Awaitable[str]]
) -> None:
    monkeypatch.setattr(worker, "TRY_LATER_S", 0.2)
    url = await new_role("CONNECTION LIMIT 0 IN ROLE pg_read_all_data")
    role = urlsplit(url).username
    run_id = await requested(loaded)
    async with working(loaded, loaded.own.model_copy(update={"database_url": SecretStr(url)})) as started:
        await until(partial(is_started, started, 2))
        await loaded.platform.execute(f'ALTER ROLE "{role}" CONNECTION LIMIT -1')
        row = await ended(loaded, run_id)
    assert (row["status"], len(started)) == ("succeeded", row["attempts"])
    assert "training.failed" not in await loaded.event_types()


async def test_run_that_never_gets_a_connection_fails_with_what_postgresql_said(
    loaded: Trainer, monkeypatch: pytest.MonkeyPatch, new_role: Callable[[str], Awaitable[str]]
) -> None:
    monkeypatch.setattr(worker, "TRY_LATER_S", 0.2)
    url = SecretStr(await new_role("CONNECTION LIMIT 0"))
    run_id = await requested(loaded)
    async with working(loaded, loaded.own.model_copy(update={"database_url": url, "max_attempts": 2})) as started:
        row = await ended(loaded, run_id)
    assert (row["status"], row["attempts"], len(started)) == ("failed", 2, 2)
    assert "too many connections" in row["message"]


async def test_run_whose_process_dies_every_time_is_failed(loaded: Trainer) -> None:
    run_id = await requested(loaded, SLOW)
    async with working(loaded, loaded.own.model_copy(update={"max_attempts": 2})) as started:
        for attempt in (1, 2):
            await at_work(loaded, run_id, attempt)
            await until(partial(is_started, started, attempt))  # its row is claimed before, and keeps its percent
            os.kill(started[-1], signal.SIGKILL)
        row = await ended(loaded, run_id)
    assert (row["status"], row["attempts"]) == ("failed", 2)
    assert "died 2 times" in row["message"]
    assert (await loaded.event_types())[-1] == "training.failed"


async def test_run_is_claimed_when_the_lease_of_a_vanished_trainer_ends(loaded: Trainer) -> None:
    run_id = await requested(loaded)
    async with loaded.database.transaction("trainer_agent") as session:
        assert await repository.claim(session, 2, "a machine that lost its power")
    async with working(loaded):
        row = await ended(loaded, run_id)
    assert (row["status"], row["attempts"]) == ("succeeded", 2)


async def test_run_is_claimed_when_its_lease_is_from_before_the_clock_was_set_back(loaded: Trainer) -> None:
    run_id = await requested(loaded)
    assert await claim_run(loaded.database, loaded.own)
    assert await claim_run(loaded.database, loaded.own) is None
    await loaded.platform.execute("UPDATE trainer_agent.runs SET lease_until = lease_until + interval '1 day'")
    lease = await claim_run(loaded.database, loaded.own)
    assert lease is not None
    assert (lease.run_id, lease.attempt) == (run_id, 2)


async def test_lease_of_a_long_run_is_renewed(loaded: Trainer) -> None:
    run_id = await requested(loaded, SLOW)
    own = loaded.own.model_copy(update={"lease_s": 8})
    async with working(loaded, own):
        await at_work(loaded, run_id)
        until_first = (await loaded.run_row(run_id))["lease_until"]

        async def renewed() -> bool:
            return bool((await loaded.run_row(run_id))["lease_until"] > until_first)

        await until(renewed)
        assert await claim_run(loaded.database, own) is None


async def test_one_run_at_a_time(loaded: Trainer) -> None:
    await requested(loaded)
    await requested(loaded)
    leases = await asyncio.gather(*(claim_run(loaded.database, loaded.own) for _ in range(6)))
    assert sum(lease is not None for lease in leases) == 1


async def test_cancelled_run_is_stopped_without_a_candidate(loaded: Trainer) -> None:
    run_id = await requested(loaded, SLOW)
    async with working(loaded) as started:
        await at_work(loaded, run_id)
        await cancelled(loaded, run_id)

        async def is_gone() -> bool:
            return not alive(started[0])

        await until(is_gone)
    assert (await loaded.run_row(run_id))["status"] == "cancelled"
    assert "model.candidate" not in await loaded.event_types()


async def test_run_cancelled_before_its_request_never_starts(trainer: Trainer) -> None:
    event = TrainingRequested(run_id=uuid4(), reason="test", as_of=clock.now(), parameters=QUICK, actor="tester")
    await cancelled(trainer, event.run_id)
    async with trainer.database.transaction("trainer_agent") as session:
        await on_training_requested(event, session)
    assert await claim_run(trainer.database, trainer.own) is None


async def test_ended_run_cannot_be_cancelled(trainer: Trainer) -> None:
    run_id = await requested(trainer)
    await trainer.platform.execute("UPDATE trainer_agent.runs SET status = 'succeeded'")
    await cancelled(trainer, run_id)
    assert (await trainer.run_row(run_id))["status"] == "succeeded"


async def test_stopped_worker_releases_its_run(loaded: Trainer) -> None:
    run_id = await requested(loaded, SLOW)
    async with working(loaded) as started:
        await at_work(loaded, run_id)
    assert not alive(started[0])
    row = await loaded.run_row(run_id)
    assert (row["status"], row["lease_until"], row["lease_token"]) == ("running", None, None)
