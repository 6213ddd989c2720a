"""Indexes of the audit by sender, mode, correlation id and rejects, newest first: a page costs the same at any size."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0008"
down_revision = "0007"

STATEMENTS = """
CREATE INDEX batches_by_time ON {schema}.batches (received_at, number);
CREATE INDEX batches_by_actor ON {schema}.batches (actor, received_at, number);
CREATE INDEX batches_by_mode ON {schema}.batches (mode, received_at, number);
CREATE INDEX batches_by_cause ON {schema}.batches (correlation_id, received_at, number);
CREATE INDEX batches_with_rejects ON {schema}.batches (received_at, number) WHERE rejected > 0
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create the indexes."""
    for statement in STATEMENTS.format(schema=schema).split(";\n"):
        op.execute(statement)
