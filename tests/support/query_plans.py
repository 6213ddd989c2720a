"""The statements a request really runs, and how PostgreSQL really runs them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pacewatch.kit.db import Database

Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Scan:
    """One access to one table in a plan: how, and how many rows it looked at, whether or not it kept them."""

    kind: str
    table: str
    rows: int


@contextmanager
def statements(database: Database) -> Iterator[list[Statement]]:
    """Fills with the SELECTs that run on `database` meanwhile, through SQLAlchemy or past it."""
    heard: list[Statement] = []
    engine, loggers = database.engine.sync_engine, []

    def hear(text: str, values: tuple[Any, ...]) -> None:
        if text.lstrip().startswith(("SELECT", "WITH")) and (text, values) not in heard:
            heard.append((text, values))

    def through(_connection: Any, _cursor: Any, text: str, values: Any, _context: Any, _many: bool) -> None:
        hear(text, tuple(values))

    def checked_out(connection: Any, _record: Any, _proxy: Any) -> None:
        def past(query: Any) -> None:
            hear(query.query, tuple(query.args))

        connection.driver_connection.add_query_logger(past)
        loggers.append((connection.driver_connection, past))

    sa.event.listen(engine, "before_cursor_execute", through)
    sa.event.listen(engine, "checkout", checked_out)
    try:
        yield heard
    finally:
        sa.event.remove(engine, "before_cursor_execute", through)
        sa.event.remove(engine, "checkout", checked_out)
        for connection, past in loggers:
            connection.remove_query_logger(past)


async def scans(database: Database, statement: Statement) -> list[Scan]:
    """Every access to a table in the plan of `statement`, which is run for it."""
    text, values = statement
    connection = await database.dedicated_connection()
    try:
        (answer,) = await connection.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", *values)
    finally:
        await connection.close()
    return list(_scans(json.loads(answer[0])[0]["Plan"]))


def _scans(node: dict[str, Any]) -> Iterator[Scan]:
    if "Relation Name" in node:
        wasted = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
        rows = node["Actual Rows"] + sum(node.get(name, 0) for name in wasted)
        yield Scan(node["Node Type"], node["Relation Name"], round(rows * node["Actual Loops"]))
    for below in node.get("Plans", ()):
        yield from _scans(below)
