"""The demo's history is sent as one file, once, and says how far it is."""

import io
from contextlib import AsyncExitStack

from rich.console import Console
from servers import postgres
from support.platform.in_process import environment_variables

from pacewatch.kit import clock
from pacewatch.launcher.client.api_client import get
from pacewatch.launcher.demo.history import load_history
from pacewatch.launcher.demo.local_platform import local_platform
from pacewatch.launcher.demo.state import DemoState
from pacewatch.simulator.day import days
from pacewatch.simulator.sources.history import distinct_readings
from pacewatch.simulator.sources.replay import machine_folder

STATE = DemoState("pacemaker", 1_577_836_800, 0, history_days=60, patients=20, enrich=200)


async def test_the_history_is_stored_once_even_if_it_is_loaded_again() -> None:
    async with AsyncExitStack() as stack:
        folder = postgres.open_folder(stack)
        stack.enter_context(environment_variables({}))
        STATE.stop_clock()
        stack.callback(clock.set_pace, None)
        platform = await stack.enter_async_context(local_platform(folder, STATE.profile))
        simulated = list(days(STATE.create_source(machine_folder()), STATE.history_days))
        for _ in range(2):
            output = io.StringIO()
            source = STATE.create_source(machine_folder())
            state = await load_history(platform, STATE, source, Console(file=output, width=120))
            assert state.days_done == STATE.history_days
        rows, devices = len(distinct_readings(simulated)), sum(len(day.devices) for day in simulated)
        assert f"{rows}/{rows}" in output.getvalue()
        assert (await get(platform.client, "/api/v1/telemetry/summary"))["rows"] == rows
        assert (await get(platform.client, "/api/v1/devices"))["total"] == devices > STATE.patients
        recorded = sum(len(day.outcomes) for day in simulated)
        assert (await get(platform.client, "/api/v1/outcomes"))["total"] == recorded > 0
        assert (await get(platform.client, "/api/v1/telemetry/uploads"))["total"] == 1
