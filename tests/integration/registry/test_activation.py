"""Activation, rollback and deletion of models: of simultaneous changes one succeeds."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from support.registry import Registry


async def activate(registry: Registry, version: str, **body: Any) -> Any:
    return await registry.call("POST", f"models/{version}/activate", body)


async def refused(registry: Registry, method: str, path: str, body: Any = None) -> tuple[int, str]:
    response = await registry.call(method, path, body)
    return response.status_code, response.json()["code"]


async def test_no_model_is_active_at_first(registry: Registry) -> None:
    assert await refused(registry, "GET", "models/active") == (404, "no_active_model")


async def test_accepted_version_can_be_activated(registry: Registry) -> None:
    version = await registry.add_accepted()
    response = await activate(registry, version, reason="looks best")
    assert (response.status_code, response.json()["status"]) == (200, "active")
    assert await registry.active_version() == version
    logged = (await registry.call("GET", "activations")).json()["items"]
    assert [(a["version"], a["previous"], a["actor"], a["reason"]) for a in logged] == [
        (version, None, "tester", "looks best")
    ]


async def test_activating_the_active_version_changes_nothing(registry: Registry) -> None:
    version = await registry.add_accepted()
    await activate(registry, version)
    assert (await activate(registry, version)).status_code == 200
    assert (await registry.call("GET", "activations")).json()["total"] == 1


@pytest.mark.parametrize("status", ["candidate", "rejected", "deleted"])
async def test_version_that_is_not_accepted_cannot_be_activated(registry: Registry, status: str) -> None:
    version = await registry.add_with_status(0, status)
    assert await refused(registry, "POST", f"models/{version}/activate") == (409, "model_not_accepted")


async def test_activation_fails_if_another_model_is_active_than_expected(registry: Registry) -> None:
    first, second = await registry.add_accepted(1), await registry.add_accepted(2)
    assert (await activate(registry, first, expected_active=None)).status_code == 200
    response = await activate(registry, second, expected_active=None)
    assert (response.status_code, response.json()["code"]) == (409, "active_model_changed")
    assert await registry.active_version() == first
    assert (await activate(registry, second, expected_active=first)).status_code == 200


async def test_of_simultaneous_activations_with_the_same_expectation_one_succeeds(registry: Registry) -> None:
    versions = [await registry.add_accepted(hours) for hours in range(6)]
    responses = await asyncio.gather(*(activate(registry, version, expected_active=None) for version in versions))
    assert sorted(response.status_code for response in responses) == [200] + [409] * 5
    logged = (await registry.call("GET", "activations")).json()["items"]
    assert [(a["sequence"], a["previous"]) for a in logged] == [(1, None)]
    assert await registry.emitted_types() == ["model.activated"]


async def test_simultaneous_activations_without_expectation_leave_no_gap_in_the_sequence(registry: Registry) -> None:
    versions = [await registry.add_accepted(hours) for hours in range(6)]
    responses = await asyncio.gather(*(activate(registry, version) for version in versions))
    won = sum(response.status_code == 200 for response in responses)
    logged = (await registry.call("GET", "activations")).json()["items"]
    assert [a["sequence"] for a in logged] == list(range(won, 0, -1))
    assert all(after["previous"] == before["version"] for after, before in pairwise(logged))


async def test_rollbacks_undo_activations_one_by_one(registry: Registry) -> None:
    first, second, third = [await registry.add_accepted(hours) for hours in (1, 2, 3)]
    for version in (first, second, third):
        await activate(registry, version)
    for expected in (second, first):
        response = await registry.call("POST", "models/rollback", {"reason": "worse than it looked"})
        assert (response.status_code, response.json()["version"]) == (200, expected)
    assert await refused(registry, "POST", "models/rollback") == (409, "nothing_to_roll_back_to")
    assert await registry.active_version() == first
    type_, data = (await registry.emitted())[-1]
    assert (type_, data["version"], data["previous"], data["sequence"]) == ("model.activated", first, second, 5)


async def test_rollback_skips_a_deleted_version(registry: Registry) -> None:
    first, second, third = [await registry.add_accepted(hours) for hours in (1, 2, 3)]
    for version in (first, second, third):
        await activate(registry, version)
    await registry.call("POST", "models/rollback")
    await activate(registry, third)
    await registry.call("POST", "models/rollback")
    assert await registry.active_version() == second
    assert (await registry.call("DELETE", f"models/{third}")).status_code == 200
    assert (await registry.call("POST", "models/rollback")).json()["version"] == first


async def test_active_model_and_its_rollback_target_cannot_be_deleted(registry: Registry) -> None:
    first, second = await registry.add_accepted(1), await registry.add_accepted(2)
    await activate(registry, first)
    await activate(registry, second)
    for version in (first, second):
        assert await refused(registry, "DELETE", f"models/{version}") == (409, "model_in_use")


async def test_deleted_version_is_not_listed_and_keeps_its_record(registry: Registry) -> None:
    version = await registry.add_with_status(1, "rejected")
    assert (await registry.call("DELETE", f"models/{version}")).json()["status"] == "deleted"
    assert (await registry.call("GET", "models")).json()["total"] == 0
    assert (await registry.call("GET", "models", include_deleted=True)).json()["total"] == 1
    assert await registry.emitted_types() == ["model.deleted"]
    assert (await registry.call("DELETE", f"models/{version}")).status_code == 200
    assert len(await registry.emitted()) == 1


async def test_candidate_cannot_be_deleted_before_it_is_judged(registry: Registry) -> None:
    version = await registry.add_with_status(1, "candidate")
    assert await refused(registry, "DELETE", f"models/{version}") == (409, "model_undecided")


async def test_simultaneous_deletion_and_activation_never_activate_a_deleted_version(registry: Registry) -> None:
    versions = [await registry.add_accepted(hours) for hours in range(4)]
    calls = [registry.call("DELETE", f"models/{version}") for version in versions]
    calls += [registry.call("POST", f"models/{version}/activate") for version in versions]
    await asyncio.gather(*calls)
    active = await registry.active_version()
    assert active is None or (await registry.get_model(active))["status"] == "active"
    models = (await registry.call("GET", "models", include_deleted=True)).json()["items"]
    assert all(model["status"] != "deleted" for model in models if model["active"])
