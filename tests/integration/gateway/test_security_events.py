"""What matters to security is stored: who, from which address, and what; a refusal that comes often is one row."""

import asyncio
from pathlib import Path
from typing import get_args

import pytest
import sqlalchemy as sa
from support.platform.in_process import InProcess
from support.waiting import until

from pacewatch.gateway.auth import throttle
from pacewatch.gateway.security.kinds import Kind

from .conftest import EMAIL, PASSWORD, Start, bearer, events, log_in

pytestmark = pytest.mark.servers

CLIENT = {"X-Forwarded-For": "203.0.113.7"}


async def test_logins_and_failures_are_recorded_with_the_account_and_the_address(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        await log_in(client, "ADA@example.org")
        for _ in range(3):
            await log_in(client, EMAIL, "wrong")
    assert await events(gateway, "login") == [(EMAIL, "127.0.0.1", "")]
    assert await events(gateway, "login_failed") == [(EMAIL, "127.0.0.1", "wrong_credentials")]
    async with gateway.client() as ada:
        listed = (await ada.get("/security-events", params={"kind": "login_failed", "actor": EMAIL})).json()
    assert [(one["actor"], one["count"]) for one in listed["items"]] == [(EMAIL, 3)]


async def test_names_without_an_account_are_counted_together_and_stored_nowhere(
    gateway: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "PLACES", 4)
    async with gateway.client(None) as client:
        for n in range(12):
            await log_in(client, f"stranger {n} " + "x" * 500, "wrong")
    async with gateway.client() as ada:
        listed = (await ada.get("/security-events", params={"kind": "login_failed"})).json()["items"]
    assert [(one["actor"], one["detail"], one["count"]) for one in listed] == [("", "wrong_credentials", 12)]
    async with gateway.database.transaction("gateway") as session:
        rows = list(await session.execute(sa.text("SELECT account, attempts FROM gateway.login_throttle")))
    assert len(rows) <= 4
    assert sum(row.attempts for row in rows) == 12
    assert all(len(row.account) == 1 for row in rows)


async def test_changes_of_accounts_and_keys_are_recorded(gateway: InProcess) -> None:
    async with gateway.client() as ada:
        new = {"email": "bob@example.org", "password": PASSWORD, "role": "superuser"}
        bob = (await ada.post("/users", json=new)).json()
        async with gateway.client(None) as bobs:
            bobs.headers.update(bearer(await log_in(bobs, "bob@example.org")))
            key = (await bobs.post("/api-keys", json={"name": "ward 7", "scopes": ["fleet:read"]})).json()
        path = f"/users/{bob['id']}"
        for change in ({"role": "viewer"}, {"disabled": True}, {"disabled": False}, {"password": "another one"}):
            assert (await ada.patch(path, json=change)).status_code == 200
        await ada.delete(path)
    recorded = {
        kind: await events(gateway, kind)
        for kind in ("role_changed", "account_disabled", "account_enabled", "password_changed", "account_deleted")
    }
    assert {kind: [event[:2] for event in found] for kind, found in recorded.items()} == {
        kind: [(EMAIL, "127.0.0.1")] for kind in recorded
    }
    assert recorded["role_changed"][0][2] == "bob@example.org: superuser to viewer"
    assert (await events(gateway, "key_created"))[0][2] == f"key:{key['id']} ward 7: fleet:read"
    assert (await events(gateway, "key_revoked"))[0][2] == f"key:{key['id']}, made by bob@example.org"


async def test_refusals_and_uses_of_keys_are_counted(start: Start) -> None:
    async with start() as gateway, gateway.client() as ada, gateway.client(None) as client:
        key = (await ada.post("/api-keys", json={"name": "ward 7", "scopes": ["fleet:read"]})).json()
        client.headers["Authorization"] = f"Bearer {key['token']}"
        for _ in range(4):
            assert (await client.get("/clock")).status_code == 200
        assert (await client.get("/users")).status_code == 403
        await ada.delete(f"/api-keys/{key['id']}")
        await until(lambda: is_refused(client))

        async def stored() -> bool:
            found = (await ada.get("/security-events", params={"actor": f"key:{key['id']}"})).json()["items"]
            return {one["detail"] for one in found} >= {
                "",
                "forbidden GET /api/v1/users",
                "unauthorized GET /api/v1/clock",
            }

        await until(stored)
        found = (await ada.get("/security-events", params={"kind": "key_used"})).json()["items"]
        assert len(found) == 1
        assert found[0]["count"] >= 5
        assert found[0]["address"] == "127.0.0.1"


async def test_what_was_counted_last_is_stored_when_the_process_stops(start: Start) -> None:
    async with start() as gateway, gateway.client(None) as client:
        await client.get("/clock")
    async with start() as gateway:
        assert await events(gateway, "refused") == [("", "127.0.0.1", "unauthorized GET /api/v1/clock")]


async def test_an_address_is_believed_only_from_a_proxy_of_the_settings(start: Start) -> None:
    for proxies in ("", "198.51.100.0/24", "127.0.0.0/8"):
        async with start(trusted_proxies=proxies) as gateway, gateway.client(None) as client:
            data = {"username": EMAIL, "password": PASSWORD}
            await client.post("/auth/login", data=data, headers=CLIENT)
            addresses = [address for _, address, _ in await events(gateway, "login")]
    assert addresses == ["127.0.0.1", "127.0.0.1", "203.0.113.7"]


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("no address", "127.0.0.1"),
        ("<script>", "127.0.0.1"),
        ("unknown", "127.0.0.1"),
        ("fe80::1%any text", "127.0.0.1"),
        ("203.0.113.7, x", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("x, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
    ],
)
async def test_what_is_no_address_is_believed_from_nobody(start: Start, forwarded: str, address: str) -> None:
    async with start(trusted_proxies="127.0.0.1") as gateway, gateway.client(None) as client:
        data = {"username": EMAIL, "password": PASSWORD}
        await client.post("/auth/login", data=data, headers={"X-Forwarded-For": forwarded})
        assert [found for _, found, _ in await events(gateway, "login")] == [address]


async def test_filters_fold_the_actor_and_refuse_unknown_kinds(gateway: InProcess) -> None:
    async with gateway.client(None) as client, gateway.client() as ada:
        await log_in(client)
        for actor in (EMAIL, EMAIL.upper(), f" {EMAIL.title()}"):
            found = await ada.get("/security-events", params={"kind": "login", "actor": actor})
            assert found.json()["total"] == 1, actor
        refused = await ada.get("/security-events", params={"kind": "logins"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "kind")
        for kind in get_args(Kind):
            assert (await ada.get("/security-events", params={"kind": kind})).status_code == 200


def test_the_readme_says_what_each_kind_means() -> None:
    readme = Path(__file__).parents[3] / "services" / "gateway" / "README.md"
    assert [kind for kind in get_args(Kind) if f"`{kind}`" not in readme.read_text()] == []


async def test_guesses_from_one_address_lock_out_nobody_who_is_elsewhere(start: Start) -> None:
    async with start(trusted_proxies="127.0.0.1") as gateway, gateway.client(None) as client:

        async def attempt(address: str, password: str) -> int:
            data = {"username": EMAIL, "password": password}
            response = await client.post("/auth/login", data=data, headers={"X-Forwarded-For": address})
            return response.status_code

        guesses = [await attempt(f"2001:db8:0:7::{n}", "guess") for n in range(11)]  # of one network
        assert (guesses[9], guesses[10]) == (401, 429)
        assert await attempt("2001:db8:0:8::1", PASSWORD) == 200
        assert await attempt("203.0.113.9", PASSWORD) == 200


async def test_what_counts_is_not_lost_when_many_processes_count_it(start: Start) -> None:
    async with start() as one, start() as two:
        async with one.client(None) as first, two.client(None) as second:
            await asyncio.gather(*(client.get("/clock") for client in (first, second) for _ in range(20)))

        async def all_counted() -> bool:
            async with one.client() as ada:
                found = (await ada.get("/security-events", params={"kind": "refused"})).json()["items"]
            return sum(event["count"] for event in found) == 40

        await until(all_counted)


async def is_refused(client) -> bool:
    return (await client.get("/clock")).status_code == 401
