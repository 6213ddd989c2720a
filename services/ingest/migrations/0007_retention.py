"""How many rows of a batch retention removed, and the span of the rest; `accepted` does not change."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0007"
down_revision = "0006"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Add the columns; nothing is removed yet."""
    op.execute(f"""
        ALTER TABLE {schema}.batches
            ADD COLUMN removed integer NOT NULL DEFAULT 0,
            ADD COLUMN left_first_s bigint,
            ADD COLUMN left_last_s bigint
    """)
