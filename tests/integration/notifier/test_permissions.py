"""The notifier's routes: required roles, and invalid input."""

from typing import Any
from uuid import uuid4

import pytest

from pacewatch.contracts.accounts import Role

from .conftest import Start

pytestmark = pytest.mark.servers

ENDPOINTS = [
    ("GET", "/alerts", {Role.VIEWER, Role.OPERATOR, Role.SUPERUSER}),
    ("GET", f"/alerts/{uuid4()}", {Role.VIEWER, Role.OPERATOR, Role.SUPERUSER}),
    ("POST", f"/alerts/{uuid4()}/acknowledge", {Role.OPERATOR, Role.SUPERUSER}),
    ("POST", "/alerts/dispatch", {Role.SUPERUSER}),
    ("GET", "/deliveries", {Role.VIEWER, Role.OPERATOR, Role.SUPERUSER}),
]


async def test_each_role_can_call_exactly_its_endpoints(start: Start) -> None:
    async with start() as process:
        for role in (None, *Role):
            async with process.client(role) as client:
                for method, path, allowed in ENDPOINTS:
                    status = (await client.request(method, path)).status_code
                    expected = {401} if role is None else {200, 404} if role in allowed else {403}
                    assert status in expected, (role, method, path)


INVALID_QUERIES: list[dict[str, str]] = [
    {"device": str(2**63)},
    {"device": "-1"},
    {"page": "0"},
    {"page": "99999999999999999999"},
    {"size": "201"},
    {"status": "\x00"},
]


async def test_invalid_input_returns_422(start: Start) -> None:
    async with start() as process, process.client() as client:
        acknowledge = f"/alerts/{uuid4()}/acknowledge"
        invalid: list[tuple[str, str, dict[str, Any]]] = [
            *(("GET", "/alerts", {"params": query}) for query in INVALID_QUERIES),
            ("GET", "/alerts/17", {}),
            ("GET", "/deliveries", {"params": {"alert": "x"}}),
            ("POST", acknowledge, {"content": rb'{"note": "\u0000"}'}),
            ("POST", acknowledge, {"content": rb'{"note": "\ud800"}'}),
            ("POST", acknowledge, {"content": b'{"note": NaN}'}),
            ("POST", acknowledge, {"json": {"note": "x" * 3_000}}),
            ("POST", acknowledge, {"json": {"other": 1}}),
        ]
        for method, path, arguments in invalid:
            response = await client.request(method, path, **arguments)
            assert response.status_code == 422, (method, path, arguments)
        last_page = await client.get("/alerts", params={"device": 2**53 - 1, "page": 1_000_000, "size": 200})
        assert last_page.status_code == 200
