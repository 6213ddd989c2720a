"""A Python client that a public generator makes from our OpenAPI documents works with the platform."""

import asyncio
import importlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import skip_or_fail
from servers import peers
from servers.found import ServerMissing
from support.platform.in_process import InProcess, run_in_process, settings_for

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit import clock
from pacewatch.launcher.runtime.modules import TARGETS

DOCUMENTS = Path(__file__).parents[2] / "contracts/openapi"
# It leaves out bodies that are tables, and says so.
LEFT_OUT = "Unsupported content type"


@pytest.fixture(scope="module")
async def platform(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcess]:
    folder = tmp_path_factory.mktemp("platform")
    settings = settings_for(await new_database(), folder)
    variables = {"PACEWATCH_INGEST_SPOOL_DIR": str(folder / "spool")}
    async with run_in_process(settings, list(TARGETS), variables) as running:
        yield running


@pytest.fixture(scope="module")
async def generated(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A folder with one package for each document; the generator had nothing else to warn of."""
    try:
        programs = await asyncio.to_thread(peers.environment, "client", "openapi-python-client==0.29.1")
    except ServerMissing as missing:
        skip_or_fail("client generator", str(missing), pytestconfig)
    folder = tmp_path_factory.mktemp("generated")
    (folder / "config.yaml").write_text("post_hooks: []")
    for document in DOCUMENTS.glob("*.json"):
        made = await asyncio.create_subprocess_exec(
            *(programs / "openapi-python-client", "generate", "--meta", "none", "--config", folder / "config.yaml"),
            *("--path", document, "--output-path", folder / f"{document.stem}_client"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output = (await made.communicate())[0].decode()
        assert (made.returncode, output.count("WARNING")) == (0, output.count(LEFT_OUT)), output
    return folder


@pytest.fixture
def module(generated: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    monkeypatch.syspath_prepend(generated)
    return importlib.import_module


def client_of(platform: InProcess, module: Callable[[str], ModuleType], service: str) -> Any:
    scopes, hour = SCOPES_BY_ROLE[Role.SUPERUSER], timedelta(hours=1)
    token = platform.signer.sign("test@example.org", role=Role.SUPERUSER, scopes=scopes, lifetime=hour)
    return module(f"{service}_client").AuthenticatedClient(base_url=platform.url, token=token)


async def test_a_generated_client_sends_readings_and_reads_them(
    platform: InProcess, module: Callable[[str], ModuleType]
) -> None:
    models = module("ingest_client.models")
    now_s = int(clock.now_s())
    signals = {signal.name: (signal.normal.low + signal.normal.high) / 2 for signal in PACEMAKER.signals}
    rows = [models.SentPacemakerReading(patient_id=17, timestamp=now_s - age_s, **signals) for age_s in (0, 60)]
    async with client_of(platform, module, "ingest") as client:
        report = await module("ingest_client.api.telemetry.ingest_batch").asyncio(client=client, body=rows)
        assert isinstance(report, models.IngestReport)
        assert (report.accepted, report.rejected) == (2, 0)
        readings = await module("ingest_client.api.telemetry.list_device_readings").asyncio(17, client=client)
        assert [int(one.measured_at.timestamp()) for one in readings.items] == [now_s - 60, now_s]
        again = await module("ingest_client.api.telemetry.ingest_batch").asyncio(client=client, body=rows)
        assert again.duplicates == 2


async def test_a_generated_client_gets_lists_and_problems_as_values(
    platform: InProcess, module: Callable[[str], ModuleType]
) -> None:
    async with client_of(platform, module, "inference") as client:
        listed = await module("inference_client.api.risk.list_risks").asyncio(client=client, size=5)
        assert (listed.total, listed.size) == (0, 5)
        found = await module("inference_client.api.risk.get_risk").asyncio_detailed(404, client=client)
        assert found.status_code == 404
        assert found.parsed.code == "unknown_device"


async def test_every_operation_has_a_module_of_its_own(generated: Path) -> None:
    names = "from importlib import import_module; import sys; [import_module(one) for one in sys.argv[1:]]"
    made = [file.relative_to(generated).with_suffix("") for file in generated.glob("*_client/api/*/[a-z]*.py")]
    assert len(made) > 60
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", names, *(str(one).replace("/", ".") for one in made), cwd=generated
    )
    assert await program.wait() == 0
