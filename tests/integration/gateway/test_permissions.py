"""The gateway's routes: required roles and scopes, and invalid input."""

from typing import Any
from uuid import uuid4

import pytest
from support.platform.in_process import InProcess

from pacewatch.contracts.accounts import Role, Scope

pytestmark = pytest.mark.servers

ANY_ROLE = frozenset(Role)
SUPERUSER_ONLY = frozenset({Role.SUPERUSER})
ENDPOINTS: list[tuple[str, str, frozenset[Role]]] = [
    ("GET", "/profile", ANY_ROLE),
    ("GET", "/clock", ANY_ROLE),
    ("GET", "/live/recent", ANY_ROLE),
    ("GET", "/live", ANY_ROLE),
    ("GET", "/users", SUPERUSER_ONLY),
    ("POST", "/users", SUPERUSER_ONLY),
    ("PATCH", f"/users/{uuid4()}", SUPERUSER_ONLY),
    ("DELETE", f"/users/{uuid4()}", SUPERUSER_ONLY),
    ("GET", "/api-keys", SUPERUSER_ONLY),
    ("POST", "/api-keys", SUPERUSER_ONLY),
    ("DELETE", f"/api-keys/{uuid4()}", SUPERUSER_ONLY),
]


async def test_each_role_can_call_exactly_its_endpoints(gateway: InProcess) -> None:
    for role in (None, *Role):
        async with gateway.client(role) as client:
            for method, path, allowed in ENDPOINTS:
                async with client.stream(method, path) as response:
                    expected = {401} if role is None else {200, 204, 404, 422} if role in allowed else {403}
                    assert response.status_code in expected, (role, method, path)


async def test_other_scopes_do_not_open_an_endpoint(gateway: InProcess) -> None:
    async with gateway.client(Role.SUPERUSER, scopes=set(Scope) - {Scope.USERS_MANAGE, Scope.FLEET_READ}) as client:
        for method, path, _ in ENDPOINTS:
            assert (await client.request(method, path)).status_code == 403, (method, path)


INVALID_INPUT: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/auth/login", {"data": {"username": "a\x00b", "password": "x"}}),
    ("POST", "/auth/login", {"data": {"username": "x" * 1_001, "password": "x"}}),
    ("POST", "/auth/login", {"json": {"username": "x", "password": "x"}}),
    ("POST", "/users", {"json": {"email": "no address", "password": "long enough"}}),
    ("POST", "/users", {"json": {"email": "a@example.org", "password": "short"}}),
    ("POST", "/users", {"json": {"email": "a@example.org", "password": "long enough", "role": "god"}}),
    ("POST", "/users", {"json": {"email": "a@example.org", "password": "long enough", "id": 1}}),
    ("POST", "/users", {"content": rb'{"email": "a@example.org", "password": "long \ud800 enough"}'}),
    ("POST", "/users", {"content": rb'{"email": "a@example.org", "password": "long \u0000 enough"}'}),
    ("PATCH", "/users/17", {"json": {}}),
    ("POST", "/api-keys", {"json": {"name": "x", "scopes": []}}),
    ("POST", "/api-keys", {"json": {"name": "x", "scopes": ["everything"]}}),
    ("POST", "/api-keys", {"json": {"name": "x", "scopes": ["fleet:read"], "days": 10**20}}),
    ("GET", "/users", {"params": {"page": str(2**63)}}),
    ("GET", "/live/recent", {"params": {"limit": "0"}}),
    ("GET", "/live", {"params": {"last_event_id": str(2**63)}}),
    ("GET", "/live", {"headers": {"Last-Event-ID": "x"}}),
]


@pytest.mark.parametrize(("method", "path", "arguments"), INVALID_INPUT)
async def test_invalid_input_returns_422(gateway: InProcess, method: str, path: str, arguments: dict[str, Any]) -> None:
    async with gateway.client() as client:
        assert (await client.request(method, path, **arguments)).status_code == 422
