"""The platform of the demo: every service in one process works with a database role of its own."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime

import asyncpg
import pytest
from servers import postgres
from support.platform.in_process import environment_variables
from support.waiting import until

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.launcher.client.api_client import next_days, post_days
from pacewatch.launcher.demo.local_platform import LocalPlatform, local_platform
from pacewatch.launcher.runtime.rights import rights
from pacewatch.simulator.fleet.fleet import Fleet

USERS = "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'pacewatch'"
START_S = 1_577_836_800


@pytest.fixture(scope="module")
async def started() -> AsyncIterator[tuple[LocalPlatform, asyncpg.Connection]]:
    """A platform, and a connection of the owner of its database."""
    async with AsyncExitStack() as stack:
        folder = postgres.open_folder(stack)
        stack.enter_context(environment_variables({}))
        platform = await stack.enter_async_context(local_platform(folder, PACEMAKER.name))
        owner = await asyncpg.connect(os.environ["PACEWATCH_DATABASE_URL"].replace("+asyncpg", ""))
        stack.push_async_callback(owner.close)
        yield platform, owner


async def test_each_service_of_the_demo_works_with_its_own_role(
    started: tuple[LocalPlatform, asyncpg.Connection],
) -> None:
    platform, owner = started

    async def all_connected() -> bool:
        users = {user for (user,) in await owner.fetch(USERS)}
        assert "pacewatch" not in users
        return users == {f"pacewatch_{one.service}" for one in rights()}

    await until(all_connected)
    ready = (await platform.client.get("/readyz")).json()
    assert (ready["status"], ready["failures"]) == ("ready", {})
    assert (await platform.client.get("/api/v1/risk")).status_code == 200


async def test_the_fleet_of_the_demo_is_registered_and_inference_knows_its_ages(
    started: tuple[LocalPlatform, asyncpg.Connection],
) -> None:
    platform, owner = started
    fleet = Fleet(8, START_S, 900, 3, refill=True)
    await post_days(platform.client, fleet, next_days(fleet, 60), "backfill")
    registered = (await platform.client.get("/api/v1/devices", params={"size": 200})).json()
    implanted = {
        item["patient_id"]: datetime.fromisoformat(item["attributes"]["implanted_at"]).timestamp()
        for item in registered["items"]
    }
    assert implanted == dict(zip(fleet.register["device_id"], fleet.register["implanted_at"], strict=True))
    assert len(implanted) > 8  # new implants took the places of devices that ended
    query = "SELECT device_id, as_number FROM inference.attributes WHERE attribute = 'implanted_at'"

    async def are_known() -> bool:
        return dict(await owner.fetch(query)) == implanted

    await until(are_known)
