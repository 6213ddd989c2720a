"""Checks a table: the names and types of its columns first, then its values, by the same rules as rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pacewatch.contracts.base import FieldError
from pacewatch.ingest.errors import ColumnsInvalid
from pacewatch.ingest.hints import sentences
from pacewatch.ingest.parsing import printable
from pacewatch.ingest.telemetry.checking import RowErrors, ValidRows, check, check_values
from pacewatch.ingest.telemetry.rules import Rules
from pacewatch.kit.columns.arrays import Floats


def check_names(names: Sequence[str], rules: Rules) -> None:
    """ColumnsInvalid, with an error for each column that is missing, unknown or repeated."""
    _refuse([*_name_errors(names, rules)])


def check_schema(schema: pa.Schema, rules: Rules) -> None:
    """As `check_names`, and an error for each column with a type that JSON rows could not have."""
    _refuse([*_name_errors(schema.names, rules), *_type_errors(schema, rules)])


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        details = sentences((error.field, error.message) for error in errors)
        raise ColumnsInvalid(f"the columns are not those of a reading: {details}", errors=errors)


def _name_errors(names: Sequence[str], rules: Rules) -> Iterator[FieldError]:
    for name in rules.fields:
        if name not in names:
            yield FieldError(field=name, code="missing", message="is required")
    for name, count in Counter(names).items():
        if name not in rules.required and name not in rules.ignored:
            yield FieldError(field=printable(name), code="unknown_field", message="is not a column of a reading")
        elif count > 1:
            yield FieldError(field=name, code="repeated_field", message="comes more than once")


def _type_errors(schema: pa.Schema, rules: Rules) -> Iterator[FieldError]:
    for field in schema:
        kind, name = field.type, field.name
        if name in rules.integer_fields and not pa.types.is_integer(kind):
            yield FieldError(field=name, code="wrong_type", message="must be a column of integers")
        elif name in rules.required and not _is_number(kind):
            yield FieldError(field=name, code="wrong_type", message="must be a column of integers or floats")
        elif name in rules.ignored and not (_is_number(kind) or pa.types.is_null(kind)):
            yield FieldError(field=name, code="wrong_type", message="must be a column of numbers; it is not used")


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def check_content(content: list[Any] | pa.Table, rules: Rules, latest_s: float) -> tuple[ValidRows, RowErrors]:
    """The valid rows of JSON rows or of a table, and the errors of the others: the same rules for every format."""
    if isinstance(content, list):
        return check(content, rules, latest_s)
    return check_table(content, rules, latest_s)


def check_table(table: pa.Table, rules: Rules, latest_s: float) -> tuple[ValidRows, RowErrors]:
    """As `checking.check`, for a table that passed `check_schema`; only the required columns are read."""
    used = table.select(list(rules.fields))

    def rows_at(places: Sequence[int]) -> list[Any]:
        rows: list[Any] = used.take(pa.array(places, pa.int64())).to_pylist()
        return rows

    return check_values(_values(used), rows_at, rules, latest_s)


def _values(table: pa.Table) -> Floats:
    """The values as doubles: integers that doubles cannot hold exactly are out of range, nulls become NaN."""
    columns = [column.cast(pa.float64(), safe=False).to_numpy() for column in table.columns]
    return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
