"""A good candidate is promoted; any other is rejected with its reason, and the active model is what it was."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.candidates import FIGURES, broken, candidate
from support.models import engine
from support.registry import Registry

from pacewatch.contracts.models import ModelCandidate
from pacewatch.registry.models import judge
from pacewatch.registry.models.examination import Examiner
from pacewatch.registry.settings import RegistrySettings
from pacewatch.trainer_agent.candidates import champion

pytestmark = pytest.mark.early

WORSE = {
    "undefined figure": {"pr_auc": None},
    "ranking below the active model's": {"roc_auc": 0.75, "intervals": {"roc_auc": {"high": 0.78}}},
    "fewer failures caught than the active model": {"failures_caught": 0.4},
}


def path_of(event: ModelCandidate) -> Path:
    return Path(urlsplit(event.artifact.uri).path)


async def rejection(registry: Registry, event: ModelCandidate, **limits: Any) -> Any:
    """Judge `event` beside an active model that stays; gives what the API then says of it."""
    before = await registry.promoted(1)
    version = await registry.tell(event)
    assert await registry.judge(**limits) == version
    model = await registry.model(version)
    assert model["status"] == "rejected"
    assert await registry.active() == before
    kind, told = (await registry.told())[-1]
    assert (kind, told["version"], told["reason"]) == ("model.rejected", version, model["reason"])
    return model


async def test_good_candidate_becomes_active(registry: Registry) -> None:
    event = await candidate(registry.settings)
    version = await registry.tell(event)
    assert (await registry.model(version))["status"] == "candidate"
    assert await registry.judge() == version
    model = await registry.model(version)
    assert (model["status"], model["active"], model["algorithm"]) == ("active", True, "random_forest")
    assert all(answer["passed"] for answer in model["gate"])
    kind, told = (await registry.told())[-1]
    assert (kind, told["version"], told["previous"], told["sequence"]) == ("model.activated", version, None, 1)
    assert told["artifact"] == event.artifact.model_dump()
    assert told["threshold"] == json.loads(event.artifact.manifest_json)["threshold"]


async def test_better_candidate_follows_the_active_model(registry: Registry) -> None:
    first = await registry.promoted(1)
    second = await registry.tell(await candidate(registry.settings, 2, {"roc_auc": 0.9}))
    assert await registry.judge() == second
    kind, told = (await registry.told())[-1]
    assert (kind, told["version"], told["previous"], told["sequence"]) == ("model.activated", second, first, 2)
    assert (await registry.model(first))["status"] == "accepted"


@pytest.mark.parametrize(("of_active", "status"), [(True, "rejected"), (False, "active")])
async def test_the_active_model_counts_as_it_did_on_the_candidates_rows(
    registry: Registry, of_active: bool, status: str
) -> None:
    first = await registry.promoted(1)
    beside = FIGURES | {"version": first if of_active else "20200101T000000Z", "roc_auc": 0.97}
    version = await registry.tell(await candidate(registry.settings, 2, {"champion": beside}))
    await registry.judge()
    model = await registry.model(version)
    assert model["status"] == status
    assert ("on the same rows" in model["reason"]) is of_active


async def test_trainers_see_the_active_models_artifact(registry: Registry) -> None:
    assert await champion.active(registry.database) is None
    event = await candidate(registry.settings)
    version = await registry.tell(event)
    await registry.judge()
    assert await champion.active(registry.database) == (version, event.artifact)


async def test_candidate_waits_for_a_person_without_automatic_promotion(registry: Registry) -> None:
    version = await registry.tell(await candidate(registry.settings))
    await registry.judge(auto_promote=False)
    assert (await registry.model(version))["status"] == "accepted"
    assert await registry.active() is None
    assert await registry.told() == []


@pytest.mark.parametrize("figures", WORSE.values(), ids=WORSE.keys())
async def test_worse_candidate_is_rejected(registry: Registry, figures: dict[str, Any]) -> None:
    model = await rejection(registry, await candidate(registry.settings, 2, figures))
    failed = [answer for answer in model["gate"] if not answer["passed"]]
    assert failed
    assert all(answer["message"] in model["reason"] for answer in failed)


async def test_candidate_that_scores_nan_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2, model=broken(engine()))
    assert (await rejection(registry, event))["reason"].startswith("smoke_failed")


async def test_tampered_artifact_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2)
    data = bytearray(path_of(event).read_bytes())
    data[len(data) // 2] ^= 1
    path_of(event).write_bytes(data)
    assert (await rejection(registry, event))["reason"].startswith("hash_mismatch")


async def test_truncated_artifact_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2)
    path_of(event).write_bytes(path_of(event).read_bytes()[:-100])
    assert (await rejection(registry, event))["reason"].startswith("hash_mismatch")


async def test_missing_artifact_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2)
    path_of(event).unlink()
    assert (await rejection(registry, event))["reason"].startswith("artifact_missing")


async def test_candidate_signed_by_a_stranger_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2, key=Ed25519PrivateKey.generate())
    assert (await rejection(registry, event))["reason"].startswith("signature_invalid")


async def test_figures_that_were_not_signed_do_not_count(registry: Registry) -> None:
    event = await candidate(registry.settings, 2, {"roc_auc": 0.5, "intervals": {}})
    bragging = event.model_copy(update={"metrics": event.metrics | {"roc_auc": 0.99}})
    assert "ROC-AUC" in (await rejection(registry, bragging))["reason"]


async def test_candidate_of_other_features_is_rejected(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("pacewatch.ml.artifacts.artifact.feature_set_hash", lambda _profile: "of other features")
        event = await candidate(registry.settings, 2)
    assert (await rejection(registry, event))["reason"].startswith("features_mismatch")


async def test_candidate_of_other_libraries_is_rejected(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("pacewatch.ml.artifacts.artifact.library_versions", lambda: {"numpy": "0.1"})
        event = await candidate(registry.settings, 2)
    assert (await rejection(registry, event))["reason"].startswith("library_mismatch")


async def test_artifact_of_another_version_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2)
    renamed = event.model_copy(update={"version": "20300101T000000Z"})
    assert (await rejection(registry, renamed))["reason"].startswith("manifest_mismatch")


async def test_candidate_told_twice_is_judged_once(registry: Registry) -> None:
    event = await candidate(registry.settings)
    await registry.tell(event)
    assert await registry.judge() == event.version
    await registry.tell(event)
    assert await registry.judge() is None
    assert (await registry.model(event.version))["status"] == "active"


async def test_candidate_under_the_version_of_another_run_is_refused(registry: Registry) -> None:
    first, second = await candidate(registry.settings), await candidate(registry.settings)
    await registry.tell(first)
    with pytest.raises(ValueError, match="belongs to run"):
        await registry.tell(second)


async def test_unreachable_store_puts_the_candidate_off_and_then_gives_up(registry: Registry) -> None:
    class Unreachable:
        async def get(self, _uri: str) -> bytes:
            raise ConnectionError("no route to the store")

    version = await registry.tell(await candidate(registry.settings))
    examiner = registry.examiner()
    away = Examiner(Unreachable(), examiner.public_key, examiner.profile, 60)  # type: ignore[arg-type]
    with pytest.raises(judge.Unjudgeable) as problem:
        await judge.judge_next(registry.database, away, RegistrySettings())
    await judge.put_off(registry.database, version, str(problem.value))
    assert (await registry.model(version))["status"] == "candidate"
    assert await registry.judge() is None  # not yet again
    for _ in judge.PAUSES_S:
        await judge.put_off(registry.database, version, str(problem.value))
    assert "no route to the store" in (await registry.model(version))["reason"]
