"""A good candidate is promoted. A worse one is rejected with its reason, and the active model stays active."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from support.candidates import GOOD_METRICS, candidate
from support.registry import Registry

from pacewatch.registry.models import judge
from pacewatch.registry.models.artifact_check import ArtifactChecker
from pacewatch.registry.settings import RegistrySettings
from pacewatch.trainer_agent.candidates import champion

pytestmark = pytest.mark.early

WORSE = {
    "undefined metric": {"pr_auc": None},
    "ROC-AUC below the active model's": {"roc_auc": 0.75, "intervals": {"roc_auc": {"high": 0.78}}},
    "fewer failures caught than the active model": {"failures_caught": 0.4},
}


async def test_good_candidate_becomes_active(registry: Registry) -> None:
    event = await candidate(registry.settings)
    version = await registry.receive(event)
    assert (await registry.get_model(version))["status"] == "candidate"
    assert await registry.judge() == version
    model = await registry.get_model(version)
    assert (model["status"], model["active"], model["algorithm"]) == ("active", True, "random_forest")
    assert all(result["passed"] for result in model["gate"])
    type_, data = (await registry.emitted())[-1]
    assert (type_, data["version"], data["previous"], data["sequence"]) == ("model.activated", version, None, 1)
    assert data["artifact"] == event.artifact.model_dump()
    assert data["threshold"] == json.loads(event.artifact.manifest_json)["threshold"]


async def test_better_candidate_replaces_the_active_model(registry: Registry) -> None:
    first = await registry.add_active(1)
    second = await registry.receive(await candidate(registry.settings, 2, {"roc_auc": 0.9}))
    assert await registry.judge() == second
    type_, data = (await registry.emitted())[-1]
    assert (type_, data["version"], data["previous"], data["sequence"]) == ("model.activated", second, first, 2)
    assert (await registry.get_model(first))["status"] == "accepted"


@pytest.mark.parametrize(("of_active", "status"), [(True, "rejected"), (False, "active")])
async def test_active_models_metrics_on_the_candidates_rows_decide(
    registry: Registry, of_active: bool, status: str
) -> None:
    first = await registry.add_active(1)
    champion_metrics = GOOD_METRICS | {"version": first if of_active else "20200101T000000Z", "roc_auc": 0.97}
    version = await registry.receive(await candidate(registry.settings, 2, {"champion": champion_metrics}))
    await registry.judge()
    model = await registry.get_model(version)
    assert model["status"] == status
    assert ("on the same rows" in model["reason"]) is of_active


async def test_trainer_can_read_the_active_models_artifact(registry: Registry) -> None:
    assert await champion.active(registry.database) is None
    event = await candidate(registry.settings)
    version = await registry.receive(event)
    await registry.judge()
    assert await champion.active(registry.database) == (version, event.artifact)


async def test_candidate_waits_for_a_person_without_automatic_promotion(registry: Registry) -> None:
    version = await registry.receive(await candidate(registry.settings))
    await registry.judge(auto_promote=False)
    assert (await registry.get_model(version))["status"] == "accepted"
    assert await registry.active_version() is None
    assert await registry.emitted() == []


@pytest.mark.parametrize("metrics", WORSE.values(), ids=WORSE.keys())
async def test_worse_candidate_is_rejected_with_its_reasons(registry: Registry, metrics: dict[str, Any]) -> None:
    active = await registry.add_active(1)
    version = await registry.receive(await candidate(registry.settings, 2, metrics))
    assert await registry.judge() == version
    model = await registry.get_model(version)
    assert (model["status"], await registry.active_version()) == ("rejected", active)
    failed = [result for result in model["gate"] if not result["passed"]]
    assert failed
    assert all(result["message"] in model["reason"] for result in failed)
    type_, data = (await registry.emitted())[-1]
    assert (type_, data["version"], data["reason"]) == ("model.rejected", version, model["reason"])


async def test_repeated_candidate_event_is_judged_once(registry: Registry) -> None:
    event = await candidate(registry.settings)
    await registry.receive(event)
    assert await registry.judge() == event.version
    await registry.receive(event)
    assert await registry.judge() is None
    assert (await registry.get_model(event.version))["status"] == "active"


async def test_candidate_with_the_version_of_another_run_is_refused(registry: Registry) -> None:
    first, second = await candidate(registry.settings), await candidate(registry.settings)
    await registry.receive(first)
    with pytest.raises(ValueError, match="belongs to run"):
        await registry.receive(second)


async def test_candidate_postponed_by_a_day_when_the_clock_was_set_back_is_judged_at_once(
    registry: Registry,
) -> None:
    event = await candidate(registry.settings)
    await registry.receive(event)
    for ahead, judged in (("5 minutes", None), ("1 day", event.version)):
        async with registry.database.transaction("registry") as session:
            await session.execute(sa.text(f"UPDATE registry.models SET judge_after = now() + interval '{ahead}'"))
        assert await registry.judge() == judged


async def test_unreachable_artifact_store_postpones_the_candidate_and_finally_rejects_it(registry: Registry) -> None:
    class UnreachableStore:
        async def get(self, _uri: str) -> bytes:
            raise ConnectionError("no route to the store")

    version = await registry.receive(await candidate(registry.settings))
    checker = registry.checker()
    without_store = ArtifactChecker(UnreachableStore(), checker.public_keys, checker.profile, 60)  # type: ignore[arg-type]
    with pytest.raises(judge.CheckFailed) as failure:
        await judge.judge_next(registry.database, without_store, RegistrySettings())
    await judge.postpone(registry.database, version, str(failure.value))
    assert (await registry.get_model(version))["status"] == "candidate"
    assert await registry.judge() is None  # it is not due yet
    for _ in judge.RETRY_PAUSES_S:
        await judge.postpone(registry.database, version, str(failure.value))
    model = await registry.get_model(version)
    assert model["status"] == "rejected"
    assert "no route to the store" in model["reason"]
