"""The number of late rows of a batch; for existing batches, counted from stored readings."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0003"
down_revision = "0002"


def upgrade(schema: str, profile: Profile) -> None:
    """Add the count, and compute it for existing batches."""
    op.execute(f"ALTER TABLE {schema}.batches ADD COLUMN late integer NOT NULL DEFAULT 0")
    op.execute(f"""
        UPDATE {schema}.batches AS batch SET late = stored.late
        FROM (
            SELECT reading.batch_number, count(*) AS late
            FROM {schema}.readings AS reading JOIN {schema}.batches AS batch ON batch.number = reading.batch_number
            WHERE batch.mode = 'live'
                AND reading.timestamp_s <= extract(epoch FROM batch.received_at) - {profile.late_after_s}
            GROUP BY reading.batch_number
        ) AS stored
        WHERE stored.batch_number = batch.number
    """)  # noqa: S608 - our own schema
