"""The few scores at or above their threshold can be found among the millions below it."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0003"
down_revision = "0002"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Index them alone; a score's risk and threshold never change, so superseding one leaves the index as it is."""
    op.execute(
        f"CREATE INDEX high_predictions ON {schema}.predictions (device_id, timestamp_s) WHERE risk >= threshold"
    )
