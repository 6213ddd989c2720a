"""The rules of the gateway, on a real nginx with the template of a deployment: routes, limits, headers, caching."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from servers.nginx import SERVICES, OwnNginx

ROOT = Path(__file__).parents[2]
LIVE = "/api/v1/live"
# Every path of the API but the live stream, which never ends, with its service.
ROUTES = sorted(
    (re.sub(r"\{\w+\}", "7", path.removeprefix("/api/v1/")), file.stem)
    for file in (ROOT / "contracts/openapi").glob("*.json")
    for path in json.loads(file.read_text())["paths"]
    if path != LIVE
)
StartNginx = Callable[..., Awaitable[OwnNginx]]


class Echo:
    """A service that answers every request with its own name and the request. Its live stream never ends."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._ended = asyncio.Event()

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self._ended.set()
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        path = head[0].split()[1]
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        await reader.readexactly(int(headers.get("content-length", 0)))
        if path == LIVE:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n")
            await writer.drain()
            await self._ended.wait()
        else:
            body = json.dumps({"service": self.name, "path": path, "headers": headers, "padding": " " * 2000}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Frame-Options: SAMEORIGIN\r\n")
            writer.write(b"Cache-Control: public\r\nContent-Security-Policy: default-src *\r\n")
            writer.write(b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()


@pytest.fixture(scope="module")
async def services() -> AsyncIterator[dict[str, str]]:
    echoes = [Echo(name) for name in SERVICES]
    yield {echo.name: await echo.start() for echo in echoes}
    for echo in echoes:
        await echo.stop()


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dashboard")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Pacewatch</title>")
    (folder / "assets" / "index-1a2b.js").write_text("// a script\n" * 200)
    return folder


@pytest.fixture(scope="module")
async def nginx(services: dict[str, str], dashboard: Path, own_nginx: StartNginx) -> OwnNginx:
    return await own_nginx(services, dashboard)


@pytest.fixture(scope="module")
async def http(nginx: OwnNginx) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=nginx.url, timeout=60) as client:
        yield client


@pytest.mark.parametrize(("path", "service"), [*ROUTES, ("telemetry/devices/12/readings?limit=5", "ingest")])
async def test_each_path_is_routed_unchanged_to_its_service(http: httpx.AsyncClient, path: str, service: str) -> None:
    response = (await http.post(f"/api/v1/{path}", content=b"x")).json()
    assert (response["service"], response["path"]) == (service, f"/api/v1/{path}")


def test_nginx_routes_no_path_that_no_service_has() -> None:
    config = (ROOT / "infra/compose/nginx.conf.template").read_text()
    groups = re.findall(r"location ~ \^/api/v1/\(([a-z|-]+)\)\(/\|\$\) +\{ proxy_pass http://(\w+); \}", config)
    routed = {(part, service) for parts, service in groups for part in parts.split("|")}
    assert routed == {(path.partition("/")[0], service) for path, service in [*ROUTES, ("live", "gateway")]}


@pytest.mark.parametrize("path", ["/api/v1/riskier", "/api/v1/", "/api/v2/risk", "/api/"])
async def test_an_unknown_api_path_is_a_problem_document_and_not_a_page(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"])
async def test_operators_paths_are_not_reachable_from_outside(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_a_live_event_arrives_while_the_stream_is_still_open(http: httpx.AsyncClient) -> None:
    async with http.stream("GET", LIVE) as stream:
        assert await anext(stream.aiter_text()) == "data: first\n\n"


async def test_a_client_cannot_claim_another_address(http: httpx.AsyncClient) -> None:
    response = await http.get("/api/v1/users", headers={"X-Forwarded-For": "10.0.0.1"})
    assert response.json()["headers"]["x-forwarded-for"] == "127.0.0.1"


async def test_a_body_over_the_limit_is_refused(http: httpx.AsyncClient) -> None:
    response = await http.post("/api/v1/telemetry/ingest", content=b"x" * (4 * 2**20 + 1))
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


async def test_a_body_at_the_limit_passes(http: httpx.AsyncClient) -> None:
    assert (await http.post("/api/v1/telemetry/ingest", content=b"x" * (4 * 2**20))).status_code == 200


async def test_only_logins_are_rate_limited(services: dict[str, str], dashboard: Path, own_nginx: StartNginx) -> None:
    strict = await own_nginx(services, dashboard, logins_per_minute=1)
    async with httpx.AsyncClient(base_url=strict.url, timeout=60) as client:
        logins = [await client.post("/api/v1/auth/login") for _ in range(8)]
        others = [await client.get("/api/v1/auth/me") for _ in range(8)]
    assert [response.status_code for response in logins] == [200] * 6 + [429] * 2
    assert logins[-1].json()["code"] == "too_many_requests"
    assert {response.status_code for response in others} == {200}


async def test_an_address_that_asks_too_often_gets_a_429(
    services: dict[str, str], dashboard: Path, own_nginx: StartNginx
) -> None:
    strict = await own_nginx(services, dashboard, requests_per_second=1)
    async with httpx.AsyncClient(base_url=strict.url, timeout=60) as client:
        responses = [await client.get("/api/v1/users") for _ in range(6)]
    refused = [response for response in responses if response.status_code == 429]
    assert 3 <= len(refused) <= 4  # a second may pass meanwhile
    assert (refused[0].json()["code"], refused[0].headers["retry-after"]) == ("too_many_requests", "5")
    assert "retry-after" not in responses[0].headers
    assert refused[0].headers["x-frame-options"] == "DENY"


async def test_a_token_that_asks_too_often_from_many_addresses_gets_a_429(
    services: dict[str, str], dashboard: Path, own_nginx: StartNginx
) -> None:
    strict = await own_nginx(services, dashboard, requests_per_second=1)

    async def ask(address: str, authorization: str) -> int:
        transport = httpx.AsyncHTTPTransport(local_address=address)
        async with httpx.AsyncClient(transport=transport, base_url=strict.url, timeout=60) as client:
            return (await client.get("/api/v1/users", headers={"Authorization": authorization})).status_code

    token = f"a.b.{'s' * 86}"
    schemes = ("Bearer", "bearer", "BEARER", "bEARER", "beArer", "beaRer")
    statuses = [await ask(f"127.0.0.{n}", f"{scheme} {token}") for n, scheme in enumerate(schemes, start=2)]
    assert 429 in statuses
    assert await ask("127.0.0.9", f"Bearer a.b.{'t' * 86}") == 200


async def test_an_address_with_too_many_connections_gets_a_429(
    services: dict[str, str], dashboard: Path, own_nginx: StartNginx
) -> None:
    strict = await own_nginx(services, dashboard, connections_per_address=2)
    async with httpx.AsyncClient(base_url=strict.url, timeout=60) as client:
        async with client.stream("GET", LIVE) as one, client.stream("GET", LIVE) as two:
            third = await client.get("/api/v1/users")
            assert (one.status_code, two.status_code, third.status_code) == (200, 200, 429)
        assert (await client.get("/api/v1/users")).status_code in {200, 429}


async def test_a_service_that_is_down_is_a_503_and_the_others_answer(
    services: dict[str, str], dashboard: Path, own_nginx: StartNginx
) -> None:
    partly_down = await own_nginx({**services, "inference": "127.0.0.1:1"}, dashboard)
    async with httpx.AsyncClient(base_url=partly_down.url, timeout=60) as client:
        risk, alerts = await client.get("/api/v1/risk"), await client.get("/api/v1/alerts")
    assert (risk.status_code, risk.json()["code"]) == (503, "unavailable")
    assert alerts.status_code == 200


async def test_every_page_of_the_dashboard_is_its_index_and_is_not_cached(http: httpx.AsyncClient) -> None:
    for path in ("/", "/devices/12"):
        response = await http.get(path)
        assert response.text.startswith("<!doctype html>")
        assert response.headers["cache-control"] == "no-cache"


async def test_hashed_files_are_cached_forever_and_missing_ones_are_a_404(http: httpx.AsyncClient) -> None:
    present, missing = await http.get("/assets/index-1a2b.js"), await http.get("/assets/index-old.js")
    assert "immutable" in present.headers["cache-control"]
    assert present.headers["content-encoding"] == "gzip"
    assert missing.status_code == 404


@pytest.mark.parametrize("path", ["/", "/assets/index-1a2b.js", "/api/v1/users", "/api/v1/nothing"])
async def test_every_response_has_each_security_header_once(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers
    assert headers.get_list("x-frame-options") == ["DENY"]
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers.get_list("referrer-policy") == ["no-referrer"]
    (policy,) = headers.get_list("content-security-policy")
    assert all(f"{name} '" in policy for name in ("base-uri", "form-action", "frame-ancestors"))
    assert headers["server"] == "nginx"


async def test_json_is_compressed_and_never_stored(http: httpx.AsyncClient) -> None:
    response = await http.get("/api/v1/users")
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers.get_list("cache-control") == ["no-store"]
