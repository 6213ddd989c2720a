"""The list of alerts that people work from, their acknowledgement and dispatch."""

import csv
import io
from datetime import timedelta

import pytest
from support.alerts import RAISED_AT, alert_cleared, alert_raised
from support.platform.in_process import InProcess
from support.query_plans import statements
from support.waiting import until

from pacewatch.contracts.accounts import Role
from pacewatch.contracts.alerts import AlertRaised
from pacewatch.contracts.base import Event
from pacewatch.contracts.http.times import iso
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.kit.db import driver

from .conftest import Start

pytestmark = pytest.mark.servers


async def emit_and_wait(process: InProcess, *events: Event, total: int) -> None:
    """Emit the events, and return when the list has `total` alerts."""
    await process.publish(*events)

    async def listed() -> bool:
        async with process.client() as client:
            return bool((await client.get("/alerts")).json()["total"] == total)

    await until(listed)


def raised_after(days: int) -> AlertRaised:
    return alert_raised(device_id=days % 2, raised_at=RAISED_AT + timedelta(days=days))


async def test_alerts_are_listed_newest_first_by_page_status_and_device(start: Start) -> None:
    async with start() as process, process.client() as client:
        alerts = [raised_after(days) for days in range(5)]
        await emit_and_wait(process, *alerts, total=5)
        ids = [str(alert.alert_id) for alert in reversed(alerts)]
        pages = [(await client.get("/alerts", params={"page": page, "size": 2})).json() for page in (1, 2, 3)]
        assert [item["id"] for page in pages for item in page["items"]] == ids
        assert {page["total"] for page in pages} == {5}
        of_one = (await client.get("/alerts", params={"device_id": 1})).json()
        assert [item["patient_id"] for item in of_one["items"]] == [1, 1]
        assert of_one["items"][0]["measured_at"] == iso(of_one["items"][0]["timestamp"])
        table = list(csv.DictReader(io.StringIO((await client.get("/alerts?format=csv&size=2")).text, newline="")))
        assert [row["id"] for row in table] == ids
        assert float(table[0]["battery_voltage_v"]) == alerts[-1].signals["battery_voltage_v"]

        await client.post(f"/alerts/{ids[0]}/acknowledge")
        await process.publish(alert_cleared(alerts[0]))

        async def by_status() -> bool:
            counts = [
                (await client.get("/alerts", params={"status": status})).json()["total"]
                for status in ("open", "acknowledged", "cleared")
            ]
            return counts == [3, 1, 1]

        await until(by_status)


@pytest.mark.parametrize("status", ["open", "acknowledged"])
async def test_listing_alerts_that_are_not_cleared_uses_their_index(start: Start, status: str) -> None:
    async with start() as process, process.client() as client:
        with statements(process.database) as executed:
            await client.get("/alerts", params={"status": status})
        queries = [statement for statement in executed if "FROM notifier.alerts WHERE raised_at" in statement[0]]
        async with process.database.transaction("notifier") as session:
            connection = await driver(session)
            # With the few rows of a test the planner would scan the table.
            await connection.execute("SET LOCAL enable_seqscan = off")
            plans = [str(await connection.fetch(f"EXPLAIN {query}", *values)) for query, values in queries]
    assert ["alerts_not_over" in plan for plan in plans] == [True, True], plans


async def test_alert_is_returned_as_it_was_raised_with_the_profiles_device_field(start: Start) -> None:
    async with start(profile="machine") as process, process.client() as client:
        alert = alert_raised(profile=MACHINE)
        await emit_and_wait(process, alert, total=1)
        item = (await client.get(f"/alerts/{alert.alert_id}")).json()
        assert item["machine_id"] == 17
        assert item["signals"] == alert.signals
        assert [factor["text"] for factor in item["factors"]] == [factor.text for factor in alert.factors]
        assert {row["recipient"] for row in item["deliveries"]} == {"ann@example.org", "bob@example.org"}


async def test_only_the_first_acknowledgement_counts(start: Start) -> None:
    async with start() as process:
        alert = alert_raised()
        await emit_and_wait(process, alert, total=1)
        path = f"/alerts/{alert.alert_id}/acknowledge"
        async with process.client(Role.OPERATOR, name="eve@example.org") as client:
            first = (await client.post(path, json={"note": "called the patient"})).json()
        async with process.client(name="max@example.org") as client:
            assert (await client.post(path, json={"note": "me too"})).json() == first
            assert (await client.post(path)).json() == first
        assert (first["acknowledged_by"], first["note"]) == ("eve@example.org", "called the patient")
        assert first["status"] == "acknowledged"


async def test_dispatch_creates_deliveries_for_open_alerts_without_any(start: Start) -> None:
    async with start(PACEWATCH_ALERT_RECIPIENTS=" ") as process:
        await emit_and_wait(process, alert_raised(), total=1)
    async with start() as process, process.client() as client:
        assert (await client.post("/alerts/dispatch")).json() == {"requeued": 0, "created": 2}
        assert (await client.post("/alerts/dispatch")).json()["created"] == 0
