"""Attributes of devices, as the register of ingest announces them, each with the batch number that it was stored under.

A score is based on the entries up to its `known_batch`, like on the readings.
"""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0007"
down_revision = "0006"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create the table. Its key finds the values of one attribute; the model sees few of all attributes."""
    op.execute(f"""
        CREATE TABLE {schema}.attributes (
            attribute text NOT NULL,
            device_id bigint NOT NULL,
            valid_from_s bigint NOT NULL,
            number bigint NOT NULL,
            batch_number bigint NOT NULL,
            as_text text,
            as_number double precision,
            PRIMARY KEY (attribute, device_id, valid_from_s, number)
        )""")
