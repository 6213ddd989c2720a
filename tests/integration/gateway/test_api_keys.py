"""API keys: scopes, tokens and revocation."""

from datetime import timedelta
from uuid import UUID, uuid4

import jwt
import pytest
import sqlalchemy as sa
from support.platform.in_process import InProcess
from support.waiting import until

from pacewatch.contracts.accounts import Scope
from pacewatch.kit.http import revocations

from .conftest import EMAIL, Start

pytestmark = pytest.mark.servers


async def test_key_has_exactly_its_scopes_and_its_token_is_shown_once(gateway: InProcess) -> None:
    async with gateway.client() as client:
        new = {"name": "ward 7", "scopes": ["fleet:read", "telemetry:write"], "days": 30}
        key = (await client.post("/api-keys", json=new)).json()
        headers = {"Authorization": f"Bearer {key['token']}"}
        me = (await client.get("/auth/me", headers=headers)).json()
        assert me == {"email": f"key:{key['id']}", "role": "api-key", "scopes": ["fleet:read", "telemetry:write"]}
        assert (await client.get("/users", headers=headers)).status_code == 403
        listed = (await client.get("/api-keys")).json()["items"]
        assert key["token"] not in str(listed)
        assert (listed[0]["name"], listed[0]["created_by"]) == ("ward 7", EMAIL)
        assert listed[0]["kid"] == jwt.get_unverified_header(key["token"])["kid"]


async def test_every_process_soon_refuses_a_revoked_key(start: Start) -> None:
    async with start() as one, start() as two, one.client() as client, two.client(None) as elsewhere:
        key = (await client.post("/api-keys", json={"name": "ward 7", "scopes": ["fleet:read"]})).json()
        elsewhere.headers["Authorization"] = f"Bearer {key['token']}"
        assert (await elsewhere.get("/clock")).status_code == 200
        assert (await client.delete(f"/api-keys/{key['id']}")).status_code == 204
        assert (await client.get("/api-keys")).json()["items"][0]["revoked_at"]

        async def refused() -> bool:
            return (await elsewhere.get("/clock")).status_code == 401

        await until(refused)


async def test_key_cannot_have_the_scope_to_manage_accounts(gateway: InProcess) -> None:
    async with gateway.client() as client:
        response = await client.post("/api-keys", json={"name": "x", "scopes": [Scope.USERS_MANAGE]})
        assert (response.status_code, response.json()["code"]) == (422, "scope_not_for_keys")


async def test_keys_have_names_of_their_own_until_they_are_revoked(gateway: InProcess) -> None:
    async with gateway.client() as client:
        key = (await client.post("/api-keys", json={"name": "Ward 7", "scopes": ["fleet:read"]})).json()
        again = {"name": "ward 7", "scopes": ["fleet:read"]}
        taken = await client.post("/api-keys", json=again)
        assert (taken.status_code, taken.json()["code"]) == (409, "key_name_taken")
        await client.delete(f"/api-keys/{key['id']}")
        assert (await client.post("/api-keys", json=again)).status_code == 201


async def test_key_is_bound_to_devices_and_then_only_sends(gateway: InProcess) -> None:
    ranges = [{"first": 1, "last": 5}, {"first": 9, "last": 9}]
    async with gateway.client() as client:
        new = {"name": "ward 7", "scopes": ["telemetry:write"], "devices": ranges}
        key = (await client.post("/api-keys", json=new)).json()
        assert key["devices"] == ranges
        assert (await client.get("/api-keys")).json()["items"][0]["devices"] == ranges
        reading = {"name": "ward 8", "scopes": ["telemetry:write", "fleet:read"], "devices": ranges}
        refused = await client.post("/api-keys", json=reading)
        assert (refused.status_code, refused.json()["code"]) == (422, "scope_not_for_bound_keys")
        for devices in ([], [{"first": 2, "last": 1}], [{"first": -1, "last": 1}], ranges * 26):
            assert (await client.post("/api-keys", json=new | {"devices": devices})).status_code == 422


async def test_key_of_sites_cannot_move_devices_and_fits_into_a_header(gateway: InProcess) -> None:
    new = {"name": "ward 7", "scopes": ["telemetry:write"], "sites": ["North"]}
    async with gateway.client() as client:
        refusals = [
            ({"scopes": ["devices:write"]}, "scope_not_for_keys_of_sites"),
            ({"scopes": ["fleet:read"]}, "scope_not_for_bound_keys"),
            ({"sites": [f"{n}" + "\u00fc" * 198 for n in range(20)]}, "bound_to_too_much"),
            ({"sites": []}, "validation_failed"),
        ]
        for change, code in refusals:
            refused = await client.post("/api-keys", json=new | change)
            assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert (await client.get("/api-keys")).json()["total"] == 0
        assert (await client.post("/api-keys", json=new)).json()["sites"] == ["North"]


async def forget(gateway: InProcess, key_id: str) -> None:
    """What the restore of an earlier backup does to a key."""
    async with gateway.database.transaction("gateway") as session:
        await session.execute(sa.text("DELETE FROM gateway.api_keys WHERE id = :id"), {"id": key_id})


async def test_every_process_refuses_a_key_that_a_restored_backup_does_not_have(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "NEW_KEY", timedelta(0))
    async with start() as one, start() as two, one.client() as ada, two.client(None) as elsewhere:
        lost, kept = [
            (await ada.post("/api-keys", json={"name": name, "scopes": ["fleet:read"]})).json()
            for name in ("ward 7", "ward 8")
        ]

        async def answer(key: dict[str, str]) -> int:
            response = await elsewhere.get("/clock", headers={"Authorization": f"Bearer {key['token']}"})
            return response.status_code

        async def is_known() -> bool:
            return await answer(lost) == 200

        async def is_refused() -> bool:
            return await answer(lost) == 401

        await until(is_known)
        await forget(one, lost["id"])
        await until(is_refused)
        assert await answer(kept) == 200
        async with start() as later, later.client(None) as client:
            response = await client.get("/clock", headers={"Authorization": f"Bearer {lost['token']}"})
            assert (response.status_code, "there is no such key" in response.text) == (401, True)


async def test_a_key_works_before_a_process_has_read_of_it(gateway: InProcess) -> None:
    token = gateway.signer.sign("", role="api-key", scopes=["fleet:read"], lifetime=timedelta(days=1))
    async with gateway.client(None) as client:
        assert (await client.get("/clock", headers={"Authorization": f"Bearer {token}"})).status_code == 200


async def test_a_key_that_is_not_known_here_can_be_revoked(gateway: InProcess) -> None:
    key_id = uuid4()
    token = gateway.signer.sign("", role="api-key", scopes=["fleet:read"], lifetime=timedelta(days=1), jti=str(key_id))
    async with gateway.client() as ada, gateway.client(None) as client:
        for _ in range(2):
            assert (await ada.delete(f"/api-keys/{key_id}")).status_code == 204

        async def is_refused() -> bool:
            return (await client.get("/clock", headers={"Authorization": f"Bearer {token}"})).status_code == 401

        await until(is_refused)
        (listed,) = (await ada.get("/api-keys")).json()["items"]
        assert (UUID(listed["id"]), listed["scopes"], listed["revoked_at"] is None) == (key_id, [], False)
