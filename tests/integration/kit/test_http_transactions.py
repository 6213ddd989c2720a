"""One request is one transaction, and a success is sent after its commit."""

from datetime import timedelta

import asyncpg
import httpx
import pytest
from support.http_service import PRIVATE_KEY, create_test_app, problem_of
from support.service_harness import ServiceHarness

from pacewatch.kit.db import Database
from pacewatch.kit.http.auth import Signer


async def test_a_success_is_committed(client: httpx.AsyncClient, harness: ServiceHarness) -> None:
    assert (await client.post("/numbers", json={"n": 3})).status_code == 201
    assert await harness.effects() == [3]


async def test_an_error_rolls_back_and_returns_its_code_message_and_extra_members(
    client: httpx.AsyncClient, harness: ServiceHarness
) -> None:
    response = await client.post("/numbers/5/refused")
    assert problem_of(response, 409, "conflict").detail == "the number exists already"
    assert response.json()["because"] == "of this"
    assert await harness.effects() == []


async def test_a_right_that_ends_during_a_request_commits_nothing(
    client: httpx.AsyncClient, harness: ServiceHarness
) -> None:
    token = Signer(PRIVATE_KEY).sign("ada", role="", scopes=["fleet:read"], lifetime=timedelta(minutes=1))
    answer = await client.post("/revoked", headers={"Authorization": f"Bearer {token}"})
    problem_of(answer, 401, "unauthorized")
    assert await harness.effects() == []


async def test_a_failed_commit_is_an_error(client: httpx.AsyncClient) -> None:
    problem_of(await client.post("/numbers/at-commit"), 500, "internal_error")


async def test_without_postgresql_a_request_is_503_and_the_process_is_alive_but_not_ready() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    transport = httpx.ASGITransport(create_test_app(database, "unreachable"))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        problem_of(await client.get("/api/v1/numbers/1"), 503, "unavailable")
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["failures"]) == (503, {"database": "Unreachable"})
        assert (await client.get("/healthz")).status_code == 200
    await database.close()


async def test_a_connection_lost_in_a_request_is_503_and_the_next_request_succeeds(
    client: httpx.AsyncClient, harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose_connection(*_: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    with monkeypatch.context() as patch:
        patch.setattr("sqlalchemy.ext.asyncio.AsyncSession.commit", lose_connection)
        problem_of(await client.post("/numbers", json={"n": 1}), 503, "unavailable")
    assert await harness.effects() == []
    assert (await client.post("/numbers", json={"n": 2})).status_code == 201
