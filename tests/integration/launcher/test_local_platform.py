"""The platform of the demo: every service in one process works with a database role of its own."""

import os
from contextlib import AsyncExitStack

import asyncpg
from servers import postgres
from support.platform.in_process import environment_variables
from support.waiting import until

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.launcher.demo.local_platform import local_platform
from pacewatch.launcher.runtime.rights import rights

USERS = "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'pacewatch'"


async def test_each_service_of_the_demo_works_with_its_own_role() -> None:
    async with AsyncExitStack() as stack:
        folder = postgres.open_folder(stack)
        stack.enter_context(environment_variables({}))
        platform = await stack.enter_async_context(local_platform(folder, PACEMAKER.name))
        owner = await asyncpg.connect(os.environ["PACEWATCH_DATABASE_URL"].replace("+asyncpg", ""))
        stack.push_async_callback(owner.close)

        async def all_connected() -> bool:
            users = {user for (user,) in await owner.fetch(USERS)}
            assert "pacewatch" not in users
            return users == {f"pacewatch_{one.service}" for one in rights()}

        await until(all_connected)
        ready = (await platform.client.get("/readyz")).json()
        assert (ready["status"], ready["failures"]) == ("ready", {})
        assert (await platform.client.get("/api/v1/risk")).status_code == 200
