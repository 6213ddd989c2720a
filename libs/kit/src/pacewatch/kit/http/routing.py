"""Routes that run in one transaction each, and hide e-mail addresses from callers who may not see them.

The transaction commits before the response is sent: a dependency that commits on exit could fail after a 200 was sent.
"""

import sys
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator
from functools import partial
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel

from pacewatch.contracts.http.api import PREFIX
from pacewatch.kit import db, logs
from pacewatch.kit.errors import PacewatchError, StorageFull, TooSlow, Unavailable
from pacewatch.kit.http import masking
from pacewatch.kit.http.auth import authorize, check_again
from pacewatch.kit.http.middleware import BODY, SMALL_BODY_BYTES, Body

# PostgreSQL ends a statement of a request after so long: nobody waits for it any more.
REQUEST_TIMEOUT_S: Final = 10

log = logs.get(__name__)
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def takes_body(limit_bytes: int | None = sys.maxsize) -> Callable[[Endpoint], Endpoint]:
    """For a route whose body may have more than 64 KiB: up to `limit_bytes`, and never more than the process allows.

    None: the route streams the body and limits it itself.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.body_bytes = limit_bytes  # type: ignore[attr-defined]
        return endpoint

    return mark


def service_router(service: str) -> APIRouter:
    """A router under `/api/v1` whose every route is a transaction of `service`; 503 in an outage of PostgreSQL."""

    class TransactionRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()
            dependants = list(_dependants(self.dependant))
            checks = [one.call for one in dependants if one.call is not None and hasattr(one.call, "scope")]
            parameters = {name for one in dependants for field in one.query_params for name in _names(field)}
            limit_bytes = getattr(self.endpoint, "body_bytes", SMALL_BODY_BYTES)
            # FastAPI makes the checks again when it has read a body, and answers a 400 to an error while it does.
            reads_itself = hasattr(self.endpoint, "body_bytes") and self.body_field is None

            async def handle_in_transaction(request: Request) -> Response:
                # FastAPI would read and parse a body first, even without a token.
                await authorize(request, checks)
                _refuse_unknown(request, parameters)
                still_allowed = partial(check_again, request)
                request.scope[BODY] = Body(limit_bytes, still_allowed) if reads_itself else Body(limit_bytes)
                try:
                    async with request.app.state.database.transaction(service, timeout_s=REQUEST_TIMEOUT_S) as session:
                        request.state.session = session
                        response = await handle(request)
                        # A right that ended while the body came, or was worked on, stores nothing.
                        still_allowed()
                    if (principal := getattr(request.state, "principal", None)) is not None:
                        masking.mask(response, principal)
                    return response
                except Exception as error:
                    if refusal := _refusal(error):
                        raise refusal from error
                    raise

            return handle_in_transaction

    return APIRouter(prefix=PREFIX, route_class=TransactionRoute)


def _refuse_unknown(request: Request, parameters: Collection[str]) -> None:
    """422 for query parameters that the route does not have: a filter with a typing error would filter nothing."""
    if unknown := request.query_params.keys() - parameters:
        known = f"there are: {', '.join(sorted(parameters))}" if parameters else "there are none"
        found = {"type": "unknown_parameter", "msg": f"is no parameter of this path; {known}"}
        raise RequestValidationError([{**found, "loc": ("query", name)} for name in sorted(unknown)])


def _names(field: Any) -> Iterable[str]:
    """The query parameters of a declared one: itself, or the fields of a model that stands for several."""
    model = field.field_info.annotation
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [info.alias or name for name, info in model.model_fields.items()]
    return [field.alias]


def _dependants(dependant: Dependant) -> Iterator[Dependant]:
    """What a route depends on, beginning with itself."""
    yield dependant
    for one in dependant.dependencies:
        yield from _dependants(one)


def _refusal(error: Exception) -> PacewatchError | None:
    """What to answer when PostgreSQL is full, too slow or away."""
    for is_so, refusal in ((db.is_full, StorageFull), (db.is_timeout, TooSlow), (db.is_outage, Unavailable)):
        if is_so(error):
            log.warning("request_postponed", code=refusal.code, reason=repr(error))
            return refusal()
    return None


async def _session(request: Request) -> db.Session:
    session: db.Session = request.state.session
    return session


SessionDep = Annotated[db.Session, Depends(_session)]
"""The session of the request's transaction."""
