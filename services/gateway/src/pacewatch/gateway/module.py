"""Gateway: who may come in, and what is happening right now."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from pacewatch.contracts.profiles import by_name
from pacewatch.gateway import maintenance
from pacewatch.gateway.accounts import service
from pacewatch.gateway.endpoints import create_router
from pacewatch.gateway.handlers import HANDLERS
from pacewatch.gateway.live.tailer import Tailer
from pacewatch.gateway.settings import GatewaySettings
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.module import Module, Resources, bind
from pacewatch.kit.settings import KitSettings, load

MIGRATIONS = Path(__file__).parents[3] / "migrations"


def create_module(settings: KitSettings) -> Module:
    """The gateway; ConfigurationError if its settings or the signing key are wrong."""
    own = load(GatewaySettings)
    tailer = Tailer()
    signer = Signer(settings.token_keys().private())
    return Module(
        name="gateway",
        migrations=MIGRATIONS,
        router=create_router(by_name(settings.profile), signer, tailer, secure_cookies=own.secure_cookies),
        handlers=bind("gateway", HANDLERS),
        loops={"tail": tailer.run, "prune": maintenance.run},
        lifespan=partial(_lifespan, own=own),
    )


@asynccontextmanager
async def _lifespan(resources: Resources, own: GatewaySettings) -> AsyncIterator[None]:
    """The first superuser is there before the first request."""
    if own.superuser_email:
        async with resources.database.transaction("gateway") as session:
            await service.ensure_superuser(session, own.superuser_email, own.superuser_password.get_secret_value())
    yield
