"""Training runs: request, lease, progress and result."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit.messaging import tables

revision = "0001"
down_revision = None

RUNS = """
CREATE TABLE {schema}.runs (
    id uuid PRIMARY KEY,
    status text NOT NULL DEFAULT 'requested'
        CHECK (status IN ('requested', 'running', 'succeeded', 'failed', 'cancelled')),
    reason text NOT NULL,
    actor text NOT NULL,
    parameters jsonb NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_token uuid,
    lease_until timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    agent text NOT NULL DEFAULT '',
    stage text NOT NULL DEFAULT '',
    percent integer NOT NULL DEFAULT 0,
    message text NOT NULL DEFAULT '',
    started_at timestamptz,
    ended_at timestamptz,
    model_version text UNIQUE,
    metrics jsonb,
    dataset jsonb,
    data_sha256 text,
    commit text,
    durations_s jsonb
)
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - the table is the same for every fleet
    for statement in tables.statements(schema):
        op.execute(statement)
    op.execute(RUNS.format(schema=schema))
    op.execute(f"CREATE INDEX runs_open ON {schema}.runs (requested_at) WHERE status IN ('requested', 'running')")
