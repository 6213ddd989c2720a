"""The HTTP face: one request is one transaction, and whatever goes wrong is problem details with the right status."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, FastAPI, Path, Query
from fastapi.responses import StreamingResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from support.chassis import Chassis, Counted, effects

from pacewatch.contracts.base import Contract, Name, Problem
from pacewatch.kit import logs
from pacewatch.kit.db import Database
from pacewatch.kit.errors import Conflict
from pacewatch.kit.http import app as http
from pacewatch.kit.http.auth import Principal, Signer, Verifier, require
from pacewatch.kit.http.problems import problem as problem_response
from pacewatch.kit.http.routing import SessionDep, service_router
from pacewatch.kit.messaging.outbox import claim, emit

PRIVATE = Ed25519PrivateKey.generate()
DeviceId = Annotated[int, Path(ge=0, le=2**53 - 1)]


class Body(Contract):
    n: int
    x: float = 0
    name: Name = "name"


def application(database: Database, service: str) -> FastAPI:
    app = http.create_app("test", verifier=Verifier([PRIVATE.public_key()]), database=database, max_body_mib=1)
    app.include_router(routes(service))
    http.add_health(app, {"database": database.ping})
    return app


def routes(service: str) -> Any:
    router = service_router(service)
    table = effects(service)

    @router.post("/numbers", status_code=201)
    async def add(body: Body, session: SessionDep) -> dict[str, int]:
        await session.execute(table.insert().values(n=body.n))
        return {"n": body.n}

    @router.post("/numbers/{n}/refused")
    async def add_and_refuse(n: DeviceId, session: SessionDep) -> None:
        await session.execute(table.insert().values(n=n))
        raise Conflict("it is so already", because="of this")

    @router.post("/numbers/at-commit")
    async def fails_at_commit(session: SessionDep) -> dict[str, str]:
        await session.execute(sa.text(f"INSERT INTO {service}.deferred VALUES (1), (1)"))
        return {"fine": "it says"}

    @router.get("/numbers/{n}")
    async def one(n: DeviceId, session: SessionDep, q: Annotated[str, Query(max_length=50)] = "") -> dict[str, int]:
        await session.execute(sa.select(table.c.n).where(table.c.n == n))
        return {"n": n}

    @router.get("/broken")
    async def broken(session: SessionDep) -> None:
        raise ZeroDivisionError("a secret")

    @router.get("/half")
    async def half() -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            yield "one"
            raise ZeroDivisionError

        return StreamingResponse(lines())

    @router.get("/mine")
    async def mine(actor: Annotated[Principal, Depends(require("fleet:read"))]) -> dict[str, str]:
        return {"name": actor.name}

    @router.post("/tell")
    async def tell(session: SessionDep) -> dict[str, str]:
        await emit(session, Counted(n=1))
        return {"correlation_id": logs.correlation_id()}

    return router


@pytest.fixture
async def client(it: Chassis) -> AsyncIterator[httpx.AsyncClient]:
    async with it.database.transaction(it.service) as session:
        ddl = f"CREATE TABLE {it.service}.deferred (n int, UNIQUE (n) DEFERRABLE INITIALLY DEFERRED)"
        await session.execute(sa.text(ddl))
    transport = httpx.ASGITransport(application(it.database, it.service))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        yield client


def problem(response: httpx.Response, status: int, code: str) -> Problem:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert len(response.content) < 16_384
    found = Problem.model_validate_json(response.content)
    assert (found.status, found.code) == (status, code)
    assert found.correlation_id == response.headers["x-correlation-id"]
    return found


async def test_an_answer_means_committed(client: httpx.AsyncClient, it: Chassis) -> None:
    assert (await client.post("/numbers", json={"n": 3})).status_code == 201
    assert await it.effects() == [3]


async def test_an_error_rolls_back_and_tells_its_code_message_and_more(client: httpx.AsyncClient, it: Chassis) -> None:
    response = await client.post("/numbers/5/refused")
    assert problem(response, 409, "conflict").detail == "it is so already"
    assert response.json()["because"] == "of this"
    assert await it.effects() == []


async def test_a_commit_that_fails_is_no_success(client: httpx.AsyncClient) -> None:
    problem(await client.post("/numbers/at-commit"), 500, "internal_error")


async def test_what_nobody_foresaw_is_a_500_with_the_id_to_quote_and_no_secret(client: httpx.AsyncClient) -> None:
    response = await client.get("/broken", headers={"x-correlation-id": "quote-me"})
    assert problem(response, 500, "internal_error").correlation_id == "quote-me"
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_an_answer_that_breaks_half_way_does_not_look_whole(client: httpx.AsyncClient) -> None:
    with pytest.raises(ZeroDivisionError):
        await client.get("/half")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("PUT", "/numbers", 405, "method_not_allowed"),
        ("BREW", "/numbers", 405, "method_not_allowed"),
        ("GET", "/numbers/%00", 422, "validation_failed"),
        ("GET", "/numbers/%ff%fe", 422, "validation_failed"),
        ("GET", "/numbers/-1", 422, "validation_failed"),
        ("GET", f"/numbers/{2**63}", 422, "validation_failed"),
        ("GET", f"/numbers/{'9' * 5_000}", 422, "validation_failed"),
        ("GET", "/numbers/1e400", 422, "validation_failed"),
        ("GET", "/numbers/NaN", 422, "validation_failed"),
        ("GET", "/numbers/1?q=" + "x" * 51, 422, "validation_failed"),
    ],
)
async def test_every_kind_of_wrong_request_has_its_status(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    problem(await client.request(method, path), status, code)


async def test_a_wrong_method_is_told_the_right_one(client: httpx.AsyncClient) -> None:
    assert (await client.put("/numbers")).headers["Allow"] in {"GET", "POST"}


@pytest.mark.parametrize("query", ["q=%00", "q=%ff", "q=%ed%a0%80", "q=1&q=2", "%00=%00", "&&&="])
async def test_a_strange_query_is_never_a_5xx(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/numbers/1?{query}")).status_code in {200, 422}


BODIES = {
    "empty": b"",
    "no json": b"{",
    "no object": b"[1]",
    "null": b"null",
    "NaN": b'{"n": 1, "x": NaN}',
    "infinite": b'{"n": 1, "x": 1e400}',
    "minus infinite": b'{"n": 1, "x": -Infinity}',
    "huge": b'{"n": ' + b"9" * 5_000 + b"}",
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 50_000,
    "deep value": b'{"n": ' + b"[" * 3_000 + b"]" * 3_000 + b"}",
    "not UTF-8": b'{"n": "\xff\xfe"}',
    "NUL": b'{"n": 1, "name": "a\\u0000b"}',
    "surrogate": b'{"n": 1, "name": "\\ud800"}',
    "surrogate key": b'{"n": 1, "\\ud800": 1}',
    "NUL key": b'{"n": 1, "\\u0000": 1}',
    "text": b'{"n": "1"}',
    "true": b'{"n": true}',
    "fraction": b'{"n": 1.5}',
    "more": b'{"n": 1, "more": 1}',
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_is_not_as_documented_is_a_4xx(client: httpx.AsyncClient, it: Chassis, name: str) -> None:
    response = await client.post("/numbers", content=BODIES[name], headers={"content-type": "application/json"})
    assert response.status_code in {400, 422}, response.text
    problem(response, response.status_code, "validation_failed" if response.status_code == 422 else "malformed_request")
    assert await it.effects() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["n", "x", "name"]) | st.text(), inner),
        max_leaves=10,
    )
)
async def test_whatever_json_comes_the_answer_is_no_5xx(client: httpx.AsyncClient, body: Any) -> None:
    if isinstance(body, dict) and isinstance(body.get("n"), int) and abs(body["n"]) >= 2**63:
        return
    content = json.dumps(body).encode()
    response = await client.post("/numbers", content=content, headers={"content-type": "application/json"})
    assert response.status_code in {201, 422}, response.text


async def test_thousands_of_wrong_fields_earn_an_answer_under_16_kb_that_echoes_none(
    client: httpx.AsyncClient,
) -> None:
    body = {'"\\\n\u00e4\u4e2d' * 40 + str(i): "echo" for i in range(1_000)}
    response = await client.post("/numbers", json=body)
    found = problem(response, 422, "validation_failed")
    assert "1001 field(s)" in found.detail
    assert len(found.errors) == 50
    assert "echo" not in response.text


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * 2**16


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_413_announced_or_not(client: httpx.AsyncClient, chunked: bool) -> None:
    content: Any = pieces(17) if chunked else b" " * (2**20 + 1)
    response = await client.post("/numbers", content=content, headers={"content-type": "application/json"})
    assert "1 MiB" in problem(response, 413, "body_too_large").detail


async def test_an_announced_length_is_refused_before_it_is_read(client: httpx.AsyncClient) -> None:
    read = []

    async def content() -> AsyncIterator[bytes]:
        read.append(1)
        yield b" "

    headers = {"content-type": "application/json", "content-length": str(2**40)}
    problem(await client.post("/numbers", content=content(), headers=headers), 413, "body_too_large")
    assert read == []


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "²", ""])
async def test_a_length_that_is_no_number_is_no_5xx(client: httpx.AsyncClient, length: str) -> None:
    headers = {b"content-type": b"application/json", b"content-length": length.encode()}
    request = client.build_request("POST", "/numbers", content=b'{"n": 1}')
    request.headers = httpx.Headers(headers)
    assert (await client.send(request)).status_code == 201


async def test_a_correlation_id_goes_in_through_to_events_and_out(client: httpx.AsyncClient, it: Chassis) -> None:
    response = await client.post("/tell", headers={"x-correlation-id": "abc-1.2:3"})
    assert response.headers["x-correlation-id"] == response.json()["correlation_id"] == "abc-1.2:3"
    async with it.database.transaction(it.service) as session:
        (event,) = await claim(session, 10)
    assert event.correlation_id == "abc-1.2:3"


@pytest.mark.parametrize("given_id", ["", "a b", "x" * 65, "a\tb", "\u00e4"])
async def test_an_id_we_would_not_write_to_a_log_is_replaced(client: httpx.AsyncClient, given_id: str) -> None:
    response = await client.post("/tell", headers={b"x-correlation-id": given_id.encode("latin-1")})
    assert len(response.headers["x-correlation-id"]) == 36


async def test_no_token_is_401_a_wrong_one_too_and_too_little_scope_is_403(client: httpx.AsyncClient) -> None:
    def bearer(token: str) -> dict[bytes, bytes]:
        return {b"authorization": b"Bearer " + token.encode("utf-8", "surrogateescape")}

    response = await client.get("/mine")
    problem(response, 401, "unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"
    for token in ("", "x", "a.b.c", "\u00e4.\u00f6.\u00fc", "x" * 100_000):
        problem(await client.get("/mine", headers=bearer(token)), 401, "unauthorized")
    little = Signer(PRIVATE).sign("ada", role="", scopes=[], lifetime=timedelta(minutes=1))
    problem(await client.get("/mine", headers=bearer(little)), 403, "forbidden")
    enough = Signer(PRIVATE).sign("ada", role="", scopes=["fleet:read"], lifetime=timedelta(minutes=1))
    assert (await client.get("/mine", headers=bearer(enough))).json() == {"name": "ada"}


async def test_without_postgresql_it_is_503_and_not_ready_and_still_alive() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    transport = httpx.ASGITransport(application(database, "gone"))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        problem(await client.get("/api/v1/numbers/1"), 503, "unavailable")
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["failures"]) == (503, {"database": "Unreachable"})
        assert (await client.get("/healthz")).status_code == 200
    await database.close()


async def test_with_postgresql_it_is_ready(client: httpx.AsyncClient) -> None:
    ready = await client.get("http://test/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "failures": {}})


async def test_a_check_that_hangs_is_a_failure(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    monkeypatch.setattr(http, "CHECK_TIMEOUT_S", 0.05)
    app = http.create_app("test", verifier=None, database=database, max_body_mib=1)
    http.add_health(app, {"frozen": lambda: asyncio.sleep(60)})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/readyz")).json()["failures"] == {"frozen": "TimeoutError"}


async def test_what_a_client_makes_up_becomes_no_metric(client: httpx.AsyncClient) -> None:
    for n in range(5):
        await client.request(f"BREW{n}", f"/made/up/{n}")
        await client.get(f"/numbers/{n}")
    labels = [
        sample.labels
        for metric in REGISTRY.collect()
        if metric.name == "pacewatch_http_seconds"
        for sample in metric.samples
    ]
    methods = {label["method"] for label in labels}
    assert "other" in methods
    assert not [method for method in methods if method.startswith("BREW")]
    assert not [label for label in labels if "made" in label["route"] or "numbers/1" in label["route"]]
    assert any(label["route"] == "unmatched" for label in labels)


async def test_a_terminated_backend_in_a_request_is_a_503_and_the_next_request_is_fine(
    client: httpx.AsyncClient, it: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    with monkeypatch.context() as patch:
        patch.setattr("sqlalchemy.ext.asyncio.AsyncSession.commit", lost)
        problem(await client.post("/numbers", json={"n": 1}), 503, "unavailable")
    assert await it.effects() == []
    assert (await client.post("/numbers", json={"n": 2})).status_code == 201


def test_problem_text_is_bounded_and_a_surrogate_in_it_breaks_nothing() -> None:
    response = problem_response(400, "x", "\ud800" * 5_000)
    assert len(response.body) < 16_384
    assert len(json.loads(bytes(response.body))["detail"]) == 2_000
