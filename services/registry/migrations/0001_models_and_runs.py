"""Models and the active one; training runs; pipeline runs; the newest label counts."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit.messaging import tables

revision = "0001"
down_revision = None

STATEMENTS = """
CREATE TABLE {schema}.models (
    version text PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('candidate', 'rejected', 'accepted', 'deleted')),
    run_id uuid NOT NULL,
    algorithm text NOT NULL,
    threshold double precision NOT NULL,
    trained_at timestamptz NOT NULL,
    artifact_uri text NOT NULL,
    artifact_sha256 text NOT NULL,
    manifest_json text NOT NULL,
    signature text NOT NULL,
    metrics jsonb NOT NULL,
    dataset jsonb NOT NULL,
    parameters jsonb NOT NULL,
    gate jsonb NOT NULL DEFAULT '[]',
    reason text NOT NULL DEFAULT '',
    activated_at timestamptz,
    judge_after timestamptz NOT NULL DEFAULT clock_timestamp(),
    judge_failures integer NOT NULL DEFAULT 0
);
CREATE INDEX models_to_judge ON {schema}.models (judge_after) WHERE status = 'candidate';

CREATE TABLE {schema}.activations (
    sequence bigint PRIMARY KEY,
    version text NOT NULL REFERENCES {schema}.models,
    previous text REFERENCES {schema}.models,
    fallback_sequence bigint REFERENCES {schema}.activations,
    actor text NOT NULL,
    reason text NOT NULL,
    activated_at timestamptz NOT NULL
);

CREATE TABLE {schema}.active_model (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version text REFERENCES {schema}.models,
    sequence bigint NOT NULL DEFAULT 0
);
INSERT INTO {schema}.active_model DEFAULT VALUES;

CREATE TABLE {schema}.training_runs (
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('requested', 'running', 'succeeded', 'failed', 'cancelled')),
    requested_here boolean NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    parameters jsonb NOT NULL,
    stage text NOT NULL DEFAULT '',
    percent integer NOT NULL DEFAULT 0,
    message text NOT NULL DEFAULT '',
    model_version text,
    requested_at timestamptz NOT NULL,
    ended_at timestamptz,
    heard_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX one_open_run ON {schema}.training_runs ((true))
    WHERE requested_here AND status IN ('requested', 'running');
CREATE INDEX training_runs_by_time ON {schema}.training_runs (requested_at);

CREATE TABLE {schema}.pipeline_stages (
    pipeline_run_id text,
    stage text,
    pipeline text NOT NULL,
    status text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'skipped')),
    commit text NOT NULL,
    artifacts jsonb NOT NULL,
    actor text NOT NULL,
    started_at timestamptz NOT NULL,
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (pipeline_run_id, stage)
);

CREATE TABLE {schema}.label_ledger (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    as_of timestamptz NOT NULL,
    first_as_of timestamptz NOT NULL,
    counts jsonb NOT NULL
);
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    for statement in [*tables.statements(schema), *STATEMENTS.format(schema=schema).split(";\n")]:
        if statement.strip():
            op.execute(statement)
