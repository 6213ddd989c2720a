"""The HTTP application of every process: problem details, limits, correlation ids and health checks."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from pacewatch.contracts.version import VERSION
from pacewatch.kit import db, logs
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.http import problems
from pacewatch.kit.http.auth import Verifier
from pacewatch.kit.http.description import describe, operation_id
from pacewatch.kit.http.middleware import AllowedHosts, BodyLimit, HeadAsGet, ObserveRequest
from pacewatch.kit.http.security import SecurityNotes

Check = Callable[[], Awaitable[object]]

CHECK_TIMEOUT_S = 3

log = logs.get(__name__)


def create_app(
    title: str,
    *,
    verifier: Verifier | None,
    database: db.Database | None,
    max_body_mib: int,
    allowed_hosts: Sequence[str] = ("*",),
) -> FastAPI:
    """An application without routes; `database` and `verifier` may be None only to export its OpenAPI document."""
    # Its description is for operators: `operations` serves it on a listener of its own.
    app = FastAPI(
        title=title,
        version=VERSION,
        openapi_url=None,
        responses=problems.problem_responses(),
        generate_unique_id_function=operation_id,
    )
    app.openapi = partial(_openapi, app)  # type: ignore[method-assign]  # as FastAPI documents it
    app.state.database = database
    app.state.verifier = verifier
    app.state.security_notes = SecurityNotes()
    # Set when the process begins to stop: a response that streams without an end must end then.
    app.state.stopping = asyncio.Event()
    problems.add_problem_handlers(app)
    app.add_middleware(BodyLimit, limit_bytes=max_body_mib * 1024 * 1024)
    app.add_middleware(AllowedHosts, hosts=allowed_hosts, refuse=partial(problems.problem, 400, "host_not_allowed"))
    app.add_middleware(ObserveRequest, on_error=problems.unexpected_error)
    app.add_middleware(HeadAsGet)
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = describe(FastAPI.openapi(app))
    return app.openapi_schema


def add_health(app: FastAPI, checks: Mapping[str, Check]) -> None:
    """`/healthz`: the process lives. `/readyz`: every check passes.

    A check fails by an error; a text that it returns is a remark.
    """

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Whether the process lives."""
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        """Whether the process can answer: every check passes."""
        results = {name: await _result(check) for name, check in checks.items()}
        failures = {name: failure for name, (failure, _) in results.items() if failure}
        remarks = {name: remark for name, (_, remark) in results.items() if remark}
        body = {"status": "not ready" if failures else "ready", "failures": failures, "remarks": remarks}
        return JSONResponse(body, status_code=503 if failures else 200)


async def _result(check: Check) -> tuple[str, str]:
    """Why `check` failed, empty if it passed, and its remark: our own message, or only the class of any other error.

    Messages of other errors may hold addresses or passwords; they go to the log, not to the caller.
    """
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            remark = await check()
    except PacewatchError as error:
        log.warning("check_failed", reason=error.message)
        return error.message, ""
    except Exception as error:
        log.warning("check_failed", reason=repr(error))
        return type(error).__name__, ""
    return "", remark if isinstance(remark, str) else ""
