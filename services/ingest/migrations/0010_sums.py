"""The audit summed by day, so that totals need not read all of it."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0010"
down_revision = "0009"

STATEMENTS = """
CREATE TABLE {schema}.day_sums (
    day date PRIMARY KEY,
    batches bigint NOT NULL,
    accepted bigint NOT NULL,
    stored bigint NOT NULL,
    first_s bigint,
    last_s bigint,
    last_received_at timestamptz
);

CREATE TABLE {schema}.summed (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    up_to bigint NOT NULL DEFAULT 0
);
INSERT INTO {schema}.summed DEFAULT VALUES
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create the tables; the loop fills them from the audit."""
    for statement in STATEMENTS.format(schema=schema).split(";\n"):
        op.execute(statement)
