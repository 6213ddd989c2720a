"""A run in a process of its own: training uses a core for minutes and may crash, without effect on the service."""

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
TRY_LATER = 75
"""Exit code of a run that could not go on, for a reason that will pass."""


async def start(lease: Lease, kit: KitSettings, own: TrainerSettings) -> Process:
    """Start the process that carries out the run of `lease`."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pacewatch.trainer_agent", str(lease.run_id), str(lease.token)),
        env=os.environ | environment(kit, own),
        stdin=asyncio.subprocess.DEVNULL,
    )


async def stop(process: Process) -> None:
    """Wait for its end for `GRACE_S`, then terminate it, then kill it."""
    for end in (_wait_only, process.terminate, process.kill):
        if process.returncode is None:
            end()
        try:
            async with asyncio.timeout(GRACE_S):
                await process.wait()
                return
        except TimeoutError:
            continue


def _wait_only() -> None:
    """The process may be about to end by itself."""


def environment(kit: KitSettings, own: TrainerSettings) -> dict[str, str]:
    """Our settings and fleet time as environment variables, also settings that came from elsewhere."""
    return _variables(kit) | _variables(own) | {"PACEWATCH_CLOCK": str(clock.pace())}


def _variables(settings: BaseSettings) -> dict[str, str]:
    prefix = str(settings.model_config.get("env_prefix"))
    return {f"{prefix}{name.upper()}": _text(getattr(settings, name)) for name in type(settings).model_fields}


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
