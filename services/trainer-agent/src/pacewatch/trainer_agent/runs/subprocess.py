"""A run as a process of its own: training fills a core for minutes, and may die; the service must do neither."""

import asyncio
import os
import sys
from asyncio.subprocess import Process

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from pacewatch.kit import clock
from pacewatch.kit.settings import KitSettings
from pacewatch.trainer_agent.runs.repository import Lease
from pacewatch.trainer_agent.settings import TrainerSettings

GRACE_S = 1.5


async def start(lease: Lease, kit: KitSettings, own: TrainerSettings) -> Process:
    """The process that carries out the run `lease` is for."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pacewatch.trainer_agent", str(lease.run_id), str(lease.token)),
        env=os.environ | environment(kit, own),
        stdin=asyncio.subprocess.DEVNULL,
    )


async def end(process: Process) -> None:
    """Wait for it to end, a little; then end it, with force if it will not."""
    for persuade in (_nothing, process.terminate, process.kill):
        if process.returncode is None:
            persuade()
        try:
            async with asyncio.timeout(GRACE_S):
                await process.wait()
                return
        except TimeoutError:
            continue


def _nothing() -> None:
    """It may have done its work already, and be about to end."""


def environment(kit: KitSettings, own: TrainerSettings) -> dict[str, str]:
    """Our settings as variables, whichever way we got them, and our fleet time."""
    return _variables(kit) | _variables(own) | {"PACEWATCH_CLOCK": str(clock.pace())}


def _variables(settings: BaseSettings) -> dict[str, str]:
    prefix = str(settings.model_config.get("env_prefix"))
    return {f"{prefix}{name.upper()}": _text(getattr(settings, name)) for name in type(settings).model_fields}


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
