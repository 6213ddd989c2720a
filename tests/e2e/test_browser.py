"""The dashboard in a real browser, on a platform that is alive. The steps themselves are in web/e2e/check.mjs."""

import asyncio
import json
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

import pytest
from support.fleets import dying, healthy, new_device

from e2e.conftest import MEMORY, WEB_DIR, Loop

pytestmark = pytest.mark.early

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("loop", [MEMORY], indirect=True)  # separate services have nginx in front
async def test_the_dashboard_works_in_a_browser(loop: Loop, tmp_path: Path) -> None:
    browser = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    if browser is None or not (WEB_DIR / "index.html").exists():
        missing = "install chromium, and build the dashboard with `make web`"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps(loop.credentials))
    living = asyncio.create_task(keep_living(loop))
    try:
        port = loop.platform.processes["all"].port
        seen = {"URL": f"http://localhost:{port}", "CREDENTIALS": str(credentials), "CHROMIUM": browser}
        check = await asyncio.create_subprocess_exec(
            str(ROOT / "pipelines/node.sh"),
            *("node", "e2e/check.mjs"),
            cwd=ROOT / "web",
            env={**os.environ, **seen, "SHOTS": os.environ.get("SHOTS", str(tmp_path))},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await check.communicate()
    finally:
        living.cancel()
        with suppress(asyncio.CancelledError):
            await living
    assert check.returncode == 0, told.decode()


async def keep_living(loop: Loop) -> None:
    """Readings every second, so that the page has something to count, and now and then a device in danger."""
    while True:
        now_s = int(time.time())
        rows = [healthy(new_device(), now_s) for _ in range(20)]
        ill = new_device()
        past = [healthy(ill, now_s - day * 86_400) for day in range(10, 0, -1)]
        (await loop.platform.post("telemetry/ingest", past, mode="backfill")).raise_for_status()
        (await loop.platform.post("telemetry/ingest", [*rows, dying(ill, now_s)])).raise_for_status()
        await asyncio.sleep(2)
