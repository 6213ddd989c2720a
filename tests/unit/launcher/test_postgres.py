"""The embedded PostgreSQL: private, durable, and back after whatever happened to it or to us."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
from servers.own import OwnPostgres, free_ports
from servers.postgres import open_folder

from pacewatch.launcher.errors import EmbeddedPostgresError, PortTaken
from pacewatch.launcher.postgres import embedded, unprivileged
from pacewatch.launcher.postgres.embedded import EmbeddedPostgres

pytestmark = [pytest.mark.early, pytest.mark.servers]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as another user")
needs_proc = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="there is no /proc here")


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    async with AsyncExitStack() as stack:
        yield open_folder(stack)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the server's user that has nothing to do with PostgreSQL."""
    process = subprocess.Popen(["sleep", "60"], **unprivileged.server_user().process_options())
    yield process
    process.kill()
    process.wait()


async def asked(server: EmbeddedPostgres | OwnPostgres, query: str) -> object:
    connection = await asyncpg.connect(server.url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def ended(pid: int) -> None:
    async with asyncio.timeout(120):
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.05)


async def test_a_second_run_finds_the_data_and_the_password_of_the_first(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        await asked(server, "CREATE TABLE kept AS SELECT 42 AS n")
        password = server.password
    async with EmbeddedPostgres(folder) as server:
        assert await asked(server, "SELECT n FROM kept") == 42
        assert server.password == password


async def test_it_listens_on_loopback_alone_and_wants_the_password(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        assert await asked(server, "SHOW listen_addresses") == "127.0.0.1"
        assert await asked(server, "SHOW unix_socket_directories") == ""
        server.password = "guessed"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asked(server, "SELECT 1")
    assert (folder / "password").stat().st_mode & 0o777 == 0o600


async def test_leaving_the_block_ends_the_server(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        process = server.process
    assert process is not None
    assert process.returncode == 0


async def test_it_recovers_after_a_kill(folder: Path) -> None:
    server = OwnPostgres(folder)
    await server.start()
    await asked(server, "CREATE TABLE kept AS SELECT 42 AS n")
    await server.kill()
    await server.start()
    assert await asked(server, "SELECT n FROM kept") == 42
    await server.stop()


@needs_proc
async def test_a_stranger_with_the_dead_servers_number_is_neither_obeyed_nor_harmed(
    folder: Path, stranger: subprocess.Popen[bytes]
) -> None:
    server = OwnPostgres(folder)
    await server.start()
    await server.kill()
    lock = folder / "data" / "postmaster.pid"
    lock.write_text("\n".join([str(stranger.pid), *lock.read_text().splitlines()[1:]]))
    await server.start()
    await server.stop()
    assert stranger.poll() is None


@needs_proc
async def test_a_folder_that_is_served_already_is_refused_and_its_server_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "PREDECESSOR_S", 0.2)
    async with EmbeddedPostgres(folder) as first:
        assert first.process is not None
        with pytest.raises(EmbeddedPostgresError, match=f"Process {first.process.pid} already serves"):
            await EmbeddedPostgres(folder).start()
        assert await asked(first, "SELECT 1") == 1


async def test_a_failed_initdb_leaves_nothing_that_looks_like_a_cluster(folder: Path) -> None:
    broken = folder / "bin"
    broken.mkdir()
    for program in ("initdb", "postgres"):
        (broken / program).write_text("#!/bin/sh\necho no space left >&2\nexit 1\n")
        (broken / program).chmod(0o755)
    with pytest.raises(EmbeddedPostgresError, match="no space left"):
        await EmbeddedPostgres(folder, binaries=broken).start()
    async with EmbeddedPostgres(folder) as server:
        assert await asked(server, "SELECT 1") == 1


async def test_a_server_that_ends_at_once_is_reported_with_its_last_words(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedPostgresError, match="initialized by PostgreSQL version 12"):
        await EmbeddedPostgres(folder).start()


async def test_data_without_their_password_are_kept_and_said_to_be_locked(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        pass
    (folder / "password").unlink()
    with pytest.raises(EmbeddedPostgresError, match="password is missing"):
        await EmbeddedPostgres(folder).start()
    assert (folder / "data" / "PG_VERSION").exists()


async def test_a_port_that_is_taken_is_said_to_be(folder: Path) -> None:
    (port,) = free_ports(1)
    taker = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    async with taker:
        with pytest.raises(PortTaken, match=f"port {port}"):
            await EmbeddedPostgres(folder, port).start()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a child to its parent")
async def test_the_server_ends_when_we_are_killed(folder: Path) -> None:
    program = """
import asyncio, pathlib, sys
from pacewatch.launcher.postgres.embedded import EmbeddedPostgres
async def main():
    async with EmbeddedPostgres(pathlib.Path(sys.argv[1])) as server:
        print(server.process.pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(folder), stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await ended(pid)


@needs_root
async def test_folders_that_shut_the_servers_user_out_are_left_shut_and_others_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "ROOT_STATE", folder)
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    async with EmbeddedPostgres(shut / "demo") as server:
        assert await asked(server, "SELECT 1") == 1
    assert shut.stat().st_mode & 0o777 == 0o700
    assert not (shut / "demo" / "data").exists()
    assert list(folder.glob("*/data/PG_VERSION"))


@needs_root
async def test_data_placed_elsewhere_go_with_the_folder_they_were_placed_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "ROOT_STATE", folder)
    tmp_path.chmod(0o700)
    async with EmbeddedPostgres(tmp_path / "demo") as server:
        await asked(server, "CREATE TABLE old AS SELECT 1")
    shutil.rmtree(tmp_path / "demo")
    async with EmbeddedPostgres(tmp_path / "demo") as server:
        assert await asked(server, "SELECT to_regclass('old')") is None


@needs_root
def test_programs_that_the_servers_user_cannot_reach_are_copied_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "ROOT_STATE", folder)
    shut = tmp_path / "shut" / "bin"
    shut.mkdir(parents=True)
    tmp_path.chmod(0o700)
    (shut / "postgres").write_text("#!/bin/sh\n")
    (shut / "postgres").chmod(0o755)
    user = unprivileged.server_user()
    copies = {unprivileged.reachable_binaries(shut, user) for _ in range(2)}
    assert [user.reaches(copy / "postgres") for copy in copies] == [True]
