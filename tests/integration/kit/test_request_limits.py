"""Limits of a request in PostgreSQL: the time of its statements, the depth of its page, and a full disk."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from support.http_service import problem_of
from support.service_harness import ServiceHarness

from pacewatch.kit.db import Database, allow_long
from pacewatch.kit.http import routing
from pacewatch.kit.http.app import create_app
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, service_router


@pytest.fixture
async def client(harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(routing, "REQUEST_TIMEOUT_S", 1)
    app = create_app("test", verifier=None, database=harness.database, max_body_mib=1)
    router = service_router(harness.service)

    @router.get("/sleep")
    async def sleep(session: SessionDep, seconds: float, long: bool = False) -> dict[str, Any]:
        if long:
            await allow_long(session)
        await session.execute(sa.text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})
        return {}

    @router.get("/full")
    async def full(session: SessionDep) -> dict[str, Any]:
        await session.execute(sa.text("DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$"))
        return {}

    @router.get("/pages")
    async def pages(paging: PagingDep) -> dict[str, int]:
        return {"offset": paging.offset}

    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/api/v1") as http:
        yield http


async def test_a_statement_that_takes_too_long_is_ended_with_a_503(client: httpx.AsyncClient) -> None:
    refused = await client.get("/sleep", params={"seconds": 30})
    problem_of(refused, 503, "too_slow")
    assert refused.headers["Retry-After"] == "5"


async def test_a_route_may_lift_the_limit_for_itself(client: httpx.AsyncClient) -> None:
    assert (await client.get("/sleep", params={"seconds": 1.5, "long": True})).status_code == 200
    assert (await client.get("/sleep", params={"seconds": 1.5})).status_code == 503


async def test_background_work_on_the_same_connections_has_no_limit(
    client: httpx.AsyncClient, harness: ServiceHarness
) -> None:
    database: Database = harness.database
    for _ in range(2):
        await asyncio.gather(*(client.get("/sleep", params={"seconds": 0}) for _ in range(3)))
        async with database.transaction(harness.service) as session:
            assert await session.scalar(sa.text("SHOW statement_timeout")) == "0"


async def test_a_full_disk_is_a_507_that_says_what_to_do(client: httpx.AsyncClient) -> None:
    found = problem_of(await client.get("/full"), 507, "storage_full")
    assert "make room" in found.detail


@pytest.mark.parametrize(("page", "size", "offset"), [(1, 200, 0), (501, 200, 100_000), (100_000, 1, 99_999)])
async def test_a_page_may_be_behind_so_many_entries(
    client: httpx.AsyncClient, page: int, size: int, offset: int
) -> None:
    assert (await client.get("/pages", params={"page": page, "size": size})).json() == {"offset": offset}


async def test_a_deeper_page_is_refused(client: httpx.AsyncClient) -> None:
    found = problem_of(await client.get("/pages", params={"page": 502, "size": 200}), 422, "page_too_deep")
    assert [error.field for error in found.errors] == ["page"]
