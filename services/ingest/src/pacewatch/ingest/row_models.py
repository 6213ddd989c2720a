"""Checks rows that are few, one by one, by a strict model; what is wrong gets error codes of our own."""

from typing import Any, Final

from pydantic import BaseModel, ValidationError

from pacewatch.ingest.parsing import REPEATED_FIELD, WRONG_WIDTH, printable

_MAX_ERRORS_PER_ROW: Final = 8
_CODES: Final = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "string_too_short": "too_short",
    "finite_number": "out_of_range",
}
MESSAGES: Final = {
    "missing": "is required",
    "wrong_type": "must be of the documented type",
    "out_of_range": "must be between 0 and 2^53 - 1",
    "not_allowed": "must not contain NUL or lone surrogates",
    "not_an_object": "must be an object of named fields",
    "repeated_field": "a field comes more than once",
    "timestamp_in_future": "is ahead of the server's clock; report it after it has happened",
    "wrong_width": "must have as many fields as the header",
}


def validated(model: type[BaseModel], row: Any) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """The values of a row, or its invalid fields with error codes. A field that was not sent has its default."""
    found, violations = instance(model, row)
    return (found.model_dump() if found else None), violations


def instance(model: type[BaseModel], row: Any) -> tuple[BaseModel | None, list[tuple[str, str]]]:
    """The row as an instance of `model`, or its invalid fields with error codes: Pydantic may change its codes."""
    if row is REPEATED_FIELD:
        return None, [("", "repeated_field")]
    if row is WRONG_WIDTH:
        return None, [("", "wrong_width")]
    if not isinstance(row, dict):
        return None, [("", "not_an_object")]
    try:
        return model.model_validate(row), []
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        return None, [(printable(str(one["loc"][0])), _code(one["type"])) for one in found[:_MAX_ERRORS_PER_ROW]]


def _code(kind: str) -> str:
    if kind in _CODES:
        return _CODES[kind]
    if kind in {"is_instance_of", "enum"}:
        return "unknown_kind"
    if kind.endswith("_equal"):
        return "out_of_range"
    return "wrong_type" if kind.endswith("_type") else "not_allowed"
