"""How a process begins to serve, and how long it keeps an idle connection."""

import gc
from pathlib import Path
from types import SimpleNamespace

import pytest

from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime import serve

NGINX_KEEPS_S = 60


def test_what_stands_when_a_process_begins_to_serve_is_left_out_of_garbage_collections(
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


def test_an_idle_connection_is_ended_by_the_client_and_never_under_its_next_request(tmp_path: Path) -> None:
    settings = KitSettings(database_url="postgresql://nobody@127.0.0.1/nothing", secrets_dir=tmp_path)
    assert serve.prepare("all", settings).config.timeout_keep_alive > NGINX_KEEPS_S
