"""The notifier's routes: required roles, and invalid input."""

from typing import Any
from uuid import uuid4

import pytest
from support.alerts import alert_raised
from support.waiting import until

from pacewatch.contracts.accounts import Role
from pacewatch.notifier.mail.composer import message_id

from .conftest import Start, all_sent

pytestmark = pytest.mark.servers

ENDPOINTS = [
    ("GET", "/alerts", set(Role)),
    ("GET", f"/alerts/{uuid4()}", set(Role)),
    ("POST", f"/alerts/{uuid4()}/acknowledge", set(Role) - {Role.VIEWER}),
    ("POST", "/alerts/dispatch", {Role.SUPERUSER}),
    ("GET", "/deliveries", set(Role)),
]


async def test_each_role_can_call_exactly_its_endpoints(start: Start) -> None:
    async with start() as process:
        for role in (None, *Role):
            async with process.client(role) as client:
                for method, path, allowed in ENDPOINTS:
                    status = (await client.request(method, path)).status_code
                    expected = {401} if role is None else {200, 404} if role in allowed else {403}
                    assert status in expected, (role, method, path)


async def test_viewers_see_no_addresses_in_deliveries_alerts_and_events(start: Start) -> None:
    async with start() as process, process.client() as superuser:
        alert = alert_raised()
        await process.publish(alert, service="notifier")
        await until(lambda: all_sent(process))
        await superuser.post(f"/alerts/{alert.alert_id}/acknowledge")
        paths = ("/deliveries", f"/alerts/{alert.alert_id}", "/alerts", "/live/recent")
        for role in Role:
            async with process.client(role, name=f"{role}@example.com") as client:
                answers = "".join([(await client.get(path)).text for path in paths])
            assert ("@example.org" in answers) is (role is not Role.VIEWER)
            assert ("***@***" in answers) is (role is Role.VIEWER)
            assert (f"<{alert.alert_id}.***@pacewatch>" in answers) is (role is Role.VIEWER)
            assert (message_id(alert.alert_id, "ann@example.org") in answers) is (role is not Role.VIEWER)
        async with process.client(Role.VIEWER) as viewer, viewer.stream("GET", "/live?last_event_id=0") as stream:
            lines = stream.aiter_lines()
            while "event: notification.sent" not in (line := await anext(lines)):
                assert "@example.org" not in line
            assert '"***@***"' in await anext(lines)


INVALID_QUERIES: list[dict[str, str]] = [
    {"device_id": "1E+15"},
    {"device_id": "-1"},
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
            ("GET", "/deliveries", {"params": {"alert_id": "x"}}),
            ("POST", acknowledge, {"content": rb'{"note": "\u0000"}'}),
            ("POST", acknowledge, {"content": rb'{"note": "\ud800"}'}),
            ("POST", acknowledge, {"content": b'{"note": NaN}'}),
            ("POST", acknowledge, {"json": {"note": "x" * 3_000}}),
            ("POST", acknowledge, {"json": {"other": 1}}),
        ]
        for method, path, arguments in invalid:
            response = await client.request(method, path, **arguments)
            assert response.status_code == 422, (method, path, arguments)
        last_page = await client.get("/alerts", params={"device_id": 2**52 - 1, "page": 500, "size": 200})
        assert last_page.status_code == 200
