"""A process of every service: what it listens to, what it needs to be ready, and who may do what in it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from support.inside import Inside, inside, settings_for

from pacewatch.contracts import topology
from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role, Scope
from pacewatch.kit.db import Database
from pacewatch.kit.http.auth import Verifier
from pacewatch.kit.messaging.memory import MemoryBus
from pacewatch.launcher.contract_files.generate import openapi
from pacewatch.launcher.runtime.app import create_process_app
from pacewatch.launcher.runtime.migrate import migrate_all
from pacewatch.launcher.runtime.modules import TARGETS, create_modules, queues

# Every route that asks for a scope other than `fleet:read`, which is what the others ask for.
SCOPES: dict[tuple[str, str], Scope] = {
    ("post", "telemetry/ingest"): Scope.TELEMETRY_WRITE,
    ("post", "telemetry/uploads"): Scope.TELEMETRY_WRITE,
    ("post", "telemetry/uploads/{upload_id}/cancel"): Scope.TELEMETRY_WRITE,
    ("post", "outcomes"): Scope.OUTCOMES_WRITE,
    ("post", "outcomes/{outcome_id}/corrections"): Scope.OUTCOMES_WRITE,
    ("post", "labels/mature"): Scope.OUTCOMES_WRITE,
    ("post", "models/{version}/activate"): Scope.MODELS_MANAGE,
    ("post", "models/rollback"): Scope.MODELS_MANAGE,
    ("delete", "models/{version}"): Scope.MODELS_MANAGE,
    ("post", "training-runs"): Scope.TRAINING_RUN,
    ("post", "training-runs/{run_id}/cancel"): Scope.TRAINING_RUN,
    ("post", "pipeline-runs"): Scope.PIPELINES_REPORT,
    ("post", "alerts/{alert_id}/acknowledge"): Scope.ALERTS_ACKNOWLEDGE,
    ("post", "alerts/dispatch"): Scope.ALERTS_DISPATCH,
    ("get", "users"): Scope.USERS_MANAGE,
    ("post", "users"): Scope.USERS_MANAGE,
    ("patch", "users/{user_id}"): Scope.USERS_MANAGE,
    ("delete", "users/{user_id}"): Scope.USERS_MANAGE,
    ("get", "api-keys"): Scope.USERS_MANAGE,
    ("post", "api-keys"): Scope.USERS_MANAGE,
    ("delete", "api-keys/{key_id}"): Scope.USERS_MANAGE,
}
# Who asks proves it by password or by cookie.
WITHOUT_TOKEN = {("post", "auth/login"), ("post", "auth/refresh"), ("post", "auth/logout")}
# An answer that never ends; the gateway's own tests hold its scope.
ENDLESS = {("get", "live")}
ROUTES = sorted(
    (method, path.removeprefix("/api/v1/"))
    for document in openapi().values()
    for path, operations in document["paths"].items()
    for method in operations
)


@pytest.fixture(scope="module")
async def process(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Inside]:
    settings = settings_for(await new_database(), tmp_path_factory.mktemp("process"))
    async with inside(settings, list(TARGETS)) as running:
        yield running


def test_every_module_listens_to_exactly_what_the_topology_says(tmp_path: Path) -> None:
    modules = create_modules("all", settings_for("postgresql://nobody@localhost/nothing", tmp_path))
    wired = {
        module.name: {handler.queue.handler: handler.events for handler in module.handlers}
        for module in modules
        if module.handlers
    }
    assert wired == topology.SUBSCRIPTIONS


def test_the_scope_table_names_only_routes_that_exist() -> None:
    assert (set(SCOPES) | WITHOUT_TOKEN) <= set(ROUTES)


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route not in WITHOUT_TOKEN])
async def test_nobody_gets_in_without_a_token(process: Inside, method: str, path: str) -> None:
    async with process.client(role=None) as client:
        answer = await client.request(method, f"/{concrete(path)}")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route not in WITHOUT_TOKEN | ENDLESS])
async def test_a_role_may_do_exactly_what_its_scopes_say(process: Inside, method: str, path: str, role: Role) -> None:
    async with process.client(role) as client:
        answer = await client.request(method, f"/{concrete(path)}")
    allowed = SCOPES.get((method, path), Scope.FLEET_READ) in SCOPES_BY_ROLE[role]
    assert (answer.status_code != 403) is allowed, answer.text
    assert answer.status_code < 500, answer.text


async def test_a_process_is_not_ready_before_its_schema_is_there(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    settings = settings_for(await new_database(), tmp_path)
    database = Database(settings.database_url.get_secret_value())
    modules = create_modules("ingest", settings)
    verifier = Verifier([settings.token_keys().public()])
    app = create_process_app("test", modules, settings, database, MemoryBus(database, queues()), verifier)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        before = await client.get("/readyz")
        assert (before.status_code, "run `pacewatch migrate`" in before.text) == (503, True)
        monkeypatched = pytest.MonkeyPatch()
        monkeypatched.setenv("PACEWATCH_DATABASE_URL", settings.database_url.get_secret_value())
        await migrate_all(database, settings.profile, "ingest")
        monkeypatched.undo()
        assert (await client.get("/readyz")).status_code == 200
    await database.close()


def concrete(path: str) -> str:
    """The path with something of the right kind for each of its parameters."""
    values = {"version": "20200101T000000Z", "device": "1", "device_id": "1"}
    uuid = "00000000-0000-4000-8000-000000000000"
    return re.sub(r"{(\w+)}", lambda found: values.get(found[1], uuid), path)
