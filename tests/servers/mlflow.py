"""An MLflow server of its own programs, for tests of what the platform copies there."""

import asyncio
import os
from pathlib import Path
from typing import Any

import httpx
from support.waiting import until

from .own import free_ports

REQUIREMENT = "mlflow==3.17.2"
# Packages of ours first: only what we do not have comes from the environment of MLflow.
_CUSTOMIZE = "import sys\nsys.path.append({site!r})\n"
_QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true"}


class OwnMlflow:
    """`variables` let our programs send to it, with its packages behind ours. Database and artifacts in `folder`."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self._programs = folder, programs
        (self._port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self._port}"
        (site,) = (programs.parent / "lib").glob("python*/site-packages")
        (folder / "sitecustomize.py").write_text(_CUSTOMIZE.format(site=str(site)))
        self.variables = {"MLFLOW_TRACKING_URI": self.url, "PYTHONPATH": str(folder), **_QUIET}

    async def start(self) -> None:
        self._log = (self.folder / "server.log").open("wb")
        self._server = await asyncio.create_subprocess_exec(
            *(self._programs / "mlflow", "server", "--host", "127.0.0.1", "--port", str(self._port), "--workers", "1"),
            *("--backend-store-uri", f"sqlite:///{self.folder}/mlflow.db"),
            *("--artifacts-destination", self.folder / "artifacts"),
            env=os.environ | {**_QUIET, "PATH": f"{self._programs}:{os.environ['PATH']}"},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        await until(self._answers, timeout_s=180)

    async def _answers(self) -> bool:
        assert self._server.returncode is None, (self.folder / "server.log").read_text()
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(f"{self.url}/health")).status_code == 200
            except httpx.TransportError:
                return False

    async def stop(self) -> None:
        if self._server.returncode is None:
            os.killpg(self._server.pid, 15)
        await self._server.wait()
        self._log.close()

    async def get(self, path: str, **values: str) -> dict[str, Any]:
        """The answer of its REST API."""
        return await self._call("GET", path, params=values)

    async def runs(self, experiment: str) -> list[Any]:
        """The runs of an experiment."""
        found = await self.get("/experiments/get-by-name", experiment_name=experiment)
        search = {"experiment_ids": [found["experiment"]["experiment_id"]]}
        return list((await self._call("POST", "/runs/search", json=search)).get("runs", []))

    async def _call(self, method: str, path: str, **values: Any) -> dict[str, Any]:
        async with httpx.AsyncClient(base_url=f"{self.url}/api/2.0/mlflow", timeout=60) as client:
            response = await client.request(method, path, **values)
            assert response.status_code == 200, response.text
            return dict(response.json())
