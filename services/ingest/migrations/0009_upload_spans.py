"""What an upload came to, as a batch tells it: its late rows and its span; and why a row was rejected, in words."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0009"
down_revision = "0008"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Uploads of before do not tell."""
    op.execute(f"""
        ALTER TABLE {schema}.uploads
            ADD COLUMN late bigint NOT NULL DEFAULT 0,
            ADD COLUMN first_s bigint,
            ADD COLUMN last_s bigint
    """)
    op.execute(f"ALTER TABLE {schema}.upload_rejects ADD COLUMN message text NOT NULL DEFAULT ''")
