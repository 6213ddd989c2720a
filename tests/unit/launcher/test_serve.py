"""What a process does before it serves, and how long it keeps an idle connection."""

import gc
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from pydantic import SecretStr

from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime import serve

NGINX_KEEP_ALIVE_S = 60


def test_objects_that_exist_at_start_are_excluded_from_garbage_collection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frozen: list[int] = []
    server = SimpleNamespace(run=lambda: frozen.append(gc.get_freeze_count()))
    monkeypatch.setattr(serve, "prepare", lambda *_: server)
    monkeypatch.setattr(serve.logs, "configure", lambda *_: None)
    try:
        serve.serve("ingest", KitSettings(database_url="postgresql://nobody@127.0.0.1/nothing"))
    finally:
        gc.unfreeze()
    assert frozen[0] > 10_000


def test_the_server_keeps_idle_connections_longer_than_nginx(tmp_path: Path) -> None:
    settings = KitSettings(database_url="postgresql://nobody@127.0.0.1/nothing", secrets_dir=tmp_path)
    assert serve.prepare("all", settings).config.timeout_keep_alive > NGINX_KEEP_ALIVE_S


async def test_the_server_of_all_services_compresses_pages(tmp_path: Path) -> None:
    web = tmp_path / "web"
    web.mkdir()
    (web / "index.html").write_text("<!doctype html>" + "a page of the dashboard " * 100)
    url = SecretStr("postgresql://nobody@127.0.0.1/nothing")
    server = serve.prepare("all", KitSettings(database_url=url, secrets_dir=tmp_path, web_dir=web))
    transport = httpx.ASGITransport(server.config.app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/")
        assert answer.headers["content-encoding"] == "gzip"
        assert "a page of the dashboard" in answer.text
        plain = await client.get("/", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
