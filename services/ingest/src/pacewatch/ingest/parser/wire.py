"""What the parser replies, as bytes: a header in JSON, then columns as they are in memory.

The service never unpickles a reply: a file that takes over the parser must not take over the service.
"""

import struct
from collections import Counter
from typing import Any, Final

import numpy as np
import orjson

from pacewatch.contracts.base import FieldError
from pacewatch.ingest import errors
from pacewatch.ingest.telemetry.checking import CheckedRows, FoundError, RowErrors, ValidRows
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.tables.findings import Finding

FRAME: Final = struct.Struct("<Qd")
"""Before each request and reply: its length in bytes; the processor time in seconds that it may take, or took."""
OUT_OF_MEMORY: Final = 12
"""Exit code of a parser whose request needs more memory than it may use; ENOMEM."""
_LENGTH: Final = struct.Struct("<I")
# A response names at most 50 fields.
_MAX_FIELDS: Final = 50


class Damaged(Exception):
    """A reply that is none."""


def packed(rows: CheckedRows | None) -> bytes:
    """Checked rows, or None for nothing."""
    if rows is None:
        return _with_header({}, b"")
    readings = rows.valid.readings
    header = {
        "received": rows.received,
        "valid": len(rows.valid),
        "signals": list(readings.signals),
        "errors": list(map(tuple, rows.errors.kept)),
        "counts": dict(rows.errors.counts),
        "ignored": list(rows.ignored_columns),
        "bytes_done": rows.bytes_done,
        "rows_total": rows.rows_total,
        "blank": rows.blank,
        "names": list(rows.names),
        "findings": [[getattr(one, name) for name in Finding.__slots__] for one in rows.findings],
    }
    integers = (rows.valid.places, readings.device_ids, readings.timestamps_s)
    columns = [np.ascontiguousarray(column, np.int64) for column in integers]
    columns += [np.ascontiguousarray(column, np.float64) for column in readings.signals.values()]
    return _with_header(header, b"".join(column.tobytes() for column in columns))


def packed_error(error: PacewatchError) -> bytes:
    """An error of this service."""
    fields = [[one.field, one.code, one.message] for one in error.errors[:_MAX_FIELDS]]
    return _with_header({"error": type(error).__name__, "message": error.message, "fields": fields}, b"")


def unpacked(reply: bytes) -> CheckedRows | None:
    """What was packed; raises the error if it is one, Damaged if the reply is neither."""
    try:
        return _unpacked(reply)
    except (ValueError, LookupError, TypeError, AttributeError, struct.error) as error:
        raise Damaged(repr(error)) from None


def _unpacked(reply: bytes) -> CheckedRows | None:
    (length,) = _LENGTH.unpack_from(reply)
    start = _LENGTH.size + length
    header: dict[str, Any] = orjson.loads(reply[_LENGTH.size : start])
    if not header:
        return None
    if name := header.get("error"):
        fields = [FieldError(field=field, code=code, message=text) for field, code, text in header["fields"]]
        kind = getattr(errors, name)
        if not issubclass(kind, PacewatchError):
            raise TypeError(f"{name} is no error of this service")
        raise kind(header["message"], errors=fields)
    return _rows(header, memoryview(reply)[start:])


def _rows(header: dict[str, Any], columns: memoryview) -> CheckedRows:
    count, names = header["valid"], header["signals"]
    integers = np.frombuffer(columns, np.int64, 3 * count).reshape(3, count)
    signals = np.frombuffer(columns, np.float64, len(names) * count, integers.nbytes).reshape(len(names), count)
    valid = ValidRows(integers[0], Readings(integers[1], integers[2], dict(zip(names, signals, strict=True))))
    row_errors = RowErrors([FoundError(*error) for error in header["errors"]], Counter(header["counts"]))
    positions = (header["ignored"], header["bytes_done"], header["rows_total"], header["blank"])
    findings = [Finding(*one) for one in header["findings"]]
    names = [str(name) for name in header["names"]]
    return CheckedRows(header["received"], valid, row_errors, *positions, names, findings)


def _with_header(header: dict[str, Any], rest: bytes) -> bytes:
    text = orjson.dumps(header)
    return _LENGTH.pack(len(text)) + text + rest
