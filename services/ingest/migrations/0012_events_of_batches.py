"""How many events a batch became, so that a lost one can be published again under its own id."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit.messaging import restore

revision = "0012"
down_revision = "0011"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Add the count. It stays empty for existing batches: their events had random ids."""
    op.execute(f"ALTER TABLE {schema}.batches ADD COLUMN events integer")
    for statement in restore.statements(schema):
        op.execute(statement)
