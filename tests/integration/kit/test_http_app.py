"""What every application has: correlation ids, authentication, paging, health checks and metrics."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from prometheus_client import REGISTRY
from support.http_service import PRIVATE_KEY, problem_of
from support.service_harness import ServiceHarness

from pacewatch.kit.db import Database
from pacewatch.kit.http import app as http
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.messaging.outbox import claim


async def test_a_correlation_id_goes_from_the_request_to_events_and_the_response(
    client: httpx.AsyncClient, harness: ServiceHarness
) -> None:
    response = await client.post("/events", headers={"x-correlation-id": "abc-1.2:3"})
    assert response.headers["x-correlation-id"] == response.json()["correlation_id"] == "abc-1.2:3"
    async with harness.database.transaction(harness.service) as session:
        (event,) = await claim(session, 10)
    assert event.correlation_id == "abc-1.2:3"


@pytest.mark.parametrize("given_id", ["", "a b", "x" * 65, "a\tb", "\u00e4"])
async def test_a_correlation_id_unsafe_for_logs_is_replaced(client: httpx.AsyncClient, given_id: str) -> None:
    response = await client.post("/events", headers={b"x-correlation-id": given_id.encode("latin-1")})
    assert len(response.headers["x-correlation-id"]) == 36


async def test_a_missing_or_invalid_token_is_401_and_a_missing_scope_is_403(client: httpx.AsyncClient) -> None:
    def bearer(token: str) -> dict[bytes, bytes]:
        return {b"authorization": b"Bearer " + token.encode("utf-8", "surrogateescape")}

    response = await client.get("/mine")
    problem_of(response, 401, "unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"
    for token in ("", "x", "a.b.c", "\u00e4.\u00f6.\u00fc", "x" * 100_000):
        problem_of(await client.get("/mine", headers=bearer(token)), 401, "unauthorized")
    without_scope = Signer(PRIVATE_KEY).sign("ada", role="", scopes=[], lifetime=timedelta(minutes=1))
    problem_of(await client.get("/mine", headers=bearer(without_scope)), 403, "forbidden")
    with_scope = Signer(PRIVATE_KEY).sign("ada", role="", scopes=["fleet:read"], lifetime=timedelta(minutes=1))
    assert (await client.get("/mine", headers=bearer(with_scope))).json() == {"name": "ada"}


async def test_a_list_returns_the_requested_page_and_the_total(client: httpx.AsyncClient) -> None:
    for n in range(5):
        await client.post("/numbers", json={"n": n})
    page = (await client.get("/numbers", params={"page": 2, "size": 2})).json()
    assert page == {"items": [2, 3], "total": 5, "page": 2, "size": 2}
    assert (await client.get("/numbers")).json() == {"items": [0, 1, 2, 3, 4], "total": 5, "page": 1, "size": 20}


@pytest.mark.parametrize("path", ["/numbers", "/numbers?page=2", "/numbers/5", "/mine", "/nothing", "/readyz"])
async def test_head_is_get_without_a_body(client: httpx.AsyncClient, path: str) -> None:
    url = f"http://test{path}" if path == "/readyz" else path
    get, head = await client.get(url), await client.head(url)
    assert head.status_code == get.status_code
    assert head.content == b""
    assert {**head.headers, "x-correlation-id": ""} == {**get.headers, "x-correlation-id": ""}


async def test_head_of_a_stream_ends_at_once(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(5):
        response = await client.head("/endless")
    assert (response.status_code, response.content, response.headers["x-kind"]) == (200, b"", "endless")


async def test_head_of_a_path_without_get_is_a_405(client: httpx.AsyncClient) -> None:
    assert (await client.head("/events")).status_code == 405


@pytest.mark.parametrize(
    ("path", "name"), [("/numbers?patient_id=7", "patient_id"), ("/numbers/5?page=1", "page"), ("/mine?x=", "x")]
)
async def test_a_parameter_that_a_path_does_not_have_is_refused(
    client: httpx.AsyncClient, path: str, name: str
) -> None:
    token = Signer(PRIVATE_KEY).sign("ada", role="", scopes=["fleet:read"], lifetime=timedelta(minutes=1))
    response = await client.get(path, headers={"Authorization": f"Bearer {token}"})
    (error,) = problem_of(response, 422, "validation_failed").errors
    assert (error.field, error.code) == (name, "unknown_parameter")
    assert "there " in error.message


async def test_a_token_is_checked_before_parameters(client: httpx.AsyncClient) -> None:
    problem_of(await client.get("/mine?x=1"), 401, "unauthorized")


@pytest.mark.parametrize("query", ["page=0", "page=1000001", "size=0", "size=201", "page=x"])
async def test_a_page_out_of_range_is_a_422(client: httpx.AsyncClient, query: str) -> None:
    problem_of(await client.get(f"/numbers?{query}"), 422, "validation_failed")


async def test_with_postgresql_the_process_is_ready(client: httpx.AsyncClient) -> None:
    ready = await client.get("http://test/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "failures": {}, "remarks": {}})


async def test_a_health_check_that_hangs_is_a_failure(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    monkeypatch.setattr(http, "CHECK_TIMEOUT_S", 0.05)
    app = http.create_app("test", verifier=None, database=database, max_body_mib=1)
    http.add_health(app, {"frozen": lambda: asyncio.sleep(60)})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/readyz")).json()["failures"] == {"frozen": "TimeoutError"}


async def test_clients_cannot_create_metric_labels(client: httpx.AsyncClient) -> None:
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


async def test_answers_of_the_api_are_never_stored_and_run_nothing(client: httpx.AsyncClient) -> None:
    for path in ("/numbers", "/numbers/x", "/nothing"):
        headers = (await client.get(path)).headers
        assert headers.get_list("cache-control") == ["no-store"]
        (policy,) = headers.get_list("content-security-policy")
        assert "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("localhost", True),
        ("LOCALHOST:8080", True),
        ("[::1]:8080", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("evil.example:8080", False),
        ("", False),
        ("localhost:80:80", False),
    ],
)
async def test_only_hosts_of_the_settings_are_answered(database: Database, host: str, is_allowed: bool) -> None:
    app = http.create_app(
        "test", verifier=None, database=database, max_body_mib=1, allowed_hosts=["localhost", "[::1]"]
    )
    http.add_health(app, {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        response = await client.get("/api/v1/x", headers={"Host": host})
        assert (response.status_code, response.json()["code"]) == (
            (404, "not_found") if is_allowed else (400, "host_not_allowed")
        )
        assert (await client.get("/healthz", headers={"Host": host})).status_code == 200


async def test_addresses_are_hidden_from_callers_without_the_scope(client: httpx.AsyncClient) -> None:
    def bearer(*scopes: str) -> dict[str, str]:
        token = Signer(PRIVATE_KEY).sign("ada@example.org", role="", scopes=scopes, lifetime=timedelta(minutes=1))
        return {"Authorization": f"Bearer {token}"}

    hidden = await client.get("/addresses", headers=bearer("fleet:read"))
    assert hidden.json() == {
        "recipient": "***@***",
        "error": "550 <***@***>: unknown; ask ***@***",
        "own": "ada@example.org",
        "address": "***",
    }
    assert int(hidden.headers["content-length"]) == len(hidden.content)
    shown = (await client.get("/addresses", headers=bearer("fleet:read", "addresses:read"))).json()
    assert (shown["recipient"], shown["address"]) == ("bob@example.org", "192.0.2.7")
