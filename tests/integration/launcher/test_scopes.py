"""Which role may use which route, in a process of all services."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from support.platform.in_process import InProcess, run_in_process, settings_for

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role, Scope
from pacewatch.launcher.runtime.modules import TARGETS

# Every route that requires a scope other than `fleet:read`. The others require that.
SCOPES: dict[tuple[str, str], Scope] = {
    ("post", "telemetry/ingest"): Scope.TELEMETRY_WRITE,
    ("post", "telemetry/uploads"): Scope.TELEMETRY_WRITE,
    ("post", "telemetry/uploads/{upload_id}/cancel"): Scope.TELEMETRY_WRITE,
    ("post", "outcomes"): Scope.OUTCOMES_WRITE,
    ("post", "outcomes/{outcome_id}/corrections"): Scope.OUTCOMES_WRITE,
    ("post", "devices"): Scope.DEVICES_WRITE,
    ("put", "devices/{device_id}"): Scope.DEVICES_WRITE,
    ("post", "labels/mature"): Scope.OUTCOMES_WRITE,
    ("post", "models/{version}/activate"): Scope.MODELS_MANAGE,
    ("post", "models/rollback"): Scope.MODELS_MANAGE,
    ("post", "models/{version}/promote"): Scope.MODELS_MANAGE,
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
    ("get", "security-events"): Scope.USERS_MANAGE,
}
# These routes take a password or a cookie instead.
WITHOUT_TOKEN = {("post", "auth/login"), ("post", "auth/refresh"), ("post", "auth/logout")}
# A response that never ends. The gateway's own tests check its scope.
ENDLESS = {("get", "live")}
# From the files, for making the documents takes seconds in each worker. `make lint` holds the files to the code.
DOCUMENTS = (Path(__file__).parents[3] / "contracts/openapi").glob("*.json")
ROUTES = sorted(
    (method, path.removeprefix("/api/v1/"))
    for document in DOCUMENTS
    for path, operations in json.loads(document.read_bytes())["paths"].items()
    for method in operations
)
FOR_BOUND_KEYS = {
    ("post", "telemetry/ingest"),
    ("post", "outcomes"),
    ("post", "devices"),
    ("put", "devices/{device_id}"),
}
LINE = re.compile(r"^\| ([A-Z]+) \| `/api/v1/(\S+)` \| (\S+|no token) \| (.*) \|$", re.MULTILINE)
SUPERUSER = ("ada@example.org", "correct horse battery")


@pytest.fixture(scope="module")
async def process(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcess]:
    settings = settings_for(await new_database(), tmp_path_factory.mktemp("process"))
    variables = dict(zip(("PACEWATCH_SUPERUSER_EMAIL", "PACEWATCH_SUPERUSER_PASSWORD"), SUPERUSER, strict=True))
    async with run_in_process(settings, list(TARGETS), variables) as running:
        yield running


@pytest.fixture(scope="module")
async def tokens(process: InProcess) -> dict[Role, str]:
    """The token of an account of each role, logged in as people do."""
    tokens: dict[Role, str] = {}
    async with process.client() as ada, process.client(None) as anybody:
        for role in Role:
            email, password = SUPERUSER if role is Role.SUPERUSER else (f"{role}@example.org", "a long password")
            if role is not Role.SUPERUSER:
                new = {"email": email, "password": password, "role": role}
                assert (await ada.post("/users", json=new)).status_code == 201
            login = await anybody.post("/auth/login", data={"username": email, "password": password})
            tokens[role] = login.json()["access_token"]
    return tokens


def test_the_scope_table_names_only_routes_that_exist() -> None:
    assert (set(SCOPES) | WITHOUT_TOKEN) <= set(ROUTES)


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route not in WITHOUT_TOKEN])
async def test_every_route_requires_a_token(process: InProcess, method: str, path: str) -> None:
    async with process.client(role=None) as client:
        response = await client.request(method, f"/{concrete(path)}")
    assert (response.status_code, response.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route not in WITHOUT_TOKEN | ENDLESS])
async def test_a_role_may_use_exactly_the_routes_of_its_scopes(
    process: InProcess, tokens: dict[Role, str], method: str, path: str, role: Role
) -> None:
    async with process.client(None) as client:
        headers = {"Authorization": f"Bearer {tokens[role]}"}
        response = await client.request(method, f"/{concrete(path)}", headers=headers)
    allowed = SCOPES.get((method, path), Scope.FLEET_READ) in SCOPES_BY_ROLE[role]
    assert (response.status_code != 403) is allowed, response.text
    assert response.status_code not in (401, *range(500, 600)), response.text


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route not in WITHOUT_TOKEN | ENDLESS])
async def test_a_key_that_is_bound_to_devices_may_use_only_the_routes_that_check_them(
    process: InProcess, method: str, path: str
) -> None:
    token = process.signer.sign("", role="api-key", scopes=set(Scope), lifetime=timedelta(minutes=1), devices=[[1, 5]])
    async with process.client(None) as client:
        headers = {"Authorization": f"Bearer {token}"}
        response = await client.request(method, f"/{concrete(path)}", headers=headers)
    assert (response.status_code != 403) is ((method, path) in FOR_BOUND_KEYS), response.text


def test_the_page_of_permissions_has_every_route_with_its_scope_and_its_roles() -> None:
    page = Path(__file__).parents[3].joinpath("docs/architecture/permissions.md").read_text()
    lines = {(method.lower(), path): (scope, marks) for method, path, scope, marks in LINE.findall(page)}
    assert set(lines) == set(ROUTES)
    for route, (scope, marks) in lines.items():
        if route in WITHOUT_TOKEN:
            assert scope == "no token"
            continue
        assert scope == SCOPES.get(route, Scope.FLEET_READ)
        allowed = [scope in SCOPES_BY_ROLE[role] for role in Role] + [route in FOR_BOUND_KEYS]
        assert marks == " | ".join("yes" if one else "-" for one in allowed), route


def concrete(path: str) -> str:
    """The path with a valid value for each of its parameters."""
    values = {"version": "20200101T000000Z", "device_id": "1"}
    uuid = "00000000-0000-4000-8000-000000000000"
    return re.sub(r"{(\w+)}", lambda found: values.get(found[1], uuid), path)
