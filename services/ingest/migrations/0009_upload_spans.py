"""The late rows and the span of an upload, as for a batch, and the error message of a rejected row."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0009"
down_revision = "0008"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Add the columns; they stay empty for existing uploads."""
    op.execute(f"""
        ALTER TABLE {schema}.uploads
            ADD COLUMN late bigint NOT NULL DEFAULT 0,
            ADD COLUMN first_s bigint,
            ADD COLUMN last_s bigint
    """)
    op.execute(f"ALTER TABLE {schema}.upload_rejects ADD COLUMN message text NOT NULL DEFAULT ''")
