"""The tables of kit, and of this service: readings by year, the audit of batches, outcomes, and label counts."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.ingest import partitions
from pacewatch.kit import clock
from pacewatch.kit.messaging import tables

revision = "0001"
down_revision = None

STATEMENTS = """
CREATE TYPE {schema}.label_state AS ENUM ('unresolved', 'positive', 'negative', 'censored');

CREATE TABLE {schema}.readings (
    device_id bigint NOT NULL,
    timestamp_s bigint NOT NULL,
    {signals},
    batch_number bigint NOT NULL,
    label {schema}.label_state NOT NULL DEFAULT 'unresolved',
    changed_xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    PRIMARY KEY (device_id, timestamp_s)
) PARTITION BY RANGE (timestamp_s);

CREATE INDEX readings_by_time ON {schema}.readings
    USING brin (timestamp_s, changed_xid) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE {schema}.batches (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    mode text NOT NULL CHECK (mode IN ('live', 'backfill')),
    received_at timestamptz NOT NULL,
    actor text NOT NULL,
    address text NOT NULL,
    correlation_id text NOT NULL,
    received integer NOT NULL,
    accepted integer NOT NULL DEFAULT 0,
    duplicates integer NOT NULL DEFAULT 0,
    rejected integer NOT NULL DEFAULT 0,
    codes jsonb NOT NULL DEFAULT '{{}}',
    first_s bigint,
    last_s bigint,
    idempotency_key text,
    request_hash bytea,
    reply_status smallint,
    reply bytea,
    UNIQUE (actor, idempotency_key)
);
CREATE INDEX batches_by_span ON {schema}.batches (last_s, number) WHERE accepted > 0;

CREATE TABLE {schema}.outcomes (
    id uuid PRIMARY KEY,
    device_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('failure', 'explant', 'lost', 'seen_healthy')),
    mode text NOT NULL,
    occurred_at_s bigint NOT NULL,
    learnt_at_s bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    correlation_id text NOT NULL,
    UNIQUE (device_id, kind, occurred_at_s, mode)
);
CREATE INDEX outcomes_by_time ON {schema}.outcomes (occurred_at_s);

CREATE TABLE {schema}.ledger (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    as_of_s bigint,
    positive bigint NOT NULL DEFAULT 0,
    negative bigint NOT NULL DEFAULT 0,
    censored bigint NOT NULL DEFAULT 0
);
INSERT INTO {schema}.ledger DEFAULT VALUES;

CREATE VIEW {schema}.labelled_readings AS
    SELECT device_id, timestamp_s, {signal_names}, label::text AS label, changed_xid FROM {schema}.readings;

CREATE VIEW {schema}.failures AS
    SELECT device_id, occurred_at_s, mode FROM {schema}.outcomes WHERE kind = 'failure';
"""


def upgrade(schema: str, profile: Profile) -> None:
    """Create the tables, a column per signal of the profile, and partitions from its epoch to the year after next."""
    for statement in tables.statements(schema):
        op.execute(statement)
    ddl = STATEMENTS.format(
        schema=schema,
        signals=", ".join(f'"{name}" double precision NOT NULL' for name in profile.signal_names),
        signal_names=", ".join(f'"{name}"' for name in profile.signal_names),
    )
    for statement in ddl.split(";\n"):
        if statement.strip():
            op.execute(statement)
    first, last = partitions.year_of(profile.epoch_s), partitions.year_of(clock.now_s()) + partitions.YEARS_AHEAD
    for year in range(first, last + 1):
        op.execute(partitions.create_statement(schema, year))
    op.execute(f"CREATE TABLE {schema}.readings_beyond PARTITION OF {schema}.readings DEFAULT")
