"""The messaging tables."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit.messaging import tables

revision = "0001"
down_revision = None


def upgrade(schema: str, profile: Profile) -> None:
    for statement in tables.statements(schema):
        op.execute(statement)
