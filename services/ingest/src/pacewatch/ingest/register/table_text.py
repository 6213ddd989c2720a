"""Reads the rows of a CSV of devices; they are then checked as if JSON had brought them."""

from io import BytesIO
from typing import Any, Final

from pacewatch.contracts.devices import MAX_DEVICES_PER_REQUEST
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.tables.of_profile import device_columns
from pacewatch.ingest.errors import BodyUnreadable, TooFewRows, TooManyRows
from pacewatch.kit.tables.errors import FileUnreadable, LineTooLong
from pacewatch.kit.tables.files.chunks import Chunk
from pacewatch.kit.tables.files.csv_file import read_csv
from pacewatch.kit.tables.hints import mistaken_for
from pacewatch.kit.tables.json_rows import Faulty, table_objects
from pacewatch.kit.tables.table import PLAIN, Dialect

_TOO_MANY: Final = MAX_DEVICES_PER_REQUEST + 1


def read_rows(body: bytes, profile: Profile, dialect: Dialect = PLAIN) -> list[Any]:
    """The rows of a CSV in UTF-8 whose header names the device field and attributes; Unprocessable.

    An empty field says nothing. A moment is whole Unix seconds or ISO 8601, in UTC if it has no offset.
    """
    if hint := mistaken_for(body):
        raise BodyUnreadable(hint)
    rows = list[Any]()
    try:
        for chunk in read_csv(BytesIO(body), device_columns(profile), dialect, 0, 0, _TOO_MANY):
            rows += _rows_of(chunk, profile, dialect)
            if len(rows) > MAX_DEVICES_PER_REQUEST:
                raise TooManyRows(f"the table has more than {MAX_DEVICES_PER_REQUEST} rows; send it in parts")
    except (FileUnreadable, LineTooLong) as error:
        raise BodyUnreadable(error.message) from None
    if not rows:
        raise TooFewRows("the table is empty; send at least one row")
    return rows


def _rows_of(chunk: Chunk, profile: Profile, dialect: Dialect) -> list[Any]:
    """In the order of the file: objects, and what could not be parsed."""
    assert not isinstance(chunk.content, list)  # noqa: S101 - a CSV has columns
    objects = table_objects(chunk.content, len(chunk.places), device_columns(profile), dialect)
    by_place = dict(zip(chunk.places.tolist(), objects, strict=True))
    by_place |= {place: Faulty(fault) for place, fault in chunk.bad}
    return [by_place[place] for place in sorted(by_place)]
