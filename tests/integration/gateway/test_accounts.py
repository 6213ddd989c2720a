"""Accounts: create, change, delete; one superuser always remains."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from support.platform.in_process import InProcess

from pacewatch.contracts.accounts import Role
from pacewatch.gateway.accounts import service
from pacewatch.gateway.accounts.managers import Actor
from pacewatch.gateway.accounts.schemas import UserChange
from pacewatch.gateway.errors import LastSuperuser

from .conftest import EMAIL, PASSWORD, Start

pytestmark = pytest.mark.servers


async def create_user(client: httpx.AsyncClient, email: str, role: Role = Role.VIEWER) -> dict[str, Any]:
    response = await client.post("/users", json={"email": email, "password": "some password", "role": role})
    assert response.status_code == 201, response.text
    return dict(response.json())


async def can_log_in(gateway: InProcess, email: str, password: str = "some password") -> bool:
    async with gateway.client(None) as client:
        return (await client.post("/auth/login", data={"username": email, "password": password})).is_success


async def test_account_is_created_changed_and_deleted(gateway: InProcess) -> None:
    async with gateway.client() as client:
        bob = await create_user(client, "Bob@example.org")
        assert bob.keys() == {"id", "email", "role", "disabled_at", "created_at", "has_totp"}
        assert await can_log_in(gateway, "bob@example.org")
        changed = (await client.patch(f"/users/{bob['id']}", json={"password": "another one"})).json()
        assert changed == bob
        assert not await can_log_in(gateway, "bob@example.org")
        assert await can_log_in(gateway, "bob@example.org", "another one")
        assert (await client.patch(f"/users/{bob['id']}", json={"disabled": True})).json()["disabled_at"]
        assert not await can_log_in(gateway, "bob@example.org", "another one")
        assert (await client.patch(f"/users/{bob['id']}", json={"disabled": False})).json()["disabled_at"] is None
        assert await can_log_in(gateway, "bob@example.org", "another one")
        listed = (await client.get("/users")).json()
        assert [user["email"] for user in listed["items"]] == [EMAIL, "bob@example.org"]
        assert (await client.delete(f"/users/{bob['id']}")).status_code == 204
        assert not await can_log_in(gateway, "bob@example.org", "another one")


async def test_email_address_has_one_account_in_any_capitalisation(gateway: InProcess) -> None:
    async with gateway.client() as client:
        new = {"email": EMAIL.upper(), "password": "some password"}
        response = await client.post("/users", json=new)
        assert (response.status_code, response.json()["code"]) == (409, "email_taken")


async def test_unknown_account_returns_404(gateway: InProcess) -> None:
    async with gateway.client() as client:
        assert (await client.patch(f"/users/{uuid4()}", json={"role": "viewer"})).status_code == 404
        assert (await client.delete(f"/users/{uuid4()}")).status_code == 404


async def test_last_superuser_cannot_be_deleted_demoted_or_disabled(gateway: InProcess) -> None:
    async with gateway.client() as client:
        ada = (await client.get("/users")).json()["items"][0]
        path = f"/users/{ada['id']}"
        refused = [
            await client.delete(path),
            await client.patch(path, json={"role": "operator"}),
            await client.patch(path, json={"disabled": True}),
        ]
        assert [(response.status_code, response.json()["code"]) for response in refused] == [
            (409, "last_superuser")
        ] * 3
        assert (await client.patch(path, json={"role": "superuser", "disabled": False})).status_code == 200


async def test_two_superusers_cannot_demote_each_other_at_the_same_moment(gateway: InProcess) -> None:
    async with gateway.client() as client:
        ada = UUID((await client.get("/users")).json()["items"][0]["id"])
        bob = UUID((await create_user(client, "bob@example.org", Role.SUPERUSER))["id"])

    async def demote(user_id: UUID, seconds_before_commit: float) -> None:
        async with gateway.database.transaction("gateway") as session:
            await service.change_user(session, user_id, UserChange(role=Role.VIEWER), Actor("test"))
            await asyncio.sleep(seconds_before_commit)

    first = asyncio.create_task(demote(ada, 1.0))
    await asyncio.sleep(0.3)
    with pytest.raises(LastSuperuser):
        await demote(bob, 0.0)
    await first


async def test_new_password_or_disabled_account_ends_its_sessions(gateway: InProcess) -> None:
    async with gateway.client() as client, gateway.client(None) as bobs:
        for change in ({"password": "another one"}, {"disabled": True}):
            email = f"{uuid4().hex}@example.org"
            bob = await create_user(client, email)
            await bobs.post("/auth/login", data={"username": email, "password": "some password"})
            await client.patch(f"/users/{bob['id']}", json=change)
            assert (await bobs.post("/auth/refresh")).status_code == 401


async def test_first_superuser_keeps_a_changed_password_after_a_restart(start: Start) -> None:
    async with start() as process, process.client() as client:
        ada = (await client.get("/users")).json()["items"][0]
        await client.patch(f"/users/{ada['id']}", json={"password": "a better one"})
    async with start() as process:
        assert await can_log_in(process, EMAIL, "a better one")
        async with process.database.transaction("gateway") as session:
            assert not await service.ensure_superuser(session, EMAIL.upper(), PASSWORD)
