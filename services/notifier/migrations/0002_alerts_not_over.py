"""Alerts that are not over are few and asked for all the time; those that are over stay for ever."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0002"
down_revision = "0001"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Index them by when they were raised."""
    op.execute(f"""
        CREATE INDEX alerts_not_over ON {schema}.alerts (raised_at DESC, id)
            WHERE raised_at IS NOT NULL AND cleared_at IS NULL
    """)
