"""The list of alerts people work from."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from support.alerts import RAISED_AT, cleared, raised
from support.inside import Inside
from support.query_plans import statements
from support.waiting import until

from pacewatch.contracts.accounts import Role
from pacewatch.contracts.alerts import AlertRaised
from pacewatch.contracts.base import Event
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.kit.db import driver

from .conftest import Start

pytestmark = pytest.mark.servers


async def told(process: Inside, *events: Event, total: int) -> None:
    await process.tell(*events)

    async def listed() -> bool:
        async with process.client() as client:
            return bool((await client.get("/alerts")).json()["total"] == total)

    await until(listed)


def days_later(days: int) -> AlertRaised:
    return raised(device_id=days % 2, raised_at=RAISED_AT + timedelta(days=days))


async def test_alerts_are_listed_newest_first_by_page_status_and_device(start: Start) -> None:
    async with start() as process, process.client() as client:
        alerts = [days_later(days) for days in range(5)]
        await told(process, *alerts, total=5)
        ids = [str(alert.alert_id) for alert in reversed(alerts)]
        pages = [(await client.get("/alerts", params={"page": page, "size": 2})).json() for page in (1, 2, 3)]
        assert [item["id"] for page in pages for item in page["items"]] == ids
        assert {page["total"] for page in pages} == {5}
        of_one = (await client.get("/alerts", params={"device": 1})).json()
        assert [item["patient_id"] for item in of_one["items"]] == [1, 1]

        await client.post(f"/alerts/{ids[0]}/acknowledge")
        await process.tell(cleared(alerts[0]))

        async def by_status() -> bool:
            counts = [
                (await client.get("/alerts", params={"status": status})).json()["total"]
                for status in ("open", "acknowledged", "cleared")
            ]
            return counts == [3, 1, 1]

        await until(by_status)


@pytest.mark.parametrize("status", ["open", "acknowledged"])
async def test_alerts_that_are_not_over_are_found_without_those_that_are(start: Start, status: str) -> None:
    async with start() as process, process.client() as client:
        with statements(process.database) as ran:
            await client.get("/alerts", params={"status": status})
        asked = [statement for statement in ran if "FROM notifier.alerts WHERE raised_at" in statement[0]]
        async with process.database.transaction("notifier") as session:
            connection = await driver(session)
            # Of the few rows of a test the planner would read all.
            await connection.execute("SET LOCAL enable_seqscan = off")
            plans = [str(await connection.fetch(f"EXPLAIN {query}", *values)) for query, values in asked]
    assert ["alerts_not_over" in plan for plan in plans] == [True, True], plans


async def test_an_alert_is_told_as_it_was_raised_under_the_profiles_device_name(start: Start) -> None:
    async with start(profile="machine") as process, process.client() as client:
        alert = raised(profile=MACHINE)
        await told(process, alert, total=1)
        item = (await client.get(f"/alerts/{alert.alert_id}")).json()
        assert item["machine_id"] == 17
        assert item["signals"] == alert.signals
        assert [factor["text"] for factor in item["factors"]] == [factor.text for factor in alert.factors]
        assert {row["recipient"] for row in item["deliveries"]} == {"ann@example.org", "bob@example.org"}


async def test_the_first_acknowledgement_stands(start: Start) -> None:
    async with start() as process:
        alert = raised()
        await told(process, alert, total=1)
        path = f"/alerts/{alert.alert_id}/acknowledge"
        async with process.client(Role.OPERATOR, name="eve@example.org") as client:
            first = (await client.post(path, json={"note": "called the patient"})).json()
        async with process.client(name="max@example.org") as client:
            assert (await client.post(path, json={"note": "me too"})).json() == first
            assert (await client.post(path)).json() == first
        assert (first["acknowledged_by"], first["note"]) == ("eve@example.org", "called the patient")
        assert first["status"] == "acknowledged"


async def test_dispatch_tells_of_open_alerts_nobody_was_told_of(start: Start) -> None:
    async with start(PACEWATCH_ALERT_RECIPIENTS=" ") as process:
        await told(process, raised(), total=1)
    async with start() as process, process.client() as client:
        assert (await client.post("/alerts/dispatch")).json() == {"requeued": 0, "created": 2}
        assert (await client.post("/alerts/dispatch")).json()["created"] == 0


ENDPOINTS = [
    ("GET", "/alerts", {Role.VIEWER, Role.OPERATOR, Role.SUPERUSER}),
    ("GET", f"/alerts/{uuid4()}", {Role.VIEWER, Role.OPERATOR, Role.SUPERUSER}),
    ("POST", f"/alerts/{uuid4()}/acknowledge", {Role.OPERATOR, Role.SUPERUSER}),
    ("POST", "/alerts/dispatch", {Role.SUPERUSER}),
    ("GET", "/deliveries", {Role.VIEWER, Role.OPERATOR, Role.SUPERUSER}),
]


async def test_each_role_may_do_what_it_may_and_no_more(start: Start) -> None:
    async with start() as process:
        for role in (None, *Role):
            async with process.client(role) as client:
                for method, path, allowed in ENDPOINTS:
                    status = (await client.request(method, path)).status_code
                    expected = {401} if role is None else {200, 404} if role in allowed else {403}
                    assert status in expected, (role, method, path)


async def test_strange_input_is_a_4xx(start: Start) -> None:
    async with start() as process, process.client() as client:
        alert = raised()
        await told(process, alert, total=1)
        acknowledge = f"/alerts/{alert.alert_id}/acknowledge"
        strange: list[tuple[str, str, dict[str, Any]]] = [
            *(("GET", "/alerts", {"params": query}) for query in BAD_QUERIES),
            ("GET", "/alerts/17", {}),
            ("GET", "/deliveries", {"params": {"alert": "x"}}),
            ("POST", acknowledge, {"content": rb'{"note": "\u0000"}'}),
            ("POST", acknowledge, {"content": rb'{"note": "\ud800"}'}),
            ("POST", acknowledge, {"content": b'{"note": NaN}'}),
            ("POST", acknowledge, {"json": {"note": "x" * 3_000}}),
            ("POST", acknowledge, {"json": {"other": 1}}),
        ]
        for method, path, arguments in strange:
            answer: httpx.Response = await client.request(method, path, **arguments)
            assert answer.status_code == 422, (method, path, arguments)
        last_page = await client.get("/alerts", params={"device": 2**53 - 1, "page": 1_000_000, "size": 200})
        assert last_page.status_code == 200


BAD_QUERIES: list[dict[str, str]] = [
    {"device": str(2**63)},
    {"device": "-1"},
    {"page": "0"},
    {"page": "99999999999999999999"},
    {"size": "201"},
    {"status": "\x00"},
]
