"""Every device that ever sent a reading, so that counting devices need not read all readings."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0006"
down_revision = "0005"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create the table, with the devices of stored readings."""
    op.execute(f"CREATE TABLE {schema}.devices (device_id bigint PRIMARY KEY)")
    op.execute(f"INSERT INTO {schema}.devices SELECT DISTINCT device_id FROM {schema}.readings")  # noqa: S608
