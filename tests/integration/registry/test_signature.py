"""A person promotes a version that the gate kept back, with a reason that stays."""

from typing import Any

import pytest
from support.candidates import candidate
from support.registry import Registry

from pacewatch.kit.http.auth import API_KEY_ROLE

REASON = "the clinic asked for it, see minutes of May"


async def held(registry: Registry, hours: int = 2) -> str:
    """A version that the gate held, beside an active one."""
    await registry.add_active(1)
    version = await registry.receive(await candidate(registry.settings, hours, {"failures_pooled": 10}))
    await registry.judge()
    return version


async def promote(registry: Registry, version: str, **body: Any) -> Any:
    return await registry.call("POST", f"models/{version}/promote", body)


async def test_a_signed_version_is_active_and_names_the_person_and_the_reason(registry: Registry) -> None:
    version = await held(registry)
    before = await registry.active_version()
    response = await promote(registry, version, reason=REASON, expected_active=before)
    assert response.status_code == 200, response.text
    model = response.json()
    assert (model["status"], model["active"]) == ("active", True)
    assert (model["judgement"]["verdict"], model["judgement"]["signed_by"]) == ("signed", "tester")
    assert model["judgement"]["signed_at"] is not None
    assert REASON in model["reason"] and "insufficient evidence" in model["reason"]
    type_, data = (await registry.emitted())[-1]
    assert (type_, data["version"], data["actor"], data["reason"]) == ("model.activated", version, "tester", REASON)
    assert any(not result["passed"] for result in data["gate"])  # what the gate said is published with it


async def test_a_rollback_from_a_signed_version_returns_to_the_one_before(registry: Registry) -> None:
    version = await held(registry)
    before = await registry.active_version()
    await promote(registry, version, reason=REASON)
    assert (await registry.call("POST", "models/rollback", {"reason": "regretted"})).status_code == 200
    assert await registry.active_version() == before


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "because"}, {"reason": REASON, "force": True}])
async def test_a_signature_needs_a_reason(registry: Registry, body: dict[str, Any]) -> None:
    version = await held(registry)
    assert (await promote(registry, version, **body)).status_code == 422
    assert await registry.active_version() != version


@pytest.mark.parametrize("status", ["candidate", "rejected", "accepted", "deleted"])
async def test_only_what_came_before_the_gate_and_did_not_pass_can_be_signed(registry: Registry, status: str) -> None:
    version = await registry.add_with_status(0, status)
    response = await promote(registry, version, reason=REASON)
    assert (response.status_code, response.json()["code"]) == (409, "nothing_to_sign")


async def test_an_api_key_cannot_sign(registry: Registry) -> None:
    version = await held(registry)
    headers = registry.bearer(role=API_KEY_ROLE, scopes=frozenset({"models:manage"}))  # type: ignore[arg-type]
    response = await registry.client.post(f"/api/v1/models/{version}/promote", json={"reason": REASON}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "needs_person")
    assert await registry.active_version() != version


async def test_a_signature_on_another_active_model_than_was_seen_is_refused(registry: Registry) -> None:
    version = await held(registry)
    response = await promote(registry, version, reason=REASON, expected_active=None)
    assert (response.status_code, response.json()["code"]) == (409, "active_model_changed")
    assert (await registry.get_model(version))["judgement"]["verdict"] == "insufficient evidence"
