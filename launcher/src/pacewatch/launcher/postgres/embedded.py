"""A private PostgreSQL from a wheel: the demo needs nothing installed and shares no server with anybody."""

import asyncio
import signal
import subprocess
from pathlib import Path
from typing import Self

import asyncpg

from pacewatch.launcher.errors import EmbeddedPostgresError
from pacewatch.launcher.ports import LOOPBACK, free_port
from pacewatch.launcher.postgres.cluster import ENVIRONMENT, ROLE, Cluster, prepare_cluster, remove_stale_lock
from pacewatch.launcher.postgres.subprocesses import ending_with_parent, processes_in

READY_TIMEOUT_S = 60  # recovery after a crash replays the log, at most `max_wal_size` of it
STOP_TIMEOUT_S = 20
PREDECESSOR_TIMEOUT_S = 10

# Loopback only, durable, and sized for one small machine. Everything else is PostgreSQL's default.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}


class EmbeddedPostgres:
    """`async with EmbeddedPostgres(folder) as server: server.url`.

    `folder` holds `password` (0600), `postgres.log` and `data/`. Port 0 chooses a free one. `binaries` is the folder
    with `initdb` and `postgres`, by default the wheel's own. Raises EmbeddedPostgresError or PortTaken.
    """

    def __init__(self, folder: Path, port: int = 0, *, binaries: Path | None = None, database: str = ROLE) -> None:
        self.folder = folder.absolute()
        self.port = port
        self.database = database
        self.binaries = binaries
        self.password = ""
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database, password included."""
        return f"postgresql+asyncpg://{ROLE}:{self.password}@{LOOPBACK}:{self.port}/{self.database}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Create the cluster on first use, start the server, and return when it answers."""
        cluster = await asyncio.to_thread(prepare_cluster, self.folder, self.binaries)
        await _wait_for_predecessor(cluster.data)
        self.password = cluster.password
        self.port = free_port(self.port)
        self.process = self._spawn(cluster)
        try:
            await self._wait_until_ready()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the server by fast shutdown: clients are disconnected, nothing committed is lost."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            await asyncio.to_thread(process.wait, STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            await asyncio.to_thread(process.wait)

    def _spawn(self, cluster: Cluster) -> subprocess.Popen[bytes]:
        """Start it in a new session, so that Ctrl-C reaches only us: we stop the services before their database."""
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        command = [str(cluster.binaries / "postgres"), "-D", str(cluster.data), "-p", str(self.port), *settings]
        with (self.folder / "postgres.log").open("wb") as output:
            return subprocess.Popen(
                ending_with_parent(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,
                **cluster.user.process_options(),
            )

    async def _wait_until_ready(self) -> None:
        """Return when the server answers and the database exists."""
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                connection = await self._first_connection()
        except TimeoutError:
            raise EmbeddedPostgresError(
                f"PostgreSQL was not ready within {READY_TIMEOUT_S} s. {self._log_tail()}"
            ) from None
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", self.database):
                await connection.execute(f'CREATE DATABASE "{self.database}"')
        finally:
            await connection.close()

    async def _first_connection(self) -> asyncpg.Connection:
        while True:
            if self.process is None or self.process.poll() is not None:
                raise EmbeddedPostgresError(f"PostgreSQL ended while starting. {self._log_tail()}")
            try:
                return await asyncpg.connect(
                    host=LOOPBACK, port=self.port, user=ROLE, password=self.password, database="postgres"
                )
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(0.02)

    def _log_tail(self) -> str:
        log = self.folder / "postgres.log"
        return f"The end of {log}:\n{log.read_text(errors='replace')[-2000:]}"


async def _wait_for_predecessor(data: Path) -> None:
    """Wait until the processes of an earlier server have ended, then remove its stale postmaster.pid.

    PostgreSQL alone would refuse to start if another process has since got the number in that file. All processes of
    PostgreSQL work in the data folder: if no process does, no server uses it.
    """
    for _ in range(round(PREDECESSOR_TIMEOUT_S / 0.05)):
        running = processes_in(data)
        if not running:
            return remove_stale_lock(data)
        await asyncio.sleep(0.05)
    first = min(running)
    raise EmbeddedPostgresError(
        f"Process {first} already serves {data}: stop it (kill -INT {first}) or use another folder."
    )
