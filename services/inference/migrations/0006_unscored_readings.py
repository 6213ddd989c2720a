"""Devices with live readings that are still to be scored, the event of each raised alert, the mark of restores."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit.messaging import restore

revision = "0006"
down_revision = "0005"

# Earlier episodes keep no event: what their mails said can be read from the alert.
STATEMENTS = """
ALTER TABLE {schema}.devices ADD COLUMN unscored_since_s bigint;
ALTER TABLE {schema}.episodes ADD COLUMN raised jsonb;
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Add both columns, empty, and the table. No index: one on the mark would cost every update of a device's row."""
    for statement in [*STATEMENTS.format(schema=schema).strip().split(";\n"), *restore.statements(schema)]:
        op.execute(statement)
