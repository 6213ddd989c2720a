"""Logging in: tokens, refused logins, throttled guessing."""

import asyncio
import time

import pytest
import sqlalchemy as sa
from support.platform.in_process import InProcess

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role

from .conftest import EMAIL, PASSWORD, bearer, log_in

pytestmark = pytest.mark.servers


async def test_right_password_gives_a_token_with_the_roles_scopes(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        response = await log_in(client, "Ada@Example.ORG")
        assert response.status_code == 200
        assert response.json().keys() == {"access_token", "token_type", "expires_in"}
        assert (response.json()["token_type"], response.json()["expires_in"]) == ("bearer", 900)
        me = (await client.get("/auth/me", headers=bearer(response))).json()
        assert me == {"email": EMAIL, "role": "superuser", "scopes": sorted(SCOPES_BY_ROLE[Role.SUPERUSER])}


async def test_refresh_cookie_is_hidden_from_scripts_and_other_sites(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/api/v1/auth" in cookie
        assert (await log_in(client)).json().keys().isdisjoint({"refresh_token"})


async def test_wrong_password_unknown_and_disabled_account_look_the_same(gateway: InProcess) -> None:
    async with gateway.client() as client:
        new = {"email": "bob@example.org", "password": "bobs password"}
        bob = (await client.post("/users", json=new)).json()
        assert (await log_in(client, "bob@example.org", "bobs password")).status_code == 200
        await client.patch(f"/users/{bob['id']}", json={"disabled": True})
        responses, seconds = [], []
        for email, password in [
            (EMAIL, "wrong"),
            ("nobody@example.org", "wrong"),
            ("bob@example.org", "bobs password"),
        ]:
            began_s = time.process_time()  # threads included, other processes not
            response = await log_in(client, email, password)
            seconds.append(time.process_time() - began_s)
            responses.append((response.status_code, response.json()["code"], response.json()["detail"]))
        assert len(set(responses)) == 1
        assert responses[0][:2] == (401, "wrong_credentials")
        assert max(seconds) < 5 * min(seconds)


async def test_guessing_is_throttled_for_known_and_unknown_accounts(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        for email in (EMAIL, "nobody@example.org"):
            statuses = [(await log_in(client, email, f"guess {n}")).status_code for n in range(10)]
            assert statuses == [401] * 10
            blocked = await log_in(client, email.upper(), PASSWORD)
            assert blocked.status_code == 429
            assert blocked.json()["code"] == "too_many_attempts"
            assert 1 <= int(blocked.headers["Retry-After"]) <= 2
        await asyncio.sleep(int(blocked.headers["Retry-After"]))
        assert (await log_in(client)).status_code == 200
        assert (await log_in(client, EMAIL, "wrong")).status_code == 401


async def test_a_clock_that_is_set_back_blocks_nobody_for_longer_than_guesses_do(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        for n in range(11):
            await log_in(client, EMAIL, f"guess {n}")
        later = "last_at = last_at + interval '1 day', blocked_until = blocked_until + interval '1 day'"
        async with gateway.database.transaction("gateway") as session:
            await session.execute(sa.text(f"UPDATE gateway.login_throttle SET {later}"))
        assert (await log_in(client)).status_code == 200


async def test_bodies_before_the_login_and_of_accounts_are_small(gateway: InProcess) -> None:
    """4 MiB of them cost a second of the event loop and 500 MiB."""
    keys = ("{" + ",".join(f'"{n:x}": 1' for n in range(200_000)) + "}").encode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with gateway.client(Role.VIEWER) as viewer:
        began_s = time.process_time()
        for path, body, headers in (
            ("/auth/login", b"&" * 2**21, form),
            ("/auth/totp", keys, {}),
            ("/auth/password", keys, {}),
        ):
            refused = await viewer.post(path, content=body, headers={"Content-Type": "application/json", **headers})
            assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
        assert time.process_time() - began_s < 0.5


async def test_simultaneous_guesses_are_all_counted(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        responses = await asyncio.gather(*(log_in(client, EMAIL, f"guess {n}") for n in range(30)))
        # Ten, and one more for each second that passes meanwhile.
        assert 10 <= [response.status_code for response in responses].count(401) <= 12


async def test_password_and_refresh_token_are_not_stored_in_plain(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
    async with gateway.database.transaction("gateway") as session:
        tables = ("users", "refresh_tokens", "login_throttle", "security_events")
        stored = [await session.scalar(sa.text(f"SELECT string_agg(t::text, ' ') FROM gateway.{t} t")) for t in tables]
    assert "$argon2id$" in stored[0]
    assert PASSWORD not in str(stored)
    assert cookie not in str(stored)
