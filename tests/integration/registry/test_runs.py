"""Training runs: one open at a time, progress in any order, failed when their trainer is silent."""

from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from support.candidates import candidate
from support.registry import Registry

from pacewatch.contracts.training import TrainingFailed, TrainingProgressed
from pacewatch.kit import clock
from pacewatch.registry.handlers import on_training_failed, on_training_progressed
from pacewatch.registry.runs import repository as runs


async def request_run(registry: Registry, **parameters: Any) -> Any:
    response = await registry.call("POST", "training-runs", {"reason": "test", "parameters": parameters})
    assert response.status_code == 202, response.text
    return response.json()


async def receive_progress(registry: Registry, run_id: str | UUID, stage: str, percent: int) -> None:
    event = TrainingProgressed(run_id=UUID(str(run_id)), stage=stage, percent=percent, message=f"at {stage}")
    async with registry.database.transaction("registry") as session:
        await on_training_progressed(event, session)


async def receive_failure(registry: Registry, run_id: str | UUID, message: str = "no failures yet") -> None:
    async with registry.database.transaction("registry") as session:
        await on_training_failed(TrainingFailed(run_id=UUID(str(run_id)), stage="fit", message=message), session)


async def get_run(registry: Registry, run_id: str | UUID) -> Any:
    return (await registry.call("GET", f"training-runs/{run_id}")).json()


async def test_request_emits_training_requested(registry: Registry) -> None:
    run = await request_run(registry, n_estimators=50)
    assert (run["status"], run["actor"], run["percent"]) == ("requested", "tester", 0)
    [(type_, data)] = await registry.emitted()
    assert (type_, data["run_id"], data["parameters"]) == ("training.requested", run["id"], {"n_estimators": 50})


async def test_second_request_is_refused_with_the_open_runs_id(registry: Registry) -> None:
    run = await request_run(registry)
    response = await registry.call("POST", "training-runs", {})
    assert (response.status_code, response.json()["code"]) == (409, "run_under_way")
    assert response.json()["run_id"] == run["id"]
    await receive_failure(registry, run["id"])
    await request_run(registry)


async def test_percent_only_rises_when_progress_arrives_out_of_order(registry: Registry) -> None:
    run = await request_run(registry)
    for stage, percent in (("fit", 40), ("pull", 0), ("features", 15)):
        await receive_progress(registry, run["id"], stage, percent)
    shown = await get_run(registry, run["id"])
    assert (shown["status"], shown["stage"], shown["percent"], shown["message"]) == (
        "running",
        "fit",
        40,
        "at fit",
    )


async def test_failed_run_ignores_later_progress(registry: Registry) -> None:
    run = await request_run(registry)
    await receive_failure(registry, run["id"])
    await receive_progress(registry, run["id"], "fit", 40)
    shown = await get_run(registry, run["id"])
    assert (shown["status"], shown["stage"], shown["message"]) == ("failed", "fit", "no failures yet")
    assert shown["ended_at"] is not None


async def test_candidate_completes_its_run_even_after_the_run_failed(registry: Registry) -> None:
    event = await candidate(registry.settings)
    await receive_failure(registry, event.run_id, "no progress from the trainer")
    await registry.receive(event)
    shown = await get_run(registry, event.run_id)
    assert (shown["status"], shown["model_version"], shown["percent"]) == ("succeeded", event.version, 100)


async def test_run_started_at_the_trainer_is_listed_and_counts_as_open(registry: Registry) -> None:
    run_id = uuid4()
    await receive_progress(registry, run_id, "pull", 0)
    assert (await get_run(registry, run_id))["actor"] == "trainer-agent"
    assert (await registry.call("POST", "training-runs", {})).status_code == 409


async def test_model_of_a_cancelled_run_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings)
    await receive_progress(registry, event.run_id, "fit", 40)
    response = await registry.call("POST", f"training-runs/{event.run_id}/cancel")
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert await registry.emitted_types() == ["training.cancelled"]
    again = await registry.call("POST", f"training-runs/{event.run_id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "run_ended")
    await registry.receive(event)
    await registry.judge()
    assert (await registry.get_model(event.version))["reason"] == "its training run was cancelled"
    assert (await get_run(registry, event.run_id))["status"] == "cancelled"


async def test_running_run_without_progress_is_failed(registry: Registry) -> None:
    run_id = uuid4()
    await receive_progress(registry, run_id, "fit", 40)
    assert await fail_silent_runs(registry, 60) == []
    async with registry.database.engine.begin() as connection:
        await connection.execute(sa.text("UPDATE registry.training_runs SET heard_at = now() - interval '61 s'"))
    assert await fail_silent_runs(registry, 60) == [run_id]
    assert (await get_run(registry, run_id))["status"] == "failed"


async def test_requested_run_is_not_failed_while_it_waits_for_a_trainer(registry: Registry) -> None:
    await request_run(registry)
    async with registry.database.engine.begin() as connection:
        await connection.execute(sa.text("UPDATE registry.training_runs SET heard_at = now() - interval '9 days'"))
    assert await fail_silent_runs(registry, 60) == []


async def fail_silent_runs(registry: Registry, silence_s: float) -> list[UUID]:
    async with registry.database.transaction("registry") as session:
        return await runs.fail_silent_runs(session, silence_s, clock.now())
