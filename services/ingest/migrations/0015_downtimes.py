"""Downtimes of ingest itself, and the heartbeat that shows them: they are no silence of devices."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0015"
down_revision = "0014"

STATEMENTS = """
CREATE TABLE {schema}.heartbeat (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    alive_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    alive_s bigint
);
INSERT INTO {schema}.heartbeat DEFAULT VALUES;

CREATE TABLE {schema}.downtimes (
    from_s bigint PRIMARY KEY,
    to_s bigint NOT NULL CHECK (to_s > from_s),
    named boolean NOT NULL DEFAULT false
)
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create the tables; the first heartbeat only begins."""
    for statement in STATEMENTS.format(schema=schema).split(";\n"):
        op.execute(statement)
