"""A changed or closed account has nothing left: tokens, streams, logins, and the keys it made; soon, and everywhere."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from support.platform.in_process import InProcess
from support.waiting import until

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.gateway.accounts import service
from pacewatch.gateway.accounts.managers import Actor
from pacewatch.gateway.accounts.schemas import UserChange
from pacewatch.gateway.auth import service as auth
from pacewatch.gateway.auth.service import Issuer
from pacewatch.gateway.credentials import revocations

from .conftest import Start, bearer, refresh

pytestmark = pytest.mark.servers

PASSWORD = "bobs password"
PROMISED_S = 5.0
HOUR = timedelta(hours=1)


@dataclass
class Bob:
    """A superuser with all that a person can have: a token, a login, an open stream and a key."""

    id: str
    email: str
    headers: dict[str, str]
    cookie: str
    key: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def create(cls, process: InProcess, role: Role = Role.SUPERUSER) -> Self:
        email = f"{uuid4().hex}@example.org"
        async with process.client() as ada, process.client(None) as client:
            user = (await ada.post("/users", json={"email": email, "password": PASSWORD, "role": role})).json()
            login = await client.post("/auth/login", data={"username": email, "password": PASSWORD})
            bob = cls(user["id"], email, bearer(login), login.cookies["pacewatch_refresh"])
            if role is Role.SUPERUSER:
                new = {"name": email, "scopes": ["fleet:read"]}
                key = (await client.post("/api-keys", json=new, headers=bob.headers)).json()
                bob.key = {"Authorization": f"Bearer {key['token']}"}
        return bob


async def disable(ada: httpx.AsyncClient, bob: Bob) -> httpx.Response:
    return await ada.patch(f"/users/{bob.id}", json={"disabled": True})


async def demote(ada: httpx.AsyncClient, bob: Bob) -> httpx.Response:
    return await ada.patch(f"/users/{bob.id}", json={"role": "engineer"})


async def delete(ada: httpx.AsyncClient, bob: Bob) -> httpx.Response:
    return await ada.delete(f"/users/{bob.id}")


async def set_password(ada: httpx.AsyncClient, bob: Bob) -> httpx.Response:
    return await ada.patch(f"/users/{bob.id}", json={"password": "a new password"})


async def change_own_password(ada: httpx.AsyncClient, bob: Bob) -> httpx.Response:
    body = {"old_password": PASSWORD, "new_password": "a new password"}
    return await ada.post("/auth/password", json=body, headers=bob.headers)


Change = Callable[[httpx.AsyncClient, Bob], Awaitable[httpx.Response]]
CHANGES = [disable, demote, delete, set_password, change_own_password]


@pytest.mark.parametrize("change", CHANGES)
async def test_what_an_account_has_ends_in_every_process(start: Start, change: Change) -> None:
    async with AsyncExitStack() as stack:
        one, two = await stack.enter_async_context(start()), await stack.enter_async_context(start())
        bob = await Bob.create(one)
        ada, client = await stack.enter_async_context(one.client()), await stack.enter_async_context(two.client(None))
        for headers in (bob.headers, bob.key):
            assert (await client.get("/clock", headers=headers)).status_code == 200
        stream = await stack.enter_async_context(client.stream("GET", "/live", headers=bob.headers, timeout=60))
        assert (await change(ada, bob)).is_success

        async with asyncio.timeout(PROMISED_S):
            lines = [line async for line in stream.aiter_lines()]  # ends because the server ends it
            assert lines[0] == "retry: 2000"
            for headers in (bob.headers, bob.key):
                await until(lambda headers=headers: refused(client, headers))
            assert (await refresh(two, bob.cookie)).status_code == 401


async def test_a_process_that_starts_later_refuses_from_its_first_request(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as one, one.client() as ada:
        bob = await Bob.create(one)
        await delete(ada, bob)
        # The loop would be in time, too, on a machine that is not busy.
        monkeypatch.setattr(revocations, "follow", lambda *_: asyncio.sleep(3_600))
        async with start() as later, later.client(None) as client:
            for headers in (bob.headers, bob.key):
                # 503 on a machine so busy that what was read at the start is too old.
                assert (await client.get("/clock", headers=headers)).status_code in (401, 503)


async def test_a_revocation_whose_notification_is_lost_is_found_in_time(gateway: InProcess) -> None:
    bob = await Bob.create(gateway)
    async with gateway.client(None) as client:
        assert (await client.get("/clock", headers=bob.headers)).status_code == 200
        async with gateway.database.transaction("gateway") as session:
            statement = "INSERT INTO gateway.revoked_accounts VALUES (:id, 1, clock_timestamp() + interval '1 hour')"
            await session.execute(sa.text(statement), {"id": bob.id})
        async with asyncio.timeout(PROMISED_S):
            await until(lambda: refused(client, bob.headers))


async def test_a_clock_that_was_ahead_for_hours_revives_no_token(gateway: InProcess) -> None:
    bob = await Bob.create(gateway)
    async with gateway.client() as ada, gateway.client(None) as client:
        await disable(ada, bob)
        async with gateway.database.transaction("gateway") as session:  # as if PostgreSQL's clock were ahead
            earlier = "UPDATE gateway.revoked_accounts SET expires_at = expires_at - interval '12 hours'"
            await session.execute(sa.text(earlier))
            await revocations.prune(session)
            await revocations.notify(session)
        await asyncio.sleep(2 * revocations.POLL_S)
        assert await refused(client, bob.headers)


async def test_a_promotion_or_a_change_of_nothing_ends_nothing(gateway: InProcess) -> None:
    bob = await Bob.create(gateway, Role.VIEWER)
    async with gateway.client() as ada, gateway.client(None) as client:
        for change in ({"role": "operator"}, {"disabled": False}, {}):
            assert (await ada.patch(f"/users/{bob.id}", json=change)).status_code == 200
        assert (await client.get("/auth/me", headers=bob.headers)).status_code == 200
        assert (await refresh(gateway, bob.cookie)).status_code == 200


async def test_a_refresh_that_waits_for_the_change_gets_nothing(gateway: InProcess) -> None:
    bob = await Bob.create(gateway)
    async with gateway.database.transaction("gateway") as session:
        await service.change_user(session, UUID(bob.id), UserChange(disabled=True), Actor("test"))
        waiting = asyncio.create_task(refresh(gateway, bob.cookie))
        await asyncio.sleep(0.5)
        assert not waiting.done()
    assert (await waiting).status_code == 401


@pytest.mark.parametrize("change", CHANGES[:4])
async def test_a_token_that_is_refreshed_while_the_change_waits_ends_with_the_others(
    gateway: InProcess, change: Change
) -> None:
    bob = await Bob.create(gateway)
    async with gateway.client() as ada:
        async with gateway.database.transaction("gateway") as session:
            tokens = await auth.refresh(session, Issuer(gateway.signer), bob.cookie)
            waiting = asyncio.create_task(change(ada, bob))
            await asyncio.sleep(0.7)
            assert not waiting.done()
        assert (await waiting).is_success
    assert tokens is not None
    assert (await refresh(gateway, tokens.refresh_token)).status_code == 401
    async with gateway.client(None) as client, asyncio.timeout(PROMISED_S):
        await until(lambda: refused(client, {"Authorization": f"Bearer {tokens.access.access_token}"}))


async def test_accounts_and_keys_are_changed_only_by_an_account_that_may_now(gateway: InProcess) -> None:
    bob, carol = await Bob.create(gateway), await Bob.create(gateway)
    requests: list[tuple[str, str, Any]] = [
        ("POST", "/users", {"email": "x@example.org", "password": "a long password"}),
        ("PATCH", f"/users/{carol.id}", {"role": "viewer"}),
        ("DELETE", f"/users/{carol.id}", None),
        ("POST", "/api-keys", {"name": "x", "scopes": ["fleet:read"]}),
        ("DELETE", f"/api-keys/{uuid4()}", None),
    ]
    closings = {403: "role = 'operator'", 401: "disabled_at = now()"}
    async with gateway.client(None) as client:
        for status, closing in closings.items():
            async with gateway.database.transaction("gateway") as session:  # behind the back of the service
                await session.execute(sa.text(f"UPDATE gateway.users SET {closing} WHERE id = :id"), {"id": bob.id})
            for method, path, body in requests:
                assert (await client.request(method, path, json=body, headers=bob.headers)).status_code == status
        token = gateway.signer.sign("ghost", role="superuser", scopes=SCOPES_BY_ROLE[Role.SUPERUSER], lifetime=HOUR)
        for method, path, body in requests:
            headers = {"Authorization": f"Bearer {token}"}
            assert (await client.request(method, path, json=body, headers=headers)).status_code == 401


async def test_a_login_ends_after_thirty_days_however_often_it_is_refreshed(gateway: InProcess) -> None:
    cookie = (await Bob.create(gateway)).cookie
    await age(gateway, "29 days")
    response = await refresh(gateway, cookie)
    assert response.status_code == 200
    await age(gateway, "1 day")
    assert (await refresh(gateway, response.cookies["pacewatch_refresh"])).status_code == 401


async def age(gateway: InProcess, interval: str) -> None:
    """Let time pass for the logins: less than a token of 7 days lives, as far as that is not the end of the login."""
    async with gateway.database.transaction("gateway") as session:
        began = f"session_began_at = session_began_at - interval '{interval}'"
        expires = f"expires_at = expires_at - interval '{'0 days' if interval == '29 days' else interval}'"
        await session.execute(sa.text(f"UPDATE gateway.refresh_tokens SET {began}, {expires}"))


async def refused(client: httpx.AsyncClient, headers: dict[str, str]) -> bool:
    return (await client.get("/clock", headers=headers)).status_code == 401
