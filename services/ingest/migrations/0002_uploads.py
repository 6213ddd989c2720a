"""Uploads, and their rejected rows."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0002"
down_revision = "0001"

STATEMENTS = """
CREATE TABLE {schema}.uploads (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    format text NOT NULL CHECK (format IN ('csv', 'ndjson', 'parquet')),
    mode text NOT NULL CHECK (mode IN ('live', 'backfill')),
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    received_at timestamptz NOT NULL,
    finished_at timestamptz,
    actor text NOT NULL,
    address text NOT NULL,
    correlation_id text NOT NULL,
    bytes_total bigint NOT NULL,
    bytes_done bigint NOT NULL DEFAULT 0,
    rows_total bigint,
    rows_done bigint NOT NULL DEFAULT 0,
    accepted bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    codes jsonb NOT NULL DEFAULT '{{}}',
    ignored_columns text[] NOT NULL DEFAULT '{{}}',
    error text,
    error_code text,
    attempts smallint NOT NULL DEFAULT 0,
    lease_owner uuid,
    lease_until timestamptz
);
CREATE INDEX uploads_unfinished ON {schema}.uploads (number) WHERE status IN ('queued', 'running');

CREATE TABLE {schema}.upload_rejects (
    upload_number bigint NOT NULL REFERENCES {schema}.uploads (number) ON DELETE CASCADE,
    place bigint GENERATED ALWAYS AS IDENTITY,
    row bigint NOT NULL,
    field text NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (upload_number, place)
)
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create the tables."""
    for statement in STATEMENTS.format(schema=schema).split(";\n"):
        op.execute(statement)
