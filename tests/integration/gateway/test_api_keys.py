"""API keys: scopes, tokens and revocation."""

import pytest
from support.inside import Inside
from support.waiting import until

from pacewatch.contracts.accounts import Scope

from .conftest import Start

pytestmark = pytest.mark.servers


async def test_key_has_exactly_its_scopes_and_its_token_is_shown_once(gateway: Inside) -> None:
    async with gateway.client() as client:
        new = {"name": "ward 7", "scopes": ["fleet:read", "telemetry:write"], "days": 30}
        key = (await client.post("/api-keys", json=new)).json()
        headers = {"Authorization": f"Bearer {key['token']}"}
        me = (await client.get("/auth/me", headers=headers)).json()
        assert me == {"email": "ward 7", "role": "api-key", "scopes": ["fleet:read", "telemetry:write"]}
        assert (await client.get("/users", headers=headers)).status_code == 403
        listed = (await client.get("/api-keys")).json()["items"]
        assert key["token"] not in str(listed)
        assert (listed[0]["name"], listed[0]["created_by"]) == ("ward 7", "test@example.org")


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


async def test_key_cannot_have_the_scope_to_manage_accounts(gateway: Inside) -> None:
    async with gateway.client() as client:
        response = await client.post("/api-keys", json={"name": "x", "scopes": [Scope.USERS_MANAGE]})
        assert (response.status_code, response.json()["code"]) == (422, "scope_not_for_keys")
