"""Routes that run in one transaction each.

The transaction commits before the response is sent: a dependency that commits on exit could fail after a 200 was sent.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from pacewatch.kit import db, logs
from pacewatch.kit.errors import Unavailable

log = logs.get(__name__)


def service_router(service: str) -> APIRouter:
    """A router under `/api/v1` whose every route is a transaction of `service`; 503 in an outage of PostgreSQL."""

    class TransactionRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_in_transaction(request: Request) -> Response:
                try:
                    async with request.app.state.database.transaction(service) as session:
                        request.state.session = session
                        return await handle(request)
                except Exception as error:
                    if db.is_outage(error):
                        log.warning("request_postponed", reason=repr(error))
                        raise Unavailable() from error
                    raise

            return handle_in_transaction

    return APIRouter(prefix="/api/v1", route_class=TransactionRoute, tags=[service])


async def _session(request: Request) -> db.Session:
    session: db.Session = request.state.session
    return session


SessionDep = Annotated[db.Session, Depends(_session)]
"""The session of the request's transaction."""
