"""The second factor of superusers: set up, asked for at each login, usable once, removable."""

import time

import httpx
import pytest
from support.platform.in_process import InProcess
from support.waiting import until

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.gateway.credentials import totp

from .conftest import EMAIL, PASSWORD, Start, bearer, events, log_in

pytestmark = pytest.mark.servers


def code(secret: str, steps_from_now: int = 0) -> str:
    return totp.code_at(secret, int(time.time()) // totp.STEP_S + steps_from_now)


async def log_in_with(client: httpx.AsyncClient, code: str) -> httpx.Response:
    return await client.post("/auth/login", data={"username": EMAIL, "password": PASSWORD, "code": code})


async def enrol(client: httpx.AsyncClient) -> tuple[str, httpx.Response]:
    """The secret, and the response to its confirmation by the code of the step before this one."""
    headers = bearer(await log_in(client))
    begun = await client.post("/auth/totp", json={"password": PASSWORD}, headers=headers)
    assert begun.status_code == 201, begun.text
    secret = begun.json()["secret"]
    assert begun.json()["uri"] == f"otpauth://totp/Pacewatch:ada%40example.org?secret={secret}&issuer=Pacewatch"
    assert (await log_in(client)).status_code == 200, "it counts only when it is confirmed"
    confirmed = await client.post("/auth/totp/confirm", json={"code": code(secret, -1)}, headers=headers)
    assert confirmed.status_code == 200, confirmed.text
    return secret, confirmed


async def test_a_login_needs_a_code_that_works_once(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        secret, _ = await enrol(client)
        without = await log_in(client)
        assert (without.status_code, without.json()["code"]) == (401, "code_required")
        wrong_password = await client.post(
            "/auth/login", data={"username": EMAIL, "password": "x", "code": code(secret)}
        )
        assert wrong_password.json()["code"] == "wrong_credentials"
        for wrong in (code(secret, -1), code(secret, 3), "000", "abcdef", "１２３４５６"):
            assert (await log_in_with(client, wrong)).json()["code"] == "wrong_code"
        right = code(secret)
        assert (await log_in_with(client, f"{right[:3]} {right[3:]}")).status_code == 200
        assert (await log_in_with(client, right)).json()["code"] == "wrong_code"
    assert await events(gateway, "code_required") == [(EMAIL, "127.0.0.1", "")]
    assert await events(gateway, "wrong_code") == [(EMAIL, "127.0.0.1", "")]
    assert len(await events(gateway, "totp_enabled")) == 1


async def test_turning_it_on_ends_all_logins_but_this_one_and_leaves_the_keys(gateway: InProcess) -> None:
    async with gateway.client() as ada, gateway.client(None) as elsewhere, gateway.client(None) as here:
        key = (await ada.post("/api-keys", json={"name": "ward 7", "scopes": ["fleet:read"]})).json()["token"]
        other = await log_in(elsewhere)
        _, confirmed = await enrol(here)

        async def is_ended() -> bool:
            return (await elsewhere.get("/clock", headers=bearer(other))).status_code == 401

        await until(is_ended)
        assert (await elsewhere.post("/auth/refresh")).status_code == 401
        assert (await here.get("/clock", headers=bearer(confirmed))).status_code == 200
        assert (await here.post("/auth/refresh")).status_code == 200
        assert (await here.get("/clock", headers={"Authorization": f"Bearer {key}"})).status_code == 200


async def test_guessing_codes_is_throttled(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        secret, _ = await enrol(client)
        wrong = code(secret, 50)
        statuses = [(await log_in_with(client, wrong)).status_code for _ in range(11)]
    assert (statuses[0], statuses[-1]) == (401, 429)


async def test_it_is_removed_by_its_owner_with_a_code_or_by_another_superuser(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        secret, confirmed = await enrol(client)
        headers, removal = bearer(confirmed), {"password": PASSWORD, "code": "000000"}
        assert (await client.post("/auth/totp/remove", json=removal, headers=headers)).status_code == 401
        removal["code"] = code(secret)
        assert (await client.post("/auth/totp/remove", json=removal, headers=headers)).status_code == 204
        assert (await client.get("/auth/me", headers=headers)).status_code == 401
        assert (await client.post("/auth/refresh")).status_code == 401
        assert (await log_in(client)).status_code == 200

        _, confirmed = await enrol(client)
        headers = bearer(confirmed)
        user = (await client.get("/users", headers=headers)).json()["items"][0]
        assert user["has_totp"]
        changed = await client.patch(f"/users/{user['id']}", json={"reset_totp": True}, headers=headers)
        assert not changed.json()["has_totp"]
        assert (await client.get("/auth/me", headers=headers)).status_code == 401
        assert (await log_in(client)).status_code == 200
    assert len(await events(gateway, "totp_removed")) == 2


async def test_guesses_of_the_first_code_are_throttled_and_recorded(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        headers = bearer(await log_in(client))
        await client.post("/auth/totp", json={"password": PASSWORD}, headers=headers)
        guesses = [
            (await client.post("/auth/totp/confirm", json={"code": "abcdef"}, headers=headers)).status_code
            for _ in range(11)
        ]
    assert (guesses[0], guesses[-1]) == (401, 429)
    assert await events(gateway, "wrong_code") == [(EMAIL, "127.0.0.1", "")]


async def test_only_superusers_have_one(gateway: InProcess) -> None:
    async with gateway.client() as ada, gateway.client(None) as client:
        await ada.post("/users", json={"email": "bob@example.org", "password": PASSWORD, "role": "engineer"})
        headers = bearer(await log_in(client, "bob@example.org"))
        refused = await client.post("/auth/totp", json={"password": PASSWORD}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_for_role")


async def test_where_it_is_required_a_superuser_without_one_can_only_set_it_up(start: Start) -> None:
    async with start(require_totp="true") as gateway, gateway.client(None) as client:
        headers = bearer(await log_in(client))
        refused = await client.get("/users", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
        assert "set yours up first" in refused.json()["detail"]
        _, confirmed = await enrol(client)
        me = (await client.get("/auth/me", headers=bearer(confirmed))).json()
        assert me["scopes"] == sorted(SCOPES_BY_ROLE[Role.SUPERUSER])
