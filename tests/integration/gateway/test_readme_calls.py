"""The calls with curl in the README work as they are written there."""

import asyncio
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from support.platform.in_process import InProcess

from .conftest import EMAIL, PASSWORD

pytestmark = pytest.mark.servers

README = Path(__file__).parents[3] / "services" / "gateway" / "README.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
async def test_the_calls_of_the_readme_work(gateway: InProcess, tmp_path: Path) -> None:
    (script,) = re.findall(r"```bash\n(.*?)```", README.read_text(), re.DOTALL)
    variables = os.environ | {"URL": gateway.url, "EMAIL": EMAIL, "PASSWORD": PASSWORD}
    (tmp_path / "readings.json").write_text("[]")
    shell = await asyncio.create_subprocess_exec(
        "bash", "-eo", "pipefail", "-c", script, env=variables, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await shell.communicate()
    assert shell.returncode == 0
    user, batch, logins = json.loads("[" + output.decode().replace("}{", "},{") + "]")
    assert user["role"] == "engineer"
    # Ingest does not run here. Its own tests send batches with bound keys.
    assert batch["code"] == "not_found"
    assert [one["actor"] for one in logins["items"]] == [EMAIL]
    async with gateway.client() as ada:
        assert (await ada.get("/api-keys")).json()["items"][0]["devices"] == [{"first": 1, "last": 500}]
