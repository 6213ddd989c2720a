"""An index for late findings: they are among the few high scores that came late or were computed again."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0005"
down_revision = "0004"


def upgrade(schema: str, profile: Profile) -> None:
    """Index only those, by the profile's `late_after_s`. Superseding a score still does not touch the index."""
    late = f"scored_at - to_timestamp(timestamp_s) >= interval '{profile.late_after_s} s'"
    op.execute(f"""
        CREATE INDEX late_high_predictions ON {schema}.predictions (device_id, timestamp_s)
            WHERE risk >= threshold AND (revision > 0 OR {late})
    """)
    op.execute(f"DROP INDEX {schema}.high_predictions")
