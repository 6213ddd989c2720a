"""Every route of the gateway."""

from fastapi import APIRouter

from pacewatch.contracts.profile import Profile
from pacewatch.gateway.accounts.endpoints import add_key_routes, add_user_routes
from pacewatch.gateway.auth.endpoints import add_auth_routes
from pacewatch.gateway.live.endpoints import add_fleet_routes, add_live_routes
from pacewatch.gateway.live.tailer import Tailer
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.http.routing import service_router


def create_router(profile: Profile, signer: Signer, tailer: Tailer, *, secure_cookies: bool) -> APIRouter:
    """The gateway's routes; `signer` is the only one there is."""
    router = service_router("gateway")
    add_auth_routes(router, signer, secure_cookies=secure_cookies)
    add_user_routes(router)
    add_key_routes(router, signer)
    add_live_routes(router, tailer)
    add_fleet_routes(router, profile)
    return router
