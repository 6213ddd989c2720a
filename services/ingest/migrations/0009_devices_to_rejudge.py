"""Devices whose outcomes were corrected, in a table of their own: a report sent again waits for no judgement."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0009"
down_revision = "0008"

STATEMENTS = """
CREATE TABLE {schema}.to_rejudge (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, device_id bigint NOT NULL);
INSERT INTO {schema}.to_rejudge (device_id) SELECT device_id FROM {schema}.outcomes WHERE rejudge;
ALTER TABLE {schema}.outcomes DROP COLUMN rejudge
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Move the marks."""
    for statement in STATEMENTS.format(schema=schema).split(";\n"):
        op.execute(statement)
