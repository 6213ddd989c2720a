"""Lists as CSV: all or nothing, a column for each value, and no formula of somebody else."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from pacewatch.contracts.base import Page, Paging
from pacewatch.kit.http.tables import MOST_ROWS, ListFormat, TableTooLong, page_or_table


class Row(BaseModel):
    device: int
    note: str | None
    at: datetime
    signals: dict[str, float]
    factors: list[dict[str, str]]
    sums: dict[str, float]


ITEM = {
    "device": 7,
    "note": "=1+1",
    "at": datetime(2026, 1, 1, tzinfo=UTC),
    "signals": {"b": -2.5},
    "factors": [{"text": "one, two"}, {"text": "three"}],
    "sums": {"a": 1.0},
}


async def table(items: list[Any], total: int | None = None) -> list[list[str]]:
    async def read(paging: Paging) -> Page[Any]:
        assert (paging.page, paging.size) == (1, MOST_ROWS)
        return Page.of(items, len(items) if total is None else total, paging)

    spread = {"signals": ("a", "b"), "sums": ()}
    made = await page_or_table(ListFormat.CSV, Paging(3, 5), read, Row, name="rows", spread=spread)
    assert not isinstance(made, Page)
    assert made.headers["content-disposition"] == 'attachment; filename="rows.csv"'
    return list(csv.reader(io.StringIO(bytes(made.body).decode(), newline="")))


async def test_every_value_has_a_column_and_a_formula_is_text() -> None:
    assert await table([ITEM, ITEM | {"note": None, "factors": []}]) == [
        ["device", "note", "at", "a", "b", "factors"],
        ["7", "'=1+1", "2026-01-01T00:00:00Z", "", "-2.5", "one, two; three"],
        ["7", "", "2026-01-01T00:00:00Z", "", "-2.5", ""],
    ]


async def test_an_empty_list_has_its_header() -> None:
    assert len(await table([])) == 1


async def test_a_list_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(TableTooLong):
        await table([ITEM], MOST_ROWS + 1)


async def test_json_is_the_page_that_was_asked_for() -> None:
    async def read(paging: Paging) -> Page[Any]:
        return Page.of([ITEM], 1, paging)

    page = await page_or_table(ListFormat.JSON, Paging(3, 5), read, Row, name="rows", spread={})
    assert isinstance(page, Page)
    assert page.page == 3
