"""Every service answers as its OpenAPI document says. Schemathesis generates the requests."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from support.platform.in_process import InProcess, run_in_process, settings_for

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.launcher.runtime.modules import TARGETS

pytestmark = pytest.mark.early

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
)
# By the files, for making the documents takes seconds in each worker. `make lint` holds the files to the code.
DOCUMENTS = Path(__file__).parents[3] / "contracts/openapi"
SERVICES = sorted(file.stem for file in DOCUMENTS.glob("*.json"))
EXAMPLES = int(os.environ.get("PACEWATCH_TEST_EXAMPLES", "5"))


@pytest.fixture(scope="module")
async def platform(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcess]:
    folder = tmp_path_factory.mktemp("platform")
    settings = settings_for(await new_database(), folder)
    variables = {"PACEWATCH_INGEST_SPOOL_DIR": str(folder / "spool")}
    async with run_in_process(settings, list(TARGETS), variables) as running:
        yield running


@pytest.mark.parametrize("service", SERVICES)
async def test_no_request_gets_a_5xx_or_an_undocumented_response(
    platform: InProcess, service: str, tmp_path: Path
) -> None:
    scopes, hour = SCOPES_BY_ROLE[Role.SUPERUSER], timedelta(hours=1)
    token = platform.signer.sign("test@example.org", role=Role.SUPERUSER, scopes=scopes, lifetime=hour)
    check = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "schemathesis"),
        *("run", str(DOCUMENTS / f"{service}.json"), "--url", platform.url),
        *("--header", f"Authorization: Bearer {token}"),
        *("--exclude-path", "/api/v1/live"),  # a response that never ends
        *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES)),
        *("--seed", "7", "--generation-database", "none", "--continue-on-failure", "--request-timeout", "30"),
        *("--suppress-health-check", "all", "--no-color"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await check.communicate()
    assert check.returncode == 0, output.decode()
    if service == "ingest":
        async with platform.client() as client:
            assert (await client.get("/telemetry/summary")).json()["rows"], "no generated reading was valid"
