"""What decided that an alert was raised, and its risk as a multiple of the fleet's base rate."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0003"
down_revision = "0002"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    """Add both columns; alerts of earlier releases have neither, and were the model's."""
    op.execute(f"ALTER TABLE {schema}.alerts ADD COLUMN decided_by text, ADD COLUMN relative_risk double precision")
