"""Alerts that are not cleared are few and read all the time; cleared alerts stay for ever."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0002"
down_revision = "0001"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    """Index alerts that are not cleared by when they were raised."""
    op.execute(f"""
        CREATE INDEX alerts_not_over ON {schema}.alerts (raised_at DESC, id)
            WHERE raised_at IS NOT NULL AND cleared_at IS NULL
    """)
