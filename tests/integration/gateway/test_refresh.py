"""Refreshing tokens: each refresh token works once, and its reuse ends the login."""

import asyncio

import pytest
import sqlalchemy as sa
from support.inside import Inside

from .conftest import bearer, log_in, refresh

pytestmark = pytest.mark.servers


async def test_refresh_gives_new_tokens_with_the_current_role(gateway: Inside) -> None:
    async with gateway.client() as client:
        new = {"email": "bob@example.org", "password": "bobs password", "role": "viewer"}
        bob = (await client.post("/users", json=new)).json()
        first = await log_in(client, "bob@example.org", "bobs password")
        await client.patch(f"/users/{bob['id']}", json={"role": "operator"})
        second = await refresh(gateway, first.cookies["pacewatch_refresh"])
        assert second.status_code == 200
        assert second.cookies["pacewatch_refresh"] != first.cookies["pacewatch_refresh"]
        me = (await client.get("/auth/me", headers=bearer(second))).json()
        assert me["role"] == "operator"


async def test_reused_refresh_token_revokes_every_token_of_its_login(gateway: Inside) -> None:
    async with gateway.client(None) as client, gateway.client(None) as elsewhere:
        stolen = (await log_in(client)).cookies["pacewatch_refresh"]
        other = (await log_in(elsewhere)).cookies["pacewatch_refresh"]
        child = (await refresh(gateway, stolen)).cookies["pacewatch_refresh"]
        grandchild = (await refresh(gateway, child)).cookies["pacewatch_refresh"]
        again = await refresh(gateway, stolen)
        assert (again.status_code, again.json()["code"]) == (401, "refresh_token_invalid")
        assert (await refresh(gateway, grandchild)).status_code == 401
        assert (await refresh(gateway, other)).status_code == 200


async def test_of_two_simultaneous_refreshes_one_succeeds(gateway: Inside) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
        responses = await asyncio.gather(*(refresh(gateway, cookie) for _ in range(2)))
        assert sorted(response.status_code for response in responses) == [200, 401]


async def test_logout_ends_the_login(gateway: Inside) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
        assert (await client.post("/auth/logout")).status_code == 204
        assert (await refresh(gateway, cookie)).status_code == 401
        assert (await client.post("/auth/logout")).status_code == 204


async def test_expired_unknown_or_missing_refresh_token_is_refused(gateway: Inside) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
    async with gateway.database.transaction("gateway") as session:
        await session.execute(sa.text("UPDATE gateway.refresh_tokens SET expires_at = clock_timestamp()"))
    for token in (cookie, "unknown", None):
        assert (await refresh(gateway, token)).status_code == 401
