"""Reads the rows of a CSV of devices; they are then checked as if JSON had brought them."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pacewatch.contracts.base import FieldError
from pacewatch.contracts.devices import MAX_DEVICES_PER_REQUEST
from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.ingest.errors import BodyUnreadable, ColumnsInvalid, TooFewRows, TooManyRows
from pacewatch.ingest.hints import mistaken_for, other_separator, sentences
from pacewatch.ingest.parsing import WRONG_WIDTH, printable

VALID_FROM: Final = "valid_from"
_INTEGER: Final = re.compile(r"-?\d{1,17}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def read_csv(body: bytes, profile: Profile) -> list[Any]:
    """The rows of a CSV in UTF-8 whose header names the device field and attributes; Unprocessable.

    An empty field says nothing. A moment is whole Unix seconds or ISO 8601, in UTC if it has no offset; a value that
    cannot be read stays as it is, and is reported as one of the wrong type.
    """
    if hint := mistaken_for(body):
        raise BodyUnreadable(hint)
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise BodyUnreadable(f"the body is not text in UTF-8, from byte {error.start} on; save it as UTF-8") from None
    except csv.Error as error:
        raise BodyUnreadable(f"the body is not a CSV: {error}") from None
    header, *rows = [line for line in lines if line] or [[]]
    if hint := other_separator(",".join(header)):
        raise BodyUnreadable(hint)
    _check_header(header, profile)
    if not rows:
        raise TooFewRows("the table is empty; send at least one row")
    if len(rows) > MAX_DEVICES_PER_REQUEST:
        raise TooManyRows(f"the table has {len(rows)} rows; send at most {MAX_DEVICES_PER_REQUEST} at once")
    kinds = {attribute.name: attribute.kind for attribute in profile.attributes} | {VALID_FROM: AttributeKind.DATE}
    return [_row(header, row, kinds) for row in rows]


def _check_header(header: Sequence[str], profile: Profile) -> None:
    known = {profile.device_field, VALID_FROM, *(attribute.name for attribute in profile.attributes)}
    wrong = [(name, "unknown_column", "is not a column of a register") for name in header if name not in known]
    wrong += [(name, "repeated_column", "comes more than once") for name in known if header.count(name) > 1]
    if profile.device_field not in header:
        wrong.append((profile.device_field, "missing_column", "is required"))
    if wrong:
        errors = [FieldError(field=printable(field), code=code, message=text) for field, code, text in wrong[:40]]
        details = sentences((error.field, error.message) for error in errors)
        raise ColumnsInvalid(f"the columns are not those of a register: {details}", errors=errors)


def _row(header: Sequence[str], cells: Sequence[str], kinds: dict[str, AttributeKind]) -> Any:
    if len(cells) != len(header):
        return WRONG_WIDTH
    texts = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    return {name: _value(text, kinds.get(name, AttributeKind.NUMBER)) for name, text in texts.items() if text}


def _value(text: str, kind: AttributeKind) -> str | int | float:
    if kind is AttributeKind.TEXT:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if kind is AttributeKind.NUMBER:
        return float(text) if _NUMBER.fullmatch(text) else text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
