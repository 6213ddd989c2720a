"""Every wrong request gets problem details with the right status, under 16 KB and without an echo of its values."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.http_service import problem_of
from support.service_harness import ServiceHarness

JSON = {"content-type": "application/json"}


async def test_an_unexpected_error_is_a_500_with_the_correlation_id_and_without_secrets(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/broken", headers={"x-correlation-id": "quote-me"})
    assert problem_of(response, 500, "internal_error").correlation_id == "quote-me"
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_response_that_fails_while_it_is_sent_does_not_look_complete(client: httpx.AsyncClient) -> None:
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
    problem_of(await client.request(method, path), status, code)


async def test_a_wrong_method_gets_the_allowed_methods(client: httpx.AsyncClient) -> None:
    assert (await client.put("/numbers")).headers["Allow"] in {"GET", "POST"}


@pytest.mark.parametrize("query", ["q=%00", "q=%ff", "q=%ed%a0%80", "q=1&q=2", "%00=%00", "&&&="])
async def test_a_strange_query_is_never_a_5xx(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/numbers/1?{query}")).status_code in {200, 422}


BODIES = {
    "empty": b"",
    "not JSON": b"{",
    "not an object": b"[1]",
    "null": b"null",
    "NaN": b'{"n": 1, "x": NaN}',
    "infinite": b'{"n": 1, "x": 1e400}',
    "minus infinite": b'{"n": 1, "x": -Infinity}',
    "huge": b'{"n": ' + b"9" * 5_000 + b"}",
    "deep": b"[" * 60_000,
    "deep object": b'{"a":' * 13_000,
    "deep value": b'{"n": ' + b"[" * 3_000 + b"]" * 3_000 + b"}",
    "not UTF-8": b'{"n": "\xff\xfe"}',
    "NUL": b'{"n": 1, "name": "a\\u0000b"}',
    "surrogate": b'{"n": 1, "name": "\\ud800"}',
    "surrogate key": b'{"n": 1, "\\ud800": 1}',
    "NUL key": b'{"n": 1, "\\u0000": 1}',
    "text": b'{"n": "1"}',
    "true": b'{"n": true}',
    "fraction": b'{"n": 1.5}',
    "extra field": b'{"n": 1, "more": 1}',
}


@pytest.mark.parametrize("name", BODIES)
async def test_an_invalid_body_is_a_4xx(client: httpx.AsyncClient, harness: ServiceHarness, name: str) -> None:
    response = await client.post("/numbers", content=BODIES[name], headers=JSON)
    assert response.status_code in {400, 422}, response.text
    code = "validation_failed" if response.status_code == 422 else "malformed_request"
    problem_of(response, response.status_code, code)
    assert await harness.effects() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["n", "x", "name"]) | st.text(), inner),
        max_leaves=10,
    )
)
async def test_no_json_body_is_a_5xx(client: httpx.AsyncClient, body: Any) -> None:
    if isinstance(body, dict) and isinstance(body.get("n"), int) and abs(body["n"]) >= 2**63:
        return
    response = await client.post("/numbers", content=json.dumps(body).encode(), headers=JSON)
    assert response.status_code in {201, 422}, response.text


async def test_many_invalid_fields_get_a_response_under_16_kb_that_repeats_no_value(
    client: httpx.AsyncClient,
) -> None:
    body = {'"\\\n\u00e4\u4e2d' * 40 + str(i): "echo" for i in range(80)}
    response = await client.post("/numbers", json=body)
    found = problem_of(response, 422, "validation_failed")
    assert "81 fields" in found.detail
    assert len(found.errors) == 50
    assert "echo" not in response.text


async def pieces(count: int) -> AsyncIterator[bytes]:
    for start in range(0, count, 2**14):
        yield b" " * min(2**14, count - start)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("path", "size", "at_most"),
    [("/numbers", 2**16, "64 KiB"), ("/notes", 2**17, "128 KiB"), ("/files", 2**20, "1 MiB")],
)
async def test_a_body_over_the_limit_of_its_route_is_413_with_or_without_content_length(
    client: httpx.AsyncClient, chunked: bool, path: str, size: int, at_most: str
) -> None:
    for count in (size, size + 1):
        content: Any = pieces(count) if chunked else b" " * count
        response = await client.post(path, content=content, headers=JSON)
        assert (response.status_code == 413) == (count > size), response.text
    assert at_most in problem_of(response, 413, "body_too_large").detail


async def test_a_route_that_limits_its_bodies_itself_gets_them_whole(client: httpx.AsyncClient) -> None:
    assert (await client.post("/streams", content=pieces(2**21))).json() == {"bytes": 2**21}


async def test_a_content_length_over_the_limit_is_refused_before_the_body_is_read(client: httpx.AsyncClient) -> None:
    read = []

    async def content() -> AsyncIterator[bytes]:
        read.append(1)
        yield b" "

    headers = JSON | {"content-length": str(2**40)}
    problem_of(await client.post("/numbers", content=content(), headers=headers), 413, "body_too_large")
    assert read == []


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "²", ""])
async def test_an_invalid_content_length_is_ignored(client: httpx.AsyncClient, length: str) -> None:
    headers = {b"content-type": b"application/json", b"content-length": length.encode()}
    request = client.build_request("POST", "/numbers", content=b'{"n": 1}')
    request.headers = httpx.Headers(headers)
    assert (await client.send(request)).status_code == 201
