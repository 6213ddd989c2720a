"""The messaging tables, one set in the schema of every service: an event commits together with its cause."""

from functools import cache
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.schema import CreateIndex, CreateTable

from pacewatch.kit.db import NOW, Timestamp

# For `migrate.comment`, in the schema of every service.
COMMENTS: Final = """
outbox: Events that are committed but not yet confirmed by the bus, which the relay publishes and deletes
  id: UUID of the event, the CloudEvents id
  type: Type of the event and routing key
  subject: What the event is about, such as a device or a run
  time: When the event was emitted, wall time
  correlation_id: Id of the request or event at the beginning of the chain
  causation_id: Id of the event that caused this one, empty for none
  schema_version: Version of the event's fields
  data: The event as JSON in UTF-8
  emitted_at: Order of publication
inbox: Events that a handler has processed or failed on, so that each takes effect once
  handler: Handler of this service
  event_id: UUID of the event
  failures: How often the handler failed on it
  last_error: The last failure
  done_at: When it was processed, null while it is not
dead_letters: Events that a handler failed on for good, of the in-process bus (RabbitMQ has queues for them)
  queue: Queue of the handler
  event_id: UUID of the event
  headers: Attributes of the CloudEvent
  data: The event as JSON in UTF-8
  died_at: When it became a dead letter, wall time
alembic_version: The revision of this schema
  version_num: Number of the newest revision that was run
"""


@cache
def outbox(schema: str) -> sa.Table:
    """Events that are committed but not yet confirmed by the bus."""
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
    """Deliveries by handler: handled, or how often they failed."""
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
    """Dead letters of the in-process bus; RabbitMQ has queues for them."""
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
    """The NOTIFY channel that wakes the relay of `schema`."""
    return f"pacewatch_{schema}_outbox"


def statements(schema: str) -> list[str]:
    """The DDL of these tables; the first migration of every service runs it.

    Event data is stored uncompressed: it lives for milliseconds, and compressing 150 kB costs more than writing it.
    """
    ddl = _create(outbox(schema)) + _create(inbox(schema)) + _create(dead_letters(schema))
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


def _create(table: sa.Table) -> list[str]:
    """PostgreSQL DDL for `table` and its indexes."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    items: list[CreateTable | CreateIndex] = [CreateTable(table), *(CreateIndex(index) for index in table.indexes)]
    return [str(item.compile(dialect=dialect)) for item in items]
