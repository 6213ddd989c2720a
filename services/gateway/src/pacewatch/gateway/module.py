"""The gateway: accounts, logins and API keys; the live stream of events. Read this first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import APIRouter

from pacewatch.contracts.profiles import by_name
from pacewatch.gateway.accounts import endpoints as accounts
from pacewatch.gateway.accounts.service import ensure_superuser
from pacewatch.gateway.api_keys import endpoints as api_keys
from pacewatch.gateway.auth import endpoints as auth
from pacewatch.gateway.auth.service import Issuer
from pacewatch.gateway.deployment import endpoints as deployment
from pacewatch.gateway.handlers import HANDLERS
from pacewatch.gateway.housekeeping import run_housekeeping
from pacewatch.gateway.live import endpoints as live
from pacewatch.gateway.live.stream import OpenStreams
from pacewatch.gateway.live.tailer import Tailer
from pacewatch.gateway.security import endpoints as security
from pacewatch.gateway.settings import GatewaySettings
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.http.routing import service_router
from pacewatch.kit.module import Module, Resources, bind
from pacewatch.kit.settings import KitSettings, load

MIGRATIONS = Path(__file__).parents[3] / "migrations"


def create_module(settings: KitSettings) -> Module:
    """The service; ConfigurationError if its settings are wrong."""
    own = load(GatewaySettings)
    tailer = Tailer()
    return Module(
        name="gateway",
        migrations=MIGRATIONS,
        router=_create_router(settings, own, tailer),
        handlers=bind("gateway", HANDLERS),
        loops={"tail": tailer.run, "prune": partial(run_housekeeping, security_days=own.security_events_days)},
        lifespan=partial(_lifespan, own=own),
        signs_with=(settings.token_keys(),),
    )


def _create_router(settings: KitSettings, own: GatewaySettings, tailer: Tailer) -> APIRouter:
    """The gateway's routes. No other service signs tokens."""
    signer = Signer(settings.token_keys().private)
    router = service_router("gateway")
    auth.add_routes(router, Issuer(signer, own.require_totp), secure_cookies=own.secure_cookies)
    accounts.add_routes(router)
    security.add_routes(router)
    api_keys.add_routes(router, signer)
    live.add_routes(router, tailer, OpenStreams(own.streams_per_account))
    deployment.add_routes(router, by_name(settings.profile))
    return router


@asynccontextmanager
async def _lifespan(resources: Resources, own: GatewaySettings) -> AsyncIterator[None]:
    """Creates the first superuser before the first request."""
    if own.superuser_email:
        async with resources.database.transaction("gateway") as session:
            await ensure_superuser(session, own.superuser_email, own.superuser_password.get_secret_value())
    yield
