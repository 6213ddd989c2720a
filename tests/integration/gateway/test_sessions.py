"""Logging in, staying in, being thrown out."""

import asyncio
import time

import httpx
import pytest
import sqlalchemy as sa
from support.platform.in_process import InProcess

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role

from .conftest import EMAIL, PASSWORD

pytestmark = pytest.mark.servers


async def log_in(client: httpx.AsyncClient, email: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/auth/login", data={"username": email, "password": password})


async def refresh(gateway: InProcess, cookie: str | None) -> httpx.Response:
    async with gateway.client(None) as client:
        if cookie is not None:
            client.cookies.set("pacewatch_refresh", cookie)
        return await client.post("/auth/refresh")


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_the_right_password_gives_a_token_with_the_roles_scopes(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        answer = await log_in(client, "Ada@Example.ORG")
        assert answer.status_code == 200
        assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
        assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("bearer", 900)
        me = (await client.get("/auth/me", headers=bearer(answer))).json()
        assert me == {"email": EMAIL, "role": "superuser", "scopes": sorted(SCOPES_BY_ROLE[Role.SUPERUSER])}


async def test_the_refresh_token_is_out_of_reach_of_scripts_and_other_sites(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/api/v1/auth" in cookie
        assert (await log_in(client)).json().keys().isdisjoint({"refresh_token"})


async def test_unknown_wrong_and_locked_are_one_answer_in_one_time(gateway: InProcess) -> None:
    async with gateway.client() as client:
        new = {"email": "bob@example.org", "password": "bobs password"}
        bob = (await client.post("/users", json=new)).json()
        assert (await log_in(client, "bob@example.org", "bobs password")).status_code == 200
        await client.patch(f"/users/{bob['id']}", json={"disabled": True})
        answers, seconds = [], []
        for email, password in [
            (EMAIL, "wrong"),
            ("nobody@example.org", "wrong"),
            ("bob@example.org", "bobs password"),
        ]:
            began_s = time.perf_counter()
            answer = await log_in(client, email, password)
            seconds.append(time.perf_counter() - began_s)
            answers.append((answer.status_code, answer.json()["code"], answer.json()["detail"]))
        assert len(set(answers)) == 1
        assert answers[0][:2] == (401, "wrong_credentials")
        assert max(seconds) < 5 * min(seconds)


async def test_guessing_gets_slow_for_known_and_unknown_accounts_alike(gateway: InProcess) -> None:
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


async def test_guesses_made_at_once_are_counted_at_once(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        answers = await asyncio.gather(*(log_in(client, EMAIL, f"guess {n}") for n in range(30)))
        # Ten at once, and one more for each second that the block after them lasts.
        assert 10 <= [answer.status_code for answer in answers].count(401) <= 12


async def test_a_refresh_gives_new_tokens_and_the_role_of_now(gateway: InProcess) -> None:
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


async def test_a_refresh_token_used_twice_ends_everything_that_grew_from_its_login(gateway: InProcess) -> None:
    async with gateway.client(None) as client, gateway.client(None) as elsewhere:
        stolen = (await log_in(client)).cookies["pacewatch_refresh"]
        other = (await log_in(elsewhere)).cookies["pacewatch_refresh"]
        child = (await refresh(gateway, stolen)).cookies["pacewatch_refresh"]
        grandchild = (await refresh(gateway, child)).cookies["pacewatch_refresh"]
        again = await refresh(gateway, stolen)
        assert (again.status_code, again.json()["code"]) == (401, "refresh_token_invalid")
        assert (await refresh(gateway, grandchild)).status_code == 401
        assert (await refresh(gateway, other)).status_code == 200


async def test_of_two_refreshes_at_once_one_wins(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
        answers = await asyncio.gather(*(refresh(gateway, cookie) for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [200, 401]


async def test_logging_out_ends_the_login(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
        assert (await client.post("/auth/logout")).status_code == 204
        assert (await refresh(gateway, cookie)).status_code == 401
        assert (await client.post("/auth/logout")).status_code == 204


async def test_a_refresh_token_that_is_old_foreign_or_missing_is_refused(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
    async with gateway.database.transaction("gateway") as session:
        await session.execute(sa.text("UPDATE gateway.refresh_tokens SET expires_at = clock_timestamp()"))
    for one in (cookie, "foreign", None):
        assert (await refresh(gateway, one)).status_code == 401


async def test_no_secret_is_stored_in_plain(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        cookie = (await log_in(client)).cookies["pacewatch_refresh"]
    async with gateway.database.transaction("gateway") as session:
        tables = ("users", "refresh_tokens", "login_attempts")
        stored = [await session.scalar(sa.text(f"SELECT string_agg(t::text, ' ') FROM gateway.{t} t")) for t in tables]
    assert "$argon2id$" in stored[0]
    assert PASSWORD not in str(stored)
    assert cookie not in str(stored)
