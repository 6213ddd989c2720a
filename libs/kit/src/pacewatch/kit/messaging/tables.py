"""The chassis' tables, one set in every service's schema, so an event commits with the effect that caused it."""

from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.schema import CreateIndex, CreateTable

from pacewatch.kit.db import NOW, Timestamp


@cache
def outbox(schema: str) -> sa.Table:
    """Events committed and not yet confirmed by the bus."""
    return sa.Table(
        "outbox",
        sa.MetaData(),
        sa.Column("id", UUID(as_uuid=True), primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("time", Timestamp, nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("causation_id", sa.Text, nullable=False),
        sa.Column("schema_version", sa.SmallInteger, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("emitted_at", Timestamp, nullable=False, server_default=NOW, index=True),
        schema=schema,
    )


@cache
def inbox(schema: str) -> sa.Table:
    """Deliveries by handler: done once, or how often they failed."""
    return sa.Table(
        "inbox",
        sa.MetaData(),
        sa.Column("handler", sa.Text, primary_key=True),
        sa.Column("event_id", UUID(as_uuid=True), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("last_error", sa.Text),
        sa.Column("done_at", Timestamp),
        schema=schema,
    )


@cache
def dead_letters(schema: str) -> sa.Table:
    """Where the in-process bus puts what no handler could digest; RabbitMQ has queues for that."""
    return sa.Table(
        "dead_letters",
        sa.MetaData(),
        sa.Column("queue", sa.Text, primary_key=True),
        sa.Column("event_id", UUID(as_uuid=True), primary_key=True),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("died_at", Timestamp, nullable=False, server_default=NOW),
        schema=schema,
    )


def channel(schema: str) -> str:
    """The NOTIFY channel that wakes `schema`'s relay."""
    return f"pacewatch_{schema}_outbox"


def statements(schema: str) -> list[str]:
    """DDL a service's first migration runs to get the chassis' tables.

    Event data is stored uncompressed: it lives for milliseconds, and compressing 150 kB costs more than writing it.
    """
    ddl = create(outbox(schema)) + create(inbox(schema)) + create(dead_letters(schema))
    ddl.append(f"ALTER TABLE {schema}.outbox ALTER COLUMN data SET STORAGE EXTERNAL")
    ddl.append(
        f"CREATE FUNCTION {schema}.wake_relay() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN PERFORM pg_notify('{channel(schema)}', ''); RETURN NULL; END $$"
    )
    ddl.append(
        f"CREATE TRIGGER wake_relay AFTER INSERT ON {schema}.outbox "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {schema}.wake_relay()"
    )
    return ddl


def create(table: sa.Table) -> list[str]:
    """DDL for `table` and its indexes, as PostgreSQL spells it."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    items: list[CreateTable | CreateIndex] = [CreateTable(table), *(CreateIndex(index) for index in table.indexes)]
    return [str(item.compile(dialect=dialect)) for item in items]
