"""What a new platform holds: nothing, or a simulated history that it loads while it already serves.

A subprocess runs `pacewatch seed`, which is a client like any other. It does nothing if the history is loaded already,
and continues an interrupted load. So every start can run it.
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

_SCOPES: Final = (Scope.FLEET_READ, Scope.TELEMETRY_WRITE, Scope.OUTCOMES_WRITE, Scope.DEVICES_WRITE)
_TOKEN_LIFETIME: Final = timedelta(hours=12)
_STOP_TIMEOUT_S: Final = 2.0

log = logs.get(__name__)


class StartSettings(BaseSettings):
    """What `pacewatch serve --target all` loads at its first start."""

    model_config = environment("")

    seed_pacemaker_data: bool = Field(
        False, description="True loads a simulated history with its outcomes at the first start; False starts empty"
    )
    seed_rows: Annotated[int, Field(ge=1, le=100_000_000)] = Field(
        2_000_000, description="approximate number of rows of that history"
    )


def requested(settings: KitSettings) -> StartSettings | None:
    """The history to load, None for nothing. ConfigurationError if this platform does not serve pacemakers."""
    start = load(StartSettings)
    if not start.seed_pacemaker_data:
        return None
    if settings.profile != PACEMAKER.name:
        raise ConfigurationError(f"SEED_PACEMAKER_DATA: this platform serves {settings.profile}; leave it False")
    return start


async def load_history(start: StartSettings, settings: KitSettings, port: int) -> None:
    """Load the history into the platform at `port` of this machine. Cancelling stops the subprocess."""
    signer = Signer(settings.token_keys().private())
    token = signer.sign("start-state", role="service", scopes=_SCOPES, lifetime=_TOKEN_LIFETIME)
    host = settings.host if settings.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104 - compared, not bound
    seeding = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pacewatch.launcher", "seed"),
        *("--rows", str(start.seed_rows), "--url", f"http://{host}:{port}"),
        env={**os.environ, "PACEWATCH_TOKEN": token},
    )
    try:
        code = await seeding.wait()
    finally:
        await _stop(seeding)
    if code:
        log.warning("start_state_incomplete", exit_code=code, remedy="start again, or run `pacewatch seed`")
    else:
        log.info("start_state_loaded", rows=start.seed_rows)


async def _stop(subprocess: asyncio.subprocess.Process) -> None:
    if subprocess.returncode is not None:
        return
    subprocess.terminate()
    try:
        async with asyncio.timeout(_STOP_TIMEOUT_S):
            await subprocess.wait()
    except TimeoutError:
        subprocess.kill()
        await subprocess.wait()
