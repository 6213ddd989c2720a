"""An index on the few scores at or above their threshold among the millions below it."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0003"
down_revision = "0002"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Index only those. The risk and threshold of a score never change, so superseding it does not touch the index."""
    op.execute(
        f"CREATE INDEX high_predictions ON {schema}.predictions (device_id, timestamp_s) WHERE risk >= threshold"
    )
