"""Where the rows of this service are, so that a restored database is noticed."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit.messaging import restore

revision = "0003"
down_revision = "0002"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    """Create the table."""
    for statement in restore.statements(schema):
        op.execute(statement)
