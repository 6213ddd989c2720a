"""The verdict of the gate on a model, the hash of its file, and who signed for what did not pass."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0004"
down_revision = "0003"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    """Rows of before have an empty verdict; their `gate` says what was checked."""
    op.execute(f"ALTER TABLE {schema}.models ADD COLUMN judgement jsonb NOT NULL DEFAULT '{{}}'")
