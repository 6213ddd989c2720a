"""The gateway that stands in front of separate services, run natively from the very template that compose uses."""

import asyncio
import getpass
import shutil
import signal
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from string import Template

from pacewatch.launcher.ports import LOOPBACK
from pacewatch.launcher.postgres.subprocesses import ending_with_parent

from . import debian
from .own import free_ports

TEMPLATES = Path(__file__).parents[2] / "infra" / "compose"
LIMITS = {"logins_per_minute": 60, "requests_per_second": 200, "connections_per_address": 200}
SERVICES = ("ingest", "inference", "registry", "notifier", "gateway")


async def program_installed() -> bool:
    return shutil.which("nginx") is not None or await asyncio.to_thread(debian.install, "nginx")


class OwnNginx:
    """nginx on a port of its own in front of `upstreams`, service -> host:port; the dashboard is in `web_root`.

    `limits` are settings of the template, such as `logins_per_minute`.
    """

    def __init__(self, folder: Path, upstreams: Mapping[str, str], web_root: Path, **limits: int) -> None:
        (self.port,) = free_ports(1)
        self.folder = folder
        self.settings = {
            "PACEWATCH_LISTEN": f"{LOOPBACK}:{self.port}",
            "PACEWATCH_WEB_ROOT": str(web_root),
            "PACEWATCH_MAX_BODY_MIB": "4",
            "PACEWATCH_NGINX_DIR": str(folder),
            "PACEWATCH_NGINX_USER": getpass.getuser(),
            **{f"PACEWATCH_{name.upper()}": str(value) for name, value in (LIMITS | limits).items()},
            **{f"PACEWATCH_UPSTREAM_{name.upper()}": upstreams[name] for name in SERVICES},
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Render, check and start; AssertionError quotes nginx if it does not like the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._render("nginx.conf.template", "gateway.conf")
        self._render("nginx-native.conf.template", "nginx.conf")
        check = partial(subprocess.run, [*self._command(), "-t"], capture_output=True, text=True)
        checked = await asyncio.to_thread(check)
        assert checked.returncode == 0, checked.stderr
        self._process = self._spawn()
        await self._listening()

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            await asyncio.to_thread(process.wait)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with (self.folder / "output.log").open("ab") as output:
            return subprocess.Popen(
                ending_with_parent(self._command(), signal.SIGTERM),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _command(self) -> list[str]:
        return ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]

    def _render(self, template: str, name: str) -> None:
        text = Template((TEMPLATES / template).read_text()).safe_substitute(self.settings)
        (self.folder / name).write_text(text)

    async def _listening(self) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection(LOOPBACK, self.port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    return
