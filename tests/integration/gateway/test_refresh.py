"""Refreshing tokens: each refresh token works once, the last one again for seconds; other reuse ends the login."""

import asyncio

import pytest
import sqlalchemy as sa
from support.platform.in_process import InProcess

from .conftest import bearer, log_in, refresh

pytestmark = pytest.mark.servers


async def test_refresh_gives_new_tokens_with_the_current_role(gateway: InProcess) -> None:
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


async def test_reused_refresh_token_revokes_every_token_of_its_login(gateway: InProcess) -> None:
    async with gateway.client(None) as client, gateway.client(None) as elsewhere:
        stolen = (await log_in(client)).cookies["pacewatch_refresh"]
        other = (await log_in(elsewhere)).cookies["pacewatch_refresh"]
        child = (await refresh(gateway, stolen)).cookies["pacewatch_refresh"]
        grandchild = (await refresh(gateway, child)).cookies["pacewatch_refresh"]
        again = await refresh(gateway, stolen)
        assert (again.status_code, again.json()["code"]) == (401, "refresh_token_invalid")
        assert (await refresh(gateway, grandchild)).status_code == 401
        assert (await refresh(gateway, other)).status_code == 200


async def later(gateway: InProcess, seconds: float) -> None:
    """Let every use be so much longer ago."""
    aged = sa.text("UPDATE gateway.refresh_tokens SET used_at = used_at - make_interval(secs => :seconds)")
    async with gateway.database.transaction("gateway") as session:
        await session.execute(aged, {"seconds": seconds})


async def test_two_tabs_that_refresh_at_once_both_stay_logged_in_and_share_what_is_kept(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
        responses = await asyncio.gather(*(refresh(gateway, cookie) for _ in range(2)))
        assert [response.status_code for response in responses] == [200, 200]
        kept = responses[1].cookies["pacewatch_refresh"]
        await later(gateway, 900)
        responses = await asyncio.gather(*(refresh(gateway, kept) for _ in range(2)))
        assert [response.status_code for response in responses] == [200, 200]


async def test_a_lost_answer_can_be_asked_for_again_within_seconds_only(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
        lost = await refresh(gateway, cookie)
        await later(gateway, 25)
        asked_again = await refresh(gateway, cookie)
        assert (lost.status_code, asked_again.status_code) == (200, 200)
        await later(gateway, 6)
        assert (await refresh(gateway, cookie)).status_code == 401
        assert (await refresh(gateway, asked_again.cookies["pacewatch_refresh"])).status_code == 401


async def test_a_thief_who_is_quick_is_noticed_at_the_next_refresh_of_either(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        for first, second in ((0, 1), (1, 0)):
            stolen = (await log_in(client)).cookies["pacewatch_refresh"]
            of_both = [(await refresh(gateway, stolen)).cookies["pacewatch_refresh"] for _ in range(2)]
            goes_on = await refresh(gateway, of_both[first])
            assert goes_on.status_code == 200
            assert (await refresh(gateway, of_both[second])).status_code == 401
            assert (await refresh(gateway, goes_on.cookies["pacewatch_refresh"])).status_code == 401


async def test_the_grace_ends_when_the_next_token_is_used_and_at_a_logout(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        first = (await log_in(client)).cookies["pacewatch_refresh"]
        second = (await refresh(gateway, first)).cookies["pacewatch_refresh"]
        assert (await refresh(gateway, second)).status_code == 200
        assert (await refresh(gateway, first)).status_code == 401
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
        client.cookies["pacewatch_refresh"] = (await refresh(gateway, cookie)).cookies["pacewatch_refresh"]
        assert (await client.post("/auth/logout")).status_code == 204
        assert (await refresh(gateway, cookie)).status_code == 401


async def test_logout_ends_the_login(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
        assert (await client.post("/auth/logout")).status_code == 204
        assert (await refresh(gateway, cookie)).status_code == 401
        assert (await client.post("/auth/logout")).status_code == 204


async def test_expired_unknown_or_missing_refresh_token_is_refused(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
    async with gateway.database.transaction("gateway") as session:
        await session.execute(sa.text("UPDATE gateway.refresh_tokens SET expires_at = clock_timestamp()"))
    for token in (cookie, "unknown", None):
        assert (await refresh(gateway, token)).status_code == 401
