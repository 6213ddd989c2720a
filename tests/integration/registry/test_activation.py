"""Which model is active: one change at a time wins, a rollback undoes the last, and what is needed stays."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from support.registry import Registry


async def activate(registry: Registry, version: str, **body: Any) -> Any:
    return await registry.call("POST", f"models/{version}/activate", body)


async def refused(registry: Registry, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = await registry.call(method, path, body)
    return answer.status_code, answer.json()["code"]


async def test_nothing_is_active_at_first(registry: Registry) -> None:
    assert await refused(registry, "GET", "models/active") == (404, "no_active_model")


async def test_accepted_version_can_be_activated(registry: Registry) -> None:
    version = await registry.accepted()
    answer = await activate(registry, version, reason="looks best")
    assert (answer.status_code, answer.json()["status"]) == (200, "active")
    assert await registry.active() == version
    logged = (await registry.call("GET", "activations")).json()["items"]
    assert [(a["version"], a["previous"], a["actor"], a["reason"]) for a in logged] == [
        (version, None, "tester", "looks best")
    ]


async def test_activating_the_active_version_changes_nothing(registry: Registry) -> None:
    version = await registry.accepted()
    await activate(registry, version)
    assert (await activate(registry, version)).status_code == 200
    assert (await registry.call("GET", "activations")).json()["total"] == 1


@pytest.mark.parametrize("status", ["candidate", "rejected", "deleted"])
async def test_version_that_did_not_pass_cannot_be_activated(registry: Registry, status: str) -> None:
    version = await registry.decided(0, status)
    assert await refused(registry, "POST", f"models/{version}/activate") == (409, "model_not_accepted")


async def test_activation_that_expects_another_active_model_is_refused(registry: Registry) -> None:
    first, second = await registry.accepted(1), await registry.accepted(2)
    assert (await activate(registry, first, expected_active=None)).status_code == 200
    answer = await activate(registry, second, expected_active=None)
    assert (answer.status_code, answer.json()["code"]) == (409, "active_model_changed")
    assert await registry.active() == first
    assert (await activate(registry, second, expected_active=first)).status_code == 200


async def test_of_many_activations_at_once_each_follows_what_it_saw(registry: Registry) -> None:
    versions = [await registry.accepted(hours) for hours in range(6)]
    answers = await asyncio.gather(*(activate(registry, version, expected_active=None) for version in versions))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    logged = (await registry.call("GET", "activations")).json()["items"]
    assert [(a["sequence"], a["previous"]) for a in logged] == [(1, None)]
    assert [kind for kind, _ in await registry.told()] == ["model.activated"]


async def test_sequence_has_no_gap_when_nobody_says_what_they_expect(registry: Registry) -> None:
    versions = [await registry.accepted(hours) for hours in range(6)]
    answers = await asyncio.gather(*(activate(registry, version) for version in versions))
    won = sum(answer.status_code == 200 for answer in answers)
    logged = (await registry.call("GET", "activations")).json()["items"]
    assert [a["sequence"] for a in logged] == list(range(won, 0, -1))
    assert all(after["previous"] == before["version"] for after, before in pairwise(logged))


async def test_rollbacks_undo_activations_one_by_one(registry: Registry) -> None:
    first, second, third = [await registry.accepted(hours) for hours in (1, 2, 3)]
    for version in (first, second, third):
        await activate(registry, version)
    for expected in (second, first):
        answer = await registry.call("POST", "models/rollback", {"reason": "worse than it looked"})
        assert (answer.status_code, answer.json()["version"]) == (200, expected)
    assert await refused(registry, "POST", "models/rollback") == (409, "nothing_to_roll_back_to")
    assert await registry.active() == first
    kind, told = (await registry.told())[-1]
    assert (kind, told["version"], told["previous"], told["sequence"]) == ("model.activated", first, second, 5)


async def test_rollback_skips_a_deleted_version(registry: Registry) -> None:
    first, second, third = [await registry.accepted(hours) for hours in (1, 2, 3)]
    for version in (first, second, third):
        await activate(registry, version)
    await registry.call("POST", "models/rollback")
    await activate(registry, third)
    await registry.call("POST", "models/rollback")
    assert await registry.active() == second
    assert (await registry.call("DELETE", f"models/{third}")).status_code == 200
    assert (await registry.call("POST", "models/rollback")).json()["version"] == first


async def test_active_model_and_its_fallback_cannot_be_deleted(registry: Registry) -> None:
    first, second = await registry.accepted(1), await registry.accepted(2)
    await activate(registry, first)
    await activate(registry, second)
    for version in (first, second):
        assert await refused(registry, "DELETE", f"models/{version}") == (409, "model_in_use")


async def test_deleted_version_leaves_the_list_and_keeps_its_record(registry: Registry) -> None:
    version = await registry.decided(1, "rejected")
    assert (await registry.call("DELETE", f"models/{version}")).json()["status"] == "deleted"
    assert (await registry.call("GET", "models")).json()["total"] == 0
    assert (await registry.call("GET", "models", include_deleted=True)).json()["total"] == 1
    assert [kind for kind, _ in await registry.told()] == ["model.deleted"]
    assert (await registry.call("DELETE", f"models/{version}")).status_code == 200
    assert len(await registry.told()) == 1


async def test_candidate_cannot_be_deleted_before_it_is_judged(registry: Registry) -> None:
    version = await registry.decided(1, "candidate")
    assert await refused(registry, "DELETE", f"models/{version}") == (409, "model_undecided")


async def test_version_cannot_become_active_while_it_is_deleted(registry: Registry) -> None:
    versions = [await registry.accepted(hours) for hours in range(4)]
    calls = [registry.call("DELETE", f"models/{version}") for version in versions]
    calls += [registry.call("POST", f"models/{version}/activate") for version in versions]
    await asyncio.gather(*calls)
    active = await registry.active()
    assert active is None or (await registry.model(active))["status"] == "active"
    models = (await registry.call("GET", "models", include_deleted=True)).json()["items"]
    assert all(model["status"] != "deleted" for model in models if model["active"])
