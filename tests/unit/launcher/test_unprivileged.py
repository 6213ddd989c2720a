"""PostgreSQL for root: it runs as another user, in folders that this user can reach."""

import os
import shutil
from pathlib import Path

import pytest
from support.platform.postgres import fetchval

from pacewatch.launcher.postgres import unprivileged
from pacewatch.launcher.postgres.embedded import EmbeddedPostgres

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as another user")


@needs_root
async def test_data_of_a_folder_closed_to_the_servers_user_are_placed_elsewhere_and_the_folder_stays_closed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "ROOT_STATE", folder)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    async with EmbeddedPostgres(closed / "demo") as server:
        assert await fetchval(server, "SELECT 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700
    assert not (closed / "demo" / "data").exists()
    assert list(folder.glob("*/data/PG_VERSION"))


@needs_root
async def test_data_placed_elsewhere_are_removed_after_their_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "ROOT_STATE", folder)
    tmp_path.chmod(0o700)
    async with EmbeddedPostgres(tmp_path / "demo") as server:
        await fetchval(server, "CREATE TABLE old AS SELECT 1")
    shutil.rmtree(tmp_path / "demo")
    async with EmbeddedPostgres(tmp_path / "demo") as server:
        assert await fetchval(server, "SELECT to_regclass('old')") is None


@needs_root
def test_programs_closed_to_the_servers_user_are_copied_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "ROOT_STATE", folder)
    closed = tmp_path / "closed" / "bin"
    closed.mkdir(parents=True)
    tmp_path.chmod(0o700)
    (closed / "postgres").write_text("#!/bin/sh\n")
    (closed / "postgres").chmod(0o755)
    user = unprivileged.server_user()
    copies = {unprivileged.reachable_binaries(closed, user) for _ in range(2)}
    assert [user.can_reach(copy / "postgres") for copy in copies] == [True]
