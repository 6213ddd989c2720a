"""The statements that a request runs, and their query plans."""

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
    """One access to one table in a plan: its kind, and how many rows it read, also those it dropped."""

    kind: str
    table: str
    rows: int


@contextmanager
def statements(database: Database) -> Iterator[list[Statement]]:
    """Collects the SELECTs that run on `database` in the block, through SQLAlchemy or the driver."""
    found: list[Statement] = []
    engine, loggers = database.engine.sync_engine, []

    def record(text: str, values: tuple[Any, ...]) -> None:
        if text.lstrip().startswith(("SELECT", "WITH")) and (text, values) not in found:
            found.append((text, values))

    def from_sqlalchemy(_connection: Any, _cursor: Any, text: str, values: Any, _context: Any, _many: bool) -> None:
        record(text, tuple(values))

    def add_logger(connection: Any, _record: Any, _proxy: Any) -> None:
        def from_driver(query: Any) -> None:
            record(query.query, tuple(query.args))

        connection.driver_connection.add_query_logger(from_driver)
        loggers.append((connection.driver_connection, from_driver))

    sa.event.listen(engine, "before_cursor_execute", from_sqlalchemy)
    sa.event.listen(engine, "checkout", add_logger)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", from_sqlalchemy)
        sa.event.remove(engine, "checkout", add_logger)
        for connection, logger in loggers:
            connection.remove_query_logger(logger)


async def scans(database: Database, statement: Statement) -> list[Scan]:
    """Every access to a table in the plan of `statement`; runs it."""
    text, values = statement
    connection = await database.dedicated_connection()
    try:
        (answer,) = await connection.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", *values)
    finally:
        await connection.close()
    return list(_scans(json.loads(answer[0])[0]["Plan"]))


def _scans(node: dict[str, Any]) -> Iterator[Scan]:
    if "Relation Name" in node:
        dropped = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
        rows = node["Actual Rows"] + sum(node.get(name, 0) for name in dropped)
        yield Scan(node["Node Type"], node["Relation Name"], round(rows * node["Actual Loops"]))
    for child in node.get("Plans", ()):
        yield from _scans(child)
