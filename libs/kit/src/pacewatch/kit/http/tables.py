"""Lists as CSV, for spreadsheets and statistics: all entries of a list at once, or a refusal, never a part."""

import csv
import io
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import Query, Response
from pydantic import BaseModel

from pacewatch.contracts.base import Page, Paging
from pacewatch.kit.errors import Unprocessable

MOST_ROWS: Final = 10_000
CSV_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
# A spreadsheet takes a text that begins so for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class ListFormat(StrEnum):
    """The formats of a list."""

    JSON = "json"
    CSV = "csv"


class TableTooLong(Unprocessable):
    """The list has more than 10,000 entries, the most that a CSV has; filter it, or read it page by page."""

    code = "table_too_long"


FormatQuery = Annotated[
    ListFormat, Query(alias="format", description="csv: all entries as one table, without pages; at most 10,000")
]
RowsFormatQuery = Annotated[ListFormat, Query(alias="format", description="csv: the same readings as a table")]


async def page_or_table(
    kind: ListFormat,
    paging: Paging,
    read: Callable[[Paging], Awaitable[Page[Any]]],
    model: type[BaseModel],
    *,
    name: str,
    spread: Mapping[str, Sequence[str]],
) -> Page[Any] | Response:
    """What `read` gives for the page, or all of it as CSV in the columns of `model`; TableTooLong."""
    if kind is ListFormat.JSON:
        return await read(paging)
    page = await read(Paging(1, MOST_ROWS))
    if page.total > MOST_ROWS:
        raise TableTooLong()
    rows = (model.model_validate(item, from_attributes=True).model_dump(mode="json") for item in page.items)
    return csv_response(rows, list(model.model_fields), name=name, spread=spread)


def csv_response(
    rows: Iterable[Mapping[str, Any]], fields: Sequence[str], *, name: str, spread: Mapping[str, Sequence[str]]
) -> Response:
    """The rows as a file. A field of `spread` becomes a column for each of its keys; entries of lists are joined."""
    text = io.StringIO()
    writer = csv.writer(text)
    columns = [(field, key) for field in fields for key in spread.get(field, ("",))]
    writer.writerow([key or field for field, key in columns])
    for row in rows:
        writer.writerow([_cell(row[field].get(key) if key else row[field]) for field, key in columns])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(text.getvalue().encode(), media_type="text/csv", headers=headers)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(str(one.get("text", one) if isinstance(one, dict) else one) for one in value)
    if isinstance(value, bool):
        return str(value).lower()
    return not_computed(value)


def not_computed(value: Any) -> Any:
    """A cell that a spreadsheet shows and does not compute: what begins like a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
