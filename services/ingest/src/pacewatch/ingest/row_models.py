"""Checks rows that are few, one by one, by a strict model; what is wrong gets error codes of our own."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from pacewatch.kit.tables.hints import printable
from pacewatch.kit.tables.json_rows import Faulty, row_fault
from pacewatch.kit.tables.values.faults import WORDS, Fault

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
    "timestamp_in_future": "is ahead of the server's clock; report it after it has happened",
}


Wrong = tuple[str, "str | Fault"]
"""A field, and an error code or what is wrong with its cell."""


def validated(model: type[BaseModel], row: Any) -> tuple[dict[str, Any] | None, list[Wrong]]:
    """The values of a row, or its invalid fields with error codes. A field that was not sent has its default."""
    found, violations = instance(model, row)
    return (found.model_dump() if found else None), violations


def instance(model: type[BaseModel], row: Any) -> tuple[BaseModel | None, list[Wrong]]:
    """The row as an instance of `model`, or its invalid fields with error codes: Pydantic may change its codes.

    Devices and times in the row are typed before.
    """
    if not isinstance(row, dict):
        return None, [("", row_fault(row))]
    faulty = {name: value.fault for name, value in row.items() if isinstance(value, Faulty)}
    try:
        return model.model_validate(row), []
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
    wrong = {str(one["loc"][0]): _code(one["type"]) for one in reversed(found)} | faulty
    return None, [(printable(name), code) for name, code in [*reversed(wrong.items())][:_MAX_ERRORS_PER_ROW]]


def error_words(code: "str | Fault", messages: Mapping[str, str]) -> tuple[str, str]:
    """Code and message of an error; `messages` are by code."""
    return WORDS[code] if isinstance(code, Fault) else (code, messages[code])


def _code(kind: str) -> str:
    if kind in _CODES:
        return _CODES[kind]
    if kind in {"is_instance_of", "enum"}:
        return "unknown_kind"
    if kind.endswith("_equal"):
        return "out_of_range"
    return "wrong_type" if kind.endswith("_type") else "not_allowed"
