"""Accounts and keys: who may do what, and somebody always can."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from support.inside import Inside
from support.waiting import until

from pacewatch.contracts.accounts import Role, Scope
from pacewatch.gateway.accounts import service
from pacewatch.gateway.errors import LastSuperuser
from pacewatch.gateway.schemas import UserChange

from .conftest import EMAIL, PASSWORD, Start

pytestmark = pytest.mark.servers


async def made(client: httpx.AsyncClient, email: str, role: Role = Role.VIEWER) -> dict[str, Any]:
    answer = await client.post("/users", json={"email": email, "password": "some password", "role": role})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def logs_in(gateway: Inside, email: str, password: str = "some password") -> bool:
    async with gateway.client(None) as client:
        return (await client.post("/auth/login", data={"username": email, "password": password})).is_success


async def test_an_account_is_made_changed_and_removed(gateway: Inside) -> None:
    async with gateway.client() as client:
        bob = await made(client, "Bob@example.org")
        assert bob.keys() == {"id", "email", "role", "disabled_at", "created_at"}
        assert await logs_in(gateway, "bob@example.org")
        changed = (await client.patch(f"/users/{bob['id']}", json={"password": "another one"})).json()
        assert changed == bob
        assert not await logs_in(gateway, "bob@example.org")
        assert await logs_in(gateway, "bob@example.org", "another one")
        assert (await client.patch(f"/users/{bob['id']}", json={"disabled": True})).json()["disabled_at"]
        assert not await logs_in(gateway, "bob@example.org", "another one")
        assert (await client.patch(f"/users/{bob['id']}", json={"disabled": False})).json()["disabled_at"] is None
        assert await logs_in(gateway, "bob@example.org", "another one")
        listed = (await client.get("/users")).json()
        assert [user["email"] for user in listed["items"]] == [EMAIL, "Bob@example.org"]
        assert (await client.delete(f"/users/{bob['id']}")).status_code == 204
        assert not await logs_in(gateway, "bob@example.org", "another one")


async def test_an_address_has_one_account_however_it_is_capitalised(gateway: Inside) -> None:
    async with gateway.client() as client:
        new = {"email": EMAIL.upper(), "password": "some password"}
        answer = await client.post("/users", json=new)
        assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


async def test_what_is_not_there_is_a_404(gateway: Inside) -> None:
    async with gateway.client() as client:
        assert (await client.patch(f"/users/{uuid4()}", json={"role": "viewer"})).status_code == 404
        assert (await client.delete(f"/users/{uuid4()}")).status_code == 404
        assert (await client.delete(f"/api-keys/{uuid4()}")).status_code == 404


async def test_the_last_superuser_stays(gateway: Inside) -> None:
    async with gateway.client() as client:
        ada = (await client.get("/users")).json()["items"][0]
        path = f"/users/{ada['id']}"
        refused = [
            await client.delete(path),
            await client.patch(path, json={"role": "operator"}),
            await client.patch(path, json={"disabled": True}),
        ]
        assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(409, "last_superuser")] * 3
        assert (await client.patch(path, json={"role": "superuser", "disabled": False})).status_code == 200


async def test_superusers_cannot_remove_each_other_at_once(gateway: Inside) -> None:
    async with gateway.client() as client:
        ada = UUID((await client.get("/users")).json()["items"][0]["id"])
        bob = UUID((await made(client, "bob@example.org", Role.SUPERUSER))["id"])

    async def demote(user_id: UUID, before_commit_s: float) -> None:
        async with gateway.database.transaction("gateway") as session:
            await service.change(session, user_id, UserChange(role=Role.VIEWER), "test")
            await asyncio.sleep(before_commit_s)

    first = asyncio.create_task(demote(ada, 1.0))
    await asyncio.sleep(0.3)
    with pytest.raises(LastSuperuser):
        await demote(bob, 0.0)
    await first


async def test_closing_an_account_ends_its_sessions(gateway: Inside) -> None:
    async with gateway.client() as client, gateway.client(None) as bobs:
        for change in ({"password": "another one"}, {"disabled": True}):
            email = f"{uuid4().hex}@example.org"
            bob = await made(client, email)
            await bobs.post("/auth/login", data={"username": email, "password": "some password"})
            await client.patch(f"/users/{bob['id']}", json=change)
            assert (await bobs.post("/auth/refresh")).status_code == 401


async def test_the_first_superuser_keeps_a_changed_password_over_a_restart(start: Start) -> None:
    async with start() as process, process.client() as client:
        ada = (await client.get("/users")).json()["items"][0]
        await client.patch(f"/users/{ada['id']}", json={"password": "a better one"})
    async with start() as process:
        assert await logs_in(process, EMAIL, "a better one")
        async with process.database.transaction("gateway") as session:
            assert not await service.ensure_superuser(session, EMAIL.upper(), PASSWORD)


async def test_a_key_may_do_what_its_scopes_say_and_its_token_is_shown_once(gateway: Inside) -> None:
    async with gateway.client() as client:
        wanted = {"name": "ward 7", "scopes": ["fleet:read", "telemetry:write"], "days": 30}
        key = (await client.post("/api-keys", json=wanted)).json()
        headers = {"Authorization": f"Bearer {key['token']}"}
        me = (await client.get("/auth/me", headers=headers)).json()
        assert me == {"email": "ward 7", "role": "api-key", "scopes": ["fleet:read", "telemetry:write"]}
        assert (await client.get("/users", headers=headers)).status_code == 403
        listed = (await client.get("/api-keys")).json()["items"]
        assert key["token"] not in str(listed)
        assert (listed[0]["name"], listed[0]["created_by"]) == ("ward 7", "test@example.org")


async def test_a_revoked_key_is_soon_refused_by_every_process(start: Start) -> None:
    async with start() as one, start() as two, one.client() as client, two.client(None) as elsewhere:
        key = (await client.post("/api-keys", json={"name": "ward 7", "scopes": ["fleet:read"]})).json()
        elsewhere.headers["Authorization"] = f"Bearer {key['token']}"
        assert (await elsewhere.get("/clock")).status_code == 200
        assert (await client.delete(f"/api-keys/{key['id']}")).status_code == 204
        assert (await client.get("/api-keys")).json()["items"][0]["revoked_at"]

        async def refused() -> bool:
            return (await elsewhere.get("/clock")).status_code == 401

        await until(refused)


async def test_a_key_never_manages_accounts(gateway: Inside) -> None:
    async with gateway.client() as client:
        answer = await client.post("/api-keys", json={"name": "x", "scopes": [Scope.USERS_MANAGE]})
        assert (answer.status_code, answer.json()["code"]) == (422, "scope_not_for_keys")


EVERYBODY = frozenset(Role)
MANAGERS = frozenset({Role.SUPERUSER})
ENDPOINTS: list[tuple[str, str, frozenset[Role]]] = [
    ("GET", "/profile", EVERYBODY),
    ("GET", "/clock", EVERYBODY),
    ("GET", "/live/recent", EVERYBODY),
    ("GET", "/live", EVERYBODY),
    ("GET", "/users", MANAGERS),
    ("POST", "/users", MANAGERS),
    ("PATCH", f"/users/{uuid4()}", MANAGERS),
    ("DELETE", f"/users/{uuid4()}", MANAGERS),
    ("GET", "/api-keys", MANAGERS),
    ("POST", "/api-keys", MANAGERS),
    ("DELETE", f"/api-keys/{uuid4()}", MANAGERS),
]


async def test_each_role_may_do_what_it_may_and_no_more(gateway: Inside) -> None:
    for role in (None, *Role):
        async with gateway.client(role) as client:
            for method, path, allowed in ENDPOINTS:
                async with client.stream(method, path) as answer:
                    expected = {401} if role is None else {200, 404, 422} if role in allowed else {403}
                    assert answer.status_code in expected, (role, method, path)


async def test_a_scope_that_is_not_asked_for_opens_nothing(gateway: Inside) -> None:
    async with gateway.client(Role.SUPERUSER, scopes=set(Scope) - {Scope.USERS_MANAGE, Scope.FLEET_READ}) as client:
        for method, path, _ in ENDPOINTS:
            assert (await client.request(method, path)).status_code == 403, (method, path)


STRANGE: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/auth/login", {"data": {"username": "a\x00b", "password": "x"}}),
    ("POST", "/auth/login", {"data": {"username": "x" * 1_001, "password": "x"}}),
    ("POST", "/auth/login", {"json": {"username": "x", "password": "x"}}),
    ("POST", "/users", {"json": {"email": "no address", "password": "long enough"}}),
    ("POST", "/users", {"json": {"email": "a@example.org", "password": "short"}}),
    ("POST", "/users", {"json": {"email": "a@example.org", "password": "long enough", "role": "god"}}),
    ("POST", "/users", {"json": {"email": "a@example.org", "password": "long enough", "id": 1}}),
    ("POST", "/users", {"content": rb'{"email": "a@example.org", "password": "long \ud800 enough"}'}),
    ("POST", "/users", {"content": rb'{"email": "a@example.org", "password": "long \u0000 enough"}'}),
    ("PATCH", "/users/17", {"json": {}}),
    ("POST", "/api-keys", {"json": {"name": "x", "scopes": []}}),
    ("POST", "/api-keys", {"json": {"name": "x", "scopes": ["everything"]}}),
    ("POST", "/api-keys", {"json": {"name": "x", "scopes": ["fleet:read"], "days": 10**20}}),
    ("GET", "/users", {"params": {"page": str(2**63)}}),
    ("GET", "/live/recent", {"params": {"limit": "0"}}),
    ("GET", "/live", {"params": {"last_event_id": str(2**63)}}),
    ("GET", "/live", {"headers": {"Last-Event-ID": "x"}}),
]


@pytest.mark.parametrize(("method", "path", "arguments"), STRANGE)
async def test_strange_input_is_a_422(gateway: Inside, method: str, path: str, arguments: dict[str, Any]) -> None:
    async with gateway.client() as client:
        assert (await client.request(method, path, **arguments)).status_code == 422
