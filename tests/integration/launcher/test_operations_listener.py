"""Metrics and the description of the API are on the operators' listener, and the public one has neither."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from support.platform.processes import free_port

from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime import serve

PATHS = ["/metrics", "/docs", "/openapi.json", "/redoc", "/docs/oauth2-redirect"]


@pytest.fixture(scope="module")
async def ports(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[int, int]]:
    folder = tmp_path_factory.mktemp("process")
    (folder / "index.html").write_text("<!doctype html>")  # any other path is a page of the dashboard
    settings = KitSettings(
        database_url=SecretStr(await new_database()),
        secrets_dir=folder / "secrets",
        artifact_url=f"file://{folder / 'artifacts'}",
        web_dir=folder,
        port=free_port(),
        operations_port=free_port(),
    )
    server = serve.prepare("all", settings)
    serving = asyncio.create_task(server.serve())
    while not (server.started and server.operations is not None and server.operations.started):
        assert not serving.done(), "the server ended while starting"
        await asyncio.sleep(0.01)
    yield settings.port, settings.operations_port
    server.should_exit = True
    await serving
    async with httpx.AsyncClient() as client:
        for port in (settings.port, settings.operations_port):
            with pytest.raises(httpx.ConnectError):
                await client.get(f"http://127.0.0.1:{port}/healthz")


async def get(port: int, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        return await client.get(path)


@pytest.mark.parametrize("path", PATHS)
async def test_the_public_listener_has_no_path_of_operators(ports: tuple[int, int], path: str) -> None:
    assert (await get(ports[0], "/devices")).text == "<!doctype html>"
    response = await get(ports[0], path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_the_operators_listener_has_metrics_and_the_description(ports: tuple[int, int]) -> None:
    assert "pacewatch_" in (await get(ports[1], "/metrics")).text
    assert "/api/v1/auth/login" in (await get(ports[1], "/openapi.json")).json()["paths"]
    assert (await get(ports[1], "/docs")).status_code == 200


async def test_the_page_of_the_api_needs_nothing_of_the_internet(ports: tuple[int, int]) -> None:
    page = (await get(ports[1], "/docs")).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert {url.rpartition(".")[2] for url in loaded} == {"js", "css", "png"}
    assert all(url.startswith("/") for url in loaded)
    assert {(await get(ports[1], url)).status_code for url in loaded} == {200}


async def test_the_operators_listener_has_no_path_of_the_api(ports: tuple[int, int]) -> None:
    assert (await get(ports[0], "/api/v1/auth/me")).status_code == 401
    assert (await get(ports[1], "/api/v1/auth/me")).status_code == 404


def test_without_a_port_there_is_no_such_listener(tmp_path: Path) -> None:
    url = SecretStr("postgresql://nobody@127.0.0.1/nothing")
    assert serve.prepare("all", KitSettings(database_url=url, secrets_dir=tmp_path)).operations is None
