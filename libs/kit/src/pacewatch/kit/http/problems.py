"""RFC 9457 problem details: every error of a route becomes one JSON shape with a stable `code`.

A response to invalid input names the fields and never repeats their values: an echo could be huge, secret or invalid
JSON.
"""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from pacewatch.contracts.base import FieldError, Problem
from pacewatch.kit import logs
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.http import security

# These limits keep the response to a body full of errors under 16 KB.
MAX_ERRORS_RETURNED = 50
MAX_FIELD_CHARS = 80
MAX_TEXT_CHARS = 120
MAX_DETAIL_CHARS = 2_000

_HTTP_CODES = {
    400: "malformed_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "body_too_slow",
    413: "body_too_large",
    415: "body_packed",
}

log = logs.get(__name__)


class ProblemResponse(JSONResponse):
    """Problem details as ASCII JSON: a lone surrogate in a message is escaped instead of failing the encoding."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def problem_responses() -> dict[int | str, dict[str, Any]]:
    """The error responses that every route can return, for OpenAPI."""
    return {"4XX": {"model": Problem}, "5XX": {"model": Problem}}


def problem(status: int, code: str, detail: str, errors: tuple[FieldError, ...] = (), **extra: object) -> JSONResponse:
    """A problem details response; `extra` members are added beside the standard ones."""
    body = Problem(
        title=code.replace("_", " "),
        status=status,
        code=code,
        detail=detail[:MAX_DETAIL_CHARS],
        correlation_id=logs.correlation_id() or None,
        errors=errors[:MAX_ERRORS_RETURNED],
    )
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    content = body.model_dump(mode="json", exclude_none=True) | extra
    return ProblemResponse(content, status_code=status, headers=headers)


def unexpected_error(error: Exception) -> JSONResponse:
    """The response to an error that no handler expects; the log has the traceback."""
    log.error("request_failed", exc_info=error)
    return problem(500, "internal_error", "an unexpected error occurred; quote the correlation_id when you report it")


def add_problem_handlers(app: FastAPI) -> None:
    """Answer our own errors, validation errors and Starlette's HTTP errors with problem details."""
    app.add_exception_handler(PacewatchError, _on_pacewatch_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


async def _on_pacewatch_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PacewatchError)  # noqa: S101 - registered for no other class
    if error.status in (401, 403) and not error.is_recorded:
        security.note_refusal(request, error.code)
    response = problem(error.status, error.code, error.message, error.errors, **error.extra)
    if error.retry_after_s:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


async def _on_validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for no other class
    found = error.errors()
    errors = tuple(_field_error(one) for one in found[:MAX_ERRORS_RETURNED])
    detail = f"{len(found)} fields are not as documented; see errors"
    if len(found) == 1:
        detail = f"{errors[0].field}: {errors[0].message}"
    return problem(422, "validation_failed", detail, errors)


async def _on_http_exception(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other class
    code = _HTTP_CODES.get(error.status_code, "http_error")
    response = problem(error.status_code, code, str(error.detail)[:MAX_TEXT_CHARS])
    response.headers.update(error.headers or {})
    return response


def _field_error(error: Mapping[str, Any]) -> FieldError:
    path = ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0])
    return FieldError(
        field=_plain_ascii(path, MAX_FIELD_CHARS),
        code=str(error["type"]),
        message=_plain_ascii(_words(error), MAX_TEXT_CHARS),
    )


def _words(error: Mapping[str, Any]) -> str:
    """What is wrong, without a regular expression."""
    least = error.get("ctx", {}).get("min_length", 1)
    if error["type"] == "string_pattern_mismatch":
        return "is not written as this field has to be; the API's description has the format"
    if error["type"] == "string_too_short" and least > 1:
        return f"must have at least {least} characters"
    return str(error["msg"])


def _plain_ascii(text: str, max_chars: int) -> str:
    """Shortened, and free of characters that JSON escapes: field names and messages may quote client input."""
    return "".join(char if " " <= char <= "~" and char not in '"\\' else "?" for char in text[:max_chars])
