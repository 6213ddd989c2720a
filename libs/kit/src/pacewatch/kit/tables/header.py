"""Finds the declared columns among the names in a file: capitals and spaces around names do not matter."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from pacewatch.contracts.base import FieldError
from pacewatch.contracts.tables.columns import Column, ColumnKind, TableColumns
from pacewatch.kit.tables.errors import ColumnsInvalid
from pacewatch.kit.tables.hints import printable, sentences
from pacewatch.kit.tables.values import cells

# What programs write beside the columns of a table: the number of the row, or nothing behind a last delimiter.
_INDEX: Final = re.compile(r"|index|level_0|unnamed: ?\d{1,9}|__index_level_\d{1,9}__", re.ASCII)

_MUST_BE: Final = {
    ColumnKind.DEVICE: "must be a column of whole numbers or names",
    ColumnKind.TIME: "must be a column of Unix seconds, of timestamps, or of texts in ISO 8601",
    ColumnKind.NUMBER: "must be a column of numbers",
    ColumnKind.TEXT: "must be a column of texts",
}


@dataclass(frozen=True, slots=True)
class Header:
    """The place of each declared column that is there, the names that are ignored, and what is wrong."""

    places: dict[str, int]
    ignored: tuple[str, ...]
    errors: tuple[FieldError, ...]


def header_of(names: Sequence[str], spec: TableColumns, *, others_ignored: bool = False) -> Header:
    """The columns of `spec` among `names`. Any other is an error, or ignored with `others_ignored`."""
    known = {alias.lower(): one.name for one in spec.columns for alias in (*one.aliases, one.name)}
    lower = [name.strip().lower() for name in names]
    ignorable = {name.lower() for name in spec.ignored}
    places, ignored, errors = dict[str, int](), list[str](), list[FieldError]()
    counts = Counter(known.get(name, name) for name in lower)
    for place, name in enumerate(lower):
        if name in known:
            places.setdefault(known[name], place)
        elif name in ignorable or others_ignored or _INDEX.fullmatch(name):
            ignored.append(printable(names[place].strip()))
        else:
            errors.append(_error(names[place], "unknown_field", f"is not a column of {_a(spec.noun)}"))
    repeated = [one.name for one in spec.columns if counts[one.name] > 1]
    missing = [one.name for one in spec.columns if one.is_required and one.name not in places]
    errors += [_error(name, "repeated_field", "comes more than once") for name in repeated]
    return Header(places, tuple(ignored), (*(_error(name, "missing", "is required") for name in missing), *errors))


def _error(name: str, code: str, message: str) -> FieldError:
    return FieldError(field=printable(name), code=code, message=message)


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def refuse_errors(header: Header, spec: TableColumns) -> None:
    """ColumnsInvalid, with an error for each column that is missing, unknown or repeated."""
    if header.errors:
        details = sentences((error.field, error.message) for error in header.errors)
        raise ColumnsInvalid(f"the columns are not those of {_a(spec.noun)}: {details}", errors=header.errors)


def header_of_schema(schema: pa.Schema, spec: TableColumns, *, others_ignored: bool = False) -> Header:
    """As `header_of`, for a table with types: a column whose cells can have no value at all is an error.

    ColumnsInvalid if there is any error.
    """
    header = header_of(schema.names, spec, others_ignored=others_ignored)
    wrong = [
        _error(column.name, "wrong_type", _MUST_BE[column.kind])
        for column in spec.columns
        if column.name in header.places and not _can_be(column, schema.field(header.places[column.name]).type)
    ]
    header = Header(header.places, header.ignored, (*header.errors, *wrong))
    refuse_errors(header, spec)
    return header


def _can_be(column: Column, kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _can_be(column, kind.value_type)
    if pa.types.is_null(kind):
        return not column.is_required
    if column.kind is ColumnKind.TIME and (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        return True
    return bool(cells.is_text(kind) or cells.is_number(kind) or pa.types.is_decimal(kind))
