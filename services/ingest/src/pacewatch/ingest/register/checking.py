"""Finds the valid rows of a request to the register, and turns them into entries: one value of one attribute each."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from pacewatch.contracts.devices import device_entry_model
from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.contracts.tables.of_profile import device_columns
from pacewatch.contracts.telemetry import RowError
from pacewatch.ingest import row_models
from pacewatch.kit.tables.json_rows import typed_objects
from pacewatch.kit.tables.values.faults import Fault

_MESSAGES: Final = row_models.MESSAGES | {
    "unknown_field": "is neither an attribute of the profile nor a field of an entry",
    "too_long": "must have at most 200 characters",
    "too_short": "must not be empty; null withdraws a value",
    "wrong_type": "must be a text, a number, or whole Unix seconds (in a CSV also a date), as the profile says",
    "device_not_allowed": "is not a device that this key is bound to",
    "repeated_device": "this device comes more than once with the same valid_from",
}


class Entry(NamedTuple):
    """The value of one attribute from a moment on: a text, a number (a date too), or neither, which withdraws it."""

    row: int
    device_id: Any  # a number; a name until it has one
    attribute: str
    valid_from_s: int
    as_text: str | None
    as_number: float | None


def check(
    rows: Sequence[Any], profile: Profile, latest_s: int
) -> tuple[list[Entry], dict[int, int | str], list[RowError]]:
    """The entries of the valid rows, the devices of these rows, and the errors of the others."""
    model, seen = device_entry_model(profile), set[tuple[int | str, int]]()
    entries, valid, errors = list[Entry](), dict[int, int | str](), list[RowError]()
    for number, row in enumerate(typed_objects(rows, device_columns(profile))):
        found, violations = row_models.instance(model, row)
        if found is not None:
            given = found.model_dump(exclude_unset=True)
            key = given.pop(profile.device_field), given.pop("valid_from", 0)
            violations = violations_of_key(key, seen, latest_s)
        if found is None or violations:
            errors += [error_of(number, field, code) for field, code in violations]
            continue
        seen.add(key)
        valid[number] = key[0]
        entries += entries_of(number, *key, given, profile)
    return entries, valid, errors


def violations_of_key(
    key: tuple[int | str, int], seen: set[tuple[int | str, int]], latest_s: int
) -> list[row_models.Wrong]:
    """What is wrong with device and moment of a row whose fields are valid each."""
    if key[1] > latest_s:
        return [("valid_from", "timestamp_in_future")]
    return [("", "repeated_device")] if key in seen else []


def entries_of(
    row: int, device_id: int | str, valid_from_s: int, given: dict[str, Any], profile: Profile
) -> Iterable[Entry]:
    """One entry for each given attribute, in the order of the profile."""
    for attribute in profile.attributes:
        if attribute.name in given:
            value = given[attribute.name]
            text = value if attribute.kind is AttributeKind.TEXT else None
            number = None if value is None or attribute.kind is AttributeKind.TEXT else float(value)
            yield Entry(row, device_id, attribute.name, valid_from_s, text, number)


def error_of(row: int, field: str, what: str | Fault) -> RowError:
    """The error of a row."""
    code, message = row_models.error_words(what, _MESSAGES)
    return RowError(row=row, field=field, code=code, message=message)
