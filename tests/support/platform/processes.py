"""The platform as real processes: one per service over RabbitMQ, or all in one over the in-process bus."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import httpx

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.keys import KeySource
from pacewatch.launcher.postgres.subprocesses import ending_with_parent
from pacewatch.launcher.runtime.modules import TARGETS

READY_S = 300
REFUSED = ("InsufficientPrivilege", "ACCESS_REFUSED")
PROGRAM = os.environ.get("PACEWATCH_TEST_PROGRAM") or str(Path(sys.executable).parent / "pacewatch")
SERVICES = tuple(TARGETS)
# The service behind each path. In a deployment nginx routes.
ROUTES = {
    "telemetry": "ingest",
    "outcomes": "ingest",
    "labels": "ingest",
    "risk": "inference",
    "predictions": "inference",
    "predict": "inference",
    "models": "registry",
    "training-runs": "registry",
    "activations": "registry",
    "pipeline-runs": "registry",
    "alerts": "notifier",
    "deliveries": "notifier",
    "auth": "gateway",
    "users": "gateway",
    "api-keys": "gateway",
    "security-events": "gateway",
    "profile": "gateway",
    "clock": "gateway",
    "live": "gateway",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """One `pacewatch` process; its output goes to a file in `folder`."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, name: str) -> None:
        self.arguments, self.environment, self.name = arguments, dict(environment), name
        self.port = free_port()
        self.log = folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        environment = {**os.environ, **self.environment, "PACEWATCH_PORT": str(self.port)}
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *ending_with_parent([PROGRAM, *self.arguments]),
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    async def ready(self) -> None:
        async with asyncio.timeout(READY_S), httpx.AsyncClient() as client:
            while True:
                if self._process is not None and self._process.returncode is not None:
                    raise AssertionError(f"{self.name} ended: {self.log.read_text()[-3000:]}")
                try:
                    if (await client.get(f"http://127.0.0.1:{self.port}/readyz")).is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)

    def lines(self, *words: str) -> list[str]:
        """The lines of its log that have one of `words`."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return [line for line in lines if any(word in line for word in words)]

    @property
    def pid(self) -> int:
        """Id of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def kill(self) -> None:
        """SIGKILL: the process cannot clean up."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self, timeout_s: float = 60) -> int:
        """SIGTERM. Returns the exit code; AssertionError if the process does not stop in time."""
        if self._process is None or self._process.returncode is not None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._process.wait()
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"{self.name} did not stop within {timeout_s} s") from None


class Platform:
    """Every service, by target, and one client for all of them."""

    def __init__(self, processes: Mapping[str, Process], secrets_dir: Path) -> None:
        self.processes = processes
        signer = Signer(KeySource("token", "", "", secrets_dir).private())
        token = signer.sign(
            "test", role="superuser", scopes=SCOPES_BY_ROLE[Role.SUPERUSER], lifetime=timedelta(hours=2)
        )
        self.client = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60)

    async def start(self) -> None:
        await asyncio.gather(*(process.start() for process in self.processes.values()))
        await asyncio.gather(*(process.ready() for process in self.processes.values()))

    async def stop(self) -> None:
        """Stop all processes; AssertionError if one was refused a right: a loop only logs it and tries again."""
        await self.client.aclose()
        await asyncio.gather(*(process.stop() for process in self.processes.values()))
        refused = [line for process in self.processes.values() for line in process.lines(*REFUSED)]
        assert not refused, refused[0]

    def url(self, path: str) -> str:
        """The address of `/api/v1/<path>`."""
        service = "all" if "all" in self.processes else ROUTES[re.split("[/?]", path, maxsplit=1)[0]]
        return f"http://127.0.0.1:{self.processes[service].port}/api/v1/{path}"

    async def get(self, path: str, **parameters: str | int) -> httpx.Response:
        return await self.client.get(self.url(path), params=parameters)

    async def post(self, path: str, body: object = None, **parameters: str | int) -> httpx.Response:
        return await self.client.post(self.url(path), json=body, params=parameters)


def environment(
    folder: Path, database_url: str, smtp_port: int, *, profile: str = "pacemaker", amqp_url: str = "", prefix: str = ""
) -> dict[str, str]:
    """Settings of a platform that keeps its state in `folder`."""
    return {
        "PACEWATCH_DATABASE_URL": database_url,
        "PACEWATCH_AMQP_URL": amqp_url,
        "PACEWATCH_AMQP_PREFIX": prefix,
        "PACEWATCH_SMTP_HOST": "127.0.0.1",
        "PACEWATCH_SMTP_PORT": str(smtp_port),
        "PACEWATCH_PROFILE": profile,
        "PACEWATCH_SECRETS_DIR": str(folder / "secrets"),
        "PACEWATCH_ARTIFACT_URL": f"file://{folder / 'artifacts'}",
        "PACEWATCH_TRAINER_CACHE_DIR": str(folder / "trainer-cache"),
        "PACEWATCH_REGISTRY_TRAINING_INTERVAL_H": "0",
    }


async def migrate(settings: Mapping[str, str], folder: Path, target: str = "all") -> None:
    """Run `pacewatch migrate` as a deployment does."""
    process = Process(["migrate", "--target", target], settings, folder, "migrate")
    await process.start()
    assert process._process is not None
    assert await process._process.wait() == 0, process.log.read_text()[-3000:]


def create_platform(settings: Mapping[str, str], folder: Path, targets: Sequence[str]) -> Platform:
    """Processes for `targets`. Start them with `await platform.start()`."""
    processes = {name: Process(["serve", "--target", name], settings, folder, name) for name in targets}
    return Platform(processes, Path(settings["PACEWATCH_SECRETS_DIR"]))
