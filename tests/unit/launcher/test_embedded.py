"""The embedded PostgreSQL: private, durable, and restarted after a crash of the server or of its parent."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from servers.own import OwnPostgres, free_ports
from support.platform.postgres import fetchval

from pacewatch.launcher.errors import EmbeddedPostgresError, PortTaken
from pacewatch.launcher.postgres import embedded, unprivileged
from pacewatch.launcher.postgres.embedded import EmbeddedPostgres

pytestmark = [pytest.mark.early, pytest.mark.servers]

needs_proc = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="there is no /proc here")


@pytest.fixture
def other_process() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the server's user that does not belong to PostgreSQL."""
    process = subprocess.Popen(["sleep", "60"], **unprivileged.server_user().process_options())
    yield process
    process.kill()
    process.wait()


async def wait_for_exit(pid: int) -> None:
    async with asyncio.timeout(120):
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.05)


async def test_a_second_run_has_the_data_and_the_password_of_the_first(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        await fetchval(server, "CREATE TABLE stored AS SELECT 42 AS n")
        password = server.password
    async with EmbeddedPostgres(folder) as server:
        assert await fetchval(server, "SELECT n FROM stored") == 42
        assert server.password == password


async def test_it_listens_on_loopback_only_and_requires_the_password(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        assert await fetchval(server, "SHOW listen_addresses") == "127.0.0.1"
        assert await fetchval(server, "SHOW unix_socket_directories") == ""
        server.password = "guessed"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await fetchval(server, "SELECT 1")
    assert (folder / "password").stat().st_mode & 0o777 == 0o600


async def test_leaving_the_block_stops_the_server(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        process = server.process
    assert process is not None
    assert process.returncode == 0


async def test_it_recovers_after_kill_9(folder: Path) -> None:
    server = OwnPostgres(folder)
    await server.start()
    await fetchval(server, "CREATE TABLE stored AS SELECT 42 AS n")
    await server.kill()
    await server.start()
    assert await fetchval(server, "SELECT n FROM stored") == 42
    await server.stop()


@needs_proc
async def test_another_process_with_the_dead_servers_pid_does_not_block_the_start_and_is_not_harmed(
    folder: Path, other_process: subprocess.Popen[bytes]
) -> None:
    server = OwnPostgres(folder)
    await server.start()
    await server.kill()
    lock = folder / "data" / "postmaster.pid"
    lock.write_text("\n".join([str(other_process.pid), *lock.read_text().splitlines()[1:]]))
    await server.start()
    await server.stop()
    assert other_process.poll() is None


@needs_proc
async def test_a_folder_in_use_is_refused_and_its_server_keeps_running(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "PREDECESSOR_TIMEOUT_S", 0.2)
    async with EmbeddedPostgres(folder) as first:
        assert first.process is not None
        with pytest.raises(EmbeddedPostgresError, match=f"Process {first.process.pid} already serves"):
            await EmbeddedPostgres(folder).start()
        assert await fetchval(first, "SELECT 1") == 1


async def test_a_failed_initdb_leaves_nothing_that_looks_like_a_cluster(folder: Path) -> None:
    broken = folder / "bin"
    broken.mkdir()
    for program in ("initdb", "postgres"):
        (broken / program).write_text("#!/bin/sh\necho no space left >&2\nexit 1\n")
        (broken / program).chmod(0o755)
    with pytest.raises(EmbeddedPostgresError, match="no space left"):
        await EmbeddedPostgres(folder, binaries=broken).start()
    async with EmbeddedPostgres(folder) as server:
        assert await fetchval(server, "SELECT 1") == 1


async def test_a_server_that_ends_at_once_is_reported_with_the_end_of_its_log(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedPostgresError, match="initialized by PostgreSQL version 12"):
        await EmbeddedPostgres(folder).start()


async def test_data_without_their_password_are_kept_and_reported(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        pass
    (folder / "password").unlink()
    with pytest.raises(EmbeddedPostgresError, match="password is missing"):
        await EmbeddedPostgres(folder).start()
    assert (folder / "data" / "PG_VERSION").exists()


async def test_a_port_in_use_is_named_in_the_error(folder: Path) -> None:
    (port,) = free_ports(1)
    listener = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    async with listener:
        with pytest.raises(PortTaken, match=f"port {port}"):
            await EmbeddedPostgres(folder, port).start()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
async def test_the_server_ends_when_its_parent_is_killed(folder: Path) -> None:
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
    await wait_for_exit(pid)
