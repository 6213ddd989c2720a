"""The module as the launcher runs it: its loops work, its OpenAPI is complete, its settings are checked."""

import asyncio
import json
import re

import pytest
from pydantic import SecretStr
from support.ingest import Ingest, reading, stand_at
from support.waiting import until

from pacewatch.contracts import topology
from pacewatch.ingest.module import create_module
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.http import app as http
from pacewatch.kit.module import Resources
from pacewatch.kit.settings import KitSettings
from pacewatch.kit.wakeup import Wakeups


def kit_settings(profile: str = "pacemaker") -> KitSettings:
    return KitSettings(database_url=SecretStr("postgresql://nobody@localhost/nothing"), profile=profile)


async def test_loops_update_labels_after_a_fleet_day(ingest: Ingest) -> None:
    await ingest.accepted([reading(1)])
    resources = Resources(ingest.database, Wakeups(ingest.database))
    tasks = [asyncio.ensure_future(loop(resources)) for loop in create_module(kit_settings()).loops.values()]
    try:
        await until(lambda: labels_are_updated(ingest, "unresolved"))
        stand_at(40)
        await until(lambda: labels_are_updated(ingest, "censored"))
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_loop_records_which_devices_sent(ingest: Ingest) -> None:
    await ingest.accepted([reading(1)])
    resources = Resources(ingest.database, Wakeups(ingest.database))
    task = asyncio.ensure_future(create_module(kit_settings()).loops["watch_connectivity"](resources))
    try:
        await until(lambda: devices_are_connected(ingest, 1))
        await ingest.accepted([reading(2)])
        await until(lambda: devices_are_connected(ingest, 2))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def devices_are_connected(ingest: Ingest, devices: int) -> bool:
    return bool((await ingest.get("connectivity"))["counts"]["connected"] == devices)


async def labels_are_updated(ingest: Ingest, state: str) -> bool:
    summary = await ingest.get("labels/summary")
    return summary["as_of"] is not None and summary["counts"][state] == 1


@pytest.mark.parametrize("profile", ["pacemaker", "machine"])
def test_every_reference_in_the_openapi_document_has_a_target(profile: str) -> None:
    app = http.create_app("ingest", verifier=None, database=None, max_body_mib=1)
    router = create_module(kit_settings(profile)).router
    assert router is not None
    app.include_router(router)
    document = app.openapi()
    for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)):
        target = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def test_every_subscription_of_ingest_has_a_handler() -> None:
    handlers = {handler.queue.handler for handler in create_module(kit_settings()).handlers}
    assert handlers == set(topology.SUBSCRIPTIONS.get("ingest", {}))


def test_invalid_settings_raise_an_error_that_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACEWATCH_INGEST_SILENCE_GRACE_DAYS", "-1")
    with pytest.raises(ConfigurationError, match="PACEWATCH_INGEST_SILENCE_GRACE_DAYS"):
        create_module(kit_settings())
