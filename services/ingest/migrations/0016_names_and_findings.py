"""Names of devices, and of uploads: how the file is written, what was found in it, and whether it is a dry run.

Ids of names begin at 2^52, behind every number that people may give to a device.
"""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0016"
down_revision = "0015"

STATEMENTS = """
CREATE SEQUENCE {schema}.device_name_ids AS bigint MINVALUE 4503599627370496 MAXVALUE 9007199254740991;

CREATE TABLE {schema}.device_names (
    name text PRIMARY KEY,
    device_id bigint NOT NULL UNIQUE DEFAULT nextval('{schema}.device_name_ids')
);

ALTER TABLE {schema}.uploads
    ADD COLUMN delimiter text NOT NULL DEFAULT ',',
    ADD COLUMN decimal_sign text NOT NULL DEFAULT '.',
    ADD COLUMN time_format text NOT NULL DEFAULT '',
    ADD COLUMN dry_run boolean NOT NULL DEFAULT false,
    ADD COLUMN blank_rows bigint NOT NULL DEFAULT 0,
    ADD COLUMN findings jsonb NOT NULL DEFAULT '[]'
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create the table of names, and add the columns of uploads."""
    for statement in STATEMENTS.format(schema=schema).split(";\n"):
        op.execute(statement)
