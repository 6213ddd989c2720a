"""What a platform begins with: nothing, or a simulated history that it loads beside its work.

The loading is `pacewatch seed` in a process of its own, which speaks to the platform like any other client. It does
nothing when the history is there, and goes on where it was interrupted: so every start may begin it.
"""

import asyncio
import os
import sys
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field
from pydantic_settings import BaseSettings

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit import logs
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.settings import KitSettings, environment, load

_SCOPES: Final = (Scope.FLEET_READ, Scope.TELEMETRY_WRITE, Scope.OUTCOMES_WRITE)
_LIFETIME: Final = timedelta(hours=12)
_PATIENCE_S: Final = 2.0

log = logs.get(__name__)


class StartSettings(BaseSettings):
    """What `pacewatch serve --target all` begins with."""

    model_config = environment("")

    seed_pacemaker_data: bool = Field(
        False, description="True loads a simulated history with its outcomes at the first start; False begins empty"
    )
    seed_rows: Annotated[int, Field(ge=1, le=100_000_000)] = Field(2_000_000, description="about how many rows of it")


def wanted(settings: KitSettings) -> StartSettings | None:
    """What is to be loaded; None for nothing. ConfigurationError if this platform does not serve pacemakers."""
    start = load(StartSettings)
    if not start.seed_pacemaker_data:
        return None
    if settings.profile != PACEMAKER.name:
        raise ConfigurationError(f"SEED_PACEMAKER_DATA: this platform serves {settings.profile}; leave it False")
    return start


async def load_history(start: StartSettings, settings: KitSettings, port: int) -> None:
    """Load it into the platform at `port` of this machine; ended with the child when cancelled."""
    signer = Signer(settings.token_keys().private())
    token = signer.sign("start-state", role="service", scopes=_SCOPES, lifetime=_LIFETIME)
    host = settings.host if settings.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104 - compared, not bound
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pacewatch.launcher", "seed"),
        *("--rows", str(start.seed_rows), "--url", f"http://{host}:{port}"),
        env={**os.environ, "PACEWATCH_TOKEN": token},
    )
    try:
        code = await child.wait()
    finally:
        await _end(child)
    if code:
        log.warning("start_state_incomplete", exit_code=code, remedy="start again, or give `pacewatch seed`")
    else:
        log.info("start_state_loaded", rows=start.seed_rows)


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
