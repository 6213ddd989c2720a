"""A good candidate is promoted. A worse one is kept back with its reason, and the active model stays active."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.candidates import beside, candidate
from support.registry import Registry

from pacewatch.registry import gate_file
from pacewatch.registry.models import judge
from pacewatch.registry.models.artifact_check import ArtifactChecker
from pacewatch.registry.settings import RegistrySettings
from pacewatch.trainer_agent.candidates import champion

pytestmark = pytest.mark.early

WORSE: dict[str, dict[str, Any]] = {
    "undefined metric": {"pr_auc": None},
    "below the hand rule": {"f1_more_than_hand_rule": {"value": -0.02, "low": -0.05, "high": 0.01}},
    "surely worse than the active model": {"caught": -0.3},
}


def replacing(version: str, **changes: Any) -> dict[str, Any]:
    """Metrics of a candidate that was compared with `version`; `caught` and `failures` are of that comparison."""
    compared = {name: changes.pop(name) for name in ("caught", "failures") if name in changes}
    return beside(version, **compared) | changes


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
    second = await registry.receive(await candidate(registry.settings, 2, replacing(first)))
    assert await registry.judge() == second
    type_, data = (await registry.emitted())[-1]
    assert (type_, data["version"], data["previous"], data["sequence"]) == ("model.activated", second, first, 2)
    assert (await registry.get_model(first))["status"] == "accepted"


async def test_a_comparison_with_another_model_than_the_active_one_is_no_evidence(registry: Registry) -> None:
    await registry.add_active(1)
    version = await registry.receive(await candidate(registry.settings, 2, replacing("20200101T000000Z")))
    await registry.judge()
    judgement = (await registry.get_model(version))["judgement"]
    assert judgement["verdict"] == "insufficient evidence"
    assert judgement["undecided"] == ["failures_beside_active"]


async def test_the_verdict_is_stored_with_every_check_and_the_hash_of_the_gate_file(
    registry: Registry, tmp_path: Path
) -> None:
    own = tmp_path / "gate.yaml"
    own.write_text(gate_file.SHIPPED.read_text().replace("least_failures: 20", "least_failures: 41"))
    version = await registry.receive(await candidate(registry.settings))
    await registry.judge(gate_file=str(own))
    model = await registry.get_model(version)
    assert model["judgement"]["gate_sha256"] == hashlib.sha256(own.read_bytes()).hexdigest()
    [result] = [result for result in model["gate"] if result["check"] == "failures_judged"]
    assert (result["passed"], result["value"], result["limit"]) == (False, 40, 41)


async def test_the_first_model_on_little_evidence_is_provisional_and_the_next_is_held(registry: Registry) -> None:
    few = {"failures_pooled": 10}
    first = await registry.receive(await candidate(registry.settings, 1, few))
    await registry.judge()
    judgement = (await registry.get_model(first))["judgement"]
    assert (judgement["provisional"], judgement["verdict"]) == (True, "insufficient evidence")
    assert await registry.active_version() == first
    second = await registry.receive(await candidate(registry.settings, 2, few | replacing(first)))
    await registry.judge()
    model = await registry.get_model(second)
    assert (model["status"], model["judgement"]["provisional"]) == ("rejected", False)
    assert model["reason"].startswith("insufficient evidence: ")
    assert await registry.active_version() == first
    third = await registry.receive(await candidate(registry.settings, 3, replacing(first, failures=0)))
    await registry.judge()  # enough failures judged; a provisional model need not be beaten
    assert await registry.active_version() == third


async def test_a_first_model_that_fails_a_check_is_not_promoted(registry: Registry) -> None:
    worse = {"failures_pooled": 10, "at_threshold": {"alert_share": 0.5}}
    version = await registry.receive(await candidate(registry.settings, 1, worse))
    await registry.judge()
    assert (await registry.get_model(version))["judgement"]["verdict"] == "kept back"
    assert await registry.active_version() is None


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
async def test_worse_candidate_is_kept_back_with_its_reasons(registry: Registry, metrics: dict[str, Any]) -> None:
    active = await registry.add_active(1)
    version = await registry.receive(await candidate(registry.settings, 2, replacing(active, **metrics)))
    assert await registry.judge() == version
    model = await registry.get_model(version)
    assert (model["status"], await registry.active_version()) == ("rejected", active)
    assert model["judgement"]["verdict"] == "kept back"
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
