"""Training runs: one at a time, told of in any order, given up when their trainer falls silent."""

from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from support.candidates import candidate
from support.registry import Registry

from pacewatch.contracts.training import TrainingFailed, TrainingProgressed
from pacewatch.kit import clock
from pacewatch.registry.handlers import on_training_failed, on_training_progressed
from pacewatch.registry.runs import repository as runs_repository


async def requested(registry: Registry, **parameters: Any) -> Any:
    answer = await registry.call("POST", "training-runs", {"reason": "test", "parameters": parameters})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def progressed(registry: Registry, run_id: str | UUID, stage: str, percent: int) -> None:
    event = TrainingProgressed(run_id=UUID(str(run_id)), stage=stage, percent=percent, message=f"at {stage}")
    async with registry.database.transaction("registry") as session:
        await on_training_progressed(event, session)


async def failed(registry: Registry, run_id: str | UUID, message: str = "no failures yet") -> None:
    async with registry.database.transaction("registry") as session:
        await on_training_failed(TrainingFailed(run_id=UUID(str(run_id)), stage="fit", message=message), session)


async def shown(registry: Registry, run_id: str | UUID) -> Any:
    return (await registry.call("GET", f"training-runs/{run_id}")).json()


async def test_request_tells_the_trainer(registry: Registry) -> None:
    run = await requested(registry, n_estimators=50)
    assert (run["status"], run["actor"], run["percent"]) == ("requested", "tester", 0)
    [(kind, told)] = await registry.told()
    assert (kind, told["run_id"], told["parameters"]) == ("training.requested", run["id"], {"n_estimators": 50})


async def test_second_request_is_refused_with_the_first_ones_id(registry: Registry) -> None:
    run = await requested(registry)
    answer = await registry.call("POST", "training-runs", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "run_under_way")
    assert answer.json()["run_id"] == run["id"]
    await failed(registry, run["id"])
    await requested(registry)


async def test_progress_in_any_order_only_rises(registry: Registry) -> None:
    run = await requested(registry)
    for stage, percent in (("fit", 40), ("pull", 0), ("features", 15)):
        await progressed(registry, run["id"], stage, percent)
    now = await shown(registry, run["id"])
    assert (now["status"], now["stage"], now["percent"], now["message"]) == ("running", "fit", 40, "at fit")


async def test_failure_ends_the_run_for_good(registry: Registry) -> None:
    run = await requested(registry)
    await failed(registry, run["id"])
    await progressed(registry, run["id"], "fit", 40)
    now = await shown(registry, run["id"])
    assert (now["status"], now["stage"], now["message"]) == ("failed", "fit", "no failures yet")
    assert now["ended_at"] is not None


async def test_candidate_ends_its_run_even_after_it_was_given_up(registry: Registry) -> None:
    event = await candidate(registry.settings)
    await failed(registry, event.run_id, "nothing was heard of the trainer")
    await registry.tell(event)
    now = await shown(registry, event.run_id)
    assert (now["status"], now["model_version"], now["percent"]) == ("succeeded", event.version, 100)


async def test_run_started_at_the_trainer_is_shown_and_counts_as_under_way(registry: Registry) -> None:
    run_id = uuid4()
    await progressed(registry, run_id, "pull", 0)
    assert (await shown(registry, run_id))["actor"] == "trainer-agent"
    assert (await registry.call("POST", "training-runs", {})).status_code == 409


async def test_model_of_a_cancelled_run_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings)
    await progressed(registry, event.run_id, "fit", 40)
    answer = await registry.call("POST", f"training-runs/{event.run_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert [kind for kind, _ in await registry.told()] == ["training.cancelled"]
    again = await registry.call("POST", f"training-runs/{event.run_id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "run_ended")
    await registry.tell(event)
    await registry.judge()
    assert (await registry.model(event.version))["reason"] == "its training run was cancelled"
    assert (await shown(registry, event.run_id))["status"] == "cancelled"


async def test_running_run_whose_trainer_is_silent_is_failed(registry: Registry) -> None:
    run_id = uuid4()
    await progressed(registry, run_id, "fit", 40)
    assert await give_up(registry, 60) == []
    async with registry.database.engine.begin() as connection:
        await connection.execute(sa.text("UPDATE registry.training_runs SET heard_at = now() - interval '61 s'"))
    assert await give_up(registry, 60) == [run_id]
    assert (await shown(registry, run_id))["status"] == "failed"


async def test_requested_run_waits_for_its_trainer_as_long_as_it_takes(registry: Registry) -> None:
    await requested(registry)
    async with registry.database.engine.begin() as connection:
        await connection.execute(sa.text("UPDATE registry.training_runs SET heard_at = now() - interval '9 days'"))
    assert await give_up(registry, 60) == []


async def give_up(registry: Registry, silence_s: float) -> list[UUID]:
    async with registry.database.transaction("registry") as session:
        return await runs_repository.give_up_silent(session, silence_s, clock.now())
