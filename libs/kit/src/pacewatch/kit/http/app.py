"""The HTTP face of every process: one request is one transaction, every error is RFC 9457 problem details.

The transaction commits before the response leaves: a dependency that commits on exit could fail after a 200 was sent.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from pacewatch.contracts.base import FieldError, Problem
from pacewatch.contracts.version import VERSION
from pacewatch.kit import db, logs
from pacewatch.kit.errors import PacewatchError, Unavailable
from pacewatch.kit.http.auth import Verifier
from pacewatch.kit.http.middleware import BodyLimit, Observed

Check = Callable[[], Awaitable[object]]

# A body of nothing but errors must not earn an answer larger than itself: 16 KB at most.
MAX_ERRORS_TOLD = 50
MAX_FIELD = 80
MAX_TEXT = 120
MAX_DETAIL = 2_000
CHECK_TIMEOUT_S = 3

log = logs.get(__name__)


def create_app(title: str, *, verifier: Verifier | None, database: db.Database | None, max_body_mib: int) -> FastAPI:
    """An application without routes of its own; `database` and `verifier` may be missing only to export its OpenAPI."""
    app = FastAPI(title=title, version=VERSION, docs_url="/docs", redoc_url=None, responses=problem_responses())
    app.openapi = partial(_openapi, app)  # type: ignore[method-assign]  # as FastAPI says
    app.state.database = database
    app.state.verifier = verifier
    # Set when the process begins to stop: an answer that has no end of its own must end then.
    app.state.stopping = asyncio.Event()
    # Whoever builds the process adds those of its modules; the middleware looks at every request.
    app.state.unlimited_paths = frozenset()
    app.add_exception_handler(PacewatchError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_middleware(BodyLimit, limit_bytes=max_body_mib * 1024 * 1024)
    app.add_middleware(Observed, on_error=_unknown)
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The document, in which errors have the media type they really have: FastAPI gives all models that of JSON."""
    document = FastAPI.openapi(app)
    operations = (one for path in document["paths"].values() for one in path.values())
    for status, answer in (pair for operation in operations for pair in operation["responses"].items()):
        content = answer.get("content", {})
        if status[0] in "45" and "application/json" in content:
            content[ProblemResponse.media_type] = content.pop("application/json")
    return document


def service_router(service: str) -> APIRouter:
    """A router whose every route runs in one transaction of `service`."""

    class TransactionRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_in_transaction(request: Request) -> Response:
                try:
                    async with request.app.state.database.transaction(service) as session:
                        request.state.session = session
                        return await handle(request)
                except Exception as error:
                    if db.is_gone(error):
                        raise Unavailable() from error
                    raise

            return handle_in_transaction

    return APIRouter(prefix="/api/v1", route_class=TransactionRoute, tags=[service])


async def _session(request: Request) -> db.Session:
    session: db.Session = request.state.session
    return session


SessionDep = Annotated[db.Session, Depends(_session)]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="page, from 1")]
PageSize = Annotated[int, Query(ge=1, le=200, description="entries on a page")]


def add_health(app: FastAPI, checks: Mapping[str, Check]) -> None:
    """`/healthz`: the process lives. `/readyz`: every check passes. `/metrics`: for Prometheus."""

    @app.get("/healthz", tags=["process"])
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", tags=["process"])
    async def readyz() -> JSONResponse:
        failures = {name: reason for name, check in checks.items() if (reason := await _failure(check))}
        body = {"status": "not ready" if failures else "ready", "failures": failures}
        return JSONResponse(body, status_code=503 if failures else 200)

    @app.get("/metrics", tags=["process"])
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _failure(check: Check) -> str:
    """What we say of our own accord; of anything else only the kind: the rest is for the log, not for who asks."""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except PacewatchError as error:
        log.warning("check_failed", reason=error.message)
        return error.message
    except Exception as error:
        log.warning("check_failed", reason=repr(error))
        return type(error).__name__
    return ""


class ProblemResponse(JSONResponse):
    """In ASCII: a lone surrogate that found its way into a message is escaped, and does not break the answer."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def problem_responses() -> dict[int | str, dict[str, Any]]:
    """What every route can answer besides its own, for the OpenAPI file."""
    return {"4XX": {"model": Problem}, "5XX": {"model": Problem}}


def problem(status: int, code: str, detail: str, errors: tuple[FieldError, ...] = (), **extra: object) -> JSONResponse:
    """Problem details as an answer; `extra` members come beside the standard ones."""
    told = errors[:MAX_ERRORS_TOLD]
    body = Problem(
        title=code.replace("_", " "),
        status=status,
        code=code,
        detail=detail[:MAX_DETAIL],
        correlation_id=logs.correlation_id() or None,
        errors=told,
    )
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    content = body.model_dump(mode="json", exclude_none=True) | extra
    return ProblemResponse(content, status_code=status, headers=headers)


async def _known(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PacewatchError)  # noqa: S101 - registered for nothing else
    return problem(error.status, error.code, error.message, error.errors, **error.extra)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Names the fields, never their content: an echo could be huge, secret, or no valid JSON."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    found = error.errors()
    errors = tuple(_field_error(one) for one in found[:MAX_ERRORS_TOLD])
    return problem(422, "validation_failed", f"{len(found)} field(s) are not as documented; see errors", errors)


def _field_error(error: Mapping[str, Any]) -> FieldError:
    place = ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0])
    return FieldError(
        field=_plain_ascii(place, MAX_FIELD), code=str(error["type"]), message=_plain_ascii(error["msg"], MAX_TEXT)
    )


def _plain_ascii(text: str, length: int) -> str:
    """Short, and without a character that JSON would escape: both may quote what a client made up."""
    return "".join(char if " " <= char <= "~" and char not in '"\\' else "?" for char in text[:length])


async def _plain(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    codes = {400: "malformed_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
    answer = problem(error.status_code, codes.get(error.status_code, "http_error"), str(error.detail)[:MAX_TEXT])
    answer.headers.update(error.headers or {})
    return answer


def _unknown(error: Exception) -> JSONResponse:
    log.error("request_failed", exc_info=error)
    return problem(500, "internal_error", "something went wrong here; quote the correlation_id when you report it")
