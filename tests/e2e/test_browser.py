"""The dashboard in a real browser, on a running platform. The steps are in web/e2e/check.mjs."""

import asyncio
import json
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

import pytest
from support.fleets import dying, healthy, new_device

from e2e.conftest import MEMORY, WEB_DIR, Deployment

pytestmark = pytest.mark.early

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("deployment", [MEMORY], indirect=True)  # separate services have nginx in front
async def test_the_dashboard_works_in_a_browser(deployment: Deployment, tmp_path: Path) -> None:
    browser = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    if browser is None or not (WEB_DIR / "index.html").exists():
        missing = "install chromium, and build the dashboard with `make web`"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps(deployment.credentials))
    sending = asyncio.create_task(send_readings(deployment))
    try:
        port = deployment.platform.processes["all"].port
        variables = {"URL": f"http://localhost:{port}", "CREDENTIALS": str(credentials), "CHROMIUM": browser}
        check = await asyncio.create_subprocess_exec(
            str(ROOT / "pipelines/node.sh"),
            *("node", "e2e/check.mjs"),
            cwd=ROOT / "web",
            env={**os.environ, **variables, "SHOTS": os.environ.get("SHOTS", str(tmp_path))},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await check.communicate()
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
    assert check.returncode == 0, output.decode()


async def send_readings(deployment: Deployment) -> None:
    """Send healthy readings and one device in danger every two seconds, so that the page changes."""
    while True:
        now_s = int(time.time())
        rows = [healthy(new_device(), now_s) for _ in range(20)]
        ill = new_device()
        past = [healthy(ill, now_s - day * 86_400) for day in range(10, 0, -1)]
        (await deployment.platform.post("telemetry/ingest", past, mode="backfill")).raise_for_status()
        (await deployment.platform.post("telemetry/ingest", [*rows, dying(ill, now_s)])).raise_for_status()
        await asyncio.sleep(2)
